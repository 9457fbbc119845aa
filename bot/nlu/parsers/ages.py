"""Ages: 七十三了, 今年68, 七十来岁, 刚满六十, 奔八十, 年过六旬, 花甲, 虚岁75, 属虎. Whole years, or a Range."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Iterator, Optional, Union

from bot.nlu.parsers import age_words as words
from bot.nlu.parsers.age_words import OLDEST
from bot.nlu.parsers.dates import Days, span_of
from bot.nlu.parsers.numbers import ends, read_numeral, whole
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

Age = Union[int, Range]


@dataclass(frozen=True)
class FoundAge:
    """An age at ``text[start:end]``. ``strong``: said as somebody's own (今年…, …了), not as a rule."""

    value: Age
    start: int
    end: int
    strong: bool


def _number(word: Optional[str], inside: Optional[str] = None) -> Optional[Age]:
    if not word:
        return None
    value = read_numeral(word)
    if value is None or isinstance(value, float):
        return None
    if isinstance(value, Range):
        return value
    if inside and value % 10 == 0:
        low, high = {"多": (0, 9), "几": (1, 9), "来": (-3, 3), "好几": (5, 9), "大几": (6, 9)}[inside]
        return Range(value + low, value + high)
    return value


def _ends(value: Age) -> tuple[int, int]:
    low, high = ends(value)
    return int(low or 0), OLDEST if high is None else int(high)


def _hedged(value: Age, hedge: str, after: str) -> Optional[Age]:
    low, high = _ends(value)
    if hedge.startswith("虚"):
        return whole(low - 2, high - 1)
    if hedge in ("不到", "未满", "不满", "没满", "没到", "还没到", "还没满"):
        return whole(None, high - 1)
    if hedge in ("快要", "快要满", "快到", "快满", "快", "将近", "接近", "年近"):
        return whole(max(0, low - (3 if low % 10 == 0 and hedge == "年近" else 2)), high - 1)
    if hedge != "过了" and hedge.startswith(
        ("马上", "即将", "就要", "要满", "该满", "明年", "下", "年底", "过", "翻年", "再有", "再过", "还有",
         "有半", "有大半")
    ):
        return whole(low - 1, high - 1)
    if hedge in ("年满", "已满", "满", "满了", "过了", "至少", "年过") and not isinstance(value, Range):
        return whole(low, low + 9) if hedge in ("年过", "过了") and low % 10 == 0 else Range(low, None)
    if hedge == "超过":
        return Range(low + 1, None)
    if after in ("以上", "及以上"):
        return Range(low, None)
    if after in ("以下", "及以下", "以内"):
        return Range(None, high)
    if after == "不到":
        return whole(None, high - 1)
    if after in ("出头", "冒头", "挂零"):
        return whole(low, low + 3)
    if after == "开外":
        return whole(low + 1, low + 9)
    if after.startswith("多") and low % 10 == 0:
        return whole(low, high + 9)
    if (
        after in ("左右", "上下", "样子", "的样子") or hedge in ("大概", "差不多", "大约", "约", "可能")
    ) and low == high:
        return whole(low - 2, high + 2)
    return value


def _read(match: re.Match[str], *, hedge: Optional[str] = None) -> Optional[Age]:
    groups = match.re.groupindex
    value = _number(match["num"], match["inside"] if "inside" in groups else None)
    if value is None:
        return None
    if "until" in groups and match["until"]:
        end = _number(match["until"])
        if end is None:
            return None
        low, high = _ends(value)[0], _ends(end)[1]
        return whole(low, high)
    said = hedge or (match["hedge"] if "hedge" in groups else "") or ""
    after = (match["after"] if "after" in groups else "") or ""
    if "unit" in groups and match["unit"] == "虚岁":
        said = "虚"
    return _hedged(value, said, after)


def _sane(value: Optional[Age]) -> bool:
    if value is None:
        return False
    low, high = _ends(value)
    return 0 <= low <= OLDEST and high <= OLDEST


def _at_least(word: str, age: int) -> bool:
    value = _number(word)
    return value is not None and _ends(value)[0] >= age


def _candidates(text: str) -> Iterator[tuple[Optional[Age], int, int, bool]]:
    for match in words.SHORT_OF.finditer(text):
        aim = _number(match["num"])
        if isinstance(aim, int):
            yield aim - 1, match.start("num"), match.end(), True
    for match in words.MONTHS_TO.finditer(text):
        aim = _number(match["num"])
        if isinstance(aim, int) and aim >= 18:
            yield aim - 1, match.start(), match.end(), True
    for match in words.TENS_AND.finditer(text):
        tens, ones = _number(match["tens"]), _number(match["ones"])
        if isinstance(tens, int) and isinstance(ones, int):
            yield tens + ones, match.start(), match.end(), True
    for match in words.UNTIL.finditer(text):
        aim, more = _number(match["num"]), _number(match["more"])
        if isinstance(aim, int) and isinstance(more, int):
            yield aim - more, match.start(), match.end(), True
    for match in words.WITH_UNIT.finditer(text):
        if match["when"] in (None, "半") and not words.THEN.match(text, match.end()):
            adv = match["adv"] in ("今年", "现年", "已经", "都", "马上就", "眼看", "今天")
            own = (
                bool(match["le"])
                or adv
                or bool(match["hedge"] and match["hedge"].startswith(("虚", "快", "刚", "马上")))
            )
            own = (
                own
                or match["after"] in ("出头", "冒头")
                or match["inside"] in ("来", "好几", "大几")
                or (match["unit"] == "虚岁")
            )
            yield _read(match), match.start(), match.end(), own
    for match in words.WITH_LE.finditer(text):
        old = re.search(r"都|已经", match["adv"]) and _at_least(match["num"], 50)
        if old or "今年" in match["adv"] or words.LEFT.search(text[max(0, match.start() - 3) : match.start()]):
            yield _read(match), match.start(), match.end(), True
    for match in words.LOOSE.finditer(text):
        if words.LEFT.search(text[max(0, match.start() - 3) : match.start()]):
            yield _read(match), match.start(), match.end(), True
    for match in words.THIS_YEAR.finditer(text):
        word = match.group()[:2]
        rule = word in ("年满", "已满") or (word == "周岁")
        yield (
            _read(
                match,
                hedge=word
                if word in ("虚岁", "年满", "已满", "年近", "年过", "明年", "下个", "下月", "年底")
                else None,
            ),
            match.start(),
            match.end(),
            not rule,
        )
    for match in words.AFTER_PERSON.finditer(text):
        if match["who"]:
            yield _read(match), match.start("num"), match.end(), True
    for match in words.BEFORE_KIND.finditer(text):
        if words.LEFT.search(text[max(0, match.start() - 3) : match.start()]) and _at_least(match["num"], 16):
            yield _read(match), match.start(), match.end(), False
    for match in words.AFTER_KIND.finditer(text):
        if _at_least(match["num"], 16):
            yield _read(match), match.start("num"), match.end(), False
    for match in words.ALONE.finditer(text):
        lead = text[max(0, match.start() - 30) : match.start()]
        if words.SOMEBODY.search(lead) and not words.COUNTED_BEFORE.search(lead):
            yield _read(match), match.start(), match.end(), True
    for match in words.TOWARDS.finditer(text):
        word = match["num"]
        aim = _number(word if len(word) > 1 else word + "十")
        if isinstance(aim, int):
            yield Range(aim - 3, aim - 1), match.start(), match.end(), True
    for match in words.DECADE.finditer(text):
        ten = _number(match["ten"] + "十")
        if isinstance(ten, int):
            near = match["past"] in ("年近", "近", "将近", "快")
            yield (
                (Range(ten - 3, ten - 1) if near else Range(ten, ten + 9)),
                match.start(),
                match.end(),
                bool(match["past"]),
            )
    for match in words.NAMED.finditer(text):
        low, high = words.NAMES[match["name"]]
        near = match["past"] in ("年近", "将近", "快到", "快")
        yield (Range(low - 3, low - 1) if near else whole(low, high)), match.start(), match.end(), bool(match["past"])


def _between_ages(before: str, value: Age) -> bool:
    """Whether the number behind ``before`` is the difference of two ages."""
    small = _ends(value)[0] <= words.LARGEST_DIFFERENCE
    return words.DIFFERENCE.search(before) is not None and (small or "比" in before)


_YEARS_APART = Spotter(r"[\d一二两三四五六七八九十几]{1,3}[岁年][的了啊呢吧]?\Z")


def is_difference(text: str) -> bool:
    """Whether ``text`` ends in years between two ages and nothing else: 身份证小五岁, 早两年."""
    said = _YEARS_APART.search(text)
    return said is not None and words.DIFFERENCE.search(text[: said.start()][-12:]) is not None


def find_ages(text: str, *, today: dt.date) -> list[FoundAge]:
    """Ages said in ``text``, in order, longest reading first where two overlap.

    Ages that follow from a birth ("85年的") are not here: see ``dates.find_births`` and ``age_from_birth``.
    A zodiac sign narrows a loose age ("五十多属虎") but gives none alone.
    """
    found: list[FoundAge] = []
    for value, start, end, strong in _candidates(text):
        if value is None or not _sane(value) or words.NOT_AN_AGE.search(text[max(0, start - 3) : start]):
            continue
        if not text[start:end].startswith(("差", "还差")) and _between_ages(text[max(0, start - 12) : start], value):
            continue
        found.append(FoundAge(value, start, end, strong))
    for match in words.COHORT.finditer(text):
        word = "".join(
            {"零": "0", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}.get(ch, ch) for ch in match["num"]
        )
        year = 1900 + int(word) if int(word) >= 50 else 2000 + int(word)
        span = Range(today.year - (year + 9) - 1, today.year - year)
        found.append(FoundAge(span, match.start(), match.end(), False))
    found.sort(key=lambda age: (age.start - age.end, age.start))
    kept: list[FoundAge] = []
    taken: set[int] = set()
    for age in found:
        cells = range(age.start, age.end)
        if not taken.isdisjoint(cells):
            continue
        taken.update(cells)
        kept.append(age)
    kept.sort(key=lambda age: age.start)
    animal = words.ANIMAL.search(text)
    return [_narrow(age, animal, today) for age in kept] if animal else kept


def _narrow(age: FoundAge, animal: re.Match[str], today: dt.date) -> FoundAge:
    if not isinstance(age.value, Range):
        return age
    low, high = _ends(age.value)
    fits = [years for years in zodiac_ages(animal["animal"], today=today) if low <= years <= high]
    if not fits or fits[-1] - fits[0] > 1:
        return age
    value = fits[0] if fits[0] == fits[-1] else Range(fits[0], fits[-1])
    return FoundAge(value, age.start, age.end, age.strong)


def zodiac_ages(animal: str, *, today: dt.date) -> tuple[int, ...]:
    """All ages of 0 to 119 that a person of this sign may have today, rising.

    A sign's year begins between 21 January and 20 February, so each has two possible ages.
    """
    index = words.ZODIAC[animal[-1]]
    ages: set[int] = set()
    for year in range(today.year - OLDEST - 1, today.year + 1):
        if (year - 4) % 12 == index:
            first, last = dt.date(year, 1, 21), dt.date(year + 1, 2, 20)
            ages.update(
                years for years in (_full_years(last, today), _full_years(first, today)) if 0 <= years <= OLDEST
            )
    return tuple(sorted(ages))


def _full_years(born: dt.date, today: dt.date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def age_from_birth(born: Days, *, today: dt.date) -> Optional[Age]:
    """Full years today of somebody born then; None for a day to come."""
    first, last = span_of(born)
    if first > today:
        return None
    return whole(max(0, _full_years(last, today)), _full_years(first, today))
