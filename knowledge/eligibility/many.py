"""One question that serves many policies: which fact settles most of those still open, for the least trouble.

    asked = next_fact_for_many(rules, facts, day=day, city="320100", skip=frozenset())

Every open policy votes: the fact likeliest to turn its verdict counts 1, the others count less in proportion; the
votes for a fact are divided by the effort of asking it. All trees are judged at once (``many_trees``), so that
thousands of policies take milliseconds; that the winner can still change a verdict is then made sure of exactly
(``relevance``).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Optional

import numpy as np

from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.facts import CONTEXT_CITY, FactCatalogue
from knowledge.eligibility.many_trees import Flags, Floats, Ints, Trees
from knowledge.eligibility.questions import first_fact
from knowledge.eligibility.relevance import deciding_facts, simplify
from knowledge.eligibility.rules import Constant, Rule
from knowledge.eligibility.values import Partial, Value

#: So many lists of policies stay compiled: those of a few regions and of their life events.
_COMPILED = 64
_Known = Sequence[Mapping[str, Value]]


def next_fact_for_many(rules: Sequence[PolicyRules], facts: Mapping[str, Value], *, day: dt.date, city: str = "",
                       skip: Set[str] = frozenset()) -> Optional[str]:
    """The askable fact that is expected to settle most of the still open policies for the least trouble.

    ``facts``: what holds under every policy. A fact that a policy asks in its own words (``own_answers``) is taken
    for that policy as a plain no only, and is never asked here on its behalf: the answer would hold for no other.
    ``skip``: facts that the resident could not or would not tell; they stay unknown.
    None when every policy is settled or nothing askable can change a verdict. All rules are of one catalogue.
    """
    return _compiled(_of_day(rules, day)).next_fact(facts, day=day, city=city, skip=skip) if rules else None


def open_policies(rules: Sequence[PolicyRules], facts: Mapping[str, Value], *, day: dt.date,
                  city: str = "") -> tuple[PolicyRules, ...]:
    """Those of ``rules`` in force on ``day`` whose verdict ``facts`` leave undetermined, in their order.

    ``facts`` as in ``next_fact_for_many``: a policy that asks a fact in its own words may stay open on it.
    """
    if not rules:
        return ()
    opened = set(map(id, _compiled(_of_day(rules, day)).open(facts, day=day, city=city)))
    return tuple(item for item in rules if id(item.on(day)) in opened)


class _ByIdentity(tuple[PolicyRules, ...]):
    """Rules that are equal only if they are the same objects: comparing their contents would take too long."""

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, tuple) and len(self) == len(other)
                and all(one is another for one, another in zip(self, other, strict=True)))


def _of_day(rules: Sequence[PolicyRules], day: dt.date) -> _ByIdentity:
    return _ByIdentity(item.on(day) for item in rules)


@functools.lru_cache(maxsize=_COMPILED)
def _compiled(rules: _ByIdentity) -> ManyPolicies:
    return ManyPolicies(rules)


class ManyPolicies:
    """Policies compiled together; it never changes and can serve many conversations."""

    def __init__(self, rules: Sequence[PolicyRules]) -> None:
        if not rules:
            raise ValueError("no policies")
        self.rules = tuple(rules)
        self._catalogue: FactCatalogue = rules[0].catalogue
        self._trees = Trees(self.rules, self._catalogue)
        spans = [(item.policy.in_force.start or dt.date.min, item.policy.in_force.until or dt.date.max)
                 for item in self.rules]
        self._start = np.array([start.toordinal() for start, _ in spans], dtype=np.int64)
        self._until = np.array([until.toordinal() for _, until in spans], dtype=np.int64)

    def next_fact(self, facts: Mapping[str, Value], *, day: dt.date, city: str = "",
                  skip: Set[str] = frozenset()) -> Optional[str]:
        """See ``next_fact_for_many``."""
        known = self._known(facts, day, city)
        truths = self._trees.truths(known)
        is_open = self._open(truths, day)
        if np.count_nonzero(is_open) == 1:  # the last one: its own best order
            return self._for_one(int(np.flatnonzero(is_open)[0]), known, skip)
        for slug, policies in self._candidates(known, truths, is_open, skip):
            if any(self._can_change(int(number), slug, known) for number in policies):
                return slug
        return None

    def open(self, facts: Mapping[str, Value], *, day: dt.date, city: str = "") -> tuple[PolicyRules, ...]:
        """See ``open_policies``."""
        known = self._known(facts, day, city)
        numbers = np.flatnonzero(self._open(self._trees.truths(known), day)).tolist()
        return tuple(self.rules[number] for number in numbers
                     if self._trees.once[number] or not isinstance(self._simple(number, known), Constant))

    def _for_one(self, number: int, known: _Known, skip: Set[str]) -> Optional[str]:
        own = self._trees.own[number]
        return first_fact(self._simple(number, known), known[own], self._catalogue, skip | self._trees.own_sets[own])

    def _known(self, facts: Mapping[str, Value], day: dt.date, city: str) -> _Known:
        """All that follows from ``facts``, for each set of own answers."""
        known = []
        for own in self._trees.own_sets:
            given = {slug: value for slug, value in facts.items() if slug not in own or value is False}
            if city:
                given.setdefault(CONTEXT_CITY, city)
            known.append(self._catalogue.complete(given, day=day))
        return known

    def _open(self, truths: Floats, day: dt.date) -> Flags:
        today = day.toordinal()
        found: Flags = self._trees.open(truths) & (self._start <= today) & (today <= self._until)
        return found

    def _candidates(self, known: _Known, truths: Floats, is_open: Flags,
                    skip: Set[str]) -> Iterator[tuple[str, Ints]]:
        """Facts that may be asked, those with most votes first, each with the policies that voted for it."""
        trees = self._trees
        asked, names = self._asked_for(known, skip)
        if not names:
            return
        effort = np.array([self._catalogue.facts[name].effort for name in names], dtype=np.float64)
        target = asked[trees.pair_subject]
        weight = np.where(target >= 0, trees.influence(truths, is_open) / effort[target], 0.0)
        most = np.maximum.reduceat(weight, trees.pair_starts)[trees.pair_policy]
        live = np.flatnonzero(weight > 0)
        share = weight[live] / most[live]
        votes = np.bincount(target[live], weights=share, minlength=len(names)) / effort
        for number in np.argsort(-votes, kind="stable").tolist():
            if votes[number] <= 0:
                return
            voters = target[live] == number
            yield names[number], trees.pair_policy[live[voters]][np.argsort(-share[voters], kind="stable")]

    def _asked_for(self, known: _Known, skip: Set[str]) -> tuple[Ints, list[str]]:
        """For each subject the number of the fact to ask for it (-1: none), and the facts by number."""
        names: dict[str, int] = {}
        asked = np.full(len(self._trees.subjects), -1, dtype=np.int64)
        for index, subject in enumerate(self._trees.subjects):
            facts, own = known[subject.own], self._trees.own_sets[subject.own]
            missing = [base for base in subject.bases if base not in facts or isinstance(facts[base], Partial)]
            barred = [base for base in missing if base in skip or base in own]
            if any(base not in facts for base in barred):
                continue  # a number that is reckoned from this one stays unknown
            missing = [base for base in missing if base not in barred]
            if missing:
                first = min(missing, key=lambda slug: self._catalogue.facts[slug].effort)
                asked[index] = names.setdefault(first, len(names))
        return asked, list(names)

    def _simple(self, number: int, known: _Known) -> Rule:
        return simplify(self.rules[number].whole, known[self._trees.own[number]], self._catalogue.facts)

    def _can_change(self, number: int, slug: str, known: _Known) -> bool:
        """Whether some answer to ``slug`` can change the verdict on the policy."""
        if self._trees.once[number]:
            return True
        relevant = deciding_facts(self._simple(number, known), known[self._trees.own[number]], self._catalogue.facts)
        return any(slug in self._catalogue.base_facts(name) for name in relevant)
