"""Reading back the end of a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from bot.state.database import sql

#: Events read back for a turn; a turn makes seven to nine, and what it remembers is in its last ones.
LAST_EVENTS = 12


def last_events(db: Connection, sender: str) -> list[Any]:
    """The last ``LAST_EVENTS`` rows of ``sender`` with id, data and type_name, oldest first."""
    found = db.execute(sql("SELECT id, data, type_name FROM events WHERE sender_id = :sender"
                           f" ORDER BY id DESC LIMIT {LAST_EVENTS}"), {"sender": sender}).all()
    return list(reversed(found))
