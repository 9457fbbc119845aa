"""The machine's clock jumps. Covered with the clocks that each part is given, not with the machine's own.

Sessions and the outbox go by the clock of the wall, limits and time limits by the monotonic one, which no jump moves;
China's day and hour come from ``bot.clock`` (LINLITONG_NOW). What WeChat's signatures say of time has tests of its own
(tests/channels/wechat/test_channel.py).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from bot import clock
from bot.channels.outbox import StateOutbox
from bot.channels.session import Sessions, TokenError
from bot.state.database import Database
from tests.channels.clock import Clock

DAY = 24 * 3600
SECRET = os.urandom(32)


def test_a_session_outlives_a_jump_back_and_ends_by_a_jump_ahead() -> None:
    now = Clock()
    sessions = Sessions(SECRET, lifetime_s=DAY, clock=now)
    session, token = sessions.issue()
    for jump in (-3 * DAY, -3600, 0, DAY - 1):
        moved = Clock()
        moved.now = now.now + jump
        assert Sessions(SECRET, DAY, moved).verify(token) == session
    now.now += DAY + 1
    with pytest.raises(TokenError, match="token_expired"):
        sessions.verify(token)
    now.now -= DAY
    assert sessions.verify(token) == session, "the clock was put right again: nobody has to begin anew"


@pytest.mark.parametrize("jump", [-365 * DAY, -DAY, -60, 60, DAY // 2])
def test_turns_keep_their_order_and_are_answered_once_over_a_jump(jump: int, tmp_path: Path) -> None:
    now = Clock()

    async def talk() -> tuple[list[str], list[int], bool]:
        outbox = StateOutbox(Database(tmp_path / "state.db"), expiry_s=DAY, clock=now)
        try:
            for number in range(6):
                if number == 3:
                    now.now += jump
                await outbox.record("s", f"m{number}", "问", [reply(f"答{number}")])
            again = await outbox.record("s", "m5", "问", [reply("别的")])
            turns = await outbox.history("s")
            ids = [item["id"] for turn in turns for item in turn.replies]
            return [turn.message_id for turn in turns], ids, again.replies[0]["text"] == "答5"
        finally:
            await outbox.close()

    names, ids, once = asyncio.run(talk())
    assert names == [f"m{number}" for number in range(6)] and ids == sorted(ids) and once


def reply(text: str) -> dict[str, Any]:
    return {"text": text, "buttons": [], "custom": {}}


def test_the_day_is_chinas_whatever_the_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLITONG_NOW", raising=False)
    right = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
    for zone in ("UTC", "America/Los_Angeles", "Pacific/Kiritimati"):
        monkeypatch.setenv("TZ", zone)
        assert abs(clock.now() - right) < dt.timedelta(minutes=1)
    monkeypatch.setenv("LINLITONG_NOW", "2027-02-28T23:59:59")
    assert clock.today() == dt.date(2027, 2, 28)
    monkeypatch.setenv("LINLITONG_NOW", "2024-02-29T00:00:00")
    assert clock.today() == dt.date(2024, 2, 29)
