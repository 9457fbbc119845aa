"""``python -m benchmarks.wechat``: a turn through WeChat's channel beside a turn through the web's, in the same run.

One server with both doors. Conversations take turns at them, and in the next round each sentence goes through the other
door, so that both have heard the same; no sentence comes twice to one server, as the second would be quicker. A turn
through WeChat is a push of the simulator: signed and encrypted, on a connection of its own, until its reply is opened.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Optional

import aiohttp

from benchmarks import load
from benchmarks.disturbance import Others
from benchmarks.doors import Door, WebDoor
from benchmarks.environment import environment
from benchmarks.errors import CannotMeasure
from benchmarks.figures import milliseconds, percentile
from benchmarks.load import Turn
from benchmarks.measure import GREETING, START_WITHIN_S
from benchmarks.processes import Program, Running, free_port
from benchmarks.sentences import read_sentences
from tools.wechat_simulator import pushes
from tools.wechat_simulator.account import Account
from tools.wechat_simulator.wechat import WeChat

PROJECT = Path(__file__).resolve().parent.parent
OUT = PROJECT / "benchmarks" / "out"
#: The sentences that measure how much is understood stay unread here.
PARTS = ("first", "tuning")
CONVERSATION_TURNS = 10
#: How much longer the p95 of a turn may be through WeChat.
MOST = 1.10
#: Said before anything is timed; none of them is a test sentence.
WARM_UP = (GREETING, "谢谢", "你是谁", "再见", "在吗", "好的")
#: What the server prints once it is at rest.
SETTLED = "ready for every region"
FINE, TOO_SLOW, CANNOT = 0, 1, 3


class WeChatDoor:
    """The WeChat channel, through the simulator."""

    def __init__(self, wechat: WeChat) -> None:
        self._wechat = wechat

    async def open(self, http: aiohttp.ClientSession) -> str:
        return self._wechat.new_user()

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        delivered = (await self._wechat.do(conversation, pushes.text(text))).delivered
        return "" if delivered.result == "reply" and len(delivered.tries) == 1 else delivered.trouble or "no answer"


def deal(sentences: Sequence[str], count: int, seed: int) -> list[list[str]]:
    """``count`` sentences in an order of the seed, as conversations; an even number of whole ones.

    Raises:
        CannotMeasure: when there are too few for two conversations.
    """
    drawn = random.Random(seed).sample(list(sentences), min(count, len(sentences)))
    talks = [drawn[at:at + CONVERSATION_TURNS] for at in range(0, len(drawn), CONVERSATION_TURNS)]
    whole = [talk for talk in talks if len(talk) == CONVERSATION_TURNS]
    if len(whole) < 2:
        raise CannotMeasure(f"two conversations need {2 * CONVERSATION_TURNS} sentences, there are {len(drawn)}")
    return whole[:len(whole) // 2 * 2]


async def one_round(doors: Sequence[Door], talks: Sequence[Sequence[str]], first: int) -> list[list[Turn]]:
    """Every conversation through one of the two doors, in turns; ``first``: which begins. The turns of each door."""
    turns: list[list[Turn]] = [[], []]
    async with load.client() as http:
        for number, talk in enumerate(talks):
            which = (number + first) % 2
            turns[which] += await load.converse(doors[which], http, talk)
    return turns


@asynccontextmanager
async def _served(running: Running, out: Path) -> AsyncIterator[list[Door]]:
    """A fresh server of ours with an official account, and its two doors."""
    shutil.rmtree(out / "var", ignore_errors=True)
    port = free_port()
    token, key, appid = secrets.token_hex(8), secrets.token_hex(22)[:43], f"wx{secrets.token_hex(8)}"
    running.add(Program("邻里通", [sys.executable, "-m", "bot", "serve"], PROJECT, {
        "PORT": str(port), "HOST": "127.0.0.1", "LINLITONG_VAR": str(out / "var"), "PYTHONUNBUFFERED": "1",
        "LINLITONG_SESSION_PER_MINUTE": "0", "LINLITONG_ADDRESS_PER_MINUTE": "0", "LINLITONG_NEW_PER_MINUTE": "0",
        "LINLITONG_WECHAT_TOKEN": token, "LINLITONG_WECHAT_APPID": appid, "LINLITONG_WECHAT_AES_KEY": key,
    }, out / "serve.log"))
    base = f"http://127.0.0.1:{port}"
    async with WeChat(Account(f"{base}/webhooks/wechat/", token, appid, key)) as wechat:
        doors: list[Door] = [WebDoor(base), WeChatDoor(wechat)]
        await load.first_answer(doors[0], GREETING, running.check_alive, START_WITHIN_S)
        trouble = await wechat.verify()
        if trouble:
            raise CannotMeasure(f"the WeChat channel is not there: {trouble}")
        await _settled(out / "serve.log", running)
        yield doors


async def _settled(log: Path, running: Running) -> None:
    """Waits until the server no longer makes regions ready, which takes the processor."""
    deadline = time.monotonic() + START_WITHIN_S
    while SETTLED not in log.read_text(encoding="utf-8", errors="replace"):
        running.check_alive()
        if time.monotonic() > deadline:
            raise CannotMeasure(f"the server did not come to rest within {START_WITHIN_S:.0f} s")
        await asyncio.sleep(0.5)


async def measure(sentences: Sequence[str], count: int, rounds: int, out: Path) -> dict[str, Any]:
    """Two servers a round, each with every conversation; the second with the doors changed over."""
    turns: list[list[Turn]] = [[], []]
    ratios: list[float] = []
    others: list[float] = []
    for number in range(rounds):
        talks = deal(sentences, count, seed=number)
        heard: list[list[Turn]] = [[], []]
        for first in (0, 1):
            with Running() as running:
                async with _served(running, out) as doors:
                    await one_round(doors, [[text] for text in WARM_UP], first)
                    share = Others(running)
                    made = await one_round(doors, talks, first)
                    others.append(share.share())
                    for which in (0, 1):
                        heard[which] += made[which]
        ratios.append(p95(heard[1]) / p95(heard[0]))
        for which in (0, 1):
            turns[which] += heard[which]
    return result(turns, ratios, others)


def p95(turns: Sequence[Turn]) -> float:
    """Milliseconds within which 95 % of the turns were answered."""
    return percentile(milliseconds(turns), 0.95)


def result(turns: Sequence[Sequence[Turn]], ratios: Sequence[float], others: Sequence[float]) -> dict[str, Any]:
    """The figures of all rounds: of the web first, then of WeChat."""
    figures = {name: {"turns": len(of), "failures": sum(bool(turn.failure) for turn in of),
                      "p50_ms": round(percentile(milliseconds(of), 0.5), 2), "p95_ms": round(p95(of), 2)}
               for name, of in zip(("web", "wechat"), turns, strict=True)}
    return {**figures, "p95_ratio": round(p95(turns[1]) / p95(turns[0]), 3),
            "p95_ratio_by_round": [round(ratio, 3) for ratio in ratios],
            "share_of_other_programs": [round(share, 2) for share in others]}


def _all_sentences() -> list[str]:
    folder = PROJECT / "tests" / "understanding"
    return list(dict.fromkeys(text for part in PARTS for text in read_sentences(folder / part)))


def main(arguments: Optional[list[str]] = None) -> int:
    """Measure, print, write ``benchmarks/out/wechat.json``; 0 fine, 1 slower than allowed, 3 cannot measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wechat", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default %(default)s)")
    parser.add_argument("--sentences", type=int, default=200, help="sentences a round (default %(default)s)")
    options = parser.parse_args(arguments)
    before = environment()
    try:
        found = asyncio.run(measure(_all_sentences(), options.sentences, options.rounds, OUT / "wechat"))
    except CannotMeasure as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return CANNOT
    found["environment"] = before
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "wechat.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    for name in ("web", "wechat"):
        row = found[name]
        print(f"{name:7} p50 {row['p50_ms']:7.2f} ms  p95 {row['p95_ms']:7.2f} ms  {row['turns']} turns, "
              f"{row['failures']} failures")
    print(f"p95 through WeChat / p95 through the web: {found['p95_ratio']} ({found['p95_ratio_by_round']}); "
          f"other programs took {found['share_of_other_programs']} of the machine")
    if any(found[name]["failures"] for name in ("web", "wechat")):
        # Turns without an answer would make the rest look quick.
        print("cannot measure: some turns were not answered", file=sys.stderr)
        return CANNOT
    return FINE if found["p95_ratio"] <= MOST else TOO_SLOW


if __name__ == "__main__":
    sys.exit(main())
