"""How many customer-service messages the account may send a user now."""

from __future__ import annotations

from dataclasses import dataclass

from tools.wechat_simulator.pushes import Window

#: Window → messages in it, and seconds for which it is open.
ALLOWED: dict[Window, tuple[int, float]] = {"message": (5, 48 * 3600.0), "tap": (3, 60.0)}
OUT_OF_WINDOW = 45015
OVER_QUOTA = 45047


@dataclass
class _Open:
    left: int
    until: float


class Windows:
    """The windows of every user; times are seconds since 1970.

    Assumed: a new message (or tap) opens its window anew with its whole quota, and what runs out first is used first.
    """

    def __init__(self) -> None:
        self._open: dict[str, dict[Window, _Open]] = {}

    def open(self, openid: str, window: Window, now: float) -> None:
        messages, seconds = ALLOWED[window]
        self._open.setdefault(openid, {})[window] = _Open(messages, now + seconds)

    def close(self, openid: str) -> None:
        """The user has left."""
        self._open.pop(openid, None)

    def check(self, openid: str, now: float) -> int:
        """0, or the errcode with which a message would be refused now."""
        running = [item for item in self._open.get(openid, {}).values() if now < item.until]
        if not running:
            return OUT_OF_WINDOW
        return 0 if any(item.left for item in running) else OVER_QUOTA

    def take(self, openid: str, now: float) -> None:
        """Use one message up; only where ``check`` gave 0."""
        usable = [item for item in self._open[openid].values() if now < item.until and item.left]
        min(usable, key=lambda item: item.until).left -= 1
