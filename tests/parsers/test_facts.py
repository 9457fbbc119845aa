"""Every phrase of phrases.yml and blind.yml gives exactly its facts, and what only asks gives none."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bot.nlu.parsers.facts import read_facts
from knowledge.text import normalise_with_pauses, with_commas
from tests.parsers.support import TODAY, expected, load, spelled

PHRASES = load("phrases.yml")
BLIND = load("blind.yml")


def as_the_bot_reads(text: str) -> str:
    """The normal form, with a comma at each pause, as ``bot.nlu.reading`` hands it to the parsers."""
    return with_commas(*normalise_with_pauses(text))


@pytest.mark.parametrize("row", PHRASES["stated"], ids=lambda row: row[0])
def test_phrase_states_its_facts(row: list[Any]) -> None:
    _states(row[0], row)


@pytest.mark.parametrize("row", BLIND["stated"], ids=lambda row: row[0])
def test_blind_phrase_states_its_facts(row: list[Any]) -> None:
    _states(as_the_bot_reads(row[0]), row)


def _states(text: str, row: list[Any]) -> None:
    facts: dict[str, Any] = row[1]
    also = row[2] if len(row) > 2 else {}
    reading = read_facts(text, today=TODAY)
    assert {f.slug: spelled(f.value) for f in reading.facts} == {slug: expected(v) for slug, v in facts.items()}
    if "who" in also:
        assert {f.person for f in reading.facts} == {also["who"]}
    if "subject" in also:
        assert reading.subject == also["subject"]


@pytest.mark.parametrize("text", PHRASES["nothing"])
def test_what_is_only_asked_is_no_fact(text: str) -> None:
    assert read_facts(text, today=TODAY).facts == []


@pytest.mark.parametrize("text", BLIND["nothing"])
def test_what_the_blind_only_ask_is_no_fact(text: str) -> None:
    assert read_facts(as_the_bot_reads(text), today=TODAY).facts == []


def test_there_are_enough_phrases() -> None:
    assert len(BLIND["stated"]) + len(BLIND["nothing"]) >= 350
    assert len(PHRASES["stated"]) >= 300
    assert len(PHRASES["nothing"]) >= 60


@pytest.mark.parametrize(
    "text, subject",
    [
        ("帮我妈问一下高龄津贴", "mother"),
        ("不是我是我妈", "mother"),
        ("我想给老汉儿办敬老卡", "father"),
        ("我能领多少", "self"),
        ("我老公在杨浦上班我想申请租房补贴", "self"),
        ("邻居大爷想吃饭", "neighbour"),
        ("我和我妈住，我想申请公租房", "self"),
        ("附近有食堂吗", None),
        ("你好", None),
        ("替我朋友打听一下", "friend"),
        ("爸妈想装电梯", "parents"),
        ("娃儿能领啥子补贴", "child"),
        ("我弟弟残疾能领补贴吗", "sibling"),
        ("我婆婆想吃助餐", "elder"),
        ("我老伴想去日间照料", "spouse"),
        ("外婆摔了谁能照顾", "grandmother"),
        ("不是给我妈办，是给我爸办", "father"),
        ("妈一个人在家没人做饭", "mother"),
        ("我想问问我们小区能装电梯不", "self"),
    ],
)
def test_subject(text: str, subject: str) -> None:
    assert read_facts(text, today=TODAY).subject == subject


def test_forty_characters_are_read_quickly() -> None:
    text = "我妈今年七十五了外地户口没房想在青羊区这边找个吃饭的地方月租一千五一家三口社保交了两年"[:40]
    read_facts(text, today=TODAY)
    best = min(_time(text) for _ in range(5))
    assert best < 0.003  # measured 0.5 to 0.8 ms on a shared machine; room for a busier one


def _time(text: str) -> float:
    start = time.process_time()
    for _ in range(20):
        read_facts(text, today=TODAY)
    return (time.process_time() - start) / 20
