"""A served page with a bot that answers with a canned message of the kind it is asked for, and a browser."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.web import WebInput
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.channels.messages import ALL_KINDS, Message, message
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


def listed() -> Message:
    """Sites as the bot really tells them: each place in the text, then each in ``items``."""
    said = message("sites")
    said["text"] = (
        "离五角场最近的是五角场街道社区长者食堂，约420米。\n"
        "1. 五角场街道社区长者食堂，国定路某弄12号一楼，约420米，现在开着，021-65550007\n"
        "2. 殷行街道助餐点，国定路某弄12号一楼\n"
        "3. 长海路街道长者食堂，国定路某弄12号一楼，约1.8公里，现在没开\n"
        "一共47处，要看后面的就说“还有吗”。\n"
        "以上是转述的资料（地方媒体整理，2023），办之前请再核实。"
    )
    return said


def judged() -> Message:
    """A verdict as the bot really tells it."""
    said = message("verdict")
    said["text"] = (
        "按您说的情况，您符合“南京市高校毕业生住房租赁补贴”的条件，每月800元，最多36个月。\n"
        "达到：硕士学历、在南京没有自有住房。\n"
        "算法：硕士每人每月800元。\n"
        "电话：人社咨询热线 12333。\n"
        "最终以窗口审核为准。"
    )
    return said


async def canned(heard: UserMessage) -> None:
    """``faq`` is answered with the faq, ``probe faq`` with a probe in each of its fields, ``place`` asks for one."""
    text = heard.text or ""
    if text in SAID:
        for reply in SAID[text]():
            if text != "suzhou":
                reply["custom"]["region"] = _region(heard)
            await heard.output_channel.send_response(heard.sender_id, reply)
        return
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
    said["custom"]["region"] = _region(heard)
    await heard.output_channel.send_response(heard.sender_id, probed(said) if text.startswith("probe") else said)


def _region(heard: UserMessage) -> str:
    """The bot answers for the region that the page gave."""
    return str((heard.metadata or {}).get("region") or "310110")


def _suzhou() -> Message:
    said = message("faq")
    said["custom"]["region"] = "320500"
    return said


SAID: dict[str, Callable[[], list[Message]]] = {
    "places": lambda: [listed()],
    "judge": lambda: [judged(), message("suggestions"), message("faq")],
    "forget": lambda: [{**message("ack"), "text": "您的记录已经删掉了。",
                        "custom": {**message("ack")["custom"], "of": "forget"}}],
    "suzhou": lambda: [_suzhou()],
}  # fmt: skip


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
def first_visit(chromium: Browser, server: Server) -> Browser:
    """The page as nobody has seen it before, on a phone of 390×740, light."""
    chromium.size(390, 740, mobile=True)
    chromium.dark(False)
    chromium.open(server.url + "/")
    chromium.js("localStorage.clear()")
    chromium.open(server.url + "/")
    chromium.console()
    return chromium


@pytest.fixture
def page(first_visit: Browser, server: Server) -> Browser:
    """The page of somebody who chose 杨浦 the last time."""
    chromium = first_visit
    chromium.js("localStorage['linlitong.region'] = '\"310110\"'")
    chromium.open(server.url + "/")
    chromium.console()
    return chromium
