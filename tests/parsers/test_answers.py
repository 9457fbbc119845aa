"""Every reply of answers.yml is read as written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.nlu.parsers.answers import read_answer
from knowledge.schema import FactsFile
from tests.parsers.support import TODAY, expected, load, spelled

ROWS = load("answers.yml")["answers"]
FACTS_FILE = Path(__file__).parents[2] / "knowledge" / "content" / "facts.yml"
FACTS = {fact.slug: fact for fact in msgspec.yaml.decode(FACTS_FILE.read_bytes(), type=FactsFile).facts}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_reply(row: list[Any]) -> None:
    slug, text, value = row
    answer = read_answer(FACTS[slug], text, today=TODAY)
    if answer is None:
        got = "~none"
    elif answer.kind != "value":
        got = f"~{answer.kind}"
    else:
        got = spelled(answer.value)
    assert got == expected(value)


def test_there_are_enough_replies() -> None:
    assert len(ROWS) >= 120


@pytest.mark.parametrize("slug", sorted(FACTS))
@pytest.mark.parametrize("text, kind", [("不晓得", "unknown"), ("不方便说", "refused")])
def test_not_knowing_and_not_saying_go_for_every_fact(slug: str, text: str, kind: str) -> None:
    answer = read_answer(FACTS[slug], text, today=TODAY)
    assert answer is not None and answer.kind == kind and answer.value is None


@pytest.mark.parametrize("slug", sorted(FACTS))
@pytest.mark.parametrize("text", ["", "附近有食堂吗", "那要什么材料", "为啥子要问这个", "12345是什么电话", "换个问题"])
def test_another_topic_is_no_answer(slug: str, text: str) -> None:
    assert read_answer(FACTS[slug], text, today=TODAY) is None
