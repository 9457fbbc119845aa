"""WeChat's clock, which tests may set forward by hours."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970, as the machine has them plus what was skipped."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        return time.time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Let ``seconds`` pass at once: quotas and tokens run out, nobody waits."""
        self._skipped += seconds
