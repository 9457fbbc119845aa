"""Replies are numbered, found again after a restart, bounded, and forgotten when asked."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.outbox import Outbox, StateOutbox
from bot.state.database import Database, StateDown, sql
from tests.channels.clock import Clock
from tests.support.databases import Databases


def reply(text: str) -> dict[str, Any]:
    return {"text": text, "buttons": [], "custom": {}}


def run(state: Databases, work: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
    """Opens an outbox, does the work, closes it: as one life of the server."""

    async def life() -> Any:
        outbox = StateOutbox(state(), **options)
        try:
            return await work(outbox)
        finally:
            await outbox.close()

    return asyncio.run(life())


def test_ids_grow_and_name_the_question(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        one = await outbox.record("s", "m1", "问一", [reply("a"), reply("b")])
        two = await outbox.record("s", "m2", "问二", [reply("c")])
        return one, two

    one, two = run(state, work)
    ids = [r["id"] for r in (*one.replies, *two.replies)]
    assert ids == sorted(set(ids))
    assert [r["in_reply_to"] for r in one.replies] == ["m1", "m1"]
    assert [r["text"] for r in one.replies] == ["a", "b"]


def test_a_duplicate_gives_the_first_replies(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        first = await outbox.record("s", "m1", "问", [reply("a")])
        second = await outbox.record("s", "m1", "问", [reply("other")])
        other = await outbox.record("t", "m1", "问", [reply("another session")])
        return first, second, other, await outbox.find("s", "m1"), await outbox.find("s", "m9")

    first, second, other, found, unknown = run(state, work)
    assert first == second == found
    assert other.replies[0]["text"] == "another session"
    assert unknown is None


def test_everything_survives_a_restart(state: Databases) -> None:
    first = run(state, lambda outbox: outbox.record("s", "m1", "问", [reply("a"), reply("b")]))

    async def later(outbox: Outbox) -> Any:
        found = await outbox.find("s", "m1")
        after = await outbox.after("s", first.replies[0]["id"])
        more = await outbox.record("s", "m2", "问二", [reply("c")])
        return found, after, more

    found, after, more = run(state, later)
    assert found == first
    assert [m["text"] for m in after] == ["b"]
    assert more.replies[0]["id"] > first.replies[-1]["id"]


def test_ids_are_not_used_again_after_forgetting(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        before = await outbox.record("s", "m1", "问", [reply("a")])
        await outbox.forget("s")
        return before, await outbox.record("s", "m2", "问", [reply("b")])

    before, after = run(state, work)
    assert after.replies[0]["id"] > before.replies[0]["id"]


def test_a_day_later_it_is_gone(state: Databases) -> None:
    clock = Clock()

    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [reply("a")])
        clock.now += 24 * 3600 - 1
        kept = await outbox.history("s")
        clock.now += 2
        gone = (await outbox.history("s"), await outbox.after("s", 0), await outbox.find("s", "m1"))
        again = await outbox.record("s", "m1", "问", [reply("new")])
        return kept, gone, again

    kept, gone, again = run(state, work, clock=clock)
    assert len(kept) == 1
    assert gone == ([], [], None)
    assert again.replies[0]["text"] == "new"
    assert state.rows("SELECT count(*) FROM replies") == [(1,)], "expired rows leave the file too"


def test_a_session_keeps_only_its_last_turns(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        for number in range(30):
            await outbox.record("s", f"m{number}", "问", [reply(str(number))])
        await outbox.record("t", "m", "问", [reply("t")])
        return await outbox.history("s"), await outbox.history("t")

    mine, others = run(state, work, max_turns=10)
    assert [turn.message_id for turn in mine] == [f"m{n}" for n in range(20, 30)]
    assert len(others) == 1


def test_forgetting_takes_one_session_and_leaves_no_text_in_the_file(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "我妈王桂英七十五", [{**reply("a"), "custom": {"answer_id": "a-1"}}, reply("b")])
        await outbox.feedback("s", "a-1", False, "王桂英说不对")
        await outbox.record("t", "m1", "问", [reply("c")])
        deleted = await outbox.forget("s")
        left = state.left()
        return deleted, await outbox.history("s"), await outbox.history("t"), left

    deleted, mine, others, left = run(state, work)
    assert deleted == 2
    assert mine == []
    assert len(others) == 1
    assert "王桂英".encode() not in left


def answered(text: str, answer_id: str) -> dict[str, Any]:
    return {**reply(text), "custom": {"answer_id": answer_id}}


def judgements(state: Databases) -> list[tuple[Any, ...]]:
    return state.rows("SELECT answer_id, helpful, comment FROM feedback")


def test_the_last_judgement_of_an_answer_counts(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [answered("a", "a-1")])
        return await outbox.feedback("s", "a-1", True, ""), await outbox.feedback("s", "a-1", False, "电话打不通")

    assert run(state, work) == (True, True)
    assert judgements(state) == [("a-1", 0, "电话打不通")]


def test_only_an_answer_of_this_session_can_be_judged(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [answered("a", "a-1"), reply("without an id")])
        await outbox.record("t", "m1", "问", [answered("b", "a-2")])
        return [await outbox.feedback("s", name, True, "好") for name in ("a-2", "a-9", "", "a-1")]

    assert run(state, work) == [False, False, False, True]
    assert len(judgements(state)) == 1


def test_sweeping_takes_what_has_expired_and_nothing_else(state: Databases) -> None:
    clock = Clock()

    async def work(outbox: Outbox) -> Any:
        await outbox.record("old", "m1", "王桂英问", [answered("a", "a-1")])
        await outbox.feedback("old", "a-1", False, "王桂英说不对")
        clock.now += 3600
        await outbox.record("new", "m1", "问", [answered("b", "a-2")])
        await outbox.feedback("new", "a-2", True, "")
        early = await outbox.sweep()
        clock.now += 23 * 3600
        return early, await outbox.sweep(), await outbox.sweep(), await outbox.history("new")

    early, swept, again, kept = run(state, work, clock=clock)
    assert (early, swept, again, len(kept)) == (0, 2, 0, 1)
    assert [row[0] for row in judgements(state)] == ["a-2"]
    assert "王桂英".encode() not in state.left()


def test_a_farewell_deletes_all_and_is_numbered_but_not_kept(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        before = await outbox.record("s", "m1", "我妈王桂英七十五", [answered("a", "a-1")])
        await outbox.feedback("s", "a-1", False, "王桂英说不对")
        await outbox.record("t", "m1", "问", [reply("theirs")])
        last = await outbox.farewell("s", "m2", [reply("都删了"), reply("再见")])
        kept = (await outbox.history("s"), await outbox.find("s", "m2"), await outbox.history("t"))
        left = state.left()
        return before, last, kept, left, await outbox.record("s", "m3", "问", [reply("new")])

    before, last, (mine, found, others), left, after = run(state, work)
    assert [message["text"] for message in last] == ["都删了", "再见"]
    assert [message["in_reply_to"] for message in last] == ["m2", "m2"]
    numbers = [before.replies[0]["id"], last[0]["id"], last[1]["id"], after.replies[0]["id"]]
    assert numbers == sorted(set(numbers)), "no number is used twice"
    assert (mine, found, len(others)) == ([], None, 1)
    assert "王桂英".encode() not in left and "都删了".encode() not in left


def test_a_full_disk_is_told_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")

    async def pages(most: int) -> None:
        # SQLite then says what it says on a full disk: "database or disk is full".
        await database.read(lambda db: db.execute(sql(f"PRAGMA max_page_count = {most}")).all())

    async def work() -> Any:
        outbox = StateOutbox(database)
        await outbox.record("s", "m1", "问", [reply("a")])
        await outbox.probe()
        await pages(1)
        with pytest.raises(StateDown):
            await outbox.record("s", "m2", "问", [reply("b" * 100_000)])
        await pages(100_000)
        await outbox.probe()
        after = await outbox.record("s", "m3", "问", [reply("c")]), await outbox.history("s")
        await outbox.close()
        return after

    after, history = asyncio.run(work())
    assert after.replies[0]["text"] == "c"
    assert [turn.message_id for turn in history] == ["m1", "m3"]


def test_the_files_are_for_their_owner_only_and_so_is_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    outbox = StateOutbox(Database(folder / "state.db"))

    async def work() -> list[int]:
        await outbox.record("s", "m1", "问", [reply("a")])
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))]
        await outbox.close()
        return modes

    assert asyncio.run(work()) == [0o700, 0o600, 0o600, 0o600]  # state.db, state.db-shm, state.db-wal


def test_many_at_once_lose_nothing(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        jobs = [outbox.record(f"s{n % 5}", f"m{n}", "问", [reply(str(n))]) for n in range(100)]
        turns = await asyncio.gather(*jobs)
        return turns, [await outbox.history(f"s{n}") for n in range(5)]

    turns, histories = run(state, work)
    assert len({turn.replies[0]["id"] for turn in turns}) == 100
    assert [len(history) for history in histories] == [20] * 5


def test_the_event_loop_goes_on_while_the_store_is_slow(state: Databases) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.history("s")
        count = 0
        with state.locked("turns"):
            writing = asyncio.ensure_future(outbox.record("s", "m", "问", [reply("a")]))
            for _ in range(30):
                await asyncio.sleep(0.01)
                count += 1
            assert not writing.done()
        await writing
        return count

    begin = time.perf_counter()
    assert run(state, work) == 30
    assert time.perf_counter() - begin < 5


def test_a_broken_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is no database " * 100)
    with pytest.raises(StateDown):
        asyncio.run(StateOutbox(Database(tmp_path / "state.db")).history("s"))
