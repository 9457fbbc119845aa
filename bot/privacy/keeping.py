"""What of a turn may be kept: the resident's words masked, and the bot's answers without what they quote of them.

An answer is full of addresses and phones that are nobody's secret, so it is not searched for personal data: only what
was hidden in this turn's own words goes out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from rasa.shared.core.events import Event

from bot.memory import SLOT
from bot.privacy.addresses import addresses
from bot.privacy.masking import ids_in, mask_for_storage
from bot.privacy.names import names
from bot.privacy.spans import HIDDEN
from knowledge.text import normalise

T = TypeVar("T")
#: Where an exact address can be cut and still be quoted: 3号, 3号502室.
_UNIT = re.compile("[号號栋棟幢座室楼樓层層元]")
#: So much of what stands before a house number tells it from any other 3号.
_BEFORE = 3
#: A name or a room of fewer signs may be part of any word.
_LEAST = 2
#: Names in an event that are ids and never a resident's words.
_NO_WORDS = frozenset({"event", "timestamp", "message_id", "input_channel", "sender_id", "answer_id"})
#: What the memory keeps of the bot's own: full of places that are public.
_BOTS_OWN = frozenset({"last_messages", "shown_sites"})


class Quotes:
    """What the resident said in a turn that may not be kept, and how it is written in answers that quote it."""

    def __init__(self, *said: str) -> None:
        self._pairs: dict[str, str] = {}
        for text in said:
            if mask_for_storage(text) != text:
                for form in (text, normalise(text)):
                    self._pairs.update(_pairs_of(form))
        #: Longest first: 3号502室 before 3号.
        self._order = sorted(self._pairs, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def taken_out_of(self, value: T) -> T:
        """``value`` (JSON) without them; itself where there are none."""
        return _each_text(value, self._without) if self._pairs else value

    def _without(self, text: str) -> str:
        for raw in self._order:
            if raw in text:
                text = text.replace(raw, self._pairs[raw])
        return text


def kept_events(events: Iterable[Event]) -> Iterator[Event]:
    """The events of a tracker as they may be stored; those of a turn that says nothing personal as they are."""
    quotes = Quotes()
    for event in events:
        if event.type_name == "user":
            said = getattr(event, "text", None) or ""
            reading = (getattr(event, "parse_data", None) or {}).get("reading")
            read = reading.get("text", "") if isinstance(reading, Mapping) else ""
            quotes = Quotes(said, str(read))
        yield _kept(event, quotes) if quotes else event


def kept_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an earlier release, which hid nothing, as it may be kept: any with words of the resident's in it."""
    kept = {**row, **{name: mask_for_storage(row[name]) for name in ("text", "comment", "question") if row.get(name)}}
    if row.get("data"):
        kept["data"] = json.dumps(_kept_data(json.loads(row["data"]), Quotes()))
    if row.get("state"):
        state = json.loads(row["state"])
        kept["state"] = json.dumps({**state, "asked": mask_for_storage(str(state.get("asked") or ""))},
                                   ensure_ascii=False, separators=(",", ":"))
    return kept


def _kept(event: Event, quotes: Quotes) -> Event:
    kept = Event.from_parameters(_kept_data(event.as_dict(), quotes))
    return kept if kept is not None else event


def _kept_data(data: dict[str, Any], quotes: Quotes) -> dict[str, Any]:
    """An event as it is stored."""
    kind = data.get("event")
    if kind == "user":
        kept: dict[str, Any] = _each_text(data, lambda text: quotes.taken_out_of(mask_for_storage(text)))
        return kept
    if kind == "slot" and data.get("name") == SLOT and isinstance(data.get("value"), Mapping):
        value = {key: quotes.taken_out_of(item) if key in _BOTS_OWN else
                 _each_text(item, lambda text: quotes.taken_out_of(mask_for_storage(text)))
                 for key, item in data["value"].items()}
        return {**data, "value": value}
    return quotes.taken_out_of(data)


def _pairs_of(text: str) -> Iterator[tuple[str, str]]:
    for span in [*ids_in(text), *names(text)]:
        if span.end - span.start >= _LEAST:
            yield text[span.start:span.end], HIDDEN
    for span in addresses(text):
        before = text[max(0, span.start - _BEFORE):span.start]
        rest = text[span.start:span.end]
        for unit in _UNIT.finditer(rest):
            if before or unit.end() > _LEAST:
                yield before + rest[:unit.end()], before + span.instead
        yield before + rest, before + span.instead


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: item if key in _NO_WORDS else _each_text(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_text(item, change) for item in value]
    return value
