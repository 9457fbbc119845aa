"""Counts over conditions ("two of these three"): their laws, their questions, what they lack, and slips in writing."""

from __future__ import annotations

import itertools
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.eligibility import best_order
from knowledge.eligibility.engine import PolicyRules, compile_policy, evaluate, next_question
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.questions import next_fact
from knowledge.eligibility.relevance import relevant_facts, simplify
from knowledge.eligibility.rules import MOST_COUNTED, Count, RuleError, Tally, compile_rule
from knowledge.eligibility.shortfall import shortfalls
from knowledge.eligibility.values import Range, Value
from knowledge.schema import Policy
from tests.knowledge.orders import SmallPolicy
from tests.knowledge.rules_world import CATALOGUE, DAY, counts, fact, partial_facts, rules, settled

ALL_THREE = [{"fact": f"{name}.yes", "is": True} for name in "abc"]
OLD, RICH = {"fact": "a.age", "at_least": 60}, {"fact": "a.money", "at_least": 1000}


def _count(*members: Any, **bounds: int) -> Any:
    return {"count": {"of": list(members or ALL_THREE), **bounds}}


def _members() -> st.SearchStrategy[list[Any]]:
    return st.lists(rules(leaves=2), min_size=2, max_size=5, unique_by=repr)


def _in_all_and_any(form: Any) -> Any:
    """The count written out by combinations, without the engine's help."""
    counted = form["count"]
    members = counted["of"]
    least = counted.get("exactly", counted.get("at_least", 0))
    most = counted.get("exactly", counted.get("at_most", len(members)))

    def at_least(number: int) -> Any:
        if number == 0:
            return {"always": True}
        return {"any": [{"all": list(some)} for some in itertools.combinations(members, number)]}

    too_many = at_least(most + 1) if most < len(members) else {"always": False}
    return {"all": [at_least(least), {"not": too_many}]}


@given(_members().flatmap(counts), partial_facts())
def test_a_count_is_what_all_and_any_of_its_combinations_say(form: Any, known: Any) -> None:
    counted, written_out = compile_rule(form), compile_rule(_in_all_and_any(form))
    assert counted.truth(known) is written_out.truth(known)
    assert settled(counted, known) is settled(written_out, known)
    assert set(relevant_facts(counted, known, CATALOGUE.facts)) \
        == set(relevant_facts(written_out, known, CATALOGUE.facts))


@given(_members().flatmap(counts), partial_facts(), partial_facts())
def test_more_facts_never_flip_a_count(form: Any, known: Any, more: Any) -> None:
    rule = compile_rule(form)
    before, after = rule.truth(known), rule.truth({**more, **known})
    assert before is None or after is before


@pytest.mark.parametrize(("told", "truth"), [
    ("", None), ("a", None), ("ab", True), ("abc", True), ("A", None), ("AB", False), ("Ab", None), ("Abc", True),
    ("aBC", False), ("AbC", False),
])
def test_two_of_three_is_settled_as_soon_as_what_is_open_cannot_change_it(told: str, truth: Any) -> None:
    rule = compile_rule(_count(at_least=2))
    assert rule.truth({f"{name.lower()}.yes": name.islower() for name in told}) is truth


def test_how_many_hold_fail_and_are_open_can_be_told() -> None:
    rule = compile_rule(_count(at_least=2))
    assert isinstance(rule, Count)
    assert rule.tally({"a.yes": True, "b.yes": False}) == Tally(holding=1, failing=1, open=1)


@pytest.mark.parametrize(("bounds", "same"), [
    ({"at_least": 1}, {"any": ALL_THREE}), ({"at_least": 3}, {"all": ALL_THREE}),
    ({"at_most": 0}, {"not": {"any": ALL_THREE}}), ({"exactly": 3}, {"all": ALL_THREE}),
    ({"at_most": 2}, {"not": {"all": ALL_THREE}}),
])
def test_a_count_that_is_all_or_any_is_that(bounds: Any, same: Any) -> None:
    assert compile_rule(_count(**bounds)) == compile_rule(same)


# --- questions -------------------------------------------------------------------------------------


def test_nothing_is_asked_once_the_number_is_reached_or_out_of_reach() -> None:
    rule = compile_rule(_count(at_least=2))
    assert next_fact(rule, {"a.yes": True, "b.yes": True}, CATALOGUE, frozenset()) is None
    assert next_fact(rule, {"a.yes": False, "b.yes": False}, CATALOGUE, frozenset()) is None
    assert next_fact(rule, {"a.yes": True, "b.yes": False}, CATALOGUE, frozenset()) == "c.yes"


def test_of_members_that_share_a_fact_only_what_still_decides_is_asked() -> None:
    """Under 60 or over 60 is one of the two in any case: the third alone decides."""
    rule = compile_rule(_count(OLD, {"fact": "a.age", "less_than": 60}, ALL_THREE[0], at_least=2))
    assert relevant_facts(rule, {}, CATALOGUE.facts) == ("a.yes",)
    assert settled(rule, {"a.yes": True}) is True


def _small_policy(seed: int) -> tuple[Any, FactCatalogue]:
    chance = random.Random(seed)
    facts = []
    for number in range(chance.randint(3, 5)):
        share = round(chance.uniform(0.05, 0.95), 2)
        facts.append(fact(f"f.{number}", "bool", effort=chance.choice([1, 1, 2, 3]),
                          prior={"true": share, "false": round(1 - share, 2)}))
    members: list[Any] = [{"fact": one.slug, "is": chance.random() < 0.75} for one in facts]
    if chance.random() < 0.4:  # a member that is a rule of its own
        members = [*members[2:], {chance.choice(["all", "any"]): members[:2]}]
    size = len(members)
    bounds = chance.choice([{"at_least": chance.randint(1, size)}, {"at_most": chance.randint(0, size - 1)},
                            {"exactly": chance.randint(0, size)}])
    form: Any = _count(*members, **bounds)
    if chance.random() < 0.3:
        form = {"all": [form, {"fact": "f.extra", "is": True}]}
        facts.append(fact("f.extra", "bool", prior={"true": 0.7, "false": 0.3}))
    return compile_rule(form), FactCatalogue(facts)


@pytest.mark.parametrize("most_states", [best_order.MOST_STATES, 9])
def test_counts_take_hardly_more_questions_than_the_best_order_and_no_needless_one(
        most_states: int, monkeypatch: pytest.MonkeyPatch, record_property: Any) -> None:
    """With the search of all orders, and (9 states: two yes-or-no facts) without it."""
    best_order.best_order.cache_clear()
    monkeypatch.setattr(best_order, "MOST_STATES", most_states)
    ratios, needless = [], []
    try:
        for seed in range(120):
            rule, catalogue = _small_policy(seed)
            policy = SmallPolicy(rule, catalogue)
            ratios.append(policy.ours() / policy.least())
            needless += policy.needless
    finally:
        best_order.best_order.cache_clear()
    mean = sum(ratios) / len(ratios)
    record_property("mean_ratio", round(mean, 4))
    print(f"counts, parts of at most {most_states} states searched: mean {mean:.4f}, worst {max(ratios):.4f}")
    assert needless == []
    assert min(ratios) > 1 - 1e-9
    assert mean <= 1.02


# --- verdicts --------------------------------------------------------------------------------------


def _policy(form: Any) -> PolicyRules:
    two = {"id": "two", "text": "三样里至少有两样", "failed": "三样里不到两样", "rule": form, "clause": "第二条"}
    whole = {"policy": "320100/x", "topic": "x", "region": "320100", "name": "某项补贴", "summary": "某项补贴",
             "sources": ["s"], "conditions": [two]}
    return compile_policy(msgspec.convert(whole, Policy), CATALOGUE)


@pytest.mark.parametrize(("told", "status", "outcome"), [
    ({"a.yes": True, "b.yes": True}, "met", "eligible"), ({"a.yes": False, "c.yes": False}, "unmet", "ineligible"),
    ({"a.yes": True}, "unknown", "undetermined"),
])
def test_the_reason_of_a_count_is_one_with_its_clause(told: Any, status: str, outcome: str) -> None:
    verdict = evaluate(_policy(_count(at_least=2)), told, day=DAY)
    assert verdict.outcome == outcome
    assert [(reason.id, reason.status, reason.clause) for reason in verdict.reasons] == [("two", status, "第二条")]


def test_a_policy_with_a_count_asks_until_it_is_settled_and_no_further() -> None:
    policy, told = _policy(_count(at_least=2)), dict[str, Any]()
    while (asked := next_question(policy, told, day=DAY)) is not None:
        told[asked] = True
    assert len(told) == 2


def test_one_year_more_makes_up_for_what_a_count_lacks() -> None:
    rule = compile_rule(_count(OLD, RICH, ALL_THREE[0], at_least=2))
    known: dict[str, Value] = {"a.age": 58, "a.money": 300, "a.yes": True}
    catalogue = FactCatalogue([msgspec.structs.replace(CATALOGUE.facts["a.age"], unit="岁"),
                               msgspec.structs.replace(CATALOGUE.facts["a.money"], unit="元")])
    assert [(lack.fact, lack.least, lack.enough) for lack in shortfalls(rule, known, catalogue)] \
        == [("a.age", 2, True), ("a.money", 700, True)]
    assert shortfalls(rule, {**known, "a.yes": False}, catalogue) == ()  # two are lacking: no single change will do


def test_a_rough_number_leaves_its_member_open() -> None:
    rule = compile_rule(_count(OLD, RICH, ALL_THREE[0], at_least=2))
    known: dict[str, Value] = {"a.age": Range(58, 62), "a.money": 300, "a.yes": True}
    assert rule.truth(known) is None
    assert simplify(rule, known, CATALOGUE.facts) == compile_rule(OLD)


# --- slips -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "path", "says"), [
    ({"count": ALL_THREE}, ("count",), "of"), ({"count": {"at_least": 2}}, ("count",), "of"),
    ({"count": {"of": [OLD], "at_least": 1}}, ("count", "of"), "2 到"),
    ({"count": {"of": OLD, "at_least": 1}}, ("count", "of"), "2 到"),
    (_count(*({"fact": "a.age", "at_least": age} for age in range(MOST_COUNTED + 1)), at_least=2), ("count", "of"),
     str(MOST_COUNTED)),
    (_count(), ("count",), "at_least"), (_count(at_least=2, exactly=2), ("count",), "exactly"),
    (_count(at_least=0), ("count", "at_least"), "1 到 3"), (_count(at_least=4), ("count", "at_least"), "1 到 3"),
    (_count(at_most=3), ("count", "at_most"), "0 到 2"), (_count(exactly=4), ("count", "exactly"), "0 到 3"),
    (_count(at_least=True), ("count", "at_least"), "整数"), ({"count": {"of": ALL_THREE, "at_least": "2"}},
                                                          ("count", "at_least"), "整数"),
    (_count(at_least=2, at_most=1), ("count", "at_least"), "谁也达不到"),
    ({"count": {"of": ALL_THREE, "more_than": 1}}, ("count",), "more_than"),
    (_count(OLD, RICH, OLD, at_least=2), ("count", "of", 2), "第 1 条和第 3 条一样"),
    (_count(OLD, {"fact": "a.money"}, at_least=1), ("count", "of", 1), "比较"),
    ({**_count(at_least=2), "all": [OLD]}, (), "写在一起"),
])
def test_a_wrong_count_is_refused_with_the_way_to_it_and_what_to_write(form: Any, path: Any, says: str) -> None:
    with pytest.raises(RuleError) as refused:
        compile_rule(form)
    assert refused.value.path == path
    assert says in refused.value.message
