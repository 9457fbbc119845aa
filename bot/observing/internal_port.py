"""A second, inner port of the process for ``/metrics``, ``/live`` and ``/ready``. Nothing of residents is behind it.

It runs on the same event loop as the bot: one that is stuck is seen here too.
"""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.observing.metrics import Metrics
from bot.settings import CannotServe, given, whole_number

if TYPE_CHECKING:
    from bot.observing.readiness import Answer

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def metrics_address(worker: int = 0) -> tuple[str, int] | None:
    """Host and port of METRICS_HOST and METRICS_PORT; None where no port is given.

    ``worker``: the number of a process among several of one machine; each has a port of its own, counted on from the
    first, and Prometheus adds up what it gets from all of them.

    Raises:
        CannotServe: for what is no port.
    """
    first = whole_number("METRICS_PORT", 0, least=0, most=65535)
    if not first:
        return None
    if first + worker > 65535:
        raise CannotServe(f"METRICS_PORT={first} 太大了，{worker + 1} 个进程排不下，请写小一点")
    return given("METRICS_HOST", "127.0.0.1"), first + worker


def claim(address: tuple[str, int], public_port: int) -> socket.socket:
    """A socket that listens on ``address``. Raises CannotServe where it cannot be had, or is the public port."""
    host, port = address
    if port == public_port:
        raise CannotServe(f"METRICS_PORT 不能和 PORT 一样（{port}），指标不给居民看")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError):
        raise CannotServe(f"认不出地址 METRICS_HOST={host!r}，请写本机的地址，例如 127.0.0.1") from None
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(place)
        door.listen(64)
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(f"METRICS_PORT：端口 {port} 已经有程序在用，请换一个") from error
        raise CannotServe(f"METRICS_PORT：不能在 {host} 的端口 {port} 上监听（{error.strerror}）") from error
    return door


class InternalPort:
    """Answers on ``door`` while it is open.

    Args:
        door: a listening socket.
        metrics: what ``/metrics`` shows.
        answers: further paths, each with what gives body and HTTP status.
    """

    def __init__(self, door: socket.socket, metrics: Metrics, answers: Mapping[str, Answer]) -> None:
        self._door = door
        self._metrics = metrics
        self._answers = answers
        self._runner: Any = None

    async def open(self) -> None:
        """Begin to answer."""
        from aiohttp import web

        async def metrics(_request: web.Request) -> web.Response:
            return web.Response(body=await self._metrics.exposition(), headers={"Content-Type": TEXT})

        inner = web.Application()
        inner.router.add_get("/metrics", metrics)
        for path, answer in self._answers.items():
            async def show(_request: web.Request, answer: Answer = answer) -> web.Response:
                body, status = await answer()
                return web.Response(text=json.dumps(body), status=status, content_type="application/json")

            inner.router.add_get(path, show)
        self._runner = web.AppRunner(inner, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, self._door).start()

    async def close(self) -> None:
        """End, and give the port back."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._door.close()
