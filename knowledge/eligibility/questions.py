"""Which question to ask next: the one expected to settle most for the least trouble.

Where few facts are open, the best order of all is found (``best_order``). Of larger rules that is done for each part
that shares no fact with the others; the parts are then ordered: in a conjunction the one most likely to fail, per
effort of asking, comes first; in a disjunction the one most likely to hold. Chances come from ``facts.yml``
(``prior``) and only steer the order: whether a fact matters at all is decided by ``relevance``.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Optional

from knowledge.eligibility.best_order import EVEN, Missing, Order, answer_shares, best_order
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.relevance import components, deciding_facts, simplify
from knowledge.eligibility.rules import AnyOf, Comparison, Constant, Count, Not, Rule, all_of, any_of, comparisons
from knowledge.eligibility.values import Partial, Value


def next_fact(rule: Rule, known: Mapping[str, Value], catalogue: FactCatalogue, skip: Set[str]) -> Optional[str]:
    """The fact to ask next, or None when no askable fact can change the rule's truth.

    ``skip``: facts that the resident could not or would not tell; they stay unknown and are not asked again.
    """
    return first_fact(simplify(rule, known, catalogue.facts), known, catalogue, skip)


def first_fact(open_rule: Rule, known: Mapping[str, Value], catalogue: FactCatalogue, skip: Set[str]) -> Optional[str]:
    """``next_fact`` for a rule that ``simplify`` gave for the same ``known``."""
    if isinstance(open_rule, Constant):
        return None
    # A derived fact is open while any of its parts is; the parts that are known are not asked again.
    relevant = {base for slug in deciding_facts(open_rule, known, catalogue.facts)
                for base in catalogue.base_facts(slug)}
    order = _Planner(known, catalogue, relevant, skip).order(open_rule)
    return order.fact if order is not None else None


def chance_of(leaf: Comparison, catalogue: FactCatalogue) -> float:
    """How likely a condition is to hold (0 to 1), by how people usually answer (``prior``)."""
    fact = catalogue.facts.get(leaf.subject)
    if leaf.expression is not None or fact is None or not fact.prior:
        return EVEN
    return answer_shares(fact, [leaf]).get((True,), 0.0)


class _Planner:
    """Orders the questions of one rule, given what is known, what matters and what is not to be asked."""

    def __init__(self, known: Mapping[str, Value], catalogue: FactCatalogue, relevant: Set[str],
                 skip: Set[str]) -> None:
        self._known = known
        self._catalogue = catalogue
        self._relevant = relevant
        self._skip = skip

    def order(self, rule: Rule) -> Optional[Order]:
        """The order for an open part; None where nothing in it can be asked."""
        missing = self._missing(rule)
        if not any(asked for _, asked in missing):
            return None
        return best_order(rule, missing, self._catalogue) or self._by_parts(rule, missing)

    def _missing(self, rule: Rule) -> Missing:
        about = {leaf.subject: leaf.facts for leaf in comparisons(rule)}
        return tuple((subject, self._asked_for(facts)) for subject, facts in about.items())

    def _asked_for(self, facts: tuple[str, ...]) -> tuple[str, ...]:
        """What to ask to know ``facts``, the easiest first."""
        open_bases = [base for slug in facts for base in self._catalogue.base_facts(slug)
                      if base not in self._known or isinstance(self._known[base], Partial)]
        if any(base in self._skip and base not in self._known for base in open_bases):
            return ()  # a number that is reckoned from this one stays unknown
        asked = [base for base in dict.fromkeys(open_bases) if base in self._relevant and base not in self._skip]
        return tuple(sorted(asked, key=lambda slug: self._catalogue.facts[slug].effort))

    def _by_parts(self, rule: Rule, missing: Missing) -> Optional[Order]:
        if isinstance(rule, Constant):
            return None
        if isinstance(rule, Comparison):
            asked = missing[0][1]
            return Order(asked[0], _inside(chance_of(rule, self._catalogue)), self._effort(asked))
        if isinstance(rule, Not):
            inner = self.order(rule.child)
            return None if inner is None else Order(inner.fact, _inside(1 - inner.chance), inner.cost)
        if isinstance(rule, Count):
            plans = [plan for child in rule.children if (plan := self.order(child)) is not None]
            return _order_of_count(plans, rule.least or rule.most + 1) if plans else None
        is_any = isinstance(rule, AnyOf)
        groups = components(rule.children)
        if len(groups) == 1:  # all entangled: each part as if it stood alone
            groups = [[child] for child in rule.children]
        found = [self.order(any_of(group) if is_any else all_of(group)) for group in groups]
        plans = [plan for plan in found if plan is not None]
        if not plans:
            return None
        plans.sort(key=lambda plan: plan.cost / _inside(plan.chance if is_any else 1 - plan.chance))
        cost, reach = 0.0, 1.0
        for plan in plans:
            cost += reach * plan.cost
            reach *= _inside(1 - plan.chance if is_any else plan.chance)
        return Order(plans[0].fact, _inside(1 - reach if is_any else reach), cost)

    def _effort(self, asked: tuple[str, ...]) -> float:
        return float(sum(self._catalogue.facts[slug].effort for slug in asked))


def _order_of_count(plans: list[Order], needed: int) -> Order:
    """The order for "at least ``needed`` of these": first what serves both to prove it and to refute it.

    With n members at least one is among the ``needed`` cheapest ways to a yes and among the n - needed + 1 cheapest
    ways to a no; to ask it first is best where the members are independent (as "any" and "all" are its two ends).
    """
    size = len(plans)
    needed = min(max(needed, 1), size)
    proving = sorted(range(size), key=lambda place: plans[place].cost / _inside(plans[place].chance))
    refuting = sorted(range(size), key=lambda place: plans[place].cost / _inside(1 - plans[place].chance))
    first = next(place for place in proving[:needed] if place in refuting[:size - needed + 1])
    cost, chances = 0.0, [1.0]  # by number: how likely so many of those asked hold
    for asked, place in enumerate([first, *(place for place in proving if place != first)]):
        open_still = sum(chance for held, chance in enumerate(chances) if held < needed <= held + size - asked)
        cost += open_still * plans[place].cost
        share = _inside(plans[place].chance)
        chances = [(chances[held] * (1 - share) if held < len(chances) else 0.0)
                   + (chances[held - 1] * share if held else 0.0) for held in range(len(chances) + 1)]
    return Order(plans[first].fact, _inside(sum(chances[needed:])), cost)


def _inside(chance: float) -> float:
    """A chance that is never quite sure."""
    return min(max(chance, 0.02), 0.98)
