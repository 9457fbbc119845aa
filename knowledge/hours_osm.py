"""Compiles a ``Schedule`` into OSM opening-hours strings, one for each kind of day.

The library that evaluates OSM strings knows China's holidays badly and 调休 not at all. So our own
calendar says what kind of day it is, and each kind has its own string without any holiday in it.
"""

from __future__ import annotations

import calendar
from typing import Literal, Optional

from knowledge.calendar import DayKind
from knowledge.hours_model import DAY_MINUTES, Dates, Day, Schedule, Season

Minutes = list[tuple[int, int]]
Coverage = Literal["open", "unknown", "no"]
#: Of a day's hours: those before midnight, those after it counted from that midnight, or all (22:00-30:00).
Part = Literal["before", "after", "whole"]
Timetable = Literal["summer", "winter", "either"]

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_OFFICE_DAYS = frozenset(range(5))


def _union(spans: Minutes) -> Minutes:
    merged: Minutes = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _minus(spans: Minutes, holes: Minutes) -> Minutes:
    left: Minutes = []
    for start, end in _union(spans):
        for hole_start, hole_end in _union(holes):
            if hole_end <= start or hole_start >= end:
                continue
            if hole_start > start:
                left.append((start, hole_start))
            start = max(start, hole_end)
        if start < end:
            left.append((start, end))
    return left


def _coverage(days: frozenset[Day], schedule: Schedule, kind: DayKind, weekday: int) -> Coverage:
    """Whether the times given for ``days`` hold on a day of this kind, as far as the paper says."""
    stated = bool(days) or bool(schedule.closed)
    named = "every" in days or weekday in days or (not days and stated)
    if kind == "normal":
        if named or (weekday < 5 and ("working" in days or not stated)):
            return "open"
        return "no" if stated else "unknown"
    if kind == "makeup":
        if named or "working" in days or not stated:
            return "open"
        if days >= _OFFICE_DAYS:
            return "open" if schedule.holidays == "off" else "unknown"
        return "unknown" if days & _OFFICE_DAYS else "no"
    if "holiday" in days:
        return "open"
    if schedule.holidays == "off" or any("holiday" in group.days for group in schedule.groups):
        return "no"
    if schedule.holidays == "open":
        # A weekday that is closed "except on holidays" is open on one, with everybody's times.
        named = named or weekday in schedule.closed
        return "open" if named or not stated or (weekday < 5 and "working" in days) else "no"
    if "every" in days:
        return "open"
    return "unknown" if named or not stated else "no"


def _day(schedule: Schedule, kind: DayKind, weekday: int, season: Optional[Season]) -> tuple[Minutes, Minutes]:
    """Open and unknown minutes (after midnight, may pass 1440) of one day."""
    if weekday in schedule.closed and not (kind == "holiday" and schedule.holidays == "open"):
        return [], []
    opened: Minutes = []
    unknown: Minutes = []
    for group in schedule.groups:
        if group.season not in (None, season):
            continue
        coverage = _coverage(group.days, schedule, kind, weekday)
        if coverage == "no":
            continue
        for span in group.spans:
            if span.start is None or span.end is None:
                unknown.append((span.start or 0, DAY_MINUTES if span.end is None else span.end))
            else:
                (opened if coverage == "open" else unknown).append((span.start, span.end))
    return _union(opened), _minus(unknown, opened)


def _either_season(schedule: Schedule, kind: DayKind, weekday: int) -> tuple[Minutes, Minutes]:
    """Months that may have summer or winter hours: open when open in both, else unknown."""
    summer, summer_unknown = _day(schedule, kind, weekday, "summer")
    winter, winter_unknown = _day(schedule, kind, weekday, "winter")
    both = _minus(summer, _minus(summer, winter))
    return both, _minus(summer + winter + summer_unknown + winter_unknown, both)


def _clock(spans: Minutes) -> str:
    return ",".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in spans)


def _cut(spans: Minutes, part: Part) -> Minutes:
    if part == "whole":
        return spans
    if part == "after":
        return [(max(a - DAY_MINUTES, 0), b - DAY_MINUTES) for a, b in spans if b > DAY_MINUTES]
    return [(a, min(b, DAY_MINUTES)) for a, b in spans if a < DAY_MINUTES]


def _weekdays(numbers: list[int]) -> str:
    """Ascending weekday numbers as OSM writes them: Mo-Fr, or Tu,Th."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{_WEEKDAYS[numbers[0]]}-{_WEEKDAYS[numbers[-1]]}"
    return ",".join(_WEEKDAYS[number] for number in numbers)


def _selector(dates: Dates) -> str:
    return "-".join(f"{calendar.month_abbr[month]} {day:02d}" for month, day in dates)


def _complement(dates: Dates) -> Dates:
    """The rest of the year, in whole days (29 February counts as a day of every year)."""
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    (month1, day1), (month2, day2) = dates
    after = (month2, day2 + 1) if day2 < lengths[month2 - 1] else (month2 % 12 + 1, 1)
    previous = (month1 - 2) % 12 + 1
    before = (month1, day1 - 1) if day1 > 1 else (previous, lengths[previous - 1])
    return after, before


def _seasons(schedule: Schedule) -> list[tuple[str, Optional[Timetable]]]:
    """(selector, timetable) pairs; an empty selector where the season does not matter.

    Where the paper gives no dates only the months are taken that every office's timetable agrees on;
    in between, summer hours may or may not have begun.
    """
    if not any(group.season for group in schedule.groups):
        return [("", None)]
    if not (schedule.summer or schedule.winter):
        return [
            ("Nov 01-Mar 31", "winter"),
            ("Apr 01-Jun 30", "either"),
            ("Jul 01-Aug 31", "summer"),
            ("Sep 01-Oct 31", "either"),
        ]
    summer = schedule.summer or (_complement(schedule.winter) if schedule.winter else None)
    winter = schedule.winter or (_complement(schedule.summer) if schedule.summer else None)
    assert summer is not None and winter is not None
    return [(_selector(summer), "summer"), (_selector(winter), "winter")]


def compile_osm(schedule: Schedule, kind: DayKind, part: Part = "whole") -> str:
    """The OSM string for days of one kind, "off" if never open on them."""
    rules = []
    for selector, table in _seasons(schedule):
        by_times: dict[tuple[str, str], list[int]] = {}
        for weekday in range(7):
            if table == "either":
                opened, unknown = _either_season(schedule, kind, weekday)
            else:
                opened, unknown = _day(schedule, kind, weekday, table)
            key = _clock(_cut(opened, part)), _clock(_cut(unknown, part))
            if any(key):
                by_times.setdefault(key, []).append(weekday)
        for (opened_text, unknown_text), weekdays in by_times.items():
            head = " ".join(filter(None, (selector, _weekdays(weekdays))))
            texts = [f"{head} {opened_text}"] if opened_text else []
            texts += [f"{head} {unknown_text} unknown"] if unknown_text else []
            rules.append(", ".join(texts))
    return "; ".join(rules) or "off"
