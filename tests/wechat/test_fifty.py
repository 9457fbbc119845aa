"""Fifty conversations through the real channel while everything between WeChat and it goes wrong.

The bot is a function that answers each message with a mark of its own, so that every answer can be found again: in the
reply, in a later reply ("您刚才问的……"), or in a customer-service message. Ten conversations are had under each of five
conditions, all at the same time, with seconds that are a fifth of WeChat's; with NIGHTLY=1 it is fifty under each, and
the seconds are WeChat's.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from rasa.core.channels.channel import UserMessage

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.tries import Timing as ChannelTiming
from bot.state.database import database_of
from knowledge.encoder import shared_encoder
from tests.channels.messages import message
from tests.channels.server import FakeAgent
from tests.channels.wechat.conftest import say
from tests.wechat.host import Host, account_for, make_channel
from tools.wechat_simulator import pushes
from tools.wechat_simulator.account import Timing
from tools.wechat_simulator.api import Api, ApiFault
from tools.wechat_simulator.audit import Audit, audit
from tools.wechat_simulator.faults import NO_FAULTS, Chaos
from tools.wechat_simulator.wechat import Sent, WeChat

NIGHTLY = os.environ.get("NIGHTLY") == "1"
CONVERSATIONS, FACTOR = (50, 1.0) if NIGHTLY else (10, 0.2)
WECHAT_TIMES = Timing().scaled(FACTOR)
#: The channel stops waiting half a second before WeChat does, as in earnest, and holds on for three seconds more: a
#: busy machine needs no less.
CHANNEL_TIMES = ChannelTiming() if NIGHTLY else \
    ChannelTiming(wait=0.5, settle=0.3, hold=4.0, last_age=3.0, window=4.0, poll=0.02, lease=1.5)
#: So much later than it should have ended, a try tells of a machine that stands still, seconds.
STALL_S = 0.2
#: How long the bot takes, in parts of WeChat's patience → share of messages: the first, second or third try, or none.
SLOW = ((0.0, 0.7), (1.3, 0.12), (2.3, 0.1), (4.0, 0.08))
#: What each user says while things go wrong, and then, when nothing does any more.
LINES, LAST_LINES = range(5), (98, 99)
MARK = re.compile(r"问(\d+-\d+)问")


@dataclass
class Bot:
    """Answers 问…问 by 答…答, after the time drawn for it. ``heard``: how often each mark was asked."""

    random: random.Random
    heard: Counter[str] = field(default_factory=Counter)
    answered: set[str] = field(default_factory=set)
    quick: bool = False
    _lock: Any = field(default_factory=threading.Lock)

    async def __call__(self, heard: UserMessage) -> None:
        found = MARK.search(heard.text or "")
        assert found is not None, heard.text
        mark = found[1]
        with self._lock:
            self.heard[mark] += 1
            (parts,) = self.random.choices([item[0] for item in SLOW], [item[1] for item in SLOW])
        if parts and not self.quick:
            await asyncio.sleep(parts * WECHAT_TIMES.patience_s)
        self.answered.add(mark)
        await heard.output_channel.send_response(heard.sender_id, {**message("ack"), "text": f"答{mark}答"})


@dataclass
class Play:
    """What was said: push id → mark of its answer."""

    wechat: WeChat
    marks: dict[str, str] = field(default_factory=dict)
    #: Push id → what the channel says of a message whose turn was lost.
    lost: dict[str, str] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)

    async def say(self, user: str, mark: str, **options: Any) -> Sent:
        self.under_way.add(mark)
        sent = await self.wechat.do(user, pushes.text(f"问{mark}问"), **options)
        self.under_way.discard(mark)
        self.marks[sent.id] = f"答{mark}答"
        self.lost[sent.id] = say("wechat_lost", question=f"问{mark}问")
        return sent


async def _converse(play: Play, number: int, drawn: random.Random) -> str:
    """One user's five messages; some do not wait for the answer before they go on. Gives the user."""
    user = play.wechat.new_user()
    await asyncio.sleep(drawn.random() * 15 * FACTOR)
    impatient: list[asyncio.Task[Sent]] = []
    for line in LINES:
        said = play.say(user, f"{number}-{line}")
        if drawn.random() < 0.25:
            impatient.append(asyncio.create_task(said))
            await asyncio.sleep(0.1 * FACTOR)
        else:
            await said
    await asyncio.gather(*impatient)
    return user


@asynccontextmanager
async def _stage(tmp_path: Path, bot: Bot, chaos: Chaos, *, service: bool, same_nonce: bool, **account: Any
                 ) -> AsyncIterator[tuple[WeChat, Host, Api]]:
    holder: list[WeChatApi] = []

    def make() -> Any:
        sender = None
        if service:
            known = ApiAccount(wechat.account.appid, wechat.account.secret, base, frozenset({"service"}))
            holder.append(WeChatApi(known, database_of(tmp_path / "var"), b"s" * 32))
            sender = holder[-1].sender
        return make_channel(wechat.account, tmp_path / "var", CHANNEL_TIMES, sender=sender, say=say,
                            rights=frozenset({"service"} if service else ()))

    host = Host(make, FakeAgent(bot))
    url = host.url("wecom" if account.get("wecom") else "wechat")
    async with WeChat(account_for(url, **account), timing=WECHAT_TIMES, faults=chaos, same_nonce=same_nonce) as wechat:
        api = Api(wechat)
        async with TestServer(api.app()) as server:
            base = str(server.make_url("")).rstrip("/")
            await asyncio.to_thread(host.start)
            try:
                yield wechat, host, api
            finally:
                await asyncio.to_thread(host.stop)


@dataclass
class Result:
    """How a condition went; ``counts`` are for people."""

    found: Audit
    faults: Counter[str]
    counts: dict[str, int]
    wechat: WeChat
    #: Pushes that the bot was asked twice, but for those that a restart interrupted.
    asked_twice: list[str]
    #: Pushes with a try that ended a good while after its time: the machine stood still, and no clock can be trusted.
    stalled: set[str]

    def wrong(self, ids: list[str]) -> list[str]:
        """``ids`` without those for which the machine is to blame."""
        return [name for name in ids if name not in self.stalled]


async def _play(tmp_path: Path, seed: int, *, service: bool = False, restarts: int = 0, same_nonce: bool = False,
                **account: Any) -> Result:
    drawn = random.Random(seed)
    bot = Bot(random.Random(seed + 1))
    chaos = Chaos(seed + 2, delay=0.2, duplicate=0.2, lost_reply=0.15, longest_delay_s=WECHAT_TIMES.patience_s / 2)
    interrupted: set[str] = set()
    async with _stage(tmp_path, bot, chaos, service=service, same_nonce=same_nonce, **account) as (wechat, host, api):
        play = Play(wechat)
        if service:
            api.faults.extend(ApiFault(*item) for item in (
                ("status", 502, "send"), ("expire", 0, "send"), ("drop", 0, "send"), ("slow", 0.3, "send")))
        talks = [asyncio.create_task(_converse(play, number, drawn)) for number in range(CONVERSATIONS)]
        for _ in range(restarts):
            await asyncio.sleep(12.5 * FACTOR)
            interrupted |= play.under_way
            await asyncio.to_thread(host.kill)
            await asyncio.to_thread(host.start)
        users = await asyncio.gather(*talks)
        # What came too late is given with the next messages, three at a time; WeChat's retries are over by then.
        await asyncio.sleep(CHANNEL_TIMES.window + 0.5)
        bot.quick = True
        for line in LAST_LINES:
            await asyncio.gather(*(play.say(user, f"{number}-{line}", faults=NO_FAULTS)
                                   for number, user in enumerate(users)))
        await wechat.settle()
        found = audit(wechat, play.marks, play.lost)
        stalled = {sent.id for sent in wechat.sent for item in sent.delivered.tries
                   if item.seconds > WECHAT_TIMES.patience_s + STALL_S}
        faults = Counter(name for sent in wechat.sent for name in sent.faults.names)
        again = [name for name, answer in play.marks.items()
                 if bot.heard[answer.strip("答")] > 1 and answer.strip("答") not in interrupted]
        counts = {"messages": len(play.marks), "tries": sum(len(sent.delivered.tries) for sent in wechat.sent),
                  "kept for later": sum("您刚才问的" in bubble.text for bubble in wechat.transcript.bubbles),
                  "by customer service": sum(bubble.via == "service" for bubble in wechat.transcript.bubbles),
                  "stalled": len(stalled), "notices": len(wechat.transcript.notices()), "interrupted": len(interrupted),
                  "answered in two replies at once": sum(sent.delivered.spare_replies for sent in wechat.sent)}
    return Result(found, faults, counts, wechat, again, stalled)


CASES: dict[str, dict[str, Any]] = {
    "passive replies": {"seed": 11},
    "customer service": {"seed": 12, "service": True},
    "restarts": {"seed": 13, "restarts": 3},
    "the same nonce": {"seed": 14, "same_nonce": True},
    "wecom": {"seed": 15, "wecom": True},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Every condition, played at the same time: they mostly wait."""
    # The first two turns at once load the encoder, for seconds that are no matter of this test.
    shared_encoder().encode(["在吗"])

    async def run() -> list[Result]:
        return await asyncio.gather(*(_play(tmp_path_factory.mktemp(f"case-{given['seed']}"), **given)
                                      for given in CASES.values()))

    return dict(zip(CASES, asyncio.run(run()), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_every_message_is_answered_once_or_explained(results: dict[str, Result], case: str) -> None:
    result, given = results[case], CASES[case]
    found, counts = result.found, result.counts
    print(f"\n{case}: {found}; {counts}; {dict(result.faults)}")
    assert counts["messages"] == CONVERSATIONS * (len(LINES) + len(LAST_LINES))
    assert all(result.faults[name] >= CONVERSATIONS / 3 for name in ("delay", "duplicate", "lost reply"))
    if len(result.stalled) > counts["messages"] / 3:
        pytest.skip(f"the machine stood still during {len(result.stalled)} of {counts['messages']} messages")
    wrong = result.wrong([*found.twice, *found.silent, *result.asked_twice])
    assert not wrong, _told(result.wechat, wrong)
    assert counts["answered in two replies at once"] == 0
    if not given.get("restarts"):
        # The server was there all the time, so WeChat has nothing to explain.
        assert not result.wrong(found.explained), _told(result.wechat, result.wrong(found.explained))
    if given.get("service"):
        assert counts["by customer service"] > 0


def _told(wechat: WeChat, ids: list[str]) -> str:
    """The chats of users who sent these, at most five, with the tries of each push."""
    lines = []
    for user in list({sent.user for sent in wechat.sent if sent.id in ids})[:5]:
        for bubble in wechat.transcript.of(user):
            wrong = "！！ " if bubble.push in ids else ""
            tries = [f"{item.result} {item.seconds:.2f}" for sent in wechat.sent if sent.id == bubble.push
                     for item in sent.delivered.tries]
            lines.append(f"{bubble.at % 1000:.2f} {wrong}{bubble.who}: {bubble.text!r} {tries}")
    return "\n" + "\n".join(lines)
