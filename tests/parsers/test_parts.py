"""Messages of parts.yml are cut where another thing is asked, and nowhere else."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import knowledge_access
from bot.nlu.parts import MOST_PARTS, Part, split
from knowledge.base import Snapshot
from knowledge.text import bare, normalise_with_pauses
from tests.parsers.support import load

MESSAGES = load("parts.yml")
SEVERAL = [row for name in ("two_services", "connected", "dictated", "two_aspects", "three") for row in MESSAGES[name]]
WHOLE = MESSAGES["whole"]


@pytest.fixture(scope="module")
def knowledge() -> Snapshot:
    return knowledge_access.snapshot()


def parts_of(text: str, region: str, knowledge: Snapshot) -> list[Part]:
    plain, pauses = normalise_with_pauses(text)
    return split(plain, pauses=pauses, snapshot=knowledge, region=region)


def topics(text: str, region: str, knowledge: Snapshot) -> list[Optional[str]]:
    return [part.topic for part in parts_of(text, region, knowledge)]


def said(row: list[Any]) -> str:
    return str(row[0])


def test_there_are_enough_messages_of_both_sides() -> None:
    texts = [row[0] for row in (*SEVERAL, *WHOLE)]
    assert len(texts) == len(set(texts)) >= 60
    assert len(SEVERAL) >= 40 and len(WHOLE) >= 20


@pytest.mark.parametrize("row", SEVERAL, ids=said)
def test_each_question_is_a_part_of_its_own(row: list[Any], knowledge: Snapshot) -> None:
    text, region, expected = row
    assert topics(text, region, knowledge) == expected


@pytest.mark.parametrize("row", WHOLE, ids=said)
def test_one_question_stays_whole(row: list[Any], knowledge: Snapshot) -> None:
    assert parts_of(row[0], row[1], knowledge) == []


@pytest.mark.parametrize("row", SEVERAL, ids=said)
def test_nothing_is_lost_and_nothing_added(row: list[Any], knowledge: Snapshot) -> None:
    assert bare("".join(part.text for part in parts_of(row[0], row[1], knowledge))) == bare(row[0])


@pytest.mark.parametrize("row", MESSAGES["two_services"], ids=said)
def test_asked_the_other_way_round_the_same_services_are_found(row: list[Any], knowledge: Snapshot) -> None:
    text, region, expected = row
    first, second = (part.text for part in parts_of(text, region, knowledge))
    assert topics(f"{second}？{first}？", region, knowledge) == expected[::-1]


@pytest.mark.parametrize("row", MESSAGES["two_services"], ids=said)
@pytest.mark.parametrize("around", ["你好，{}谢谢", "麻烦您了，{}辛苦了", "您好，{}多谢"])
def test_courtesy_is_no_part(row: list[Any], around: str, knowledge: Snapshot) -> None:
    text, region, expected = row
    assert topics(around.format(f"{text.rstrip('？')}？"), region, knowledge) == expected


def test_more_questions_than_a_message_has_parts_are_a_story(knowledge: Snapshot) -> None:
    asked = ["公租房怎么申请", "高龄津贴多少钱", "老年食堂在哪", "长护险怎么评估", "居住证怎么办"]
    assert len(parts_of("？".join(asked[:MOST_PARTS]), "510100", knowledge)) == MOST_PARTS
    assert parts_of("？".join(asked), "510100", knowledge) == []


_PIECES = st.sampled_from([
    "公租房怎么申请", "老年食堂在哪", "，", "？", "另外", "对了", "顺便", "还有我", "谢谢", "我妈八十了", "要什么材料",
    "多少钱", "然后", "以及", "请问", "吗", " ", "\n", "😀", "还有没有", "嗯", "a1", "。", "！", "；",
])


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(_PIECES, max_size=12).map("".join), st.text(max_size=40)))
def test_any_text_stays_whole_or_is_cut_without_loss(text: str) -> None:
    parts = parts_of(text, "510100", knowledge_access.snapshot())
    assert parts == [] or 2 <= len(parts) <= MOST_PARTS
    if parts:
        assert bare("".join(part.text for part in parts)) == bare(text)
        assert all(bare(part.text) for part in parts)
