"""Verdicts of whole policies: outcome, reasons, way, amount, day, and the questions that lead there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from knowledge.eligibility.engine import (
    IN_FORCE,
    PolicyRules,
    compile_policy,
    condition_of,
    evaluate,
    known_facts,
    next_question,
    remaining_questions,
)
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.rules import RuleError
from knowledge.eligibility.values import Range
from knowledge.schema import Derived, Policy
from tests.knowledge.rules_world import CATALOGUE, DAY, by_brute_force, fact, partial_facts, rules

FACTS = FactCatalogue(
    [
        fact("p.age", "int", minimum=0, maximum=120), fact("p.hukou", "bool"), fact("p.months", "months", minimum=0),
        fact("p.degree", "choice", values=("none", "bachelor", "master")), fact("h.income", "money", minimum=0),
        fact("h.size", "int", minimum=1), fact("l.rent", "money", minimum=0), fact("p.born", "date"),
    ],
    [Derived(slug="h.per_head", name="人均", expr="h.income / h.size")],
)
AGED = {"id": "age", "text": "年满60周岁", "failed": "没满60周岁", "rule": {"fact": "p.age", "at_least": 60}}
HERE = {"id": "hukou", "text": "本市户籍", "rule": {"fact": "p.hukou", "is": True}, "clause": "第三条"}
POOR = {"id": "poor", "text": "人均月收入不到4000元", "rule": {"fact": "h.per_head", "less_than": 4000}}


def policy(**parts: Any) -> PolicyRules:
    """A policy with only what the test is about."""
    whole = {"policy": "320100/x", "topic": "x", "region": "320100", "name": "某项补贴", "summary": "某项补贴",
             "sources": ["s"]}
    return compile_policy(msgspec.convert({**whole, **parts}, Policy), FACTS)


def verdict_of(rules_: PolicyRules, day: dt.date = DAY, city: str = "", **facts: Any) -> Any:
    return evaluate(rules_, {slug.replace("_", ".", 1): value for slug, value in facts.items()}, day=day, city=city)


# --- outcome and reasons ---------------------------------------------------------------------------


@settings(max_examples=100)
@given(rules(leaves=4), rules(leaves=4), partial_facts())
def test_the_outcome_is_what_every_completion_agrees_on(first: Any, second: Any, known: Any) -> None:
    whole = {"policy": "100000/x", "topic": "x", "region": "100000", "name": "x", "summary": "x", "sources": ["s"],
             "conditions": [{"id": "one", "text": "1", "rule": first}, {"id": "two", "text": "2", "rule": second}]}
    compiled = compile_policy(msgspec.convert(whole, Policy), CATALOGUE)
    verdict = evaluate(compiled, known, day=DAY)
    truth = by_brute_force(compiled.whole, known)
    assert verdict.outcome == {True: "eligible", False: "ineligible", None: "undetermined"}[truth]
    assert bool(verdict.missing) == (verdict.outcome == "undetermined")
    asked = next_question(compiled, known, day=DAY)
    assert (asked in verdict.missing) if verdict.missing else asked is None
    assert remaining_questions(compiled, known, day=DAY) == len(verdict.missing)


def test_each_condition_says_whether_it_holds_with_its_clause() -> None:
    verdict = verdict_of(policy(conditions=[AGED, HERE, POOR]), p_age=59, p_hukou=True)
    assert verdict.outcome == "ineligible"
    assert [(reason.id, reason.status) for reason in verdict.reasons] == [
        ("age", "unmet"), ("hukou", "met"), ("poor", "unknown")]
    assert [reason.id for reason in verdict.unmet] == ["age"]
    assert verdict.reasons[0].text == "没满60周岁" and verdict.reasons[0].says_failure
    assert verdict.reasons[1].clause == "第三条" and not verdict.reasons[1].says_failure


def test_one_false_condition_settles_it_without_more_questions() -> None:
    both = policy(conditions=[AGED, HERE])
    assert verdict_of(both, p_hukou=False).outcome == "ineligible"
    assert next_question(both, {"p.hukou": False}, day=DAY) is None
    assert remaining_questions(both, {"p.hukou": False}, day=DAY) == 0


def test_unknown_is_not_no() -> None:
    verdict = verdict_of(policy(conditions=[AGED, HERE]), p_age=60)
    assert verdict.outcome == "undetermined"
    assert verdict.missing == ("p.hukou",)


def test_a_skipped_fact_stays_open_and_is_not_asked_again() -> None:
    both = policy(conditions=[AGED, HERE])
    assert next_question(both, {"p.age": 60}, day=DAY, skip={"p.hukou"}) is None
    assert verdict_of(both, p_age=60).outcome == "undetermined"
    assert remaining_questions(both, {}, day=DAY, skip={"p.hukou"}) == 1


def test_why_a_fact_is_asked_is_the_open_condition_that_needs_it() -> None:
    both = policy(conditions=[AGED, POOR])
    known = known_facts(both, {"h.size": 3}, day=DAY)
    asked = condition_of(both, "h.income", known)
    assert asked is not None and asked.condition.id == "poor"
    assert condition_of(both, "p.age", {**known, "p.age": 61}) is None


def test_the_city_of_the_conversation_is_known_but_never_asked() -> None:
    local = policy(conditions=[{"id": "city", "text": "在南京", "rule": {"fact": "context.city", "is": "320100"}}])
    assert verdict_of(local, city="320100").outcome == "eligible"
    assert verdict_of(local, city="510100").outcome == "ineligible"
    assert verdict_of(local).missing == ()


# --- ways and amounts ------------------------------------------------------------------------------


def _route(name: str, rule: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "conditions": [{"id": f"{name}-if", "text": name, "rule": rule}], **more}


def _benefit(value: float, **more: Any) -> dict[str, Any]:
    return {"formula_text": "按月发", "period": "month", "cases": [{"value": value}], **more}


WAYS = [_route("young", {"fact": "p.age", "less_than": 35}, benefit=_benefit(300)),
        _route("graduate", {"fact": "p.degree", "in": ["bachelor", "master"]}, benefit=_benefit(800))]


def test_of_two_ways_that_hold_the_higher_amount_counts() -> None:
    verdict = verdict_of(policy(conditions=[HERE], routes=WAYS), p_hukou=True, p_age=30, p_degree="master")
    assert verdict.route.id == "graduate"
    assert verdict.amount.value == 800
    assert {reason.id for reason in verdict.reasons} == {"hukou", "graduate-if"}


def test_one_way_is_enough() -> None:
    verdict = verdict_of(policy(conditions=[HERE], routes=WAYS), p_hukou=True, p_age=30)
    assert (verdict.outcome, verdict.route.id, verdict.amount.value) == ("eligible", "young", 300)


def test_a_no_needs_every_way_to_fail_and_names_them_all() -> None:
    ways = policy(conditions=[HERE], routes=WAYS)
    assert verdict_of(ways, p_hukou=True, p_age=40).outcome == "undetermined"
    verdict = verdict_of(ways, p_hukou=True, p_age=40, p_degree="none")
    assert verdict.outcome == "ineligible"
    assert {reason.id for reason in verdict.unmet} == {"young-if", "graduate-if"}


def test_ways_that_are_closed_are_not_shown_while_it_is_open() -> None:
    verdict = verdict_of(policy(conditions=[HERE], routes=WAYS), p_age=40)
    assert {reason.route for reason in verdict.reasons} == {"", "graduate"}


CASES = [{"when": {"fact": "p.degree", "is": "master"}, "value": 800},
         {"when": {"fact": "p.degree", "is": "bachelor"}, "value": 600}]


def test_the_first_case_that_holds_is_the_amount_and_an_open_one_keeps_it_back() -> None:
    paid = policy(conditions=[AGED], benefit={"formula_text": "按学历", "cases": [*CASES, {"value": 100}]})
    assert verdict_of(paid, p_age=60, p_degree="master").amount.value == 800
    assert verdict_of(paid, p_age=60, p_degree="none").amount.value == 100
    assert verdict_of(paid, p_age=60).amount.value is None
    assert verdict_of(paid, p_age=50, p_degree="master").amount is None


def test_the_amount_is_asked_for_after_the_verdict() -> None:
    paid = policy(conditions=[AGED], benefit={"formula_text": "按学历", "cases": CASES})
    assert next_question(paid, {"p.age": 60}, day=DAY) == "p.degree"
    assert remaining_questions(paid, {"p.age": 60}, day=DAY) == 1
    assert next_question(paid, {"p.age": 60}, day=DAY, skip={"p.degree"}) is None
    assert next_question(paid, {"p.age": 59}, day=DAY) is None


def test_a_formula_asks_for_its_facts_and_carries_ranges() -> None:
    half = policy(conditions=[AGED], benefit={"formula_text": "房租的一半，最多500", "upper_limit": True,
                                              "cases": [{"formula": "min(l.rent * 0.5, 500)"}]})
    assert next_question(half, {"p.age": 60}, day=DAY) == "l.rent"
    assert verdict_of(half, p_age=60, l_rent=800).amount.value == 400
    assert verdict_of(half, p_age=60, l_rent=Range(800, 3000)).amount.value == Range(400, 500)


def test_an_unknown_amount_is_never_stated_nor_asked_for() -> None:
    unknown = policy(conditions=[AGED], benefit=_benefit(300, amount_unknown=True))
    assert verdict_of(unknown, p_age=60).amount.value is None
    assert next_question(unknown, {"p.age": 60}, day=DAY) is None


def test_sentences_go_with_the_amount_where_they_hold() -> None:
    extra = [{"when": {"fact": "p.degree", "is": "master"}, "text": "硕士90平方米"}, {"text": "另有物业费"}]
    noted = policy(conditions=[AGED], benefit=_benefit(300, extra=extra))
    assert verdict_of(noted, p_age=60, p_degree="master").amount.notes == ("硕士90平方米", "另有物业费")
    assert verdict_of(noted, p_age=60).amount.notes == ("另有物业费",)


# --- time ------------------------------------------------------------------------------------------


def test_a_rule_that_has_run_out_says_so_and_asks_nothing() -> None:
    old = policy(conditions=[AGED], in_force={"until": "2026-06-30"})
    assert verdict_of(old, day=dt.date(2026, 6, 30), p_age=60).outcome == "eligible"
    verdict = verdict_of(old, p_age=60)
    assert (verdict.outcome, verdict.reasons[0].id, verdict.eligible_from) == ("ineligible", IN_FORCE, None)
    assert "2026年6月30日" in verdict.reasons[0].text
    assert next_question(old, {}, day=DAY) is None
    assert remaining_questions(old, {}, day=DAY) == 0


def test_a_rule_to_come_names_its_day_only_to_those_who_will_fit() -> None:
    new = policy(conditions=[AGED], in_force={"start": "2027-01-01"})
    assert verdict_of(new, p_age=61).eligible_from == dt.date(2027, 1, 1)
    assert verdict_of(new, p_age=40).eligible_from is None
    assert verdict_of(new).eligible_from is None
    assert verdict_of(new, day=dt.date(2027, 1, 1), p_age=61).outcome == "eligible"


MONTHS = {"id": "months", "text": "缴满12个月", "rule": {"fact": "p.months", "at_least": 12}}


def test_months_that_are_missing_give_the_day_on_which_they_are_full() -> None:
    assert verdict_of(policy(conditions=[MONTHS]), p_months=9).eligible_from == dt.date(2027, 2, 21)
    assert verdict_of(policy(conditions=[MONTHS, HERE]), p_months=9, p_hukou=True).eligible_from == dt.date(2027, 2, 21)


@pytest.mark.parametrize("facts", [{"p_months": 9, "p_hukou": False}, {"p_months": 9}, {"p_months": Range(8, 9)}])
def test_no_day_is_promised_where_time_alone_does_not_mend_it(facts: dict[str, Any]) -> None:
    assert verdict_of(policy(conditions=[MONTHS, HERE]), **facts).eligible_from is None


# --- compiling -------------------------------------------------------------------------------------


def _condition(rule: Any) -> dict[str, Any]:
    return {"conditions": [{"id": "one", "text": "1", "rule": rule}]}


@pytest.mark.parametrize(("parts", "path"), [
    ({}, ()),
    (_condition({"fact": "p.height", "at_least": 1}), ("conditions", 0, "rule")),
    (_condition({"expr": "h.income / h.people", "at_least": 1}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.hukou", "is": "yes"}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.hukou", "at_least": 1}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.degree", "is": "doctor"}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.degree", "at_least": 3}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.age", "is": "sixty"}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.age", "before": "2025-01-01"}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.born", "at_least": 3}), ("conditions", 0, "rule")),
    (_condition({"fact": "p.born", "is": "2025-01-01"}), ("conditions", 0, "rule")),
    (_condition({"fact": "h.per_head", "before": "2025-01-01"}), ("conditions", 0, "rule")),
    (_condition({"expr": "h.income / 2", "after": "2025-01-01"}), ("conditions", 0, "rule")),
    (_condition({"fact": "child.age_months", "in": ["a"]}), ("conditions", 0, "rule")),
    (_condition({"fact": "context.city", "at_least": 5}), ("conditions", 0, "rule")),
    (_condition({"fact": "context.city", "is": 510100}), ("conditions", 0, "rule")),
    (_condition({"all": [{"fact": "p.age", "over": 3}]}), ("conditions", 0, "rule", "all", 0)),
    ({"conditions": [AGED, AGED]}, ("conditions", 1, "id")),
    ({"conditions": [AGED], "routes": [{"id": "r", "name": "r", "conditions": [AGED]}]},
     ("routes", 0, "conditions", 0, "id")),
    ({"conditions": [AGED], "benefit": {"formula_text": "x", "cases": [{"when": {"fact": "p.z", "is": 1}}]}},
     ("benefit", "cases", 0, "when")),
    ({"conditions": [AGED], "benefit": {"formula_text": "x", "cases": [{"formula": "l.rent *"}]}},
     ("benefit", "cases", 0, "formula")),
    ({"conditions": [AGED], "benefit": {"formula_text": "x", "cases": [{"formula": "l.price * 2"}]}},
     ("benefit", "cases", 0, "formula")),
])
def test_a_policy_that_cannot_be_judged_is_refused_with_the_way_to_the_fault(parts: Any, path: Any) -> None:
    with pytest.raises(RuleError) as refused:
        policy(**parts)
    assert refused.value.path == path
