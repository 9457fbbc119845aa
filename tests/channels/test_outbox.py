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


def run(path: Path, work: Callable[[Outbox], Awaitable[Any]], **options: Any) -> Any:
    """Opens an outbox, does the work, closes it: as one life of the server."""

    async def life() -> Any:
        outbox = SqliteOutbox(path / "web.db", **options)
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
        await outbox.record("s", "m1", "我妈王桂英七十五", [reply("a"), reply("b")])
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


def test_feedback_is_kept_without_the_conversation_and_the_last_word_counts(tmp_path: Path) -> None:
    async def work(outbox: Outbox) -> Any:
        await outbox.feedback("s", "a-1", True, "")
        await outbox.feedback("s", "a-1", False, "电话打不通")

    run(tmp_path, work)
    rows = sqlite3.connect(tmp_path / "web.db").execute("SELECT answer_id, helpful, comment FROM feedback").fetchall()
    assert rows == [("a-1", 0, "电话打不通")]


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    run(tmp_path, lambda outbox: outbox.history("s"))
    assert stat.S_IMODE((tmp_path / "web.db").stat().st_mode) == 0o600


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
