"""How a verdict is said: sums, what is still open, why not, and the receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Optional

import pytest

from actions.turn import Turn
from actions.verdict import amount_text, benefit_json, chinese_day, receipt, verdict_message
from bot.contract import SCHEMA, validate
from bot.memory import Case
from knowledge.base import Snapshot
from knowledge.eligibility import engine
from knowledge.eligibility.engine import Amount
from knowledge.eligibility.values import Range, Value
from knowledge.schema import Benefit

Turns = Callable[..., Turn]
NANJING = "320100/rental-subsidy"
FITS: dict[str, Value] = {
    "person.education": "master", "person.has_labor_contract": True, "person.social_insurance_active": True,
    "household.owns_home_in_city": False,
}


def amount(value: Any = 800.0, **benefit: Any) -> Amount:
    return Amount(value, Benefit(formula_text=benefit.pop("formula_text", "按学历"), **benefit))


# --- sums ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("made", "said"), [
    (amount(800.0, period="month"), "每月800元"),
    (amount(800.0, period="month", max_periods=36), "每月800元，最多36个月，合计不超过28800元"),
    (amount(3600.0, period="year", max_periods=3), "每年3600元，最多3年，合计不超过10800元"),
    (amount(500.0, period="once"), "一次性500元"),
    (amount(500.0, period="once", max_periods=1), "一次性500元"),
    (amount(1.5, period="day"), "每天1.5元"),
    (amount(0.1 + 0.2, period="meal"), "每餐0.3元"),
    (amount(1000.0, period="withdrawal"), "每次1000元"),
    (amount(1000.0), "1000元"),
    (amount(0.0, period="month"), "每月0元"),
    (amount(1500.0, period="month", upper_limit=True), "每月最多1500元"),
    (amount(60.0, period="month", floor=True), "每月不低于60元"),
    (amount(60.0, period="month", floor=True, max_periods=12), "每月不低于60元，最多12个月"),
    (amount(60.0, period="month", floor=True, upper_limit=True), "每月不低于60元"),
    (amount(85.0, unit="平方米"), "85平方米"),
    (amount(7.0, unit="天", period="year", max_periods=2), "每年7天，最多2年"),
    (amount(Range(400, 800), period="month"), "每月400到800元"),
    (amount(Range(400, 800), period="month", max_periods=12), "每月400到800元，最多12个月"),
    (amount(None, period="month"), ""),
    (amount(800.0, period="month", amount_unknown=True), ""),
    (None, ""),
])
def test_sums_in_words(made: Optional[Amount], said: str) -> None:
    assert amount_text(made) == said


def test_no_sum_of_a_policy_has_more_than_two_decimals(knowledge: Snapshot) -> None:
    assert amount_text(amount(1234567.891, period="once")) == "一次性1234567.89元"
    assert amount_text(amount(1e6, period="once")) == "一次性1000000元"


@pytest.mark.parametrize(("made", "outcome", "expected"), [
    (amount(800.0, period="month", max_periods=36), "eligible",
     {"amount": 800, "unit": "元", "period": "month", "max_periods": 36, "upper_limit": False,
      "formula_text": "按学历"}),
    (amount(0.3, period="day"), "eligible", {"amount": 0.3, "period": None, "per": "每天"}),
    (amount(5.0, period="meal"), "eligible", {"amount": 5, "period": None, "per": "每餐"}),
    (amount(5.0, period="withdrawal"), "eligible", {"period": None, "per": "每次"}),
    (amount(5.0), "eligible", {"amount": 5, "period": None, "per": ""}),
    (amount(Range(400, 800), period="month"), "eligible", {"amount": None, "period": "month"}),
    (amount(800.0, amount_unknown=True), "eligible", {"amount": None, "formula_text": "按学历"}),
    (amount(900.0, period="once", upper_limit=True), "undetermined",
     {"amount": 900, "period": "once", "upper_limit": True}),
    (amount(None), "undetermined", {"amount": None}),
])
def test_benefit_of_the_contract(made: Amount, outcome: str, expected: dict[str, Any]) -> None:
    found = benefit_json(made, outcome)
    assert found is not None
    assert {key: found[key] for key in expected} == expected
    wanted = next(item for item in SCHEMA["definitions"]["benefit"]["anyOf"] if item.get("type") == "object")
    assert set(wanted["required"]) <= set(found)
    assert found["period"] in wanted["properties"]["period"]["enum"]
    assert found["amount"] is None or isinstance(found["amount"], (int, float))


def test_no_benefit_without_a_right_to_it() -> None:
    assert benefit_json(amount(800.0), "ineligible") is None
    assert benefit_json(None, "eligible") is None


def test_days_in_words() -> None:
    assert chinese_day(dt.date(2027, 1, 5)) == "2027年1月5日"


# --- whole verdicts --------------------------------------------------------------------------------


def judge(turns: Turns, facts: dict[str, Value], policy: str = NANJING, region: str = "320100", person: str = "self",
          text: str = "") -> tuple[Turn, engine.Verdict, dict[str, Any]]:
    turn = turns(text, region=region)
    turn.memory.subject = person
    turn.memory.case = Case(policy=policy, person=person)
    for slug, value in facts.items():
        turn.memory.remember(slug, value, person)
    rules = turn.knowledge.policies[policy]
    verdict = engine.evaluate(rules, turn.memory.known(person), day=turn.today, city=turn.city)
    made = verdict_message(turn, rules, verdict)
    validate(made)
    return turn, verdict, made


def test_eligible_begins_with_the_sum(turn: Turns) -> None:
    _, _, made = judge(turn, FITS)
    first = made["text"].split("。")[0]
    assert "符合" in first and "800元" in first
    assert made["custom"]["outcome"] == "eligible" and made["custom"]["missing"] == []
    assert any("带齐" in step for step in made["custom"]["next_steps"])
    assert {reason["status"] for reason in made["custom"]["reasons"]} == {"met"}
    assert "2026年11月21日" in made["text"]


def test_for_somebody_else_it_is_said_of_them(turn: Turns) -> None:
    _, _, made = judge(turn, FITS, person="child")
    assert made["text"].startswith("按您说的情况，您孩子符合")


def test_one_failing_condition_is_named_in_the_first_sentence(turn: Turns) -> None:
    _, verdict, made = judge(turn, {**FITS, "household.owns_home_in_city": True})
    assert len(verdict.unmet) == 1
    first = made["text"].split("\n")[0]
    assert "暂时不符合" in first and verdict.unmet[0].text.rstrip("。") in first
    assert made["custom"]["benefit"] is None and made["custom"]["next_steps"] == []
    assert "800" not in made["text"]


def test_several_failing_conditions_are_counted(turn: Turns) -> None:
    _, verdict, made = judge(turn, {**FITS, "household.owns_home_in_city": True, "person.has_labor_contract": False})
    assert len(verdict.unmet) == 2
    assert "有2条没达到" in made["text"].split("\n")[0]


def test_undetermined_says_what_is_missing_and_what_it_would_mean(turn: Turns, knowledge: Snapshot) -> None:
    facts = {slug: value for slug, value in FITS.items() if slug != "person.social_insurance_active"}
    _, verdict, made = judge(turn, facts)
    assert verdict.missing == ("person.social_insurance_active",)
    first, *rest = made["text"].split("\n")
    assert "定不了" in first and knowledge.catalogue.facts[verdict.missing[0]].name in first
    assert any(line.startswith("都达到的话，每月800元") for line in rest)
    assert made["custom"]["missing"] == ["person.social_insurance_active"]
    assert made["custom"]["benefit"]["amount"] == 800


def test_undetermined_with_nothing_known_states_no_sum(turn: Turns) -> None:
    _, verdict, made = judge(turn, {})
    assert verdict.outcome == "undetermined" and len(verdict.missing) >= 3
    assert made["custom"]["benefit"] is None or made["custom"]["benefit"]["amount"] is None
    assert "符合“" not in made["text"].split("\n")[0]


def test_a_fact_only_partly_known_gives_a_span_or_none_but_never_one_sum(turn: Turns, knowledge: Snapshot) -> None:
    for policy, rules in knowledge.policies.items():
        verdict = engine.evaluate(rules, {"person.age": Range(55, 101)}, day=dt.date(2026, 11, 21),
                                  city=rules.policy.region[:4] + "00")
        if verdict.amount is not None and isinstance(verdict.amount.value, Range):
            assert (benefit_json(verdict.amount, verdict.outcome) or {})["amount"] is None, policy


def test_every_policy_can_be_said_with_nothing_known(turn: Turns, knowledge: Snapshot) -> None:
    for policy, rules in knowledge.policies.items():
        _, verdict, made = judge(turn, {}, policy=policy, region=rules.policy.region)
        assert made["custom"]["policy"] == policy
        assert "{" not in made["text"] and "None" not in made["text"]
        assert "。。" not in made["text"] and "；。" not in made["text"]
        if rules.policy.benefit is not None and rules.policy.benefit.amount_unknown and verdict.amount is not None:
            assert made["custom"]["benefit"]["amount"] is None


# --- the receipt -----------------------------------------------------------------------------------


def test_the_same_case_gives_the_same_receipt(turn: Turns) -> None:
    first, second = (judge(turn, FITS)[2]["custom"] for _ in range(2))
    assert first["receipt"] == second["receipt"]
    assert first["answer_id"] != second["answer_id"]


def test_order_of_telling_and_who_asks_do_not_matter(turn: Turns) -> None:
    backwards = dict(reversed(list(FITS.items())))
    assert judge(turn, FITS, text="能领吗")[2]["custom"]["receipt"] == judge(turn, backwards)[2]["custom"]["receipt"]


def test_any_difference_gives_another_receipt(turn: Turns) -> None:
    cases = [FITS, {**FITS, "person.education": "bachelor"}, {**FITS, "person.education": "doctor"},
             {**FITS, "household.owns_home_in_city": True}, {}]
    assert len({judge(turn, facts)[2]["custom"]["receipt"] for facts in cases}) == len(cases)


def test_the_receipt_tells_nothing_by_itself(turn: Turns) -> None:
    asked, verdict, made = judge(turn, {**FITS, "person.age": 6543 % 100})
    code = made["custom"]["receipt"]
    assert code == receipt(asked, verdict)
    head, _, tail = code.partition("-")
    assert len(head) == len(tail) == 5 and (head + tail).isalnum() and (head + tail).isupper()
    assert not any(word.upper() in code for word in ("master", "320100", "rental", "43", "eligible"))
