"""One resident's messages, one after another; the same message twice is one piece of work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Optional

from bot.channels.errors import no_order, too_many
from bot.channels.limits import MAX_WAITING
from bot.cluster.order import NoOrder, Order, Place, QueueFull, holding

Work = Callable[[], Awaitable[Any]]
#: After so long Redis, which did not answer, is asked again, seconds.
_AGAIN_S = 0.3


class Turns:
    """Runs the work of each session in order of arrival, sessions beside one another.

    Args:
        max_waiting: how much work of one session may be under way or wait; over all processes that share ``order``.
        order: shared with other processes; None for one process on its own.
    """

    def __init__(self, max_waiting: int = MAX_WAITING, order: Optional[Order] = None) -> None:
        self._max_waiting = max_waiting
        self._order = order
        self._tails: dict[str, asyncio.Task[Any]] = {}
        self._lengths: dict[str, int] = {}
        self._running: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def run(
        self, session: str, key: str, work: Work, *, without: Optional[Work] = None, patience_s: float = 0.0
    ) -> Any:
        """Gives the result of ``work``, or of the work already under way with the same ``key``.

        A caller who goes away does not stop the work: the answer is needed for the retry.

        Args:
            session: whose work.
            key: the same for the same work.
            work: done when it is its turn; nobody else is at the session's work meanwhile, in any process.
            without: done once where the order cannot be kept: it must neither read nor change what the bot remembers.
                What it gives is the result, unless that is None.
            patience_s: for how long the order is asked for again after that, seconds.

        Raises:
            WebError: ``too_many_waiting`` when the session's queue is full; ``no_order`` where the order cannot be kept
                and ``without`` gave nothing; else what the work raises.
        """
        task = self._running.get((session, key)) or self._start(session, key, work, without, patience_s)
        return await asyncio.shield(task)

    def _start(
        self, session: str, key: str, work: Work, without: Optional[Work], patience_s: float
    ) -> asyncio.Task[Any]:
        if self._lengths.get(session, 0) >= self._max_waiting:
            raise too_many("too_many_waiting", 3)
        before = self._tails.get(session)
        if self._order is None:
            running = _after(before, work)
        else:
            # The place is taken here and now, on arrival.
            place = self._order.take(session, self._max_waiting)
            running = self._in_order(session, place, before, work, without, patience_s)
        task = asyncio.get_running_loop().create_task(running)
        self._tails[session] = task
        self._lengths[session] = self._lengths.get(session, 0) + 1
        self._running[session, key] = task
        task.add_done_callback(lambda done: self._finish(session, key, done))
        return task

    async def _in_order(
        self, session: str, place: Place, before: Optional[asyncio.Task[Any]], work: Work, without: Optional[Work],
        patience_s: float,
    ) -> Any:
        assert self._order is not None
        ends = time.monotonic() + patience_s
        aside = without
        try:
            while True:
                try:
                    await place.turn()
                    with holding(session, place):
                        return await work()
                except QueueFull:
                    raise too_many("too_many_waiting", 3) from None
                except NoOrder:
                    found = await aside() if aside is not None else None
                    if found is not None:
                        return found
                    aside = None
                    if before is not None and patience_s:
                        await asyncio.wait([before])  # in this process there still is an order
                    if time.monotonic() >= ends:
                        raise no_order() from None
                    await asyncio.sleep(_AGAIN_S)
                    place.leave()
                    place = self._order.take(session, self._max_waiting)
        finally:
            place.leave()

    def _finish(self, session: str, key: str, task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()  # marks it as seen when every caller has gone away
        del self._running[session, key]
        self._lengths[session] -= 1
        if self._tails.get(session) is task:
            del self._tails[session]
        if not self._lengths[session]:
            del self._lengths[session]

    def __len__(self) -> int:
        """How much work is under way or waits, of all sessions."""
        return len(self._running)

    async def drain(self, timeout_s: float) -> None:
        """Waits for the work under way, at most ``timeout_s`` seconds."""
        ends = time.monotonic() + timeout_s
        # Again, because more may come over connections that were open before.
        while self._running and (left := ends - time.monotonic()) > 0:
            await asyncio.wait(list(self._running.values()), timeout=left)


async def _after(before: Optional[asyncio.Task[Any]], work: Work) -> Any:
    if before is not None:
        await asyncio.wait([before])
    return await work()
