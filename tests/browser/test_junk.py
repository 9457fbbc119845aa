"""Whatever stands in whatever field of whatever kind: nothing runs, nothing leads astray, nothing breaks or freezes."""

from __future__ import annotations

import json

import pytest

from tests.browser import junk
from tests.browser.bot import PROBE
from tests.browser.conftest import open_new
from tests.browser.driver import Browser
from tests.browser.widget import Widget
from tests.channels.messages import ALL_KINDS, Message
from tests.channels.server import Server

#: The page's own ``fetch``, but for the answers to messages: those are what ``window.junk`` holds.
_FEED = """
  window.longest = 0;
  new PerformanceObserver(l => l.getEntries().forEach(e => { window.longest = Math.max(window.longest, e.duration); }))
    .observe({entryTypes: ['longtask']});
  const real = window.fetch;
  window.fetch = (url, how) => String(url).endsWith('/message')
    ? Promise.resolve(new Response(JSON.stringify({messages: window.junk}), {status: 200})) : real(url, how);
"""
_PUT = """
  const pieces = arguments[1], size = arguments[2];
  window.junk = JSON.parse(arguments[0], (key, value) => {
    const big = typeof value === 'string' && /^@@BIG (\\d+)$/.exec(value);
    return big ? pieces[big[1]].repeat(Math.ceil(size / pieces[big[1]].length)).slice(0, size) : value;
  });
"""
LINKS = """
  return $$('[href], [src], [action], [formaction]').flatMap(e => ['href', 'src', 'action', 'formaction'].map(n =>
    e.getAttribute(n)).filter(v => v !== null && !/^(https?:\\/\\/[^/\\s]|tel:[\\d+]+$|#)/.test(v)))"""
BIDI = "return (root.textContent.match(/[\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\u061c]/g) || []).length"
#: Longest that the page may be busy without a break, milliseconds.
FREEZE_MS = 2000


@pytest.fixture
def fed(chromium: Browser, server: Server) -> Widget:
    widget = open_new(chromium, server.url + "/chat", region="310110")
    widget.ready()
    # The session is begun before answers are made up.
    widget.ask("你好")
    widget.js(_FEED)
    return widget


def feed(widget: Widget, messages: list[Message]) -> None:
    """Lets the page hear these as the answer to a message, and waits until they are drawn."""
    before = widget.count(".msg")
    widget.js(_PUT, json.dumps(messages, ensure_ascii=False), junk.BIG_PIECES, junk.BIG)
    widget.js("""
      const t = $('.field textarea'); t.value = '再来'; t.dispatchEvent(new Event('input', {bubbles: true}));
      requestAnimationFrame(() => $('form').requestSubmit ? $('form').requestSubmit() : $('.send').click());""")
    widget.wait(f"$$('.msg').length >= {before + 1 + len(messages)}", 8)


def harmless(widget: Widget) -> None:
    """Nothing ran, nothing leads anywhere but to the web and the telephone, nothing was thrown."""
    assert widget.js("return window.hacked") is None
    assert widget.js(LINKS) == []
    assert widget.js("return $$('img:not([src^=data]), script, iframe, object, embed, base, meta, link, form')"
                     ".filter(e => !e.matches('.field')).map(e => e.outerHTML)") == []  # fmt: skip
    assert widget.js("return $$('*').flatMap(e => e.getAttributeNames().filter(n => /^on/.test(n)))") == []
    assert widget.browser.console() == []


@pytest.mark.parametrize("kind", junk.KINDS)
def test_a_foul_text_in_every_field_is_only_a_text(fed: Widget, kind: str) -> None:
    feed(fed, junk.foul(kind))
    assert "onerror" in fed.text()
    assert fed.js(BIDI) == 0
    harmless(fed)


@pytest.mark.parametrize("kind", junk.KINDS)
def test_a_field_of_the_wrong_type_breaks_nothing(fed: Widget, kind: str) -> None:
    messages = junk.wrong(kind)
    for start in range(0, len(messages), 150):
        feed(fed, messages[start : start + 150])
        assert fed.browser.console() == []
    assert "[object Object]" not in fed.text()
    harmless(fed)


@pytest.mark.parametrize("kind", junk.KINDS)
def test_a_hundred_kilobytes_in_every_field_freeze_nothing(fed: Widget, kind: str) -> None:
    slow = {}
    for number, said in junk.big(kind):
        fed.js("window.longest = 0")
        feed(fed, [said])
        longest = fed.js("return window.longest")
        if longest >= FREEZE_MS:
            slow[junk.BIG_PIECES[number]] = longest
    assert slow == {}
    harmless(fed)
    # The chat goes on.
    feed(fed, [{"text": "还在", "custom": {"kind": "ack"}}])
    assert "还在" in fed.last()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_nothing_that_the_server_really_says_becomes_markup(page: Widget, kind: str) -> None:
    """The same by the real way: server, contract, history."""
    page.ask(f"probe {kind}")
    assert "onerror" in page.last()
    harmless(page)


def test_what_the_resident_types_is_inert_too(page: Widget, server: Server) -> None:
    page.ask(PROBE)
    assert PROBE in page.text(".mine")
    harmless(page)
    page.browser.open(server.url + "/chat")
    page.wait("$('.mine')")
    assert PROBE in page.text(".mine")
    harmless(page)


def test_a_refusal_and_a_notice_of_the_server_are_only_texts(page: Widget) -> None:
    page.js("""window.fetch = () => Promise.resolve(new Response(JSON.stringify({error: {code: 'x', message:
               arguments[0]}}), {status: 400}))""", PROBE)  # fmt: skip
    page.say("你好")
    page.wait("$('.mine .wait')")
    assert "onerror" in page.text(".mine .wait")
    harmless(page)
