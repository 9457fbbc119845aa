"""Hides what a sentence is about, so that the classifier learns how people ask and not about which service."""

from __future__ import annotations

import re

from bot.nlu.reading import Reading

TOPIC, PLACE = "◆", "◇"
_NUMBERS = re.compile(r"\d+(\.\d+)?")


def mask(reading: Reading) -> str:
    """The text with services as ◆, places as ◇ and numbers as 0."""
    spans = [(item.start, item.end, TOPIC) for item in reading.topics]
    spans += [(item.start, item.end, PLACE) for item in reading.places]
    text = reading.text
    for start, end, sign in sorted(spans, reverse=True):
        text = text[:start] + sign + text[end:]
    return _NUMBERS.sub("0", text)
