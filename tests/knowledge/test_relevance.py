"""Which facts can still change a verdict, held against trying every completion."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings

from knowledge.eligibility.relevance import MOST_COMBINATIONS, relevant_facts, simplify
from knowledge.eligibility.rules import Constant, compile_rule
from knowledge.eligibility.values import Range
from tests.knowledge.rules_world import CATALOGUE, by_brute_force, decisive_facts, fact, partial_facts, rules, settled


@settings(max_examples=250)
@given(rules(), partial_facts())
def test_a_verdict_is_settled_exactly_when_every_completion_agrees(form: Any, known: Any) -> None:
    rule = compile_rule(form)
    assert settled(rule, known) is by_brute_force(rule, known)


@settings(max_examples=250)
@given(rules(), partial_facts())
def test_the_relevant_facts_are_exactly_those_that_can_change_the_verdict(form: Any, known: Any) -> None:
    rule = compile_rule(form)
    assert set(relevant_facts(rule, known, CATALOGUE.facts)) == decisive_facts(rule, known)


def _simple(form: Any, **known: Any) -> Any:
    named = {slug.replace("_", ".", 1): value for slug, value in known.items()}
    return simplify(compile_rule(form), named, CATALOGUE.facts)


def test_a_rule_that_holds_either_way_needs_no_answer() -> None:
    form = {"any": [{"fact": "a.yes", "is": True}, {"fact": "a.yes", "is": False}]}
    assert _simple(form) == Constant(True)


def test_a_rule_that_cannot_hold_is_refused_without_an_answer() -> None:
    form = {"all": [{"fact": "a.age", "at_least": 60}, {"any": [{"fact": "a.age", "less_than": 18},
                                                               {"fact": "a.age", "less_than": 30}]}]}
    assert _simple(form) == Constant(False)


def test_money_between_two_bounds_a_yuan_apart_is_not_forgotten() -> None:
    form = {"all": [{"fact": "a.money", "more_than": 4290}, {"fact": "a.money", "less_than": 4291}]}
    assert not isinstance(_simple(form), Constant)


def test_a_range_that_straddles_the_bound_stays_open() -> None:
    form = {"fact": "a.age", "at_least": 60}
    assert not isinstance(_simple(form, a_age=Range(58, 62)), Constant)
    assert _simple(form, a_age=Range(61, 65)) == Constant(True)


def test_a_day_can_fall_on_the_bound_itself() -> None:
    form = {"all": [{"fact": "a.day", "on_or_after": "2025-01-01"}, {"fact": "a.day", "on_or_before": "2025-01-01"}]}
    assert not isinstance(_simple(form), Constant)
    assert _simple(form, a_day=dt.date(2025, 1, 1)) == Constant(True)


def test_a_city_that_no_rule_names_is_thought_of() -> None:
    form = {"any": [{"fact": "a.city", "is": "510100"}, {"fact": "a.city", "is": "320100"}]}
    assert not isinstance(_simple(form), Constant)


def test_too_many_combinations_count_every_fact_and_stay_quick() -> None:
    facts = {f"f.{number}": fact(f"f.{number}", "bool") for number in range(14)}
    assert 2 ** len(facts) > MOST_COMBINATIONS
    pairs = [{"any": [{"fact": f"f.{number}", "is": True}, {"fact": f"f.{(number + 1) % 14}", "is": False}]}
             for number in range(14)]
    rule = compile_rule({"all": pairs})
    assert set(relevant_facts(rule, {}, facts)) == set(facts)
