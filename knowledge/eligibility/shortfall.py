"""How much is lacking where a condition fails: four months more, 5000 yuan too much.

    for lack in shortfalls(condition.rule, known, catalogue): ...

Only comparisons of numbers have a measure. Each ``Shortfall`` is one change that is all that fails in the rule.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Optional, Union

from knowledge.eligibility.facts import CHILD_AGE_MONTHS, FactCatalogue
from knowledge.eligibility.rules import AnyOf, Comparison, Constant, Count, Not, Rule, tally
from knowledge.eligibility.values import Range, Value

#: Counted in whole numbers: "more than 3 years" is 4. Money and areas are not.
WHOLE = ("岁", "年", "个月", "人", "分")
#: Nobody is told that their family has a member too many; a child's months say less than the day it comes of age.
NO_MEASURE = frozenset({"household.size", CHILD_AGE_MONTHS})
#: Of these one can have too much and still come down; years that have passed do not come back.
MAY_SHRINK = ("元", "平方米")
_OPPOSITE = {"at_least": "less_than", "less_than": "at_least", "more_than": "at_most", "at_most": "more_than"}


@dataclass(frozen=True)
class Shortfall:
    """By how much ``fact`` (a slug, perhaps a derived one) misses its bound, in ``unit``.

    ``short``: there is too little of it, else too much. ``least`` and ``most`` differ where the value is known only
    roughly; ``most`` is None where it has no limit. ``past``: the bound itself is not enough, it must be passed.
    ``enough``: with this made up the rule holds; else something about it is still open besides.
    """

    fact: str
    unit: str
    short: bool
    least: float
    most: Optional[float]
    past: bool = False
    enough: bool = True


def shortfalls(rule: Rule, known: Mapping[str, Value], catalogue: FactCatalogue) -> tuple[Shortfall, ...]:
    """The single changes of a number that would each make ``rule`` hold (or leave it open); else none.

    ``known``: completed facts, under which ``rule`` fails.
    """
    best: dict[tuple[str, bool], Shortfall] = {}
    for lack in _single_changes(rule, True, known, catalogue):
        value = known[lack.fact]
        if isinstance(value, (int, float)) and lack.most is not None:
            made_up = value + (lack.most if lack.short else -lack.most)
            if not lack.past and rule.truth({**known, lack.fact: made_up}) is False:
                continue  # it mends one part and breaks another: "at least 60, at most 58"
        key = (lack.fact, lack.short)
        if key not in best or lack.least < best[key].least:
            best[key] = lack
    return tuple(sorted(best.values(), key=lambda lack: not lack.short))


def unit_of(slug: str, catalogue: FactCatalogue) -> str:
    """元, 岁, 个月 …: of a fact, or of what a derived one shares out among a family; "" where there is none."""
    if slug in catalogue.facts:
        return catalogue.facts[slug].unit
    if slug not in catalogue.derived:
        return ""
    units = {catalogue.facts[base].unit for base in catalogue.derived[slug].facts if base not in NO_MEASURE}
    return units.pop() if len(units) == 1 else ""


def _single_changes(rule: Rule, wanted: bool, known: Mapping[str, Value],
                    catalogue: FactCatalogue) -> tuple[Shortfall, ...]:
    """What would each alone make the truth of ``rule`` ``wanted``, which it surely is not."""
    if isinstance(rule, Constant) or rule.truth(known) is not (not wanted):
        return ()
    if isinstance(rule, Comparison):
        lack = _lack(rule, wanted, known, catalogue)
        return (lack,) if lack is not None else ()
    if isinstance(rule, Not):
        return _single_changes(rule.child, not wanted, known, catalogue)
    if isinstance(rule, Count):
        return _counted_changes(rule, wanted, known, catalogue)
    if isinstance(rule, AnyOf) is wanted:  # one child is enough
        return tuple(lack for child in rule.children for lack in _single_changes(child, wanted, known, catalogue))
    truths = [child.truth(known) for child in rule.children]
    if truths.count(not wanted) != 1:
        return ()
    found = _single_changes(rule.children[truths.index(not wanted)], wanted, known, catalogue)
    return tuple(replace(lack, enough=False) for lack in found) if None in truths else found


def _counted_changes(rule: Count, wanted: bool, known: Mapping[str, Value],
                     catalogue: FactCatalogue) -> tuple[Shortfall, ...]:
    """The members of which one more (or one less) that holds makes the count ``wanted``."""
    found: list[Shortfall] = []
    truths = [child.truth(known) for child in rule.children]
    for place, (child, truth) in enumerate(zip(rule.children, truths, strict=True)):
        if truth is None:
            continue
        after = rule.judge(tally([*truths[:place], not truth, *truths[place + 1:]]))
        if after is not (not wanted):
            changes = _single_changes(child, not truth, known, catalogue)
            found += changes if after is wanted else (replace(lack, enough=False) for lack in changes)
    return tuple(found)


def _lack(leaf: Comparison, wanted: bool, known: Mapping[str, Value], catalogue: FactCatalogue) -> Optional[Shortfall]:
    operator = leaf.operator if wanted else _OPPOSITE.get(leaf.operator, "")
    unit = unit_of(leaf.subject, catalogue)
    ends = _ends(known.get(leaf.subject))
    if operator not in _OPPOSITE or not unit or leaf.subject in NO_MEASURE or ends is None:
        return None
    bound, past = float(leaf.operand), operator in ("more_than", "less_than")
    if past and unit in WHOLE:
        bound, past = (math.floor(bound) + 1.0 if operator == "more_than" else math.ceil(bound) - 1.0), False
    low, high = ends
    short = operator in ("at_least", "more_than")
    if not short and (unit not in MAY_SHRINK or leaf.operand == 0):
        return None  # "no income at all" is no line that one is so much above
    least, most = (bound - high, bound - low) if short else (low - bound, high - bound)
    return Shortfall(leaf.subject, unit, short, least, most if math.isfinite(most) else None, past)


def _ends(value: Optional[Value]) -> Optional[tuple[float, float]]:
    if isinstance(value, Range):
        low, high = _number(value.low, -math.inf), _number(value.high, math.inf)
        return (low, high) if low is not None and high is not None else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value), float(value)
    return None


def _number(end: Union[float, dt.date, None], missing: float) -> Optional[float]:
    if end is None:
        return missing
    return float(end) if isinstance(end, (int, float)) else None
