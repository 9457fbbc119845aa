"""Brings over what was kept in files of SQLite before: by an earlier release, or before STATE_URL was set.

Nothing that a resident said may be lost by an upgrade, or stay behind in a file that nobody sweeps any more.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.private_files import EARLIER, STATE
from bot.settings import CannotServe
from bot.state import schema

logger = logging.getLogger(__name__)

#: Our tables → what releases before the one database called them, where that was another name.
_NAMES = {"wechat_messages": "messages", "wechat_requests": "requests", "wechat_conversations": "conversations",
          "wechat_cards": "cards", "wechat_windows": "api_windows", "wechat_tokens": "api_tokens",
          "wechat_forced": "api_forced"}
#: Tables whose rows have numbers of their own → the number's column.
_NUMBERED = {"turns": "number", "replies": "id"}
_BATCH = 500
Row = dict[str, Any]


def files_of(var: Path, embedded: bool) -> list[Path]:
    """The files in ``var`` that are to be brought over into a database that is ``embedded`` in it, or is not."""
    return [var / name for name in (*EARLIER, *(() if embedded else (STATE,))) if (var / name).exists()]


def bring_over(engine: Engine, files: list[Path]) -> None:
    """Copies all of ``files`` in one transaction, then erases them. What is there already wins.

    A process that dies in between leaves the files, and the next one finds their rows there already.

    Raises:
        CannotServe: a file is broken; nothing was changed.
        sqlite3.Error, SQLAlchemyError, OSError: nothing was changed, or nothing erased.
    """
    with engine.begin() as db:
        if db.dialect.name == "postgresql":
            # Other processes may be serving: their numbers must not get between ours.
            db.execute(sa.text("LOCK TABLE events, turns, replies IN SHARE ROW EXCLUSIVE MODE"))
        for file in files:
            try:
                with closing(sqlite3.connect(file, timeout=10.0)) as source:
                    source.row_factory = sqlite3.Row
                    _copy(source, db)
            except sqlite3.OperationalError:
                raise  # locked for a moment
            except sqlite3.DatabaseError:
                raise CannotServe(f"{file} 坏了，不是数据库，请把它移走再启动（里面的对话会从头开始）") from None
    for file in files:
        _erase(file)
    logger.warning("brought over and erased: %s", ", ".join(file.name for file in files))


def _copy(source: sqlite3.Connection, db: Connection) -> None:
    there = {row["name"] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # Decided before anything is copied: these conversations, and these turns, are there already.
    if "events" in there:
        known = {row.sender_id for row in db.execute(sa.text("SELECT DISTINCT sender_id FROM events"))}
        for batch in _batches(source, "events", schema.events, "id"):
            _insert(db, schema.events, [_without(row, "id") for row in batch if row["sender_id"] not in known])
    if "turns" in there:
        _copy_turns(source, db)
    for table in schema.metadata.sorted_tables:
        name = _NAMES.get(table.name, table.name) if _NAMES.get(table.name) in there else table.name
        if name not in there or table.name in ("events", "turns", "replies", "probe"):
            continue
        for batch in _batches(source, name, table, "rowid"):
            _insert(db, table, [_without(row, "number") if table is schema.wechat_forced else row for row in batch])


def _copy_turns(source: sqlite3.Connection, db: Connection) -> None:
    """Turns and replies, with the numbers that pages know them by if nobody has them yet."""
    known = {tuple(row) for row in db.execute(sa.text("SELECT session, message_id FROM turns"))}
    last = {name: _sequence(db, name) for name in _NUMBERED}
    skipped: set[int] = set()
    for batch in _batches(source, "turns", schema.turns, "number"):
        skipped.update(row["number"] for row in batch if (row["session"], row["message_id"]) in known)
        _insert(db, schema.turns, [{**row, "number": row["number"] + last["turns"]} for row in batch
                                   if row["number"] not in skipped])
    for batch in _batches(source, "replies", schema.replies, "id"):
        _insert(db, schema.replies, [
            {**row, "id": row["id"] + last["replies"], "turn": row["turn"] + last["turns"]} for row in batch
            if row["turn"] not in skipped])
    for name, before in last.items():
        given = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
        if given is not None:
            _advance(db, name, given["seq"] + before)


def _batches(source: sqlite3.Connection, name: str, table: sa.Table, order: str) -> Iterator[list[Row]]:
    from bot.privacy.keeping import kept_row  # loads Rasa, which a start without older files should not wait for

    rows = source.execute(f"SELECT * FROM {name} ORDER BY {order}")
    while batch := rows.fetchmany(_BATCH):
        # Earlier releases hid nothing of what a resident said.
        yield [kept_row({key: row[key] for key in row.keys() if key in table.columns})  # noqa: SIM118
               for row in batch]


def _insert(db: Connection, table: sa.Table, rows: list[Row]) -> None:
    if not rows:
        return
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    db.execute(insert(table).on_conflict_do_nothing(), rows)


def _without(row: Row, column: str) -> Row:
    return {key: value for key, value in row.items() if key != column}


def _sequence(db: Connection, table: str) -> int:
    """The last number that was given."""
    if db.dialect.name == "postgresql":
        statement = f"SELECT last_value FROM {table}_{_NUMBERED[table]}_seq WHERE is_called"
    else:
        statement = f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"
    return int(db.execute(sa.text(statement)).scalar() or 0)


def _advance(db: Connection, table: str, number: int) -> None:
    """No number up to ``number`` is given any more."""
    if number <= _sequence(db, table):
        return
    values = {"name": table, "number": number}
    if db.dialect.name == "postgresql":
        db.execute(sa.text(f"SELECT setval('{table}_{_NUMBERED[table]}_seq', :number)"), values)
    elif not db.execute(sa.text("UPDATE sqlite_sequence SET seq = :number WHERE name = :name"), values).rowcount:
        db.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), values)


def _erase(file: Path) -> None:
    """Overwrites what is in the file, then removes it with those beside it."""
    with closing(sqlite3.connect(file, timeout=10.0, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                                  ).fetchall():
            db.execute(f'DELETE FROM "{name}"')
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
