"""Facts go after a day of silence, the masked conversation after thirty days: with a clock that is moved on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.outbox import StateOutbox
from bot.channels.wechat.state import Answer, Place
from bot.channels.wechat.store import Store
from bot.conversations import Conversations
from bot.retention import delete_silent
from tests.channels.messages import message
from tests.support.databases import Databases

T = TypeVar("T")
HOUR_S, DAY_S = 3600.0, 86400.0
BEGAN = 1_790_000_000.0
SESSION = "5" * 32
DOMAIN = Domain.from_dict({"slots": {"memory": {
    "type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}}})


class World:
    """The stores of one database, and a clock that is moved by hand."""

    def __init__(self, state: Databases) -> None:
        self.now = BEGAN
        self._state = state
        database = state()
        self.trackers = Conversations(DOMAIN, database=database)
        self.outbox = StateOutbox(database, 30 * DAY_S, clock=lambda: self.now)
        self.wechat = Store(database, "me", DAY_S, 5.0, 20.0, lambda: self.now)

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {table: int(self._state.rows(f"SELECT count(*) FROM {table}")[0][0])
                for table in ("events", "turns", "replies", "feedback", "wechat_messages", "wechat_conversations")}

    async def clean(self) -> None:
        """What the job does every ten minutes."""
        await delete_silent(SimpleNamespace(_tracker_store=self.trackers), 24, now=self.now)
        await self.outbox.sweep()
        await self.wechat.sweep()

    async def tell(self) -> None:
        """A resident tells of the mother's age, on the web and in WeChat, and judges the answer."""
        tracker = await self.trackers.retrieve(SESSION) or DialogueStateTracker(SESSION, DOMAIN.slots)
        tracker.update(UserUttered("我妈七十五了", timestamp=self.now), DOMAIN)
        tracker.update(SlotSet("memory", {"facts": {"mother": {"person.age": 75}}}, timestamp=self.now), DOMAIN)
        await self.trackers.save(tracker)
        reply = message("ack")
        await self.outbox.record(SESSION, f"m{self.now}", "我妈七十五了", [reply])
        assert await self.outbox.feedback(SESSION, reply["custom"]["answer_id"], True, "")
        await self.wechat.arrive(f"k{self.now}", SESSION, "我妈七十五了", f"r{self.now}", counts=True)
        await self.wechat.finish(f"k{self.now}", SESSION, Answer("好的"), None)
        await self.wechat.note_place(SESSION, Place(121.5, 31.3, "gcj02", self.now))


def run(work: Awaitable[T]) -> T:
    return asyncio.new_event_loop().run_until_complete(work)  # type: ignore[arg-type]


def test_facts_go_first_and_the_conversation_later(state: Databases) -> None:
    async def live() -> None:
        world = World(state)
        await world.tell()
        assert all(world.counts().values())

        world.now = BEGAN + 24 * HOUR_S - 1
        await world.clean()
        assert all(world.counts().values()), "nothing goes before its time"

        world.now = BEGAN + 24 * HOUR_S + 1
        await world.clean()
        left = world.counts()
        assert left["events"] == left["wechat_messages"] == left["wechat_conversations"] == 0
        assert left["turns"] == left["replies"] == left["feedback"] == 1
        assert await world.trackers.retrieve(SESSION) is None
        assert [turn.text for turn in await world.outbox.history(SESSION)] == ["我妈七十五了"]

        world.now = BEGAN + 30 * DAY_S - 1
        await world.clean()
        assert world.counts()["turns"] == 1

        world.now = BEGAN + 30 * DAY_S + 1
        # Out of reach even before it is swept.
        assert await world.outbox.history(SESSION) == [] and await world.outbox.judgements(SESSION) == []
        await world.clean()
        assert not any(world.counts().values())

    run(live())


def test_whoever_goes_on_talking_is_remembered(state: Databases) -> None:
    async def live() -> None:
        world = World(state)
        await world.tell()
        world.now += 20 * HOUR_S
        await world.tell()
        world.now += 20 * HOUR_S
        await world.clean()
        tracker = await world.trackers.retrieve(SESSION)
        assert tracker is not None and tracker.get_slot("memory")["facts"] == {"mother": {"person.age": 75}}
        world.now += 5 * HOUR_S
        await world.clean()
        assert await world.trackers.retrieve(SESSION) is None

    run(live())


def test_what_expired_is_not_left_in_the_file(tmp_path: Path) -> None:
    """SQLite overwrites it, and empties its log."""
    async def live() -> None:
        databases = Databases(tmp_path / "var" / "state.db", tmp_path / "var")
        world = World(databases)
        await world.outbox.record(SESSION, "m1", "椴槭榉楠", [message("ack")])
        assert "椴槭榉楠".encode() in databases.left()
        world.now += 31 * DAY_S
        await world.clean()
        assert "椴槭榉楠".encode() not in databases.left()

    run(live())
