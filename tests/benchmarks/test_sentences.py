"""Drawing the sentences that residents send."""

import dataclasses
from pathlib import Path

import pytest

from benchmarks.errors import CannotMeasure
from benchmarks.plan import FULL, QUICK
from benchmarks.sentences import draw, read_sentences

UNDERSTANDING = Path(__file__).parents[1] / "understanding"
MANY = [f"第{number}句" for number in range(2000)]


def flat(drawn) -> list[str]:
    return [*drawn.warm_up, *drawn.alone, *(text for hand in drawn.together for text in hand), *drawn.long]


def test_no_sentence_is_drawn_twice() -> None:
    texts = flat(draw(MANY, FULL, seed=1))
    assert len(texts) == len(set(texts)) == FULL.sentences


def test_repeated_sentences_count_once() -> None:
    with pytest.raises(CannotMeasure, match="different sentences"):
        draw(["您好"] * 5000, QUICK, seed=1)


def test_the_same_seed_deals_the_same_sentences_to_both_systems() -> None:
    assert draw(MANY, QUICK, seed=3) == draw(MANY, QUICK, seed=3)
    assert draw(MANY, QUICK, seed=3) != draw(MANY, QUICK, seed=4)


def test_each_resident_gets_as_many_messages_as_planned() -> None:
    plan = dataclasses.replace(QUICK, residents=3, messages_each=7)
    assert [len(hand) for hand in draw(MANY, plan, seed=0).together] == [7, 7, 7]


def test_there_are_enough_test_sentences_for_the_full_run() -> None:
    draw(read_sentences(UNDERSTANDING), FULL, seed=0)


def test_a_text_in_two_files_is_one_sentence(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("- text: 您好\n- text: " + name + "\n", encoding="utf-8")
    assert read_sentences(tmp_path) == ["您好", "a.yml", "b.yml"]


def test_no_sentences_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="no test sentences"):
        read_sentences(tmp_path)
