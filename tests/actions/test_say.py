"""What is said of sources that are not official, and how a message is put together."""

from __future__ import annotations

import pytest

from actions.say import button, join, listed, message, trust_sentence
from bot.contract import validate
from knowledge.base import Snapshot
from knowledge.schema import Source, Trust


def source(trust: Trust, date: str = "2024-03-11", publisher: str = "某报") -> Source:
    return Source(id=trust, title="题目", publisher=publisher, trust=trust, date=date)


OFFICIAL, SECONDARY, PLAN, SAMPLE = source("official"), source("secondary"), source("plan"), source("sample")


@pytest.mark.parametrize("sources", [[], [OFFICIAL], [OFFICIAL, OFFICIAL]])
def test_nothing_is_said_of_official_sources(sources: list[Source], knowledge: Snapshot) -> None:
    assert trust_sentence(sources, knowledge) == ""


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
    said = trust_sentence(sources, knowledge)
    assert all(word in said for word in says)
    assert not any(word in said for word in says_not)
    assert said == trust_sentence(list(reversed(sources)), knowledge)


def test_a_source_without_a_date_says_so(knowledge: Snapshot) -> None:
    assert "日期不详" in trust_sentence([source("secondary", date="")], knowledge)


def test_every_source_of_the_content_that_is_not_official_gives_a_sentence(knowledge: Snapshot) -> None:
    for item in knowledge.sources.values():
        said = trust_sentence([item], knowledge)
        assert bool(said) == (item.trust != "official")
        assert "{" not in said and "（，" not in said


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
