"""spoken.yml: who is meant stays with the facts told of him, odd wordings are read, what nobody means is not."""

from __future__ import annotations

from typing import Any, Optional

import pytest

from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.facts import read_facts
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import OneOf
from tests.parsers.support import TODAY, expected, load, spelled
from tests.parsers.test_catalogue import FACTS
from tests.parsers.test_facts import as_the_bot_reads

SPOKEN = load("spoken.yml")


@pytest.mark.parametrize("row", SPOKEN["several"], ids=lambda row: row[0])
def test_each_fact_stays_with_its_person(row: list[Any]) -> None:
    reading = read_facts(as_the_bot_reads(row[0]), today=TODAY)
    told: dict[str, dict[str, str]] = {}
    for fact in reading.facts:
        told.setdefault(fact.person or "nobody", {})[fact.slug] = spelled(fact.value)
    assert told == {person: {slug: expected(value) for slug, value in facts.items()}
                    for person, facts in row[1].items()}
    if len(row) > 2:
        assert reading.subject == row[2]


@pytest.mark.parametrize("text, person", SPOKEN["meant"])
def test_who_is_meant(text: str, person: Optional[str]) -> None:
    assert read_facts(as_the_bot_reads(text), today=TODAY).subject == person


@pytest.mark.parametrize("row", SPOKEN["stated"], ids=lambda row: row[0])
def test_spoken_phrase_states_its_facts(row: list[Any]) -> None:
    reading = read_facts(as_the_bot_reads(row[0]), today=TODAY)
    assert {f.slug: spelled(f.value) for f in reading.facts} == {slug: expected(v) for slug, v in row[1].items()}
    also = row[2] if len(row) > 2 else {}
    if "who" in also:
        assert {f.person for f in reading.facts} == {also["who"]}
    if "subject" in also:
        assert reading.subject == also["subject"]


@pytest.mark.parametrize("text", SPOKEN["nothing"])
def test_what_nobody_means_is_no_fact(text: str) -> None:
    assert read_facts(as_the_bot_reads(text), today=TODAY).facts == []


@pytest.mark.parametrize("slug, reply, value", SPOKEN["answers"])
def test_spoken_reply(slug: str, reply: str, value: Any) -> None:
    answer = read_answer(FACTS[slug], reply, today=TODAY)
    if value == "~none":
        assert answer is None
    else:
        assert answer is not None and spelled(answer.value) == expected(value)


def test_a_severe_disability_is_one_of_the_first_two_grades() -> None:
    answer = read_answer(FACTS["person.disability_level"], "重度", today=TODAY)
    assert answer is not None and answer.value == OneOf(frozenset((1, 2)))


@pytest.mark.parametrize("said", ["2", "两岁", "三岁"])
def test_two_is_no_age_of_a_father_but_one_of_a_child(said: str) -> None:
    age = FACTS["person.age"]
    assert read_answer(age, said, today=TODAY, person="father") is None
    assert read_answer(age, said, today=TODAY, person="child") is not None


@pytest.mark.parametrize("pattern, found, missed", [
    ("月(?:租|供)", "月租一千", "一千"),
    (r"\d{1,3}岁?", "我68了", "我老了"),
    ("(?:没有?|冇)房", "冇房", "冇"),
    ("房?", "没有", ""),
    ("[^,]租", "月租", "月供"),
])
def test_a_pattern_is_ruled_out_only_where_nothing_can_match(pattern: str, found: str, missed: str) -> None:
    spotter = Spotter(pattern)
    assert [m.span() for m in spotter.finditer(found)] == [m.span() for m in spotter.pattern.finditer(found)] != []
    assert [m.span() for m in spotter.finditer(missed)] == [m.span() for m in spotter.pattern.finditer(missed)]
