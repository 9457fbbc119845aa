"""Who is answering which message, what was answered, and what waits to be said: one database for all processes.

Keys and conversations are keyed hashes (``residents``). A question and its answer stand here only until the answer is
out and WeChat has stopped retrying, or, where it could not go out, until the resident's next message; everything ends
after ``keep_s``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy.engine import Connection

from bot.channels.wechat.state import Answer, Kept, Place, Reply, State
from bot.state.database import Database, alone, hold, sql
from bot.state.probing import probe
from bot.state.unit import Unit, unit_aside, unit_of

#: Fits an answer, and the answers kept from before, into one reply; called on the store's thread, so it only computes.
Compose = Callable[[Answer, Sequence[Kept], State], Reply]
_SWEEP_EVERY_S = 60.0

@dataclass(frozen=True)
class Arrival:
    """How it stands with a message.

    ``status``: ``mine``, it is to be answered here, and nobody else will; ``busy``, somebody is at it; ``answered``;
    ``replayed``, its request came before with another message. ``tries``: how often it came so far. ``reply``: what
    went out; None where nothing has yet. ``state``: the conversation's.
    """

    status: Literal["mine", "busy", "answered", "replayed"]
    tries: int = 1
    first_at: float = 0.0
    reply: str | None = None
    carried_at: float | None = None
    state: State = field(default_factory=State)


class Store:
    """No call works on the event loop; every call may raise StateDown.

    Args:
        database: where; with the tracker store's own, a turn is one commit.
        owner: this process, by any name that no other has.
        keep_s: how long anything is kept, seconds.
        lease_s: after how long without a sign of life a message under way counts as abandoned.
        window_s: how long WeChat may still retry, counted from the first try.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, owner: str, keep_s: float, lease_s: float, window_s: float,
                 clock: Callable[[], float]) -> None:
        self._database = database
        self._owner = owner
        self._keep = keep_s
        self.lease_s = lease_s
        self._window = window_s
        self._clock = clock
        self._swept = float("-inf")

    def turn(self) -> AbstractContextManager[Unit]:
        """A turn begins: what the bot remembers of it is stored by ``finish``, or not at all."""
        return unit_of(self._database)

    def aside(self) -> AbstractContextManager[Unit]:
        """What the bot is asked within reads nothing of the conversation, and nothing of it is stored."""
        return unit_aside(self._database)

    async def arrive(self, key: str, conversation: str, question: str, request: str, *, counts: bool) -> Arrival:
        """A try of a message is here. ``counts``: it is a try of its own, not the double of one that is waiting."""
        return await self._database.run(lambda db: self._arrive(db, key, conversation, question, request, counts))

    async def look(self, key: str) -> Arrival | None:
        """How it stands with a message that somebody else is at; None where nobody is (any more)."""
        return await self._database.read(lambda db: self._look(db, key))

    async def renew(self, key: str) -> None:
        """A sign of life: this message is still being worked at here."""
        lease = self._clock() + self.lease_s
        await self._change("UPDATE wechat_messages SET lease = :lease WHERE key = :key AND owner = :owner",
                           lease=lease, key=key, owner=self._owner)

    async def finish(self, key: str, conversation: str, answer: Answer, compose: Compose | None) -> Reply | None:
        """Stores an answer, and what the bot remembers of the turn; with ``compose`` it goes out at once, and the reply
        is given.

        None: without ``compose``, or where another process has answered meanwhile.
        """
        with self.turn() as unit:
            _, reply = await unit.commit(lambda db: self._finish(db, key, conversation, answer, compose),
                                         wins=lambda done: done[0])
        return reply

    async def carry(self, key: str, conversation: str, compose: Compose) -> Reply | None:
        """An answer stored before goes out now; None if it went out already, or is gone."""
        return await self._database.run(lambda db: self._carry(db, key, conversation, compose))

    async def give_up(self, key: str) -> None:
        """WeChat will not ask for this message again: its answer goes another way."""
        await self._change("UPDATE wechat_messages SET gave_up = 1 WHERE key = :key", key=key)

    async def put_back(self, key: str) -> None:
        """What was carried did not get out after all: it is kept for the next message."""
        await self._change("UPDATE wechat_messages SET carried_at = NULL, reply = NULL, gave_up = 1 WHERE key = :key",
                           key=key)

    async def note_place(self, conversation: str, place: Place) -> None:
        """Remembers where the resident is."""
        def write(db: Connection) -> None:
            hold(db, conversation)
            self._write_state(db, conversation, replace(self._state(db, conversation), place=place))

        await self._database.run(write)

    async def forget(self, conversation: str) -> int:
        """Deletes everything about a conversation, in one commit with what else the turn under way deletes; gives how
        many answers and states there were.
        """
        def count(db: Connection) -> int:
            return sum(int(db.execute(sql(f"SELECT count(*) FROM {table} WHERE conversation = :conversation"),
                                      {"conversation": conversation}).scalar())
                       for table in ("wechat_messages", "wechat_conversations"))

        found = await self._database.read(count)
        with self.turn() as unit:
            unit.erase(conversation)
            await unit.commit(lambda db: None)
        return found

    async def sweep(self) -> int:
        """Deletes what has expired; gives how many messages and conversations there were."""
        return await self._database.run(self._sweep)

    async def probe(self) -> None:
        """Writes something, to find out whether that works."""
        await self._database.run(probe)

    async def close(self) -> None:
        """Releases the database."""
        await self._database.close()

    async def _change(self, statement: str, **values: object) -> None:
        await self._database.run(lambda db: db.execute(sql(statement), values))

    # --- on a thread of the database --------------------------------------------------------------

    def _arrive(self, db: Connection, key: str, conversation: str, question: str, request: str,
                counts: bool) -> Arrival:
        hold(db, conversation)
        now = self._clock()
        if now - self._swept >= _SWEEP_EVERY_S:
            self._sweep(db)
        db.execute(sql("INSERT INTO wechat_requests (request, key, at) VALUES (:request, :key, :at)"
                       " ON CONFLICT (request) DO NOTHING"), {"request": request, "key": key, "at": now})
        first = db.execute(sql("SELECT key FROM wechat_requests WHERE request = :request"), {"request": request})
        if first.scalar() != key:
            return Arrival("replayed")
        db.execute(sql(
            "INSERT INTO wechat_messages (key, conversation, question, first_at, tries, owner, lease)"
            " VALUES (:key, :conversation, :question, :at, 0, '', 0) ON CONFLICT (key) DO NOTHING"),
            {"key": key, "conversation": conversation, "question": question, "at": now})
        db.execute(sql("UPDATE wechat_messages SET tries = tries + :more WHERE key = :key"),
                   {"more": int(counts), "key": key})
        found = self._look(db, key)
        if found is not None:
            return found
        db.execute(sql("UPDATE wechat_messages SET owner = :owner, lease = :lease WHERE key = :key"),
                   {"owner": self._owner, "lease": now + self.lease_s, "key": key})
        tries, first_at = db.execute(sql("SELECT tries, first_at FROM wechat_messages WHERE key = :key"),
                                     {"key": key}).one()
        return Arrival("mine", tries, first_at, state=self._state(db, conversation))

    def _look(self, db: Connection, key: str) -> Arrival | None:
        row = db.execute(sql(
            "SELECT tries, first_at, lease, answer IS NOT NULL OR carried_at IS NOT NULL, reply, carried_at"
            " FROM wechat_messages WHERE key = :key"), {"key": key}).first()
        if row is None:
            return None
        tries, first_at, lease, answered, reply, carried_at = row
        if answered:
            return Arrival("answered", tries, first_at, reply, carried_at)
        return Arrival("busy", tries, first_at) if lease > self._clock() else None

    def _finish(self, db: Connection, key: str, conversation: str, answer: Answer,
                compose: Compose | None) -> tuple[bool, Reply | None]:
        """Whether nobody has answered before, and the reply."""
        hold(db, conversation)
        open_ = "key = :key AND answer IS NULL AND carried_at IS NULL"
        if compose is None:
            done = db.execute(sql(f"UPDATE wechat_messages SET answer = :answer WHERE {open_}"),
                              {"answer": answer.dump(), "key": key})
            return done.rowcount > 0, None
        if db.execute(sql(f"SELECT 1 FROM wechat_messages WHERE {open_}"), {"key": key}).first() is None:
            return False, None
        # What goes out at once needs not be kept for later.
        return True, self._send_out(db, key, conversation, answer, compose)

    def _carry(self, db: Connection, key: str, conversation: str, compose: Compose) -> Reply | None:
        hold(db, conversation)
        row = db.execute(sql("SELECT answer FROM wechat_messages WHERE key = :key AND carried_at IS NULL"
                             " AND answer IS NOT NULL"), {"key": key}).first()
        return None if row is None else self._send_out(db, key, conversation, Answer.load(row[0]), compose)

    def _send_out(self, db: Connection, key: str, conversation: str, answer: Answer, compose: Compose) -> Reply:
        now = self._clock()
        # What nobody will ask for again: given up, or so old that WeChat has stopped retrying. Without an answer and
        # without a sign of life it will have none.
        rows = db.execute(sql(
            "SELECT key, question, answer FROM wechat_messages WHERE conversation = :conversation AND key != :key"
            " AND carried_at IS NULL AND (gave_up = 1 OR first_at <= :stopped)"
            " AND (answer IS NOT NULL OR lease <= :now) ORDER BY first_at"),
            {"conversation": conversation, "key": key, "stopped": now - self._window, "now": now}).all()
        kept = [Kept(question, Answer.load(raw) if raw else None) for _, question, raw in rows]
        state = self._state(db, conversation)
        reply = compose(answer, kept, state)
        for took, _, _ in rows[:reply.took]:
            db.execute(sql("UPDATE wechat_messages SET carried_at = :now WHERE key = :key"), {"now": now, "key": took})
        db.execute(sql("UPDATE wechat_messages SET carried_at = :now, reply = :reply WHERE key = :key"),
                   {"now": now, "reply": reply.text, "key": key})
        if reply.state != state:
            self._write_state(db, conversation, reply.state)
        return reply

    def _state(self, db: Connection, conversation: str) -> State:
        row = db.execute(
            sql("SELECT state FROM wechat_conversations WHERE conversation = :conversation AND at > :since"),
            {"conversation": conversation, "since": self._clock() - self._keep}).first()
        return State() if row is None else State.load(row[0])

    def _write_state(self, db: Connection, conversation: str, state: State) -> None:
        db.execute(sql(
            "INSERT INTO wechat_conversations (conversation, state, at) VALUES (:conversation, :state, :at)"
            " ON CONFLICT (conversation) DO UPDATE SET state = excluded.state, at = excluded.at"),
            {"conversation": conversation, "state": state.dump(), "at": self._clock()})

    def _sweep(self, db: Connection) -> int:
        now = self._swept = self._clock()
        if not alone(db, "sweep of wechat"):
            return 0

        def done(statement: str, **values: Any) -> int:
            return int(db.execute(sql(statement), values).rowcount)

        done("DELETE FROM wechat_requests WHERE at <= :before", before=now - max(self._window, 900.0))
        # Said, and not asked for again: that it was answered is all that must still be known.
        done("UPDATE wechat_messages SET question = '', answer = NULL, reply = NULL"
             " WHERE carried_at <= :before AND (answer IS NOT NULL OR question != '')", before=now - 2 * self._window)
        return (done("DELETE FROM wechat_messages WHERE first_at <= :before", before=now - self._keep)
                + done("DELETE FROM wechat_conversations WHERE at <= :before", before=now - self._keep))
