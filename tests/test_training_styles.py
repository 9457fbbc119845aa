"""Every intent was learnt in every way of speaking, and the files by style hold what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

import opencc
import pytest
import yaml

from bot.settings import PROJECT
from knowledge.text import bare

NLU = PROJECT / "data" / "nlu"
FOLDER = NLU / "styles"
#: Ways of speaking in which everything can be said.
SHORT = ("dictated", "sichuan", "shanghai", "northern", "traditional", "typo", "clipped")
#: Ways of speaking of those who have something to tell or to ask.
LONG = ("story", "two_questions", "indirect")
#: What can be told or asked at length.
TOLD = ("ask_service", "check_eligibility", "find_place", "state_need", "find_benefits", "complain", "out_of_scope",
        "inform", "life_circle", "emergency_medical", "emergency_fire", "emergency_crime", "emergency_suicide")
#: So many sentences at least; of a word or two there are fewer.
LEAST, LEAST_CLIPPED = 8, 6
#: What residents mostly say, and what must be kept apart from it: so many.
OFTEN, LEAST_OFTEN = ("ask_service", "check_eligibility", "find_place", "state_need", "out_of_scope"), 25
DANGERS = tuple(intent for intent in TOLD if intent.startswith("emergency"))
#: Characters that only Traditional writers use in so many of their sentences.
TRADITIONAL = 0.8


class Example(NamedTuple):
    file: str
    intent: str
    style: Optional[str]
    text: str


def examples(pattern: str) -> Iterator[Example]:
    for path in sorted(NLU.glob(pattern)):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            style = (block.get("metadata") or {}).get("style")
            yield from (Example(str(path.relative_to(NLU)), block["intent"], style, line.strip().removeprefix("- "))
                        for line in block["examples"].splitlines() if line.strip())


STYLED = list(examples("styles/*.yml"))
ALL = list(examples("**/*.yml"))
INTENTS = sorted({one.intent for one in ALL})
COUNTS = Counter((one.intent, one.style) for one in STYLED)


def least(intent: str, style: str) -> int:
    if intent in OFTEN:
        return LEAST_OFTEN
    return LEAST_CLIPPED if style == "clipped" else LEAST


def test_there_is_one_file_a_style() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == {*SHORT, *LONG}
    assert len(STYLED) >= 3500 and set(TOLD) <= set(INTENTS)


@pytest.mark.parametrize("style", SHORT)
@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_is_learnt_in_every_short_style(intent: str, style: str) -> None:
    assert COUNTS[intent, style] >= least(intent, style)


@pytest.mark.parametrize("style", LONG)
@pytest.mark.parametrize("intent", TOLD)
def test_what_can_be_told_at_length_is_learnt_so(intent: str, style: str) -> None:
    assert COUNTS[intent, style] >= least(intent, style)


@pytest.mark.parametrize("style", [*SHORT, *LONG])
def test_the_style_written_beside_the_sentences_is_that_of_the_file(style: str) -> None:
    assert {one.style for one in STYLED if one.file == f"styles/{style}.yml"} == {style}


@pytest.mark.parametrize("name", ["danger.yml", "calm.yml"])
def test_danger_and_calm_name_the_style_of_each_block(name: str) -> None:
    styles = {one.style for one in ALL if one.file == name}
    assert styles == {*SHORT, "story", "indirect", "plain", "colloquial"}


@pytest.mark.parametrize("style", [*SHORT, "story", "indirect"])
def test_every_danger_is_learnt_in_every_style(style: str) -> None:
    found = {one.intent for one in ALL if one.file == "danger.yml" and one.style == style}
    assert found == set(DANGERS)


def test_what_only_sounds_like_danger_is_none() -> None:
    calm = [one for one in ALL if one.file == "calm.yml"]
    assert len(calm) >= 300 and not [one for one in calm if one.intent in DANGERS]
    assert {"ask_service", "out_of_scope", "state_need", "complain"} <= {one.intent for one in calm}


def test_no_sentence_stands_twice() -> None:
    written = Counter(one.text for one in ALL)
    assert [text for text, times in written.items() if times > 1] == []


def test_no_sentence_of_a_style_says_a_learnt_one_again() -> None:
    """The older files hold some in Simplified and in Traditional characters; the newer ones need none of that."""
    forms = Counter(bare(one.text) for one in ALL)
    newer = [one for one in ALL if one.file.startswith("styles/") or one.file in ("danger.yml", "calm.yml")]
    assert [(one.file, one.text) for one in newer if forms[bare(one.text)] > 1] == []


def test_traditional_sentences_are_written_so() -> None:
    converter = opencc.OpenCC("t2s")
    texts = [one.text for one in STYLED if one.style == "traditional"]
    assert sum(converter.convert(text) != text for text in texts) >= TRADITIONAL * len(texts)


def test_the_other_styles_are_written_in_simplified_characters() -> None:
    converter = opencc.OpenCC("t2s")
    others = [one for one in STYLED if one.style not in ("traditional", "typo")]
    assert sum(converter.convert(one.text) != one.text for one in others) <= 0.02 * len(others)


def test_styles_differ_in_length_as_people_do() -> None:
    def mean(style: str) -> float:
        lengths = [len(bare(one.text)) for one in STYLED if one.style == style and one.intent == "ask_service"]
        return sum(lengths) / len(lengths)

    assert mean("clipped") < 15 < mean("dictated") < mean("story")
    assert mean("story") > 50


def test_dictated_sentences_have_no_punctuation_inside() -> None:
    texts = [one.text for one in STYLED if one.style == "dictated"]
    assert [text for text in texts if any(sign in text for sign in "，。？！；,.?!;")] == []


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_every_line_of_a_block_is_an_example(path: Path) -> None:
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        lines = [line for line in block["examples"].splitlines() if line.strip()]
        assert all(line.startswith("- ") and bare(line) for line in lines), block["intent"]
