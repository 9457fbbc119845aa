"""The time that residents live by: China's, whatever the server's clock is set to."""

from __future__ import annotations

import datetime as dt
import os

#: China has had one zone without summer time since 1991; no zone database is needed.
CHINA = dt.timezone(dt.timedelta(hours=8))


def now() -> dt.datetime:
    """The present moment in China, without a zone. ``LINLITONG_NOW`` (ISO) fixes it for tests and previews."""
    fixed = os.environ.get("LINLITONG_NOW")
    if fixed:
        return dt.datetime.fromisoformat(fixed)
    return dt.datetime.now(CHINA).replace(tzinfo=None)


def today() -> dt.date:
    """The present day in China."""
    return now().date()
