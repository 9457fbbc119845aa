"""The fewest questions: held against every possible order, over random small policies and the real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.base import CONTENT, build
from knowledge.eligibility import best_order
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Constant, Rule, compile_rule
from tests.knowledge.orders import SmallPolicy, small_enough
from tests.knowledge.rules_world import fact

RANDOM_POLICIES = 150
#: So much more than the least is asked at most, on the average of all policies.
ALLOWED = 1.10


@pytest.fixture(scope="module")
def policies() -> list[PolicyRules]:
    return list(build(CONTENT, meaning=False).policies.values())


def _random_policies() -> Iterator[tuple[str, Rule, FactCatalogue]]:
    for seed in range(RANDOM_POLICIES):
        chance = random.Random(seed)
        facts = [_random_fact(f"f.{number}", chance) for number in range(chance.randint(2, 5))]
        catalogue = FactCatalogue(facts)
        rule = simplify(compile_rule(_random_rule(chance, list(catalogue.facts.values()))), {}, catalogue.facts)
        if not isinstance(rule, Constant) and small_enough(rule, catalogue):
            yield f"random {seed}", rule, catalogue


def _random_fact(slug: str, chance: random.Random) -> Any:
    effort = chance.choice([1, 1, 2, 3])
    kind = chance.choice(["bool", "bool", "choice", "int"])
    if kind == "bool":
        share = round(chance.uniform(0.05, 0.95), 2)
        return fact(slug, kind, effort=effort, prior={"true": share, "false": round(1 - share, 2)})
    if kind == "choice":
        weights = [chance.randint(1, 6) for _ in range(3)]
        return fact(slug, kind, effort=effort, values=("x", "y", "z"),
                    prior={name: weight / sum(weights) for name, weight in zip("xyz", weights, strict=True)})
    return fact(slug, kind, effort=effort, minimum=0, maximum=9)


def _random_rule(chance: random.Random, facts: list[Any], depth: int = 0) -> Any:
    if depth == 3 or (depth and chance.random() < 0.35):
        return _random_leaf(chance, chance.choice(facts))
    if depth and chance.random() < 0.1:
        return {"not": _random_rule(chance, facts, depth + 1)}
    members = [_random_rule(chance, facts, depth + 1) for _ in range(chance.choice([2, 2, 3]))]
    return {chance.choice(["all", "any"]): members}


def _random_leaf(chance: random.Random, one: Any) -> Any:
    if one.type == "bool":
        return {"fact": one.slug, "is": chance.random() < 0.75}
    if one.type == "choice":
        return {"fact": one.slug, chance.choice(["in", "not_in"]): chance.sample("xyz", chance.randint(1, 2))}
    return {"fact": one.slug, chance.choice(["at_least", "at_most", "less_than", "more_than"]): chance.randint(1, 8)}


def _compare(policies: Iterator[tuple[str, Rule, FactCatalogue]]) -> tuple[list[float], list[Any]]:
    """Effort of ours by the least there is, of each policy; and every needless question."""
    ratios, needless = [], []
    for name, rule, catalogue in policies:
        policy = SmallPolicy(rule, catalogue)
        ratios.append(policy.ours() / policy.least())
        needless += [(name, *one) for one in policy.needless]
    return ratios, needless


def test_random_policies_take_hardly_more_than_the_best_order(record_property: Any) -> None:
    ratios, needless = _compare(_random_policies())
    _tell("random policies", ratios, record_property)
    assert len(ratios) >= 100
    assert needless == []
    assert min(ratios) > 1 - 1e-9
    assert sum(ratios) / len(ratios) <= ALLOWED


def test_parts_too_large_to_be_searched_are_put_in_a_good_order(monkeypatch: pytest.MonkeyPatch,
                                                                 record_property: Any) -> None:
    best_order.best_order.cache_clear()
    monkeypatch.setattr(best_order, "MOST_STATES", 9)  # two yes-or-no facts
    try:
        ratios, needless = _compare(_random_policies())
    finally:
        best_order.best_order.cache_clear()
    _tell("random policies, parts of at most 9 states searched", ratios, record_property)
    assert needless == []
    assert max(ratios) > 1  # some are indeed not searched
    assert sum(ratios) / len(ratios) <= ALLOWED


def test_real_policies_take_hardly_more_than_the_best_order(policies: list[PolicyRules], record_property: Any) -> None:
    small = [(rules.policy.policy, rules.whole, rules.catalogue) for rules in policies
             if small_enough(rules.whole, rules.catalogue)]
    ratios, needless = _compare(iter(small))
    _tell("real policies", ratios, record_property)
    assert len(ratios) >= 40
    assert needless == []
    assert min(ratios) > 1 - 1e-9
    assert sum(ratios) / len(ratios) <= ALLOWED
    assert max(ratios) <= 1.5


def _tell(what: str, ratios: list[float], record_property: Any) -> None:
    mean, worst = sum(ratios) / len(ratios), max(ratios)
    record_property("mean_ratio", round(mean, 4))
    record_property("worst_ratio", round(worst, 4))
    print(f"{what}: {len(ratios)}; effort by the least there is: mean {mean:.4f}, worst {worst:.4f}")
