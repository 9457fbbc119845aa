"""What one turn writes, kept together until it is committed as one: Rasa's events with the replies to the resident.

    with unit_of(database) as unit:
        …the bot answers; its tracker store hands its events to `unit_now(database)`…
        await unit.commit(lambda db: …the replies…)

Whatever ends the block without a commit leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Optional, TypeVar

from sqlalchemy.engine import Connection

from bot.channels.errors import log_failure
from bot.cluster.order import still_held
from bot.state.database import Database, StateDown, hold, sql
from bot.state.schema import RESIDENTS, events

logger = logging.getLogger(__name__)

T = TypeVar("T")
_INSERT_EVENTS = events.insert()
#: Columns of the table ``events``.
Row = dict[str, Any]


class Overtaken(StateDown):
    """Somebody else wrote to the conversation since it was read: what was answered may be wrong. Nothing is stored."""


@dataclass
class _Conversation:
    """``seen``: the id of the last event when it was read, 0 for none, None where nobody read it."""

    seen: Optional[int] = None
    rows: list[Row] = field(default_factory=list)
    told: list[Callable[[], None]] = field(default_factory=list)


class Unit:
    """See above. One turn's, so only one task works with it at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._conversations: dict[str, _Conversation] = {}
        self._erased: list[str] = []
        self._failure: Optional[StateDown] = None
        self._after: list[Callable[[], None]] = []
        self._ahead: dict[str, list[Any]] = {}

    # --- while the bot answers ----------------------------------------------------------------------

    def check(self) -> None:
        """Raises StateDown if the turn can no longer be stored: then nothing needs to be read for it either."""
        if self._failure is not None:
            raise self._failure

    @property
    def failed(self) -> bool:
        """Whether the turn can no longer be stored."""
        return self._failure is not None

    def fail(self, error: StateDown) -> None:
        """What the turn was answered from could not be read: it will not be stored."""
        self._failure = self._failure or error

    def saw(self, sender: str, last: int) -> None:
        """``sender``'s conversation was read, with ``last`` as its last event (0: there is none)."""
        conversation = self._conversations.setdefault(sender, _Conversation())
        if conversation.seen is None:
            conversation.seen = last

    def read_ahead(self, sender: str, found: list[Any]) -> None:
        """The end of ``sender``'s conversation, read together with something else: the bot will ask for it."""
        self._ahead[sender] = found

    def take_ahead(self, sender: str) -> Optional[list[Any]]:
        """What was read ahead, once; None if nothing was."""
        return self._ahead.pop(sender, None)

    def is_new(self, sender: str) -> bool:
        """Whether nothing was stored of ``sender`` when the conversation was read, or will be."""
        conversation = self._conversations.get(sender)
        return sender in self._erased or (conversation is not None and conversation.seen == 0)

    def add(self, sender: str, rows: Sequence[Row], tell: Optional[Callable[[], None]] = None) -> None:
        """Events to be stored behind what is there; ``tell`` is called once they are."""
        conversation = self._conversations.setdefault(sender, _Conversation())
        conversation.rows.extend(rows)
        if tell is not None:
            conversation.told.append(tell)

    def pending(self, sender: str) -> list[Row]:
        """What was added and is not stored yet."""
        conversation = self._conversations.get(sender)
        return list(conversation.rows) if conversation is not None else []

    def erase(self, sender: str) -> None:
        """Everything kept of ``sender`` is to be deleted; what was added is not stored."""
        self._conversations.pop(sender, None)
        self._erased.append(sender)

    def spare(self) -> None:
        """Nobody is deleted after all, as not everything could be."""
        self._erased.clear()

    def erased(self, sender: str) -> bool:
        """Whether ``sender`` is to be deleted."""
        return sender in self._erased

    def drop(self) -> None:
        """The bot failed: its events are not stored, though what the resident was told may be."""
        self._conversations.clear()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Calls ``callback``, on the event loop, once the turn is stored; never if it is not. Its errors are logged."""
        self._after.append(callback)

    # --- at its end -----------------------------------------------------------------------------------

    async def commit(self, work: Callable[[Connection], T], *, wins: Callable[[T], bool] = lambda _: True) -> T:
        """Does ``work`` and stores the turn in one transaction; gives what ``work`` gives.

        ``wins``: whether, going by what ``work`` gave, the turn is to be stored at all (another process may have
        answered the message before).

        Raises:
            StateDown: nothing is stored (after a lost connection: perhaps all of it).
        """
        self.check()
        if not await still_held():
            raise Overtaken("not our turn any more")
        won = False

        def write(db: Connection) -> T:
            nonlocal won
            for sender in sorted({*self._conversations, *self._erased}):
                hold(db, sender)
            for sender in self._erased:
                erase_resident(db, sender)
            result = work(db)
            won = wins(result)
            if won:
                self._store(db)
            return result

        database = self.database
        result = await (database.erase(write) if self._erased else database.run(write))
        told = [tell for conversation in self._conversations.values() for tell in conversation.told]
        after = [*told, *self._after] if won else []
        self._conversations, self._erased, self._after = {}, [], []
        for callback in after:
            try:
                callback()
            except Exception as error:  # the turn is stored; whoever is told of it must not undo it
                log_failure("Telling of a turn", error)
        return result

    def _store(self, db: Connection) -> None:
        for sender, conversation in self._conversations.items():
            if conversation.rows and conversation.seen is not None:
                last = db.execute(sql("SELECT max(id) FROM events WHERE sender_id = :sender"),
                                  {"sender": sender}).scalar()
                if (last or 0) != conversation.seen:
                    raise Overtaken("overtaken")
            if conversation.rows:
                db.execute(_INSERT_EVENTS, conversation.rows)


_now: ContextVar[Optional[Unit]] = ContextVar("unit", default=None)


@contextmanager
def unit_of(database: Database) -> Iterator[Unit]:
    """The turn's unit: the one under way, or a new one."""
    under_way = unit_now(database)
    if under_way is not None:
        yield under_way
        return
    unit = Unit(database)
    token = _now.set(unit)
    try:
        yield unit
    finally:
        _now.reset(token)


@contextmanager
def unit_aside(database: Database) -> Iterator[Unit]:
    """A unit that is never stored, whichever is under way: for an answer that nothing is read or remembered for."""
    unit = Unit(database)
    unit.fail(StateDown("aside"))
    token = _now.set(unit)
    try:
        yield unit
    finally:
        _now.reset(token)


def unit_now(database: Database) -> Optional[Unit]:
    """The unit under way for ``database``, if any."""
    unit = _now.get()
    return unit if unit is not None and unit.database is database else None


def drop_turn() -> None:
    """The bot failed over the turn under way, whichever database it is of: nothing of it is stored."""
    unit = _now.get()
    if unit is not None:
        unit.drop()


def erase_resident(db: Connection, key: str) -> dict[str, int]:
    """Deletes everything kept of a conversation; table → how many rows there were."""
    counts = {}
    # Replies before the turns that take them along, for the sake of their number.
    for table in sorted(RESIDENTS, key=lambda name: name != "replies"):
        statement = sql(f"DELETE FROM {table} WHERE {RESIDENTS[table]} = :key")
        counts[table] = db.execute(statement, {"key": key}).rowcount
    return counts
