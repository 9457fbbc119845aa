"""SQLAlchemy engines for the two kinds of database, with every limit that keeps a call from waiting for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

#: How long a call waits for another process that is writing, seconds.
PATIENCE_S = 4.0
#: Connections of one process to PostgreSQL, which are as many calls as may run at once.
CONNECTIONS = 8
#: How long PostgreSQL may take, seconds: to let us in, over one statement, over a lock, and over no answer at all.
CONNECT_S, STATEMENT_S, LOCK_S, SILENCE_S = 2, 3.0, 2.5, 4.0
#: The execution option of an engine that only reads.
READING = "linlitong_reading"


def sqlite_engine(path: Path) -> sa.engine.Engine:
    """One connection to the file, for one thread."""
    engine = sa.create_engine(
        sa.engine.URL.create("sqlite", database=str(path)), future=True, hide_parameters=True, poolclass=StaticPool,
        connect_args={"timeout": PATIENCE_S, "check_same_thread": False, "isolation_level": None})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # A write-ahead log needs one flush now and then instead of several a turn, and loses nothing when the process
    # dies. What is deleted is overwritten: a forgotten conversation must not stand in the file's free pages.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.engine.Connection) -> None:
    # At once with the right to write: one that asks for it later may be refused in the middle.
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def postgres_engine(address: str) -> sa.engine.Engine:
    """A pool; a connection that broke while it lay in it is replaced before it is used."""
    return sa.create_engine(
        sa.engine.make_url(address), future=True, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=0,
        pool_timeout=PATIENCE_S, pool_pre_ping=True, pool_recycle=1800,
        connect_args=_limits(statement_s=STATEMENT_S, lock_s=LOCK_S, silence_s=SILENCE_S))


def patient_engine(address: str) -> sa.engine.Engine:
    """For a migration, which may take a minute and wait for another process that is at it."""
    return sa.create_engine(sa.engine.make_url(address), future=True, hide_parameters=True, poolclass=NullPool,
                            connect_args=_limits(statement_s=600.0, lock_s=120.0, silence_s=30.0))


def _limits(*, statement_s: float, lock_s: float, silence_s: float) -> dict[str, Any]:
    options = {"statement_timeout": statement_s, "lock_timeout": lock_s,
               "idle_in_transaction_session_timeout": 4 * statement_s}
    return {
        "connect_timeout": CONNECT_S, "application_name": "linlitong",
        "options": " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in options.items()),
        # A machine that is gone says nothing: without these a call would wait a quarter of an hour.
        "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 2, "keepalives_count": 3,
        "tcp_user_timeout": int(silence_s * 1000)}
