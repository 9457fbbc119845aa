"""What the channel remembers of a conversation between two messages, beside what the bot remembers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

#: A number (or a msgmenu's id) and what it stands for.
Choices = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A point in degrees, of the system ``crs``; ``at``: when it was told, seconds since 1970."""

    lng: float
    lat: float
    crs: str
    at: float

    @property
    def location(self) -> dict[str, Any]:
        """The point as the contract has it."""
        return {"lng": self.lng, "lat": self.lat, "crs": self.crs}


@dataclass(frozen=True)
class State:
    """``rest``: pages that 更多 brings, in order. ``choices``: numbers of the list that was shown last. ``waiting``:
    the numbers of a list on a page that was not shown yet. ``asked``: the question that waits for a place. ``serial``:
    counts replies, so that a tap on an old msgmenu is known for one.
    """

    rest: tuple[str, ...] = ()
    choices: Choices = field(default_factory=dict)
    waiting: Choices = field(default_factory=dict)
    asked: str = ""
    place: Place | None = None
    serial: int = 0

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, raw: str) -> State:
        """From JSON of our own."""
        given = json.loads(raw)
        place = given.pop("place")
        return cls(**{**given, "rest": tuple(given["rest"])}, place=Place(**place) if place else None)


@dataclass(frozen=True)
class Answer:
    """What a message is answered, before it is fitted into replies.

    ``body``: the text. ``choices``: (title, payload) to be offered by number; ``numbered``: numbers that the body
    itself explains. ``urgent``: nothing may stand before it. ``asked``: the question that now waits for a place.
    ``page_of``: it is a further page of an answer given before, with these pages behind it. ``forgotten``: everything
    about the resident was deleted, so that nothing of this answer may be stored. ``link``: (title, description,
    address) of a page with more.
    """

    body: str
    choices: tuple[tuple[str, str], ...] = ()
    numbered: Choices = field(default_factory=dict)
    urgent: bool = False
    asked: str = ""
    page_of: tuple[str, ...] | None = None
    forgotten: bool = False
    link: tuple[str, str, str] | None = None

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, raw: str) -> Answer:
        """From JSON of our own."""
        given = json.loads(raw)
        for name in ("page_of", "link"):
            given[name] = tuple(given[name]) if given[name] is not None else None
        return cls(**{**given, "choices": tuple((title, payload) for title, payload in given["choices"])})


@dataclass(frozen=True)
class Kept:
    """An answer that came too late for its own message. ``question``: what was asked, "" where nothing was said.

    ``answer``: None where there will be none, because the server was stopped over it.
    """

    question: str
    answer: Answer | None


@dataclass(frozen=True)
class Reply:
    """What goes out now, and what is remembered then. ``took``: so many of the kept answers, the first, are in it."""

    text: str
    state: State
    took: int = 0
