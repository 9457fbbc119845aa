"""A served page with a bot that answers with a canned message of the kind it is asked for, and a browser."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.web import WebInput
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.channels.messages import ALL_KINDS, message
from tests.channels.server import FakeAgent, Server

PROBE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
#: Fields whose form the contract fixes; a probe cannot stand in them.
_FIXED = {
    "kind", "topic", "region", "policy", "fact", "outcome", "status", "trust", "crs", "code", "url", "map_url",
    "date", "period", "missing", "nearest_topics", "gaps", "field", "eligible_from", "answer_id", "phone",
}  # fmt: skip


def probed(value: Any) -> Any:
    """The value with a probe in every string that is free to be anything."""
    if isinstance(value, dict):
        return {key: item if key in _FIXED else probed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [probed(item) for item in value]
    return f"{value}{PROBE}" if isinstance(value, str) else value


async def canned(heard: UserMessage) -> None:
    """``faq`` is answered with the faq, ``probe faq`` with a probe in each of its fields, ``place`` asks for one."""
    text = heard.text or ""
    kind = text.split()[-1]
    if text == "slow":
        await asyncio.sleep(1.5)
    if text == "place":
        said = message("question")
        said["buttons"], said["text"] = [], "您在哪里？打字告诉我路名、小区或者地铁站也行。"
        said["custom"].update(fact="location", options=[], why="", policy="", remaining_at_most=1)
    elif kind in ALL_KINDS:
        said = message(kind)
    else:
        said = {**message("ack"), "text": f"您说：{text}"}
    await heard.output_channel.send_response(heard.sender_id, probed(said) if text.startswith("probe") else said)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not (CHROMIUM and CHROMEDRIVER):
        reason = "the page was NOT tested: chromium and chromedriver are not installed (Debian: chromium-driver)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    channel = WebInput(var=tmp_path / "var", session_per_minute=0, address_per_minute=0, strict=True)
    with Server(channel, FakeAgent(canned)) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: Server) -> Browser:
    """The page, fresh, on a phone of 390×740, light."""
    chromium.size(390, 740, mobile=True)
    chromium.dark(False)
    chromium.open(server.url + "/")
    chromium.js("localStorage.clear()")
    chromium.open(server.url + "/")
    chromium.console()
    return chromium
