"""What the widget says of one's own data, and how it is had and deleted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.session import Sessions
from bot.channels.web import WebInput
from tests.browser.bot import canned
from tests.browser.conftest import DESKTOP, PHONE, REGIONS, open_new
from tests.browser.driver import Browser
from tests.browser.widget import Widget
from tests.channels.server import FakeAgent, Server

DAY_S = 86400.0


class Silent:
    """A tracker store that knows of nobody's facts."""

    def __init__(self) -> None:
        self.store: dict[str, Any] = {}

    async def retrieve(self, _sender: str) -> None:
        return None

    def delete(self, sender: str) -> int:
        return int(self.store.pop(sender, None) is not None)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def server(var: Path) -> Iterator[Server]:
    """A server that keeps facts for a day and messages for thirty."""
    channel = WebInput(var=var, session_per_minute=0, address_per_minute=0, regions=lambda: REGIONS, keep_s=30 * DAY_S,
                       facts_s=DAY_S)
    agent = FakeAgent(canned)
    agent.tracker_store = Silent()
    with Server(channel, agent) as running:
        yield running


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_it_says_how_long_what_is_kept(chromium: Browser, server: Server, size: tuple[int, int]) -> None:
    page = open_new(chromium, server.url + "/chat", size, region="310110")
    page.wait("$('.log').innerText.includes('30天')")
    assert "不说话24小时就自动删除；对话去掉姓名、号码留30天。也可以随时" in page.text()


def test_it_saves_the_record_as_a_text(chromium: Browser, server: Server) -> None:
    page = open_new(chromium, server.url + "/chat", region="310110")
    page.ready()
    page.menu()
    page.click_exactly("button", "下载我的记录")
    page.wait("$('.notice').innerText.includes('还没有记录')")
    page.ask("faq")
    page.js("window.saved = ''; const make = URL.createObjectURL;"
            "URL.createObjectURL = (blob) => {"
            "  blob.text().then((t) => (window.saved = t)); return make.call(URL, blob); }")
    if not page.count(".menu"):
        page.menu()
    page.click_exactly("button", "下载我的记录")
    page.wait("window.saved.includes('邻里通：我的记录')")
    saved = page.js("return window.saved")
    assert "我：faq" in saved and "记着的情况：没有" in saved


def test_conversations_that_have_ended_are_deleted_too(chromium: Browser, server: Server, var: Path) -> None:
    """The key of yesterday's conversation no longer opens it, but still deletes it."""
    begun = server.session(region="310110")
    server.post(begun["token"], "faq", "yesterday")
    ended = _ended(var, begun["session"])
    page = open_new(chromium, server.url + "/chat", region="310110",
                    session={"session": begun["session"], "token": ended, "expires_at": "2026-01-01T00:00:00Z"})
    page.ready()
    page.ask("verdict")
    assert page.stored("ended") == [ended] and page.stored("session")["token"] != ended
    assert len(server.get("/webhooks/web/history", begun["token"]).json()["messages"]) == 2
    now = page.stored("session")["token"]
    _forget(page)
    for token in (begun["token"], now):
        assert server.get("/webhooks/web/history", token).json()["messages"] == []
    assert page.stored("ended") is None


def test_a_key_from_long_ago_holds_nothing_up(chromium: Browser, server: Server, var: Path) -> None:
    old = Sessions((var / "secret").read_bytes(), lifetime_s=60, clock=lambda: 1_000_000_000.0).issue()[1]
    page = open_new(chromium, server.url + "/chat", region="310110", ended=[old])
    page.ready()
    page.ask("verdict")
    token = page.stored("session")["token"]
    _forget(page)
    assert server.get("/webhooks/web/history", token).json()["messages"] == [] and page.stored("ended") is None


def _ended(var: Path, session: str) -> str:
    """A token of the session that ended yesterday."""
    past = Sessions((var / "secret").read_bytes(), lifetime_s=60, clock=lambda: time.time() - DAY_S)
    return past.issue_for(session)[1]


def _forget(page: Widget) -> None:
    page.menu()
    page.click_exactly("button", "清除我的记录")
    page.click_exactly("button", "删除")
    page.wait("$('.notice').innerText.includes('删除')")
