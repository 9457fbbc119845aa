"""How much of the machine other programs took during a measurement."""

from __future__ import annotations

import psutil

from benchmarks.processes import Running


class Others:
    """Counts from its making; ``share`` is the part of all cores (0 to 1) that neither the system nor this client
    used and that was not idle either."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._before = self._now()

    def share(self) -> float:
        """The share since this object was made."""
        whole, busy, ours = (now - then for now, then in zip(self._now(), self._before, strict=True))
        return min(1.0, max(0.0, busy - ours) / whole) if whole > 0 else 0.0

    def _now(self) -> tuple[float, float, float]:
        times = psutil.cpu_times()
        # What guests use is in the user time already.
        whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        idle = times.idle + getattr(times, "iowait", 0.0)
        client = psutil.Process().cpu_times()
        return whole, whole - idle, self._running.cpu_s() + client.user + client.system
