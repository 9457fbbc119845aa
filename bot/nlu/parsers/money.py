"""Sums of money in yuan, with the period they are said for: 月租1500, 一年五万, 5k, 六千五一个月."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Literal, Optional

from bot.nlu.parsers.numbers import Number, ends, quantity, read_quantity
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

Period = Literal["month", "year", "day"]


@dataclass(frozen=True)
class Money:
    """A sum in yuan at ``text[start:end]``; ``period`` is None where nothing says it."""

    value: Number
    start: int
    end: int
    period: Optional[Period]
    #: A unit or a magnitude word was said: 块, 元, 万, k.
    marked: bool


_AMOUNT = Spotter(quantity(r"(?P<unit>块钱|块|元钱|元|圆|大洋|刀|人民币|RMB|rmb)?"))
_MAGNITUDE = re.compile(r"[百千万亿kKwW]")
# Such a word after a bare number means that it is no sum.
_OTHER_UNIT = re.compile(
    r"周岁|岁|个|人(?!民币|均)|口|平|方|㎡|m2|年(?!底|终)|月(?!薪|租)|日|号|天|次|楼|栋|路|点(?!钱)|级|类|分(?!期)"
    r"|套|室|厅|斤|里路|公里|公斤|号?线|层|倍|名(?!下)"
    r"|位|家(?!里|庭|人)|条|度|%|米|小时|顿|餐|多岁|来岁"
)
_CUE = Spotter(
    r"(?P<month>每个?月|一个?月|[一每]个号头|个月|月(?:薪|收入|租|入|均|供|工资)|/月|月(?!份|底|初)|工资|退休(?:金|工资)|养老金)"
    r"|(?P<year>每年|一年|年(?:薪|收入|入|均|总收入|租)|全年|/年|税前年|年(?=[\d一二两三四五六七八九十]))"
    r"|(?P<day>每天|一天|/天|日薪|天天)"
)
_BEHIND = re.compile(
    r"[,，]?(?:钱)?(?:(?P<month>(?:一个?|每个?|/|个|的)月|[一每]个号头)|(?P<year>(?:一|每|/|的)年)|(?P<day>(?:一|每|/)天))"
)
_LOOK_BACK = 12
#: What follows 一 where it counts the period and is no sum itself.
_A_PERIOD = re.compile(r"个?[月年]")


def _period(text: str, start: int, end: int) -> Optional[Period]:
    """The nearest cue: right behind the sum first, then the last one before it."""
    behind = _BEHIND.match(text, end)
    if behind:
        return behind.lastgroup  # type: ignore[return-value]
    found: Optional[Period] = None
    for cue in _CUE.finditer(text, max(0, start - _LOOK_BACK), start):
        found = cue.lastgroup  # type: ignore[assignment]
    return found


def find_money(text: str, *, bare: bool = False) -> Iterator[Money]:
    """Sums in ``text``. Numbers below 100 without a unit are no money unless ``bare``."""
    for match in _AMOUNT.finditer(text):
        value = read_quantity(match)
        if value is None:
            continue
        number = match["num"] + (match["until"] or "") + (match["big"] or "")
        marked = bool(match["unit"]) or bool(_MAGNITUDE.search(number))
        if not match["unit"] and _OTHER_UNIT.match(text, match.end()) and not _BEHIND.match(text, match.end()):
            continue
        if value == 1 and not marked and _A_PERIOD.match(text, match.end()):
            continue  # 一个月9000, 一年五万
        low, high = ends(value)
        most = low if high is None else high
        if not marked and not bare and (most is None or most < 100):
            continue
        yield Money(value, match.start(), match.end(), _period(text, match.start(), match.end()), marked)


def scale(value: Number, factor: float) -> Number:
    """``value`` × ``factor``, rounded to whole yuan; for turning months into years and back."""
    if not isinstance(value, Range):
        return round(value * factor)
    low, high = ends(value)
    return Range(None if low is None else round(low * factor), None if high is None else round(high * factor))
