"""When a "no" turns to a "yes" by the passing of time alone.

    mend = mending(rules.whole, policy.in_force, catalogue, known, day)

Ages and "years since" grow by one a year, months paid or lived by one a month, a child by its birth date, and a rule
may come into force later. Everything else stays as it is. The truth of a rule can change only on days on which one of
these reaches a bound, so only those days are tried; each is judged like today, with what is unknown still unknown.

Only whole years of an age are known, not the birthday: in between two anniversaries of the telling the age is a
``Range``. A day is therefore named only where the rule surely fails on the day before.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Optional, Union

from knowledge.eligibility.facts import CHILD_AGE_MONTHS, FactCatalogue, add_months, months_between
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Comparison, Constant, Rule, Truth, comparisons
from knowledge.eligibility.values import Range, Value
from knowledge.eligibility.versions import holds
from knowledge.schema import Fact, InForce

#: Nothing is promised beyond this.
MOST_MONTHS = 40 * 12
YEAR = 12
ONE_DAY = dt.timedelta(days=1)
BIRTH = "child.birth_date"
#: What keeps months from growing: whoever is out of work or whose payments are broken off does not go on paying, and
#: whoever has paid nothing may never begin.
HALTED: Mapping[str, tuple[tuple[str, Value], ...]] = {
    "person.social_insurance_months": (
        ("person.social_insurance_months", 0), ("person.social_insurance_active", False),
        ("person.registered_unemployed", True),
    ),
    "person.housing_fund_months": (
        ("person.housing_fund_months", 0), ("person.works_here", False), ("person.registered_unemployed", True),
    ),
    "person.unemployment_insurance_months": (
        ("person.unemployment_insurance_months", 0), ("person.works_here", False),
        ("person.registered_unemployed", True),
        # Why the job ended is told by those who have lost it.
        ("person.involuntary_unemployment", True), ("person.involuntary_unemployment", False),
    ),
    "person.care_insurance_months": (
        ("person.care_insurance_months", 0), ("person.medical_insurance_active", False),
    ),
    "person.residence_months": (("person.lives_here", False),),
}


@dataclass(frozen=True)
class Step:
    """A fact that has grown to ``value`` (years or months) and thereby turned the verdict."""

    fact: str
    value: int


@dataclass(frozen=True)
class Mend:
    """How time turns a verdict to eligible, all else staying as it is.

    ``day``: the first day on which it is so; None where a birthday that is not known (or a value known only roughly)
    decides. ``latest``: from this day on it is surely so (equal to ``day`` where that is known). ``steps``: the facts
    whose reaching a value turns it, as soon as they reach it; empty where a rule comes into force, or where that alone
    would say too much.
    """

    day: Optional[dt.date]
    latest: dt.date
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class _Growing:
    """A number that grows by one every ``pace`` months, from ``low`` to ``high`` on ``since``."""

    fact: str
    pace: int
    low: float
    high: Optional[float]
    since: dt.date

    def at(self, day: dt.date) -> Value:
        """The value on ``day``; a Range where a whole year is not full and the birthday may have come or not."""
        count = _full_months(self.since, day) // self.pace
        open_year = self.pace == YEAR and add_months(self.since, count * self.pace) < day
        low = self.low + count
        high = None if self.high is None else self.high + count + (1 if open_year else 0)
        return low if low == high else Range(low, high)

    def reaches(self, value: int) -> Optional[dt.date]:
        """The day from which it is surely ``value``; None if that is past or too far off."""
        months = math.ceil((value - self.low) * self.pace)
        return add_months(self.since, months) if 0 < months <= MOST_MONTHS else None

    def first_possible(self, value: int) -> dt.date:
        """The first day on which it may be ``value``: for years, the birthday may be tomorrow."""
        if self.high is None or self.high >= value:
            return self.since
        return add_months(self.since, (math.ceil(value - self.high) - 1) * self.pace) + ONE_DAY


@dataclass(frozen=True)
class _Child:
    """The age in months of a child born between two days."""

    oldest: dt.date
    youngest: dt.date

    def reaches(self, value: int) -> Iterator[dt.date]:
        """The days on which the one born first and the one born last are ``value`` months old."""
        for born in {self.oldest, self.youngest}:
            if 0 <= value <= MOST_MONTHS:
                yield _months_old(born, value)


class _Future:
    """The truth of a rule on later days, everything else staying as it is."""

    def __init__(self, rule: Rule, in_force: InForce, catalogue: FactCatalogue, known: Mapping[str, Value],
                 day: dt.date) -> None:
        self.rule, self.in_force, self.catalogue, self.known, self.day = rule, in_force, catalogue, known, day
        bases = {base for slug in rule.facts for base in catalogue.base_facts(slug)}
        growing = [_growing(catalogue.facts.get(slug), known, day) for slug in sorted(bases)]
        self.growing = {item.fact: item for item in growing if item is not None}
        self.child = _child(known) if BIRTH in bases else None

    def may_change(self) -> bool:
        """Whether it is open if nothing is known of what moves: a quick no for most refusals."""
        starts = self.in_force.start is not None and self.day < self.in_force.start
        if not starts and not self.growing and self.child is None:
            return False
        moving = {*self.growing, *((CHILD_AGE_MONTHS,) if self.child is not None else ())}
        moving |= {slug for slug in self.catalogue.derived if moving & set(self.catalogue.base_facts(slug))}
        fixed = {slug: value for slug, value in self.known.items() if slug not in moving}
        settled = simplify(self.rule, fixed, self.catalogue.facts)
        return not isinstance(settled, Constant) or settled.value

    def truth(self, day: dt.date, instead: Mapping[str, Value] = {}) -> Truth:
        """Whether it holds on ``day``; ``instead``: values that some of the moving facts have then."""
        if not holds(self.in_force, day):
            return False
        then = {**self.known, **{slug: item.at(day) for slug, item in self.growing.items()}, **instead}
        then = self.catalogue.complete(then, day=day)
        then.update(instead)  # a child's age is reckoned anew from its birth date
        settled = simplify(self.rule, then, self.catalogue.facts)
        return settled.value if isinstance(settled, Constant) else None

    def days(self) -> dict[dt.date, list[Step]]:
        """The later days on which the truth may turn, with what reaches a bound then."""
        found: dict[dt.date, list[Step]] = {}
        start = self.in_force.start
        if start is not None and start > self.day:
            found[start] = []
        for slug, value in self._bounds():
            days: Iterable[Optional[dt.date]] = ()
            if slug == CHILD_AGE_MONTHS and self.child is not None:
                days = self.child.reaches(value)
            elif slug in self.growing:
                days = (self.growing[slug].reaches(value),)
            for day in days:
                if day is not None and day > self.day:
                    found.setdefault(day, []).append(Step(slug, value))
        return dict(sorted(found.items()))

    def _bounds(self) -> set[tuple[str, int]]:
        """What the rule compares the moving facts with: each bound, and one more than it."""
        found: set[tuple[str, int]] = set()
        for leaf in comparisons(self.rule):
            if leaf.expression is not None or leaf.subject in self.catalogue.derived:
                # A sum of several facts may pass its bound at any of their steps.
                for slug in self._moving_in(leaf):
                    found |= {(slug, value) for value in range(MOST_MONTHS + 1)}
                continue
            for operand in leaf.operand if isinstance(leaf.operand, frozenset) else (leaf.operand,):
                if isinstance(operand, (int, float)) and not isinstance(operand, bool):
                    found |= {(leaf.subject, math.ceil(operand)), (leaf.subject, math.floor(operand) + 1)}
        return found

    def _moving_in(self, leaf: Comparison) -> set[str]:
        slugs = {*leaf.facts, *(base for slug in leaf.facts for base in self.catalogue.base_facts(slug))}
        return {slug for slug in slugs if slug in self.growing or slug == CHILD_AGE_MONTHS}


def mending(rule: Rule, in_force: InForce, catalogue: FactCatalogue, known: Mapping[str, Value],
            day: dt.date) -> Optional[Mend]:
    """When ``rule``, which fails on ``day``, comes to hold by time alone; None where that cannot be promised.

    ``known``: facts as ``FactCatalogue.complete`` gives them on ``day``. Nothing is promised beyond 40 years, nor
    where something unknown may still stand in the way, nor where time breaks one condition before it mends another.
    """
    future = _Future(rule, in_force, catalogue, known, day)
    if not future.may_change():
        return None
    days = future.days()
    found = next((later for later in days if future.truth(later) is True), None)
    if found is None:
        return None
    steps = tuple(step for step in days[found] if _decides(future, found, step))
    before = future.truth(found - ONE_DAY)
    if before is False:
        return Mend(found, found, steps)
    return Mend(None, found, steps if len(steps) == 1 and _at_once(future, days, found, steps[0]) else ())


def _decides(future: _Future, day: dt.date, step: Step) -> bool:
    """Whether the verdict of ``day`` would be another had the fact not reached its value."""
    return future.truth(day, {step.fact: step.value - 1}) is not True


def _at_once(future: _Future, days: Iterable[dt.date], latest: dt.date, step: Step) -> bool:
    """Whether it holds as soon as the fact reaches its value, on whichever day up to ``latest`` that is."""
    growing = future.growing.get(step.fact)
    if growing is None or growing.pace != YEAR:
        return False
    first = max(growing.first_possible(step.value), future.day + ONE_DAY)
    inside = {other for day in days for other in (day - ONE_DAY, day) if first <= other < latest}
    return all(future.truth(day, {step.fact: step.value}) is True for day in {first, *inside, latest - ONE_DAY})


def _growing(fact: Optional[Fact], known: Mapping[str, Value], day: dt.date) -> Optional[_Growing]:
    """How a known fact grows: months by the month, ages and years by the year; None if it does not."""
    if fact is None or fact.slug not in known:
        return None
    if any(_same(known.get(slug), value) for slug, value in HALTED.get(fact.slug, ())):
        return None
    pace = 1 if fact.type == "months" else (YEAR if fact.type == "int" and fact.unit in ("岁", "年") else 0)
    value = known[fact.slug]
    ends: tuple[Union[float, dt.date, None], ...] = (value.low, value.high) if isinstance(value, Range) \
        else ((value, value) if isinstance(value, (int, float)) and not isinstance(value, bool) else (None, None))
    low, high = ends
    if not pace or not isinstance(low, (int, float)) or isinstance(high, dt.date):
        return None
    return _Growing(fact.slug, pace, low, high, day)


def _child(known: Mapping[str, Value]) -> Optional[_Child]:
    birth = known.get(BIRTH)
    if isinstance(birth, dt.date):
        return _Child(birth, birth)
    if isinstance(birth, Range) and isinstance(birth.low, dt.date) and isinstance(birth.high, dt.date):
        return _Child(birth.low, birth.high)
    return None


def _same(value: Optional[Value], other: Value) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _full_months(since: dt.date, day: dt.date) -> int:
    """Whole months from ``since``, where the 28th of February completes a month begun on the 31st of January."""
    months = (day.year - since.year) * YEAR + day.month - since.month
    return months if add_months(since, months) <= day else months - 1


def _months_old(born: dt.date, months: int) -> dt.date:
    """The first day on which ``months_between(born, day)`` is ``months``."""
    day = add_months(born, months)
    while months_between(born, day) < months:
        day += ONE_DAY
    return day
