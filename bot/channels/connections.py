"""How slowly a request may come in, and how many connections one address may hold.

Sanic measures both its times from the last byte that came: whoever sends a byte now and then keeps a connection for
ever. Here a request has to be whole, head and body, so many seconds after its first byte. Sanic takes another protocol
class only where a server is run, which several places do; so its own class is mended, once in a process.
"""

from __future__ import annotations

import os
import resource
from asyncio import Transport
from collections import Counter
from time import monotonic
from typing import Any

from sanic import Sanic
from sanic.exceptions import RequestTimeout
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from bot.settings import whole_number

#: Seconds that a request may take to come in; SANIC_REQUEST_TIMEOUT says otherwise.
REQUEST_S = 20.0
#: Connections of one address: many people behind one, four pages each; not a machine that wants them all.
MOST_OF_ONE = 500
#: Open files that are asked of the system, where it allows as many.
MOST_FILES = 65_536
#: Files that the process needs beside its connections: databases, logs, calls to WeChat.
FILES_LEFT = 200


def install(app: Sanic) -> None:
    """Watches the app's connections; call before it starts.

    As many are counted for one address as LINLITONG_ADDRESS_PER_MINUTE lets it ask: 0 there means no limit here, nor is
    there one where Sanic believes a proxy, from which all connections come.
    """
    if not os.environ.get("SANIC_REQUEST_TIMEOUT"):
        app.config.update({"REQUEST_TIMEOUT": REQUEST_S})
    config = app.config
    proxied = bool(config.PROXIES_COUNT or config.REAL_IP_HEADER or config.FORWARDED_SECRET)
    limited = not proxied and whole_number("LINLITONG_ADDRESS_PER_MINUTE", 600, least=0, most=1_000_000)
    app.ctx.most_of_one = MOST_OF_ONE if limited else None
    app.ctx.open_from = Counter()
    app.ctx.most_open = _files() - FILES_LEFT
    if HttpProtocol.check_timeouts is not _check_timeouts:
        HttpProtocol.connection_made = _connection_made  # type: ignore[method-assign]
        HttpProtocol.connection_lost = _connection_lost  # type: ignore[method-assign]
        HttpProtocol.data_received = _data_received  # type: ignore[method-assign]
        HttpProtocol.check_timeouts = _check_timeouts  # type: ignore[method-assign]


def _files() -> int:
    """How many files the process may have open, after it has asked for as many as it can use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return most if soft == resource.RLIM_INFINITY else soft


_made, _lost = HttpProtocol.connection_made, HttpProtocol.connection_lost
_received, _checked = HttpProtocol.data_received, HttpProtocol.check_timeouts


def _connection_made(self: Any, transport: Transport) -> None:
    _made(self, transport)
    limits = self.app.ctx
    if not hasattr(limits, "open_from"):
        return  # an app of somebody else in this process
    peer = self.conn_info.client_ip
    limits.open_from[peer] += 1
    self.conn_info.ctx.counted = peer
    most = limits.most_of_one
    if len(self.connections) > limits.most_open or (most is not None and limits.open_from[peer] > most):
        transport.abort()


def _connection_lost(self: Any, exc: Exception | None) -> None:
    peer = getattr(self.conn_info.ctx, "counted", None) if self.conn_info is not None else None
    if peer is not None:
        del self.conn_info.ctx.counted
        left = self.app.ctx.open_from
        left[peer] -= 1
        if left[peer] <= 0:
            del left[peer]
    _lost(self, exc)


def _coming_in(self: Any) -> bool:
    """Whether a request has begun to come in and is not yet there as a whole."""
    http = getattr(self, "_http", None)
    return http is not None and (http.stage is Stage.REQUEST or bool(getattr(http, "request_body", None)))


def _data_received(self: Any, data: bytes) -> None:
    if self.conn_info is not None and not _coming_in(self):
        self.conn_info.ctx.began = monotonic()
    _received(self, data)


def _check_timeouts(self: Any) -> None:
    began = getattr(self.conn_info.ctx, "began", None) if self.conn_info is not None else None
    if self._task and began is not None and _coming_in(self) and monotonic() - began > self.app.config.REQUEST_TIMEOUT:
        self._http.exception = RequestTimeout("Request Timeout")
        self._task.cancel()
        # Once told, Sanic goes on reading what still comes of the request; that ends with the next look.
        self.loop.call_later(1.0, self.check_timeouts)
        return
    _checked(self)
