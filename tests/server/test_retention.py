"""Silent conversations go after their hours, the others stay."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import retention
from bot.conversations import Conversations
from bot.retention import delete_silent, keep_clean
from tests.support.databases import Databases

HOUR = 3600.0
NOW = 1_790_000_000.0


@pytest.fixture
def store(state: Databases) -> Conversations:
    return Conversations(Domain.empty(), database=state())


def deleted(store: Any, keep_hours: float = 24, now: float = NOW) -> int:
    return asyncio.run(delete_silent(store, keep_hours, now=now))


def say(store: Conversations, sender: str, *hours_ago: float) -> None:
    """A conversation with one message at each of these times."""
    events = [UserUttered("你好", timestamp=NOW - hours * HOUR) for hours in hours_ago]
    asyncio.run(store.save(DialogueStateTracker.from_events(sender, events)))


def senders(store: Conversations) -> set[str]:
    return set(asyncio.run(_keys(store)))


async def _keys(store: Conversations) -> list[str]:
    return list(await store.keys())


def test_what_is_silent_for_long_enough_goes(store: Conversations) -> None:
    say(store, "old", 30, 25)
    say(store, "fresh", 1)
    assert deleted(store) == 1
    assert senders(store) == {"fresh"}


def test_the_last_word_counts_not_the_first(store: Conversations) -> None:
    say(store, "long", 200, 100, 23.9)
    assert deleted(store) == 0
    kept = asyncio.run(store.retrieve_full_tracker("long"))
    assert kept is not None and len(kept.events) == 3


def test_exactly_at_the_limit_it_stays(store: Conversations) -> None:
    say(store, "limit", 24)
    assert deleted(store) == 0
    assert deleted(store, now=NOW + 1) == 1


def test_more_than_go_in_one_transaction(store: Conversations) -> None:
    for number in range(450):
        say(store, f"old-{number}", 30)
    say(store, "fresh", 1)
    assert deleted(store) == 450
    assert senders(store) == {"fresh"}


def test_nothing_to_do(store: Conversations) -> None:
    assert deleted(store) == 0


def test_rasas_wrappers_are_looked_through(store: Conversations) -> None:
    say(store, "old", 48)
    assert deleted(FailSafeTrackerStore(store)) == 1


def test_other_stores_are_left_to_themselves() -> None:
    assert deleted(InMemoryTrackerStore(Domain.empty())) == 0


def test_cleaning_goes_on_after_an_error(
        monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[float] = []
    sweeps: list[int] = []

    async def fails_first(store: Any, keep_hours: float, *, now: float) -> int:
        calls.append(keep_hours)
        if len(calls) == 1:
            raise OSError("locked")
        return 3

    async def sweep() -> int:
        sweeps.append(1)
        if len(sweeps) == 2:
            raise OSError("full")
        return 5

    async def clean_for_a_while() -> None:
        app = SimpleNamespace(ctx=SimpleNamespace())
        task = asyncio.create_task(keep_clean(app, 12.0, sweep))
        await asyncio.sleep(0.05)
        assert not calls and sweeps  # there is no agent yet, but what the channel keeps expires all the same
        app.ctx.agent = SimpleNamespace(tracker_store=object())
        while len(calls) < 3 or len(sweeps) < 4:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    monkeypatch.setattr(retention, "delete_silent", fails_first)
    monkeypatch.setattr(retention, "EVERY_S", 0.01)
    with caplog.at_level(logging.INFO, logger="bot.retention"):
        asyncio.run(asyncio.wait_for(clean_for_a_while(), 10))
    assert set(calls) == {12.0}
    assert "deleting silent conversations failed; trying again" in caplog.text
    assert "3 silent conversations deleted" in caplog.text
    assert "deleting expired replies and judgements failed; trying again" in caplog.text
    assert "5 expired replies and judgements deleted" in caplog.text
