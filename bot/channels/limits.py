"""How much one resident, and one address, may send."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_BODY_BYTES = 16 * 1024
#: How much of a body that was refused is still read, so that the browser gets to see the refusal.
MAX_DRAIN_BYTES = 1024 * 1024
MAX_TEXT_CHARS = 500
MAX_COMMENT_CHARS = 500
#: Messages of one session that may wait for their turn.
MAX_WAITING = 8


class RateLimiter:
    """A token bucket for each key; the keys used longest ago are forgotten beyond ``max_keys``.

    Args:
        per_minute: steady rate; 0 switches the limit off.
        burst: how many may come at once after a pause.
    """

    def __init__(
        self, per_minute: float, burst: int, max_keys: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = per_minute / 60.0
        self._burst = float(max(1, burst))
        self._max_keys = max_keys
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def retry_after(self, key: str) -> int:
        """Takes one token of ``key``; gives 0, or the whole seconds to wait when none is left."""
        if self._rate <= 0:
            return 0
        now = self._clock()
        tokens, since = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + max(0.0, now - since) * self._rate)
        wait = 0
        if tokens >= 1.0:
            tokens -= 1.0
        else:
            wait = max(1, math.ceil((1.0 - tokens) / self._rate))
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._buckets)
