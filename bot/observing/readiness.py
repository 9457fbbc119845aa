"""``/live`` and ``/ready`` for whoever starts, stops and feeds processes.

Live is a process whose event loop runs: if that stops, only a restart helps. Ready is one that should be given work: it
has its model and its content, can store what it answers, and is not about to end. ``app.ctx.draining = True`` makes it
unready from that moment on; whoever ends the process sets it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import json_response
from bot.channels.pages import HealthSource, StorageSource, health_of

#: So long an answer holds, seconds: probes of many machines must not become work for the database.
FRESH_S = 1.0
#: A store that takes longer than this to be tried is down, seconds.
PATIENCE_S = 3.0
_SLOW = "存储没有及时回答"


class Readiness:
    """Says whether ``app`` should be given work.

    Args:
        app: the Sanic app with the agent in ``app.ctx.agent``.
        knowledge: the state of the knowledge base, as ``/health`` shows it.
        storage: why nothing can be stored at the moment; "" while all is well.
        clock: seconds that only grow.
    """

    def __init__(self, app: Sanic, knowledge: HealthSource, storage: StorageSource,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._knowledge = knowledge
        self._storage = storage
        self._clock = clock
        self._trouble = ""
        self._tried = float("-inf")
        self._trying: asyncio.Task[None] | None = None

    async def status(self) -> str:
        """``ready``, ``draining``, ``starting`` (no model or no content) or ``degraded`` (nothing can be stored)."""
        if getattr(self._app.ctx, "draining", False):
            return "draining"
        found = str(health_of(self._app, self._knowledge, await self.storage_trouble())["status"])
        return "ready" if found == "ok" else found

    async def storage_trouble(self) -> str:
        """Why nothing can be stored, "" while all is well; tried at most once in ``FRESH_S``, for all who ask."""
        if self._clock() - self._tried >= FRESH_S:
            if self._trying is None or self._trying.done():
                self._trying = asyncio.get_running_loop().create_task(self._try())
            # Whoever asked first may go away; the others still wait.
            await asyncio.shield(self._trying)
        return self._trouble

    async def storage_up(self) -> float:
        """1.0 while something can be stored, else 0.0."""
        return 0.0 if await self.storage_trouble() else 1.0

    async def _try(self) -> None:
        try:
            self._trouble = await asyncio.wait_for(self._storage(), PATIENCE_S)
        except asyncio.TimeoutError:
            self._trouble = _SLOW
        except Exception as error:  # a probe that breaks is a store that does not work
            self._trouble = type(error).__name__
        self._tried = self._clock()


Answer = Callable[[], Awaitable[tuple[dict[str, Any], int]]]


def answers(readiness: Readiness) -> dict[str, Answer]:
    """Path → what is answered there: body and HTTP status."""

    async def live() -> tuple[dict[str, Any], int]:
        return {"status": "live"}, 200

    async def ready() -> tuple[dict[str, Any], int]:
        status = await readiness.status()
        return {"status": status}, 200 if status == "ready" else 503

    return {"/live": live, "/ready": ready}


def install(app: Sanic, readiness: Readiness) -> None:
    """Adds ``/live`` and ``/ready`` to the app; nothing in them says more than how it stands."""
    for path, answer in answers(readiness).items():
        async def show(request: Request, answer: Answer = answer) -> HTTPResponse:
            body, status = await answer()
            if body["status"] == "degraded" and request.args.get("storage") == "any":
                status = 200  # a database that all share is down: better these who can still say 120 than nobody
            return json_response(body, status)

        app.add_route(show, path, methods=["GET", "HEAD"], name=f"probe{path.replace('/', '_')}")
