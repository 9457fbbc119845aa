"""Every order of questions of a small policy, tried without the planner's help: the expected effort of each."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Optional, cast

import numpy as np

from knowledge.eligibility.best_order import answer_shares
from knowledge.eligibility.facts import CONTEXT_CITY, FactCatalogue
from knowledge.eligibility.questions import next_fact
from knowledge.eligibility.relevance import telling_values
from knowledge.eligibility.rules import Comparison, Rule, comparisons
from knowledge.eligibility.values import Value

#: For each subject the number of its answer, or None while it is open.
State = tuple[Optional[int], ...]
MOST_WORLDS = 1500


class SmallPolicy:
    """A rule with all its worlds; a subject's answers are the patterns of truth that its values give."""

    def __init__(self, rule: Rule, catalogue: FactCatalogue) -> None:
        self.rule, self.catalogue = rule, catalogue
        self.subjects = list(dict.fromkeys(leaf.subject for leaf in comparisons(rule)))
        self.values: list[list[Value]] = []
        self.shares: list[list[float]] = []
        for subject in self.subjects:
            leaves = [leaf for leaf in comparisons(rule) if leaf.subject == subject]
            fact = catalogue.facts.get(subject)
            values = telling_values(fact, leaves) if fact is not None else _around(leaves)
            patterns = {tuple(leaf.truth({subject: value}) for leaf in leaves): value for value in values}
            shares = answer_shares(fact, leaves)
            self.values.append(list(patterns.values()))
            self.shares.append([shares[cast(Any, pattern)] for pattern in patterns])
        self.effort = [sum(catalogue.facts[base].effort for base in catalogue.base_facts(subject))
                       for subject in self.subjects]
        shape = [len(values) for values in self.values]
        self.truth = np.zeros(shape, dtype=bool)
        for place in itertools.product(*map(range, shape)):
            self.truth[place] = rule.truth(self.known(place)) is True
        self.start: State = (None,) * len(shape)
        #: What the planner asked although no answer could change anything, with what was known.
        self.needless: list[tuple[str, Mapping[str, Value]]] = []

    def known(self, state: State) -> dict[str, Value]:
        return {subject: self.values[number][answer]
                for number, (subject, answer) in enumerate(zip(self.subjects, state, strict=True))
                if answer is not None}

    def settled(self, state: State) -> bool:
        left = self._left(state)
        return bool(left.all() or not left.any())

    def _left(self, state: State) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return self.truth[tuple(slice(None) if answer is None else slice(answer, answer + 1) for answer in state)]

    def matters(self, state: State, number: int) -> bool:
        """Whether two answers to the subject leave different verdicts anywhere."""
        left = self._left(state)
        return bool((left != np.take(left, [0], axis=number)).any())

    def least(self) -> float:
        """Expected effort in the best of all orders."""
        return self._expected(lambda state: [number for number, answer in enumerate(state) if answer is None])

    def ours(self) -> float:
        """Expected effort of the planner's order; fills ``needless``."""
        return self._expected(self._asked)

    def _asked(self, state: State) -> list[int]:
        known = self.known(state)
        asked = next_fact(self.rule, known, self.catalogue, frozenset())
        assert asked is not None, f"nothing asked though open: {known}"
        number = next(number for number, subject in enumerate(self.subjects)
                      if asked in self.catalogue.base_facts(subject) and state[number] is None)
        if not self.matters(state, number):
            self.needless.append((asked, known))
        return [number]

    def _expected(self, choices: Callable[[State], list[int]]) -> float:
        @functools.cache
        def cost(state: State) -> float:
            if self.settled(state):
                return 0.0
            return min(self.effort[number] + sum(
                share * cost((*state[:number], answer, *state[number + 1:]))
                for answer, share in enumerate(self.shares[number])) for number in choices(state))

        return cost(self.start)


def small_enough(rule: Rule, catalogue: FactCatalogue) -> bool:
    """Whether all orders can be tried: few worlds, and one fact to ask for each subject and for no other."""
    leaves = comparisons(rule)
    subjects = dict.fromkeys(leaf.subject for leaf in leaves)
    if CONTEXT_CITY in subjects or any(leaf.expression is not None for leaf in leaves):
        return False
    bases = [catalogue.base_facts(subject) for subject in subjects]
    if any(len(one) != 1 for one in bases) or len(set(bases)) < len(bases):
        return False
    worlds = 1
    for subject in subjects:
        about = [leaf for leaf in leaves if leaf.subject == subject]
        worlds *= 1 + len(answer_shares(catalogue.facts.get(subject), about))
    return worlds <= MOST_WORLDS


def _around(leaves: list[Comparison]) -> list[Value]:
    """Whole months below, at and above each bound."""
    return [number for bound in sorted({leaf.operand for leaf in leaves}) for number in (bound - 1, bound, bound + 1)]
