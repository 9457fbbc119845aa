"""What holds for every text: no error, spans inside, ends in order, no blow-up; spoken numbers read back."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.parsers.ages import age_from_birth, find_ages, zodiac_ages
from bot.nlu.parsers.answers import read_answer
from bot.nlu.parsers.birthday import birthday_over
from bot.nlu.parsers.dates import find_births, find_dates, span_of
from bot.nlu.parsers.durations import find_durations
from bot.nlu.parsers.facts import read_facts
from bot.nlu.parsers.money import find_money
from bot.nlu.parsers.numbers import ends, read_numeral
from bot.nlu.parsers.people import find_people, subject_of
from bot.nlu.parsers.variants import plain
from knowledge.eligibility.values import Range
from knowledge.schema import FactsFile
from tests.parsers.support import TODAY, load

DIGITS = "零一二三四五六七八九"
FACTS = msgspec.yaml.decode(
    (Path(__file__).parents[2] / "knowledge" / "content" / "facts.yml").read_bytes(), type=FactsFile
).facts
_SAID = [row[0] for name in ("phrases.yml", "blind.yml") for row in load(name)["stated"]]
_PIECES = st.sampled_from(
    [
        *"我妈爸他的了没有不是吗吧岁年月日个十百千万一二两三五八九几多来半房租社保户口本地外块元到快刚满属虎,。?"
        " 0158kw.-~:/届类级平人",
        "如果",
        "居住证",
        "毕业",
        "出生",
        "收入",
        "一家",
        "带个",
        "残疾",
        "公积金",
        "2025年",
        "劳动合同",
        "两千五",
        "备案",
        "虚岁",
        "去年",
        "过万",
        "多万",
        "生日",
        "还没过",
        "开始交",
        "灵活就业",
        "母子俩",
        "总共",
        "封顶",
        "过户给",
        "公租房",
        "育儿补贴",
        "呒没",
        "社报",
    ]
)
#: Any text at all, and texts made of the pieces that the patterns look for.
TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=30).map("".join), st.sampled_from(_SAID))


def _below_ten_thousand(number: int) -> str:
    spoken, zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            spoken += ("零" if zero else "") + DIGITS[digit] + unit
            zero = False
        elif spoken:
            zero = True
    return spoken


def speak(number: int) -> str:
    """A number up to 99,999,999 the full way: 一万零五百."""
    if number == 100_000_000:
        return "一亿"
    high, low = divmod(number, 10_000)
    if not high:
        return _below_ten_thousand(low)
    link = "零" if 0 < low < 1000 else ""
    return _below_ten_thousand(high) + "万" + link + _below_ten_thousand(low)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.integers(1, 10**8), st.integers(1, 20_000)))
def test_a_spoken_number_reads_back(number: int) -> None:
    assert read_numeral(speak(number)) == number
    assert read_numeral(str(number)) == number
    assert read_numeral(f"{number:,}") == number


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([("百", 100), ("千", 1000), ("万", 10_000)]))
def test_the_unit_left_out_at_the_end_is_the_next_smaller(first: int, second: int, unit: tuple[str, int]) -> None:
    value = first * unit[1] + second * unit[1] // 10
    assert read_numeral(DIGITS[first] + unit[0] + DIGITS[second]) == value  # 六千五
    assert read_numeral(f"{first}{unit[0]}{second}") == value


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 8), st.sampled_from([("十", 10), ("百", 100), ("千", 1000), ("万", 10_000)]))
def test_two_digits_side_by_side_are_a_range(first: int, unit: tuple[str, int]) -> None:
    spoken = DIGITS[first] + DIGITS[first + 1] + unit[0]
    assert read_numeral(spoken) == Range(first * unit[1], (first + 1) * unit[1])


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.sampled_from([("百", 100), ("千", 1000), ("万", 10_000)]))
def test_more_than_some_tens_of_a_unit_reach_to_the_next_ten(tens: int, unit: tuple[str, int]) -> None:
    spoken = ("" if tens == 1 else DIGITS[tens]) + "十"
    for number in (spoken, str(tens * 10)):
        found = [money.value for money in find_money(f"年薪{number}多{unit[0]}")]
        assert found == [Range(tens * 10 * unit[1], (tens * 10 + 10) * unit[1] - 1)]  # 二十多万


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 99), st.sampled_from(["过", "破", "上"]), st.sampled_from(["月入", "工资", "年薪"]))
def test_past_a_sum_is_a_lower_end_only_of_what_is_earned(sum_: int, past: str, cue: str) -> None:
    spoken = speak(sum_ * 1000)
    assert [money.value for money in find_money(f"{cue}{past}{spoken}")] == [Range(sum_ * 1000, None)]
    assert [money.value for money in find_money(f"住{past}{spoken}")] == [sum_ * 1000]


@settings(max_examples=300, deadline=None)
@given(st.dates(dt.date(2000, 1, 1), TODAY))
def test_paid_since_a_month_holds_the_months_since_each_of_its_days(day: dt.date) -> None:
    facts = read_facts(f"公积金从{day.year}年{day.month}月开始交的", today=TODAY).facts
    months = (TODAY.year - day.year) * 12 + TODAY.month - day.month - (TODAY.day < day.day)
    value = next(fact.value for fact in facts if fact.slug == "person.housing_fund_months")
    low, high = (value.low, value.high) if isinstance(value, Range) else (value, value)
    assert isinstance(low, (int, float)) and isinstance(high, (int, float))
    assert low <= max(0, months) <= high and high - low <= 1


@settings(max_examples=200, deadline=None)
@given(st.integers(1930, 2005), st.booleans())
def test_the_birthday_decides_between_the_two_ages_of_a_year(year: int, over: bool) -> None:
    said = "生日已经过了" if over else "今年生日还没过"
    facts = read_facts(f"我{year}年出生,{said}", today=TODAY).facts
    assert birthday_over(said) is over
    assert [fact.value for fact in facts] == [TODAY.year - year - (not over)]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_the_parsers_spelling_keeps_length_and_is_stable(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(10, 109))
def test_an_age_reads_back_however_it_is_said(age: int) -> None:
    for text in (
        f"我妈{age}岁了",
        f"我妈今年{age}岁",
        f"我妈{speak(age)}岁",
        f"我妈今年{speak(age).removeprefix('一') if age < 20 else speak(age)}岁",
    ):
        assert [found.value for found in find_ages(text, today=TODAY)] == [age], text


def _ordered(value: Any) -> bool:
    if not isinstance(value, Range):
        return True
    low: Any = value.low
    return low is None or value.high is None or low <= value.high


@settings(max_examples=800, deadline=None)
@given(TEXTS)
def test_no_text_breaks_a_parser(text: str) -> None:
    everything: tuple[Any, ...] = (
        *find_ages(text, today=TODAY),
        *find_dates(text, today=TODAY),
        *find_births(text, today=TODAY),
        *find_money(text),
        *read_facts(text, today=TODAY).facts,
    )
    for found in everything:
        assert 0 <= found.start < found.end <= len(text)
        assert _ordered(found.value)
    for duration in find_durations(text):
        assert 0 <= duration.start < duration.end <= len(text)
        assert _ordered(duration.months)
    people = find_people(text)
    assert all(0 <= person.start < person.end <= len(text) for person in people)
    subject_of(text, people)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["", "快", "不到", "将近", "刚满", "超过", "不足", "大概", "快要"]),
       st.sampled_from(["半", "一", "两", "三四", "十来", "几", "0"]),
       st.sampled_from(["天", "个星期", "个月", "个半月", "年", "年半"]),
       st.sampled_from(["", "多", "左右", "以上", "不到"]))
def test_a_hedged_stretch_of_time_is_in_order(before: str, number: str, unit: str, after: str) -> None:
    text = f"来了{before}{number}{unit}{after}了"
    for duration in find_durations(text):
        assert _ordered(duration.months)
        low = ends(duration.months)[0]
        assert low is None or low >= 0
    read_facts(text, today=TODAY)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(FACTS))
def test_no_reply_breaks_the_answers(text: str, fact: Any) -> None:
    answer = read_answer(fact, text, today=TODAY)
    if answer is not None:
        assert (answer.value is not None) == (answer.kind == "value")
        assert _ordered(answer.value)


@settings(max_examples=200, deadline=None)
@given(st.dates(dt.date(1910, 1, 1), TODAY))
def test_a_birth_reads_back_and_gives_the_age(born: dt.date) -> None:
    text = f"我{born.year}年{born.month}月{born.day}日出生"
    births = list(find_births(text, today=TODAY))
    assert [birth.value for birth in births] == [born]
    years = TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))
    assert age_from_birth(born, today=TODAY) == years
    assert span_of(births[0].value) == (born, born)


@pytest.mark.parametrize("animal", list("鼠牛虎兔龙蛇马羊猴鸡狗猪"))
def test_zodiac_ages_repeat_every_twelve_years(animal: str) -> None:
    ages = zodiac_ages(animal, today=TODAY)
    assert ages == tuple(sorted(ages))
    assert all(age + 12 in ages for age in ages if age + 12 <= 107)


@pytest.mark.parametrize(
    "piece",
    [
        "我",
        "一",
        "1",
        "万",
        "没",
        "有",
        "的",
        "我妈七十五了",
        "没有没有",
        "我和",
        "如果",
        "年",
        "一二",
        "1.",
        "1,",
        "月租",
        "今年今年",
        "社保",
        "交了两年",
        "房",
        "名下",
        "户口",
        "居住证",
        "是是",
        "我俩带个娃",
        " ",
        ",",
        "零",
        "几",
        "大概",
        "1-",
        "一家",
        "带",
        "毕业",
        "一个月",
        "不清楚",
        "咋没有",
        "。",
        "也都",
        "母子俩",
        "隔壁",
        "社报",
        "每个月总共",
        "生日还没过",
        ",八十",
        "把房子",
        "租公租房",
        "从2022年7月开始交",
        "两个娃",
        "多万",
    ],
)
def test_twenty_thousand_characters_take_under_a_second(piece: str) -> None:
    text = (piece * (20_000 // len(piece)))[:20_000]
    start = time.process_time()
    read_facts(text, today=TODAY)
    for fact in FACTS[::8]:
        read_answer(fact, text, today=TODAY)
    assert time.process_time() - start < 1.0
    for parser in (find_durations, find_money):
        start = time.process_time()
        for _ in parser(text):
            pass
        assert time.process_time() - start < 1.0, parser
    for dated in (find_dates, find_births, find_ages):
        start = time.process_time()
        for _ in dated(text, today=TODAY):
            pass
        assert time.process_time() - start < 1.0, dated
    start = time.process_time()
    find_people(text)
    assert time.process_time() - start < 1.0
