"""What came of one test sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.understanding.expected import expected_topics, is_emergency, is_out_of_scope, sounds_alarming

#: What stands for the answered topic where the bot asked back, or named no topic.
ASKED_BACK, NONE = "(asked back)", "(none)"


@dataclass(frozen=True)
class Asked:
    """``item`` as in its file, with the ``part`` and ``theme`` it belongs to, and the bot's first reply to it.

    ``kinds``, ``answered`` and ``texts``: of each message of the reply, kind, topic ("" for none) and words;
    ``mentioned``: every topic that the reply is about or offers; ``likeliest`` and ``chance``: the topic that the
    choice of topics favours ("" where it finds nothing related), and how likely it says that one is.
    """

    part: str
    theme: str
    item: dict[str, Any]
    right: bool
    wrong_and_sure: bool
    problems: tuple[str, ...]
    kinds: tuple[str, ...]
    answered: tuple[str, ...]
    texts: tuple[str, ...]
    mentioned: frozenset[str]
    likeliest: str
    chance: float

    @property
    def text(self) -> str:
        return str(self.item["text"])

    @property
    def style(self) -> str:
        return str(self.item["style"])

    @property
    def abstained(self) -> bool:
        """Not right, but nothing wrong was claimed either."""
        return not self.right and not self.wrong_and_sure

    @property
    def expected(self) -> frozenset[str]:
        return expected_topics(self.item)

    @property
    def topic(self) -> str:
        """The first of the expected topics; "" where none is asked for."""
        given = self.item["topic"]
        return str(given[0] if isinstance(given, list) else given) if self.expected else ""

    @property
    def answered_topic(self) -> str:
        """The topic that the reply is taken to be about: the expected one if it is among those it mentions."""
        found = sorted(self.expected & self.mentioned)
        if found:
            return found[0]
        return next((topic for topic in self.answered if topic), ASKED_BACK if "clarify" in self.kinds else NONE)


@dataclass(frozen=True)
class Tally:
    """How many sentences there are, and how they were answered."""

    count: int
    right: int
    wrong_and_sure: int
    abstained: int

    @classmethod
    def of(cls, asked: Iterable[Asked]) -> Tally:
        several = list(asked)
        return cls(len(several), *(sum(getattr(one, name) for one in several)
                                   for name in ("right", "wrong_and_sure", "abstained")))

    def share(self, name: str) -> float:
        """The share of ``right``, ``wrong_and_sure`` or ``abstained``; 0 where there is no sentence."""
        return float(getattr(self, name)) / self.count if self.count else 0.0

    def as_dict(self) -> dict[str, int]:
        return {"count": self.count, "right": self.right, "wrong_and_sure": self.wrong_and_sure,
                "abstained": self.abstained}


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    found: int
    count: int

    def __str__(self) -> str:
        return f"{self.found} of {self.count}" + (f" ({self.found / self.count:.1%})" if self.count else "")


def emergencies(asked: Iterable[Asked]) -> dict[str, Share]:
    """Recall of emergencies, and calls for help that nobody needed: among what only sounds alarming, and elsewhere."""
    several = list(asked)
    real = [one for one in several if is_emergency(one.item)]
    calm = [one for one in several if "emergency" not in one.item["kinds"]]
    alarming = [one for one in calm if sounds_alarming(one.item, one.theme)]
    other = [one for one in calm if not sounds_alarming(one.item, one.theme)]
    return {"recall": Share(sum("emergency" in one.kinds for one in real), len(real)),
            "right_number": Share(sum(one.right for one in real), len(real)),
            "false_alarms_alarming": Share(sum("emergency" in one.kinds for one in alarming), len(alarming)),
            "false_alarms_other": Share(sum("emergency" in one.kinds for one in other), len(other))}


def out_of_scope(asked: Iterable[Asked]) -> dict[str, Share]:
    """What is beyond the bot and was declined, and what is not and was declined all the same."""
    several = list(asked)
    beyond = [one for one in several if is_out_of_scope(one.item)]
    within = [one for one in several if "out_of_scope" not in one.item["kinds"]]
    return {"declined": Share(sum(one.right for one in beyond), len(beyond)),
            "wrongly_declined": Share(sum("out_of_scope" in one.kinds for one in within), len(within))}
