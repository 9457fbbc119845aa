"""Which service a sentence is about: what it names, how likely each one is, and when it goes on about the last one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.topic_choice import CHOICES, OPTION, SURE_CHANCE, Choice, choose, names_in, ranking
from actions.turn import Turn
from bot.memory import Memory
from bot.nlu.reading import read
from knowledge.base import Snapshot
from tests.actions.conftest import NOW

Said = Callable[..., Turn]


@pytest.fixture
def said(knowledge: Snapshot) -> Said:
    """``said(text, about=…)``: a sentence as the bot reads it, after the service ``about``."""

    def make(text: str, *, about: str = "", region: str = "510100", intent: str = "ask_service") -> Turn:
        reading = read(text, snapshot=knowledge, region=region, today=NOW.date())
        return Turn(text, intent, 0.9, reading, Memory(region=region, topic=about), knowledge, NOW.date(), NOW)

    return make


def chances(turn: Turn) -> dict[str, float]:
    return {item.topic: item.chance for item in ranking(turn, turn.scores(turn.reading.text))}


# --- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "topics"), [
    ("公租房怎么申请", {"public-rental-housing"}),
    ("公租房和人才公寓哪个好", {"public-rental-housing", "talent-apartment"}),
    ("不是公租房，是人才公寓", {"talent-apartment"}),
    ("我问的不是高龄津贴", set()),
    ("家里吃低保，想申请公租房", {"public-rental-housing"}),
    ("低保怎么申请", {"minimum-living-allowance"}),
    ("今天天气怎么样", set()),
])
def test_names_are_those_that_are_asked_for(said: Said, text: str, topics: set[str]) -> None:
    assert set(names_in(said(text))) == topics


def test_a_name_counts_as_sure_as_its_surest_mention(said: Said) -> None:
    turn = said("公租房公租房公租房怎么申请")
    weights = [item.weight for item in turn.reading.topics]
    turn.reading.topics[0].weight = 0.4
    assert len(weights) == 3 and names_in(turn) == {"public-rental-housing": max(weights)}


# --- chances ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["公租房怎么申请", "家里吃低保，想申请公租房", "今天天气怎么样", "附近有食堂吗", ""])
def test_chances_are_in_order_and_add_up_to_one(said: Said, text: str) -> None:
    turn = said(text)
    found = [item.chance for item in ranking(turn, turn.scores(text))]
    assert found == sorted(found, reverse=True) and sum(found) == pytest.approx(1)


def test_what_is_only_told_of_a_household_has_no_chance_where_something_else_is_named(said: Said) -> None:
    found = chances(said("家里吃低保，公租房怎么申请"))
    assert "minimum-living-allowance" not in found and found["public-rental-housing"] > SURE_CHANCE
    assert chances(said("低保怎么申请"))["minimum-living-allowance"] > SURE_CHANCE


def test_a_named_service_is_likelier_than_without_its_name(said: Said) -> None:
    turn = said("公租房要排多久")
    named = chances(turn)["public-rental-housing"]
    turn.reading.topics = []
    assert named > chances(turn)["public-rental-housing"]


# --- the choice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "topic"), [
    ("公租房怎么申请", "public-rental-housing"),
    ("老年食堂一顿饭多少钱", "elderly-meal"),
    ("六楼没有电梯，想在楼外头装一部", "elevator-retrofit"),
    ("每个月交的住房公积金能拿出来付房租吗", "provident-fund-rent"),
    ("高零津贴怎么领", "elderly-allowance"),
])
def test_one_is_sure(said: Said, text: str, topic: str) -> None:
    chosen = choose(said(text))
    assert (chosen.topic, chosen.options, chosen.own) == (topic, (), True)
    assert chosen.chance >= SURE_CHANCE and 0 < chosen.best <= 1.001


@pytest.mark.parametrize("text", ["今天天气怎么样", "给我讲个笑话", "😀"])
def test_what_is_near_no_service_is_none(said: Said, text: str) -> None:
    chosen = choose(said(text))
    assert chosen.topic is None and len(chosen.options) <= CHOICES


@pytest.mark.parametrize("text", ["有什么补贴", "房子的事", "老人的事找谁", "孩子的补助", "怎么办", "😀"])
def test_it_asks_back_between_a_few_at_most(said: Said, text: str) -> None:
    turn = said(text)
    chosen = choose(turn)
    found = chances(turn)
    assert len(chosen.options) <= CHOICES and len(chosen.options) != 1
    assert all(found[topic] >= OPTION for topic in chosen.options)
    assert chosen.topic is None or not chosen.options


@pytest.mark.parametrize("text", ["在哪办", "电话呢", "要带什么材料", "多久到账", "我妈够不够条件"])
def test_a_follow_up_is_about_the_service_at_hand(said: Said, text: str) -> None:
    chosen = choose(said(text, about="public-rental-housing"))
    assert (chosen.topic, chosen.own) == ("public-rental-housing", False)
    alone = choose(said(text, about="public-rental-housing"), follow_context=False)
    assert alone.own


def test_another_service_by_name_is_no_follow_up(said: Said) -> None:
    chosen = choose(said("老年食堂在哪", about="public-rental-housing"))
    assert (chosen.topic, chosen.own) == ("elderly-meal", True)


def test_where_nothing_is_known_nothing_is_chosen(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.topic_choice.rank", lambda *_, **__: [])
    turn = said("公租房怎么申请")
    turn.reading.topics = []
    assert choose(turn) == Choice(None, (), turn.scores("公租房怎么申请"))
