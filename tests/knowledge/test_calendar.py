"""Working days and holidays, against the State Council's notices."""

import datetime as dt

import pytest

from knowledge import calendar


@pytest.mark.parametrize(
    "day, kind, works",
    [
        ("2026-10-01", "holiday", False),  # National Day
        ("2026-10-07", "holiday", False),
        ("2026-10-10", "makeup", True),  # a Saturday worked for the holiday
        ("2026-02-14", "makeup", True),
        ("2025-10-08", "holiday", False),  # bridged
        ("2025-01-26", "makeup", True),  # a Sunday
        ("2026-11-21", "normal", False),  # an ordinary Saturday
        ("2026-11-20", "normal", True),
    ],
)
def test_known_days(day, kind, works):
    date = dt.date.fromisoformat(day)
    assert calendar.day_kind(date) == kind
    assert calendar.is_working_day(date) is works
    assert calendar.is_public_holiday(date) is (kind == "holiday")


def test_beyond_the_last_known_year_nothing_is_known():
    day = calendar.LAST_KNOWN_DAY + dt.timedelta(days=1)
    assert calendar.is_known(calendar.LAST_KNOWN_DAY)
    assert not calendar.is_known(day)
    assert calendar.day_kind(day) is None
    assert calendar.is_working_day(day) is None
    assert calendar.is_public_holiday(day) is None


def test_before_the_first_known_year_nothing_is_known():
    assert calendar.day_kind(dt.date(2003, 12, 31)) is None
