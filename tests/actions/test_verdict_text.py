"""How a verdict is said: sums, what is still open, why not, and the receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Optional

import msgspec
import pytest

from actions.turn import Turn
from actions.verdict import OFFICE_DECIDES, amount_text, benefit_json, chinese_day, receipt, verdict_message
from bot.contract import SCHEMA, validate
from bot.memory import Case
from knowledge.base import Snapshot
from knowledge.eligibility import engine
from knowledge.eligibility.engine import Amount
from knowledge.eligibility.values import Range, Value
from knowledge.schema import Benefit, Condition

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
    assert any(line.startswith("如果社保在本地连续缴着，就符合条件，每月800元") and line.endswith(
        "如果社保没有在本地连续缴，就暂时不能办。") for line in rest)
    assert any("12333" in line for line in rest)  # where it can be looked up
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


# --- a no that helps -------------------------------------------------------------------------------

CHENGDU = "510100/rental-subsidy"
#: An outsider who works in Chengdu and fits the way for migrant workers.
MIGRANT: dict[str, Value] = {
    "household.has_other_housing_aid": False, "person.hukou_city": "511500", "person.income_year": 40000,
    "person.social_insurance_months": 40, "person.social_insurance_active": True, "person.housing_fund_months": 40,
    "person.residence_points": 120, "household.owns_home_in_city": False, "lease.registered": True,
    "person.has_labor_contract": True, "person.public_service_or_zone_job": "none", "household.single": True,
    "person.has_residence_permit": True,
}


def refused(turns: Turns, policy: str, facts: dict[str, Value], **more: Any) -> list[str]:
    """The lines of a refusal."""
    _, verdict, made = judge(turns, facts, policy, policy.split("/")[0], **more)
    assert verdict.outcome == "ineligible", verdict
    lines = made["text"].split("\n")
    assert all("{" not in line and "（（" not in line for line in lines)
    return list(lines)


@pytest.mark.parametrize(("policy", "facts", "headline", "when"), [
    # Time mends these.
    ("510100/elderly-allowance", {"person.age": 78, "person.hukou_city": "510100"},
     "只差一条：年龄还差2岁", "年龄满80岁那天起就达到了，最多再等2年。"),
    ("310110/elderly-allowance", {"person.age": 64, "person.hukou_city": "310000"},
     "只差一条：年龄还差1岁", "年龄满65岁那天起就达到了，最多再等1年。"),
    ("320100/elderly-allowance", {"person.age": Range(77, 78), "person.hukou_city": "320100"},
     "只差一条：年龄大约还差2到3岁", "年龄满80岁那天起就达到了，最多再等3年。"),
    (CHENGDU, {**MIGRANT, "person.social_insurance_months": 32},
     "只差一条：走“外来务工人员”这条路，社保连续缴费还差4个月",
     "照现在这样一直不断，社保连续缴费再过4个月就满36个月，最早2027年3月21日可以达到。"),
    (CHENGDU, {**MIGRANT, "person.housing_fund_months": 33, "person.social_insurance_months": 35},
     "有2条没达到：走“外来务工人员”这条路，社保连续缴费还差1个月",
     "照现在这样一直不断，公积金连续缴存再过3个月就满36个月，最早2027年2月21日可以达到。"),
    # Time does not mend these.
    (CHENGDU, {**MIGRANT, "person.income_year": 55000},
     "只有一条没达到：走“外来务工人员”这条路，个人年收入高出5000元", None),
    (CHENGDU, {**MIGRANT, "person.income_year": Range(52000, 55000)}, "个人年收入大约高出2000到5000元", None),
    (CHENGDU, {**MIGRANT, "person.income_year": Range(60000, None)}, "个人年收入高出多少，现在还不能说准", None),
    (CHENGDU, {**MIGRANT, "person.residence_points": 80}, "只差一条：走“外来务工人员”这条路，居住证积分还差20分", None),
    ("310000/rental-subsidy", {"household.home_area_per_person": 8}, "人均自有住房面积多出1平方米", None),
    ("510100/minimum-living-allowance", {"household.income_month": 2240, "household.size": 2},
     "人均月收入正好在线上，要再低一点才行", None),
    ("510100/minimum-living-allowance", {"household.income_month": 4000, "household.size": 2},
     "人均月收入高出880元", None),
    ("510100/unemployment-insurance", {
        "person.unemployment_insurance_months": 9, "person.involuntary_unemployment": True,
        "person.registered_unemployed": True}, "只差一条：失业保险缴费还差3个月", None),
])
def test_a_no_says_how_much_is_lacking_and_when_time_mends_it(
        turn: Turns, policy: str, facts: dict[str, Value], headline: str, when: Optional[str]) -> None:
    first, *rest = refused(turn, policy, facts)
    assert headline in first
    assert (when in rest) if when is not None else not any(word in line for line in rest
                                                           for word in ("那天起就", "可以达到"))


@pytest.mark.parametrize(("facts", "says"), [
    # 56 is four years short of the only one that a number could mend.
    ({"person.age": 56, "person.has_labor_contract": True, "household.owns_home_in_city": True}, "年龄还差4岁"),
    ({"person.age": 56, "person.has_labor_contract": False, "household.owns_home_in_city": True},
     "3项里达到0项，要2项"),
    ({"person.has_labor_contract": False, "household.owns_home_in_city": True}, "3项里达到0项，要2项"),
])
def test_a_count_that_is_not_reached_says_how_many_there_are(turn: Turns, facts: dict[str, Value], says: str) -> None:
    asked, _, _ = judge(turn, facts)
    rules = asked.knowledge.policies[NANJING]
    two_of_three = {"count": {"at_least": 2, "of": [
        {"fact": "person.age", "at_least": 60}, {"fact": "person.has_labor_contract", "is": True},
        {"fact": "household.owns_home_in_city", "is": False}]}}
    condition = Condition(id="two", text="三样里至少有两样", rule=two_of_three)
    counted = engine.compile_policy(msgspec.structs.replace(rules.policy, conditions=(condition,), routes=()),
                                    rules.catalogue)
    verdict = engine.evaluate(counted, facts, day=asked.today, city=asked.city)
    assert verdict.outcome == "ineligible"
    assert f"{says}（要“三样里至少有两样”）" in verdict_message(asked, counted, verdict)["text"].split("\n")[0]


def test_nothing_is_called_the_only_thing_lacking_while_others_are_open(turn: Turns) -> None:
    first, second, *_ = refused(turn, "510100/elderly-allowance", {"person.age": 78})
    assert "年龄还差2岁" in first and "只" not in first
    assert second == "光看这一条，年龄满80岁那天起就达到了，最多再等2年；别的条件还没核对：成都户籍。"


def test_a_stranger_is_told_of_no_day_though_his_age_is_unknown(turn: Turns) -> None:
    lines = refused(turn, "510100/elderly-allowance", {"person.hukou_city": "320100"})
    assert not any("达到了" in line or "可以达到" in line for line in lines)


def test_a_day_is_named_only_where_it_is_known(turn: Turns) -> None:
    _, _, aged = judge(turn, {"person.age": 78, "person.hukou_city": "510100"}, "510100/elderly-allowance", "510100")
    assert aged["custom"]["eligible_from"] is None
    _, _, paid = judge(turn, {**MIGRANT, "person.social_insurance_months": 32}, CHENGDU, "510100")
    assert paid["custom"]["eligible_from"] == "2027-03-21"


def test_a_child_comes_of_age_on_a_known_day(turn: Turns) -> None:
    policy = "100000/family-tax-deduction.children-education"
    facts: dict[str, Value] = {"child.birth_date": dt.date(2024, 2, 3), "child.schooling": "not_in_school"}
    assert "照现在这样，最早2027年2月3日可以达到。" in refused(turn, policy, facts)
    facts["child.birth_date"] = Range(dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert any(line.startswith("照现在这样，最晚到2027年") for line in refused(turn, policy, facts))


def test_the_nearest_way_comes_first_and_the_others_are_named_in_brief(turn: Turns) -> None:
    first, second, *_ = refused(turn, CHENGDU, {**MIGRANT, "person.social_insurance_months": 32})
    assert "外来务工人员" in first and second.startswith("别的路也还走不通：")
    assert "成都户籍家庭或单身（不是成都户籍）" in second and len(second) < 100


def test_every_refusal_of_a_test_household_is_said_soundly(turn: Turns, knowledge: Snapshot) -> None:
    """Over all households of all policies: a day only if the engine keeps it, and never a sum."""
    promised = 0
    for policy, households in knowledge.households.items():
        rules = knowledge.policies[policy]
        for household in households:
            facts = knowledge.catalogue.read(household.facts)
            _, verdict, made = judge(turn, facts, policy, rules.policy.region)
            lines = made["text"].split("\n")
            assert "{" not in made["text"] and "None" not in made["text"] and "。。" not in made["text"], household.name
            assert len([line for line in lines if "最终以窗口审核为准" in line]) <= 1
            if verdict.outcome != "ineligible":
                assert verdict.mend is None
                continue
            assert "暂时不符合" in lines[0], household.name
            if verdict.mend is not None:
                promised += 1
                assert verdict.mend.latest > verdict.day
                assert sum(any(word in line for word in ("那天起就达到", "可以达到。")) for line in lines) == 1
    assert promised >= 40


# --- what an open verdict hangs on -----------------------------------------------------------------


@pytest.mark.parametrize(("policy", "facts", "said"), [
    (NANJING, {**FITS, "person.education": None}, ("如果是“博士”，就符合条件，每月2000元", "就暂时不能办")),
    ("510100/elderly-allowance", {"person.hukou_city": "510100"}, ("如果达到“年满80周岁", "没有达到，就暂时不能办")),
    (NANJING, {**FITS, "person.education": None, "person.has_labor_contract": None},
     ("都达到的话，", "有一条不达到，就暂时不能办")),
    (CHENGDU, {"household.has_other_housing_aid": False},
     ("有一条路的条件都达到的话，就可以去办", "哪条路都走不通，就暂时不能办")),
])
def test_an_open_verdict_says_what_either_answer_means(turn: Turns, policy: str, facts: dict[str, Optional[Value]],
                                                       said: tuple[str, ...]) -> None:
    told = {slug: value for slug, value in facts.items() if value is not None}
    _, verdict, made = judge(turn, told, policy, policy.split("/")[0])
    assert verdict.outcome == "undetermined"
    assert any(all(part in line for part in said) for line in made["text"].split("\n")), made["text"]


def test_the_last_word_is_given_to_the_office_once(turn: Turns, knowledge: Snapshot) -> None:
    """Whatever the policy's own lines say, "the office decides" is not said a second time by the bot."""
    for policy, rules in knowledge.policies.items():
        _, _, made = judge(turn, {}, policy, rules.policy.region)
        says_it = OFFICE_DECIDES.findall(made["text"])
        assert says_it, policy
        assert "最终以窗口审核为准" not in made["text"] or len(says_it) == 1, policy


# --- the receipt -----------------------------------------------------------------------------------


def test_the_same_case_gives_the_same_receipt(turn: Turns) -> None:
    first, second = (judge(turn, FITS)[2]["custom"] for _ in range(2))
    assert first["receipt"] == second["receipt"]
    assert first["answer_id"] != second["answer_id"]


@pytest.mark.parametrize(("facts", "outcome"), [
    (FITS, "eligible"), ({}, "undetermined"), ({**FITS, "household.owns_home_in_city": True}, "ineligible"),
])
def test_the_text_ends_with_the_receipt(turn: Turns, facts: dict[str, Value], outcome: str) -> None:
    made = judge(turn, facts)[2]
    assert made["custom"]["outcome"] == outcome
    assert made["text"].split("\n")[-1] == f"回执码：{made['custom']['receipt']}，窗口可以按它重算。"


def test_what_is_only_supposed_has_no_receipt(turn: Turns) -> None:
    asked, verdict, _ = judge(turn, FITS)
    made = verdict_message(asked, asked.knowledge.policies[NANJING], verdict, supposed=True)
    assert made["custom"]["receipt"] == "" and "回执" not in made["text"]


def test_order_of_telling_and_who_asks_do_not_matter(turn: Turns) -> None:
    backwards = dict(reversed(list(FITS.items())))
    assert judge(turn, FITS, text="能领吗")[2]["custom"]["receipt"] == judge(turn, backwards)[2]["custom"]["receipt"]


def test_any_difference_gives_another_receipt(turn: Turns) -> None:
    cases = [FITS, {**FITS, "person.education": "bachelor"}, {**FITS, "person.education": "doctor"},
             {**FITS, "household.owns_home_in_city": True}, {}]
    assert len({judge(turn, facts)[2]["custom"]["receipt"] for facts in cases}) == len(cases)


def test_the_receipt_holds_no_word_and_no_name(turn: Turns) -> None:
    asked, verdict, made = judge(turn, {**FITS, "person.age": 43}, person="mother")
    code = made["custom"]["receipt"]
    assert code == receipt(asked, asked.knowledge.policies[NANJING], verdict)
    assert code == code.upper() and code.replace("-", "").isalnum()
    assert not any(word.upper() in code for word in ("master", "320100", "rental", "mother", "eligible"))
