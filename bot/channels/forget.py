"""Deletes a conversation from Rasa's tracker store, which in Rasa 3.6 has no call for that."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore


class CannotForget(RuntimeError):
    """The tracker store is of a kind whose conversations we do not know how to delete."""


class LastWords:
    """What was said to residents who had everything deleted, for their message sent twice.

    In memory only and for the latest ``most``: on disk nothing of them is left, which is what they asked for.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._said: OrderedDict[tuple[str, str], list[dict[str, Any]]] = OrderedDict()

    def keep(self, session: str, message_id: str, replies: list[dict[str, Any]]) -> None:
        """Keeps the replies to this message."""
        self._said[session, message_id] = replies
        if len(self._said) > self._most:
            self._said.popitem(last=False)

    def find(self, session: str, message_id: str) -> list[dict[str, Any]] | None:
        """The replies to this message, if it was the one that had everything deleted."""
        return self._said.get((session, message_id))


async def forget_tracker(store: Any, sender_id: str) -> int:
    """Deletes every event of ``sender_id``; gives how many records were deleted.

    A store with its own ``delete(sender_id)`` is asked to do it. Rasa's wrappers (fail-safe,
    awaitable) are looked through, and a fail-safe store's stand-in in memory is emptied too.

    Raises:
        CannotForget: for an unknown kind of store, so that nobody is told of a deletion that was none.
    """
    deleted = 0
    fallback = getattr(store, "_fallback_tracker_store", None)
    if fallback is not None:
        deleted += await forget_tracker(fallback, sender_id)
    own = getattr(store, "delete", None)
    if callable(own):
        result = own(sender_id)
        if inspect.isawaitable(result):
            result = await result
        return deleted + (result if isinstance(result, int) else 0)
    inner = getattr(store, "_tracker_store", None)
    if inner is not None:
        return deleted + await forget_tracker(inner, sender_id)
    if isinstance(store, SQLTrackerStore):
        # On the event loop, as Rasa's own calls of this store are: its sessions belong to one thread.
        return deleted + _delete_rows(store, sender_id)
    if isinstance(store, InMemoryTrackerStore):
        return deleted + (1 if store.store.pop(sender_id, None) is not None else 0)
    raise CannotForget(type(store).__name__)


def _delete_rows(store: SQLTrackerStore, sender_id: str) -> int:
    with store.session_scope() as session:
        count: int = (
            session.query(store.SQLEvent)
            .filter(store.SQLEvent.sender_id == sender_id)
            .delete(synchronize_session=False)
        )
        session.commit()
        return count
