"""Time alone: the day on which a no turns to a yes, and how much is lacking until then."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knowledge.eligibility.engine import PolicyRules, Verdict, compile_policy, evaluate
from knowledge.eligibility.facts import FactCatalogue, add_months
from knowledge.eligibility.shortfall import Shortfall, shortfalls
from knowledge.eligibility.time_mends import Step
from knowledge.eligibility.values import Range, Value
from knowledge.schema import Derived, Policy
from tests.knowledge.rules_world import DAY, fact

FACTS = FactCatalogue(
    [
        fact("person.age", "int", minimum=0, maximum=120, unit="岁"), fact("p.since", "int", minimum=0, unit="年"),
        fact("p.paid", "months", minimum=0, unit="个月"), fact("p.lived", "months", minimum=0, unit="个月"),
        fact("p.here", "bool"), fact("p.income", "money", minimum=0, unit="元"),
        fact("h.area", "int", minimum=0, unit="平方米"), fact("household.size", "int", minimum=1, unit="人"),
        fact("p.points", "int", minimum=0, unit="分"), fact("child.birth_date", "date"),
        fact("person.unemployment_insurance_months", "months", minimum=0, unit="个月"),
        fact("person.registered_unemployed", "bool"), fact("person.involuntary_unemployment", "bool"),
        fact("person.works_here", "bool"),
    ],
    [Derived(slug="p.both", name="两样一起", expr="p.paid + p.lived"),
     Derived(slug="h.per_head", name="人均", expr="p.income / household.size")],
)
Rule = dict[str, Any]


def rules_of(rule: Rule, **parts: Any) -> PolicyRules:
    """A policy with this one condition."""
    whole = {"policy": "320100/x", "topic": "x", "region": "320100", "name": "某项补贴", "summary": "某项补贴",
             "sources": ["s"], "conditions": [{"id": "it", "text": "这一条", "rule": rule}]}
    return compile_policy(msgspec.convert({**whole, **parts}, Policy), FACTS)


def judged(rule: Rule, facts: dict[str, Value], day: dt.date = DAY, **parts: Any) -> Verdict:
    return evaluate(rules_of(rule, **parts), facts, day=day)


def over(slug: str, bound: Any, operator: str = "at_least") -> Rule:
    return {"fact": slug, operator: bound}


AGED, PAID, HERE = over("person.age", 60), over("p.paid", 12), {"fact": "p.here", "is": True}

# --- months ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "paid", "from_"), [
    (PAID, 11, dt.date(2026, 12, 21)), (PAID, 9, dt.date(2027, 2, 21)), (PAID, 0, dt.date(2027, 11, 21)),
    (over("p.paid", 12, "more_than"), 12, dt.date(2026, 12, 21)), (over("p.paid", 12, "more_than"), 11,
                                                                  dt.date(2027, 1, 21)),
    ({"not": over("p.paid", 12, "less_than")}, 11, dt.date(2026, 12, 21)),
    ({"not": over("p.paid", 12, "at_most")}, 11, dt.date(2027, 1, 21)),
    ({"any": [HERE, PAID]}, 11, dt.date(2026, 12, 21)), ({"all": [HERE, PAID]}, 11, None),
    (over("p.paid", 9, "less_than"), 11, None), (over("p.paid", 480), 1, dt.date(2066, 10, 21)),
    (over("p.paid", 482), 1, None), ({"fact": "p.paid", "is": 13}, 11, dt.date(2027, 1, 21)),
    ({"fact": "p.paid", "in": [10, 14]}, 11, dt.date(2027, 2, 21)),
    ({"fact": "p.paid", "not_in": [11, 12]}, 11, dt.date(2027, 1, 21)),
])
def test_months_grow_by_one_a_month(rule: Rule, paid: int, from_: Optional[dt.date]) -> None:
    verdict = judged(rule, {"p.paid": paid, "p.here": False})
    assert verdict.outcome == "ineligible"
    assert verdict.eligible_from == from_


def test_a_month_that_ends_earlier_is_full_on_its_last_day() -> None:
    verdict = judged(PAID, {"p.paid": 11}, day=dt.date(2027, 1, 31))
    assert verdict.eligible_from == dt.date(2027, 2, 28)
    assert verdict.mend is not None and verdict.mend.steps == (Step("p.paid", 12),)


def test_of_two_that_are_lacking_the_later_one_counts_and_of_two_ways_the_earlier() -> None:
    lived = over("p.lived", 6)
    facts: dict[str, Value] = {"p.paid": 9, "p.lived": 1}
    both, either = judged({"all": [PAID, lived]}, facts), judged({"any": [PAID, lived]}, facts)
    assert both.eligible_from == dt.date(2027, 4, 21) and either.eligible_from == dt.date(2027, 2, 21)
    assert both.mend is not None and both.mend.steps == (Step("p.lived", 6),)


def test_months_known_only_roughly_name_no_day_but_a_last_one() -> None:
    mend = judged(PAID, {"p.paid": Range(7, 9)}).mend
    assert mend is not None and (mend.day, mend.latest) == (None, dt.date(2027, 4, 21))
    assert judged(PAID, {"p.paid": Range(None, 9)}).mend is None


def test_a_sum_of_two_that_both_grow_is_full_in_half_the_time() -> None:
    facts: dict[str, Value] = {"p.paid": 3, "p.lived": 3}
    assert judged(over("p.both", 12), facts).eligible_from == dt.date(2027, 2, 21)
    assert judged({"expr": "p.paid + p.lived", "at_least": 13}, facts).eligible_from == dt.date(2027, 3, 21)


@pytest.mark.parametrize(("halted", "mends"), [
    ({}, True), ({"person.works_here": True}, True), ({"person.registered_unemployed": False}, True),
    ({"person.registered_unemployed": True}, False), ({"person.works_here": False}, False),
    ({"person.involuntary_unemployment": True}, False), ({"person.involuntary_unemployment": False}, False),
    ({"person.unemployment_insurance_months": 0}, False),
])
def test_who_has_no_work_does_not_go_on_paying(halted: dict[str, Value], mends: bool) -> None:
    rule = over("person.unemployment_insurance_months", 12)
    facts: dict[str, Value] = {"person.unemployment_insurance_months": 9, **halted}
    assert (judged(rule, facts).mend is not None) is mends


# --- years -----------------------------------------------------------------------------------------


def test_an_age_is_reached_on_a_birthday_that_nobody_knows() -> None:
    verdict = judged(AGED, {"person.age": 58})
    mend = verdict.mend
    assert verdict.eligible_from is None
    assert mend is not None and mend.latest == dt.date(2028, 11, 21) and mend.steps == (Step("person.age", 60),)


@pytest.mark.parametrize(("rule", "since", "latest"), [
    (over("p.since", 3, "more_than"), 3, dt.date(2027, 11, 21)),
    (over("p.since", 3, "more_than"), 1, dt.date(2029, 11, 21)),
    ({"not": over("p.since", 3, "at_most")}, 1, dt.date(2029, 11, 21)), (over("p.since", 3, "at_most"), 4, None),
    (over("p.since", 41), 1, dt.date(2066, 11, 21)), (over("p.since", 42), 1, None),
])
def test_years_since_something_grow_by_one_a_year(rule: Rule, since: int, latest: Optional[dt.date]) -> None:
    mend = judged(rule, {"p.since": since}).mend
    assert (mend.latest if mend is not None else None) == latest


def test_a_bound_that_time_passes_first_is_no_promise() -> None:
    young = {"all": [over("person.age", 35, "less_than"), PAID]}
    assert judged(young, {"person.age": 30, "p.paid": 11}).eligible_from == dt.date(2026, 12, 21)
    assert judged(young, {"person.age": 34, "p.paid": 11}).mend is None  # 35 perhaps within the month
    assert judged(young, {"person.age": 33, "p.paid": 0}).eligible_from == dt.date(2027, 11, 21)
    assert judged(young, {"person.age": 34, "p.paid": 0}).mend is None


def test_an_age_that_does_not_decide_alone_gives_only_the_last_day() -> None:
    mend = judged({"all": [AGED, over("p.paid", 20)]}, {"person.age": 58, "p.paid": 1}).mend
    assert mend is not None and (mend.day, mend.latest, mend.steps) == (None, dt.date(2028, 11, 21), ())


def test_an_age_that_is_surely_reached_before_the_months_are_full_leaves_their_day() -> None:
    verdict = judged({"all": [AGED, over("p.paid", 20)]}, {"person.age": 59, "p.paid": 1})
    assert verdict.eligible_from == dt.date(2028, 6, 21)


# --- a child, and rules to come --------------------------------------------------------------------


@pytest.mark.parametrize(("born", "day"), [
    (dt.date(2023, 11, 22), dt.date(2026, 11, 22)), (dt.date(2024, 2, 29), dt.date(2027, 3, 1)),
    (dt.date(2025, 1, 31), dt.date(2028, 1, 31)),
])
def test_a_child_comes_of_age_on_its_birthday(born: dt.date, day: dt.date) -> None:
    assert judged(over("child.age_months", 36), {"child.birth_date": born}).eligible_from == day


def test_a_child_of_whom_only_the_month_is_known_names_no_day() -> None:
    born = Range(dt.date(2024, 3, 1), dt.date(2024, 3, 31))
    mend = judged(over("child.age_months", 36), {"child.birth_date": born}).mend
    assert mend is not None and (mend.day, mend.latest) == (None, dt.date(2027, 3, 31))
    assert judged(over("child.age_months", 12, "less_than"), {"child.birth_date": born}).mend is None


def test_a_rule_to_come_waits_for_its_first_day_and_its_own_conditions() -> None:
    start: dict[str, Any] = {"in_force": {"start": "2027-01-01", "until": "2027-12-31"}}
    assert judged(HERE, {"p.here": True}, **start).eligible_from == dt.date(2027, 1, 1)
    assert judged(HERE, {"p.here": False}, **start).mend is None
    assert judged(HERE, {}, **start).mend is None
    assert judged(PAID, {"p.paid": 10}, **start).eligible_from == dt.date(2027, 1, 21)
    assert judged(PAID, {"p.paid": 11}, **start).eligible_from == dt.date(2027, 1, 1)
    assert judged(over("p.paid", 24), {"p.paid": 10}, **start).mend is None  # it has run out by then


def test_it_is_found_inside_a_way() -> None:
    ways: dict[str, Any] = {"conditions": [], "routes": [
        {"id": "a", "name": "甲", "conditions": [{"id": "a1", "text": "甲一", "rule": HERE}]},
        {"id": "b", "name": "乙", "conditions": [{"id": "b1", "text": "乙一", "rule": PAID}]},
    ]}
    assert judged(PAID, {"p.here": False, "p.paid": 8}, **ways).eligible_from == dt.date(2027, 3, 21)


# --- any rule --------------------------------------------------------------------------------------

_NUMBERS = ["at_least", "at_most", "less_than", "more_than"]
_LEAVES = st.one_of(
    st.builds(lambda bound, operator: over("person.age", bound, operator), st.integers(57, 63),
              st.sampled_from(_NUMBERS)),
    st.builds(lambda bound, operator: over("p.since", bound, operator), st.integers(0, 4), st.sampled_from(_NUMBERS)),
    st.builds(lambda bound, operator: over("p.paid", bound, operator), st.integers(0, 30), st.sampled_from(_NUMBERS)),
    st.builds(lambda bound, operator: over("child.age_months", bound, operator), st.integers(0, 48),
              st.sampled_from(_NUMBERS)),
    st.builds(lambda yes: {"fact": "p.here", "is": yes}, st.booleans()),
)
RULES = st.recursive(
    _LEAVES, lambda inner: st.one_of(
        st.builds(lambda key, members: {key: members}, st.sampled_from(["all", "any"]),
                  st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda member: {"not": member}, inner)), max_leaves=5)
EXACT: dict[str, st.SearchStrategy[Value]] = {
    "person.age": st.integers(56, 62), "p.since": st.integers(0, 4), "p.paid": st.integers(0, 24),
    "child.birth_date": st.dates(dt.date(2023, 1, 1), dt.date(2026, 11, 20)), "p.here": st.booleans(),
}
WHOLE = st.fixed_dictionaries(EXACT)


def later(facts: dict[str, Value], day: dt.date, birthday: dt.date, moved: dt.date) -> dict[str, Value]:
    """The facts of ``day`` with birthday and "since" on days of the year that only this test knows.

    Whole years on ``DAY`` are as told; one more on each return of the day. Months are counted from ``DAY``.
    """
    months = (day.year - DAY.year) * 12 + day.month - DAY.month
    if add_months(DAY, months) > day:
        months -= 1
    grown = dict(facts)
    if isinstance(paid := facts.get("p.paid"), int):
        grown["p.paid"] = paid + months
    for slug, first in (("person.age", birthday), ("p.since", moved)):
        if isinstance(told := facts.get(slug), int):
            grown[slug] = told + sum(add_months(first, 12 * year) <= day for year in range(60))
    return grown


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(RULES, WHOLE, st.integers(1, 365), st.integers(1, 365))
def test_whatever_the_birthday_the_promise_is_kept(rule: Rule, facts: dict[str, Value], birthday: int,
                                                   moved: int) -> None:
    compiled = rules_of(rule)
    mend = evaluate(compiled, facts, day=DAY).mend
    assume(mend is not None)
    assert mend is not None and mend.latest > DAY
    days = [DAY + dt.timedelta(days=count) for count in (birthday, moved)]

    def outcome(day: dt.date) -> str:
        return evaluate(compiled, later(facts, day, *days), day=day).outcome

    assert outcome(mend.latest) == "eligible"
    if mend.day is not None:
        assert mend.day == mend.latest and outcome(mend.day - dt.timedelta(days=1)) == "ineligible"
    elif mend.steps:
        (step,) = mend.steps
        told = facts[step.fact]
        assert isinstance(told, int)
        first = add_months(days[step.fact == "p.since"], 12 * (step.value - told - 1))
        assert later(facts, first, *days)[step.fact] == step.value
        assert first <= mend.latest and outcome(first) == "eligible"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(RULES, WHOLE)
def test_no_day_before_is_as_good_and_none_is_missed(rule: Rule, facts: dict[str, Value]) -> None:
    """Every day of three years is tried, with only that known which the engine knows (no age, so that all is exact)."""
    told = {slug: value for slug, value in facts.items() if slug not in ("person.age", "p.since")}
    compiled = rules_of(rule)
    verdict = evaluate(compiled, told, day=DAY)
    assume(verdict.outcome == "ineligible")
    tried = (DAY + dt.timedelta(days=count) for count in range(1, 3 * 366))
    first = next((day for day in tried if evaluate(compiled, later(told, day, DAY, DAY), day=day).outcome
                  == "eligible"), None)
    mend = verdict.mend
    if first is None:
        assert mend is None or mend.latest > DAY + dt.timedelta(days=3 * 365)
    else:
        assert mend is not None and mend.latest == first


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(RULES, WHOLE, st.sets(st.sampled_from(sorted(EXACT))))
def test_what_is_promised_to_those_who_told_less_holds_when_they_tell_more(rule: Rule, facts: dict[str, Value],
                                                                           untold: set[str]) -> None:
    compiled = rules_of(rule)
    less = evaluate(compiled, {slug: value for slug, value in facts.items() if slug not in untold}, day=DAY)
    assume(less.mend is not None)
    more = evaluate(compiled, facts, day=DAY)
    assert less.mend is not None and more.outcome == "ineligible"
    assert more.mend is not None and more.mend.latest <= less.mend.latest
    if less.mend.day is not None:
        assert more.mend.day == less.mend.day


# --- how much is lacking ---------------------------------------------------------------------------


def lacks(rule: Rule, facts: dict[str, Value]) -> tuple[Shortfall, ...]:
    compiled = rules_of(rule)
    return shortfalls(compiled.whole, FACTS.complete(facts, day=DAY), FACTS)


@pytest.mark.parametrize(("rule", "facts", "short", "least", "most", "unit"), [
    (AGED, {"person.age": 57}, True, 3, 3, "岁"), (over("p.paid", 12), {"p.paid": 8}, True, 4, 4, "个月"),
    (over("p.since", 3, "more_than"), {"p.since": 3}, True, 1, 1, "年"),
    (over("p.points", 100), {"p.points": 80}, True, 20, 20, "分"),
    (over("p.income", 50000, "at_most"), {"p.income": 55000}, False, 5000, 5000, "元"),
    ({"not": over("p.income", 50000, "more_than")}, {"p.income": 55000}, False, 5000, 5000, "元"),
    (over("h.area", 16, "at_most"), {"h.area": 17}, False, 1, 1, "平方米"),
    (over("h.per_head", 4000, "at_most"), {"p.income": 9000, "household.size": 2}, False, 500, 500, "元"),
    (over("p.income", 50000, "at_most"), {"p.income": Range(52000, 55000)}, False, 2000, 5000, "元"),
    (over("p.income", 50000, "at_most"), {"p.income": Range(52000, None)}, False, 2000, None, "元"),
    (AGED, {"person.age": Range(50, 55)}, True, 5, 10, "岁"),
])
def test_how_much_is_lacking(rule: Rule, facts: dict[str, Value], short: bool, least: float, most: Optional[float],
                             unit: str) -> None:
    (lack,) = lacks(rule, facts)
    assert (lack.short, lack.least, lack.most, lack.unit, lack.past) == (short, least, most, unit, False)


def test_a_bound_of_money_must_be_passed() -> None:
    (lack,) = lacks(over("p.income", 4291, "less_than"), {"p.income": 4291})
    assert (lack.least, lack.past) == (0, True)


def test_what_is_open_besides_keeps_a_measure_from_being_enough() -> None:
    (lack,) = lacks({"all": [PAID, HERE]}, {"p.paid": 8})
    assert (lack.least, lack.enough) == (4, False)
    (lack,) = lacks({"all": [PAID, HERE]}, {"p.paid": 8, "p.here": True})
    assert (lack.least, lack.enough) == (4, True)


@pytest.mark.parametrize(("rule", "facts"), [
    (HERE, {"p.here": False}), (over("person.age", 35, "less_than"), {"person.age": 40}),
    (over("household.size", 3, "less_than"), {"household.size": 4}),
    (over("p.income", 0, "at_most"), {"p.income": 900}), ({"all": [AGED, PAID]}, {"person.age": 50, "p.paid": 1}),
    ({"all": [AGED, HERE]}, {"person.age": 50, "p.here": False}),
    (over("child.age_months", 36), {"child.birth_date": dt.date(2026, 1, 1)}),
])
def test_what_no_single_number_mends_has_no_measure(rule: Rule, facts: dict[str, Value]) -> None:
    assert lacks(rule, facts) == ()


def test_of_two_ways_the_measure_of_each_is_told_and_of_two_bounds_the_nearer() -> None:
    either: Rule = {"any": [PAID, over("p.lived", 6), over("p.paid", 24)]}
    found = lacks(either, {"p.paid": 8, "p.lived": 1})
    assert {(lack.fact, lack.least) for lack in found} == {("p.paid", 4), ("p.lived", 5)}


@settings(max_examples=200, deadline=None)
@given(RULES, WHOLE)
def test_what_is_said_to_be_lacking_is_enough(rule: Rule, facts: dict[str, Value]) -> None:
    compiled = rules_of(rule)
    known = FACTS.complete(facts, day=DAY)
    assume(compiled.whole.truth(known) is False)
    for lack in lacks(rule, facts):
        value = known[lack.fact]
        assert isinstance(value, int) and lack.short and lack.most is not None
        assert compiled.whole.truth({**known, lack.fact: value + lack.most}) is True
        assert compiled.whole.truth({**known, lack.fact: value + lack.most - 1}) is False
