"""What is looked up ahead of a turn is what the turn will ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.clauses import STORY, looked_up, story_clauses
from bot.nlu.parts import MOST_PARTS, asking_parts


@pytest.mark.parametrize(("said", "texts"), [
    ("附近哪里有食堂", ["附近哪里有食堂"]),
    ("公租房怎么申请？附近哪里有食堂", ["公租房怎么申请？附近哪里有食堂", "公租房怎么申请", "附近哪里有食堂"]),
    ("公租房怎麼申請 附近哪裡有食堂", ["公租房怎么申请附近哪里有食堂", "公租房怎么申请", "附近哪里有食堂"]),
    ("", [""]),
])
def test_the_message_comes_first_then_its_questions(said: str, texts: list[str]) -> None:
    assert looked_up(said) == texts


def test_a_long_story_is_looked_up_by_its_last_clauses() -> None:
    story = "我妈妈今年七十八岁了一个人住，嗯腿脚不好走不了远路，子女都在外地工作回不来，想问问有没有人送饭上门"
    assert len(story) >= STORY
    assert story_clauses(story)[-1] == "想问问有没有人送饭上门" and "腿脚不好走不了远路" in story_clauses(story)
    assert looked_up(story)[0] == story and set(story_clauses(story)) < set(looked_up(story))
    assert story_clauses(story[:STORY - 1]) == [] and story_clauses("我" * STORY) == []


@given(st.text("我妈问饭哪怎么有，。？嗯 吗", max_size=120))
def test_it_is_short_and_says_nothing_twice(said: str) -> None:
    texts = looked_up(said)
    assert len(texts) == len(set(texts)) <= 1 + MOST_PARTS + 8
    assert all(text in asking_parts(texts[0]) or text in story_clauses(texts[0]) or "，" in text or text in texts[0]
               for text in texts[1:])
