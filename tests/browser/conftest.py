"""A served page with a bot that answers with a canned message of the kind it is asked for, and a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.channels.web import WebInput
from knowledge.schema import Region
from tests.browser.bot import canned
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.browser.site import Site
from tests.browser.widget import Widget
from tests.channels.server import FakeAgent, Server

PHONE, DESKTOP = (390, 740), (1280, 800)
#: As the knowledge base names them, without waiting for it to load.
REGIONS = [
    Region(code=code, name=name, short=name)
    for code, name in (("510100", "成都"), ("310110", "上海杨浦"), ("320100", "南京"), ("320500", "苏州"),
                       ("130600", "保定"), ("100000", "其他地方"))
]  # fmt: skip


def channel_at(var: Path, origins: Sequence[str] = ()) -> WebInput:
    """The web channel without limits; a reply that breaks the contract fails."""
    return WebInput(var=var, session_per_minute=0, address_per_minute=0, strict=True, origins=origins,
                    regions=lambda: REGIONS)  # fmt: skip


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests; its pages, not the browser, are new for each."""
    if not (CHROMIUM and CHROMEDRIVER):
        reason = "the page was NOT tested: chromium and chromedriver are not installed (Debian: chromium-driver)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """Another website, on another origin."""
    with Site() as running:
        yield running


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Server]:
    """One server for all tests that do not stop it; the other website is on its list of origins."""
    var = tmp_path_factory.mktemp("var")
    with Server(channel_at(var, origins=[site.url]), FakeAgent(canned)) as running:
        yield running


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server, with nothing heard yet."""
    shared_server.agent.heard.clear()
    return shared_server


def open_new(browser: Browser, address: str, size: tuple[int, int] = PHONE, **kept: object) -> Widget:
    """The page as nobody has seen it before, but for what is ``kept`` in the browser; light, with a good network."""
    browser.size(*size, mobile=size[0] < 600)
    browser.dark(False)
    browser.network()
    browser.open(address)
    browser.js("localStorage.clear(); sessionStorage.clear();"
               "for (const [k, v] of Object.entries(arguments[0])) localStorage['linlitong.' + k] = JSON.stringify(v)",
               kept)  # fmt: skip
    browser.open(address)
    widget = Widget(browser)
    browser.console()
    return widget


@pytest.fixture
def first_visit(chromium: Browser, server: Server) -> Widget:
    """The full page as nobody has seen it before, no city chosen, on a phone of 390×740."""
    widget = open_new(chromium, server.url + "/chat")
    widget.ready()
    return widget


@pytest.fixture
def page(chromium: Browser, server: Server) -> Widget:
    """The full page of somebody who chose 杨浦 the last time."""
    widget = open_new(chromium, server.url + "/chat", region="310110")
    widget.ready()
    return widget
