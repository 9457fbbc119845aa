"""One question for many policies: it can always change a verdict, it ends, and it asks few."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.base import CONTENT, Snapshot, build
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.eligibility.engine import PolicyRules, compile_policy, evaluate
from knowledge.eligibility.many import ManyPolicies, next_fact_for_many, open_policies
from knowledge.eligibility.values import Range
from knowledge.schema import Condition, InForce, Policy
from tests.knowledge.rules_world import CATALOGUE, DAY, GRID, decisive_facts, partial_facts, rules


def _policy(form: Any, **more: Any) -> PolicyRules:
    policy = Policy(policy="x/y", topic="y", region="510100", name="示例", summary="示例", sources=("s",),
                    conditions=(Condition(id="one", text="条件", rule=form, clause="第一条"),))
    return compile_policy(msgspec.structs.replace(policy, **more), CATALOGUE)


def _next(some: list[PolicyRules], skip: frozenset[str] = frozenset(), **known: Any) -> Any:
    facts = {slug.replace("_", ".", 1): value for slug, value in known.items()}
    return next_fact_for_many(some, facts, day=DAY, skip=skip)


YES = {"fact": "a.yes", "is": True}
OLD = {"fact": "a.age", "at_least": 60}


# --- against every completion --------------------------------------------------------------------


@settings(max_examples=200)
@given(st.lists(rules(leaves=5), min_size=1, max_size=5), partial_facts(), st.sets(st.sampled_from(sorted(GRID))))
def test_what_is_asked_can_change_a_verdict_and_nothing_that_can_is_left_out(
        forms: list[Any], known: Any, skip: set[str]) -> None:
    some = [_policy(form) for form in forms]
    useful = {slug for item in some for slug in decisive_facts(item.whole, known)} - skip
    asked = next_fact_for_many(some, known, day=DAY, skip=skip)
    assert asked in useful if useful else asked is None


@given(st.lists(rules(leaves=5), min_size=1, max_size=5), partial_facts())
def test_open_are_exactly_those_that_are_undetermined(forms: list[Any], known: Any) -> None:
    some = [_policy(form) for form in forms]
    undetermined = [item for item in some if evaluate(item, known, day=DAY).outcome == "undetermined"]
    assert list(open_policies(some, known, day=DAY)) == undetermined


@given(st.lists(rules(leaves=5), min_size=1, max_size=5), st.integers(0, 5))
def test_the_questions_end_with_every_policy_settled_and_ask_nothing_twice(forms: list[Any], number: int) -> None:
    some, known = [_policy(form) for form in forms], dict[str, Any]()
    while (asked := next_fact_for_many(some, known, day=DAY)) is not None:
        assert asked not in known
        known[asked] = GRID[asked][number % len(GRID[asked])]
    assert open_policies(some, known, day=DAY) == ()


# --- which fact ----------------------------------------------------------------------------------


def test_the_fact_that_most_policies_need_comes_first() -> None:
    some = [_policy({"all": [OLD, {"fact": "a.money", "at_least": 1000}]}), _policy({"all": [OLD, YES]}), _policy(OLD)]
    assert _next(some) == "a.age"


def test_what_is_easy_to_tell_comes_before_what_is_not() -> None:
    assert _next([_policy({"fact": "c.yes", "is": True}), _policy(YES)]) == "a.yes"


def test_a_policy_that_is_settled_has_no_vote() -> None:
    some = [_policy(OLD), _policy({"all": [OLD, {"fact": "b.yes", "is": True}]}), _policy(YES)]
    assert _next(some, a_age=30) == "a.yes"
    assert _next(some, a_age=30, a_yes=False) is None


def test_no_policies_ask_nothing() -> None:
    assert next_fact_for_many([], {}, day=DAY) is None
    assert open_policies([], {}, day=DAY) == ()
    with pytest.raises(ValueError, match="no policies"):
        ManyPolicies([])


def test_a_policy_that_is_not_in_force_asks_nothing() -> None:
    later = _policy(OLD, in_force=InForce(start=DAY + dt.timedelta(days=1)))
    over = _policy(OLD, in_force=InForce(until=DAY - dt.timedelta(days=1)))
    assert _next([later, over]) is None
    assert open_policies([later, over], {}, day=DAY) == ()
    assert next_fact_for_many([later], {}, day=DAY + dt.timedelta(days=1)) == "a.age"


def test_the_city_of_the_conversation_is_known() -> None:
    here = _policy({"all": [{"fact": "context.city", "is": "510100"}, YES]})
    assert next_fact_for_many([here], {}, day=DAY, city="510100") == "a.yes"
    assert next_fact_for_many([here], {}, day=DAY, city="320100") is None


def test_a_reckoned_number_is_asked_by_its_parts_and_not_when_one_stays_unknown() -> None:
    some = [_policy({"fact": "h.per_head", "less_than": 4000}), _policy({"fact": "h.per_head", "less_than": 3000})]
    assert _next(some) == "h.size"
    assert _next(some, h_size=3) == "h.income"
    assert _next(some, frozenset({"h.size"})) is None
    assert _next(some, h_size=3, h_income=Range(9000, 9000)) is None
    assert _next(some, h_size=3, h_income=Range(6000, 15000)) == "h.income"


# --- answers that hold for one policy ------------------------------------------------------------


def test_a_fact_asked_in_a_policys_own_words_is_not_asked_on_its_behalf() -> None:
    own, other = _policy(YES, own_answers=("a.yes",)), _policy(YES)
    assert _next([own]) is None
    assert open_policies([own], {}, day=DAY) == (own,)
    assert _next([own, other]) == "a.yes"  # the other one needs it


def test_a_plain_no_holds_in_any_words_and_a_yes_does_not() -> None:
    own = _policy(YES, own_answers=("a.yes",))
    assert open_policies([own], {"a.yes": False}, day=DAY) == ()
    assert open_policies([own], {"a.yes": True}, day=DAY) == (own,)
    assert open_policies([_policy(YES)], {"a.yes": True}, day=DAY) == ()


# --- the real policies ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def content() -> Snapshot:
    return build(CONTENT, meaning=False)


def test_open_agrees_with_the_verdict_of_every_household(content: Snapshot) -> None:
    checked = 0
    for name, households in content.households.items():
        rules_ = content.policies[name]
        own, city = rules_.policy.own_answers, rules_.policy.region
        for household in households:
            facts, day = rules_.catalogue.read(household.facts), household.on or HOUSEHOLD_DAY
            shared = {slug: value for slug, value in facts.items() if slug not in own or value is False}
            undetermined = evaluate(rules_, shared, day=day, city=city).outcome == "undetermined"
            assert bool(open_policies([rules_], facts, day=day, city=city)) is undetermined, household.name
            checked += 1
    assert checked > 500


def test_eight_questions_settle_more_than_asking_policy_after_policy(content: Snapshot) -> None:
    from benchmarks.eligibility.measure import questions_for_many

    found = questions_for_many(content, "510100", ("510100", "510000", "100000"), count=4)
    chosen, in_turn = found["chosen"]["settled_after"][8], found["in_turn"]["settled_after"][8]
    print(f"settled after 8 questions of {found['policies']} policies: {chosen} chosen, {in_turn} in turn")
    assert chosen > in_turn
