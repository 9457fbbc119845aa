"""The value of a fact in words, the same in the chat and on a receipt's sheet: 75岁, 成都, 40000到50000元."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from knowledge.eligibility.engine import chinese_day
from knowledge.eligibility.values import OneOf, Range, Value
from knowledge.places import Gazetteer
from knowledge.receipt_digits import ELSEWHERE
from knowledge.regions import city_name
from knowledge.schema import Fact, Region

#: So many options that are ruled out are named instead of those that are left.
_FEW = 2
#: From so many cities of one province on, the province says more than their names.
_MANY_CITIES = 4


class Places(Protocol):
    """As much of the knowledge base as places are named by; a Snapshot is one."""

    @property
    def regions(self) -> Mapping[str, Region]: ...

    @property
    def gazetteer(self) -> Gazetteer: ...


def value_in_words(fact: Fact, value: Value, base: Places) -> str:
    """The value alone, with its unit; of a yes or no what was told by it (在本地没有工作), where that has words."""
    if isinstance(value, bool):
        return fact.told.get("true" if value else "false") or ("是" if value else "不是")
    if isinstance(value, Range):
        return _range_in_words(fact, value)
    if isinstance(value, OneOf):
        return _one_of_in_words(fact, value, base)
    if fact.type == "choice":
        return _choice_in_words(fact, value, base)
    return f"{_plain(value)}{_unit(fact)}"


def place_name(code: str, base: Places) -> str:
    """成都; 江宁区; 外地: a place by its adcode, be it served or not."""
    if code == ELSEWHERE:
        return "外地"
    region = base.regions.get(code)
    if region is not None:
        return region.short
    return base.gazetteer.district_name(code) or city_name(code) or f"外地（代码{code}）"


def _unit(fact: Fact) -> str:
    return fact.unit or ("元" if fact.type == "money" else "")


def _range_in_words(fact: Fact, value: Range) -> str:
    unit = _unit(fact)
    if value.low is None and value.high is None:
        return "说不准"
    if value.high is None:
        return f"{_plain(value.low)}{unit}或更{'晚' if fact.type == 'date' else '多'}"
    if value.low is None:
        return f"{_plain(value.high)}{unit}或更{'早' if fact.type == 'date' else '少'}"
    return f"{_plain(value.low)}到{_plain(value.high)}{unit}"


def _one_of_in_words(fact: Fact, value: OneOf, base: Places) -> str:
    if isinstance(fact.values, tuple):
        out = [one for one in fact.values if one not in value.values]
        if len(out) <= _FEW < len(value.values) and "none" not in out:
            return f"不是{'、'.join(_choice_in_words(fact, one, base) for one in out)}"
        return "或".join(_choice_in_words(fact, one, base) for one in fact.values if one in value.values)
    codes = sorted(str(one) for one in value.values if one != ELSEWHERE)
    provinces = {f"{code[:2]}0000" for code in codes}
    province = base.regions.get(next(iter(provinces))) if len(provinces) == 1 else None
    if province is None or len(codes) < _MANY_CITIES:
        return "或".join(place_name(str(one), base) for one in sorted(value.values, key=str))
    if ELSEWHERE in value.values:
        return f"外地（也可能是{province.short}别的城市）"
    return f"{province.short}（没有说是哪个城市）"


def _choice_in_words(fact: Fact, value: Value, base: Places) -> str:
    for option in fact.options:
        if option.value == value:
            return option.title
    return place_name(str(value), base)


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return chinese_day(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
