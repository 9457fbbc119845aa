"""Characters sound alike where southern speakers and keyboards mix them up, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sounds import merged, sound, sounds


@pytest.mark.parametrize("pair", [
    "注住", "帖贴", "子纸", "草炒", "四是", "牛刘", "南兰", "金京", "申生", "房翻", "班帮",
])
def test_these_sound_alike(pair: str) -> None:
    assert sound(pair[0]) == sound(pair[1])


@pytest.mark.parametrize("pair", ["公关", "租补", "房黄", "东灯", "日力", "老好", "贴店", "安阳"])
def test_these_sound_apart(pair: str) -> None:
    assert sound(pair[0]) != sound(pair[1])


@pytest.mark.parametrize(("syllable", "heard"), [
    ("zhang", "zan"), ("cheng", "cen"), ("sheng", "sen"), ("nang", "lan"), ("ning", "lin"), ("n", "n"),
    ("gong", "gong"), ("xing", "xin"), ("a", "a"), ("", ""),
])
def test_merged(syllable: str, heard: str) -> None:
    assert merged(syllable) == heard


@pytest.mark.parametrize("character", ["1", "a", "😀", " "])
def test_what_is_no_chinese_character_stays_as_it_is(character: str) -> None:
    assert sound(character) == character


def test_nothing_sounds_like_nothing() -> None:
    assert sound("") == "" and sounds("") == ()


@given(st.text(max_size=40))
def test_every_character_has_its_sound_whatever_stands_beside_it(text: str) -> None:
    assert sounds(text) == tuple(sound(character) for character in text)
    assert all(sounds(text))
