"""Every reply of catalogue.yml is read as written there; its facts stand in knowledge/content/facts/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.hukou import residence
from bot.nlu.parsers.yesno import echoes
from knowledge.schema import FactsFile
from tests.parsers.support import TODAY, expected, load, spelled

DATA = load("catalogue.yml")
CONTENT = Path(__file__).parents[2] / "knowledge" / "content"
FILES = [CONTENT / "facts.yml", *sorted((CONTENT / "facts").glob("*.yml"))]
FACTS = {fact.slug: fact for path in FILES for fact in msgspec.yaml.decode(path.read_bytes(), type=FactsFile).facts}


@pytest.mark.parametrize("row", DATA["answers"], ids=lambda row: f"{row[0]}: {row[1]}")
def test_reply(row: list[Any]) -> None:
    slug, text, value = row
    answer = read_answer(FACTS[slug], text, today=TODAY)
    got = "~none" if answer is None else spelled(answer.value) if answer.kind == "value" else f"~{answer.kind}"
    assert got == expected(value)


@pytest.mark.parametrize("wording, text, value", DATA["echoes"])
def test_the_questions_own_words(wording: str, text: str, value: Any) -> None:
    said = echoes(text, wording)
    assert ("~none" if said is None else said) == value


@pytest.mark.parametrize("text, district", DATA["residences"])
def test_where_somebody_lives(text: str, district: str) -> None:
    assert (residence(text) or "~none") == district
