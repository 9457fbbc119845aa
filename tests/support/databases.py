"""Both kinds of database for tests of stores: ``state()`` opens one, as each process that shares it would.

A test that asks for ``state`` runs twice, on SQLite and on a real PostgreSQL.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.private_files import STATE
from bot.state import schema
from bot.state.database import Database


class Databases:
    """One empty database; each call opens it anew. ``folder`` is where SQLite's files are, empty for PostgreSQL."""

    def __init__(self, address: Path | str, folder: Path) -> None:
        self.address = address
        self.folder = folder
        self._opened: list[Database] = []

    def __call__(self, **options: Any) -> Database:
        self._opened.append(Database(self.address, **options))
        return self._opened[-1]

    @property
    def embedded(self) -> bool:
        """Whether it is SQLite."""
        return isinstance(self.address, Path)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives (or changes) on a connection of its own."""
        if isinstance(self.address, Path):
            with closing(sqlite3.connect(self.address)) as db, db:
                return db.execute(statement).fetchall()
        import psycopg2

        with closing(psycopg2.connect(self.address)) as db, db, db.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody else can write to ``table`` meanwhile."""
        if isinstance(self.address, Path):
            with closing(sqlite3.connect(self.address, isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                yield
                db.execute("ROLLBACK")
            return
        import psycopg2

        with closing(psycopg2.connect(self.address)) as db, db.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            yield
            db.rollback()

    def left(self) -> bytes:
        """Everything that lies in SQLite's files; nothing for PostgreSQL, which cleans up in its own time."""
        return b"".join(file.read_bytes() for file in self.folder.iterdir()) if self.embedded else b""

    def close(self) -> None:
        """Close what was opened."""
        for database in self._opened:
            asyncio.run(database.close())


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """An empty database of each kind."""
    folder = tmp_path / "var"
    made = Databases(folder / STATE, folder) if request.param == "sqlite" else Databases(_emptied(request), folder)
    yield made
    made.close()


def _emptied(request: pytest.FixtureRequest) -> str:
    server = request.getfixturevalue("postgres")
    address: str = server.url
    tables = {name for (name,) in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    ours = [table.name for table in schema.metadata.sorted_tables]
    if tables.issuperset(ours):
        server.execute(f"TRUNCATE {', '.join(ours)} RESTART IDENTITY")
    return address
