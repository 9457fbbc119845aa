"""The best order of questions where few facts are open: every order is tried (expectimax over all answers).

A subject has as many answers as the rule tells apart. What an answer leaves of all possible worlds (``worlds``) is an
AND, and a rule is settled when the worlds that are left agree, so that a thousand states take a few milliseconds; the
order found for a part of a rule is kept.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from knowledge.eligibility.facts import CONTEXT_CITY, FactCatalogue
from knowledge.eligibility.relevance import telling_values
from knowledge.eligibility.rules import Comparison, Rule, comparisons
from knowledge.eligibility.values import Value
from knowledge.eligibility.worlds import Worlds
from knowledge.schema import Fact

#: How likely a condition on a fact without a prior is to hold.
EVEN = 0.6
#: What nobody is expected to answer is still thought possible.
_RARE = 0.02
#: More states (each subject open, or known by one of its answers) than this are not searched.
MOST_STATES = 600
#: So many parts of rules keep their order; a part is met again in every conversation about its policy.
_KEPT = 8192

#: What is to be asked for each subject of a rule, in the order of asking; nothing for what will stay unknown.
Missing = tuple[tuple[str, tuple[str, ...]], ...]
_Pattern = tuple[bool, ...]


@dataclass(frozen=True)
class Order:
    """The fact to ask first, the chance that the rule turns out to hold, and the expected effort of settling it."""

    fact: str
    chance: float
    cost: float


@dataclass(frozen=True)
class _Answers:
    """What can be learnt of one subject: the worlds (bits) that each answer leaves, and how likely it is."""

    asked: str
    effort: float
    worlds: tuple[int, ...]
    shares: tuple[float, ...]


def answer_shares(fact: Optional[Fact], leaves: Sequence[Comparison]) -> dict[_Pattern, float]:
    """How likely (sum 1) each pattern of truths of ``leaves`` is, which are all about one value.

    ``fact``: None for a number that is reckoned. By the fact's prior; without one a pattern counts by how many of
    the conditions hold in it, so that a single condition holds with the chance ``EVEN``.
    """
    shares = {_pattern(value, leaves): 0.0 for value in _values(fact, leaves)}
    if fact is not None and fact.prior:
        for key, share in fact.prior.items():
            pattern = _pattern(_prior_value(fact, key), leaves)
            shares[pattern] = shares.get(pattern, 0.0) + share
        shares = {pattern: max(share, _RARE) for pattern, share in shares.items()}
    else:
        shares = {pattern: 1 - EVEN + (2 * EVEN - 1) * sum(pattern) / len(pattern) for pattern in shares}
    total = sum(shares.values())
    return {pattern: share / total for pattern, share in shares.items()}


def _values(fact: Optional[Fact], leaves: Sequence[Comparison]) -> list[Value]:
    if fact is not None:
        return telling_values(fact, leaves)
    bounds = sorted({bound for leaf in leaves
                     for bound in (leaf.operand if isinstance(leaf.operand, frozenset) else (leaf.operand,))})
    return [number for bound in bounds for number in (math.nextafter(bound, -math.inf), bound,
                                                      math.nextafter(bound, math.inf))]


def _pattern(value: Value, leaves: Sequence[Comparison]) -> _Pattern:
    return tuple(leaf.truth({leaf.subject: value}) is True for leaf in leaves)


def _prior_value(fact: Fact, key: str) -> Value:
    named = [option for option in fact.values if str(option) == key] if isinstance(fact.values, tuple) else []
    return named[0] if named else {"true": True, "false": False}.get(key, key)


@functools.lru_cache(maxsize=_KEPT)
def best_order(rule: Rule, missing: Missing, catalogue: FactCatalogue) -> Optional[Order]:
    """The order of least expected effort for an open ``rule``, its subjects taken as independent.

    None where nothing can be asked, where it is too much to search, or where one fact is behind several subjects.
    """
    leaves = comparisons(rule)
    bases = [base for _, asked in missing for base in asked]
    entangled = len(set(bases)) < len(bases) or any(leaf.expression is not None for leaf in leaves)
    if not bases or entangled or any(leaf.subject == CONTEXT_CITY for leaf in leaves):
        return None
    patterns: dict[str, dict[_Pattern, float]] = {}
    states = 1
    for subject, _ in missing:
        about = [leaf for leaf in leaves if leaf.subject == subject]
        patterns[subject] = answer_shares(catalogue.facts.get(subject), about)
        states *= len(patterns[subject]) + 1
        if states > MOST_STATES or not patterns[subject]:
            return None
    worlds = Worlds({subject: len(shares) for subject, shares in patterns.items()})

    def of_leaf(leaf: Comparison) -> int:
        place = [other for other in leaves if other.subject == leaf.subject].index(leaf)
        return worlds.with_values(leaf.subject, [pattern[place] for pattern in patterns[leaf.subject]])

    return _Search(worlds.where(rule, of_leaf), [
        _Answers(asked[0], float(sum(catalogue.facts[base].effort for base in asked)), worlds.of[subject],
                 tuple(patterns[subject].values()))
        for subject, asked in missing if asked]).order(worlds.everything)


class _Search:
    """Expected effort, chance and first question of each state (the worlds that are left), reckoned once."""

    def __init__(self, truth: int, answers: Sequence[_Answers]) -> None:
        self._truth = truth
        self._answers = answers
        self._found: dict[int, tuple[float, float, str]] = {}

    def order(self, worlds: int) -> Optional[Order]:
        cost, chance, first = self._best(worlds)
        return Order(first, chance, cost) if first else None

    def _best(self, worlds: int) -> tuple[float, float, str]:
        holding = worlds & self._truth
        if holding == 0:
            return 0.0, 0.0, ""
        if holding == worlds:
            return 0.0, 1.0, ""
        found = self._found.get(worlds)
        if found is not None:
            return found
        best = (math.inf, EVEN, "")
        for one in self._answers:
            left = [worlds & part for part in one.worlds]
            if worlds in left:
                continue  # known
            cost, chance = one.effort, 0.0
            for part, share in zip(left, one.shares, strict=True):
                below = self._best(part)
                cost += share * below[0]
                chance += share * below[1]
            if cost < best[0]:
                best = (cost, chance, one.asked)
        if not best[2]:
            best = (0.0, EVEN, "")  # what is left will not be told
        self._found[worlds] = best
        return best
