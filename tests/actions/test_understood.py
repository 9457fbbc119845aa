"""What a question and a verdict carry for a page to draw: the facts understood so far, and what the sheet holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions import control
from actions.eligibility import question
from actions.turn import Turn, begin
from actions.understood import MOST_SHOWN, understood
from actions.verdict import verdict_message
from bot.contract import validate
from bot.memory import SLOT, Case, Memory, write_memory
from bot.receipt_sheet import replay, sheet_of
from knowledge.base import Snapshot
from knowledge.coords import wgs84_to_gcj02
from knowledge.eligibility import engine
from knowledge.eligibility.values import Value

Turns = Callable[..., Turn]
NANJING = "320100/rental-subsidy"
FITS: dict[str, Value] = {
    "person.education": "master", "person.has_labor_contract": True, "person.social_insurance_active": True,
    "household.owns_home_in_city": False,
}


def told(turn: Turn, facts: dict[str, Value], person: str = "self") -> Turn:
    for slug, value in facts.items():
        turn.memory.remember(slug, value, person)
    turn.memory.subject = person
    return turn


def test_a_question_says_what_was_understood_in_the_summary_s_words(turn: Turns, knowledge: Snapshot) -> None:
    asked = told(turn("南京租房有补贴吗", region="320100"), {"person.education": "master", "person.age": 27,
                                                    "household.owns_home_in_city": False})
    asked.memory.case = Case(policy=NANJING, person="self")
    said = question(asked, knowledge.policies[NANJING], "person.has_labor_contract")
    validate(said)
    shown = said["custom"]["understood"]
    assert [item["text"] for item in shown] == ["在本市没有自己的房子", "学历：硕士研究生", "年龄27岁"]
    assert [item["payload"] for item in shown] == ["改一下：本市有自有住房", "改一下：学历", "改一下：年龄"]
    control.summary(asked)
    summary = asked.replies[-1]
    assert all(item["text"] in summary["text"] for item in shown)
    assert {item["payload"] for item in shown} <= {button["payload"] for button in summary["buttons"]}


def test_only_what_is_known_of_the_one_at_hand_and_their_home_is_shown(turn: Turns) -> None:
    of = told(turn("我妈能领高龄津贴吗", region="510100"), {"person.age": 82}, "mother")
    told(of, {"household.owns_home_in_city": True}, "father")
    told(of, {"person.age": 50, "household.owns_home_in_city": False}, "self")
    payloads = [item["payload"] for item in understood(of, "mother")]
    assert payloads == ["改一下：您父母的本市有自有住房", "改一下：您母亲的年龄"]
    assert [item["text"] for item in understood(of, "self")] == ["在本市没有自己的房子", "年龄50岁"]
    assert understood(of, "sibling") == []


def test_no_more_is_shown_than_fits_the_last_told_above_all(turn: Turns, knowledge: Snapshot) -> None:
    of = turn("", region="510100")
    yes_no = [slug for slug, fact in knowledge.catalogue.facts.items() if fact.type == "bool" and
              slug.startswith("person.")]
    assert len(yes_no) > MOST_SHOWN
    told(of, dict.fromkeys(yes_no, True))
    shown = understood(of, "self")
    assert len(shown) == MOST_SHOWN
    assert yes_no[-1] in knowledge.catalogue.facts
    name = knowledge.catalogue.facts[yes_no[-1]].name.replace("是否", "")
    assert shown[-1]["payload"] == f"改一下：{name}"


def judged(turn: Turn, knowledge: Snapshot, facts: dict[str, Value]) -> dict[str, Any]:
    rules = knowledge.policies[NANJING]
    told(turn, facts)
    verdict = engine.evaluate(rules, facts, day=turn.today, city="320100")
    said = verdict_message(turn, rules, verdict)
    validate(said)
    custom: dict[str, Any] = said["custom"]
    return custom


def test_a_verdict_carries_what_its_printed_sheet_holds(turn: Turns, knowledge: Snapshot) -> None:
    custom = judged(turn("", region="320100"), knowledge, FITS)
    sheet = sheet_of(replay(custom["receipt"], knowledge), knowledge)
    lines = {section.heading: section.lines for section in sheet.sections}
    assert custom["documents"] and custom["documents"] == list(lines["要带的材料"])
    assert custom["contacts"] and all(item["phone"] for item in custom["contacts"])
    place = "".join(lines["地点电话"])
    assert all(f"{item['name']} {item['phone']}" in place for item in custom["contacts"])
    assert custom["where"] in place


def test_somebody_refused_has_nothing_to_bring_but_somebody_to_ask(turn: Turns, knowledge: Snapshot) -> None:
    custom = judged(turn("", region="320100"), knowledge, {**FITS, "household.owns_home_in_city": True})
    assert custom["outcome"] == "ineligible" and custom["documents"] == []
    assert custom["contacts"]


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", None])
def test_a_device_s_place_is_put_where_chinese_maps_have_it(crs: str | None, knowledge: Snapshot) -> None:
    """A phone gives WGS-84, which lies 361 m off on the maps that residents open."""
    location = {"lng": 104.066, "lat": 30.659, **({"crs": crs} if crs else {})}
    slots = {SLOT: write_memory(Memory(region="510100"))}
    spot = begin({"text": "附近有食堂吗", "metadata": {"location": location}}, slots).memory.spot
    assert spot is not None and spot.lng is not None and spot.lat is not None
    here = (104.066, 30.659)
    assert (spot.lng, spot.lat) == pytest.approx(here if crs == "gcj02" else wgs84_to_gcj02(*here), abs=1e-9)
    assert (abs(spot.lng - here[0]) > 0.002) == (crs != "gcj02")
