"""Fixtures that several test folders share. The bot is loaded once; its day is fixed, as the test files assume."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from bot.serve import configure_logging, quiet_environment

quiet_environment()
configure_logging()
os.environ["LINLITONG_NOW"] = "2026-11-21T10:30:00"


@pytest.fixture(scope="session")
def bot() -> Iterator[object]:
    """The whole bot in this process, trained if need be."""
    from bot.asking import load_chat
    from tests.support.driver import Bot

    loop = asyncio.new_event_loop()
    yield Bot(loop.run_until_complete(load_chat()), loop)
    loop.close()
