"""The receipt that a resident gets in the chat gives staff the verdict that the resident was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.turn import Turn
from actions.verdict import verdict_message
from bot.memory import Case
from bot.receipt_sheet import replay, sheet_of, text_of
from knowledge.eligibility import engine
from knowledge.eligibility.values import OneOf, Range, Value
from knowledge.regions import cities_of

Turns = Callable[..., Turn]
CASES: list[tuple[str, str, str, dict[str, Value]]] = [
    ("320100/rental-subsidy", "320100", "self", {"person.education": "master", "person.has_labor_contract": True}),
    ("320100/rental-subsidy", "320100", "child", {"person.education": "bachelor", "household.owns_home_in_city": True}),
    ("510100/rental-subsidy", "510100", "mother", {
        "person.hukou_city": OneOf(cities_of("510000")), "household.income_year": Range(40000, 50000),
        "household.size": 3, "lease.registered": True}),
    ("510100/rental-subsidy", "510105", "self", {"person.hukou_city": "510700", "person.age": Range(30, 39)}),
    ("100000/rent-tax-deduction", "310110", "self", {"household.owns_home_in_city": False,
                                                     "household.claims_mortgage_deduction": False}),
    ("310110/rental-subsidy.talent", "310110", "self", {}),
]


@pytest.mark.parametrize(("policy", "region", "person", "facts"), CASES)
def test_the_code_of_a_chat_gives_its_verdict_again(turn: Turns, policy: str, region: str, person: str,
                                                    facts: dict[str, Value]) -> None:
    asked = turn("", region=region)
    asked.memory.subject = person
    asked.memory.case = Case(policy=policy, person=person)
    for slug, value in facts.items():
        asked.memory.remember(slug, value, person)
    asked.memory.remember("person.age", 99, "neighbour")
    rules = asked.knowledge.policies[policy]
    verdict = engine.evaluate(rules, asked.known(person, rules.policy), day=asked.today, city=asked.city)
    told: dict[str, Any] = verdict_message(asked, rules, verdict)["custom"]
    done = replay(told["receipt"], asked.knowledge)
    assert done.receipt.unchanged and done.receipt.code == told["receipt"]
    assert done.verdict is not None
    assert (done.verdict.outcome, list(done.verdict.missing), done.verdict.day.isoformat()) == (
        told["outcome"], told["missing"], told["day"])
    assert [(item.id, item.status) for item in done.verdict.reasons] == [
        (item["condition"], item["status"]) for item in told["reasons"]]
    assert done.verdict.amount == verdict.amount
    assert "99" not in str(done.receipt.facts)
    text = text_of(sheet_of(done, asked.knowledge))
    assert told["receipt"] in text and rules.policy.name in text and "None" not in text and "{" not in text
