"""Finds out whether the database can be written."""

from __future__ import annotations

import os

from sqlalchemy.engine import Connection

from bot.state.database import sql

#: More than a page, so that it does not fit into what the log file has left over from before.
BYTES = 16384


def probe(db: Connection) -> None:
    """Writes something that means nothing."""
    db.execute(sql("INSERT INTO probe (number, filling) VALUES (1, :filling)"
                   " ON CONFLICT (number) DO UPDATE SET filling = excluded.filling"), {"filling": os.urandom(BYTES)})
