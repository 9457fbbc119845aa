"""Fixtures: metrics that count, and the log as it is written; both as before afterwards."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.channels.web import WebInput
from bot.observing import logs, metrics
from bot.observing.metrics import Metrics
from tests.channels.server import REGIONS, Bot, FakeAgent, Server


@pytest.fixture
def counting() -> Iterator[Metrics]:
    """The process's metrics, fresh."""
    metrics.switch_off()
    yield metrics.switch_on()
    metrics.switch_off()


@pytest.fixture
def written() -> Iterator[Callable[[str], io.StringIO]]:
    """``written("json")``: where the log goes from then on, as if residents were served."""
    root, before = logging.getLogger(), (sys.unraisablehook, threading.excepthook)
    handlers, level = list(root.handlers), root.level

    def begin(style: str) -> io.StringIO:
        stream = io.StringIO()
        logs.configure(style=style, stream=stream)
        logs.serving()
        return stream

    yield begin
    logs.serving(False)
    logs.configure(style=logs.PLAIN)
    root.handlers[:], root.level = handlers, level
    sys.unraisablehook, threading.excepthook = before


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a web channel whose bot is a plain function: ``serve(bot, **options of WebInput)``."""
    with ExitStack() as stack:

        def start(bot: Bot, **options: Any) -> Server:
            limits = {"session_per_minute": 0, "address_per_minute": 0, "ping_s": 0.3, "regions": lambda: REGIONS}
            channel = WebInput(var=tmp_path / "var", **{**limits, **options})
            return stack.enter_context(Server(channel, FakeAgent(bot)))

        yield start
