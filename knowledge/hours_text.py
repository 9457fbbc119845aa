"""Reads opening hours as Chinese offices and canteens publish them into a ``Schedule``.

A small tokeniser and a reader that puts the tokens together; what is left over is an error, never
skipped, because a skipped 不 or 休 would send somebody to a closed door.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal, NoReturn, Optional

from knowledge.hours_model import (
    DAY_MINUTES,
    WEEKDAY_NAMES,
    Dates,
    Day,
    Group,
    HoursError,
    Schedule,
    Season,
    Span,
)

MAX_LENGTH = 300
EXAMPLE = "请照这样写：周一至周五 9:00-12:00、13:30-17:30（法定节假日除外）"

_DIGITS = "零一二三四五六七八九"
_WEEKDAYS = {name: index for index, name in enumerate(WEEKDAY_NAMES)} | {"天": 6}

#: Time of day that a word speaks of, so that 下午2:00 is 14:00.
_PERIODS = {
    "凌晨": "night", "清晨": "am", "早晨": "am", "早上": "am", "上午": "am", "早": "am",
    "中午": "noon", "午间": "noon", "午": "noon", "中": "noon",
    "下午": "pm", "傍晚": "pm", "晚上": "pm", "晚间": "pm", "夜间": "pm", "晚": "pm",
}  # fmt: skip
_MEALS = {"早": "早餐", "午": "午餐", "中": "午餐", "晚": "晚餐"}

_DASH = r"(?:\s*(?:-|至|到)\s*)"
_PERIOD = "(?:凌晨|清晨|早晨|早上|上午|中午|午间|下午|傍晚|晚上|晚间|夜间|[早午晚])"
_TIME = (
    rf"(?:{_PERIOD}\s*)?"
    r"\d{1,2}(?::\d{2}(?::00)?(?!\d)|点(?:半|[123]刻|钟|整|\d{1,2}分?)?|时(?![间刻])(?:半|整|\d{1,2}分?)?)"
)
_NEXT_DAY = "(?:次日|第二天|翌日|隔天)"
_SUMMER = "夏令时|夏时制|夏季作息|夏季|夏天"
_WINTER = "冬令时|冬时制|冬季作息|冬季|冬天"
_INSET = rf"(?:\((?:{_SUMMER}|{_WINTER})为?{_TIME}\))?"
_WD = "[一二三四五六日天]"
_WEEK = "(?:每周|逢周|周|每?星期|每?礼拜)"
_MONTH_DAY = r"\d{1,2}月(?:\d{1,2}[日号])?"
_HOLIDAY = "(?:国家)?(?:法定|国定)?的?(?:节假日|假日|节日|假期)"
_CLOSED = "(?:休息|闭馆|休馆|闭店|店休|不营业|不开放|不办公|不上班|不接待|停业|停止服务|关闭|关门|放假|除外|休)"
_USUAL = "(?:照常|正常|不休息|不休|无休|不打烊|不放假|也)(?:营业|开放|办公|上班|服务)?"

_TOKENS = [(name, re.compile(pattern)) for name, pattern in (
    ("span", rf"{_TIME}{_INSET}{_DASH}{_NEXT_DAY}?{_TIME}{_INSET}"),
    ("from", rf"{_TIME}\s*(?:起|开始|以后|之后|后)"),
    ("until", rf"(?:最晚|最迟|截止|截至)?(?:到|至){_NEXT_DAY}?{_TIME}(?:止|结束|为止)?"),
    ("dates", rf"{_MONTH_DAY}{_DASH}(?:次年|翌年|来年)?{_MONTH_DAY}"),
    ("allday", r"(?:全天候?(?:24小时)?|24小时|昼夜|0?0:00-24:00)"),
    ("filler", "(?:中午|午间)(?:照常|不休息|不休|不打烊)|不间断|不午休"),
    ("holiday_off", rf"除{_HOLIDAY}(?:外|以外|之外)|{_HOLIDAY}(?:均|都|及.{{0,2}})?{_CLOSED}"),
    ("holiday_open", rf"(?:含|包括){_HOLIDAY}|{_HOLIDAY}(?:均|都)?{_USUAL}"),
    ("except", rf"除{_WEEK}{_WD}(?:外|以外|之外)?"),
    ("every", "全年无休|全年|周一至周日|每天|每日|天天|全周|整周|一周七天"),
    ("working", "(?:法定)?工作日|上班日"),
    ("weekend", "周末|双休日|周六日|休息日|公休日"),
    ("holiday", _HOLIDAY),
    ("days", rf"{_WEEK}{_WD}(?:{_DASH}(?:周|星期|礼拜)?{_WD}|{_WD}{{1,6}}|(?:[、,和及与]{_WD}(?![点时]))+)?"),
    ("summer", _SUMMER),
    ("winter", _WINTER),
    ("unknown", "(?:具体)?(?:时刻|时间)(?:未载|不详|未定|待定|未公布|以.{0,6}公告为准)"),
    ("closed", _CLOSED),
    ("label", "早餐|午餐|中餐|晚餐|早市|午市|晚市|早饭|午饭|中饭|晚饭|一日三餐|三餐|" + _PERIOD),
    ("filler", "(?:营业|开放|服务|办公|受理|接待|工作|上班|供餐|就餐|用餐|咨询)?时间"),
    ("filler", "对外|营业|开放|接听|办公|供应|供餐|就餐|用餐|堂食|服务|接待|受理|咨询|上班|均为|[均为是:]"),
    ("separator", r"以及|[;,、。/及和与\s]"),
)]  # fmt: skip

_EVERY: frozenset[Day] = frozenset({"every"})
_EVERY_AND_HOLIDAY: frozenset[Day] = frozenset({"every", "holiday"})

#: A bracket with none of these says nothing about when it is open and is kept as a note.
_TELLING = re.compile(r"\d\s*[:点时]|休|停|关|闭|除|节|假|周|星期|仅|只|不|无|[早午晚]")
_SINCE = re.compile(r"\d{4}(?:[-年./]\d{1,2}){0,2}[月日]*起(?:执行|实行|试行)?")


def _fail(reason: str) -> NoReturn:
    raise HoursError(f"{reason}。{EXAMPLE}")


def _chinese_number(match: re.Match[str]) -> str:
    word = match.group(0).replace("两", "二")
    if "十" not in word:
        return "".join(str(_DIGITS.index(char)) for char in word)
    tens, _, ones = word.partition("十")
    return str((_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0))


def normalise(text: str) -> str:
    """One form for digits, dashes, brackets and Chinese numerals in times."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"[–—―−‐‑‒﹣~～]+|--+", "-", text).replace("【", "(").replace("】", ")")
    number = "(?:[一二两三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九])"
    text = re.sub(rf"(?<![周期拜]){number}(?=点|时(?![间刻]))", _chinese_number, text)
    return re.sub(rf"(?<=[点时])(?:{number}(?=刻|分)|[零二三四五]?十[一二三四五六七八九]?)", _chinese_number, text)


def _time(text: str, period: str, *, is_end: bool) -> tuple[int, str]:
    """Minutes after midnight and the time of day they were said under ("" if none)."""
    word = re.match(_PERIOD, text)
    if word:
        period = _PERIODS[word.group(0)]
        text = text[word.end() :].strip()
    match = re.match(r"(\d{1,2})[:点时]?(?:(半)|([123])刻|(\d{1,2}))?", text)
    assert match is not None, text
    hour = int(match.group(1))
    minute = 30 if match.group(2) else int(match.group(3) or 0) * 15 or int(match.group(4) or 0)
    if (period == "pm" and 1 <= hour < 12) or (period == "noon" and hour < 6):
        hour += 12
    elif period == "pm" and hour == 12 and is_end:
        hour = 24
    if minute > 59 or hour > 24 or (hour == 24 and (minute or not is_end)):
        _fail(f"没有“{text}”这个时刻")
    return hour * 60 + minute, period


def _month_days(text: str) -> Dates:
    parts = re.findall(r"(\d{1,2})月(?:(\d{1,2})[日号])?", text)
    last_days = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    ends = []
    for index, (month_text, day_text) in enumerate(parts):
        month = int(month_text)
        if not 1 <= month <= 12:
            _fail(f"没有“{month}月”")
        day = int(day_text) if day_text else (last_days[month - 1] if index else 1)
        if not 1 <= day <= last_days[month - 1]:
            _fail(f"没有“{month}月{day}日”")
        ends.append((month, day))
    return ends[0], ends[1]


@dataclass
class _Draft:
    days: set[Day] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    season: Optional[Season] = None
    #: Days taken over from the group before (周一至周五 夏季…；冬季…), replaced if own ones follow.
    inherited: bool = False


class _Reader:
    """Puts tokens together; one use, one text."""

    def __init__(self) -> None:
        self.drafts = [_Draft()]
        self.closed: set[int] = set()
        self.holidays: Optional[Literal["off", "open"]] = None
        self.dates: dict[Season, Dates] = {}
        self.notes: list[str] = []
        self.labels: list[str] = []
        self.period = ""
        self.season: Optional[Season] = None
        self.after_closing = False

    @property
    def draft(self) -> _Draft:
        return self.drafts[-1]

    def read(self, text: str, *, in_brackets: bool = False) -> None:
        position = 0
        while position < len(text):
            if text[position] == "(":
                end = text.find(")", position)
                if end < 0:
                    _fail("括号没有写完")
                self._brackets(text[position + 1 : end])
                position = end + 1
                continue
            for name, pattern in _TOKENS:
                match = pattern.match(text, position)
                if match and match.end() > position:
                    self._token(name, match.group(0), in_brackets)
                    position = match.end()
                    break
            else:
                _fail(f"看不懂“{text[position : position + 12]}”")

    def _brackets(self, content: str) -> None:
        if _SINCE.fullmatch(content) or not (readable(content) or _TELLING.search(content)):
            self.notes.append(content)
        else:
            self.read(content, in_brackets=True)

    def _token(self, name: str, word: str, in_brackets: bool) -> None:
        after_closing, self.after_closing = self.after_closing, False
        if name in ("filler", "separator"):
            self.after_closing = after_closing
        elif name in ("span", "from", "until", "allday", "unknown"):
            self._times(name, word)
        elif name in ("days", "every", "working", "weekend", "holiday"):
            self._days(name, word, in_brackets)
        elif name == "closed":
            self._closing()
        elif name == "except":
            self.closed.add(_WEEKDAYS[re.findall(_WD, word)[-1]])
        elif name == "holiday_off":
            # 周一闭馆（法定节假日除外）: then the holiday is the exception, and it is open.
            self.holidays = "open" if after_closing and word.endswith("外") else "off"
            if self.draft.days and not self.draft.spans:
                self._closing()
        elif name == "holiday_open":
            self.holidays = "open"
        elif name in ("summer", "winter"):
            self._season("summer" if name == "summer" else "winter")
        elif name == "dates":
            self._dates(word)
        elif name == "label":
            self._label(word)

    def _label(self, word: str) -> None:
        if word in ("一日三餐", "三餐"):
            self.labels.append("三餐")
            return
        self.period = _PERIODS.get(word) or _PERIODS[word[0]]
        if word[0] in _MEALS and word[-1] in "餐市饭":
            self.labels.append(_MEALS[word[0]])
        elif word in _MEALS:
            self.labels.append(word)

    def _add(self, start: Optional[int], end: Optional[int], season: Optional[Season] = None) -> None:
        span = Span(start, end, "、".join(self.labels))
        draft = self.draft
        if season is not None and season != draft.season:
            draft = next((d for d in self.drafts if d.season == season and d.days == draft.days), None) or _Draft(
                set(draft.days), [], season
            )
            if draft not in self.drafts:
                self.drafts.insert(len(self.drafts) - 1, draft)
        if span not in draft.spans:
            draft.spans.append(span)

    def _times(self, name: str, word: str) -> None:
        if name == "allday":
            self._add(0, DAY_MINUTES)
        elif name == "unknown":
            self._add(None, None)
        elif name == "from":
            self._add(_time(word, self.period, is_end=False)[0], None)
        elif name == "until":
            word = re.sub("^(?:最晚|最迟|截止|截至)?[到至]", "", word)
            end = _time(re.sub(_NEXT_DAY, "", word), self.period, is_end=True)[0]
            self._add(None, end + (DAY_MINUTES if re.match(_NEXT_DAY, word) else 0))
        else:
            self._span(word)
        self.labels, self.period = [], ""

    def _span(self, word: str) -> None:
        inset = re.compile(rf"\(({_SUMMER}|{_WINTER})为?({_TIME})\)")
        found = list(inset.finditer(word))
        plain = inset.sub("", word)
        self._one_span(plain, None)
        if not found:
            return
        # 13:30（夏季14:30）-17:30: two timetables, the one outside the bracket for the other season.
        season: Season = "summer" if found[0].group(1).startswith("夏") else "winter"
        base = self.draft.spans.pop()
        other: Season = "winter" if season == "summer" else "summer"
        for each in found:
            word = word.replace(each.group(0), "\0" + each.group(2) + "\0")
        seasonal = re.sub(rf"{_TIME}\0({_TIME})\0", r"\1", word)
        self._one_span(seasonal, season)
        if season == self.draft.season:
            self.draft.spans.append(base)
        else:
            self._add(base.start, base.end, other)

    def _one_span(self, word: str, season: Optional[Season]) -> None:
        match = re.fullmatch(rf"({_TIME}){_DASH}({_NEXT_DAY}?)({_TIME})", word)
        if match is None:
            _fail(f"看不懂“{word}”")
        start, period = _time(match.group(1), self.period, is_end=False)
        end, end_period = _time(match.group(3), period, is_end=True)
        if match.group(2) or (end <= start and end_period == "night"):
            end += DAY_MINUTES
        if end <= start:
            _fail(f"“{word}”的结束时间早于开始时间，请用24小时制（下午5点写17:00），过夜写“22:00-次日6:00”")
        if end - start > DAY_MINUTES:
            _fail(f"“{word}”超过了一整天，全天开放请写“全天”")
        self._add(start, end, season)

    def _days(self, name: str, word: str, in_brackets: bool) -> None:
        days: set[Day] = {"every"} if name == "every" else set()
        if name == "working":
            days = {"working"}
        elif name == "weekend":
            days = {5, 6}
        elif name == "holiday":
            days = {"holiday"}
        elif name == "days":
            days = set(_weekdays(word))
        undated = [draft for draft in self.drafts if draft.spans and not draft.days]
        if in_brackets and self.draft.spans and undated:
            for draft in undated:
                draft.days |= days
            return
        if self.draft.spans:
            self.drafts.append(_Draft(season=self.draft.season))
        if self.draft.inherited:
            self.draft.days, self.draft.inherited = set(), False
        self.draft.days |= days

    def _closing(self) -> None:
        if self.draft.spans or not self.draft.days:
            _fail("只写了休息，没写哪几天休息")
        for day in self.draft.days:
            if isinstance(day, int):
                self.closed.add(day)
            elif day == "holiday":
                self.holidays = "off"
            else:
                _fail("写成了每天或工作日都休息")
        self.draft.days = set()
        self.after_closing = True

    def _season(self, season: Season) -> None:
        if self.draft.spans:
            self.drafts.append(_Draft(set(self.draft.days), season=season, inherited=True))
        self.draft.season = season

    def _dates(self, word: str) -> None:
        dates = _month_days(word)
        if self.draft.season is None or self.draft.spans:
            (first, last), july = dates, (7, 1)
            in_summer = first <= july <= last if first <= last else july >= first or july <= last
            self._season("summer" if in_summer else "winter")
        assert self.draft.season is not None
        self.dates[self.draft.season] = dates

    def schedule(self) -> Schedule:
        merged: dict[tuple[frozenset[Day], Optional[Season]], list[Span]] = {}
        for draft in self.drafts:
            if draft.spans:
                days: frozenset[Day] = frozenset(draft.days)
                if not days and all((span.start, span.end) == (0, DAY_MINUTES) for span in draft.spans):
                    days = _EVERY
                if "every" in days or days >= set(range(7)):
                    days = _EVERY_AND_HOLIDAY if "holiday" in days else _EVERY
                spans = merged.setdefault((days, draft.season), [])
                spans.extend(span for span in draft.spans if span not in spans)
            elif draft.days:
                _fail("写了哪几天，没写几点到几点")
        if not merged:
            _fail("没有写几点到几点")
        if self.labels:
            _fail(f"“{'、'.join(self.labels)}”后面没写几点到几点，不知道时可写“（时间不详）”")
        groups = [Group(days, tuple(spans), season) for (days, season), spans in merged.items()]
        groups.sort(key=lambda group: group.season is not None)
        return Schedule(
            groups=tuple(groups),
            closed=frozenset(self.closed),
            holidays=self.holidays,
            summer=self.dates.get("summer"),
            winter=self.dates.get("winter"),
            notes=tuple(self.notes),
        )


def _weekdays(word: str) -> list[int]:
    body = re.sub("每|逢|周|星期|礼拜", "", word)
    names = [_WEEKDAYS[char] for char in re.findall(_WD, body)]
    if re.search("-|至|到", body):
        first, last = names
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return names


def readable(text: str) -> bool:
    """True if every part of ``text`` is a word of opening hours."""
    position = 0
    while position < len(text):
        for _, pattern in _TOKENS:
            match = pattern.match(text, position)
            if match and match.end() > position:
                position = match.end()
                break
        else:
            return False
    return True


def parse(text: str) -> Schedule:
    """The schedule that ``text`` publishes; HoursError says in Chinese what to write instead."""
    if len(text) > MAX_LENGTH:
        _fail(f"开放时间太长（超过{MAX_LENGTH}个字），只写哪几天、几点到几点，其余写在备注里")
    plain = normalise(text)
    if not plain:
        _fail("开放时间是空的")
    reader = _Reader()
    reader.read(plain)
    return reader.schedule()
