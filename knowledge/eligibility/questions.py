"""Which question to ask next: the one expected to settle most for the least trouble.

In a conjunction the condition most likely to fail, per effort of asking, comes first; in a disjunction the
one most likely to hold. Chances come from ``facts.yml`` (``prior``) and only steer the order: whether a
fact matters at all is decided by ``relevance``.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Optional

from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.relevance import relevant_facts, simplify
from knowledge.eligibility.rules import AnyOf, Comparison, Constant, Not, Rule
from knowledge.eligibility.values import Partial, Value

#: How likely a condition on a fact without a prior is to hold.
EVEN = 0.6


class _Plan:
    """The first fact to ask in a part, its chance to hold and what settling it costs."""

    __slots__ = ("chance", "cost", "fact")

    def __init__(self, fact: str, chance: float, cost: float) -> None:
        self.fact = fact
        self.chance = min(max(chance, 0.02), 0.98)
        self.cost = cost


def next_fact(rule: Rule, known: Mapping[str, Value], catalogue: FactCatalogue, skip: Set[str]) -> Optional[str]:
    """The fact to ask next, or None when no askable fact can change the rule's truth.

    ``skip``: facts that the resident could not or would not tell; they stay unknown and are not asked again.
    """
    open_rule = simplify(rule, known, catalogue.facts)
    if isinstance(open_rule, Constant):
        return None
    # A derived fact is open while any of its parts is; the parts that are known are not asked again.
    useful = {base for slug in relevant_facts(open_rule, known, catalogue.facts) for base in catalogue.base_facts(slug)
              if base not in known or isinstance(known[base], Partial)} - set(skip)
    plan = _plan(open_rule, known, catalogue, useful)
    return plan.fact if plan is not None else None


def _plan(rule: Rule, known: Mapping[str, Value], catalogue: FactCatalogue, useful: Set[str]) -> Optional[_Plan]:
    if isinstance(rule, Constant):
        return None
    if isinstance(rule, Comparison):
        return _leaf_plan(rule, known, catalogue, useful)
    if isinstance(rule, Not):
        inner = _plan(rule.child, known, catalogue, useful)
        return None if inner is None else _Plan(inner.fact, 1 - inner.chance, inner.cost)
    plans = [plan for plan in (_plan(child, known, catalogue, useful) for child in rule.children) if plan is not None]
    if not plans:
        return None
    is_any = isinstance(rule, AnyOf)
    plans.sort(key=lambda plan: plan.cost / (plan.chance if is_any else 1 - plan.chance))
    cost, reach, chance = 0.0, 1.0, 1.0
    for plan in plans:
        cost += reach * plan.cost
        reach *= (1 - plan.chance) if is_any else plan.chance
        chance *= (1 - plan.chance) if is_any else plan.chance
    return _Plan(plans[0].fact, 1 - chance if is_any else chance, cost)


def _leaf_plan(leaf: Comparison, known: Mapping[str, Value], catalogue: FactCatalogue,
               useful: Set[str]) -> Optional[_Plan]:
    missing = [base for slug in leaf.facts for base in catalogue.base_facts(slug) if base in useful]
    if not missing:
        return None
    missing.sort(key=lambda slug: catalogue.facts[slug].effort)
    cost = float(sum(catalogue.facts[slug].effort for slug in missing))
    return _Plan(missing[0], _chance(leaf, catalogue), cost)


def _chance(leaf: Comparison, catalogue: FactCatalogue) -> float:
    fact = catalogue.facts.get(leaf.subject)
    if fact is None or not fact.prior:
        return EVEN
    total = holding = 0.0
    for key, share in fact.prior.items():
        value = {"true": True, "false": False}.get(key, key)
        candidates = [option for option in fact.values if str(option) == key] if isinstance(fact.values, tuple) else []
        total += share
        if leaf.truth({leaf.subject: candidates[0] if candidates else value}) is True:
            holding += share
    return holding / total if total else EVEN
