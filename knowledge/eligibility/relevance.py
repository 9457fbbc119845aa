"""Which unknown facts can still change the truth of a rule.

A tree is first simplified by what is known. Parts that share no fact are judged apart; parts that do are
tried over every combination of the values that the rule tells apart, so that a question is asked only if
some answer to it changes the outcome (and a rule that holds whatever the answer is already settled).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Optional

from knowledge.eligibility.rules import (
    AnyOf,
    Comparison,
    Constant,
    Not,
    Rule,
    Truth,
    all_of,
    any_of,
    comparisons,
)
from knowledge.eligibility.values import Partial, Value
from knowledge.schema import Fact

#: More combinations than this are not tried; then every unknown fact of the part counts as relevant.
MOST_COMBINATIONS = 4096


def simplify(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> Rule:
    """``rule`` without its settled parts; a Constant if ``known`` settles it."""
    if isinstance(rule, Constant):
        return rule
    if isinstance(rule, Comparison):
        truth = rule.truth(known)
        if truth is None:
            truth = _joint_truth([rule], False, known, facts)  # "aged 0 or over" holds before any answer
        return rule if truth is None else Constant(truth)
    if isinstance(rule, Not):
        child = simplify(rule.child, known, facts)
        return Constant(not child.value) if isinstance(child, Constant) else Not(child, child.facts)
    settling = isinstance(rule, AnyOf)
    open_children: list[Rule] = []
    for original in rule.children:
        child = simplify(original, known, facts)
        if isinstance(child, Constant):
            if child.value is settling:
                return child
            continue
        open_children.append(child)
    kept: list[Rule] = []
    for component in _components(open_children):
        single = len(component) == 1 and isinstance(component[0], Comparison)
        truth = None if single else _joint_truth(component, settling, known, facts)
        if truth is None:
            kept.extend(component)
        elif truth is settling:
            return Constant(truth)
    return any_of(kept) if settling else all_of(kept)


def relevant_facts(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Unknown facts (derived ones by their own slug) whose value can change the rule's truth, in reading order."""
    return _relevant(simplify(rule, known, facts), known, facts)


def _relevant(rule: Rule, known: Mapping[str, Value], facts: Mapping[str, Fact]) -> tuple[str, ...]:
    if isinstance(rule, Constant):
        return ()
    if isinstance(rule, Comparison):
        return tuple(fact for fact in rule.facts if fact not in known or isinstance(known[fact], Partial))
    if isinstance(rule, Not):
        return _relevant(rule.child, known, facts)
    found: list[str] = []
    for component in _components(list(rule.children)):
        if len(component) == 1:
            found.extend(_relevant(component[0], known, facts))
        else:
            found.extend(_jointly_relevant(component, isinstance(rule, AnyOf), known, facts))
    return tuple(dict.fromkeys(found))


def _components(children: Sequence[Rule]) -> list[list[Rule]]:
    """Group rules that share facts."""
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


def _joint_truth(component: list[Rule], is_any: bool, known: Mapping[str, Value],
                 facts: Mapping[str, Fact]) -> Truth:
    joint = any_of(component) if is_any else all_of(component)
    grid = _grid(joint, known, facts)
    if grid is None:
        return None
    truths = {joint.truth({**known, **dict(zip(grid, values, strict=True))})
              for values in itertools.product(*grid.values())}
    return next(iter(truths)) if len(truths) == 1 else None


def _jointly_relevant(component: list[Rule], is_any: bool, known: Mapping[str, Value],
                      facts: Mapping[str, Fact]) -> tuple[str, ...]:
    joint = any_of(component) if is_any else all_of(component)
    grid = _grid(joint, known, facts)
    if grid is None:
        return tuple(fact for fact in joint.facts if fact not in known or isinstance(known[fact], Partial))
    names = list(grid)
    truths = {
        values: joint.truth({**known, **dict(zip(names, values, strict=True))})
        for values in itertools.product(*grid.values())
    }
    return tuple(name for position, name in enumerate(names) if _flips(truths, position))


def _flips(truths: Mapping[tuple[Value, ...], Truth], position: int) -> bool:
    seen: dict[tuple[Value, ...], Truth] = {}
    for values, truth in truths.items():
        others = values[:position] + values[position + 1:]
        if seen.setdefault(others, truth) != truth:
            return True
    return False


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
        values = _telling_values(fact, [leaf for leaf in leaves if leaf.subject == slug])
        if not values:
            return None
        size *= len(values)
        if size > MOST_COMBINATIONS:
            return None
        grid[slug] = values
    return grid


def _telling_values(fact: Fact, leaves: list[Comparison]) -> list[Value]:
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
