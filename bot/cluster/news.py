"""What one process answers reaches event streams that hang on another. Redis passes it on sealed and keeps nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from bot.cluster.link import Link
from bot.cluster.names import NEWS
from bot.cluster.secrecy import Secrecy

logger = logging.getLogger(__name__)

#: (event name, data), as ``bot.channels.streams`` has them.
Event = tuple[str, Any]
Deliver = Callable[[str, Sequence[Event]], None]


class News:
    """News of sessions; only processes with an open stream of a session hear of it."""

    def __init__(self, link: Link, secrecy: Secrecy) -> None:
        self._link = link
        self._secrecy = secrecy

    def tell(self, session: str, events: Sequence[Event]) -> None:
        """Tells the other processes; before whatever is called next. Lost where Redis does not answer."""
        channel = NEWS + self._secrecy.name(session)
        content = {"from": self._link.process, "events": list(events)}
        self._link.send("PUBLISH", channel, self._secrecy.seal(content, channel))

    async def listen(self, session: str, deliver: Deliver) -> None:
        """Has ``deliver`` called with what other processes tell of ``session``; returns once it is heard."""
        channel = NEWS + self._secrecy.name(session)

        def heard(said: bytes) -> None:
            try:
                content = self._secrecy.open(said, channel)
            except ValueError:
                logger.error("news that none of our processes sealed; do they all have the same secret?")
                return
            if content["from"] != self._link.process:
                deliver(session, [(name, data) for name, data in content["events"]])

        await self._link.listen(channel, heard)

    async def stop(self, session: str) -> None:
        """The opposite of ``listen``."""
        await self._link.stop_listening(NEWS + self._secrecy.name(session))

    def on_gap(self, tell: Callable[[], None]) -> None:
        """Has ``tell`` called whenever news may have been missed."""
        self._link.on_hearing.append(tell)
