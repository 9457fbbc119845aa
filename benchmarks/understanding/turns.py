"""One sentence as the first turn of a conversation, read as the bot reads it, without Rasa around it."""

from __future__ import annotations

import msgspec

from actions.turn import Turn, begin
from bot.clock import today
from bot.knowledge_access import snapshot
from bot.nlu.masking import mask
from bot.nlu.reading import read
from bot.settings import settings
from knowledge.text import normalise_with_pauses


def first_turn(text: str, region: str) -> Turn:
    """The turn in which a resident of ``region`` says ``text``; no intent is known, which choosing does not ask for."""
    plain, pauses = normalise_with_pauses(text)
    reading = read(plain, snapshot=snapshot(), region=region, today=today(), pauses=list(pauses))
    return begin({"text": text, "reading": msgspec.to_builtins(reading), "metadata": {"region": region}}, {})


def masked(text: str) -> str:
    """What the bot's classifier is shown of a training sentence: services, places and numbers are hidden."""
    plain, pauses = normalise_with_pauses(text)
    return mask(read(plain, snapshot=snapshot(), region=settings().region, today=today(), pauses=list(pauses)))
