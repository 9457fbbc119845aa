"""A turn as a channel and Rasa play it, without either."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from bot.channels.outbox import StateOutbox, Turn
from bot.conversations import Conversations
from bot.settings import PROJECT
from bot.state.database import Database

DOMAIN = Domain.load(str(PROJECT / "bot" / "domain.yml"))


def reply(text: str, **custom: Any) -> dict[str, Any]:
    """A message of the bot."""
    return {"text": text, "buttons": [], "custom": {"answer_id": f"a-{text}", "kind": "faq", **custom}}


class Bot:
    """Stores of one process, on ``database``."""

    def __init__(self, database: Database, **options: Any) -> None:
        self.database = database
        self.tracker_store = Conversations(DOMAIN, database=database, **options)
        self.outbox = StateOutbox(database)

    async def think(self, sender: str, text: str) -> None:
        """What Rasa does in a turn: read, hear, answer, remember, save."""
        tracker = await self.tracker_store.get_or_create_tracker(sender)
        said = [*_memory(tracker), text]
        for event in (UserUttered(text, {"name": "inform", "confidence": 0.9}), ActionExecuted("action_faq"),
                      BotUttered(f"答{text}"), SlotSet("memory", {"said": said}), ActionExecuted("action_listen")):
            tracker.update(event)
        await self.tracker_store.save(tracker)

    async def turn(self, sender: str, message_id: str, text: str) -> Turn:
        """A whole turn, stored in one commit."""
        with self.outbox.turn():
            done = await self.outbox.find(sender, message_id)
            if done is not None:
                return done
            await self.think(sender, text)
            return await self.outbox.record(sender, message_id, text, [reply(f"答{text}")])

    async def said(self, sender: str) -> list[str]:
        """What the bot remembers to have heard."""
        return _memory(await self.tracker_store.retrieve(sender))


def _memory(tracker: Any) -> list[str]:
    memory = tracker.get_slot("memory") if tracker is not None else None
    return list(memory["said"]) if memory else []
