"""How a process ends without losing a message: it says that it is leaving, finishes what it has, then goes.

After SIGTERM (or Ctrl-C) the process is unready at once (``app.ctx.draining``), its event streams end so that browsers
open theirs at another process, every connection is closed behind its answer, and the doors have ``DRAIN_S`` seconds for
the turns that they have. Only then does Sanic stop listening, gives requests that came last ``LAST_S`` seconds, and
the stores are closed. A message that was not answered by then was not stored either, and its sender sends it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from typing import Any

from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse

logger = logging.getLogger(__name__)

#: Seconds for the turns under way and those that wait behind them.
DRAIN_S = 25.0
#: Seconds for what still came in after that.
LAST_S = 5.0
#: A terminal gives Ctrl-C to parent and child alike, and the parent passes it on: within so many seconds it is one.
_ONE_WISH_S = 1.0


def install(app: Sanic) -> None:
    """Let ``app`` end as said above. Call when every other listener is there: this one must be the first at the end."""
    app.ctx.draining = False
    app.ctx.drain_until = float("inf")
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = LAST_S

    async def leave(running: Any, loop: asyncio.AbstractEventLoop) -> None:
        began = time.monotonic()
        running.ctx.drain_until = began + DRAIN_S
        running.ctx.draining = True
        _heed_only_the_impatient(loop, began)
        logger.info("leaving: no new work, finishing what is here")

    async def close_behind(request: Request, _response: BaseHTTPResponse) -> None:
        # A connection that is kept would bring the next request to a process that leaves.
        if app.ctx.draining and request.stream is not None:
            request.stream.keep_alive = False

    app.register_listener(leave, "before_server_stop")
    app.register_middleware(close_behind, "response")


def seconds_left(app: Any) -> float:
    """How long the doors may still finish their turns; ``DRAIN_S`` where nothing was installed."""
    until = getattr(app.ctx, "drain_until", None)
    return DRAIN_S if until is None else min(DRAIN_S, max(0.0, until - time.monotonic()))


def _heed_only_the_impatient(loop: asyncio.AbstractEventLoop, began: float) -> None:
    """Sanic's handlers would stop the loop in mid-drain. A later Ctrl-C ends the process where it stands."""
    def end() -> None:
        if time.monotonic() - began > _ONE_WISH_S:
            sys.stdout.flush()
            os._exit(0)

    loop.add_signal_handler(signal.SIGINT, end)
    loop.add_signal_handler(signal.SIGTERM, lambda: None)
