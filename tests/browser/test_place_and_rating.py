"""Where the resident is, only when needed and never exactly; and whether an answer helped."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.browser.bot import PROBE
from tests.browser.driver import Browser
from tests.browser.widget import IDLE, Widget
from tests.channels.server import Server

EXACT = {"latitude": 31.2993111, "longitude": 121.5142567, "accuracy": 5}


@pytest.fixture
def somewhere(page: Widget, server: Server) -> Iterator[Browser]:
    """A device that knows where it is."""
    page.browser.cdp("Emulation.setGeolocationOverride", **EXACT)
    yield page.browser
    page.browser.cdp("Emulation.clearGeolocationOverride")
    permit(page.browser, "prompt")


def permit(browser: Browser, state: str) -> None:
    """What the resident answers when the browser asks: granted, denied, or nothing yet (prompt)."""
    browser.command("POST", "/permissions", {"descriptor": {"name": "geolocation"}, "state": state})


def test_the_place_is_asked_for_only_when_needed_and_made_coarse(
    page: Widget, server: Server, somewhere: Browser
) -> None:
    permit(somewhere, "granted")
    somewhere.js("""window.asked = 0; const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
                    navigator.geolocation.getCurrentPosition = (...a) => { window.asked++; real(...a); }""")
    page.ask("faq")
    assert "用我的位置" not in page.text() and somewhere.js("return window.asked") == 0
    page.ask("place")
    # A reason, and another way, stand beside the button; nothing is taken before it is pressed.
    assert "才能找近的" in page.last() and "也可以直接打字" in page.last()
    assert somewhere.js("return window.asked") == 0
    page.click("[data-kind=question] button", "用我的位置")
    page.wait(f"$$('.mine').pop().innerText.includes('用我现在的位置') && {IDLE}")
    assert server.agent.heard[-1].metadata["location"] == {"lng": 121.514, "lat": 31.299, "crs": "wgs84"}
    assert "31.2993" not in somewhere.js("return JSON.stringify(localStorage)")
    # It need not be given again.
    page.ask("service")
    assert server.agent.heard[-1].metadata["location"]["lng"] == 121.514
    assert somewhere.js("return window.asked") == 1


def test_what_leaves_the_phone_is_coarse_already(page: Widget, server: Server, somewhere: Browser) -> None:
    permit(somewhere, "granted")
    page.ask("place")
    somewhere.js("""window.bodies = []; const real = window.fetch;
                    window.fetch = (u, h) => { if (h && h.body) window.bodies.push(h.body); return real(u, h); }""")
    page.click("[data-kind=question] button", "用我的位置")
    page.wait(f"$$('.mine').length === 2 && {IDLE}")
    sent = "".join(somewhere.js("return window.bodies"))
    assert '"lng":121.514,' in sent and "121.5142" not in sent and "31.2993" not in sent


def test_who_refuses_types_a_place_instead(page: Widget, server: Server, somewhere: Browser) -> None:
    permit(somewhere, "denied")
    page.ask("place")
    page.click("[data-kind=question] button", "用我的位置")
    page.wait("$('.notice').innerText.includes('请打字告诉我')")
    page.ask("五角场")
    assert [m.text for m in server.agent.heard] == ["place", "五角场"]
    assert not server.agent.heard[-1].metadata.get("location")


def judged(server: Server) -> list[tuple[Any, ...]]:
    """What residents have said of answers, as it is stored: answer, helpful, comment."""
    with closing(sqlite3.connect(server.channel._var / "state.db")) as db:
        return list(db.execute("SELECT answer_id, helpful, comment FROM feedback ORDER BY at"))


def test_a_thumb_up_is_one_tap(page: Widget, server: Server) -> None:
    before = len(judged(server))
    page.ask("faq")
    page.click_exactly("button", "有用")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('谢谢')")
    assert [row[:2] for row in judged(server)][before:] == [("a-faq", 1)]
    # It cannot be pressed twice.
    assert page.js("return $$('button').filter(b => b.textContent === '有用').length") == 0


def test_a_thumb_down_asks_why_and_the_words_come_along(page: Widget, server: Server) -> None:
    before = len(judged(server))
    page.ask("faq")
    page.click_exactly("button", "没用")
    page.js("$('.why textarea').focus()")
    page.browser.keys("电话打不通")
    page.click_exactly(".why button", "信息不对")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('谢谢')")
    assert judged(server)[before:] == [("a-faq", 0, "信息不对 电话打不通")]


def test_a_reason_needs_no_words(page: Widget, server: Server) -> None:
    before = len(judged(server))
    page.ask("verdict")
    page.click_exactly("button", "没用")
    page.click_exactly(".why button", "看不懂")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('谢谢')")
    assert [(row[0], row[1], row[2].strip()) for row in judged(server)[before:]] == [("a-verdict", 0, "看不懂")]


def test_a_judgement_that_was_not_taken_says_so_and_can_be_given_again(page: Widget, server: Server) -> None:
    page.ask("faq")
    page.browser.js("window.kept = window.fetch; window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")
    page.click_exactly("button", "有用")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('没有记上')")
    page.browser.js("window.fetch = window.kept")
    page.click_exactly("button", "有用")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('谢谢')")


def test_what_the_server_says_to_a_judgement_is_only_a_text(page: Widget) -> None:
    page.ask("faq")
    page.browser.js("""window.fetch = () => Promise.resolve(new Response(JSON.stringify({error: {code: 'x', message:
                       arguments[0]}}), {status: 400}))""", PROBE)  # fmt: skip
    page.click_exactly("button", "有用")
    page.wait("$$('.msg p[role=status]').pop().textContent.includes('onerror')")
    assert page.js("return window.hacked") is None
