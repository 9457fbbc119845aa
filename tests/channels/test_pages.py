"""Our own pages: what they may load, that nothing in them is made up, and that every link leads somewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Optional

import pytest
import rasa.core.run

from bot.channels import pages
from bot.channels.pages import PAGES, WIDGET
from bot.channels.web import WebInput
from tests.channels.conftest import echo
from tests.channels.server import FakeAgent, Server

Serve = Callable[..., Server]
FOLDER = WIDGET / "pages"


class Read(HTMLParser):
    """Every tag with its attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Optional[str]]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []

    def all(self, name: str) -> list[dict[str, Optional[str]]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def inline(page: str, tag: str) -> list[str]:
    """The texts of the elements of this name that stand in the page itself."""
    return re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)


def hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_in_a_page_needs_a_weaker_policy(serve: Serve, path: str) -> None:
    answer = serve().get(path)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    # What stands in a page is allowed by its hash alone.
    hashes = {tag: " ".join(["'self'", *(f"'sha256-{hashed(text)}'" for text in inline(answer.text, tag))])
              for tag in ("script", "style")}
    assert policy == {
        "default-src": "'none'", "script-src": hashes["script"], "style-src": hashes["style"],
        "img-src": "'self' data:", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    assert answer.headers["Permissions-Policy"] == "geolocation=(self), microphone=(self), camera=()"
    page = Read(answer.text)
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        for name in ("src", "href"):
            address = attributes.get(name) or "/"
            assert address.startswith(("/", "#", "tel:")), address
    assert page.all("html")[0]["lang"] == "zh-CN"
    assert not re.search(r"user-scalable|maximum-scale", page.all("meta")[1]["content"] or "")
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(serve: Serve, path: str) -> None:
    server = serve()
    page = Read(server.get(path).text)
    there = {attributes["id"] for _, attributes in page.tags if attributes.get("id")}
    for tag, attributes in page.tags:
        address = attributes.get("src") or attributes.get("href") or ""
        if address.startswith("#"):
            assert address[1:] in there, address
        elif address.startswith("/"):
            assert server.get(address.partition("#")[0]).status_code == 200, (tag, address)
        elif address:
            assert address in ("tel:12345", "tel:110", "tel:119", "tel:120"), address


def test_the_sample_site_has_the_widget_by_one_line_and_shows_that_line(serve: Serve) -> None:
    page = Read(serve().get("/").text)
    assert page.all("script") == [{"src": "/widget.js", "data-region": "510100", "defer": None}]
    shown = next(word for word in page.words if word.startswith("<script"))
    assert 'widget.js" data-region="510100" defer></script>' in shown


def test_what_is_made_up_is_marked_as_a_sample() -> None:
    page = Read((FOLDER / "index.html").read_text("utf-8"))
    text = "".join(page.words)
    assert "示例社区" in (page.words[0]) and "演示" in page.words[0], "the title says it"
    assert text.count("示例") >= 8 and "不是真的" in text
    # No number that somebody might take for a fact: phones of the state, the fifteen minutes, and the code's region.
    numbers = set(re.findall(r"\d+", text))
    assert numbers <= {"12345", "110", "119", "120", "15", "510100"}


@pytest.mark.parametrize("path", ["/chat", "/mini"])
def test_the_full_page_is_nothing_but_the_chat(serve: Serve, path: str) -> None:
    page = Read(serve().get(path).text)
    assert page.all("community-chat") == [{"page": None}]
    # All in one answer. No launcher: that is what data-region asks for. What the address says is set before the chat
    # begins.
    assert page.all("script") == [{}, {}]
    files = [WIDGET / "pages" / "chat-page.js", WIDGET / "dist" / "widget.js"]
    assert inline(serve().get(path).text, "script") == [file.read_text(encoding="utf-8") for file in files]
    assert not page.all("header") and page.all("noscript")


def test_other_sites_may_frame_the_pages_where_that_is_set(tmp_path: Path) -> None:
    framing = "'self' https://www.example.gov.cn"
    with Server(WebInput(var=tmp_path / "var"), FakeAgent(echo), frame_ancestors=framing) as server:
        for path in (*PAGES, "/receipt", "/nothing"):
            assert server.get(path).headers["Content-Security-Policy"].endswith(f"frame-ancestors {framing}"), path


def test_rasas_own_cors_is_silent_so_that_the_channel_answers() -> None:
    app = rasa.core.run._create_app_without_api()
    assert app.ctx.sanic_cors.resources, "Rasa has not changed: it would answer every OPTIONS"
    pages.install(app, lambda: {})
    assert app.ctx.sanic_cors.resources == []
