"""How long: 三年零四个月, 半年, 两年多, 一年半, 交了十八个月. Values are full months, or a Range of them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Iterator, Optional, Union

from bot.nlu.parsers.dates import Dated
from bot.nlu.parsers.numbers import AFTER, BEFORE, NUMERAL, Number, between, ends, hedged, read_numeral
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

Months = Union[int, Range]


@dataclass(frozen=True)
class Duration:
    """A stretch of time in ``text[start:end]``; ``months`` are full months."""

    months: Months
    start: int
    end: int


_YEARS = (
    rf"(?P<years>大半|小半|半|好几|{NUMERAL})(?P<inside>多|来|好几)?个?年(?!级|龄|代|轻|纪|薪|底|初"
    rf"|的时候)(?P<half>半)?"
)
_REST = rf"(?:零|又|加|还?有)?(?P<rest>{NUMERAL})个?多?(?:月|号头)"
_MONTHS = rf"(?P<months>半|{NUMERAL})(?P<inside2>多|来)?个(?P<half2>半)?多?(?:月|号头)"
_DAYS = rf"(?P<days>{NUMERAL})(?:多|来)?(?P<dayunit>天|日|个?星期|个?礼拜|周(?!岁))"
_DURATION = Spotter(
    rf"(?P<before>{BEFORE})?(?<![\d.年])(?:{_YEARS}(?:{_REST})?|{_MONTHS}|{_DAYS}|(?P<loose>年把))(?P<after>{AFTER}"
    rf"|把)?(?P<ago>之?前|以前)?"
)
_GAP = Spotter(r"(?<!没)(?<!没有)(?<!不)(?<!未)(?:断(?:缴|交|档|保|供|了|过|开过)|中断|停(?:缴|交)|没接上)(?!过?没)")


def _loose(value: Optional[Number], scale: int) -> Optional[Number]:
    if value is None:
        return None
    if isinstance(value, Range):
        low, high = ends(value)
        return between(None if low is None else low * scale, None if high is None else high * scale)
    return int(value * scale)


def _years(match: re.Match[str]) -> Optional[Number]:
    word = match["years"]
    if word == "大半":
        return between(6, 11)
    if word == "好几":
        return between(36, 119)
    if word == "小半":
        return between(4, 5)
    value = read_numeral(word)
    if value is None or (not isinstance(value, Range) and value > 100) or (word.isdigit() and len(word) == 4):
        return None  # 2023年 is a year, not a duration
    if match["half"]:
        return _loose(value + 0.5, 12) if not isinstance(value, Range) else None
    if match["rest"]:
        rest = read_numeral(match["rest"])
        if rest is None or isinstance(rest, Range) or isinstance(value, Range) or rest > 24:
            return None
        return int(value * 12 + rest)
    if (match["inside"] or match["after"]) == "多" and not isinstance(value, Range):
        return between(int(value * 12), int(value * 12) + 11 if value >= 1 else 11)
    return _loose(hedged(word, inside=match["inside"]), 12)


def _months_of(match: re.Match[str]) -> Optional[Number]:
    if match["loose"]:
        return between(10, 15)
    if match["years"]:
        return _years(match)
    if match["months"]:
        if match["months"] == "半":
            return 0
        return hedged(match["months"], inside=match["inside2"])
    days = read_numeral(match["days"])
    if days is None or isinstance(days, Range):
        return None
    return int(days if match["dayunit"] in ("天", "日") else days * 7) // 30


def _bounded(value: Number, before: Optional[str], after: Optional[str]) -> Optional[Number]:
    """Apply 不到, 快, 满, 左右… to months already reckoned."""
    if isinstance(value, Range) or not value or (after == "多" and not before):
        return value  # 快半个月 is no full month either
    known = hedged(str(int(value)), before=before, after=None if after in ("多", "把") else after)
    if isinstance(known, Range) and known.low is None:
        return Range(0, max(0, known.high or 0))
    return known


def find_durations(text: str) -> Iterator[Duration]:
    """Every duration in ``text``, in order; points in time ("三年前") are left out."""
    for match in _DURATION.finditer(text):
        if match["ago"]:
            continue
        value = _months_of(match)
        value = None if value is None else _bounded(value, match["before"], match["after"])
        if value is not None:
            yield Duration(value if isinstance(value, Range) else int(value), match.start(), match.end())


_ONE = re.compile(r"(?:[一1]个?(?:月|年)|[一1]天)\Z")
_EACH = re.compile(
    r"(?:的话|里|到底|究竟|总共|一共|都|也|就|要|得|该|能|可以|可|最多|最高|最少|最低|至少|封顶|上限|顶格|大概|差不多|大约|只|才|是|给|公司|单位|个人|我){0,5}"
    r"(?:交纳|缴纳|缴存|交|缴|存|扣|付|补|领|提|取|花|到手)?(?:是|个|多|到|出|去)?"
    rf"(?:多少|好多|几[百千万块]|几多|{NUMERAL}(?!个?月|年|天|次|回|趟)|封顶|上限)"
)


def is_rate(text: str, duration: Duration) -> bool:
    """Whether the one month or year is what a sum is reckoned by: 公积金一个月封顶好多, 社保一个月交一千二."""
    said = text[duration.start : duration.end]
    return _ONE.match(said) is not None and _EACH.match(text, duration.end) is not None


def months_since(first: dt.date, last: dt.date, today: dt.date) -> Months:
    """Full months from a day between ``first`` and ``last`` to today; none where it is yet to come."""

    def full(day: dt.date) -> int:
        return max(0, (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day))

    low, high = full(last), full(first)
    return low if low == high else Range(low, high)


def of_another_year(text: str, day: Dated) -> bool:
    """二零二四年毕业，八月份开始交: a month without a year, told behind a year, is hardly last August."""
    if re.search(r"[年今去前上昨天]", text[day.start : day.end]):
        return False
    return re.search(r"[\d零〇一二三四五六七八九]年|[去前]年", text[: day.start]) is not None


def has_gap(text: str) -> bool:
    """Whether payments are said to have been interrupted (断缴过两个月)."""
    return _GAP.search(text) is not None
