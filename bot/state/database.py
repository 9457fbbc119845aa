"""The database as the stores see it: pieces of work, each one transaction, none of them on the event loop.

    database = database_of(var)
    await database.run(lambda db: db.execute(sql("UPDATE … WHERE session = :session"), {"session": session}))
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.observing.turn import stage
from bot.private_files import STATE
from bot.settings import CannotServe, settings
from bot.state import engines
from bot.state.earlier import bring_over, files_of
from bot.state.preparing import prepare_postgres, prepare_sqlite
from bot.state.troubles import may_pass, unusable

logger = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]

#: The longest that a call may take in all, seconds.
LIMIT_S = 6.0


class StateDown(RuntimeError):
    """The database cannot be read or written at the moment (disk full, locked, gone, too slow); nothing is changed.

    After ``run`` was too slow, or lost its connection, it may have been done all the same. Its words name the kind of
    error only: a database may quote what was to be written.
    """


class Database:
    """One database, opened with the first call. Safe for all tasks and threads; never used across a fork.

    Args:
        address: a file of SQLite, or the URL of a PostgreSQL database.
        limit_s: the longest that a call may take, seconds.
        var: the folder whose older files are brought over; SQLite's own by default.
    """

    def __init__(self, address: Path | str, limit_s: float = LIMIT_S, var: Path | None = None) -> None:
        self._address = address
        self._var = address.parent if isinstance(address, Path) else var
        self._limit = limit_s
        self._opening = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._engine: sa.engine.Engine | None = None
        self._reader: sa.engine.Engine | None = None
        self._down = ""
        self._found = ""

    @property
    def embedded(self) -> bool:
        """Whether it is a file of SQLite."""
        return isinstance(self._address, Path)

    async def run(self, work: Work[T]) -> T:
        """Gives what ``work`` gives, in one transaction that may write. On SQLite nobody else writes meanwhile.

        Raises:
            StateDown: when the database does not do its part.
        """
        return await self._on_thread(lambda: self._atomically(work))

    async def read(self, work: Work[T]) -> T:
        """As ``run``, for work that only reads."""
        return await self._on_thread(lambda: self._read(work))

    async def erase(self, work: Work[T]) -> T:
        """As ``run``, for deletions: what was deleted is not left readable in the log file beside the database."""
        return await self._on_thread(lambda: self._erase(work))

    async def close(self) -> None:
        """Releases what is held; a later call opens it again."""
        threads = self._threads
        if threads is not None:
            await asyncio.get_running_loop().run_in_executor(threads, self._dispose)
            self._threads = None
            threads.shutdown(wait=False)

    def prepare(self, patience_s: float = 0.0) -> str:
        """Makes the tables, or brings those of an older release up to date; blocks. For the start of a process.

        Gives the version that the tables had, "" for none. ``patience_s``: so many seconds a database may take to
        come up.

        Raises:
            CannotServe: where the database cannot be used, or is of a newer release.
        """
        ends = time.monotonic() + patience_s
        while True:
            try:
                self._open()
                return self._found
            except (SQLAlchemyError, sqlite3.Error, OSError) as error:
                if time.monotonic() >= ends or not may_pass(error):
                    raise CannotServe(unusable(self._address, error)) from None
            time.sleep(0.2)

    def release(self) -> None:
        """As ``close``, where no event loop runs."""
        self._dispose()

    # --- on a thread --------------------------------------------------------------------------------

    async def _on_thread(self, work: Callable[[], T]) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1 if self.embedded else engines.CONNECTIONS, thread_name_prefix="state")
        try:
            called = asyncio.get_running_loop().run_in_executor(self._threads, work)
            with stage("store"):
                result = await asyncio.wait_for(called, self._limit)
        except asyncio.TimeoutError:
            raise self._failed("too slow") from None
        except (SQLAlchemyError, sqlite3.Error, OSError, CannotServe) as error:
            raise self._failed(_kind(error)) from None
        if self._down:
            logger.warning("the database is back")
            self._down = ""
        return result

    def _failed(self, why: str) -> StateDown:
        if why != self._down:
            logger.error("the database does not do its part: %s", why)
            self._down = why
        return StateDown(why)

    def _open(self) -> sa.engine.Engine:
        with self._opening:
            if self._engine is None:
                if isinstance(self._address, Path):
                    engine, self._found = prepare_sqlite(self._address)
                else:
                    engine, self._found = prepare_postgres(self._address)
                left = files_of(self._var, self.embedded) if self._var is not None else []
                if left:
                    try:
                        bring_over(engine, left)
                    except BaseException:
                        engine.dispose()
                        raise
                # Only now: what cannot be set up (disk full) is tried again with the next call.
                self._reader = engine.execution_options(**{engines.READING: True})
                self._engine = engine
            return self._engine

    def _atomically(self, work: Work[T]) -> T:
        with self._open().begin() as db:
            return work(db)

    def _read(self, work: Work[T]) -> T:
        self._open()
        assert self._reader is not None
        with self._reader.connect() as db:
            return work(db)

    def _erase(self, work: Work[T]) -> T:
        result = self._atomically(work)
        if self.embedded:
            with self._open().connect() as db:
                driver = db.connection.dbapi_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return result

    def _dispose(self) -> None:
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = self._reader = None


_open: weakref.WeakValueDictionary[Path | str, Database] = weakref.WeakValueDictionary()


def database_of(var: Path) -> Database:
    """The database that the environment names, else the embedded one in ``var``; the same for all who ask."""
    address: Path | str = settings().state_url or (var / STATE).absolute()
    database = _open.get(address)
    if database is None:
        database = _open[address] = Database(address, var=var)
    return database


@lru_cache(maxsize=512)
def sql(statement: str) -> sa.sql.elements.TextClause:
    """A statement with ``:name`` for its values, made once."""
    return sa.text(statement)


def hold(db: Connection, key: str) -> None:
    """Until the transaction ends nobody else holds ``key``, such as a conversation's.

    SQLite has one writer at a time anyway.
    """
    if db.dialect.name == "postgresql":
        db.execute(sql("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def alone(db: Connection, task: str) -> bool:
    """Whether nobody else is at ``task``; then nobody will be until the transaction ends."""
    return db.dialect.name != "postgresql" or bool(
        db.execute(sql("SELECT pg_try_advisory_xact_lock(hashtextextended(:task, 0))"), {"task": task}).scalar())


def _kind(error: Exception) -> str:
    origin = getattr(error, "orig", None)
    code = getattr(origin, "pgcode", None) or ""
    return f"{type(origin or error).__name__} {code}".strip()
