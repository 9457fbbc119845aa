"""What was answered, kept for a day: for duplicates, for missed events, and for the history.

``Outbox`` is the small interface the web channel needs; ``SqliteOutbox`` is the embedded one. Ids grow
over all sessions, so within a session they are monotonic too, also across restarts.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.private_files import private_file, private_folder

Message = dict[str, Any]
T = TypeVar("T")

EXPIRY_S = 24 * 3600
MAX_TURNS = 200
_SWEEP_EVERY_S = 600.0


@dataclass(frozen=True)
class Turn:
    """One message of a resident and the replies to it; ``text`` is "" where the bot spoke unasked.

    ``replies`` are contract messages, each with its event id under ``id``. ``at`` is Unix seconds.
    """

    message_id: str
    text: str
    replies: tuple[Message, ...]
    at: float


class OutboxDown(RuntimeError):
    """The store cannot be read or written at the moment (disk full, locked, gone)."""


class Outbox(Protocol):
    """What the web channel asks of a store. Every call is safe from concurrent tasks.

    Every call may raise ``OutboxDown``.
    """

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

    async def sweep(self) -> int:
        """Deletes what has expired, judgements too; gives how many turns and judgements there were."""

    async def probe(self) -> None:
        """Writes something, to find out whether that works."""

    async def close(self) -> None:
        """Releases what the store holds."""


_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
  session TEXT NOT NULL, message_id TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL,
  number INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (session, message_id));
CREATE INDEX IF NOT EXISTS turns_at ON turns (at);
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY AUTOINCREMENT, turn INTEGER NOT NULL REFERENCES turns (number) ON DELETE CASCADE,
  session TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS replies_session ON replies (session, id);
CREATE INDEX IF NOT EXISTS replies_turn ON replies (turn);
CREATE TABLE IF NOT EXISTS feedback (
  session TEXT NOT NULL, answer_id TEXT NOT NULL, helpful INTEGER NOT NULL, comment TEXT NOT NULL,
  at REAL NOT NULL, PRIMARY KEY (session, answer_id));
CREATE TABLE IF NOT EXISTS probe (number INTEGER PRIMARY KEY, filling BLOB);
"""


class SqliteOutbox:
    """An ``Outbox`` in one SQLite file. All calls run on one thread of its own, never on the event loop."""

    def __init__(
        self,
        path: Path,
        expiry_s: float = EXPIRY_S,
        max_turns: int = MAX_TURNS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._expiry = expiry_s
        self._max_turns = max_turns
        self._clock = clock
        self._swept = float("-inf")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        self._db: sqlite3.Connection | None = None

    async def record(self, session: str, message_id: str, text: str, replies: Sequence[Message]) -> Turn:
        """See ``Outbox.record``."""
        return await self._run(lambda: self._record(session, message_id, text, replies))

    async def find(self, session: str, message_id: str) -> Turn | None:
        """See ``Outbox.find``."""
        return await self._run(lambda: self._find(session, message_id))

    async def after(self, session: str, event_id: int) -> list[Message]:
        """See ``Outbox.after``."""
        return await self._run(lambda: self._after(session, event_id))

    async def history(self, session: str) -> list[Turn]:
        """See ``Outbox.history``."""
        return await self._run(lambda: self._history(session))

    async def forget(self, session: str) -> int:
        """See ``Outbox.forget``."""
        return await self._run(lambda: self._forget(session))

    async def farewell(self, session: str, message_id: str, replies: Sequence[Message]) -> list[Message]:
        """See ``Outbox.farewell``."""
        return await self._run(lambda: self._farewell(session, message_id, replies))

    async def feedback(self, session: str, answer_id: str, helpful: bool, comment: str) -> bool:
        """See ``Outbox.feedback``."""
        return await self._run(lambda: self._feedback(session, answer_id, helpful, comment))

    async def sweep(self) -> int:
        """See ``Outbox.sweep``."""
        return await self._run(lambda: self._atomically(lambda db: self._sweep(db, self._clock())))

    async def probe(self) -> None:
        """See ``Outbox.probe``."""
        await self._run(self._probe)

    async def close(self) -> None:
        """See ``Outbox.close``."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise OutboxDown(str(error)) from error

    # --- on the outbox thread -------------------------------------------------------------------

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            private_folder(self._path.parent)
            private_file(self._path)
            db = sqlite3.connect(self._path, timeout=10.0, isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
                db.execute(f"PRAGMA {pragma}")
            db.executescript(_SCHEMA)
            # Only now: a file that cannot be set up (disk full) is tried again with the next call.
            self._db = db
        return self._db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _atomically(self, work: Callable[[sqlite3.Connection], T]) -> T:
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            # A full disk can end the transaction by itself; a COMMIT that failed must not leave it open.
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    def _record(self, session: str, message_id: str, text: str, replies: Sequence[Message]) -> Turn:
        def write(db: sqlite3.Connection) -> None:
            now = self._clock()
            if now - self._swept >= _SWEEP_EVERY_S:
                # The server sweeps by itself; `rasa run` has nobody else who would.
                self._swept = now
                self._sweep(db, now)
            # A duplicate that has expired but was not swept yet must not stand in the way.
            db.execute(
                "DELETE FROM turns WHERE session = ? AND message_id = ? AND at <= ?",
                (session, message_id, now - self._expiry),
            )
            added = db.execute(
                "INSERT OR IGNORE INTO turns (session, message_id, text, at) VALUES (?, ?, ?, ?)",
                (session, message_id, text, now),
            )
            if added.rowcount == 0:
                return
            for reply in replies:
                body = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
                db.execute(
                    "INSERT INTO replies (turn, session, body) VALUES (?, ?, ?)", (added.lastrowid, session, body)
                )
            db.execute(
                "DELETE FROM turns WHERE session = ? AND number <= (SELECT number FROM turns WHERE session = ?"
                " ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (session, session, self._max_turns),
            )

        self._atomically(write)
        turn = self._find(session, message_id)
        assert turn is not None
        return turn

    def _sweep(self, db: sqlite3.Connection, now: float) -> int:
        expired = (now - self._expiry,)
        tables = ("turns", "feedback")
        return sum(db.execute(f"DELETE FROM {table} WHERE at <= ?", expired).rowcount for table in tables)

    def _probe(self) -> None:
        # More than a page, so that it does not fit into what the log file has left over from before.
        self._atomically(lambda db: db.execute("INSERT OR REPLACE INTO probe VALUES (1, randomblob(16384))"))

    def _turns(self, where: str, values: tuple[object, ...]) -> list[Turn]:
        rows = self._connection.execute(
            "SELECT t.number, t.message_id, t.text, t.at, r.id, r.body FROM turns t LEFT JOIN replies r"
            f" ON r.turn = t.number WHERE t.at > ? AND {where} ORDER BY t.number, r.id",
            (self._clock() - self._expiry, *values),
        ).fetchall()
        heads: dict[int, tuple[str, str, float]] = {}
        replies: dict[int, list[Message]] = {}
        for number, message_id, text, at, event_id, body in rows:
            heads[number] = (message_id, text, at)
            if event_id is not None:
                replies.setdefault(number, []).append(_numbered(event_id, message_id if text else "", body))
        return [Turn(h[0], h[1], tuple(replies.get(number, ())), h[2]) for number, h in heads.items()]

    def _find(self, session: str, message_id: str) -> Turn | None:
        turns = self._turns("t.session = ? AND t.message_id = ?", (session, message_id))
        return turns[0] if turns else None

    def _history(self, session: str) -> list[Turn]:
        return self._turns("t.session = ?", (session,))

    def _after(self, session: str, event_id: int) -> list[Message]:
        turns = self._turns("t.session = ? AND r.id > ?", (session, event_id))
        return [reply for turn in turns for reply in turn.replies]

    def _forget(self, session: str) -> int:
        deleted = self._atomically(lambda db: _delete(db, session))
        self._empty_the_log()
        return deleted

    def _farewell(self, session: str, message_id: str, replies: Sequence[Message]) -> list[Message]:
        def write(db: sqlite3.Connection) -> list[int]:
            _delete(db, session)
            # A row is made for its number and goes again, so that no later reply gets the same.
            turn = db.execute("INSERT INTO turns (session, message_id, text, at) VALUES ('', '', '', 0)").lastrowid
            numbers = [
                db.execute("INSERT INTO replies (turn, session, body) VALUES (?, '', '')", (turn,)).lastrowid or 0
                for _ in replies
            ]
            db.execute("DELETE FROM turns WHERE number = ?", (turn,))
            return numbers

        numbers = self._atomically(write)
        self._empty_the_log()
        return [
            {**reply, "id": number, "in_reply_to": message_id}
            for number, reply in zip(numbers, replies, strict=True)
        ]

    def _empty_the_log(self) -> None:
        # Deleted text would otherwise stay readable in the write-ahead log for a while.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _feedback(self, session: str, answer_id: str, helpful: bool, comment: str) -> bool:
        given = {reply["custom"].get("answer_id") for turn in self._history(session) for reply in turn.replies}
        if answer_id not in given:
            return False
        self._connection.execute(
            "INSERT OR REPLACE INTO feedback (session, answer_id, helpful, comment, at) VALUES (?, ?, ?, ?, ?)",
            (session, answer_id, int(helpful), comment, self._clock()),
        )
        return True


def _delete(db: sqlite3.Connection, session: str) -> int:
    count: int = db.execute("SELECT count(*) FROM replies WHERE session = ?", (session,)).fetchone()[0]
    db.execute("DELETE FROM turns WHERE session = ?", (session,))
    # A comment is the resident's own words too.
    db.execute("DELETE FROM feedback WHERE session = ?", (session,))
    return count


def _numbered(event_id: int, message_id: str, body: str) -> Message:
    message: Message = json.loads(body)
    message["id"] = event_id
    message["in_reply_to"] = message_id
    return message
