"""The channels' queues where several processes keep order together, and where the order cannot be found out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Optional

import pytest

from bot.channels.errors import WebError
from bot.channels.limits import RateLimiter
from bot.channels.streams import CATCH_UP, Streams
from bot.channels.turns import Turns
from bot.cluster.order import NoOrder, QueueFull, holds, still_held
from tests.channels.clock import Clock


class Place:
    def __init__(self, order: Line, trouble: Optional[Exception]) -> None:
        self._order, self._trouble = order, trouble
        self.left = False

    async def turn(self) -> None:
        await asyncio.sleep(0)
        if self._trouble is not None:
            raise self._trouble

    async def held(self) -> bool:
        return self._order.holds

    def leave(self) -> None:
        self.left = True


class Line:
    """An order in which each place gets the next of ``troubles``, and no trouble once there is none left."""

    def __init__(self, *troubles: Optional[Exception]) -> None:
        self.troubles = list(troubles)
        self.places: list[Place] = []
        self.holds = True

    def take(self, conversation: str, most: int) -> Place:
        self.places.append(Place(self, self.troubles.pop(0) if self.troubles else None))
        return self.places[-1]


async def answer() -> str:
    return "答"


def test_work_is_done_within_its_turn_and_the_place_is_given_back() -> None:
    line = Line()

    async def work() -> tuple[bool, bool, bool]:
        held = await still_held()
        line.holds = False
        return holds("s"), held, await still_held()

    assert asyncio.run(Turns(order=line).run("s", "m", work)) == (True, True, False)
    assert [place.left for place in line.places] == [True] and not holds("s")


def test_work_that_fails_gives_its_place_back() -> None:
    line = Line()

    async def fails() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        asyncio.run(Turns(order=line).run("s", "m", fails))
    assert line.places[0].left


def test_a_queue_that_is_full_elsewhere_is_full_here() -> None:
    with pytest.raises(WebError, match="too_many_waiting"):
        asyncio.run(Turns(order=Line(QueueFull())).run("s", "m", answer))


@pytest.mark.parametrize(("aside", "patience", "result"), [
    (None, 0.0, "no_order"), ("urgent", 0.0, "urgent"), ("", 0.0, "no_order"), ("", 5.0, "答"),
    ("urgent", 5.0, "urgent"),
])
def test_without_order(aside: Optional[str], patience: float, result: str) -> None:
    asked = []

    async def beside() -> Optional[str]:
        asked.append(aside)
        return aside or None

    line = Line(NoOrder(), NoOrder() if patience else None)
    run = Turns(order=line).run("s", "m", answer, without=None if aside is None else beside, patience_s=patience)
    if result == "no_order":
        with pytest.raises(WebError, match="no_order") as refused:
            asyncio.run(run)
        assert refused.value.headers["Retry-After"]
        assert refused.value.response().status == 503
    else:
        assert asyncio.run(run) == result
    # However often the order is asked for, what can be said without it is found out once.
    assert len(asked) == (aside is not None)
    assert all(place.left for place in line.places)


def test_those_who_wait_for_the_order_keep_it_among_themselves() -> None:
    done: list[int] = []

    async def told() -> None:
        turns = Turns(order=Line(NoOrder(), NoOrder(), NoOrder()))

        def work(number: int) -> Callable[[], Awaitable[Any]]:
            async def one() -> None:
                done.append(number)
            return one

        await asyncio.gather(*(turns.run("s", str(n), work(n), patience_s=10.0) for n in range(3)))

    asyncio.run(told())
    assert done == [0, 1, 2]


# --- limits -----------------------------------------------------------------------------------------


class Shared:
    """Buckets of all processes, of which another one has used ``used`` tokens."""

    def __init__(self, left: Optional[float]) -> None:
        self.left = left
        self.asked = 0

    async def take(self, limit: str, key: str, rate: float, burst: float) -> Optional[tuple[bool, float]]:
        self.asked += 1
        if self.left is None:
            return None
        given = self.left >= 1
        self.left -= given
        return given, self.left


def waits(limiter: RateLimiter, times: int) -> list[int]:
    async def told() -> list[int]:
        return [await limiter.retry_after("a") for _ in range(times)]

    return asyncio.run(told())


def test_what_others_used_counts_here() -> None:
    shared = Shared(left=2.0)
    limiter = RateLimiter(per_minute=6, burst=5, clock=Clock(), shared=shared, limit="x")
    assert waits(limiter, 4) == [0, 0, 10, 10]
    # What is known to be used up is refused without asking.
    assert shared.asked <= 3


def test_the_wait_that_is_told_is_enough_where_buckets_are_shared() -> None:
    clock, shared = Clock(), Shared(left=0.9)
    limiter = RateLimiter(per_minute=6, burst=5, clock=clock, shared=shared, limit="x")
    (wait,) = waits(limiter, 1)
    clock.now += wait
    shared.left = 0.9 + wait * 0.1
    assert waits(limiter, 1) == [0]


def test_without_redis_each_process_counts_for_itself() -> None:
    limiter = RateLimiter(per_minute=60, burst=2, clock=Clock(), shared=Shared(None), limit="x")
    assert waits(limiter, 3) == [0, 0, 1]


def test_a_limit_that_is_off_asks_nobody() -> None:
    shared = Shared(0.0)
    assert waits(RateLimiter(per_minute=0, burst=1, shared=shared), 5) == [0] * 5 and shared.asked == 0


# --- streams ----------------------------------------------------------------------------------------


class Wire:
    """What another process would hear."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.heard: dict[str, Any] = {}
        self.gap: Callable[[], None] = lambda: None

    def tell(self, session: str, events: Any) -> None:
        self.told.append((session, list(events)))

    async def listen(self, session: str, deliver: Any) -> None:
        self.heard[session] = deliver

    async def stop(self, session: str) -> None:
        del self.heard[session]

    def on_gap(self, tell: Callable[[], None]) -> None:
        self.gap = tell


def test_streams_tell_and_hear_other_processes() -> None:
    async def told() -> None:
        wire = Wire()
        streams = Streams(wire)
        stream = streams.open("s")
        await streams.hear("s")
        streams.publish("s", [("message", {"id": 1})])
        assert wire.told == [("s", [("message", {"id": 1})])]
        wire.heard["s"]("s", [("forgotten", {})])
        wire.gap()
        assert [stream.get_nowait() for _ in range(3)] == [("message", {"id": 1}), ("forgotten", {}), CATCH_UP]
        assert len(wire.told) == 1  # what was heard is not told again
        streams.close("s", stream)
        # A browser that comes back at once is heard for.
        again = streams.open("s")
        await streams.hear("s")
        await asyncio.sleep(0)
        assert "s" in wire.heard
        streams.close("s", again)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert wire.heard == {}

    asyncio.run(told())
