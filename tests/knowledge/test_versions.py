"""The rules of a chosen day: a policy with versions of other times."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.eligibility.engine import IN_FORCE, PolicyRules, evaluate, next_question, remaining_questions
from knowledge.eligibility.many import next_fact_for_many, open_policies
from knowledge.eligibility.rules import RuleError
from knowledge.receipt import read_receipt, rules_digest, write_receipt
from tests.knowledge.test_engine import AGED, HERE, policy

NOW, BEFORE, AFTER = dt.date(2026, 11, 21), dt.date(2024, 5, 1), dt.date(2027, 3, 1)
SUM = {"value": 100}
OLD: dict[str, Any] = {
    "in_force": {"start": "2023-01-01", "until": "2025-12-31"}, "document_number": "旧1号",
    "conditions": [{**AGED, "text": "年满65周岁", "rule": {"fact": "p.age", "at_least": 65}}],
    "benefit": {"unit": "元", "period": "month", "cases": [{"value": 80}], "formula_text": "每月80元"},
}
NEW: dict[str, Any] = {"in_force": {"start": "2027-01-01"}, "conditions": [AGED, HERE]}


def dated(*versions: dict[str, Any]) -> PolicyRules:
    """From 60 on 100 a month in 2026; the versions at other times."""
    return policy(conditions=[AGED], in_force={"start": "2026-01-01", "until": "2026-12-31"}, document_number="新1号",
                  benefit={"unit": "元", "period": "month", "cases": [SUM], "formula_text": "每月100元"},
                  versions=list(versions))


RULES = dated(OLD, NEW)


def outcome(day: dt.date, **facts: Any) -> tuple[str, Any, str]:
    found = evaluate(RULES, {slug.replace("_", "."): value for slug, value in facts.items()}, day=day)
    return found.outcome, found.amount.value if found.amount is not None else None, found.policy.document_number


def test_a_verdict_takes_the_rules_of_its_day() -> None:
    assert outcome(NOW, p_age=62) == ("eligible", 100, "新1号")
    assert outcome(BEFORE, p_age=62) == ("ineligible", None, "旧1号")
    assert outcome(BEFORE, p_age=65) == ("eligible", 80, "旧1号")
    assert outcome(AFTER, p_age=62) == ("undetermined", 100, "新1号"), "what a version leaves out is as in the policy"
    assert outcome(AFTER, p_age=62, p_hukou=True) == ("eligible", 100, "新1号")


@pytest.mark.parametrize("day, version", [
    ("2023-01-01", 0), ("2025-12-31", 0), ("2026-01-01", None), ("2026-12-31", None), ("2027-01-01", 1)])
def test_the_first_and_the_last_day_are_in(day: str, version: int | None) -> None:
    expected = RULES if version is None else RULES.versions[version]
    assert RULES.on(dt.date.fromisoformat(day)) is expected


def test_a_day_of_no_version_has_no_rule_in_force() -> None:
    found = evaluate(RULES, {"p.age": 70}, day=dt.date(2022, 12, 31))
    assert found.outcome == "ineligible" and [reason.id for reason in found.reasons] == [IN_FORCE]


def test_questions_are_those_of_the_day() -> None:
    known = {"p.age": 70}
    assert next_question(RULES, known, day=NOW) is None and remaining_questions(RULES, known, day=NOW) == 0
    assert next_question(RULES, known, day=AFTER) == "p.hukou" and remaining_questions(RULES, known, day=AFTER) == 1
    assert next_fact_for_many([RULES], known, day=NOW) is None
    assert next_fact_for_many([RULES], known, day=AFTER) == "p.hukou"
    assert open_policies([RULES], known, day=NOW) == () and open_policies([RULES], known, day=AFTER) == (RULES,)
    assert {"p.age", "p.hukou"} == RULES.base_facts


@given(st.dates(dt.date(2022, 1, 1), dt.date(2029, 1, 1)), st.integers(0, 120), st.booleans())
def test_it_is_as_if_the_version_alone_were_there(day: dt.date, age: int, hukou: bool) -> None:
    known = {"p.age": age, "p.hukou": hukou}
    end = dt.date(2026, 12, 31)
    alone = RULES.versions[0] if dt.date(2023, 1, 1) <= day < dt.date(2026, 1, 1) else \
        RULES.versions[1] if day > end else dated()
    found, expected = evaluate(RULES, known, day=day), evaluate(alone, known, day=day)
    assert (found.outcome, found.amount, [reason.status for reason in found.reasons]) == (
        expected.outcome, expected.amount, [reason.status for reason in expected.reasons])


@pytest.mark.parametrize("stretch", [
    {}, {"start": "2026-12-31"}, {"until": "2026-01-01"}, {"start": "2024-01-01", "until": "2026-06-30"}])
def test_two_versions_of_one_day_are_refused(stretch: dict[str, str]) -> None:
    with pytest.raises(RuleError) as caught:
        dated({"in_force": stretch})
    assert caught.value.path == ("versions", 0, "in_force") and "重叠" in caught.value.message


def test_a_wrong_rule_is_told_where_it_stands() -> None:
    with pytest.raises(RuleError) as caught:
        dated(OLD, {**NEW, "conditions": [{**AGED, "rule": {"fact": "p.nothing", "is": True}}]})
    assert caught.value.path[:5] == ("versions", 1, "conditions", 0, "rule")


def test_a_receipt_holds_when_its_rules_become_an_earlier_version() -> None:
    rules = dated(OLD)
    code = write_receipt(rules, {"p.age": 62}, day=NOW, city="320100", outcome="eligible")
    replaced = policy(conditions=[{**AGED, "rule": {"fact": "p.age", "at_least": 70}}],
                      in_force={"start": "2027-01-01"}, document_number="新2号", versions=[
        OLD, {"in_force": {"start": "2026-01-01", "until": "2026-12-31"}, "conditions": [AGED],
              "benefit": {"unit": "元", "period": "month", "cases": [SUM], "formula_text": "每月100元"}}])
    read = read_receipt(code, {replaced.policy.policy: replaced})
    assert read.unchanged and read.facts == {"p.age": 62}
    assert evaluate(replaced, read.facts, day=read.day).outcome == "eligible"
    assert rules_digest(replaced.on(NOW)) != rules_digest(replaced)
    broken = dated(OLD, {"in_force": {"start": "2028-01-01"}})
    assert read_receipt(code, {broken.policy.policy: broken}).unchanged, "a later version changes nothing before it"


def test_staff_are_asked_for_a_household_of_each_version(tmp_path: Path) -> None:
    from knowledge.base import CONTENT, build
    from knowledge.errors import ContentError

    root = tmp_path / "content"
    shutil.copytree(CONTENT, root)
    file = root / "510100" / "policies" / "elderly-allowance.yml"
    file.write_text(file.read_text(encoding="utf-8") + """
versions:
  - in_force: {until: 2009-12-31}
    conditions:
      - id: age
        text: 年满99周岁
        clause: 练习用
        rule: {fact: person.age, at_least: 99}
""", encoding="utf-8")
    whole = file.read_text(encoding="utf-8")
    if "\nin_force:" not in whole:
        file.write_text(whole.replace("\nsources:", "\nin_force: {start: 2010-01-01}\nsources:", 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        build(root, meaning=False)
    assert [problem.code for problem in caught.value.problems] == ["E035"]
    assert "最早起那一版" in str(caught.value.problems[0])
    homes = file.with_name("elderly-allowance.households.yml")
    homes.write_text(homes.read_text(encoding="utf-8") + """
  - name: 2009年的老规定，90岁
    on: 2009-06-01
    facts: {person.age: 90}
    expect: {outcome: ineligible, unmet: [age]}
""", encoding="utf-8")
    build(root, meaning=False)
