"""How many customer-service messages WeChat still takes for a resident: 5 within 48 hours of a message of theirs, 3
within a minute of a menu click, a subscription or a scan.

How the two add up WeChat does not say. We take the careful reading: a new message or event begins its count anew and
never adds to what was left of the last one; what ends first is used first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.engine import Connection

from bot.state.database import Database, hold, sql
from bot.state.unit import unit_now

Heard = Literal["message", "click", "subscribe", "scan"]
#: What a resident does → how many messages that opens, and for how many seconds.
MESSAGE, EVENT = (5, 48 * 3600.0), (3, 60.0)


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
    """The windows of all residents, for all processes that share ``database``.

    Every call may raise StateDown.

    Args:
        database: where they are kept.
        person: makes a resident's key of an OpenID (a keyed hash); nothing else is stored of it.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, person: Callable[[str], str],
                 clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._person = person
        self._clock = clock

    async def heard(self, openid: str, what: Heard) -> None:
        """The resident wrote, clicked, subscribed or scanned just now."""
        person, now = self._person(openid), self._clock()

        def note(db: Connection) -> None:
            hold(db, person)
            _write(db, person, opened(_read(db, person), what, now))

        await self._database.run(note)

    async def take(self, openid: str) -> Window | None:
        """Takes one message off; None where nothing may be sent."""
        person, now = self._person(openid), self._clock()

        def take(db: Connection) -> Window | None:
            hold(db, person)
            left, used = taken(_read(db, person), now)
            if used is not None:
                _write(db, person, left)
            return used

        return await self._database.run(take)

    async def give_back(self, openid: str, window: Window) -> None:
        """What ``take`` gave was not used after all; nothing if the resident did something meanwhile."""
        person = self._person(openid)
        await self._database.run(lambda db: db.execute(
            sql("UPDATE wechat_windows SET remain = remain + 1"
                " WHERE person = :person AND kind = :kind AND ends = :ends"),
            {"person": person, "kind": window.kind, "ends": window.ends}))

    async def close(self, openid: str) -> None:
        """WeChat takes nothing more for this resident until they do something."""
        person = self._person(openid)
        await self._database.run(lambda db: _delete(db, person))

    async def forget(self, openid: str) -> None:
        """Deletes what is known of the resident: at once, or with the turn under way."""
        person, unit = self._person(openid), unit_now(self._database)
        if unit is not None:
            unit.erase(person)
        else:
            await self._database.erase(lambda db: _delete(db, person))

    async def sweep(self) -> int:
        """Deletes windows that have ended; gives how many."""
        now = self._clock()
        return await self._database.run(
            lambda db: int(db.execute(sql("DELETE FROM wechat_windows WHERE ends <= :now"), {"now": now}).rowcount))


def _read(db: Connection, person: str) -> Windows:
    rows = db.execute(sql("SELECT kind, ends, remain FROM wechat_windows WHERE person = :person"), {"person": person})
    return tuple(Window(kind, ends, remain) for kind, ends, remain in rows)


def _write(db: Connection, person: str, windows: Windows) -> None:
    for window in windows:
        db.execute(sql(
            "INSERT INTO wechat_windows (person, kind, ends, remain) VALUES (:person, :kind, :ends, :remain)"
            " ON CONFLICT (person, kind) DO UPDATE SET ends = excluded.ends, remain = excluded.remain"),
            {"person": person, "kind": window.kind, "ends": window.ends, "remain": window.remain})


def _delete(db: Connection, person: str) -> None:
    db.execute(sql("DELETE FROM wechat_windows WHERE person = :person"), {"person": person})
