"""Replies are numbered, found again after a restart, bounded, and forgotten when asked."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.outbox import Outbox, OutboxDown, SqliteOutbox
from tests.channels.clock import Clock


def reply(text: str) -> dict[str, Any]:
    return {"text": text, "buttons": [], "custom": {}}


def run(path: Path, work: Callable[[Any], Awaitable[Any]], cls: type[SqliteOutbox] = SqliteOutbox,
        **options: Any) -> Any:
    """Opens an outbox, does the work, closes it: as one life of the server."""

    async def life() -> Any:
        outbox = cls(path / "web.db", **options)
        try:
            return await work(outbox)
        finally:
            await outbox.close()

    return asyncio.run(life())


def test_ids_grow_and_name_the_question(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        one = await outbox.record("s", "m1", "问一", [reply("a"), reply("b")])
        two = await outbox.record("s", "m2", "问二", [reply("c")])
        return one, two

    one, two = run(tmp_path, work)
    ids = [r["id"] for r in (*one.replies, *two.replies)]
    assert ids == sorted(set(ids))
    assert [r["in_reply_to"] for r in one.replies] == ["m1", "m1"]
    assert [r["text"] for r in one.replies] == ["a", "b"]


def test_a_duplicate_gives_the_first_replies(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        first = await outbox.record("s", "m1", "问", [reply("a")])
        second = await outbox.record("s", "m1", "问", [reply("other")])
        other = await outbox.record("t", "m1", "问", [reply("another session")])
        return first, second, other, await outbox.find("s", "m1"), await outbox.find("s", "m9")

    first, second, other, found, unknown = run(tmp_path, work)
    assert first == second == found
    assert other.replies[0]["text"] == "another session"
    assert unknown is None


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = run(tmp_path, lambda outbox: outbox.record("s", "m1", "问", [reply("a"), reply("b")]))

    async def later(outbox: Outbox) -> Any:
        found = await outbox.find("s", "m1")
        after = await outbox.after("s", first.replies[0]["id"])
        more = await outbox.record("s", "m2", "问二", [reply("c")])
        return found, after, more

    found, after, more = run(tmp_path, later)
    assert found == first
    assert [m["text"] for m in after] == ["b"]
    assert more.replies[0]["id"] > first.replies[-1]["id"]


def test_ids_are_not_used_again_after_forgetting(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        before = await outbox.record("s", "m1", "问", [reply("a")])
        await outbox.forget("s")
        return before, await outbox.record("s", "m2", "问", [reply("b")])

    before, after = run(tmp_path, work)
    assert after.replies[0]["id"] > before.replies[0]["id"]


def test_a_day_later_it_is_gone(tmp_path: Path) -> None:
    clock = Clock()

    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [reply("a")])
        clock.now += 24 * 3600 - 1
        kept = await outbox.history("s")
        clock.now += 2
        gone = (await outbox.history("s"), await outbox.after("s", 0), await outbox.find("s", "m1"))
        again = await outbox.record("s", "m1", "问", [reply("new")])
        return kept, gone, again

    kept, gone, again = run(tmp_path, work, clock=clock)
    assert len(kept) == 1
    assert gone == ([], [], None)
    assert again.replies[0]["text"] == "new"
    rows = sqlite3.connect(tmp_path / "web.db").execute("SELECT count(*) FROM replies").fetchone()[0]
    assert rows == 1, "expired rows leave the file too"


def test_a_session_keeps_only_its_last_turns(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        for number in range(30):
            await outbox.record("s", f"m{number}", "问", [reply(str(number))])
        await outbox.record("t", "m", "问", [reply("t")])
        return await outbox.history("s"), await outbox.history("t")

    mine, others = run(tmp_path, work, max_turns=10)
    assert [turn.message_id for turn in mine] == [f"m{n}" for n in range(20, 30)]
    assert len(others) == 1


def test_forgetting_takes_one_session_and_leaves_no_text_in_the_file(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "我妈王桂英七十五", [{**reply("a"), "custom": {"answer_id": "a-1"}}, reply("b")])
        await outbox.feedback("s", "a-1", False, "王桂英说不对")
        await outbox.record("t", "m1", "问", [reply("c")])
        deleted = await outbox.forget("s")
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        return deleted, await outbox.history("s"), await outbox.history("t"), left

    deleted, mine, others, left = run(tmp_path, work)
    assert deleted == 2
    assert mine == []
    assert len(others) == 1
    assert "王桂英".encode() not in left


def answered(text: str, answer_id: str) -> dict[str, Any]:
    return {**reply(text), "custom": {"answer_id": answer_id}}


def judgements(path: Path) -> list[tuple[str, int, str]]:
    return sqlite3.connect(path / "web.db").execute("SELECT answer_id, helpful, comment FROM feedback").fetchall()


def test_the_last_judgement_of_an_answer_counts(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [answered("a", "a-1")])
        return await outbox.feedback("s", "a-1", True, ""), await outbox.feedback("s", "a-1", False, "电话打不通")

    assert run(tmp_path, work) == (True, True)
    assert judgements(tmp_path) == [("a-1", 0, "电话打不通")]


def test_only_an_answer_of_this_session_can_be_judged(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.record("s", "m1", "问", [answered("a", "a-1"), reply("without an id")])
        await outbox.record("t", "m1", "问", [answered("b", "a-2")])
        return [await outbox.feedback("s", name, True, "好") for name in ("a-2", "a-9", "", "a-1")]

    assert run(tmp_path, work) == [False, False, False, True]
    assert len(judgements(tmp_path)) == 1


def test_sweeping_takes_what_has_expired_and_nothing_else(tmp_path: Path) -> None:
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

    early, swept, again, kept = run(tmp_path, work, clock=clock)
    assert (early, swept, again, len(kept)) == (0, 2, 0, 1)
    assert [row[0] for row in judgements(tmp_path)] == ["a-2"]
    assert "王桂英".encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_farewell_deletes_all_and_is_numbered_but_not_kept(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        before = await outbox.record("s", "m1", "我妈王桂英七十五", [answered("a", "a-1")])
        await outbox.feedback("s", "a-1", False, "王桂英说不对")
        await outbox.record("t", "m1", "问", [reply("theirs")])
        last = await outbox.farewell("s", "m2", [reply("都删了"), reply("再见")])
        kept = (await outbox.history("s"), await outbox.find("s", "m2"), await outbox.history("t"))
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        return before, last, kept, left, await outbox.record("s", "m3", "问", [reply("new")])

    before, last, (mine, found, others), left, after = run(tmp_path, work)
    assert [message["text"] for message in last] == ["都删了", "再见"]
    assert [message["in_reply_to"] for message in last] == ["m2", "m2"]
    numbers = [before.replies[0]["id"], last[0]["id"], last[1]["id"], after.replies[0]["id"]]
    assert numbers == sorted(set(numbers)), "no number is used twice"
    assert (mine, found, len(others)) == ([], None, 1)
    assert "王桂英".encode() not in left and "都删了".encode() not in left


def test_a_full_disk_is_told_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    async def work(outbox: Growing) -> Any:
        await outbox.record("s", "m1", "问", [reply("a")])
        await outbox.probe()
        # SQLite then says what it says on a full disk: "database or disk is full".
        await outbox._run(lambda: outbox._connection.execute("PRAGMA max_page_count = 1").fetchall())
        for attempt in (lambda: outbox.record("s", "m2", "问", [reply("b" * 100_000)]), outbox.probe_more):
            with pytest.raises(OutboxDown):
                await attempt()
        await outbox._run(lambda: outbox._connection.execute("PRAGMA max_page_count = 100000").fetchall())
        await outbox.probe()
        return await outbox.record("s", "m3", "问", [reply("c")]), await outbox.history("s")

    after, history = run(tmp_path, work, cls=Growing)
    assert after.replies[0]["text"] == "c"
    assert [turn.message_id for turn in history] == ["m1", "m3"]


class Growing(SqliteOutbox):
    """An outbox whose probe needs new pages, as a file that grows does."""

    async def probe_more(self) -> None:
        await self._run(lambda: self._atomically(
            lambda db: db.execute("INSERT OR REPLACE INTO probe VALUES (1, randomblob(1000000))")))


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    run(tmp_path, lambda outbox: outbox.history("s"))
    assert stat.S_IMODE((tmp_path / "web.db").stat().st_mode) == 0o600


def test_so_are_the_files_beside_it_and_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "var"

    async def work(outbox: Outbox) -> list[int]:
        await outbox.record("s", "m1", "问", [reply("a")])
        return [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))]

    assert run(folder, work) == [0o700, 0o600, 0o600, 0o600]  # web.db, web.db-shm, web.db-wal


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        jobs = [outbox.record(f"s{n % 5}", f"m{n}", "问", [reply(str(n))]) for n in range(100)]
        turns = await asyncio.gather(*jobs)
        return turns, [await outbox.history(f"s{n}") for n in range(5)]

    turns, histories = run(tmp_path, work)
    assert len({turn.replies[0]["id"] for turn in turns}) == 100
    assert [len(history) for history in histories] == [20] * 5


def test_the_event_loop_goes_on_while_the_store_is_slow(tmp_path: Path) -> None:
    async def ticks(count: list[int]) -> AsyncIterator[None]:
        while True:
            count[0] += 1
            await asyncio.sleep(0.01)
            yield

    async def work(outbox: Outbox) -> Any:
        await outbox.history("s")
        count = [0]

        async def tick() -> None:
            async for _ in ticks(count):
                pass

        ticking = asyncio.ensure_future(tick())
        blocker = sqlite3.connect(tmp_path / "web.db", isolation_level=None, check_same_thread=False)
        blocker.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(outbox.record("s", "m", "问", [reply("a")]))
        await asyncio.sleep(0.3)
        assert not writing.done()
        blocker.execute("ROLLBACK")
        await writing
        ticking.cancel()
        return count[0]

    begin = time.perf_counter()
    assert run(tmp_path, work) >= 15
    assert time.perf_counter() - begin < 5


def test_a_broken_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "web.db").write_bytes(b"this is no database " * 100)
    with pytest.raises(OutboxDown):
        run(tmp_path, lambda outbox: outbox.history("s"))
