"""Life events as the skill sees them: whose case, which question, when to stop, what the plan says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions import choices, eligibility, life_events, plan
from actions.choices import Suggestion
from actions.turn import Turn
from bot.contract import validate
from bot.memory import Case, OpenQuestion, read_memory, write_memory
from bot.nlu.reading import ReadFact, ReadTopic
from knowledge.eligibility import engine
from knowledge.eligibility.values import Value

Turns = Callable[..., Turn]
CHENGDU, YANGPU = "510100", "310110"
APARTMENT, SUBSIDY = "310110/talent-apartment", "310110/rental-subsidy.talent"


def begin(turn: Turn, name: str) -> None:
    life_events.begin(turn, name, eligibility.question)


def told(turn: Turn, person: str = "self", **facts: Value) -> None:
    """Facts that are known; ``person__age=70`` stands for person.age."""
    for slug, value in facts.items():
        turn.memory.remember(slug.replace("__", "."), value, person)


def suggestion(turn: Turn, name: str, facts: dict[str, Value]) -> Suggestion:
    rules = turn.knowledge.policies[name]
    return Suggestion(rules, engine.evaluate(rules, facts, day=turn.today, city=turn.city))


# --- beginning -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "spoken_of", "person"), [
    ("birth", "spouse", "self"), ("birth", "child", "self"), ("job-loss", "spouse", "spouse"),
    ("retirement", "father", "father"), ("elder-needs-care", "self", "elder"), ("elder-needs-care", "mother", "mother"),
])
def test_whose_case_it_is(event: str, spoken_of: str, person: str, turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    here.memory.subject = spoken_of
    begin(here, event)
    assert here.memory.case is not None and here.memory.case.person == person == here.memory.subject


def test_the_first_question_says_what_is_being_done_and_keeps_the_contract(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    begin(here, "retirement")
    reply, = here.replies
    validate(reply)
    assert reply["custom"]["kind"] == "question" and reply["custom"]["fact"] == "person.age"
    assert "退休" in reply["text"] and 1 <= reply["custom"]["remaining_at_most"] <= life_events.MOST
    assert here.memory.open == OpenQuestion(kind="fact", fact="person.age")


def test_what_the_event_tells_is_not_asked_and_never_overwrites_what_was_told(turn: Turns) -> None:
    here, other = turn("", region=CHENGDU), turn("", region=CHENGDU)
    told(other, person__has_labor_contract=True)
    begin(here, "job-loss")
    begin(other, "job-loss")
    assert here.memory.known("self")["person.has_labor_contract"] is False
    assert other.memory.known("self")["person.has_labor_contract"] is True


def test_a_child_that_is_not_born_is_not_asked_about(turn: Turns) -> None:
    here = turn("我怀孕了国家有什么补助", region=CHENGDU)
    begin(here, "birth")
    assert [reply["custom"]["kind"] for reply in here.replies] == ["suggestions"]
    assert "孩子还没出生" in here.replies[0]["text"]


def test_whoever_draws_a_benefit_is_not_asked_about_it(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    told(here, household__category="low_income", person__has_disability_certificate=True)
    begin(here, "disability")
    life_events.finish(here)
    assert "510100/minimum-living-allowance" not in {item["policy"] for item in here.replies[-1]["custom"]["items"]}


# --- asking and stopping ---------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["birth", "retirement", "new-job-here", "job-loss", "elder-needs-care", "disability"])
@pytest.mark.parametrize("region", [CHENGDU, YANGPU, "320100"])
def test_nothing_is_asked_twice_nor_more_than_eight_times(event: str, region: str, turn: Turns) -> None:
    here = turn("", region=region)
    begin(here, event)
    asked: list[str] = []
    while here.memory.open is not None:
        assert here.memory.case is not None
        asked.append(here.memory.open.fact)
        here.memory.case.skip.append(here.memory.open.fact)
        here.memory.open = None
        eligibility.step(here)
        assert len(asked) <= life_events.MOST
    assert len(asked) == len(set(asked))
    assert here.replies[-1]["custom"]["kind"] == "suggestions" and here.memory.case is None
    for reply in here.replies:
        validate(reply)


def test_a_grade_is_not_asked_of_whoever_does_not_know_of_a_certificate(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    begin(here, "disability")
    asked: list[str] = []
    while here.memory.open is not None and here.memory.case is not None:
        asked.append(here.memory.open.fact)
        here.memory.case.skip.append(here.memory.open.fact)
        eligibility.step(here)
    assert "person.has_disability_certificate" in asked and "person.disability_level" not in asked


def test_one_answer_serves_two_policies_that_ask_in_the_same_words(turn: Turns) -> None:
    here = turn("", region=YANGPU)
    begin(here, "new-job-here")
    here.memory.remember_for(SUBSIDY, "person.has_labor_contract", True, "self")
    eligibility.step(here)
    assert here.memory.own[f"{APARTMENT} self"] == {"person.has_labor_contract": True}


@pytest.mark.parametrize("text", ["就这些吧", "算了", "莫问了嘛", "好了就这样吧", "不想答了", "够了", "覅问了",
                                  "甭问了", "直接说结果"])
def test_the_resident_may_stop_at_any_moment(text: str, turn: Turns) -> None:
    here = turn(text, region=CHENGDU)
    begin(here, "retirement")
    skill = life_events.first(here, eligibility.question)
    assert skill is life_events.finish


@pytest.mark.parametrize("text", ["不清楚", "没有", "六十八", "就一个人", "这个月刚办的", "不是"])
def test_an_answer_is_no_stop(text: str, turn: Turns) -> None:
    here = turn(text, region=CHENGDU)
    begin(here, "retirement")
    assert life_events.first(here, eligibility.question) is None


def test_a_service_that_is_named_is_not_an_event(turn: Turns) -> None:
    name = ReadTopic(topic="childcare-subsidy", alias="育儿补贴", start=0, end=4, weight=1.0)
    asked = turn("生了娃，育儿补贴有哪些要求", region=CHENGDU, topics=[name])
    assert life_events.first(asked, eligibility.question) is None
    assert life_events.first(turn("生了娃，有哪些补贴", region=CHENGDU), eligibility.question) is not None


def test_danger_goes_first(turn: Turns) -> None:
    here = turn("我妈瘫在床上了，有啥子政策", region=CHENGDU)
    here.intent = "emergency"
    assert life_events.first(here, eligibility.question) is None


# --- the plan --------------------------------------------------------------------------------------


def test_the_plan_tells_the_certain_the_likely_and_the_rest(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    told(here, person__age=66, household__category="none", person__hukou_city="510100")
    here.memory.case = Case(policy="", person="self", event="retirement")
    life_events.finish(here)
    reply = here.replies[-1]
    validate(reply)
    outcomes = {item["policy"]: item["outcome"] for item in reply["custom"]["items"]}
    assert outcomes["510100/elderly-meal"] == "eligible" and outcomes["510100/elderly-allowance"] == "ineligible"
    assert list(outcomes.values()) == sorted(outcomes.values(), key=["eligible", "undetermined", "ineligible"].index)
    assert reply["text"].index("能办") < reply["text"].index("不合适的")
    assert "elderly-education" in reply["custom"]["elsewhere"] and "老年教育" in reply["text"]
    assert reply["text"].count("最终以窗口审核为准") == 1
    assert all(item["why"] for item in reply["custom"]["items"] if item["outcome"] == "ineligible")


def test_of_two_that_exclude_each_other_the_better_comes_first(turn: Turns) -> None:
    here = turn("", region=YANGPU)
    facts: dict[str, Value] = {"household.owns_home_in_city": False, "person.has_labor_contract": True,
                               "person.newly_recruited_graduate": True, "person.education": "master"}
    apartment, subsidy = suggestion(here, APARTMENT, facts), suggestion(here, SUBSIDY, facts)
    assert apartment.verdict.outcome == subsidy.verdict.outcome == "eligible"
    assert choices.worth(subsidy.verdict) == 800 * 12 > choices.worth(apartment.verdict)
    for order in ([apartment, subsidy], [subsidy, apartment]):
        assert choices.better_first(order) == [subsidy, apartment]
    assert list(choices.pairs([apartment, subsidy])) == [(subsidy, apartment)]
    said = choices.only_one(here, subsidy, apartment)
    assert "只能选一项" in said and said.index(subsidy.rules.policy.name) < said.index(apartment.rules.policy.name)


def test_two_that_go_together_are_no_choice(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    facts: dict[str, Value] = {"person.age": 82, "person.hukou_city": "510100"}
    pair = [suggestion(here, name, facts) for name in ("510100/elderly-allowance", "510100/elderly-meal")]
    assert not list(choices.pairs(pair)) and choices.better_first(pair) == pair


def test_what_a_verdict_excludes_is_told_as_a_choice(turn: Turns) -> None:
    here = turn("", region=YANGPU)
    told(here, household__owns_home_in_city=False, person__education="master")
    here.memory.remember_for(SUBSIDY, "person.newly_recruited_graduate", True, "self")
    for name in (APARTMENT, SUBSIDY):
        here.memory.remember_for(name, "person.has_labor_contract", True, "self")
    eligibility.start(here, here.knowledge.policies[SUBSIDY])
    verdict, more = here.replies[0], here.replies[1]
    assert verdict["custom"]["outcome"] == "eligible" and more["custom"]["kind"] == "suggestions"
    assert "只能选一项" in more["text"] and APARTMENT in {item["policy"] for item in more["custom"]["items"]}


def test_what_is_told_behind_a_plan_makes_it_anew(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    told(here, person__age=66)
    here.memory.case = Case(policy="", person="self", event="retirement")
    life_events.finish(here)
    here.memory.last_messages, here.replies = here.replies, []
    here.reading.facts = [ReadFact(slug="household.category", value="low_income", start=0, end=4)]
    skill = life_events.first(here, eligibility.question)
    assert skill is not None
    skill(here)
    assert here.replies[-1]["custom"]["event"] == "retirement"


def test_an_event_under_way_outlives_the_slot(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    begin(here, "retirement")
    again = read_memory(write_memory(here.memory))
    assert again.case == here.memory.case and again.case is not None and again.case.of("mother").event == "retirement"


# --- everything there is ---------------------------------------------------------------------------


def test_whoever_asks_for_everything_is_asked_the_age_first_and_five_times_at_most(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    begin(here, life_events.OVERVIEW)
    asked = []
    while here.memory.open is not None and here.memory.case is not None:
        asked.append(here.memory.open.fact)
        here.memory.case.skip.append(here.memory.open.fact)
        eligibility.step(here)
    assert asked[0] == "person.age" and len(asked) == len(set(asked)) <= life_events.MOST_OVERVIEW


def test_the_old_are_not_asked_about_jobs_and_babies(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    told(here, person__age=78)
    begin(here, life_events.OVERVIEW)
    never = set(here.knowledge.life_events.not_asked_of_older)
    while here.memory.open is not None and here.memory.case is not None:
        assert here.memory.open.fact not in never
        here.memory.case.skip.append(here.memory.open.fact)
        eligibility.step(here)


def test_why_not_is_one_line_with_what_is_lacking(turn: Turns) -> None:
    here = turn("", region=CHENGDU)
    told(here, person__age=70, person__hukou_city="510100")
    item = suggestion(here, "510100/elderly-allowance", {"person.age": 70, "person.hukou_city": "510100"})
    said = plan.why_not(here, item, "self")
    assert "10岁" in said and "\n" not in said
