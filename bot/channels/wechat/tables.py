"""The WeChat door's own small database, ``var/wechat.db``: several processes share it, one thread of each asks it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.private_files import private_file, private_folder

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

#: How long a call waits for another process that is writing, seconds.
PATIENCE_S = 2.0


class TablesDown(RuntimeError):
    """The database cannot be read or written at the moment (disk full, locked, gone)."""


class Tables:
    """One SQLite file, for its owner alone. Made at the first call.

    Args:
        path: the file; others may keep tables of their own in it.
        schema: statements that create this user's tables where they are missing.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._schema = schema
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wechat-tables")
        self._db: sqlite3.Connection | None = None

    async def run(self, work: Work[T]) -> T:
        """Gives what ``work`` gives, in one transaction that no other process can come between.

        Raises:
            TablesDown: when the database does not do its part; nothing is changed then.
        """
        return await self._on_thread(lambda: self._atomically(work))

    async def erase(self, work: Work[T]) -> T:
        """As ``run``, for deletions: what was deleted is not left readable in the log file beside the database."""
        return await self._on_thread(lambda: self._erase(work))

    async def close(self) -> None:
        """Releases the file."""
        await self._on_thread(self._close)
        self._thread.shutdown(wait=False)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            # The kind of it only: a message of SQLite may quote what was to be written.
            raise TablesDown(type(error).__name__) from None

    # --- on the thread ------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            private_folder(self._path.parent)
            private_file(self._path)
            db = sqlite3.connect(self._path, timeout=PATIENCE_S, isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
                db.execute(f"PRAGMA {pragma}")
            db.executescript(self._schema)
            # Only now: a file that cannot be set up (disk full) is tried again with the next call.
            self._db = db
        return self._db

    def _atomically(self, work: Work[T]) -> T:
        db = self._connection()
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

    def _erase(self, work: Work[T]) -> T:
        result = self._atomically(work)
        self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return result

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
