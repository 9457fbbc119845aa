"""The facts of a resident: read from outside, checked against ``facts.yml``, completed by what follows.

``FactCatalogue`` knows every fact's type and what it implies. ``complete`` adds implied and derived
facts (a disability level implies a certificate; income and family size give income per head), so that
nothing is asked that is known or follows.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from knowledge.eligibility.arithmetic import Expression, compile_expression
from knowledge.eligibility.values import OneOf, Range, Value, read_day
from knowledge.regions import city_of
from knowledge.schema import Derived, Fact

#: Reckoned from ``child.birth_date`` and the day of the verdict: whole months lived.
CHILD_AGE_MONTHS = "child.age_months"
#: The adcode of the city the conversation is about; always known, never asked.
CONTEXT_CITY = "context.city"


class FactError(ValueError):
    """A fact that does not exist, or a value that its type cannot take."""


def months_between(start: dt.date, end: dt.date) -> int:
    """Whole months from ``start`` to ``end`` (negative before it)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for candidate in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, candidate)
        except ValueError:
            continue
    return dt.date(year, month + 1, min(day.day, 28))


class FactCatalogue:
    """All facts by slug, with derived ones."""

    def __init__(self, facts: Iterable[Fact], derived: Iterable[Derived] = ()) -> None:
        self.facts: dict[str, Fact] = {fact.slug: fact for fact in facts}
        self.derived: dict[str, Expression] = {item.slug: compile_expression(item.expr) for item in derived}

    def __contains__(self, slug: object) -> bool:
        return slug in self.facts or slug in self.derived or slug in (CHILD_AGE_MONTHS, CONTEXT_CITY)

    def base_facts(self, slug: str) -> tuple[str, ...]:
        """The facts that must be asked to know ``slug``."""
        if slug == CHILD_AGE_MONTHS:
            return ("child.birth_date",)
        if slug in self.derived:
            return self.derived[slug].facts
        return () if slug == CONTEXT_CITY else (slug,)

    def read(self, raw: Mapping[str, Any]) -> dict[str, Value]:
        """Check and convert facts given from outside; raises FactError for the first wrong one."""
        return {slug: self.read_value(slug, value) for slug, value in raw.items()}

    def read_value(self, slug: str, raw: Any) -> Value:
        """One value in the fact's own type; numbers may come as ranges ``{low, high}``."""
        if slug == CONTEXT_CITY:
            return str(raw)
        fact = self.facts.get(slug)
        if fact is None:
            raise FactError(f"没有“{slug}”这个事实")
        if isinstance(raw, dict) and "one_of" in raw:
            raw = OneOf(frozenset(raw["one_of"]))
        elif isinstance(raw, dict) and "day" not in raw:
            raw = _range(raw, slug)
        value = _typed(fact, raw)
        if value is None:
            raise FactError(f"“{fact.name}”（{slug}，{fact.type}）不能是 {raw!r}")
        return value

    def complete(self, known: Mapping[str, Value], *, day: dt.date) -> dict[str, Value]:
        """``known`` with everything that follows from it on ``day``. Said facts are never overwritten."""
        full = dict(known)
        pending = list(known)
        while pending:
            slug = pending.pop()
            fact = self.facts.get(slug)
            for rule in fact.implies if fact is not None else ():
                if rule.value == "*" or full[slug] == rule.value:
                    for target, value in rule.then.items():
                        if target not in full:
                            full[target] = value
                            pending.append(target)
        district = full.get("person.hukou_district")
        if isinstance(district, str) and district[:6].isdigit():
            full.setdefault("person.hukou_city", city_of(district))
        birth = full.get("child.birth_date")
        if birth is not None:
            age = _age_months(birth, day)
            if age is not None:
                full[CHILD_AGE_MONTHS] = age
        for slug, expression in self.derived.items():
            reckoned = expression.value(full)
            if reckoned is not None:
                full[slug] = reckoned
        return full


def _age_months(birth: Value, day: dt.date) -> Optional[Value]:
    if isinstance(birth, dt.date):
        return months_between(birth, day)
    if isinstance(birth, Range):
        youngest = months_between(birth.high, day) if isinstance(birth.high, dt.date) else None
        oldest = months_between(birth.low, day) if isinstance(birth.low, dt.date) else None
        return youngest if youngest is not None and youngest == oldest else Range(youngest, oldest)
    return None


def _range(raw: Mapping[str, Any], slug: str) -> Range:
    low, high = raw.get("low"), raw.get("high")
    try:
        return Range(_end(low), _end(high))
    except (TypeError, ValueError) as error:
        raise FactError(f"{slug} 的范围不对：{raw!r}") from error


def _end(raw: Any) -> Any:
    if isinstance(raw, dict) and "day" in raw:
        raw = raw["day"]
    return dt.date.fromisoformat(raw) if isinstance(raw, str) else raw


def _typed(fact: Fact, raw: Any) -> Optional[Value]:
    if fact.type == "bool":
        return raw if isinstance(raw, bool) else None
    if fact.type == "date":
        if isinstance(raw, dict):
            raw = raw.get("day")
        if isinstance(raw, Range):
            return raw if all(isinstance(end, dt.date) for end in _ends(raw)) else None
        return read_day(raw)
    if fact.type == "choice":
        if isinstance(raw, OneOf):
            named = raw.values if isinstance(fact.values, str) else raw.values & set(fact.values)
            return raw if raw.values and named == raw.values else None
        if isinstance(fact.values, str):
            return str(raw) if isinstance(raw, (str, int)) and not isinstance(raw, bool) else None
        matches = [value for value in fact.values if str(value) == str(raw)]
        return matches[0] if matches else None
    if isinstance(raw, Range):
        return raw if all(_fits(fact, end) for end in _ends(raw)) else None
    return raw if _fits(fact, raw) else None


def _ends(value: Range) -> list[Any]:
    """The ends that a range has."""
    return [end for end in (value.low, value.high) if end is not None]


def _fits(fact: Fact, raw: Any) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
        return False
    return (fact.minimum is None or raw >= fact.minimum) and (fact.maximum is None or raw <= fact.maximum)
