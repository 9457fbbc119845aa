"""Opening hours: from published Chinese to "open now", by the Chinese calendar.

``open_at`` answers None wherever the paper or the calendar does not say: times published without days
on a Saturday, 周一至周五 on a public holiday, any day of a year whose holidays are not out yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional, get_args

from opening_hours import OpeningHours, State

from knowledge.calendar import DayKind, day_kind
from knowledge.hours_model import DAY_MINUTES, HoursError, Schedule, schedule_text
from knowledge.hours_osm import compile_osm
from knowledge.hours_text import parse

__all__ = ["CHINA", "Hours", "HoursError", "parse_hours"]

CHINA = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
_KINDS: tuple[DayKind, ...] = get_args(DayKind)
#: How far ahead ``next_change`` looks.
_HORIZON_DAYS = 31


def _local(when: dt.datetime) -> dt.datetime:
    """China time without a zone; a naive time is taken for China time."""
    return when.astimezone(CHINA).replace(tzinfo=None) if when.tzinfo else when


def _compiled(text: str) -> OpeningHours:
    return OpeningHours(text, auto_country=False, auto_timezone=False)


def _together(states: Iterable[Optional[bool]]) -> Optional[bool]:
    """The state all agree on, else None."""
    found = set(states)
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class Hours:
    """Compiled opening hours; equal if they say the same."""

    schedule: Schedule
    _main: dict[DayKind, OpeningHours] = field(init=False, repr=False, compare=False)
    #: Hours after midnight, read at the date they began on; empty for nearly all places.
    _spill: dict[DayKind, OpeningHours] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spill = {kind: compile_osm(self.schedule, kind, "after") for kind in _KINDS}
        main = {kind: compile_osm(self.schedule, kind, "before") for kind in _KINDS}
        object.__setattr__(self, "_main", {kind: _compiled(text) for kind, text in main.items()})
        late = any(text != "off" for text in spill.values())
        object.__setattr__(self, "_spill", {k: _compiled(t) for k, t in spill.items()} if late else {})

    @property
    def text(self) -> str:
        """The hours in plain Chinese, one form for all sources."""
        return schedule_text(self.schedule)

    @property
    def osm(self) -> str:
        """The hours as one OSM string for exports, public holidays as ``PH``."""
        base, holiday = (compile_osm(self.schedule, kind) for kind in ("normal", "holiday"))
        if holiday == base:
            return base
        if ";" in holiday or "Mo-Su " not in holiday:
            return base + ("; PH off" if holiday == "off" else "; PH unknown")
        return f"{base}; {holiday.replace('Mo-Su ', 'PH ')}"

    def open_at(self, when: dt.datetime) -> Optional[bool]:
        """True open, False closed, None not known. ``when`` with a zone is converted to China time."""
        now = _local(when)
        today = _together(self._state(self._main, now, kind) for kind in _possible(now.date()))
        if not self._spill or today is True:
            return today
        before = now - dt.timedelta(days=1)
        late = _together(self._state(self._spill, before, kind) for kind in _possible(before.date()))
        return True if late is True else _together((today, late))

    @staticmethod
    def _state(table: dict[DayKind, OpeningHours], when: dt.datetime, kind: DayKind) -> Optional[bool]:
        state, _ = table[kind].state(when)
        return None if state == State.UNKNOWN else state == State.OPEN

    def next_change(self, when: dt.datetime) -> Optional[dt.datetime]:
        """The next minute (China time, with zone) at which ``open_at`` gives another answer.

        None if nothing changes within a month.
        """
        now = _local(when)
        state = self.open_at(now)
        ends = {0, *(m % DAY_MINUTES for g in self.schedule.groups for s in g.spans for m in (s.start, s.end) if m)}
        midnight = dt.datetime.combine(now.date(), dt.time())
        for day in range(_HORIZON_DAYS + 1):
            for minute in sorted(ends):
                moment = midnight + dt.timedelta(days=day, minutes=minute)
                if moment > now and self.open_at(moment) != state:
                    return moment.replace(tzinfo=CHINA)
        return None


def _possible(day: dt.date) -> tuple[DayKind, ...]:
    """The kinds that ``day`` may turn out to be: one where the calendar is known."""
    kind = day_kind(day)
    if kind is not None:
        return (kind,)
    return ("normal", "holiday") if day.weekday() < 5 else ("normal", "holiday", "makeup")


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> Hours:
    """Compile published opening hours; HoursError says in Chinese what to write instead."""
    return Hours(parse(text))
