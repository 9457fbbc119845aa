"""The order of a conversation's messages as channels and stores see it. Loads nothing of Redis.

Whoever stores a turn asks first whether it is still its conversation's turn: a process that stood still (SIGSTOP, a
machine that slept) may find that others took it for dead and went on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Optional, Protocol


class NoOrder(RuntimeError):
    """Redis does not answer, so the order of messages cannot be kept."""


class QueueFull(RuntimeError):
    """Too many messages of the conversation wait."""


class Lease(Protocol):
    """The right to be at a conversation's turn."""

    async def held(self) -> bool:
        """Whether the right is still there; False also where that cannot be known."""


class Place(Lease, Protocol):
    """A message's place in its conversation's queue; see ``bot.cluster.locks.Ticket``."""

    async def turn(self) -> None:
        """Waits for its turn. Raises NoOrder, QueueFull."""

    def leave(self) -> None:
        """Gives the place, or the turn, back."""


class Order(Protocol):
    """Queues of conversations; see ``bot.cluster.locks.FairLocks``."""

    def take(self, conversation: str, most: int) -> Place:
        """A place behind all that were taken before, of at most ``most``. Never raises."""


_held: ContextVar[Optional[tuple[str, Lease]]] = ContextVar("turn_held", default=None)


@contextmanager
def holding(conversation: str, lease: Lease) -> Iterator[None]:
    """Within, and in every task begun within, it is the turn of ``conversation``."""
    token = _held.set((conversation, lease))
    try:
        yield
    finally:
        _held.reset(token)


def holds(conversation: str) -> bool:
    """Whether this code runs within a turn of ``conversation``."""
    held = _held.get()
    return held is not None and held[0] == conversation


async def still_held() -> bool:
    """Whether the turn that this code runs in may still be stored; True where nobody keeps order but the process."""
    held = _held.get()
    return held is None or await held[1].held()
