"""Values of facts in words: of the chat and of a receipt's sheet alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from actions.fact_words import value_in_words
from actions.suggest import fact_in_a_sentence, fact_in_words
from actions.turn import Turn
from bot.receipt_sheet import fact_line
from knowledge.base import Snapshot
from knowledge.eligibility.values import OneOf, Range, to_json
from knowledge.regions import cities_of

CATEGORIES = frozenset({"none", "low_income_margin", "extreme_poverty", "rigid_expense", "severe_disability_no_job"})


@pytest.mark.parametrize(("slug", "value", "said"), [
    ("household.income_year", Range(40000, 50000), "40000到50000元"),
    ("household.income_year", Range(None, 50000), "50000元或更少"),
    ("household.income_year", Range(40000, None), "40000元或更多"), ("household.income_year", 3333.5, "3333.5元"),
    ("child.birth_date", dt.date(2025, 3, 1), "2025年3月1日"),
    ("child.birth_date", Range(dt.date(2025, 3, 1), dt.date(2025, 3, 31)), "2025年3月1日到2025年3月31日"),
    ("child.birth_date", Range(dt.date(2025, 3, 1), None), "2025年3月1日或更晚"), ("person.age", Range(), "说不准"),
    ("person.hukou_city", "510100", "成都"), ("person.hukou_city", "elsewhere", "外地"),
    ("person.hukou_city", "510700", "绵阳"),  # in a province that is spoken of, but not served
    ("person.hukou_city", "440300", "外地（代码440300）"), ("person.hukou_district", "320115", "江宁区"),
    ("person.hukou_city", OneOf(cities_of("510000")), "四川（没有说是哪个城市）"),
    ("person.hukou_city", OneOf((cities_of("510000") - {"510100"}) | {"elsewhere"}), "外地（也可能是四川别的城市）"),
    ("person.hukou_city", OneOf(frozenset({"510100", "320100"})), "南京或成都"),
    ("person.education", "master", "硕士研究生"),
    ("person.education", OneOf(frozenset({"master", "doctor"})), "硕士研究生或博士"),
    ("household.category", OneOf(CATEGORIES), "不是低保"),
    ("household.category", OneOf(CATEGORIES - {"none", "low_income_margin"}), "特困或刚性支出困难或重残无业"),
    ("person.works_here", False, "在本地没有工作"),
])
def test_values_in_words(knowledge: Snapshot, slug: str, value: Any, said: str) -> None:
    assert value_in_words(knowledge.catalogue.facts[slug], value, knowledge) == said


@pytest.mark.parametrize(("slug", "value", "in_a_list", "in_a_sentence"), [
    ("person.age", 75, "年龄75岁", "年龄75岁"), ("person.age", Range(75, 76), "年龄75到76岁", "年龄75到76岁"),
    ("person.hukou_city", "510700", "户籍所在城市：绵阳", "户籍所在城市是绵阳"),
    ("household.category", OneOf(CATEGORIES), "家庭类别：不是低保", ""),
    ("person.works_here", False, "在本地没有工作", "在本地没有工作"),
])
def test_facts_in_words(turn: Callable[..., Turn], slug: str, value: Any, in_a_list: str, in_a_sentence: str) -> None:
    assert fact_in_words(turn(), slug, to_json(value)) == in_a_list
    assert fact_in_a_sentence(turn(), slug, to_json(value)) == in_a_sentence


def test_the_chat_and_the_sheet_say_the_same_of_every_option(turn: Callable[..., Turn], knowledge: Snapshot) -> None:
    asked = turn()
    for fact in knowledge.catalogue.facts.values():
        for option in fact.options:
            said = fact_in_words(asked, fact.slug, to_json(option.value))
            assert said and said.removeprefix(fact.name).lstrip("：") in fact_line(fact, option.value, knowledge)
