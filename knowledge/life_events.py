"""Which event of a life a sentence asks about, and which rules serve it in a region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.values import Value
from knowledge.schema import LifeEvent
from knowledge.text import touches


@dataclass(frozen=True)
class LifeEvents:
    """All events, and the patterns of asking for everything that there is."""

    events: tuple[LifeEvent, ...] = ()
    asking: tuple[str, ...] = ()
    already: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    older_from: int = 60
    not_for_older: tuple[str, ...] = ()
    not_asked_of_older: tuple[str, ...] = ()

    def has_already(self, topic: str, facts: Mapping[str, Value]) -> bool:
        """Whether ``facts`` show that somebody draws this already."""
        shown = self.already.get(topic, {})
        return bool(shown) and all(facts.get(slug) == value for slug, value in shown.items())

    def too_old_for(self, topic: str, facts: Mapping[str, Value]) -> bool:
        """Whether nobody of this age is asked about the topic."""
        return topic in self.not_for_older and self._is_older(facts)

    def not_asked_of(self, facts: Mapping[str, Value]) -> tuple[str, ...]:
        """The facts that nobody of this age is asked for."""
        return self.not_asked_of_older if self._is_older(facts) else ()

    def _is_older(self, facts: Mapping[str, Value]) -> bool:
        age = facts.get("person.age")
        return isinstance(age, int) and age >= self.older_from

    def meant(self, text: str) -> Optional[LifeEvent]:
        """The first event that ``text`` (normal form) tells of and asks everything about; None if there is none."""
        if not touches(text, self.asking):
            return None
        return next((event for event in self.events
                     if touches(text, event.patterns) and not touches(text, event.unless)), None)

    def named(self, name: str) -> Optional[LifeEvent]:
        """The event with this id."""
        return next((event for event in self.events if event.id == name), None)


def rules_of(event: LifeEvent, policies: Iterable[PolicyRules]) -> list[PolicyRules]:
    """The policies (of one region) that serve the event, in the order in which it names them."""
    by_name = {rules.policy.policy.split("/", 1)[1]: rules for rules in policies}
    return [by_name[name] for name in event.serves if name in by_name]


def without_rule(event: LifeEvent, rules: Sequence[PolicyRules]) -> list[str]:
    """The topics that the event names and for which no rule can be reckoned with."""
    judged = {item.policy.topic for item in rules}
    return [name for name in event.serves if "." not in name and name not in judged]
