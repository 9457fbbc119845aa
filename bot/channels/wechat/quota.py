"""How many customer-service messages WeChat still takes for a resident: 5 within 48 hours of a message of theirs, 3
within a minute of a menu click, a subscription or a scan.

How the two add up WeChat does not say. We take the careful reading: a new message or event begins its count anew and
never adds to what was left of the last one; what ends first is used first.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from bot.channels.wechat.tables import Tables

Heard = Literal["message", "click", "subscribe", "scan"]
#: What a resident does → how many messages that opens, and for how many seconds.
MESSAGE, EVENT = (5, 48 * 3600.0), (3, 60.0)

SCHEMA = """
CREATE TABLE IF NOT EXISTS api_windows (
  person TEXT NOT NULL, kind TEXT NOT NULL, ends REAL NOT NULL, remain INTEGER NOT NULL,
  PRIMARY KEY (person, kind));
CREATE INDEX IF NOT EXISTS api_windows_ends ON api_windows (ends);
"""


@dataclass(frozen=True)
class Window:
    """Messages that may still be sent to one resident, until ``ends`` (Unix seconds, not included)."""

    kind: Literal["message", "event"]
    ends: float
    remain: int


Windows = tuple[Window, ...]


def opened(windows: Windows, heard: Heard, now: float) -> Windows:
    """The windows after the resident did something."""
    kind: Literal["message", "event"] = "message" if heard == "message" else "event"
    most, lasts = MESSAGE if kind == "message" else EVENT
    return (*(window for window in windows if window.kind != kind), Window(kind, now + lasts, most))


def taken(windows: Windows, now: float) -> tuple[Windows, Window | None]:
    """The windows after one more message, and the window it is of; None where nothing may be sent."""
    useful = [window for window in windows if window.ends > now and window.remain > 0]
    if not useful:
        return windows, None
    used = min(useful, key=lambda window: window.ends)
    left = tuple(replace(window, remain=window.remain - 1) if window is used else window for window in windows)
    return left, used


class Quota:
    """The windows of all residents, for all processes that share ``tables``.

    Every call may raise TablesDown.

    Args:
        tables: made with ``SCHEMA``.
        person: makes a resident's key of an OpenID (a keyed hash); nothing else is stored of it.
        clock: Unix seconds.
    """

    def __init__(self, tables: Tables, person: Callable[[str], str], clock: Callable[[], float] = time.time) -> None:
        self._tables = tables
        self._person = person
        self._clock = clock

    async def heard(self, openid: str, what: Heard) -> None:
        """The resident wrote, clicked, subscribed or scanned just now."""
        person, now = self._person(openid), self._clock()
        await self._tables.run(lambda db: _write(db, person, opened(_read(db, person), what, now)))

    async def take(self, openid: str) -> Window | None:
        """Takes one message off; None where nothing may be sent."""
        person, now = self._person(openid), self._clock()

        def take(db: sqlite3.Connection) -> Window | None:
            left, used = taken(_read(db, person), now)
            if used is not None:
                _write(db, person, left)
            return used

        return await self._tables.run(take)

    async def give_back(self, openid: str, window: Window) -> None:
        """What ``take`` gave was not used after all; nothing if the resident did something meanwhile."""
        person = self._person(openid)
        await self._tables.run(lambda db: db.execute(
            "UPDATE api_windows SET remain = remain + 1 WHERE person = ? AND kind = ? AND ends = ?",
            (person, window.kind, window.ends)))

    async def close(self, openid: str) -> None:
        """WeChat takes nothing more for this resident until they do something."""
        person = self._person(openid)
        await self._tables.run(lambda db: db.execute("DELETE FROM api_windows WHERE person = ?", (person,)))

    async def forget(self, openid: str) -> None:
        """Deletes what is known of the resident."""
        person = self._person(openid)
        await self._tables.erase(lambda db: db.execute("DELETE FROM api_windows WHERE person = ?", (person,)))

    async def sweep(self) -> int:
        """Deletes windows that have ended; gives how many."""
        now = self._clock()
        return await self._tables.run(
            lambda db: db.execute("DELETE FROM api_windows WHERE ends <= ?", (now,)).rowcount)


def _read(db: sqlite3.Connection, person: str) -> Windows:
    rows = db.execute("SELECT kind, ends, remain FROM api_windows WHERE person = ?", (person,)).fetchall()
    return tuple(Window(kind, ends, remain) for kind, ends, remain in rows)


def _write(db: sqlite3.Connection, person: str, windows: Windows) -> None:
    db.executemany("INSERT OR REPLACE INTO api_windows VALUES (?, ?, ?, ?)",
                   [(person, window.kind, window.ends, window.remain) for window in windows])
