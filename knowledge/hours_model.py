"""What opening hours say: groups of days and times, and how they are written in plain Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional, Union

DAY_MINUTES = 1440
WEEKDAY_NAMES = ("一", "二", "三", "四", "五", "六", "日")

#: 0–6 is Monday to Sunday; "every" 每天, "working" 工作日 (调休 decides), "holiday" 节假日.
Day = Union[int, Literal["every", "working", "holiday"]]
Season = Literal["summer", "winter"]
#: First and last (month, day) of a season, both included; may run over New Year.
Dates = tuple[tuple[int, int], tuple[int, int]]

_SEASON_NAMES: dict[Season, str] = {"summer": "夏季", "winter": "冬季"}


class HoursError(ValueError):
    """Opening hours that cannot be understood; the message says in Chinese what to write instead."""


@dataclass(frozen=True)
class Span:
    """Minutes after midnight; ``end`` may pass 1440 (次日). None: the paper does not say when."""

    start: Optional[int]
    end: Optional[int]
    #: The meal or time of day it was published under: 午餐, 晚 …
    label: str = ""


@dataclass(frozen=True)
class Group:
    """Some days with their times. No days: the paper gives times without saying on which days."""

    days: frozenset[Day]
    spans: tuple[Span, ...]
    season: Optional[Season] = None


@dataclass(frozen=True)
class Schedule:
    """Opening hours as published."""

    groups: tuple[Group, ...]
    closed: frozenset[int] = frozenset()
    #: What is said of public holidays: closed, open as usual, or nothing.
    holidays: Optional[Literal["off", "open"]] = None
    summer: Optional[Dates] = None
    winter: Optional[Dates] = None
    notes: tuple[str, ...] = ()


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"


def _span_text(span: Span) -> str:
    if span.start is None and span.end is None:
        return span.label + "（时间不详）"
    if span.start is None:
        assert span.end is not None
        return f"{span.label}到{_clock(span.end)}"
    if span.end is None:
        return f"{span.label}{_clock(span.start)}起"
    if (span.start, span.end) == (0, DAY_MINUTES):
        return span.label + "全天"
    end = _clock(span.end) if span.end <= DAY_MINUTES else "次日" + _clock(span.end - DAY_MINUTES)
    return f"{span.label}{_clock(span.start)}-{end}"


def days_text(days: frozenset[Day]) -> str:
    """周一至周五, 工作日, 每天 …; "" where no days are stated."""
    words = [word for day, word in (("every", "每天"), ("working", "工作日")) if day in days]
    numbers = sorted(day for day in days if isinstance(day, int))
    index = 0
    while index < len(numbers):
        last = index
        while last + 1 < len(numbers) and numbers[last + 1] == numbers[last] + 1:
            last += 1
        if last - index >= 2:
            words.append(f"周{WEEKDAY_NAMES[numbers[index]]}至周{WEEKDAY_NAMES[numbers[last]]}")
        else:
            words.extend(f"周{WEEKDAY_NAMES[number]}" for number in numbers[index : last + 1])
        index = last + 1
    if "holiday" in days:
        words.append("节假日")
    return "、".join(words)


def _season_text(season: Optional[Season], schedule: Schedule) -> str:
    if season is None:
        return ""
    dates = schedule.summer if season == "summer" else schedule.winter
    if dates is None:
        return _SEASON_NAMES[season]
    (month1, day1), (month2, day2) = dates
    again = "次年" if (month2, day2) < (month1, day1) else ""
    return f"{_SEASON_NAMES[season]}（{month1}月{day1}日-{again}{month2}月{day2}日）"


def schedule_text(schedule: Schedule) -> str:
    """The schedule in plain Chinese; ``hours_text.parse`` reads it back to the same schedule."""
    parts = []
    for group in schedule.groups:
        head = _season_text(group.season, schedule) + days_text(group.days)
        spans = "、".join(_span_text(span) for span in group.spans)
        parts.append(f"{head} {spans}" if head and not spans.startswith("（") else head + spans)
    text = "；".join(parts)
    if schedule.holidays == "off":
        text += "（法定节假日除外）"
    elif schedule.holidays == "open":
        text += "（节假日不休）"
    if schedule.closed:
        text += f"；{days_text(frozenset(schedule.closed))}休息"
    return text + "".join(f"（{note}）" for note in schedule.notes)
