"""One resident's messages, one after another; the same message twice is one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.errors import too_many
from bot.channels.limits import MAX_WAITING

Work = Callable[[], Awaitable[Any]]


class Turns:
    """Runs the work of each session in order of arrival, sessions beside one another."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._max_waiting = max_waiting
        self._tails: dict[str, asyncio.Task[Any]] = {}
        self._lengths: dict[str, int] = {}
        self._running: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def run(self, session: str, key: str, work: Work) -> Any:
        """Gives the result of ``work``, or of the work already under way with the same ``key``.

        A caller who goes away does not stop the work: the answer is needed for the retry.

        Raises:
            WebError: ``too_many_waiting`` when the session's queue is full; else what ``work`` raises.
        """
        task = self._running.get((session, key)) or self._start(session, key, work)
        return await asyncio.shield(task)

    def _start(self, session: str, key: str, work: Work) -> asyncio.Task[Any]:
        if self._lengths.get(session, 0) >= self._max_waiting:
            raise too_many("too_many_waiting", 3)
        task = asyncio.get_running_loop().create_task(_after(self._tails.get(session), work))
        self._tails[session] = task
        self._lengths[session] = self._lengths.get(session, 0) + 1
        self._running[session, key] = task
        task.add_done_callback(lambda done: self._finish(session, key, done))
        return task

    def _finish(self, session: str, key: str, task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()  # marks it as seen when every caller has gone away
        del self._running[session, key]
        self._lengths[session] -= 1
        if self._tails.get(session) is task:
            del self._tails[session]
        if not self._lengths[session]:
            del self._lengths[session]

    async def drain(self, timeout_s: float) -> None:
        """Waits for the work under way, at most ``timeout_s`` seconds."""
        if self._running:
            await asyncio.wait(list(self._running.values()), timeout=timeout_s)


async def _after(before: asyncio.Task[Any] | None, work: Work) -> Any:
    if before is not None:
        await asyncio.wait([before])
    return await work()
