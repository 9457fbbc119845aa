"""The open event streams of each session, and what is sent over them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Optional, Protocol

from bot.channels.errors import WebError, too_many

MAX_STREAMS_PER_SESSION = 4
_QUEUE = 100

#: (event name, data); the name "message" is the browser's default.
Event = tuple[str, Any]
#: One open stream; None in it means: end.
Stream = asyncio.Queue[Any]


#: In a stream: something may have been missed; what is stored tells.
CATCH_UP: Event = ("catch-up", None)


class Elsewhere(Protocol):
    """What other processes tell; see ``bot.cluster.news.News``."""

    def tell(self, session: str, events: Sequence[Event]) -> None:
        """Tells the other processes."""

    async def listen(self, session: str, deliver: Callable[[str, Sequence[Event]], None]) -> None:
        """Has ``deliver`` called with what other processes tell of ``session``."""

    async def stop(self, session: str) -> None:
        """The opposite of ``listen``."""

    def on_gap(self, tell: Callable[[], None]) -> None:
        """Has ``tell`` called whenever something may have been missed."""


class Streams:
    """Fans out events to the streams of a session, in this process and, by ``elsewhere``, in all others."""

    def __init__(self, elsewhere: Optional[Elsewhere] = None) -> None:
        self._open: dict[str, list[Stream]] = {}
        self._closing = False
        self._elsewhere = elsewhere
        self._leaving: set[asyncio.Task[None]] = set()
        if elsewhere is not None:
            elsewhere.on_gap(self._catch_up)

    def open(self, session: str) -> Stream:
        """Begins a stream.

        Raises:
            WebError: ``too_many_streams`` when the session has too many already; ``stopping`` when the server ends.
        """
        streams = self._open.setdefault(session, [])
        if self._closing:
            raise WebError("stopping", {"Retry-After": "1"})
        if len(streams) >= MAX_STREAMS_PER_SESSION:
            raise too_many("too_many_streams", 30)
        stream: Stream = asyncio.Queue(_QUEUE)
        streams.append(stream)
        return stream

    async def hear(self, session: str) -> None:
        """Returns once the session's open streams get what other processes answer, too."""
        if self._elsewhere is not None:
            await self._elsewhere.listen(session, self._deliver)

    def close(self, session: str, stream: Stream) -> None:
        """Ends a stream whose browser has gone."""
        streams = self._open.get(session, [])
        if stream in streams:
            streams.remove(stream)
        if not streams and self._open.pop(session, None) is not None and self._elsewhere is not None:
            task = asyncio.get_running_loop().create_task(self._stop_hearing(session))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _stop_hearing(self, session: str) -> None:
        # The browser may be back by now.
        if session not in self._open and self._elsewhere is not None:
            await self._elsewhere.stop(session)

    def publish(self, session: str, events: Iterable[Event]) -> None:
        """Hands events to every stream of the session, wherever it hangs."""
        events = list(events)
        self._deliver(session, events)
        if self._elsewhere is not None:
            self._elsewhere.tell(session, events)

    def _catch_up(self) -> None:
        for session in list(self._open):
            self._deliver(session, [CATCH_UP])

    def _deliver(self, session: str, events: Sequence[Event]) -> None:
        """To the streams of this process. One that cannot keep up is ended: it will ask for a replay."""
        for event in events:
            for stream in list(self._open.get(session, ())):
                if stream.qsize() >= _QUEUE - 1:
                    stream.put_nowait(None)
                    self.close(session, stream)
                else:
                    stream.put_nowait(event)

    def __len__(self) -> int:
        """How many streams are open."""
        return sum(len(streams) for streams in self._open.values())

    def close_all(self) -> None:
        """Ends every stream, so that the server can stop at once."""
        self._closing = True
        for streams in self._open.values():
            for stream in streams:
                if not stream.full():
                    stream.put_nowait(None)


def encode(event: Event) -> str:
    """An event in the form of ``text/event-stream``."""
    name, data = event
    lines = [f"id: {data['id']}"] if isinstance(data, dict) and "id" in data else []
    if name != "message":
        lines.append(f"event: {name}")
    lines.append("data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return "\n".join(lines) + "\n\n"
