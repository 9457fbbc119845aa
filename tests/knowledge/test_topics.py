"""Services named in a sentence: letter by letter, by sound, or nearly."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sounds import sounds
from knowledge.text import normalise
from knowledge.topics import Mention, TopicFinder

ALIASES = {
    "rental-subsidy": ["住房补贴", "租房补贴", "租补"],
    "public-rental-housing": ["公租房", "公共租赁住房"],
    "elderly-allowance": ["高龄津贴", "尊老金"],
    "affordable-rental-housing": ["保障性租赁住房", "保租房"],
    "long-term-care-insurance": ["长护险", "长期护理保险"],
}
FINDER = TopicFinder(ALIASES)


def only(text: str) -> Mention:
    found = FINDER.find(normalise(text))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(("topic", "alias"), [(topic, alias) for topic, names in ALIASES.items() for alias in names])
def test_each_alias_leads_to_its_topic_and_says_where_it_stands(topic: str, alias: str) -> None:
    found = only(f"我想问{alias}的事")
    assert (found.topic, found.alias, found.how, found.weight) == (topic, alias, "alias", 1.0)
    assert (found.start, found.end) == (3, 3 + len(alias))


@pytest.mark.parametrize(("text", "topic"), [
    ("注房补帖怎么申请", "rental-subsidy"), ("住房不贴", "rental-subsidy"), ("高铃津贴", "elderly-allowance"),
    ("公组房条件", "public-rental-housing"), ("宝租房在哪里", "affordable-rental-housing"),
    ("长户险怎么办", "long-term-care-insurance"), ("高林津贴", "elderly-allowance"),
])
def test_a_word_that_sounds_the_same_leads_to_the_topic(text: str, topic: str) -> None:
    found = only(text)
    assert (found.topic, found.how) == (topic, "homophone")
    assert found.weight < 1


@pytest.mark.parametrize(("one", "other"), [
    ("张", "脏"), ("吃", "词"), ("是", "四"), ("南", "兰"), ("年", "联"), ("方", "翻"), ("正", "怎"), ("林", "铃"),
])
def test_sounds_that_southerners_mix_up_are_one(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


def test_different_sounds_stay_apart() -> None:
    assert sounds("公租房") != sounds("公主坟")
    assert len(sounds("a公1？")) == 4


def test_a_long_name_with_a_slip_is_nearly_matched() -> None:
    found = only("保障型租赁住方怎么申请")
    assert found.topic == "affordable-rental-housing"
    assert found.how in ("near", "homophone")


def test_a_near_match_counts_less_the_less_alike_it_is() -> None:
    found = only("长期照护保险")
    assert (found.how, found.topic) == ("near", "long-term-care-insurance")
    assert 0.6 < found.weight < 0.8


def test_the_longest_name_wins() -> None:
    finder = TopicFinder({"one": ["公租房"], "two": ["公租房租赁补贴"]})
    assert [item.topic for item in finder.find("公租房租赁补贴怎么领")] == ["two"]


def test_several_services_are_named_in_reading_order() -> None:
    assert [item.topic for item in FINDER.find("保租房和公租房有什么不一样，租补呢")] == [
        "affordable-rental-housing", "public-rental-housing", "rental-subsidy"]


@pytest.mark.parametrize("text", ["", "今天天气怎么样", "我想吃饭", "补贴", "房子", "租", "abc 123"])
def test_nothing_is_found_where_no_service_is_named(text: str) -> None:
    assert FINDER.find(text) == []


def test_short_names_and_no_names_do_no_harm() -> None:
    assert TopicFinder({}).find("公租房") == []
    assert TopicFinder({"one": ["房", "租房"]}).find("房租房") == [Mention("one", "租房", 1, 3, "alias", 1.0)]


_PIECES = [*(name for names in ALIASES.values() for name in names), "的", "怎么办", "，", "注房补帖"]


@given(st.lists(st.sampled_from(_PIECES), max_size=8))
def test_mentions_never_overlap_and_stand_where_they_say(pieces: list[str]) -> None:
    text = normalise("".join(pieces))
    found = FINDER.find(text)
    assert all(first.end <= second.start for first, second in itertools.pairwise(found))
    assert all(text[item.start:item.end] == item.alias for item in found if item.how == "alias")
