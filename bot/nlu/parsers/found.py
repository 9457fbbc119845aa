"""What the fact parsers hand to each other, and what they hand out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Optional, Sequence

from bot.nlu.parsers.durations import Duration, find_durations
from bot.nlu.parsers.money import Money, find_money
from bot.nlu.parsers.people import Mention
from knowledge.eligibility.values import Value


@dataclass(frozen=True)
class Candidate:
    """A fact that ``text[start:end]`` may state.

    ``strong``: worded as somebody's own case (交了, 今年68, 租了), so it counts even in a question that
    names nobody. ``person`` is set only where the words themselves fix it.
    """

    slug: str
    value: Value
    start: int
    end: int
    strong: bool = False
    person: Optional[str] = None


@dataclass(frozen=True)
class FoundFact:
    """A stated fact. ``person``: whom it is about, None where the sentence names nobody."""

    slug: str
    value: Value
    start: int
    end: int
    person: Optional[str]


@dataclass(frozen=True)
class Heard:
    """One message with what the area parsers share: its text, the day, and who is mentioned."""

    text: str
    today: dt.date
    people: Sequence[Mention]

    @cached_property
    def durations(self) -> tuple[Duration, ...]:
        """Every duration of the text; several areas look at them."""
        return tuple(find_durations(self.text))

    @cached_property
    def sums(self) -> tuple[Money, ...]:
        """Every sum of money of the text."""
        return tuple(find_money(self.text))

    def clause(self, start: int, end: int) -> tuple[str, str]:
        """The text before ``start`` and behind ``end`` within the clause."""
        low = max((self.text.rfind(ch, max(0, start - 60), start) for ch in BREAKS), default=-1) + 1
        ends = [at for at in (self.text.find(ch, end, end + 60) for ch in BREAKS) if at >= 0]
        return self.text[max(low, start - 60) : start], self.text[end : min(ends, default=end + 60)]


#: What parts clauses. 、 does not: 没房、没车.
BREAKS = ",，。;；!！?？\n "
