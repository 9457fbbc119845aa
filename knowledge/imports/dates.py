"""Dates as lists have them: real dates, Excel's day numbers, and text in many forms."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from knowledge.imports.cells import CellError, text_of

#: Day 0 of Excel's calendar (it takes 1900 for a leap year, so that its day 60 is one too many; we read later days).
_EXCEL_EPOCH = dt.date(1899, 12, 30)
#: Lists are not older than this, and no date of theirs is later.
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_FIRST_SERIAL = (dt.date(_FIRST_YEAR, 1, 1) - _EXCEL_EPOCH).days
_LAST_SERIAL = (dt.date(_LAST_YEAR, 12, 31) - _EXCEL_EPOCH).days
_TEXT = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?)?[年月]?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\Z")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_AMBIGUOUS = re.compile(r"\d{4}\.\d\Z")
_WRITE = "写成 2026-01-31、2026-01 或 2026；不知道就空着"


def read_date(value: Any) -> str:
    """2026-10-23, 2026-10 or 2026, as exact as the cell is; "" for an empty one.

    Raises:
        CellError: for what is no date, or could be two.
    """
    if isinstance(value, dt.datetime):
        return _of(value.year, value.month, value.day, str(value))
    if isinstance(value, dt.date):
        return _of(value.year, value.month, value.day, value.isoformat())
    text = unicodedata.normalize("NFKC", text_of(value)).strip()
    if not text:
        return ""
    if text.isascii() and text.isdigit():
        return _of_digits(text)
    if _AMBIGUOUS.match(text):
        # Excel shows 2026.10 as 2026.1 unless the cell is text.
        raise CellError(f"日期“{text}”可能是1月，也可能是10月", _WRITE)
    match = _TEXT.match(re.sub(r"(?<!\s)\s+(?=\d{1,2}[月日])|(?<=[年月])\s+", "", text))
    if not match:
        raise CellError(f"日期“{text}”读不懂", _WRITE)
    return _of(int(match[1]), int(match[2]) if match[2] else None, int(match[3]) if match[3] else None, text)


def _of_digits(text: str) -> str:
    compact = _COMPACT.match(text)
    if compact:
        return _of(int(compact[1]), int(compact[2]), int(compact[3]), text)
    number = int(text) if len(text) <= 6 else 0
    if _FIRST_YEAR <= number <= _LAST_YEAR:
        return text
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return (_EXCEL_EPOCH + dt.timedelta(days=number)).isoformat()
    raise CellError(f"日期“{text}”读不懂", _WRITE)


def _of(year: int, month: int | None, day: int | None, text: str) -> str:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise CellError(f"日期“{text}”的年份不对", _WRITE)
    if month is None:
        return str(year)
    try:
        dt.date(year, month, day or 1)
    except ValueError:
        raise CellError(f"日历上没有“{text}”这一天", _WRITE) from None
    return f"{year}-{month:02}" if day is None else f"{year}-{month:02}-{day:02}"
