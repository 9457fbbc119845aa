"""kill -9 in the middle of a turn: what was acknowledged is there, nothing is half there, nothing is there twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import pytest

from bot.state.database import Database
from bot.state.unit import Unit
from tests.state.turns import Bot
from tests.support.databases import Databases

MESSAGES = 40 if os.environ.get("NIGHTLY") != "1" else 2000
KILLS = 8 if os.environ.get("NIGHTLY") != "1" else 200
# The child begins with what is loaded here, and opens a database of its own.
_fork = multiprocessing.get_context("fork")


def _send_all(address: Any, answered: Connection, first: int) -> None:
    """A process that answers messages, each as soon as the last one is acknowledged."""
    async def life() -> None:
        bot = Bot(Database(address))
        for number in range(first, MESSAGES):
            await bot.turn("s", f"m{number}", f"第{number}句")
            answered.send(number)

    asyncio.run(life())
    os._exit(0)


def _consistent(state: Databases) -> tuple[list[str], list[str]]:
    """What the bot remembers and what the outbox has, both in order."""
    async def look() -> tuple[list[str], list[str]]:
        bot = Bot(state())
        return await bot.said("s"), [turn.text for turn in await bot.outbox.history("s")]

    return asyncio.run(look())


def test_killed_at_any_moment_nothing_is_lost_half_or_double(state: Databases) -> None:
    chance = random.Random(20261128)
    state().prepare()
    acknowledged, kills = -1, 0
    while acknowledged < MESSAGES - 1:
        ours, theirs = _fork.Pipe(duplex=False)
        process = _fork.Process(target=_send_all, args=(state.address, theirs, acknowledged + 1), daemon=True)
        process.start()
        theirs.close()
        stops = acknowledged + chance.randint(1, max(1, MESSAGES // KILLS)) if kills < KILLS else MESSAGES
        try:
            while acknowledged < stops:
                acknowledged = ours.recv()
            time.sleep(chance.random() * 0.01)
        except EOFError:
            pass  # it has sent all
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        while ours.poll():
            try:
                acknowledged = ours.recv()
            except EOFError:
                break
        kills += process.exitcode == -signal.SIGKILL
        said, told = _consistent(state)
        assert said == told, "remembered and told are the same"
        assert said[:acknowledged + 1] == [f"第{number}句" for number in range(acknowledged + 1)]
        assert len(said) <= acknowledged + 2, "at most the one that was being answered is there beyond that"
    assert _consistent(state)[0] == [f"第{number}句" for number in range(MESSAGES)]
    assert kills >= KILLS // 2
    print(f"{MESSAGES} messages, killed {kills} times: 0 lost, 0 half, 0 double")


def _die_when(moment: str) -> None:
    store = Unit._store
    run = Database.run

    def dying_store(self: Unit, db: Any) -> None:
        store(self, db)
        os.kill(os.getpid(), signal.SIGKILL)

    async def dying_run(self: Database, work: Callable[[Any], Any]) -> Any:
        await run(self, work)
        os.kill(os.getpid(), signal.SIGKILL)

    if moment == "before the commit":
        Unit._store = dying_store  # type: ignore[method-assign]
    else:
        Database.run = dying_run  # type: ignore[method-assign,assignment]


def _one_turn(address: Any, moment: str) -> None:
    if moment:
        _die_when(moment)
    asyncio.run(Bot(Database(address)).turn("s", "m1", "一"))
    os._exit(0)


@pytest.mark.parametrize(("moment", "kept"), [("before the commit", []), ("after the commit", ["一"])])
def test_killed_right_before_or_after_the_commit(state: Databases, moment: str, kept: list[str]) -> None:
    state().prepare()
    process = _fork.Process(target=_one_turn, args=(state.address, moment), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert _consistent(state) == (kept, kept)
    again = _fork.Process(target=_one_turn, args=(state.address, ""), daemon=True)
    again.start()
    again.join(60)
    assert again.exitcode == 0 and _consistent(state) == (["一"], ["一"]), "the page's second try does no harm"
