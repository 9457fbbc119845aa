"""Days and births: 2025年3月, 25年3月生, 去年九月, 三个月大, 一岁半, 上个月底, 刚出生. A day, or a Range of days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Iterator, Optional, Union

from bot.nlu.parsers.numbers import NUMERAL, read_numeral
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

Days = Union[dt.date, Range]
_DIGIT = {d: str(i) for i, d in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}

_YEAR = (
    r"(?:(?P<year>(?:19|20)\d\d|(?<!\d)\d\d|(?:一九|二零|二〇)[零〇一二三四五六七八九]{2}"
    r"|[零〇一二三四五六七八九]{2})年|(?P<rel>今年|去年|前年|大前年|上年))"
)
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?P<part>份|底|初|中旬|上旬|下旬|中|末)?"
_DAY = (
    r"(?P<day>3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?"
    r"|十[一二三四五六七八九]?|初?[一二三四五六七八九])(?:日|号)"
)
_DATE = Spotter(
    rf"(?P<iso>(?<!\d)(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])(?:[-/.](?:3[01]|[12]\d|0?[1-9]))?(?!\d))"
    rf"|(?P<packed>(?<!\d)(?:19|20)\d\d(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d))"
    rf"|{_YEAR}(?:的?{_MONTH}(?:{_DAY})?|的?(?P<festival>国庆|元旦|五一|六一|圣诞)|(?P<season>年?(?:底|初|中|上半年"
    rf"|下半年)))?"
    rf"|(?P<lastmonth>上个月|上月|这个月|本月|上上个月)(?:(?P<mpart>底|初|中旬|上旬|下旬|中|末)|(?P<mday>3[01]"
    rf"|[12]?\d|[一二三]?十[一二三四五六七八九]?"
    rf"|[一二三四五六七八九])(?:日|号))?"
    rf"|(?P<near>今天|昨天|前天|大前天|昨晚|今早|上周|上个?星期|上个?礼拜|这周|前几天|这几天|前两天)"
    rf"|(?P<ago>半|{NUMERAL})(?P<agounit>年|个?多?月|天|周|个?星期)(?:多)?之?以?前"
    rf"|(?<![年\d])(?P<onlymonth>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?(?:(?P<onlyday>3[01]|[12]\d|[1-9]"
    rf"|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?:日|号))?"
)
_FESTIVALS = {
    "国庆": ((10, 1), (10, 7)),
    "元旦": ((1, 1), (1, 1)),
    "五一": ((5, 1), (5, 5)),
    "六一": ((6, 1), (6, 1)),
    "圣诞": ((12, 24), (12, 25)),
}
_NEAR = {
    "今天": (0, 0),
    "今早": (0, 0),
    "昨天": (1, 1),
    "昨晚": (1, 1),
    "前天": (2, 2),
    "大前天": (3, 3),
    "前几天": (7, 2),
    "前两天": (3, 1),
    "这几天": (4, 0),
    "这周": (6, 0),
}


@dataclass(frozen=True)
class Dated:
    """A day or a Range of days said at ``text[start:end]``."""

    value: Days
    start: int
    end: int


def days(low: dt.date, high: dt.date) -> Days:
    """A Range of days, or the one day where both ends meet."""
    return low if low == high else Range(low, high)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later or earlier, or the month's last day; clamped to years 1 to 9999."""
    index = min(max(day.year * 12 + day.month - 1 + months, 12), 9999 * 12 + 11)
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def read_year(word: str, today: dt.date) -> Optional[int]:
    """A year of four or two digits, Arabic or Chinese; two digits never lie after this year."""
    digits = "".join(_DIGIT.get(ch, ch) for ch in word)
    if not digits.isdigit():
        return None
    if len(digits) == 4:
        return int(digits)
    short = int(digits)
    century = today.year // 100 * 100
    return century + short if short <= today.year % 100 else century - 100 + short


def _number(word: Optional[str]) -> Optional[int]:
    if not word:
        return None
    value = read_numeral(word.removeprefix("初"))
    return value if isinstance(value, int) else None


def _month(year: int, month: int, part: Optional[str]) -> Days:
    last = calendar.monthrange(year, month)[1]
    first_day, last_day = {
        "底": (21, last),
        "末": (21, last),
        "下旬": (21, last),
        "初": (1, 10),
        "上旬": (1, 10),
        "中旬": (11, 20),
        "中": (11, 20),
    }.get(part or "", (1, last))
    return Range(dt.date(year, month, first_day), dt.date(year, month, last_day))


def _day(year: int, month: int, day: int) -> Optional[dt.date]:
    if not 1 <= year <= 9998 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return dt.date(year, month, day)


def _season(year: int, word: str) -> Days:
    first, last = {"底": (11, 12), "初": (1, 3), "中": (5, 8), "上半年": (1, 6), "下半年": (7, 12)}[
        word.removeprefix("年") if word != "年" else "中"
    ]
    return Range(dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1]))


def _ago(match: re.Match[str], today: dt.date) -> Optional[Days]:
    unit = match["agounit"]
    if match["ago"] == "半":
        return Range(add_months(today, -7), add_months(today, -5)) if unit == "年" else None
    count = read_numeral(match["ago"])
    if not isinstance(count, int) or count > 120:
        return None
    if unit == "年":
        return Range(add_months(today, -12 * count - 6), add_months(today, -12 * count + 6))
    if unit.endswith("月"):
        return Range(add_months(today, -count - 1), add_months(today, -count))
    span = count if unit == "天" else 7 * count
    return days(today - dt.timedelta(span + (0 if unit == "天" else 6)), today - dt.timedelta(span))


def _read(match: re.Match[str], today: dt.date) -> Optional[Days]:
    if match["iso"]:
        parts = [int(p) for p in re.split(r"[-/.]", match["iso"])]
        return _day(*parts) if len(parts) == 3 else _month(parts[0], parts[1], None)
    if match["packed"]:
        word = match["packed"]
        return _day(int(word[:4]), int(word[4:6]), int(word[6:]))
    if match["near"]:
        low, high = _NEAR.get(match["near"], (13, 5))
        return days(today - dt.timedelta(low), today - dt.timedelta(high))
    if match["ago"]:
        return _ago(match, today)
    if match["lastmonth"]:
        back = {"上上个月": 2, "上个月": 1, "上月": 1}.get(match["lastmonth"], 0)
        base = add_months(today.replace(day=1), -back)
        day = _number(match["mday"])
        return _day(base.year, base.month, day) if day else _month(base.year, base.month, match["mpart"])
    if match["onlymonth"]:
        month, day = _number(match["onlymonth"]), _number(match["onlyday"])
        if month is None:
            return None
        year = today.year if (month, day or 1) <= (today.month, today.day) else today.year - 1
        return _day(year, month, day) if day else _month(year, month, None)
    year_found = (
        today.year - {"今年": 0, "去年": 1, "上年": 1, "前年": 2, "大前年": 3}[match["rel"]]
        if match["rel"]
        else read_year(match["year"], today)
    )
    if year_found is None or not 1 <= year_found <= 9998:
        return None
    month = _number(match["month"])
    if month is None:
        if match["festival"]:
            first_day, last_day = _FESTIVALS[match["festival"]]
            return days(dt.date(year_found, *first_day), dt.date(year_found, *last_day))
        if match["season"]:
            return _season(year_found, match["season"])
        return Range(dt.date(year_found, 1, 1), dt.date(year_found, 12, 31))
    day = _number(match["day"])
    return _day(year_found, month, day) if day else _month(year_found, month, match["part"])


def find_dates(text: str, *, today: dt.date) -> Iterator[Dated]:
    """Days and months said in ``text``, in order. A bare 九月 is the last one that has begun."""
    for match in _DATE.finditer(text):
        value = _read(match, today)
        if value is not None:
            yield Dated(value, match.start(), match.end())


def span_of(value: Days) -> tuple[dt.date, dt.date]:
    """First and last day of ``value``, both known (as everything this module returns)."""
    if isinstance(value, Range):
        return value.low, value.high  # type: ignore[return-value]
    return value, value


# --- births ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Birth(Dated):
    """When somebody was born; ``baby``: said as a small child's age (三个月大, 刚出生)."""

    baby: bool = False


_BORN = re.compile(
    r"(?:份)?(?:的时候|的|就|才|刚|刚刚|那天|顺产|剖腹产|在[^,，。\s]{1,6}?)?(?:生日(?!还|没|过|快|到|都)|生人|生下|(?<=[月日号年])养(?=的|了)|生(?!活|日|孩子没|育|病"
    r"|效|意|产能)|出生|出世|落地|出身)(?:的|了)?(?:人)?"
)
_BIRTH_WORD = re.compile(
    r"(?:生于|出生于|出生在|出生(?:日期|年月|时间)?(?:是|为|:|：)?|生日(?:是|为)?|出身(?:日期)?)的?\Z"
)
_DAY_OF = re.compile(
    r"的(?!房|小区|楼|车|合同|社保|老[^人]|文件|政策|标准|补贴|规定|时候|工资|租|事|那|毕业|应届|硕士|本科|新|证|钱"
    r"|公积金|收入|医保|户口|保险)"
)
#: 娃是去年的: but 今年的体检, 去年的事.
_OF_NOTHING_ELSE = re.compile(r"的(?:[,，。;；!！?？\s]|\Z|了|娃|宝)")
_LEFT_OF_YEAR = re.compile(
    r"(?:\A|[,，。;；!！?？、\s]|[我妈爸娘爹他她俺咱们婆公爷奶姐哥弟妹伴崽娃儿子孩宝女人]|是|属|都是|生|汉儿)\Z"
)
_DATE_TAIL = re.compile(r"以前|之前|前|以后|之后|后|起|以来")
_COUNT = r"(?:\d{1,2}|十[一二]?|二?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_BABY = Spotter(
    rf"(?<![\d一二三四五六七八九十百])(?P<y>{_COUNT})(?:周?岁)(?:(?P<half>半)|(?:零|又|多)?(?P<ym>{_COUNT})个多?月)"
    rf"|(?:(?<=老[大二三四])|(?<![怀孕胎零年\d一二三四五六七八九十百]))(?P<m>{_COUNT})(?P<mhalf>个半|个多|多个|来个|个)月(?P<big>大(?!概|约|致|头|多)|的(?=娃|宝|孩|小|崽|囡)"
    rf"|的(?=[,，。\s]|\Z)|了|(?=[,，。\s]"
    rf"|\Z|没|还))"
    rf"|(?P<d>\d{{1,3}}|[一二两三四五六七八九十]{{1,3}})天大"
    rf"|(?P<new>刚刚?出生|才出生|刚出世|刚刚?生(?:下来|的|了|完|娃|宝|孩|崽|$)|新生儿)(?:才?(?P<nd>\d{{1,2}}"
    rf"|[一二两三四五六七八九十]{{1,3}})天)?"
    r"|(?P<full>(?:还没|没|未|不到)满月|不到一个月|(?:还没|没)出月子|刚?满月(?!嫂)|刚出月子|刚?满?百天|百日)"
)
_CHILD_NEAR = re.compile(
    r"(?:娃儿|娃娃|娃|宝宝|宝贝|宝|孩子|小孩|儿子|女儿|闺女|崽崽|崽|囡|孙子|孙女|外孙|小家伙|小的|老二|老大|他"
    r"|她)(?:现在|今年|才|刚满|刚|已经|快|马上|都|也|有|是|大概|差不多|就){0,8}\Z"
)
_PREGNANT = Spotter(r"怀(?![疑念抱里旧表柔化])|孕|预产|肚子里|胎")


def born_between(low: int, high: int, today: dt.date) -> Days:
    """The days on which somebody was born whose full months of age today lie between ``low`` and ``high``."""
    return Range(add_months(today, -high - 1) + dt.timedelta(1), add_months(today, -low))


def _baby(match: re.Match[str], text: str, today: dt.date) -> Optional[Days]:
    if match["y"]:
        years = _number(match["y"])
        if years is None or years > 17:
            return None
        if match["half"]:
            return born_between(years * 12 + 5, years * 12 + 7, today)  # 一岁半 is said of 17 to 19 months
        months = _number(match["ym"])
        return None if months is None or months > 11 else born_between(years * 12 + months, years * 12 + months, today)
    if match["m"]:
        near = _CHILD_NEAR.search(text[max(0, match.start() - 12) : match.start()])
        if not (
            match["big"] in ("大",)
            or (match["big"] == "的" and text[match.end() : match.end() + 1] in ("娃", "宝", "孩", "小", "崽", "囡"))
            or near
        ):
            return None
        months = _number(match["m"])
        return None if months is None or months > 36 else born_between(months, months, today)
    if match["d"] or match["nd"]:
        count = _number(match["d"] or match["nd"])
        return None if count is None else days(today - dt.timedelta(count + 1), today - dt.timedelta(count))
    if match["new"]:
        return Range(today - dt.timedelta(31), today)
    if match["full"].startswith(("还没", "没", "未", "不到")):
        return Range(today - dt.timedelta(31), today)
    if "百" in match["full"]:
        return Range(today - dt.timedelta(110), today - dt.timedelta(95))
    return Range(today - dt.timedelta(45), today - dt.timedelta(28))


def find_births(text: str, *, today: dt.date) -> Iterator[Birth]:
    """Births said in ``text``: with 生, as "85年3月的", or as a small child's age in months."""
    for match in () if _PREGNANT.search(text) else _BABY.finditer(text):
        value = _baby(match, text, today)
        if value is not None:
            yield Birth(value, match.start(), match.end(), baby=True)
    for found in find_dates(text, today=today):
        low, high = span_of(found.value)
        if low > today:
            continue
        value = days(low, min(high, today))
        born = _BORN.match(text, found.end)
        told = _BIRTH_WORD.search(text[max(0, found.start - 8) : found.start])
        if born or told:
            end = born.end() if born else found.end
            start = found.start - len(told.group()) if told else found.start
            if not _DATE_TAIL.match(text, end):  # 2025年出生以后 is a rule, no birth
                yield Birth(value, start, end)
        elif (
            _DAY_OF.match(text, found.end)
            and not (text[found.start] in "今去前上" and not _OF_NOTHING_ELSE.match(text, found.end))
            and "年" in text[found.start : found.end]
            and _LEFT_OF_YEAR.search(text[max(0, found.start - 2) : found.start])
        ):
            yield Birth(value, found.start, found.end + 1)
