"""Who is answering which message, what was answered, and what waits to be said: one SQLite file for all processes.

Keys and conversations are keyed hashes (``residents``). A question and its answer stand here only until the answer is
out and WeChat has stopped retrying, or, where it could not go out, until the resident's next message; everything ends
after ``keep_s``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

from bot.channels.wechat.state import Answer, Kept, Place, Reply, State
from bot.channels.wechat.tables import Tables

T = TypeVar("T")
#: Fits an answer, and the answers kept from before, into one reply; called on the store's thread, so it only computes.
Compose = Callable[[Answer, Sequence[Kept], State], Reply]
_SWEEP_EVERY_S = 60.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
  key TEXT PRIMARY KEY, conversation TEXT NOT NULL, question TEXT NOT NULL, first_at REAL NOT NULL,
  tries INTEGER NOT NULL, owner TEXT NOT NULL, lease REAL NOT NULL, answer TEXT, reply TEXT, carried_at REAL,
  gave_up INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS messages_conversation ON messages (conversation, first_at);
CREATE INDEX IF NOT EXISTS messages_at ON messages (first_at);
CREATE TABLE IF NOT EXISTS requests (request TEXT PRIMARY KEY, key TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS requests_at ON requests (at);
CREATE TABLE IF NOT EXISTS conversations (conversation TEXT PRIMARY KEY, state TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS conversations_at ON conversations (at);
CREATE TABLE IF NOT EXISTS probe (number INTEGER PRIMARY KEY, filling BLOB);
"""


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
    """All calls run on one thread of its own, never on the event loop. Every call may raise TablesDown.

    Args:
        path: the file.
        owner: this process, by any name that no other has.
        keep_s: how long anything is kept, seconds.
        lease_s: after how long without a sign of life a message under way counts as abandoned.
        window_s: how long WeChat may still retry, counted from the first try.
        clock: seconds since 1970.
    """

    def __init__(self, path: Path, owner: str, keep_s: float, lease_s: float, window_s: float,
                 clock: Callable[[], float]) -> None:
        self._owner = owner
        self._keep = keep_s
        self.lease_s = lease_s
        self._window = window_s
        self._clock = clock
        self._swept = float("-inf")
        self._tables = Tables(path, _SCHEMA)

    async def arrive(self, key: str, conversation: str, question: str, request: str, *, counts: bool) -> Arrival:
        """A try of a message is here. ``counts``: it is a try of its own, not the double of one that is waiting."""
        return await self._atomically(lambda db: self._arrive(db, key, conversation, question, request, counts))

    async def look(self, key: str) -> Arrival | None:
        """How it stands with a message that somebody else is at; None where nobody is (any more)."""
        return await self._atomically(lambda db: self._look(db, key))

    async def renew(self, key: str) -> None:
        """A sign of life: this message is still being worked at here."""
        lease = self._clock() + self.lease_s
        await self._atomically(lambda db: db.execute(
            "UPDATE messages SET lease = ? WHERE key = ? AND owner = ?", (lease, key, self._owner)))

    async def finish(self, key: str, conversation: str, answer: Answer, compose: Compose | None) -> Reply | None:
        """Stores an answer; with ``compose`` it goes out at once, and the reply is given.

        None: without ``compose``, or where another process has answered meanwhile.
        """
        return await self._atomically(lambda db: self._finish(db, key, conversation, answer, compose))

    async def carry(self, key: str, conversation: str, compose: Compose) -> Reply | None:
        """An answer stored before goes out now; None if it went out already, or is gone."""
        return await self._atomically(lambda db: self._carry(db, key, conversation, compose))

    async def give_up(self, key: str) -> None:
        """WeChat will not ask for this message again: its answer goes another way."""
        await self._atomically(lambda db: db.execute("UPDATE messages SET gave_up = 1 WHERE key = ?", (key,)))

    async def put_back(self, key: str) -> None:
        """What was carried did not get out after all: it is kept for the next message."""
        await self._atomically(lambda db: db.execute(
            "UPDATE messages SET carried_at = NULL, reply = NULL, gave_up = 1 WHERE key = ?", (key,)))

    async def note_place(self, conversation: str, place: Place) -> None:
        """Remembers where the resident is."""
        def write(db: sqlite3.Connection) -> None:
            self._write_state(db, conversation, replace(self._state(db, conversation), place=place))

        await self._atomically(write)

    async def forget(self, conversation: str) -> int:
        """Deletes everything about a conversation; gives how many answers and states there were."""
        def delete(db: sqlite3.Connection) -> int:
            return sum(db.execute(f"DELETE FROM {table} WHERE conversation = ?", (conversation,)).rowcount
                       for table in ("messages", "conversations"))

        return await self._tables.erase(delete)

    async def sweep(self) -> int:
        """Deletes what has expired; gives how many messages and conversations there were."""
        return await self._atomically(self._sweep)

    async def probe(self) -> None:
        """Writes something, to find out whether that works."""
        await self._atomically(lambda db: db.execute("INSERT OR REPLACE INTO probe VALUES (1, randomblob(16384))"))

    async def close(self) -> None:
        """Releases the file."""
        await self._tables.close()

    async def _atomically(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._tables.run(work)

    # --- on the store's thread --------------------------------------------------------------------

    def _arrive(self, db: sqlite3.Connection, key: str, conversation: str, question: str, request: str,
                counts: bool) -> Arrival:
        now = self._clock()
        if now - self._swept >= _SWEEP_EVERY_S:
            self._sweep(db)
        db.execute("INSERT OR IGNORE INTO requests (request, key, at) VALUES (?, ?, ?)", (request, key, now))
        if db.execute("SELECT key FROM requests WHERE request = ?", (request,)).fetchone()[0] != key:
            return Arrival("replayed")
        db.execute(
            "INSERT OR IGNORE INTO messages (key, conversation, question, first_at, tries, owner, lease)"
            " VALUES (?, ?, ?, ?, 0, '', 0)", (key, conversation, question, now))
        db.execute("UPDATE messages SET tries = tries + ? WHERE key = ?", (int(counts), key))
        found = self._look(db, key)
        if found is not None:
            return found
        db.execute("UPDATE messages SET owner = ?, lease = ? WHERE key = ?", (self._owner, now + self.lease_s, key))
        tries, first_at = db.execute("SELECT tries, first_at FROM messages WHERE key = ?", (key,)).fetchone()
        return Arrival("mine", tries, first_at, state=self._state(db, conversation))

    def _look(self, db: sqlite3.Connection, key: str) -> Arrival | None:
        row = db.execute(
            "SELECT tries, first_at, lease, answer IS NOT NULL OR carried_at IS NOT NULL, reply, carried_at"
            " FROM messages WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        tries, first_at, lease, answered, reply, carried_at = row
        if answered:
            return Arrival("answered", tries, first_at, reply, carried_at)
        return Arrival("busy", tries, first_at) if lease > self._clock() else None

    def _finish(self, db: sqlite3.Connection, key: str, conversation: str, answer: Answer,
                compose: Compose | None) -> Reply | None:
        if compose is None:
            db.execute("UPDATE messages SET answer = ? WHERE key = ? AND answer IS NULL AND carried_at IS NULL",
                       (answer.dump(), key))
            return None
        open_ = db.execute("SELECT 1 FROM messages WHERE key = ? AND answer IS NULL AND carried_at IS NULL", (key,))
        # What goes out at once needs not be kept for later.
        return self._send_out(db, key, conversation, answer, compose) if open_.fetchone() else None

    def _carry(self, db: sqlite3.Connection, key: str, conversation: str, compose: Compose) -> Reply | None:
        row = db.execute("SELECT answer FROM messages WHERE key = ? AND carried_at IS NULL AND answer IS NOT NULL",
                         (key,)).fetchone()
        return None if row is None else self._send_out(db, key, conversation, Answer.load(row[0]), compose)

    def _send_out(self, db: sqlite3.Connection, key: str, conversation: str, answer: Answer,
                  compose: Compose) -> Reply:
        now = self._clock()
        # What nobody will ask for again: given up, or so old that WeChat has stopped retrying. Without an answer and
        # without a sign of life it will have none.
        rows = db.execute(
            "SELECT key, question, answer FROM messages WHERE conversation = ? AND key != ? AND carried_at IS NULL"
            " AND (gave_up = 1 OR first_at <= ?) AND (answer IS NOT NULL OR lease <= ?) ORDER BY first_at",
            (conversation, key, now - self._window, now)).fetchall()
        kept = [Kept(question, Answer.load(raw) if raw else None) for _, question, raw in rows]
        state = self._state(db, conversation)
        reply = compose(answer, kept, state)
        db.executemany("UPDATE messages SET carried_at = ? WHERE key = ?", [(now, row[0]) for row in rows[:reply.took]])
        db.execute("UPDATE messages SET carried_at = ?, reply = ? WHERE key = ?", (now, reply.text, key))
        if reply.state != state:
            self._write_state(db, conversation, reply.state)
        return reply

    def _state(self, db: sqlite3.Connection, conversation: str) -> State:
        row = db.execute("SELECT state FROM conversations WHERE conversation = ? AND at > ?",
                         (conversation, self._clock() - self._keep)).fetchone()
        return State() if row is None else State.load(row[0])

    def _write_state(self, db: sqlite3.Connection, conversation: str, state: State) -> None:
        db.execute("INSERT OR REPLACE INTO conversations (conversation, state, at) VALUES (?, ?, ?)",
                   (conversation, state.dump(), self._clock()))

    def _sweep(self, db: sqlite3.Connection) -> int:
        now = self._swept = self._clock()
        db.execute("DELETE FROM requests WHERE at <= ?", (now - max(self._window, 900.0),))
        # Said, and not asked for again: that it was answered is all that must still be known.
        db.execute("UPDATE messages SET question = '', answer = NULL, reply = NULL"
                   " WHERE carried_at <= ? AND (answer IS NOT NULL OR question != '')", (now - 2 * self._window,))
        return sum(db.execute(f"DELETE FROM {table} WHERE {column} <= ?", (now - self._keep,)).rowcount
                   for table, column in (("messages", "first_at"), ("conversations", "at")))
