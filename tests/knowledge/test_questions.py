"""Which question comes next: never a useless one, never one that was skipped, and few of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from typing import Any, Optional

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.questions import first_fact, next_fact
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Constant, Rule, compile_rule
from knowledge.eligibility.values import Range, Value
from tests.knowledge.rules_world import CATALOGUE, DAY, GRID, decisive_facts, fact, partial_facts, rules


@settings(max_examples=250)
@given(rules(), partial_facts(), st.sets(st.sampled_from(sorted(GRID))))
def test_only_what_can_change_the_verdict_is_asked_and_nothing_else_ends_the_questions(
        form: Any, known: Any, skip: set[str]) -> None:
    rule = compile_rule(form)
    useful = decisive_facts(rule, known) - skip
    asked = next_fact(rule, known, CATALOGUE, skip)
    assert asked in useful if useful else asked is None


@given(rules(), st.integers(0, 5))
def test_a_conversation_ends_after_each_fact_at_most_once(form: Any, number: int) -> None:
    rule, known = compile_rule(form), dict[str, Any]()
    while (asked := next_fact(rule, known, CATALOGUE, frozenset())) is not None:
        assert asked not in known
        known[asked] = GRID[asked][number % len(GRID[asked])]
    assert isinstance(simplify(rule, known, CATALOGUE.facts), Constant)


def _completed(**known: Value) -> dict[str, Value]:
    return CATALOGUE.complete({slug.replace("_", ".", 1): value for slug, value in known.items()}, day=DAY)


PER_HEAD = compile_rule({"fact": "h.per_head", "less_than": 4000})


def test_a_derived_fact_is_asked_by_its_parts_the_easy_one_first() -> None:
    assert next_fact(PER_HEAD, {}, CATALOGUE, frozenset()) == "h.size"


def test_the_part_of_a_derived_fact_that_is_known_is_not_asked_again() -> None:
    assert next_fact(PER_HEAD, _completed(h_size=3), CATALOGUE, frozenset()) == "h.income"
    assert next_fact(PER_HEAD, _completed(h_income=9000), CATALOGUE, frozenset()) == "h.size"
    assert next_fact(PER_HEAD, _completed(h_income=9000), CATALOGUE, {"h.size"}) is None


def test_a_part_is_not_asked_when_another_part_of_the_number_stays_unknown() -> None:
    assert next_fact(PER_HEAD, {}, CATALOGUE, {"h.size"}) is None
    assert next_fact(PER_HEAD, {}, CATALOGUE, {"h.income"}) is None


@given(rules(), partial_facts())
def test_a_simple_rule_is_as_simple_as_it_gets(form: Any, known: Any) -> None:
    simple = simplify(compile_rule(form), known, CATALOGUE.facts)
    assert simplify(simple, known, CATALOGUE.facts) == simple
    assert first_fact(simple, known, CATALOGUE, frozenset()) == next_fact(compile_rule(form), known, CATALOGUE,
                                                                         frozenset())


def test_a_rough_number_is_asked_again_only_where_it_decides() -> None:
    assert next_fact(PER_HEAD, _completed(h_income=Range(9000, 10000), h_size=3), CATALOGUE, frozenset()) is None
    assert next_fact(PER_HEAD, _completed(h_income=Range(9000, 15000), h_size=3), CATALOGUE, frozenset()) == "h.income"


def test_what_is_likely_to_fail_is_asked_before_what_is_likely_to_hold() -> None:
    rule = compile_rule({"all": [{"fact": "b.yes", "is": True}, {"fact": "a.yes", "is": True}]})
    assert next_fact(rule, {}, CATALOGUE, frozenset()) == "a.yes"


def test_of_several_ways_the_likeliest_is_asked_first() -> None:
    rule = compile_rule({"any": [{"fact": "a.yes", "is": True}, {"fact": "b.yes", "is": True}]})
    assert next_fact(rule, {}, CATALOGUE, frozenset()) == "b.yes"


# --- against the best possible order ---------------------------------------------------------------


def _random_rule(chance: random.Random, slugs: list[str], depth: int = 0) -> Any:
    if depth == 3 or len(slugs) == 1 or (depth and chance.random() < 0.35):
        return {"fact": chance.choice(slugs), "is": chance.random() < 0.75}
    members = [_random_rule(chance, slugs, depth + 1) for _ in range(chance.choice([2, 2, 3]))]
    return {chance.choice(["all", "any"]): members}


def _small_policy(seed: int) -> tuple[Rule, FactCatalogue, dict[str, float]]:
    """A rule over at most six yes-or-no facts, each with its own chance and trouble."""
    chance = random.Random(seed)
    shares = {f"f.{number}": round(chance.uniform(0.1, 0.9), 2) for number in range(chance.randint(3, 6))}
    facts = [fact(slug, "bool", prior={"true": share, "false": 1 - share}, effort=chance.choice([1, 1, 2]))
             for slug, share in shares.items()]
    return compile_rule(_random_rule(chance, list(shares))), FactCatalogue(facts), shares


def _trouble(rule: Rule, catalogue: FactCatalogue, shares: Mapping[str, float], *, best: bool) -> float:
    """Expected effort of all questions until the verdict is settled, asked by us or in the best order there is."""

    @cache
    def cost(state: frozenset[tuple[str, bool]]) -> float:
        known: dict[str, Value] = dict(state)
        if isinstance(simplify(rule, known, catalogue.facts), Constant):
            return 0.0
        ours: Optional[str] = None if best else next_fact(rule, known, catalogue, frozenset())
        candidates = [slug for slug in rule.facts if slug not in known] if ours is None else [ours]
        return min(
            catalogue.facts[slug].effort + shares[slug] * cost(state | {(slug, True)})
            + (1 - shares[slug]) * cost(state | {(slug, False)})
            for slug in candidates
        )

    return cost(frozenset())


def test_little_more_is_asked_than_by_the_best_order_there_is(record_property: Any) -> None:
    ratios = []
    for seed in range(150):
        rule, catalogue, shares = _small_policy(seed)
        least = _trouble(rule, catalogue, shares, best=True)
        if least:
            ratios.append(_trouble(rule, catalogue, shares, best=False) / least)
    mean, worst = sum(ratios) / len(ratios), max(ratios)
    record_property("mean_ratio", round(mean, 4))
    record_property("worst_ratio", round(worst, 4))
    print(f"questions against the optimum: mean {mean:.4f}, worst {worst:.4f}, policies {len(ratios)}")
    assert len(ratios) > 100
    assert mean < 1.05
    assert worst < 2
