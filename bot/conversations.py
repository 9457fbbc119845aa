"""Where conversations are kept: Rasa's tracker store on our database, reading back only the last turns.

Rasa 3.6 reads a conversation whole at every turn and ignores ``max_event_history``; a turn then costs more the
longer one talks. Everything that matters for the next answer is in the memory slot, which every turn writes,
so the last few turns are enough. Rasa's own SQL store also blocks the event loop; this one does not.

Within a channel's turn (``bot.state.unit``) nothing is written here: the events go with the replies, in one commit.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection

from bot.privacy.keeping import kept_events
from bot.settings import settings
from bot.state.database import Database, StateDown, alone, database_of, sql
from bot.state.reading import LAST_EVENTS, last_events
from bot.state.schema import events
from bot.state.unit import Row, Unit, erase_resident, unit_now

#: Conversations deleted in one transaction, so that none of them takes long.
_AT_ONCE = 200


class Conversations(TrackerStore):
    """Named in the endpoint configuration as ``bot.conversations.Conversations``.

    Args:
        domain: see Rasa's ``TrackerStore``.
        event_broker: told of a turn's events once they are stored.
        var: the folder of the embedded database; the settings' one by default. STATE_URL goes before it.
        database: another database.
    """

    def __init__(self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None,
                 var: Optional[str] = None, database: Optional[Database] = None, **options: Any) -> None:
        super().__init__(domain, event_broker, **options)
        self._database = database or database_of(Path(var) if var else settings().var)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation's last turns, with what the turn under way has added; None for a new one."""
        unit = unit_now(self._database)
        if unit is None:
            found = await self._database.read(lambda db: last_events(db, sender_id))
            return self._tracker(sender_id, [(row.data, row.type_name) for row in found])
        unit.check()
        if unit.erased(sender_id):
            found = []
        else:
            try:
                ahead = unit.take_ahead(sender_id)
                found = ahead if ahead is not None else await self._database.read(
                    lambda db: last_events(db, sender_id))
            except StateDown as error:
                unit.fail(error)
                raise
            unit.saw(sender_id, found[-1].id if found else 0)
        pending = [(row["data"], row["type_name"]) for row in unit.pending(sender_id)]
        return self._tracker(sender_id, [*((row.data, row.type_name) for row in found), *pending][-LAST_EVENTS:])

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """The whole conversation; None for a new one."""
        found = await self._database.read(lambda db: db.execute(sql(
            "SELECT data FROM events WHERE sender_id = :sender ORDER BY id"), {"sender": conversation_id}).all())
        unit = unit_now(self._database)
        pending = unit.pending(conversation_id) if unit is not None else []
        stored = [*(row.data for row in found), *(row["data"] for row in pending)]
        return self._made(conversation_id, stored) if stored else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores what was added since the tracker was read or saved: at once, or with the turn under way."""
        sender, unit = tracker.sender_id, unit_now(self._database)
        if unit is not None and unit.failed:
            return  # an error would make Rasa keep it in memory for good
        added = itertools.islice(tracker.events, await self._stored(tracker, unit), None)
        rows = [_row(sender, event) for event in kept_events(added)]
        tell = functools.partial(self._publish, sender, rows) if self.event_broker is not None and rows else None
        if unit is not None:
            unit.add(sender, rows, tell)
        elif rows:
            await self._database.run(lambda db: db.execute(events.insert(), rows))
            if tell is not None:
                tell()
        tracker.stored_events = len(tracker.events)

    async def keys(self) -> Iterable[str]:
        """The senders of all conversations."""
        found = await self._database.read(lambda db: db.execute(sql("SELECT DISTINCT sender_id FROM events")).all())
        return [row.sender_id for row in found]

    async def delete(self, sender_id: str) -> int:
        """Deletes everything kept of ``sender_id``: at once, or with the turn under way; gives how many events."""
        unit = unit_now(self._database)
        if unit is not None:
            count = await self._database.read(lambda db: _count(db, sender_id))
            unit.erase(sender_id)
            return count
        return (await self._database.erase(lambda db: erase_resident(db, sender_id)))["events"]

    async def delete_silent(self, before: float) -> int:
        """Deletes conversations without an event since ``before`` (seconds since 1970); gives how many there were."""
        deleted = 0
        while True:
            found = await self._database.erase(lambda db: _delete_silent(db, before))
            deleted += found
            if found < _AT_ONCE:
                return deleted

    async def close(self) -> None:
        """Releases the database; a later call opens it again."""
        await self._database.close()

    async def _stored(self, tracker: DialogueStateTracker, unit: Optional[Unit]) -> int:
        """How many of the tracker's events are stored, or handed to the turn, already."""
        known: Optional[int] = getattr(tracker, "stored_events", None)
        if known is not None:
            return known
        sender = tracker.sender_id
        pending = len(unit.pending(sender)) if unit is not None else 0
        if unit is not None and unit.is_new(sender):
            return pending
        return pending + await self._database.read(lambda db: _count(db, sender))

    def _tracker(self, sender: str, found: Sequence[tuple[str, str]]) -> Optional[DialogueStateTracker]:
        if not found:
            return None
        if len(found) == LAST_EVENTS:
            # From a turn's beginning, if one is among them.
            found = list(itertools.dropwhile(lambda row: row[1] != UserUttered.type_name, found)) or found
        return self._made(sender, [data for data, _ in found])

    def _made(self, sender: str, stored: list[str]) -> DialogueStateTracker:
        tracker = DialogueStateTracker.from_dict(sender, [json.loads(data) for data in stored], self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    def _publish(self, sender: str, rows: list[Row]) -> None:
        assert self.event_broker is not None
        for row in rows:
            self.event_broker.publish({"sender_id": sender, **json.loads(row["data"])})


def _count(db: Connection, sender: str) -> int:
    count: int = db.execute(sql("SELECT count(*) FROM events WHERE sender_id = :sender"), {"sender": sender}).scalar()
    return count


def _row(sender: str, event: Event) -> Row:
    data = event.as_dict()
    return {"sender_id": sender, "type_name": event.type_name, "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"), "action_name": data.get("name"),
            "data": json.dumps(data)}


def _delete_silent(db: Connection, before: float) -> int:
    if not alone(db, "sweep of conversations"):
        return 0
    found = db.execute(sql(
        "SELECT DISTINCT sender_id FROM events old WHERE old.timestamp < :before AND NOT EXISTS"
        " (SELECT 1 FROM events new WHERE new.sender_id = old.sender_id AND new.timestamp >= :before)"
        f" LIMIT {_AT_ONCE}"), {"before": before}).all()
    if found:
        db.execute(sql("DELETE FROM events WHERE sender_id = :sender"), [{"sender": row.sender_id} for row in found])
    return len(found)
