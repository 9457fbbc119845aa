"""One normal form for all text: what is the same to a reader is the same to the bot."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.text import bare, normalise

_CHINESE = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=20)


@given(st.one_of(st.text(max_size=40), _CHINESE))
@example("薴")
@example("İstanbul ＡＢＣ")
@example("年 輕 人,剛到 成都")
@example("妳\u200b好\ufeff")
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(text) == once


def test_every_single_character_has_one_normal_form() -> None:
    characters = (chr(code) for code in range(0x20, 0x2FA20) if not 0xD800 <= code < 0xE000)
    unstable = [character for character in characters if normalise(normalise(character)) != normalise(character)]
    assert unstable == []


@pytest.mark.parametrize(("text", "normal"), [
    ("年輕人剛到成都沒地方住", "年轻人刚到成都没地方住"),
    ("妳媽媽幾歲", "你妈妈几岁"),
    ("公租房申請條件", "公租房申请条件"),
    ("１２３４５", "12345"),
    ("ＡＰＰ", "app"),
    ("每月８００元", "每月800元"),
    ("㎡", "m2"),
    ("①", "1"),
    ("租房　补贴", "租房补贴"),
    ("租 房 补 贴 怎么 领", "租房补贴怎么领"),
    ("  App  上 怎么办  ", "app 上怎么办"),
    ("公租房,怎么申请?", "公租房，怎么申请？"),
    ("(公租房)", "（公租房）"),
    ("租房\u200b补\ufeff贴\u00ad", "租房补贴"),
    ("租房\n补贴\t呢", "租房补贴呢"),
    ("", ""), ("  ", ""),
])
def test_writing_habits_come_to_the_same(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text(max_size=40))
def test_the_normal_form_has_no_stray_spaces_and_no_capitals(text: str) -> None:
    normal = normalise(text)
    assert normal == normal.strip()
    assert "  " not in normal and "\n" not in normal
    assert not any("A" <= character <= "Z" for character in normal)


@pytest.mark.parametrize(("one", "other"), [
    ("南京租房补贴多少钱？", "南京租房补贴多少钱"), ("租房，补贴", "租房补贴"), ("“公租房”在哪儿！", "公租房在哪儿"),
    ("5 + 2 区域", "5 2区域"), ("a_b", "ab"),
])
def test_punctuation_does_not_make_another_sentence(one: str, other: str) -> None:
    assert bare(one) == bare(other)


def test_digits_and_letters_are_words() -> None:
    assert bare("12345热线 APP") == "12345热线app"
