"""What a resident of a test household says: each fact in one of the ways people say it, chosen by the household."""

from __future__ import annotations

import datetime as dt
import functools
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

import yaml

from knowledge.base import Snapshot
from knowledge.eligibility.values import Partial, Value
from knowledge.schema import Fact

_DIGITS = "零一二三四五六七八九"
_LEVELS = (("亿", 100_000_000), ("万", 10_000), ("千", 1000), ("百", 100), ("十", 10))
_RELATIVE = {0: "今年", 1: "去年", 2: "前年"}
_HAVE = re.compile(r"有没有|有[^，。？]*[吗？]")
_BE = re.compile(r"是不是|是[^，。？]*[吗？]")
#: Longer titles are not said with 是 or 的.
_SHORT_WORD = 4
#: Sums below this are said with their unit.
_FEW = 100
#: Ages of rules are multiples of this.
_RULES_GO_BY = 5


@functools.cache
def wordings() -> dict[str, Any]:
    """``wordings.yml``."""
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "wordings.yml").read_text(encoding="utf-8"))
    return read


def in_chinese(number: int) -> str:
    """68 → 六十八, 4500 → 四千五百, 100800 → 十万零八百."""
    text = _read(number)
    return text[1:] if text.startswith("一十") else text


def _read(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    name, size = next((name, size) for name, size in _LEVELS if number >= size)
    head, rest = divmod(number, size)
    if not rest:
        return _read(head) + name
    return _read(head) + name + ("零" if rest < size // 10 else "") + _read(rest)


def as_money(number: int) -> str:
    """4500 → 四千五, as sums are said; otherwise as ``in_chinese``."""
    text = in_chinese(number)
    short = re.fullmatch(r"(.*[千百万][一二三四五六七八九])[百十千]", text)
    return short.group(1) if short is not None and "零" not in text else text


def as_years(months: int) -> str:
    """38 → 三年零两个月, 36 → 三年, 6 → 半年."""
    years, rest = divmod(months, 12)
    said = "两" if years == 2 else in_chinese(years)
    if not years:
        return "半年" if rest == 6 else f"{_two(rest)}个月"
    if not rest:
        return f"{said}年"
    return f"{said}年半" if rest == 6 else f"{said}年零{_two(rest)}个月"


def _two(number: int) -> str:
    return "两" if number == 2 else in_chinese(number)


class Speaker:
    """Says the facts of one household, always in the same way for the same seed and question."""

    def __init__(self, seed: str, snapshot: Snapshot, day: dt.date, city: str) -> None:
        self._seed = seed
        self._snapshot = snapshot
        self._day = day
        self._city = city

    def _pick(self, choices: list[str], about: str) -> str:
        return str(random.Random(f"{self._seed}/{about}").choice(choices))

    def answer(self, slug: str, facts: Mapping[str, Value], question: str, *, own_words: bool) -> str:
        """The reply to ``question`` about ``slug``; one of not knowing where the household has no exact value of it.

        ``own_words``: the policy asks with a wording of its own, so that only plain yes or no surely fits it.
        """
        fact, value = self._snapshot.catalogue.facts[slug], facts.get(slug)
        if value is None or isinstance(value, Partial):
            return self._pick(wordings()["unknown"], slug)
        return self._said(fact, value, question, own_words)

    def _said(self, fact: Fact, value: Value, question: str, own_words: bool) -> str:
        if isinstance(value, bool):
            return self._yes_or_no(fact, value, question, own_words)
        if isinstance(value, dt.date):
            return self._pick(wordings()["dates"], fact.slug).format(**self._date(value))
        if fact.type == "choice":
            return self._choice(fact, value)
        assert isinstance(value, (int, float))
        number = int(value)
        choices = self._numbers(fact, number)
        return self._pick(choices, fact.slug).format(**_number(fact, number))

    def _yes_or_no(self, fact: Fact, value: bool, question: str, own_words: bool) -> str:
        form = "have" if _HAVE.search(question) else "be" if _BE.search(question) else "any"
        plain: list[str] = wordings()["yes" if value else "no"][form]
        special: list[str] = [] if own_words else wordings()["said"].get(fact.slug, {}).get(value, [])
        return self._pick(plain + special, fact.slug)

    def _choice(self, fact: Fact, value: Value) -> str:
        known = wordings()
        if fact.slug == "person.hukou_city":
            return self._pick(known["cities"], fact.slug).format(w=self.city_name(str(value)))
        if isinstance(fact.values, str):
            place = self._snapshot.gazetteer.district(str(value))
            assert place is not None, f"no name for {value}"
            return self._pick(known["districts"], fact.slug).format(w=self._pick([place.name, *place.aliases], "short"))
        option = next(option for option in fact.options if str(option.value) == str(value))
        words = [word for word in option.words if word not in known["not_answers"]]
        word = self._pick([option.title, option.title, *words], fact.slug)
        dressed = len(word) <= _SHORT_WORD and not word.startswith(("不", "没", "都", "是", "对"))
        return self._pick(known["choices"] if dressed else ["{w}"], f"{fact.slug} form").format(w=word)

    def _numbers(self, fact: Fact, number: int) -> list[str]:
        known = wordings()
        if fact.type == "months":
            return list(known["months"])
        if fact.type == "money":
            if not number:
                return list(known["money_none"]) if "income" in fact.slug else ["0"]
            if number < _FEW:
                return ["{n}元", "{c}块钱"]
            period = known["money_year" if fact.slug.endswith("_year") else "money_month"]
            return [*known["money"], *period]
        exact = {0: "zero", 1: "one"}.get(number, "")
        special = known["numbers"].get(f"{fact.slug}.{exact}")
        choices = list(special if special is not None else known["numbers"][fact.slug])
        # 满六十了 may be said at 63: rules go by such ages.
        return choices + known["numbers"].get(f"{fact.slug}.between_rules", []) if number % _RULES_GO_BY else choices

    def _date(self, day: dt.date) -> dict[str, Any]:
        ago = self._day.year - day.year
        return {
            "year": day.year, "month": day.month, "day": day.day, "cmonth": in_chinese(day.month),
            "cday": in_chinese(day.day), "cyear": "".join(_DIGITS[int(digit)] for digit in str(day.year)),
            "relative": _RELATIVE.get(ago, f"{day.year}年"),
        }

    def city_name(self, code: str) -> str:
        """What people call the city ``code``."""
        return str(wordings()["city_names"][code])

    def tell(self, slug: str, value: Value, *, of_child: bool = False) -> Optional[str]:
        """The fact (of the speaker or the child) in a sentence of its own; None where nobody would say it unasked."""
        fact, told = self._snapshot.catalogue.facts[slug], wordings()["told"]
        key = f"{slug}.{str(value).lower()}" if isinstance(value, bool) else f"{slug}.{value}"
        choices = told.get(slug, told.get(key))
        if choices is None or isinstance(value, Partial) or (fact.type == "money" and not value):
            return None
        if isinstance(value, dt.date):
            fill = self._date(value)
        elif slug == "person.hukou_city":
            fill = {"w": self.city_name(str(value))}
        elif fact.options and slug in told:
            fill = {"w": next(option.title for option in fact.options if str(option.value) == str(value))}
        elif isinstance(value, bool) or fact.type == "choice":
            fill = {"city": wordings()["city_names"].get(self._city, "本地")}
        else:
            assert isinstance(value, (int, float))
            fill = _number(fact, int(value))
        said = self._pick(choices, f"told {slug}").format(**fill)
        for own, of_theirs in wordings()["told_of_child"].items() if of_child else ():
            if said.startswith(own):
                return str(of_theirs) + said.removeprefix(own)
        return said

    def open(self, what: str, told: list[str]) -> str:
        """The first sentence: the question about ``what``, after what is ``told`` with it."""
        opening = self._pick(wordings()["openings"], "opening").format(what=what)
        if not told:
            return opening
        return self._pick(wordings()["openings_told"], "told").format(told="，".join(told), opening=opening)


def _number(fact: Fact, number: int) -> dict[str, Any]:
    said = as_money(number) if fact.type == "money" else in_chinese(number)
    if fact.slug in ("household.size", "household.years_since_home_transfer", "person.years_since_graduation"):
        said = _two(number)
    fill: dict[str, Any] = {"n": number, "c": said}
    if fact.type == "months":
        fill.update(m=number, cm=_two(number), y=as_years(number))
    return fill

