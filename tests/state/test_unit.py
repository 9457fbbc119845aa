"""A turn is one commit: what the bot remembers and what the resident was told are stored together or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rasa.core.brokers.broker import EventBroker

from bot.channels.forget import forget_tracker
from bot.state import unit as unit_module
from bot.state.database import Database, StateDown
from bot.state.schema import RESIDENTS
from bot.state.unit import Overtaken, drop_turn, unit_now, unit_of
from tests.state.turns import Bot, reply
from tests.support.databases import Databases

Play = Callable[[Callable[[Bot], Awaitable[Any]]], Any]


@pytest.fixture
def play(state: Databases) -> Play:
    def run(story: Callable[[Bot], Awaitable[Any]]) -> Any:
        async def told() -> Any:
            return await story(Bot(state()))

        return asyncio.run(told())

    return run


def count(state: Databases, table: str) -> int:
    number: int = state.rows(f"SELECT count(*) FROM {table}")[0][0]
    return number


def test_events_and_replies_appear_together(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        with bot.outbox.turn():
            await bot.think("s", "一")
            assert await bot.said("s") == ["一"], "the turn itself sees what it will store"
            assert count(state, "events") == 0, "and nobody else does"
            await bot.outbox.record("s", "m1", "一", [reply("答一")])
        assert count(state, "events") > 0 and count(state, "turns") == 1
        await bot.turn("s", "m2", "二")
        assert await bot.said("s") == ["一", "二"]

    play(story)


def test_a_turn_that_ends_without_a_commit_leaves_nothing(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        with pytest.raises(RuntimeError), bot.outbox.turn():
            await bot.think("s", "一")
            raise RuntimeError
        await bot.turn("s", "m1", "又一")
        assert await bot.said("s") == ["又一"]

    play(story)
    assert count(state, "turns") == 1


def test_a_failed_turn_keeps_the_apology_and_no_events(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        with bot.outbox.turn():
            await bot.think("s", "一")
            drop_turn()
            await bot.outbox.record("s", "m1", "一", [reply("抱歉", kind="error")])

    play(story)
    assert count(state, "events") == 0 and count(state, "replies") == 1


def test_without_a_turn_the_tracker_store_writes_at_once(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        await bot.think("s", "一")
        assert await bot.said("s") == ["一"]

    play(story)
    assert count(state, "events") == 6


def test_a_turn_begins_with_one_way_to_the_database(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(bot: Bot) -> None:
        await bot.turn("s", "m1", "一")
        reads, read = [0], Database.read

        async def counted(self: Database, work: Any) -> Any:
            reads[0] += 1
            return await read(self, work)

        monkeypatch.setattr(Database, "read", counted)
        with bot.outbox.turn():
            assert await bot.outbox.find("s", "m2") is None
            assert await bot.said("s") == ["一"] and reads == [1]
            await bot.think("s", "二")
            assert reads == [2], "what was read ahead is used once"
            await bot.outbox.record("s", "m2", "二", [reply("答二")])
        assert await bot.said("s") == ["一", "二"]
        with bot.outbox.turn():
            found = await bot.outbox.find("s", "m2")
            assert found is not None and found.text == "二"

    play(story)


def test_what_was_read_ahead_and_is_not_true_any_more_is_not_stored_on(state: Databases) -> None:
    async def story() -> None:
        one, other = Bot(state()), Bot(state())
        await one.turn("s", "m1", "一")
        with one.outbox.turn():
            assert await one.outbox.find("s", "m2") is None
            await asyncio.create_task(elsewhere(other))
            await one.think("s", "二")
            with pytest.raises(Overtaken):
                await one.outbox.record("s", "m2", "二", [reply("答二")])
        assert await other.said("s") == ["一", "别处"]

    async def elsewhere(bot: Bot) -> None:
        unit_module._now.set(None)
        await bot.turn("s", "m9", "别处")

    asyncio.run(story())


def test_of_two_answers_to_one_message_one_is_stored_with_its_events(state: Databases) -> None:
    """Two processes that both took a message, as after a lock that ran out."""
    async def story() -> None:
        one, other = Bot(state()), Bot(state())

        async def answer(bot: Bot, text: str, mine: asyncio.Event, theirs: asyncio.Event) -> Any:
            with bot.outbox.turn():
                await bot.think("s", text)
                mine.set()
                await theirs.wait()
                return await bot.outbox.record("s", "m1", "问", [reply(text)])

        first, second = asyncio.Event(), asyncio.Event()
        turns = await asyncio.gather(answer(one, "甲", first, second), answer(other, "乙", second, first))
        assert turns[0].replies == turns[1].replies, "both residents' tries get the same answer"
        assert [f"{(await one.said('s'))[0]}"] == [turns[0].replies[0]["text"]], "and that one is remembered"
        assert await one.said("s") == await other.said("s")

    asyncio.run(story())
    assert count(state, "turns") == 1 and count(state, "events") == 6


def test_a_turn_that_was_overtaken_is_not_stored(state: Databases) -> None:
    """Two messages of one conversation at once: the second was answered from a memory that is out of date."""
    async def story() -> None:
        one, other = Bot(state()), Bot(state())
        await one.turn("s", "m0", "零")
        with one.outbox.turn():
            await one.think("s", "一")
            await asyncio.create_task(other.turn("s", "m2", "二"))
            with pytest.raises(Overtaken):
                await one.outbox.record("s", "m1", "一", [reply("答一")])
        assert await one.turn("s", "m1", "一") and await one.said("s") == ["零", "二", "一"]

    asyncio.run(story())
    assert count(state, "turns") == 3


def test_who_wants_to_know_is_told_after_the_commit_and_only_then(play: Play, state: Databases) -> None:
    told: list[int] = []

    async def story(bot: Bot) -> None:
        with bot.outbox.turn() as unit:
            unit.after_commit(lambda: told.append(count(state, "turns")))
            unit.after_commit(lambda: 1 / 0)  # type: ignore[arg-type,return-value]  # logged, and undoes nothing
            unit.after_commit(lambda: told.append(-1))
            await bot.outbox.record("s", "m1", "一", [reply("答一")])
        with bot.outbox.turn() as unit:
            unit.after_commit(lambda: told.append(-2))
            await bot.outbox.record("s", "m1", "一", [reply("never")])
        with bot.outbox.turn() as unit:
            unit.after_commit(lambda: told.append(-3))

    play(story)
    assert told == [1, -1]


class Broker(EventBroker):
    def __init__(self, state: Databases) -> None:
        self.state = state
        self.heard: list[tuple[str, int]] = []

    def publish(self, event: dict[str, Any]) -> None:
        self.heard.append((event["event"], count(self.state, "events")))


def test_rasas_event_broker_hears_of_events_that_are_stored(state: Databases) -> None:
    broker = Broker(state)

    async def story() -> None:
        bot = Bot(state(), event_broker=broker)
        with pytest.raises(RuntimeError), bot.outbox.turn():
            await bot.think("s", "一")
            raise RuntimeError
        assert broker.heard == []
        await bot.turn("s", "m1", "一")

    asyncio.run(story())
    assert [name for name, _ in broker.heard] == ["action", "user", "action", "bot", "slot", "action"]
    assert {stored for _, stored in broker.heard} == {6}


def test_a_conversation_that_could_not_be_read_is_not_stored(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        await bot.turn("s", "m1", "一")
        read = bot.database._read

        def down(_work: Any) -> Any:
            raise OSError

        with bot.outbox.turn() as unit:
            bot.database._read = down  # type: ignore[method-assign,assignment]
            with pytest.raises(StateDown):
                await bot.tracker_store.retrieve("s")
            bot.database._read = read  # type: ignore[method-assign]
            assert unit.failed
            with pytest.raises(StateDown):
                await bot.tracker_store.retrieve("s")
            with pytest.raises(StateDown):
                await bot.outbox.record("s", "m2", "二", [reply("答二")])
        assert await bot.said("s") == ["一"]

    play(story)


def test_deleting_is_one_commit_for_all_tables(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> None:
        for session in ("s", "t"):
            await bot.turn(session, "m1", "我妈七十五")
            await bot.outbox.feedback(session, "a-答我妈七十五", True, "好")
            for table, column in (("wechat_conversations", "conversation"), ("wechat_messages", "conversation"),
                                  ("wechat_cards", "conversation"), ("wechat_windows", "person")):
                _fill(state, table, column, session)
        with bot.outbox.turn():
            events = await forget_tracker(bot.tracker_store, "s")
            assert count(state, "events") == 12, "not yet"
            replies = await bot.outbox.forget("s")
        assert (events, replies) == (6, 1)
        for table, column in RESIDENTS.items():
            assert {row[0] for row in state.rows(f"SELECT {column} FROM {table}")} == {"t"}, table

    play(story)


def _fill(state: Databases, table: str, column: str, key: str) -> None:
    values = {"wechat_conversations": ("state, at", "'{}', 1"),
              "wechat_messages": ("key, question, first_at, tries, owner, lease", f"'k{key}', '', 1, 1, '', 1"),
              "wechat_cards": ("id, body, ends, number", f"'i{key}', '', 1, 1"),
              "wechat_windows": ("kind, ends, remain", "'message', 1, 1")}[table]
    state.rows(f"INSERT INTO {table} ({column}, {values[0]}) VALUES ('{key}', {values[1]})")


def test_what_was_said_in_the_turn_that_deletes_is_not_written_back(play: Play, state: Databases) -> None:
    async def story(bot: Bot) -> list[Any]:
        await bot.turn("s", "m1", "我妈七十五")
        with bot.outbox.turn():
            await bot.think("s", "删除我的记录")
            await forget_tracker(bot.tracker_store, "s")
            last = await bot.outbox.farewell("s", "m2", [reply("都删了")])
        assert await bot.tracker_store.retrieve("s") is None and await bot.outbox.history("s") == []
        return last

    assert play(story)[0]["text"] == "都删了"
    assert count(state, "events") == 0


def test_units_of_other_databases_and_tasks_are_kept_apart(state: Databases) -> None:
    async def story() -> None:
        one, other = state(), state()
        with unit_of(one) as unit:
            assert unit_now(one) is unit and unit_now(other) is None
            with unit_of(one) as again:
                assert again is unit
            assert unit_now(one) is unit
        assert unit_now(one) is None

    asyncio.run(story())
