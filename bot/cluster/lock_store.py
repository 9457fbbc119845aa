"""The fair order for ``rasa run`` and for Rasa's other channels:

    lock_store:
      type: bot.cluster.lock_store.FairLockStore

in ``endpoints.yml``, with REDIS_URL in the environment; without it, order within this process as Rasa's own store
keeps it. Our own channels hold the conversation's turn already when they call Rasa: then nothing is waited for twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Optional

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from rasa.utils.endpoints import EndpointConfig

from bot.cluster.joining import cluster
from bot.cluster.order import NoOrder, Order, QueueFull, holding, holds

#: Rasa's other channels know no "too many": whoever calls waits.
_MOST = 10_000


class FairLockStore(InMemoryLockStore):
    """Rasa's lock store over ``bot.cluster.locks``.

    Args:
        endpoint_config: the entry of ``endpoints.yml``; nothing is read from it.
        order: another order than the one of the environment.
    """

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, order: Optional[Order] = None,
                 **_: Any) -> None:
        super().__init__()
        joined = cluster() if order is None else None
        self._order: Optional[Order] = joined.locks if joined is not None else order

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """The conversation's turn. Raises LockError where Redis does not answer.

        A turn ends with its work, not by ``lock_lifetime``: a process that dies is passed over, one that lives is at
        it.
        """
        if holds(conversation_id):
            yield self.create_lock(conversation_id)
            return
        if self._order is None:
            async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as lock:
                yield lock
            return
        place = self._order.take(conversation_id, _MOST)
        try:
            try:
                await place.turn()
            except (NoOrder, QueueFull) as error:
                raise LockError(f"no turn to be had: {type(error).__name__}") from None
            with holding(conversation_id, place):
                yield self.create_lock(conversation_id)
        finally:
            place.leave()
