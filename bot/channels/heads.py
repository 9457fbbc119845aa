"""Refuses requests whose first lines two servers could read in two ways, which is how requests are smuggled past one.

Sanic takes the first of two Content-Length, reads ``1_0`` as a number, lets Transfer-Encoding go before Content-Length,
and keeps a folded line, or a name with a space behind it, as a field of that name.
"""

from __future__ import annotations

import re
from typing import Any

from sanic import Sanic
from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.request import Request

_FIRST = re.compile(rb"([A-Za-z]{1,20}) [\x21-\x7e]+ HTTP/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)")
_LENGTH = re.compile(rb"[0-9]+")
#: Nothing of ours takes a body with these; servers differ in what they do with one.
_BODILESS = frozenset({b"GET", b"HEAD", b"OPTIONS", b"DELETE"})


def sound(head: bytes) -> bool:
    """Whether every server reads ``head`` (a request's first lines, without the empty one) alike."""
    line, *lines = head.split(b"\r\n")
    first = _FIRST.fullmatch(line)
    fields: dict[bytes, list[bytes]] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            return False
        fields.setdefault(found[1].lower(), []).append(found[2].strip(b" \t"))
    lengths, codings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
    if first is None or len(fields.get(b"host", [])) > 1 or len(lengths) + len(codings) > 1:
        return False
    if codings not in ([], [b"chunked"]) or not all(_LENGTH.fullmatch(length) for length in lengths):
        return False
    if first[1].upper() in _BODILESS and (codings or any(length.strip(b"0") for length in lengths)):
        return False
    # Nothing of ours speaks WebSocket, and Sanic stops watching the time where it is asked for.
    return b"websocket" not in (value.lower() for value in fields.get(b"upgrade", []))


def install(app: Sanic) -> None:
    """Refuses such requests with 400 and ends their connection; call before the app starts."""

    async def check(head: bytes) -> None:
        if not sound(head):
            raise InvalidUsage("Bad Request")

    async def end_after_chunks(request: Request) -> None:
        # Where a chunk ends Sanic is not strict about, so that nothing may follow on this connection.
        if "transfer-encoding" in request.headers:
            request.transport.get_protocol()._http.keep_alive = False

    app.add_signal(check, "http.lifecycle.read_head")
    app.add_signal(end_after_chunks, "http.lifecycle.request")
    if Http.create_empty_request is not _create_empty_request:
        Http.create_empty_request = _create_empty_request  # type: ignore[method-assign]


_created = Http.create_empty_request


def _create_empty_request(self: Any) -> None:
    """As Sanic's, which fails once more for an address that is none: nobody is answered, and the log fills up."""
    self.url = None
    _created(self)
