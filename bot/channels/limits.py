"""How much one resident, and one address, may send."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Optional, Protocol

MAX_BODY_BYTES = 16 * 1024
#: How much of a body that was refused is still read, so that the browser gets to see the refusal.
MAX_DRAIN_BYTES = 1024 * 1024
MAX_TEXT_CHARS = 500
MAX_COMMENT_CHARS = 500
#: Messages of one session that may be under way or wait for their turn, over all processes together.
MAX_WAITING = 16


class Buckets(Protocol):
    """Buckets that processes share; see ``bot.cluster.rates.SharedBuckets``."""

    async def take(self, limit: str, key: str, rate: float, burst: float) -> Optional[tuple[bool, float]]:
        """Whether there was a token, and how many are left; None where that cannot be found out."""


class RateLimiter:
    """A token bucket for each key; the keys used longest ago are forgotten beyond ``max_keys``.

    Args:
        per_minute: steady rate; 0 switches the limit off.
        burst: how many may come at once after a pause.
        shared: buckets of all processes together; None for this process's own.
        limit: what the limit is for, a name of its own among those shared.
    """

    def __init__(
        self, per_minute: float, burst: int, max_keys: int = 50_000, clock: Callable[[], float] = time.monotonic,
        shared: Optional[Buckets] = None, limit: str = "",
    ) -> None:
        self._rate = per_minute / 60.0
        self._burst = float(max(1, burst))
        self._max_keys = max_keys
        self._clock = clock
        self._shared = shared
        self._limit = limit
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def retry_after(self, key: str) -> int:
        """Takes one token of ``key``; gives 0, or the whole seconds to wait when none is left.

        What this process alone has seen is enough to refuse: a flood does not reach Redis. Where Redis does not
        answer, it is enough to let pass, too.
        """
        wait = self.take(key)
        if wait or self._shared is None or self._rate <= 0:
            return wait
        found = await self._shared.take(self._limit, key, self._rate, self._burst)
        if found is None:
            return 0
        given, left = found
        self._note(key, left)
        return 0 if given else self._wait(left)

    def take(self, key: str) -> int:
        """As ``retry_after``, of this process's own bucket."""
        if self._rate <= 0:
            return 0
        now = self._clock()
        tokens, since = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - since) * self._rate)
        given = tokens >= 1.0
        self._note(key, tokens - 1.0 if given else tokens)
        return 0 if given else self._wait(tokens)

    def _wait(self, tokens: float) -> int:
        return max(1, math.ceil((1.0 - tokens) / self._rate))

    def _note(self, key: str, tokens: float) -> None:
        self._buckets[key] = (tokens, self._clock())
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        return len(self._buckets)
