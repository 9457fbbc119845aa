"""Turns without a bot: what was read is given, what is said is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from actions.turn import Turn
from bot import knowledge_access
from bot.memory import Memory
from bot.nlu.reading import Reading
from knowledge.base import Snapshot

NOW = dt.datetime(2026, 11, 21, 10, 30)


@pytest.fixture(scope="session")
def knowledge() -> Snapshot:
    """The real content, as the bot of the other tests has it."""
    return knowledge_access.snapshot()


@pytest.fixture
def turn(knowledge: Snapshot) -> Callable[..., Turn]:
    """``turn(text, region=…, now=…, snapshot=…, **fields of the reading)``"""

    def make(text: str = "", *, region: str = "310110", now: dt.datetime = NOW, snapshot: Snapshot = knowledge,
             **read: Any) -> Turn:
        return Turn(text, "", 0.0, Reading(text=text, **read), Memory(region=region), snapshot, now.date(), now)

    return make
