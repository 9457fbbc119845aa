"""The rules of many policies as arrays: every tree of conditions judged at once, level by level.

Each inner node is "all of its children", where an edge or the node itself may be negated ("any" is "not all not").
Nodes are numbered: first each comparison in each policy, then the inner nodes, the lowest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.questions import chance_of
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import AnyOf, Comparison, Constant, Count, Not, Rule, Truth, all_of, any_of, count_of
from knowledge.eligibility.values import Value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Never quite sure, so that no chance is divided by 0.
_LEAST = 1e-9


@dataclass(frozen=True)
class _Level:
    """The inner nodes of one height; ``children`` holds those of each node in a row, from ``starts`` on."""

    nodes: slice
    starts: Ints
    children: Ints
    signs: Floats
    parents: Ints
    negated: Floats


@dataclass(frozen=True)
class Subject:
    """What a condition is about: the facts to ask for it, under one set of own answers (by number)."""

    bases: tuple[str, ...]
    own: int


class Trees:
    """The trees of ``rules`` in order; policies with the same own answers share their comparisons."""

    def __init__(self, rules: Sequence[PolicyRules], catalogue: FactCatalogue) -> None:
        build = _Build(catalogue)
        for item in rules:
            build.add(item)
        #: The sets of facts that some policies ask in their own words, and the number of each policy's set.
        self.own_sets: tuple[frozenset[str], ...] = tuple(build.own_sets)
        self.own = np.array(build.own, dtype=np.int64)
        self.subjects: tuple[Subject, ...] = tuple(build.subjects)
        #: Whether no fact is in two comparisons of the policy: then an open tree is open indeed (``relevance``).
        self.once = np.array(build.once, dtype=np.bool_)
        #: One pair for each subject of each policy, in the order of policies: whose it is, and what it is about.
        self.pair_policy = np.array([policy for policy, _ in build.pairs], dtype=np.int64)
        self.pair_subject = np.array([subject for _, subject in build.pairs], dtype=np.int64)
        self.pair_starts = np.searchsorted(self.pair_policy, np.arange(len(rules)))
        self._pair_of_leaf = np.array(build.pair_of_leaf, dtype=np.int64)
        self._distinct = tuple(build.distinct)
        self._distinct_of_leaf = np.array(build.distinct_of_leaf, dtype=np.int64)
        self._always = np.array([_number(truth) for truth in build.always], dtype=np.float64)
        self._chances = np.array(build.chances, dtype=np.float64)[self._distinct_of_leaf]
        self._by_fact = build.by_fact
        self._levels, self._roots = build.arrays()
        self._size = len(build.distinct_of_leaf) + len(build.inner)

    def truths(self, known: Sequence[Mapping[str, Value]]) -> Floats:
        """The truth of every node (1 holds, -1 fails, 0 open); ``known``: all facts by number of own set."""
        distinct = self._always.copy()
        for own, facts in enumerate(known):
            for index in {index for slug in facts for index in self._by_fact.get((own, slug), ())}:
                leaf = self._distinct[index]
                if leaf is not None and distinct[index] == 0:
                    distinct[index] = _number(leaf.truth(facts))
        truths = np.empty(self._size)
        truths[:len(self._distinct_of_leaf)] = distinct[self._distinct_of_leaf]
        for level in self._levels:
            truths[level.nodes] = np.minimum.reduceat(truths[level.children] * level.signs,
                                                      level.starts) * level.negated
        return truths

    def open(self, truths: Floats) -> Flags:
        """For each policy whether its tree is open; one that is not ``once`` may be settled all the same."""
        found: Flags = truths[self._roots] == 0
        return found

    def influence(self, truths: Floats, wanted: Flags) -> Floats:
        """For each pair of the policies ``wanted``: the chance (summed over comparisons) to decide the verdict.

        All that is open is taken as independent; what is settled, or in a part that is, has no influence.
        """
        unsettled = truths == 0
        chances = (truths + 1) / 2
        leaves = len(self._chances)
        chances[:leaves][unsettled[:leaves]] = self._chances[unsettled[:leaves]]
        passed_by_level: list[Floats] = []
        for level in self._levels:
            holds = np.where(level.signs > 0, chances[level.children], 1 - chances[level.children])
            np.clip(holds, _LEAST, 1, out=holds)
            together = np.multiply.reduceat(holds, level.starts)
            chances[level.nodes] = np.where(level.negated > 0, together, 1 - together)
            passed_by_level.append(together[level.parents] / holds)
        influence = np.zeros(self._size)
        influence[self._roots[wanted]] = 1.0
        for level, passed in zip(reversed(self._levels), reversed(passed_by_level), strict=True):
            influence[level.children] = influence[level.nodes][level.parents] * passed * unsettled[level.children]
        return np.bincount(self._pair_of_leaf, weights=influence[:leaves],
                           minlength=len(self.pair_policy)).astype(np.float64)


def _number(truth: Truth) -> float:
    return 0.0 if truth is None else (1.0 if truth else -1.0)


def _written_out(rule: Count) -> Rule:
    """The count as "all" and "any": the first holds and one less of the rest, or as many of the rest; open alike."""
    children, size = list(rule.children), len(rule.children)
    if rule.least and rule.most < size:
        return all_of([count_of(children, rule.least, size), count_of(children, 0, rule.most)])
    if not rule.least:
        enough = count_of(children, rule.most + 1, size)
        return Not(enough, enough.facts)
    first, rest = children[0], children[1:]
    return any_of([all_of([first, count_of(rest, rule.least - 1, size)]), count_of(rest, rule.least, size)])


class _Build:
    """Collects the trees; an inner node is ``-1 - index`` until all comparisons are counted."""

    def __init__(self, catalogue: FactCatalogue) -> None:
        self.catalogue = catalogue
        self.own_sets: list[frozenset[str]] = []
        self.own: list[int] = []
        self.subjects: list[Subject] = []
        self.once: list[bool] = []
        self.pairs: list[tuple[int, int]] = []
        self.pair_of_leaf: list[int] = []
        #: Each comparison under each own set once; None stands for what always or never holds.
        self.distinct: list[Optional[Comparison]] = []
        self.always: list[Truth] = []
        self.chances: list[float] = []
        self.distinct_of_leaf: list[int] = []
        self.by_fact: dict[tuple[int, str], list[int]] = {}
        #: (height, children as (node, sign), whether the node is negated)
        self.inner: list[tuple[int, list[tuple[int, int]], int]] = []
        self.roots: list[int] = []
        self._distinct_of: dict[object, int] = {}
        self._subject_of: dict[Subject, int] = {}

    def add(self, rules: PolicyRules) -> None:
        own = frozenset(rules.policy.own_answers)
        if own not in self.own_sets:
            self.own_sets.append(own)
        number, first_pair = len(self.own), len(self.pairs)
        self.own.append(self.own_sets.index(own))
        self._in_policy: dict[int, int] = {}
        self._seen: list[str] = []
        root, _, _ = self._node(rules.whole, number)
        self.roots.append(root)
        self.once.append(len(self._seen) == len(set(self._seen)))
        assert len(self.pairs) > first_pair, "every policy has a condition"

    def _node(self, rule: Rule, policy: int) -> tuple[int, int, int]:
        """(node, sign, height) of ``rule``."""
        if isinstance(rule, Not):
            node, sign, height = self._node(rule.child, policy)
            return node, -sign, height
        if isinstance(rule, (Comparison, Constant)):
            return self._leaf(rule, policy), 1, 0
        if isinstance(rule, Count):
            return self._node(_written_out(rule), policy)
        children = [self._node(child, policy) for child in rule.children]
        height = 1 + max(child[2] for child in children)
        flip = -1 if isinstance(rule, AnyOf) else 1
        self.inner.append((height, [(node, sign * flip) for node, sign, _ in children], flip))
        return -len(self.inner), 1, height

    def _leaf(self, rule: Rule, policy: int) -> int:
        own = self.own[policy]
        bases = tuple(dict.fromkeys(base for slug in rule.facts for base in self.catalogue.base_facts(slug)))
        self._seen.extend(bases)
        key = (rule.subject, rule.operator, rule.operand, own) if isinstance(rule, Comparison) else (rule, own)
        if key not in self._distinct_of:
            self._distinct_of[key] = len(self.distinct)
            simple = simplify(rule, {}, self.catalogue.facts)  # "aged 0 or over" holds before any answer
            for slug in rule.facts:
                self.by_fact.setdefault((own, slug), []).append(len(self.distinct))
            self.distinct.append(rule if isinstance(rule, Comparison) else None)
            self.always.append(simple.value if isinstance(simple, Constant) else None)
            self.chances.append(chance_of(rule, self.catalogue) if isinstance(rule, Comparison) else 1.0)
        subject = Subject(bases, own)
        if subject not in self._subject_of:
            self._subject_of[subject] = len(self.subjects)
            self.subjects.append(subject)
        about = self._subject_of[subject]
        if about not in self._in_policy:
            self._in_policy[about] = len(self.pairs)
            self.pairs.append((policy, about))
        self.pair_of_leaf.append(self._in_policy[about])
        self.distinct_of_leaf.append(self._distinct_of[key])
        return len(self.distinct_of_leaf) - 1

    def arrays(self) -> tuple[list[_Level], Ints]:
        """The levels from the lowest up, and the root of each policy."""
        leaves = len(self.distinct_of_leaf)
        order = sorted(range(len(self.inner)), key=lambda index: self.inner[index][0])
        place = {-1 - index: leaves + position for position, index in enumerate(order)}
        levels, begin = [], 0
        while begin < len(order):
            height = self.inner[order[begin]][0]
            end = begin
            while end < len(order) and self.inner[order[end]][0] == height:
                end += 1
            levels.append(_level([self.inner[index] for index in order[begin:end]], leaves + begin,
                                 lambda node: place.get(node, node)))
            begin = end
        return levels, np.array([place.get(root, root) for root in self.roots], dtype=np.int64)


def _level(nodes: Sequence[tuple[int, list[tuple[int, int]], int]], first: int,
           place: Callable[[int], int]) -> _Level:
    sizes = [len(children) for _, children, _ in nodes]
    edges: list[Any] = [edge for _, children, _ in nodes for edge in children]
    return _Level(
        nodes=slice(first, first + len(nodes)),
        starts=np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64),
        children=np.array([place(node) for node, _ in edges], dtype=np.int64),
        signs=np.array([sign for _, sign in edges], dtype=np.float64),
        parents=np.repeat(np.arange(len(nodes)), sizes),
        negated=np.array([negated for _, _, negated in nodes], dtype=np.float64),
    )
