"""The open event streams of each session, and what is sent over them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from bot.channels.errors import too_many

MAX_STREAMS_PER_SESSION = 4
_QUEUE = 100

#: (event name, data); the name "message" is the browser's default.
Event = tuple[str, Any]
#: One open stream; None in it means: end.
Stream = asyncio.Queue[Any]


class Streams:
    """Fans out events to the streams of a session, in this process."""

    def __init__(self) -> None:
        self._open: dict[str, list[Stream]] = {}
        self._closing = False

    def open(self, session: str) -> Stream:
        """Begins a stream.

        Raises:
            WebError: ``too_many_streams`` when the session has too many already.
        """
        streams = self._open.setdefault(session, [])
        if len(streams) >= MAX_STREAMS_PER_SESSION or self._closing:
            raise too_many("too_many_streams", 30)
        stream: Stream = asyncio.Queue(_QUEUE)
        streams.append(stream)
        return stream

    def close(self, session: str, stream: Stream) -> None:
        """Ends a stream whose browser has gone."""
        streams = self._open.get(session, [])
        if stream in streams:
            streams.remove(stream)
        if not streams:
            self._open.pop(session, None)

    def publish(self, session: str, events: Iterable[Event]) -> None:
        """Hands events to every stream of the session. One that cannot keep up is ended: it will ask for a replay."""
        for event in events:
            for stream in list(self._open.get(session, ())):
                if stream.qsize() >= _QUEUE - 1:
                    stream.put_nowait(None)
                    self.close(session, stream)
                else:
                    stream.put_nowait(event)

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
