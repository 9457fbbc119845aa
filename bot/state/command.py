"""``migrate``, and what a process does with the database before it serves."""

from __future__ import annotations

from pathlib import Path

from bot.state.database import Database, database_of
from bot.state.schema import VERSION

#: Seconds that a database may take to come up; several services may be started at once.
PATIENCE_S = 10.0


def prepare_state(var: Path) -> str:
    """Makes the database ready, and lets go of it; gives the version that its tables had. Raises CannotServe."""
    database: Database = database_of(var)
    try:
        return database.prepare(PATIENCE_S)
    finally:
        # Nothing is held while processes are forked.
        database.release()


def run_migrate(var: Path) -> int:
    """``bot migrate``: brings the database up to date and says so. Raises CannotServe."""
    found = prepare_state(var)
    if found == VERSION:
        print(f"数据库已经是最新的（{VERSION}）。")
    elif found:
        print(f"数据库从 {found} 更新到 {VERSION}。")
    else:
        print(f"数据库建好了（{VERSION}）。")
    return 0
