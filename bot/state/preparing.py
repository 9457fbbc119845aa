"""Makes a database ready for this release: tables where there are none, migrations where they are of an older one.

Several processes may start at once: one does it, the others wait. alembic is loaded only where there is something to
migrate.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from bot.private_files import private_file, private_folder
from bot.settings import CannotServe
from bot.state import engines, schema

#: What the processes that prepare one PostgreSQL database agree on.
_LOCK = 7_155_110
_STAMP = "alembic_version"


class NewerSchema(CannotServe):
    """The database was last used by a newer release, whose tables this one does not know."""

    def __init__(self) -> None:
        super().__init__("数据库是更新的版本用过的，这个版本读不懂。请换回新版本，或者换一个数据库")


def prepare_sqlite(path: Path) -> tuple[Engine, str]:
    """An engine for the file, which is made if need be, for its owner alone; and the version of the tables that it had,
    "" for none. Raises SQLAlchemyError or OSError.
    """
    private_folder(path.parent)
    private_file(path)
    engine = engines.sqlite_engine(path)
    try:
        _when_unlocked(engine)
        with engine.begin() as db:
            return engine, _prepare(db)
    except BaseException:
        engine.dispose()
        raise


def prepare_postgres(address: str) -> tuple[Engine, str]:
    """An engine for the database, and the version of the tables that it had. Raises SQLAlchemyError."""
    engine = engines.postgres_engine(address)
    try:
        with engine.connect() as db:
            found = stamp_of(db)
        return engine, found if found == schema.VERSION else _migrate_postgres(address)
    except BaseException:
        engine.dispose()
        raise


def _migrate_postgres(address: str) -> str:
    engine = engines.patient_engine(address)
    try:
        with engine.begin() as db:
            db.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return _prepare(db)
    finally:
        engine.dispose()


def stamp_of(db: Connection) -> str:
    """The version of the tables; "" where there are none."""
    if not sa.inspect(db).has_table(_STAMP):
        return ""
    version: Optional[str] = db.execute(sa.text(f"SELECT version_num FROM {_STAMP}")).scalar()
    return version or ""


def _prepare(db: Connection) -> str:
    """In a transaction that no other process can come between."""
    found = stamp_of(db)
    if found == schema.VERSION:
        return found
    if not found:
        # As the migrations would make them, but without loading alembic: a first start should be quick.
        schema.metadata.create_all(db)
        db.execute(sa.text(f"CREATE TABLE {_STAMP} (version_num VARCHAR(32) NOT NULL,"
                           f" CONSTRAINT {_STAMP}_pkc PRIMARY KEY (version_num))"))
        db.execute(sa.text(f"INSERT INTO {_STAMP} VALUES (:version)"), {"version": schema.VERSION})
        return found
    _migrate(db, found)
    return found


def _migrate(db: Connection, found: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = alembic_config(db)
    try:
        ScriptDirectory.from_config(config).get_revision(found)
    except CommandError:
        raise NewerSchema from None
    command.upgrade(config, schema.VERSION)


def alembic_config(db: Optional[Connection] = None) -> Any:
    """alembic's configuration; with ``db`` its commands work on that connection, in its transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = db
    return config


def _when_unlocked(engine: Engine) -> None:
    """Opens the file. Two processes that make it at once: one is told at once that it is locked, and tries again."""
    ends = time.monotonic() + engines.PATIENCE_S
    while True:
        try:
            with engine.connect():
                return
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() >= ends:
                raise
        time.sleep(0.02)
