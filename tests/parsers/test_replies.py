"""Replies in a fact's own words, denials in free text, and every option of every fact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.facts import read_facts
from knowledge.schema import Fact, FactsFile
from tests.parsers.support import TODAY, expected, load, spelled

ROWS = load("replies.yml")["answers"]
DENIALS = load("denials.yml")
FACTS_FILE = Path(__file__).parents[2] / "knowledge" / "content" / "facts.yml"
FACTS = {fact.slug: fact for fact in msgspec.yaml.decode(FACTS_FILE.read_bytes(), type=FactsFile).facts}
STARTS = ["不是", "没", "没有", "不算", "不属于", "还没", "又不是", "哪是", "没得", "并不是", "算不上"]
COUNTER = ["没有的话能申请吗", "怎么办", "要什么材料", "附近有食堂吗", "如果没有呢", "我想问一下助餐", "你好", "谢谢"]
OPTIONS = [(fact, option) for fact in FACTS.values() for option in fact.options]
BOOLS = [fact for fact in FACTS.values() if fact.type == "bool"]


def _named(part: Any) -> str:
    return str(getattr(part, "slug", getattr(part, "title", "")))


def _answered(fact: Fact, text: str) -> str:
    answer = read_answer(fact, text, today=TODAY)
    if answer is None:
        return "~none"
    return spelled(answer.value) if answer.kind == "value" else f"~{answer.kind}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_reply(row: list[Any]) -> None:
    slug, text, value = row
    assert _answered(FACTS[slug], text) == expected(value)


def test_there_are_enough_replies() -> None:
    assert len(ROWS) >= 250
    assert sum(len(texts) for texts in DENIALS["denied"].values()) >= 60
    assert {row[0] for row in ROWS} >= {fact.slug for fact in FACTS.values() if fact.type in ("bool", "choice")}


@pytest.mark.parametrize("slug, text", [(slug, text) for slug, texts in DENIALS["denied"].items() for text in texts])
def test_what_is_denied_is_no_positive_fact(slug: str, text: str) -> None:
    values = [fact.value for fact in read_facts(text, today=TODAY).facts if fact.slug == slug]
    assert not [value for value in values if value is not False]


@pytest.mark.parametrize("text, slug, value", DENIALS["kept"])
def test_what_is_stated_beside_a_denial_stays(text: str, slug: str, value: Any) -> None:
    values = {fact.slug: spelled(fact.value) for fact in read_facts(text, today=TODAY).facts}
    assert values.get(slug) == expected(value)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("fact, option", OPTIONS, ids=_named)
def test_a_denied_option_is_not_chosen(fact: Fact, option: Any, start: str) -> None:
    for word in {option.title, *option.words}:
        if word.startswith(("不", "没", "都")) or option.value == "none" or word in ("看不见", "听不见"):
            continue
        for text in (start + word, f"我{start}{word}", f"{start}{word}的"):
            assert _answered(fact, text) != str(option.value), text
            stated = [f.value for f in read_facts(text, today=TODAY).facts if f.slug == fact.slug]
            assert option.value not in stated, text


@pytest.mark.parametrize("fact, option", OPTIONS, ids=_named)
def test_every_option_is_read_by_its_title_and_words(fact: Fact, option: Any) -> None:
    for text in (option.title, *option.words, f"{option.title}的", f"我是{option.title}"):
        assert _answered(fact, text) == str(option.value), text


@pytest.mark.parametrize("fact", BOOLS, ids=lambda fact: fact.slug)
def test_plain_yes_and_no_go_for_every_bool(fact: Fact) -> None:
    for text, value in (("是", "True"), ("是的", "True"), ("有", "True"), ("不是", "False"), ("没有", "False")):
        assert _answered(fact, text) == value, text
    assert _answered(fact, "不清楚") == "~unknown"


@pytest.mark.parametrize("fact", BOOLS, ids=lambda fact: fact.slug)
@pytest.mark.parametrize("text", COUNTER)
def test_a_counter_question_is_no_yes_or_no(fact: Fact, text: str) -> None:
    assert _answered(fact, text) == "~none"
