"""What was answered, kept for a day: for duplicates, for missed events, and for the history.

``Outbox`` is the small interface the web channel needs; ``StateOutbox`` keeps it in the database. Ids grow
over all sessions, so within a session they are monotonic too, also across restarts and over several processes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import Connection

from bot.privacy.export import Judgement
from bot.state.database import Database, alone, hold, sql
from bot.state.probing import probe
from bot.state.reading import last_events
from bot.state.schema import replies as replies_table
from bot.state.schema import turns as turns_table
from bot.state.unit import Unit, erase_resident, unit_now, unit_of

Message = dict[str, Any]

EXPIRY_S = 24 * 3600
MAX_TURNS = 200
_SWEEP_EVERY_S = 600.0
#: Made once: SQLAlchemy finds what it compiled for them quicker than for a new one each time.
_INSERT_TURN, _INSERT_REPLY = turns_table.insert(), replies_table.insert()


@dataclass(frozen=True)
class Turn:
    """One message of a resident and the replies to it; ``text`` is "" where the bot spoke unasked.

    ``replies`` are contract messages, each with its event id under ``id``. ``at`` is Unix seconds.
    """

    message_id: str
    text: str
    replies: tuple[Message, ...]
    at: float


class Outbox(Protocol):
    """What the web channel asks of a store. Every call is safe from concurrent tasks.

    Every call may raise ``StateDown``.
    """

    def turn(self) -> AbstractContextManager[Unit]:
        """A turn begins: what the bot remembers of it is stored by ``record``, or not at all."""

    async def record(self, session: str, message_id: str, text: str, replies: Sequence[Message]) -> Turn:
        """Stores a finished turn and numbers its replies. A ``message_id`` stored before wins."""

    async def find(self, session: str, message_id: str) -> Turn | None:
        """The finished turn of this ``message_id``, if any."""

    async def after(self, session: str, event_id: int) -> list[Message]:
        """The replies with a greater id than ``event_id``, oldest first."""

    async def history(self, session: str) -> list[Turn]:
        """The turns of the session, oldest first."""

    async def forget(self, session: str) -> int:
        """Deletes everything about the session; gives the number of replies deleted."""

    async def farewell(self, session: str, message_id: str, replies: Sequence[Message]) -> list[Message]:
        """Deletes everything about the session and numbers the last replies to it, which are not kept either."""

    async def feedback(self, session: str, answer_id: str, helpful: bool, comment: str) -> bool:
        """Stores a judgement on an answer; a second one by the same session replaces the first.

        False if the session was given no such answer (or it has expired): then nothing is stored.
        """

    async def judgements(self, session: str) -> list[Judgement]:
        """The judgements of the session, oldest first."""

    async def sweep(self) -> int:
        """Deletes what has expired, judgements too; gives how many turns and judgements there were."""

    async def probe(self) -> None:
        """Writes something, to find out whether that works."""

    async def close(self) -> None:
        """Releases what the store holds."""


class StateOutbox:
    """An ``Outbox`` in the database.

    Args:
        database: where; with the tracker store's own, a turn is one commit.
        expiry_s: how long turns are kept, seconds.
        max_turns: how many turns of a session are kept.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        expiry_s: float = EXPIRY_S,
        max_turns: int = MAX_TURNS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._expiry = expiry_s
        self._max_turns = max_turns
        self._clock = clock
        self._swept = float("-inf")

    def turn(self) -> AbstractContextManager[Unit]:
        """See ``Outbox.turn``."""
        return unit_of(self._database)

    async def record(self, session: str, message_id: str, text: str, replies: Sequence[Message]) -> Turn:
        """See ``Outbox.record``."""
        def write(db: Connection) -> tuple[Turn, bool]:
            hold(db, session)
            now = self._clock()
            if now - self._swept >= _SWEEP_EVERY_S:
                # The server sweeps by itself; `rasa run` has nobody else who would.
                self._swept = now
                _sweep(db, now - self._expiry)
            before = self._find(db, session, message_id)
            if before is not None:
                return before, False
            return self._insert(db, session, Turn(message_id, text, tuple(replies), now)), True

        with self.turn() as unit:
            turn, _ = await unit.commit(write, wins=lambda done: done[1])
        return turn

    async def find(self, session: str, message_id: str) -> Turn | None:
        """See ``Outbox.find``."""
        unit = unit_now(self._database)
        if unit is None:
            return await self._database.read(lambda db: self._find(db, session, message_id))

        def look(db: Connection) -> tuple[Turn | None, list[Any]]:
            done = self._find(db, session, message_id)
            return done, last_events(db, session) if done is None else []

        # One way to the database instead of two: a turn that was not answered yet begins with its conversation.
        found, events = await self._database.read(look)
        if found is None:
            unit.read_ahead(session, events)
        return found

    async def after(self, session: str, event_id: int) -> list[Message]:
        """See ``Outbox.after``."""
        turns = await self._database.read(
            lambda db: self._turns(db, "t.session = :session AND r.id > :event", session=session, event=event_id))
        return [reply for turn in turns for reply in turn.replies]

    async def history(self, session: str) -> list[Turn]:
        """See ``Outbox.history``."""
        return await self._database.read(lambda db: self._turns(db, "t.session = :session", session=session))

    async def forget(self, session: str) -> int:
        """See ``Outbox.forget``."""
        def count(db: Connection) -> int:
            return int(db.execute(sql("SELECT count(*) FROM replies WHERE session = :session"),
                                  {"session": session}).scalar())

        replies = await self._database.read(count)
        with self.turn() as unit:
            unit.erase(session)
            await unit.commit(lambda db: None)
        return replies

    async def farewell(self, session: str, message_id: str, replies: Sequence[Message]) -> list[Message]:
        """See ``Outbox.farewell``."""
        def number(db: Connection) -> list[int]:
            # Rows are made for their numbers and go again, so that no later reply gets the same.
            turn = self._insert(db, session, Turn(message_id, "", tuple({} for _ in replies), 0.0))
            erase_resident(db, session)
            return [reply["id"] for reply in turn.replies]

        with self.turn() as unit:
            unit.erase(session)
            numbers = await unit.commit(number)
        return [
            {**reply, "id": number, "in_reply_to": message_id}
            for number, reply in zip(numbers, replies, strict=True)
        ]

    async def feedback(self, session: str, answer_id: str, helpful: bool, comment: str) -> bool:
        """See ``Outbox.feedback``."""
        def write(db: Connection) -> bool:
            hold(db, session)
            turns = self._turns(db, "t.session = :session", session=session)
            if answer_id not in {reply["custom"].get("answer_id") for turn in turns for reply in turn.replies}:
                return False
            db.execute(sql(
                "INSERT INTO feedback (session, answer_id, helpful, comment, at)"
                " VALUES (:session, :answer, :helpful, :comment, :at) ON CONFLICT (session, answer_id)"
                " DO UPDATE SET helpful = excluded.helpful, comment = excluded.comment, at = excluded.at"),
                {"session": session, "answer": answer_id, "helpful": int(helpful), "comment": comment,
                 "at": self._clock()})
            return True

        return await self._database.run(write)

    async def judgements(self, session: str) -> list[Judgement]:
        """See ``Outbox.judgements``."""
        rows = await self._database.read(lambda db: db.execute(sql(
            "SELECT answer_id, helpful, comment, at FROM feedback WHERE session = :session AND at > :since"
            " ORDER BY at"),
            {"session": session, "since": self._clock() - self._expiry}).all())
        return [Judgement(row.answer_id, bool(row.helpful), row.comment, row.at) for row in rows]

    async def sweep(self) -> int:
        """See ``Outbox.sweep``."""
        return await self._database.erase(lambda db: _sweep(db, self._clock() - self._expiry))

    async def probe(self) -> None:
        """See ``Outbox.probe``."""
        await self._database.run(probe)

    async def close(self) -> None:
        """See ``Outbox.close``."""
        await self._database.close()

    # --- on a thread of the database ----------------------------------------------------------------

    def _insert(self, db: Connection, session: str, turn: Turn) -> Turn:
        """Stores a turn that is not there; gives it with its replies numbered."""
        key = {"session": session, "message": turn.message_id}
        # A duplicate that has expired but was not swept yet must not stand in the way.
        db.execute(sql("DELETE FROM turns WHERE session = :session AND message_id = :message"), key)
        number = db.execute(_INSERT_TURN, {
            "session": session, "message_id": turn.message_id, "text": turn.text, "at": turn.at,
        }).inserted_primary_key[0]
        numbered = []
        for reply in turn.replies:
            body = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
            event = db.execute(_INSERT_REPLY, {"turn": number, "session": session, "body": body})
            numbered.append(_numbered(event.inserted_primary_key[0], turn.message_id if turn.text else "", body))
        db.execute(sql(
            "DELETE FROM turns WHERE session = :session AND number <= (SELECT number FROM turns"
            " WHERE session = :session ORDER BY number DESC LIMIT 1 OFFSET :most)"),
            {"session": session, "most": self._max_turns})
        return Turn(turn.message_id, turn.text, tuple(numbered), turn.at)

    def _turns(self, db: Connection, where: str, **values: object) -> list[Turn]:
        rows = db.execute(sql(
            "SELECT t.number, t.message_id, t.text, t.at, r.id, r.body FROM turns t LEFT JOIN replies r"
            f" ON r.turn = t.number WHERE t.at > :since AND {where} ORDER BY t.number, r.id"),
            {"since": self._clock() - self._expiry, **values}).all()
        heads: dict[int, tuple[str, str, float]] = {}
        replies: dict[int, list[Message]] = {}
        for number, message_id, text, at, event_id, body in rows:
            heads[number] = (message_id, text, at)
            if event_id is not None:
                replies.setdefault(number, []).append(_numbered(event_id, message_id if text else "", body))
        return [Turn(h[0], h[1], tuple(replies.get(number, ())), h[2]) for number, h in heads.items()]

    def _find(self, db: Connection, session: str, message_id: str) -> Turn | None:
        turns = self._turns(db, "t.session = :session AND t.message_id = :message", session=session, message=message_id)
        return turns[0] if turns else None


def _sweep(db: Connection, before: float) -> int:
    if not alone(db, "sweep of the outbox"):
        return 0
    return sum(db.execute(sql(f"DELETE FROM {table} WHERE at <= :before"), {"before": before}).rowcount
               for table in ("turns", "feedback"))


def _numbered(event_id: int, message_id: str, body: str) -> Message:
    message: Message = json.loads(body)
    message["id"] = event_id
    message["in_reply_to"] = message_id
    return message
