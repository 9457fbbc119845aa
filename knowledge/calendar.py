"""Working days and public holidays of mainland China, 调休 included.

The State Council publishes each year's calendar near the end of the year before; ``chinesecalendar``
carries it. Beyond the last year it knows nobody can tell, and we say so: None.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, Optional

import chinese_calendar  # type: ignore[import-untyped, unused-ignore]

#: normal: a weekday worked or a weekend off, as in any week; holiday: off by the holiday calendar
#: (days moved there by 调休 included); makeup: a Saturday or Sunday that is worked.
DayKind = Literal["normal", "holiday", "makeup"]

FIRST_KNOWN_DAY = dt.date(min(day.year for day in chinese_calendar.holidays), 1, 1)
LAST_KNOWN_DAY = dt.date(max(day.year for day in chinese_calendar.holidays), 12, 31)


def is_known(day: dt.date) -> bool:
    """True where the holiday calendar of that year is known."""
    return FIRST_KNOWN_DAY <= day <= LAST_KNOWN_DAY


def day_kind(day: dt.date) -> Optional[DayKind]:
    """What the holiday calendar makes of ``day``; None where it is not known."""
    if not is_known(day):
        return None
    if day in chinese_calendar.holidays:
        return "holiday"
    if day in chinese_calendar.workdays and day.weekday() >= 5:
        return "makeup"
    return "normal"


def is_working_day(day: dt.date) -> Optional[bool]:
    """True on days that offices work, 调休 Saturdays and Sundays included; None where unknown."""
    kind = day_kind(day)
    if kind is None:
        return None
    return kind == "makeup" or (kind == "normal" and day.weekday() < 5)


def is_public_holiday(day: dt.date) -> Optional[bool]:
    """True on days off by the holiday calendar (an ordinary weekend is not one); None where unknown."""
    kind = day_kind(day)
    return None if kind is None else kind == "holiday"
