"""What is said of sources that are not official, and how a message is put together."""

from __future__ import annotations

import datetime as dt
from typing import Optional

import pytest

from actions.say import button, conflict_json, conflict_sentence, join, listed, message, trust_sentence, with_claims
from bot.contract import validate
from knowledge.base import Snapshot
from knowledge.schema import Claim, Conflict, Source, Trust


def source(trust: Trust, date: str = "2024-03-11", publisher: str = "某报") -> Source:
    return Source(id=trust, title="题目", publisher=publisher, trust=trust, date=date)


TODAY = dt.date(2026, 11, 21)
OFFICIAL, SECONDARY, PLAN, SAMPLE = source("official"), source("secondary"), source("plan"), source("sample")


@pytest.mark.parametrize("sources", [[], [OFFICIAL], [OFFICIAL, OFFICIAL]])
def test_nothing_is_said_of_official_sources(sources: list[Source], knowledge: Snapshot) -> None:
    assert trust_sentence(sources, knowledge, TODAY) == ""


@pytest.mark.parametrize(("sources", "says", "says_not"), [
    ([SECONDARY], ["转述", "某报", "2024-03-11", "核实"], ["规划", "示例"]),
    ([OFFICIAL, SECONDARY], ["转述", "某报"], ["规划"]),
    ([PLAN], ["规划里提出", "不是现行", "某报"], ["转述", "有一部分"]),
    ([OFFICIAL, PLAN], ["规划里提出"], ["转述"]),
    ([PLAN, SECONDARY], ["转述", "有一部分来自规划"], ["规划里提出", "不是现行"]),
    ([SECONDARY, PLAN, OFFICIAL], ["转述", "有一部分来自规划"], ["规划里提出"]),
    ([SAMPLE, SECONDARY], ["示例"], ["转述"]),
    ([PLAN, SAMPLE], ["示例", "有一部分来自规划"], ["规划里提出"]),
])
def test_the_weakest_rule_is_named_and_a_plan_only_colours(
        sources: list[Source], says: list[str], says_not: list[str], knowledge: Snapshot) -> None:
    said = trust_sentence(sources, knowledge, TODAY)
    assert all(word in said for word in says)
    assert not any(word in said for word in says_not)
    assert said == trust_sentence(list(reversed(sources)), knowledge, TODAY)


HOTLINE = Source(id="hl-paper", title="号码表", publisher="某热线", trust="secondary", date="2021")


@pytest.mark.parametrize(("sources", "says"), [
    ([OFFICIAL, HOTLINE], ""), ([HOTLINE, SECONDARY], "某报"), ([HOTLINE], "某热线"), ([HOTLINE, PLAN], "规划里提出"),
])
def test_where_a_phone_number_was_read_says_nothing_of_the_rule(
        sources: list[Source], says: str, knowledge: Snapshot) -> None:
    said = trust_sentence(sources, knowledge, TODAY)
    assert says in said and bool(said) == bool(says)
    assert "某热线" not in said or sources == [HOTLINE]


def test_the_papers_of_the_hotlines_file_are_such(knowledge: Snapshot) -> None:
    papers = {name for hotline in knowledge.hotlines.values() for name in hotline.sources}
    for item in knowledge.source_list(tuple(sorted(papers))):
        assert trust_sentence([OFFICIAL, item], knowledge, TODAY) == ""


def test_a_source_without_a_date_says_so(knowledge: Snapshot) -> None:
    assert "日期不详" in trust_sentence([source("secondary", date="")], knowledge, TODAY)


def test_every_source_of_the_content_that_is_not_official_gives_a_sentence(knowledge: Snapshot) -> None:
    for item in knowledge.sources.values():
        said = trust_sentence([item], knowledge, TODAY)
        assert bool(said) == (item.trust != "official")
        assert "{" not in said and "（，" not in said


@pytest.mark.parametrize(("until", "over"), [(dt.date(2025, 12, 31), True), (TODAY, False), (None, False)])
def test_a_plan_whose_period_is_over_is_said_to_be(until: Optional[dt.date], over: bool, knowledge: Snapshot) -> None:
    plan = Source(id="p", title="规划", publisher="某市", trust="plan", date="2021", plan_until=until)
    for sources in ([plan], [plan, SECONDARY]):
        said = trust_sentence(sources, knowledge, TODAY)
        assert ("规划期已经结束" in said) == over
        assert "规划" in said


def test_claims_that_differ_are_told_newest_first_each_with_its_source(knowledge: Snapshot) -> None:
    names = list(knowledge.sources)[:2]
    first, second = knowledge.source_list(tuple(names))
    conflict = Conflict(id="c", about="住几天", use="以官网为准。", claims=(
        Claim(text="最长30天", sources=(names[0],)), Claim(text="7天以内", sources=(names[1],))))
    said = conflict_sentence(conflict, knowledge)
    assert said.index("最长30天") < said.index(first.publisher) < said.index("7天以内")
    assert said.index("7天以内") < said.rindex(second.publisher) < said.index("以官网为准。")
    assert [claim["text"] for claim in conflict_json(conflict, knowledge)["claims"]] == ["最长30天", "7天以内"]
    assert with_claims([first], [conflict], knowledge) == [first, second]


def test_a_message_keeps_the_contract(knowledge: Snapshot) -> None:
    made = message("ack", "  您好。\n", knowledge=knowledge, region="310110", sources=[OFFICIAL], of="greet",
                   buttons=[button("是"), button("看看", "附近哪里有食堂")])
    validate(made)
    assert made["text"] == "您好。"
    assert made["buttons"] == [{"title": "是", "payload": "是"}, {"title": "看看", "payload": "附近哪里有食堂"}]
    assert made["custom"]["sources"][0]["trust"] == "official"
    assert made["custom"]["knowledge_version"] == knowledge.version


def test_answers_have_ids_of_their_own(knowledge: Snapshot) -> None:
    ids = {message("ack", "好", knowledge=knowledge, region="310110", of="x")["custom"]["answer_id"] for _ in range(50)}
    assert len(ids) == 50


def test_join_and_listed() -> None:
    assert join("一。", "", "  ", " 二。 ") == "一。\n二。"
    assert listed(["身份证。", "户口本；", "照片"]) == "身份证、户口本、照片"
    assert listed([]) == ""
