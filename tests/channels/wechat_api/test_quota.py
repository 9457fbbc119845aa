"""How many customer-service messages may be sent: 5 within 48 hours of a message, 3 within a minute of an event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.quota import Quota, Windows, opened, taken
from bot.channels.wechat.residents import Residents
from bot.state.database import Database, StateDown
from tests.channels.clock import Clock
from tests.channels.wechat_api.fake import APPID, OPENID
from tests.support.databases import Databases

HOURS = 3600.0
EVENTS = ("click", "subscribe", "scan")

#: What happens, and the seconds that pass before it.
STEPS = st.lists(st.tuples(
    st.sampled_from(["message", *EVENTS, "send", "send", "send", "send"]),
    st.one_of(st.floats(0, 90), st.sampled_from([0.0, 59.0, 60.0, 61.0, 47 * HOURS, 48 * HOURS]))), max_size=60)


@given(STEPS)
def test_a_message_goes_exactly_where_wechat_takes_one(steps: list[tuple[Any, float]]) -> None:
    """Against the rules by a second hand: when each opening was, and what it has given."""
    now, windows = 0.0, Windows()
    message: list[float] = []
    event: list[float] = []
    given_message = given_event = 0
    for what, passed in steps:
        now += passed
        if what == "message":
            message, given_message = [now], 0
        elif what in EVENTS:
            event, given_event = [now], 0
        if what != "send":
            windows = opened(windows, what, now)
            continue
        windows, used = taken(windows, now)
        by_event = bool(event) and now < event[0] + 60 and given_event < 3
        by_message = bool(message) and now < message[0] + 48 * HOURS and given_message < 5
        assert (used is not None) == (by_event or by_message)
        if used is not None and used.kind == "event":
            assert by_event
            given_event += 1
        elif used is not None:
            assert by_message
            given_message += 1


@given(STEPS)
def test_what_ends_first_is_used_first(steps: list[tuple[Any, float]]) -> None:
    now, windows = 0.0, Windows()
    for what, passed in steps:
        now += passed
        if what != "send":
            windows = opened(windows, what, now)
            continue
        before = [window for window in windows if window.remain and window.ends > now]
        windows, used = taken(windows, now)
        assert used is None or all(used.ends <= window.ends for window in before)
        assert all(window.remain >= 0 for window in windows) and len(windows) <= 2


@pytest.mark.parametrize(("heard", "most", "lasts"), [
    ("message", 5, 48 * HOURS), ("click", 3, 60.0), ("subscribe", 3, 60.0), ("scan", 3, 60.0)])
def test_the_figures_of_the_document(heard: Any, most: int, lasts: float) -> None:
    windows = opened(Windows(), heard, 1000.0)
    for _ in range(most):
        windows, used = taken(windows, 1000.0 + lasts - 0.001)
        assert used is not None
    assert taken(windows, 1000.0)[1] is None
    assert taken(opened(Windows(), heard, 1000.0), 1000.0 + lasts)[1] is None


# --- stored ----------------------------------------------------------------------------------------


def run(test: Callable[[Callable[[], Quota]], Awaitable[None]], state: Callable[[], Database], clock: Clock) -> None:
    """Each quota is one of another process."""

    async def whole() -> None:
        await test(lambda: Quota(state(), Residents(b"s" * 32, APPID).conversation, clock))

    asyncio.run(whole())


def test_processes_share_one_count(state: Databases) -> None:
    async def test(quota: Callable[[], Quota]) -> None:
        processes = [quota() for _ in range(4)]
        await processes[0].heard(OPENID, "message")
        got = await asyncio.gather(*(process.take(OPENID) for process in processes for _ in range(5)))
        assert sum(window is not None for window in got) == 5

    run(test, state, Clock())


def test_what_was_not_used_is_given_back_but_not_into_a_newer_window(state: Databases) -> None:
    clock = Clock()

    async def test(quota: Callable[[], Quota]) -> None:
        one = quota()
        await one.heard(OPENID, "click")
        windows = [await one.take(OPENID) for _ in range(3)]
        assert windows[0] is not None and await one.take(OPENID) is None
        await one.give_back(OPENID, windows[0])
        assert await one.take(OPENID) is not None and await one.take(OPENID) is None
        clock.now += 1
        await one.heard(OPENID, "click")
        await one.give_back(OPENID, windows[0])
        assert sum([await one.take(OPENID) is not None for _ in range(5)]) == 3

    run(test, state, clock)


def test_closing_forgetting_and_sweeping_leave_nothing(state: Databases) -> None:
    clock = Clock()

    async def test(quota: Callable[[], Quota]) -> None:
        one = quota()
        for leave in (one.close, one.forget):
            await one.heard(OPENID, "message")
            await one.heard("another", "message")
            await leave(OPENID)
            assert await one.take(OPENID) is None and await one.take("another") is not None
        await one.heard(OPENID, "click")
        clock.now += 60
        assert await one.sweep() == 1
        clock.now += 48 * HOURS
        assert await one.sweep() == 1 and await one.sweep() == 0

    run(test, state, clock)
    assert state.rows("SELECT count(*) FROM wechat_windows") == [(0,)]


def test_no_openid_is_stored(state: Databases) -> None:
    async def test(quota: Callable[[], Quota]) -> None:
        one = quota()
        await one.heard(OPENID, "message")
        await one.take(OPENID)

    run(test, state, Clock())
    assert OPENID not in str(state.rows("SELECT * FROM wechat_windows")) and OPENID.encode() not in state.left()


def test_a_database_that_is_none_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 100)

    async def test(quota: Callable[[], Quota]) -> None:
        with pytest.raises(StateDown):
            await quota().take(OPENID)

    run(test, lambda: Database(tmp_path / "state.db"), Clock())

