"""SQLite and PostgreSQL behave alike: the same calls in the same order give the same answers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.outbox import StateOutbox
from bot.channels.wechat.state import Answer, Place, Reply
from bot.channels.wechat.state import State as Remembered
from bot.channels.wechat.store import Store
from bot.state import schema
from bot.state.database import Database
from tests.channels.clock import Clock
from tests.state.turns import Bot, reply
from tests.support.services import Postgres

EXAMPLES = 25 if os.environ.get("NIGHTLY") != "1" else 1000
WHO = st.sampled_from(["s", "t"])
WHICH = st.sampled_from(["m1", "m2", "m3"])
WORDS = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=6)
Call = tuple[str, tuple[Any, ...]]


def compose(answer: Answer, kept: Any, state: Remembered) -> Reply:
    """Takes everything along."""
    text = "|".join([answer.body, *(item.answer.body if item.answer else "-" for item in kept)])
    return Reply(text, Remembered(serial=state.serial + 1, place=state.place), len(kept))


class World:
    """All stores of one process on one database; every call gives something that can be compared."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.bot = Bot(database)
        self.bot.outbox = StateOutbox(database, expiry_s=1000.0, max_turns=3, clock=self.clock)
        self.wechat = Store(database, "me", keep_s=1000.0, lease_s=5.0, window_s=20.0, clock=self.clock)

    async def turn(self, who: str, which: str, words: str) -> Any:
        return await self.bot.turn(who, which, words or "空")

    async def said(self, who: str) -> Any:
        return await self.bot.said(who)

    async def record(self, who: str, which: str, words: str) -> Any:
        return await self.bot.outbox.record(who, which, words, [reply(words), reply("二")])

    async def find(self, who: str, which: str) -> Any:
        return await self.bot.outbox.find(who, which)

    async def after(self, who: str, number: int) -> Any:
        return await self.bot.outbox.after(who, number)

    async def history(self, who: str) -> Any:
        return await self.bot.outbox.history(who)

    async def feedback(self, who: str, words: str, helpful: bool) -> Any:
        return await self.bot.outbox.feedback(who, f"a-{words}", helpful, words)

    async def forget(self, who: str) -> Any:
        return await self.bot.outbox.forget(who)

    async def farewell(self, who: str, which: str) -> Any:
        return await self.bot.outbox.farewell(who, which, [reply("再见")])

    async def delete(self, who: str) -> Any:
        return await self.bot.tracker_store.delete(who)

    async def keys(self) -> Any:
        return sorted(await self.bot.tracker_store.keys())

    async def sweep(self) -> Any:
        return await self.bot.outbox.sweep(), await self.wechat.sweep()

    async def later(self, seconds: float) -> None:
        self.clock.now += seconds

    async def arrive(self, who: str, which: str, words: str, request: int, counts: bool) -> Any:
        return await self.wechat.arrive(f"{who}{which}", who, words, f"r{request}", counts=counts)

    async def finish(self, who: str, which: str, words: str, now: bool) -> Any:
        return await self.wechat.finish(f"{who}{which}", who, Answer(words), compose if now else None)

    async def carry(self, who: str, which: str) -> Any:
        return await self.wechat.carry(f"{who}{which}", who, compose)

    async def give_up(self, who: str, which: str) -> Any:
        return await self.wechat.give_up(f"{who}{which}")

    async def put_back(self, who: str, which: str) -> Any:
        return await self.wechat.put_back(f"{who}{which}")

    async def look(self, who: str, which: str) -> Any:
        return await self.wechat.look(f"{who}{which}")

    async def note_place(self, who: str) -> Any:
        return await self.wechat.note_place(who, Place(121.5, 31.3, "gcj02", self.clock.now))

    async def forget_wechat(self, who: str) -> Any:
        return await self.wechat.forget(who)


CALLS: dict[str, tuple[Any, ...]] = {
    "turn": (WHO, WHICH, WORDS), "said": (WHO,), "record": (WHO, WHICH, WORDS), "find": (WHO, WHICH),
    "after": (WHO, st.integers(0, 10)), "history": (WHO,), "feedback": (WHO, WORDS, st.booleans()), "forget": (WHO,),
    "farewell": (WHO, WHICH), "delete": (WHO,), "keys": (), "sweep": (),
    "later": (st.sampled_from([0.5, 6.0, 25.0, 700.0, 999.0, 1000.0]),),
    "arrive": (WHO, WHICH, WORDS, st.integers(0, 5), st.booleans()), "finish": (WHO, WHICH, WORDS, st.booleans()),
    "carry": (WHO, WHICH), "give_up": (WHO, WHICH), "put_back": (WHO, WHICH), "look": (WHO, WHICH),
    "note_place": (WHO,), "forget_wechat": (WHO,)}
calls = st.lists(st.one_of(*(st.tuples(st.just(name), st.tuples(*kinds)) for name, kinds in CALLS.items())),
                 min_size=1, max_size=30)


@pytest.fixture(scope="module")
def compare(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[list[Call]], None]]:
    loop = asyncio.new_event_loop()
    address = postgres.fresh()
    theirs = Database(address)
    theirs.prepare()
    numbers = iter(range(10**9))

    def play(wanted: list[Call]) -> None:
        path: Path = tmp_path_factory.getbasetemp() / f"alike-{next(numbers)}.db"
        ours = Database(path)
        tables = ", ".join(table.name for table in schema.metadata.sorted_tables)
        postgres.execute(f"TRUNCATE {tables} RESTART IDENTITY", address.rpartition("/")[2])
        worlds = World(ours), World(theirs)
        try:
            for name, values in wanted:
                one, other = (loop.run_until_complete(getattr(world, name)(*values)) for world in worlds)
                assert one == other, f"{name}{values}"
        finally:
            ours.release()
            for part in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{path}{part}").unlink()

    yield play
    loop.run_until_complete(theirs.close())
    loop.close()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(wanted=calls)
def test_the_same_calls_give_the_same_answers(compare: Callable[[list[Call]], None], wanted: list[Call]) -> None:
    compare(wanted)
