"""Fixtures: a served channel whose bot is a plain function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.web import WebInput
from tests.channels.messages import message
from tests.channels.server import REGIONS, Bot, FakeAgent, Server


async def echo(heard: UserMessage) -> None:
    """Answers with an ack that repeats the text."""
    await heard.output_channel.send_response(heard.sender_id, {**message("ack"), "text": f"您说：{heard.text}"})


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server: ``serve(bot, **options of WebInput)``; stopped after the test."""
    with ExitStack() as stack:

        def start(bot: Bot = echo, **options: Any) -> Server:
            limits = {"session_per_minute": 0, "address_per_minute": 0, "ping_s": 0.3, "regions": lambda: REGIONS}
            channel = WebInput(var=tmp_path / "var", **{**limits, **options})
            return stack.enter_context(Server(channel, FakeAgent(bot)))

        yield start
