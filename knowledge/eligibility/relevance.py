"""Which unknown facts can still change the truth of a rule.

A tree is first simplified by what is known. Parts that share no fact are judged apart; parts that do are
tried over every combination of the values that the rule tells apart, so that a question is asked only if
some answer to it changes the outcome (and a rule that holds whatever the answer is already settled).
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Optional, Union

from knowledge.eligibility.rules import (
    AnyOf,
    Comparison,
    Constant,
    Count,
    Not,
    Rule,
    Truth,
    all_of,
    any_of,
    comparisons,
    count_of,
)
from knowledge.eligibility.values import Partial, Value
from knowledge.eligibility.worlds import Worlds
from knowledge.schema import Fact, FactType

#: So many parts of rules are remembered.
_KEPT = 16_384
#: What a fact's values are told by: its slug, type, values, minimum and maximum.
_Kind = tuple[str, FactType, Union[tuple[Union[int, str], ...], str], Optional[int], Optional[int]]
#: The truth of a part, and the facts that decide it (None where they cannot be listed).
_Joint = tuple[Truth, Optional[tuple[str, ...]]]
#: More combinations than this are not tried; then every unknown fact of the part counts as relevant.
MOST_COMBINATIONS = 4096
_CONSTANTS = {True: Constant(True), False: Constant(False)}


def simplify(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Rule:
    """``rule`` without its settled parts; a Constant if ``known`` settles it."""
    truth = rule.truth(known)  # settles most rules at once
    return _CONSTANTS[truth] if truth is not None else _simplified(rule, known, facts)


def _simplified(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Rule:
    if isinstance(rule, Comparison):
        truth = rule.truth(known)
        if truth is None:
            truth = _before_any_answer(rule, known, facts)
        return rule if truth is None else _CONSTANTS[truth]
    if isinstance(rule, Constant):
        return rule
    if isinstance(rule, Not):
        child = _simplified(rule.child, known, facts)
        return _CONSTANTS[not child.value] if isinstance(child, Constant) else Not(child, child.facts)
    if isinstance(rule, Count):
        return _simplified_count(rule, known, facts)
    settling = isinstance(rule, AnyOf)
    open_children: list[Rule] = []
    for original in rule.children:
        child = _simplified(original, known, facts)
        if isinstance(child, Constant):
            if child.value is settling:
                return child
            continue
        open_children.append(child)
    kept: list[Rule] = []
    for component in components(open_children):
        # What stands alone was found open by itself.
        truth = _joint_truth(component, settling, known, facts) if len(component) > 1 else None
        if truth is None:
            kept.extend(component)
        elif truth is settling:
            return _CONSTANTS[truth]
    return any_of(kept) if settling else all_of(kept)


def _simplified_count(rule: Count, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Rule:
    """What is left to count: members that hold are counted off, those that fail are dropped."""
    children = [_simplified(child, known, facts) for child in rule.children]
    still_open = [child for child in children if not isinstance(child, Constant)]
    holding = sum(child.value for child in children if isinstance(child, Constant))
    left = count_of(still_open, rule.least - holding, rule.most - holding)
    if not isinstance(left, Count):
        return _simplified(left, known, facts)
    # Members that share no fact were found open each by itself, and so the count of them is.
    truth = _joint([left], False, known, facts)[0] if _share_facts(left) else None
    return left if truth is None else _CONSTANTS[truth]


def _share_facts(rule: Count) -> bool:
    return len(components(rule.children)) < len(rule.children)


def relevant_facts(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Unknown facts (derived ones by their own slug) whose value can change the rule's truth, in reading order."""
    return deciding_facts(simplify(rule, known, facts), known, facts)


def deciding_facts(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """``relevant_facts`` of a rule that ``simplify`` gave for the same ``known``."""
    if isinstance(rule, Constant):
        return ()
    if isinstance(rule, Comparison):
        return tuple(fact for fact in rule.facts if fact not in known or isinstance(known[fact], Partial))
    if isinstance(rule, Not):
        return deciding_facts(rule.child, known, facts)
    if isinstance(rule, Count) and _share_facts(rule):
        return _jointly_relevant([rule], False, known, facts)
    found: list[str] = []
    for component in components(list(rule.children)):
        if len(component) == 1:
            found.extend(deciding_facts(component[0], known, facts))
        else:
            found.extend(_jointly_relevant(component, isinstance(rule, AnyOf), known, facts))
    return tuple(dict.fromkeys(found))


def components(children: Sequence[Rule]) -> list[list[Rule]]:
    """Group rules that share facts (the groups of a rule can be judged apart)."""
    groups: list[tuple[set[str], list[Rule]]] = []
    for child in children:
        names, members = set(child.facts), [child]
        rest = []
        for group in groups:
            if group[0] & names:
                names |= group[0]
                members = group[1] + members
            else:
                rest.append(group)
        groups = [*rest, (names, members)]
    return [members for _, members in groups]


def _before_any_answer(leaf: Comparison, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Truth:
    """"Aged 0 or over" holds whatever the answer will be."""
    fact = None if leaf.expression is not None or leaf.subject in known else facts.get(leaf.subject)
    if fact is None:
        return None
    return _joint([leaf], False, {}, facts)[0]


def _joint_truth(component: list[Rule], is_any: bool, known: Mapping[str, Value],
                 facts: Mapping[str, Fact]) -> Truth:
    return _joint(component, is_any, known, facts)[0]


def _jointly_relevant(component: list[Rule], is_any: bool, known: Mapping[str, Value],
                      facts: Mapping[str, Fact]) -> tuple[str, ...]:
    found = _joint(component, is_any, known, facts)[1]
    if found is not None:
        return found
    slugs = dict.fromkeys(slug for rule in component for slug in rule.facts)
    return tuple(slug for slug in slugs if slug not in known or isinstance(known[slug], Partial))


def _joint(component: list[Rule], is_any: bool, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> _Joint:
    joint = any_of(component) if is_any else all_of(component)
    if not known.keys().isdisjoint(joint.facts):
        return _judged(joint, known, facts)
    named = [facts.get(slug) for slug in joint.facts]
    return _judged_unknown(joint, tuple(
        (fact.slug, fact.type, fact.values, fact.minimum, fact.maximum) for fact in named if fact is not None))


@functools.lru_cache(maxsize=_KEPT)
def _judged_unknown(joint: Rule, kinds: tuple[_Kind, ...]) -> _Joint:
    """``_judged`` where nothing is known, as in most parts that are open; kept, for it comes again and again."""
    return _judged(joint, {}, {
        slug: Fact(slug=slug, type=kind, name="", question="", why="", values=values, minimum=low, maximum=high)
        for slug, kind, values, low, high in kinds})


def _judged(joint: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> _Joint:
    """The truth that all worlds of the open facts agree on, and the facts that decide (None: not to be listed)."""
    grid = _grid(joint, known, facts)
    if grid is None:
        return None, None
    worlds = Worlds({slug: len(values) for slug, values in grid.items()})

    def of_leaf(leaf: Comparison) -> int:
        if leaf.subject not in grid:
            return worlds.everything if leaf.truth(known) else 0
        return worlds.with_values(leaf.subject, [leaf.truth({leaf.subject: value}) for value in grid[leaf.subject]])

    truth = worlds.where(joint, of_leaf)
    if truth in (0, worlds.everything):
        return truth != 0, ()
    return None, tuple(slug for slug in grid if worlds.depends(truth, slug))


def _grid(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Optional[dict[str, list[Value]]]:
    """For each open fact the values the rule tells apart; None if that cannot be listed."""
    leaves = comparisons(rule)
    if any(leaf.expression is not None for leaf in leaves):
        return None
    grid: dict[str, list[Value]] = {}
    size = 1
    for slug in rule.facts:
        if slug in known and not isinstance(known[slug], Partial):
            continue
        fact = facts.get(slug)
        if fact is None or slug in known:
            return None
        values = telling_values(fact, [leaf for leaf in leaves if leaf.subject == slug])
        if not values:
            return None
        size *= len(values)
        if size > MOST_COMBINATIONS:
            return None
        grid[slug] = values
    return grid


def telling_values(fact: Fact, leaves: Sequence[Comparison]) -> list[Value]:
    """Values of ``fact`` that between them show every side of the conditions ``leaves`` on it."""
    if fact.type == "bool":
        return [True, False]
    operands = [operand for leaf in leaves
                for operand in (leaf.operand if isinstance(leaf.operand, frozenset) else (leaf.operand,))]
    if fact.type == "choice":
        if isinstance(fact.values, str):
            return [*dict.fromkeys(operands), "\0other"]
        return list(fact.values)
    if fact.type == "date":
        step = dt.timedelta(days=1)
        days = sorted({day for operand in operands for day in (operand - step, operand, operand + step)})
        return list(days)
    return _telling_numbers(sorted(set(operands)), fact.minimum if fact.minimum is not None else 0, fact.maximum)


def _telling_numbers(bounds: list[float], low: float, high: Optional[float]) -> list[Value]:
    """Each bound, one number between neighbours (4290.5 lies between 4290 and 4291), one below and one above all."""
    if not bounds:
        return []
    numbers = {*bounds, *((first + second) / 2 for first, second in itertools.pairwise(bounds))}
    numbers |= {max(low, bounds[0] - 1), bounds[-1] + 1 if high is None else min(high, bounds[-1] + 1)}
    return [number for number in sorted(numbers) if number >= low and (high is None or number <= high)]
