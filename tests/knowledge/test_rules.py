"""Rules with three-valued truth: laws that hold for any rule, and what the YAML form may not say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.eligibility.rules import RuleError, Truth, compile_rule
from knowledge.eligibility.values import Range
from tests.knowledge.rules_world import GRID, by_brute_force, partial_facts, rules, settled


@given(rules(), partial_facts(), partial_facts())
def test_more_facts_never_flip_a_settled_verdict(form: Any, known: Any, more: Any) -> None:
    rule = compile_rule(form)
    before, after = settled(rule, known), settled(rule, {**more, **known})
    assert before is None or after is before


def _shuffled(form: Any, data: st.DataObject) -> Any:
    for key in ("all", "any"):
        if key in form:
            return {key: data.draw(st.permutations([_shuffled(member, data) for member in form[key]]))}
    if "count" in form:
        members = [_shuffled(member, data) for member in form["count"]["of"]]
        return {"count": {**form["count"], "of": data.draw(st.permutations(members))}}
    return {"not": _shuffled(form["not"], data)} if "not" in form else form


@given(rules(), partial_facts(), st.data())
def test_the_order_of_members_does_not_matter(form: Any, known: Any, data: st.DataObject) -> None:
    assert settled(compile_rule(form), known) is settled(compile_rule(_shuffled(form, data)), known)


@given(rules(), partial_facts())
def test_a_rule_and_its_negation_never_agree(form: Any, known: Any) -> None:
    truth, negated = settled(compile_rule(form), known), settled(compile_rule({"not": form}), known)
    assert negated is (None if truth is None else not truth)


@given(rules(), partial_facts())
def test_plain_truth_never_claims_more_than_every_completion_agrees_on(form: Any, known: Any) -> None:
    rule = compile_rule(form)
    truth = rule.truth(known)
    assert truth is None or truth is by_brute_force(rule, known)


_ENDS = st.integers(-3, 6)


@given(st.sampled_from(["at_least", "at_most", "less_than", "more_than", "is", "in", "not_in"]), st.integers(-2, 5),
       st.tuples(_ENDS, _ENDS).map(sorted))
def test_a_range_settles_a_comparison_only_where_all_its_numbers_agree(operator: str, bound: int,
                                                                       ends: list[int]) -> None:
    operand = [bound, bound + 2] if operator in ("in", "not_in") else bound
    rule = compile_rule({"fact": "a.age", operator: operand})
    truths = {rule.truth({"a.age": number / 2}) for number in range(2 * ends[0], 2 * ends[1] + 1)}
    found = rule.truth({"a.age": Range(*ends)})
    assert found is None or truths == {found}
    if operator not in ("in", "not_in") and len(truths) == 1:
        assert {found} == truths


@pytest.mark.parametrize(("operator", "days"), [
    ("before", [True, False, False]), ("on_or_before", [True, True, False]),
    ("after", [False, False, True]), ("on_or_after", [False, True, True]),
])
def test_days_compare_on_both_sides_of_the_bound(operator: str, days: list[bool]) -> None:
    rule = compile_rule({"fact": "a.day", operator: "2025-01-01"})
    assert [rule.truth({"a.day": day}) for day in GRID["a.day"]] == days


@pytest.mark.parametrize(("low", "high", "truth"), [
    (dt.date(2025, 1, 1), dt.date(2025, 1, 31), True), (dt.date(2024, 12, 1), dt.date(2024, 12, 31), False),
    (dt.date(2024, 12, 31), dt.date(2025, 1, 1), None), (None, dt.date(2024, 1, 1), False), (None, None, None),
])
def test_a_month_of_birth_is_a_range_of_days(low: Any, high: Any, truth: Truth) -> None:
    assert compile_rule({"fact": "a.day", "on_or_after": "2025-01-01"}).truth({"a.day": Range(low, high)}) is truth


def test_an_expression_compares_what_it_reckons() -> None:
    rule = compile_rule({"expr": "h.income / h.size", "less_than": 4291})
    assert rule.facts == ("h.income", "h.size")
    assert rule.truth({"h.income": 8581, "h.size": 2}) is True
    assert rule.truth({"h.income": 8582, "h.size": 2}) is False
    assert rule.truth({"h.income": Range(8000, 9000), "h.size": 2}) is None
    assert rule.truth({"h.income": 8000}) is None


@pytest.mark.parametrize(("form", "path"), [
    ({}, ()), ([], ()), ("年满60", ()), ({"fact": "a.age"}, ()), ({"fact": "a.age", "over": 60}, ()),
    ({"fact": "a.age", "at_least": 60, "at_most": 70}, ()), ({"fact": "a.age", "at_least": "60"}, ("at_least",)),
    ({"fact": "a.age", "at_least": True}, ("at_least",)), ({"fact": 5, "is": 5}, ("fact",)),
    ({"fact": "a.kind", "in": "x"}, ("in",)), ({"fact": "a.kind", "in": []}, ("in",)),
    ({"fact": "a.kind", "in": ["x", ["y"]]}, ("in",)), ({"fact": "a.kind", "in": [{"x": 1}]}, ("in",)),
    ({"fact": "a.kind", "is": None}, ("is",)), ({"fact": "a.kind", "is": ["x"]}, ("is",)),
    ({"fact": "a.day", "before": "去年"}, ("before",)), ({"fact": "a.day", "before": 2025}, ("before",)),
    ({"all": []}, ("all",)), ({"any": {"fact": "a.yes", "is": True}}, ("any",)),
    ({"all": [{"fact": "a.yes", "is": True}], "any": []}, ()), ({"always": "yes"}, ("always",)),
    ({"not": {"fact": "a.age"}}, ("not",)), ({"all": [{"always": True}, {"any": [{"nor": 1}]}]}, ("all", 1, "any", 0)),
    ({"expr": "h.income +", "at_least": 5}, ("expr",)), ({"expr": 7, "at_least": 5}, ("expr",)),
])
def test_a_wrong_form_is_refused_with_the_way_to_it(form: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(RuleError) as refused:
        compile_rule(form)
    assert refused.value.path == path
