"""Where conversations are kept: Rasa's SQL store, reading back only the last turns.

Rasa 3.6 reads a conversation whole at every turn and ignores ``max_event_history``; a turn then costs more the
longer one talks. Everything that matters for the next answer is in the memory slot, which every turn writes,
so the last few turns are enough.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.private_files import private_file

#: Events read back for a turn; a turn makes seven to nine.
LAST_EVENTS = 24


class Conversations(SQLTrackerStore):
    """Named in the endpoint configuration as ``bot.conversations.Conversations``; options as for Rasa's SQL store."""

    def __init__(self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None,
                 **options: Any) -> None:
        if options.get("dialect", "sqlite") == "sqlite" and options.get("db"):
            # Before SQLite makes it, readable for everybody; its -wal and -shm take the rights of this file.
            private_file(Path(options["db"]))
        super().__init__(domain=domain, event_broker=event_broker, **options)
        # An error of the database repeats the values of its statement: a resident's words would be in the log.
        self.engine.hide_parameters = True
        if self.engine.dialect.name == "sqlite":
            # A write-ahead log needs one disk flush now and then instead of several a turn, and loses nothing
            # when the process dies.
            sa.event.listen(self.engine, "connect", _write_ahead)
            self.engine.dispose()

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        if fetch_events_from_all_sessions:
            return await super()._retrieve(sender_id, True)
        with self.session_scope() as session:
            rows = (session.query(self.SQLEvent.data, self.SQLEvent.type_name)
                    .filter(self.SQLEvent.sender_id == sender_id)
                    .order_by(self.SQLEvent.id.desc()).limit(LAST_EVENTS).all())
        if not rows or self.domain is None:
            return None
        rows.reverse()
        if len(rows) == LAST_EVENTS:
            rows = list(itertools.dropwhile(lambda row: row.type_name != UserUttered.type_name, rows)) or rows
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row.data) for row in rows], self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what this turn added."""
        await super().save(tracker)
        tracker.stored_events = len(tracker.events)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        """Only events after those that were read back or saved before; a fresh tracker has none stored."""
        stored = getattr(tracker, "stored_events", None)
        if stored is None:
            return super()._additional_events(session, tracker)
        return itertools.islice(tracker.events, stored, None)


def _write_ahead(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # What is deleted is overwritten: a forgotten conversation must not stand in the file's free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
