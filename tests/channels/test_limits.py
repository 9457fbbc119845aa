"""The token bucket lets a burst through, then the steady rate, and forgets old keys."""

from __future__ import annotations

import pytest

from bot.channels.limits import RateLimiter
from tests.channels.clock import Clock


def test_a_burst_passes_and_the_next_one_waits() -> None:
    clock = Clock(now=100.0)
    limiter = RateLimiter(per_minute=60, burst=5, clock=clock)
    assert [limiter.take("a") for _ in range(5)] == [0] * 5
    assert limiter.take("a") == 1
    clock.now += 1
    assert limiter.take("a") == 0
    assert limiter.take("a") == 1


def test_the_wait_that_is_told_is_enough() -> None:
    clock = Clock(now=100.0)
    limiter = RateLimiter(per_minute=7, burst=1, clock=clock)
    limiter.take("a")
    clock.now += limiter.take("a")
    assert limiter.take("a") == 0


def test_one_key_does_not_use_up_anothers() -> None:
    limiter = RateLimiter(per_minute=60, burst=1, clock=Clock(now=100.0))
    assert limiter.take("a") == 0
    assert limiter.take("b") == 0
    assert limiter.take("a") > 0


def test_a_long_pause_gives_no_more_than_the_burst() -> None:
    clock = Clock(now=100.0)
    limiter = RateLimiter(per_minute=60, burst=3, clock=clock)
    limiter.take("a")
    clock.now += 10_000
    assert [limiter.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    clock = Clock(now=100.0)
    limiter = RateLimiter(per_minute=60, burst=2, clock=clock)
    limiter.take("a")
    clock.now -= 500
    assert limiter.take("a") == 0


@pytest.mark.parametrize("per_minute", [0, -1])
def test_zero_means_no_limit(per_minute: float) -> None:
    limiter = RateLimiter(per_minute=per_minute, burst=1)
    assert not any(limiter.take("a") for _ in range(1000))
    assert len(limiter) == 0


def test_a_flood_of_keys_does_not_fill_the_memory() -> None:
    limiter = RateLimiter(per_minute=60, burst=1, max_keys=100, clock=Clock(now=100.0))
    for key in range(10_000):
        limiter.take(str(key))
    assert len(limiter) == 100
