"""One line of HTML on any website: a quiet button, a panel that gives the keyboard back, no style in or out."""

from __future__ import annotations

import time

import pytest

from tests.browser import measure
from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, open_new
from tests.browser.driver import ENTER, ESCAPE, F6, TAB, Browser
from tests.browser.site import Site
from tests.browser.widget import Widget
from tests.channels.server import Server

PANEL = "launcher.shadowRoot.querySelector('.panel')"
OPENER = "launcher.shadowRoot.querySelector('.open')"
#: What a careless site does to every element, and to the kinds of elements that we use.
WILD = """
  * { color: rgb(255, 0, 0) !important; background: rgb(255, 255, 0) !important; font: italic 7px serif !important;
      letter-spacing: 9px !important; word-spacing: 9px !important; line-height: 3 !important;
      text-align: right !important; text-indent: 40px !important; text-transform: uppercase !important;
      white-space: nowrap !important;
      text-shadow: 2px 2px red !important; cursor: wait !important; margin: 30px !important; padding: 30px !important;
      border: 9px solid red !important; border-radius: 0 !important; box-sizing: content-box !important;
      list-style: square !important; word-break: break-all !important; font-variant: small-caps !important;
      visibility: visible !important; direction: rtl !important; text-decoration: line-through !important; }
  button, a, textarea, p, h2, li { width: 33px !important; height: 33px !important; display: inline !important; }
  .msg, .say, .card, .field, .head, .box, .cc, .btn { display: none !important; }
"""
#: Computed style of everything in the chat, for comparison. Sizes follow from the rest and from the window.
STYLES = """
  const names = ['color', 'backgroundColor', 'fontSize', 'fontStyle', 'fontFamily', 'fontVariantCaps', 'fontWeight',
    'letterSpacing', 'wordSpacing', 'lineHeight', 'textAlign', 'textIndent', 'textTransform', 'whiteSpace',
    'textShadow', 'cursor', 'marginTop', 'paddingTop', 'borderTopWidth', 'borderTopColor', 'borderTopLeftRadius',
    'boxSizing', 'listStyleType', 'wordBreak', 'direction', 'display', 'visibility', 'textDecorationLine', 'width',
    'position'];
  return $$('.cc, .cc *').filter(e => !e.closest('svg')).map(e => { const s = getComputedStyle(e);
    return [e.tagName + '.' + e.className, names.map(n => n + ': ' + s[n])]; })"""


def host(server: Server, style: str = "", data: str = 'data-region="310110"', scripts: int = 1) -> str:
    """A page of another site with the one line in it."""
    line = f'<script src="{server.url}/widget.js" {data} defer></script>'
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>某社区</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{style}</style>{line * scripts}</head><body><h1>某社区</h1><p class='msg card'>通知</p>"
        "<button class='btn send'>我们的按钮</button> <a href='#x' id='x'>链接</a></body></html>"
    )


@pytest.fixture
def embedded(chromium: Browser, server: Server, site: Site) -> Widget:
    """The widget's button on another site, on a phone."""
    site.pages["/"] = host(server)
    widget = open_new(chromium, site.url + "/")
    widget.wait(OPENER)
    return widget


def press_open(widget: Widget) -> None:
    widget.browser.click_element(widget.js(f"return {OPENER}"))
    widget.wait(f"!{PANEL}.hidden && $('.field textarea')")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_button_is_quiet_until_it_is_pressed(
    chromium: Browser, server: Server, site: Site, size: tuple[int, int]
) -> None:
    site.pages["/"] = host(server)
    page = open_new(chromium, site.url + "/", size)
    page.wait(OPENER)
    time.sleep(2)
    assert page.js(f"return {PANEL}.hidden") is True
    # It has asked for nothing but its file, and moves nothing.
    asked = page.js("return performance.getEntriesByType('resource').map(e => e.name)")
    assert asked == [server.url + "/widget.js"]
    assert page.js("return document.getAnimations().length") == 0
    assert page.js("return Object.keys(localStorage).length") == 0
    # It covers a corner, no more.
    share = page.js(f"const r = {OPENER}.parentElement.getBoundingClientRect();"
                    "return r.width * r.height / (innerWidth * innerHeight)")  # fmt: skip
    assert share < 0.08
    assert page.js(f"return {OPENER}.offsetHeight") >= 60
    press_open(page)
    assert page.js("return $('.log').innerText.includes('您好，我是邻里通')")
    assert page.browser.console() == []


def test_a_closed_chat_is_not_there_for_keyboard_and_screen_reader(embedded: Widget) -> None:
    page, browser = embedded, embedded.browser
    press_open(page)
    page.ask("faq")
    page.browser.keys(ESCAPE)
    page.wait(f"{PANEL}.hidden")
    tree = browser.cdp("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored") and "role" in node]
    assert "log" not in roles and "dialog" not in roles and "textbox" not in roles
    browser.js("document.body.tabIndex = -1; document.body.focus()")
    seen = []
    for _ in range(8):
        browser.keys(TAB)
        seen.append(page.focused())
    assert not any("发送" in words or "您想问什么" in words for words in seen), seen
    # The same look finds the chat once it is open.
    press_open(page)
    tree = browser.cdp("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored") and "role" in node]
    assert "log" in roles and "dialog" in roles


def test_escape_and_the_close_button_give_the_keyboard_back(embedded: Widget) -> None:
    page = embedded
    for close in (lambda: page.browser.keys(ESCAPE), lambda: page.click(".shut")):
        page.browser.js("document.body.tabIndex = -1; document.body.focus()")
        page.js(f"{OPENER}.focus()")
        page.browser.keys(ENTER)
        page.wait(f"!{PANEL}.hidden && $('.field textarea')")
        # The keyboard is in the chat now.
        page.wait("root.activeElement")
        assert page.js(f"return {OPENER}.getAttribute('aria-expanded')") == "true"
        close()
        page.wait(f"{PANEL}.hidden")
        assert page.js(f"return launcher.shadowRoot.activeElement === {OPENER}") is True
        assert page.js(f"return {OPENER}.getAttribute('aria-expanded')") == "false"


def test_escape_in_the_settings_closes_only_them(embedded: Widget) -> None:
    press_open(embedded)
    embedded.menu()
    embedded.browser.keys(ESCAPE)
    embedded.wait("!$('.menu')")
    assert embedded.js(f"return {PANEL}.hidden") is False
    assert embedded.js("return root.activeElement.className") == "more"


def test_f6_goes_between_the_field_and_what_was_said(embedded: Widget) -> None:
    press_open(embedded)
    embedded.ask("faq")
    embedded.click_exactly("button", "没用")
    embedded.js("$('.field textarea').focus()")
    embedded.browser.keys(F6)
    assert embedded.js("return root.activeElement.className") == "scroll"
    embedded.browser.keys(F6)
    assert embedded.js("return root.activeElement === $('.field textarea')") is True


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_nothing_of_the_sites_style_leaks_in_and_nothing_of_ours_out(
    chromium: Browser, server: Server, site: Site, size: tuple[int, int]
) -> None:
    looks, outside = [], []
    for style in ("", WILD):
        site.pages["/"] = host(server, style)
        page = open_new(chromium, site.url + "/", size)
        page.wait(OPENER)
        press_open(page)
        page.ask("judge")
        page.menu()
        looks.append(page.js(STYLES))
        if not style:
            outside.append(page.js(_OUTSIDE))
    calm, wild = looks
    assert len(calm) == len(wild) > 60
    changed = [(a[0], set(b[1]) - set(a[1])) for a, b in zip(calm, wild, strict=True) if a[1] != b[1]]
    assert changed[:8] == []
    # The same page without the script looks the same.
    site.pages["/"] = host(server, scripts=0)
    chromium.open(site.url + "/")
    plain = Widget(chromium).js(_OUTSIDE)
    assert set(outside[0][2]) - set(plain[2]) == set()
    assert outside[0][:2] + outside[0][3:] == plain[:2] + plain[3:]


_OUTSIDE = """
  const names = Object.keys(window).filter(k => !/^(webkit|on|cdc_|\\$cdc|ret_|se_)/.test(k));
  return [document.styleSheets.length, document.adoptedStyleSheets.length, names,
    [...document.querySelectorAll('body, h1, p, button, a')].map(e => {
    const s = getComputedStyle(e); return [...s].map(n => n + s.getPropertyValue(n)).join(';'); })]"""


def test_on_a_wild_site_the_button_itself_stays_in_its_corner(chromium: Browser, server: Server, site: Site) -> None:
    site.pages["/"] = host(server, WILD)
    page = open_new(chromium, site.url + "/")
    page.wait(OPENER)
    r = page.js(f"const r = {OPENER}.getBoundingClientRect(); return [r.right, r.bottom, r.height, r.width]")
    assert 200 < r[0] <= 390 and 600 < r[1] <= 740 and 60 <= r[2] <= 80 and 100 < r[3] < 330
    assert page.js(f"return getComputedStyle({OPENER}).fontSize") == "20px"
    assert page.js("return document.documentElement.scrollWidth") <= page.js("return innerWidth + 200")


def test_a_site_can_give_it_its_own_colours(chromium: Browser, server: Server, site: Site) -> None:
    colours = "--linlitong-accent: #7a1f5c; --linlitong-accent-ink: #fffafa"
    site.pages["/"] = host(server, f"community-launcher {{ {colours} }}")
    page = open_new(chromium, site.url + "/")
    page.wait(OPENER)
    press_open(page)
    assert page.js("return getComputedStyle($('.head')).backgroundColor") == "rgb(122, 31, 92)"
    assert page.js("return getComputedStyle($('.head')).color") == "rgb(255, 250, 250)"


def test_it_talks_to_its_own_server_from_another_site(embedded: Widget, server: Server) -> None:
    press_open(embedded)
    embedded.ask("faq")
    assert [m.text for m in server.agent.heard] == ["faq"]
    assert server.agent.heard[0].metadata["region"] == "310110"
    embedded.browser.open(embedded.js("return location.href"))
    embedded.wait(OPENER)
    press_open(embedded)
    embedded.wait("$('[data-kind=faq]')")
    assert embedded.browser.console() == []


def test_two_lines_are_one_widget(chromium: Browser, server: Server, site: Site) -> None:
    site.pages["/"] = host(server, scripts=2)
    page = open_new(chromium, site.url + "/")
    page.wait(OPENER)
    assert page.browser.js("return document.querySelectorAll('community-launcher').length") == 1
    assert page.browser.console() == []


def test_the_button_can_be_put_away(embedded: Widget) -> None:
    embedded.browser.click_element(embedded.js("return launcher.shadowRoot.querySelector('.away')"))
    assert embedded.js("return launcher.getClientRects().length") == 0
    embedded.browser.open(embedded.js("return location.href"))
    time.sleep(0.5)
    assert embedded.js("return !launcher || launcher.getClientRects().length === 0")


def test_the_element_itself_can_stand_in_a_page(chromium: Browser, server: Server, site: Site) -> None:
    site.pages["/own"] = host(server, "community-chat { height: 600px }", data="").replace(
        "</body>", '<community-chat region="320100" starters="租房补贴|"></community-chat></body>'
    )
    page = open_new(chromium, site.url + "/own")
    page.ready()
    assert page.js("return launcher") is None
    assert page.js("return chat.offsetHeight") == 600
    assert page.js("return $$('.opts button').map(b => b.textContent)") == ["租房补贴"]
    page.ask("faq")
    assert server.agent.heard[-1].metadata["region"] == "320100"


# --- our own pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_demo_page_is_without_fault_closed_and_open(
    chromium: Browser, server: Server, size: tuple[int, int], dark: bool
) -> None:
    page = open_new(chromium, server.url + "/", size)
    chromium.dark(dark)
    page.wait(OPENER)
    assert violations(chromium) == []
    assert chromium.js("return document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")
    press_open(page)
    page.ask("faq")
    assert violations(chromium) == []
    assert measure.sideways(page) == []
    assert chromium.console() == []


@pytest.mark.parametrize("width", [320, 640])
def test_the_demo_page_needs_no_sideways_scrolling(chromium: Browser, server: Server, width: int) -> None:
    page = open_new(chromium, server.url + "/", (width, 500))
    page.wait(OPENER)
    assert chromium.js("return document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


@pytest.mark.parametrize("path", ["/chat", "/mini?region=510100&font=1.25"])
def test_the_full_pages_are_without_fault(chromium: Browser, server: Server, path: str) -> None:
    page = open_new(chromium, server.url + path)
    page.ready()
    assert violations(chromium) == []
    assert page.js("return launcher") is None
    assert page.js("return $('.shut')") is None
    # The chat fills the window, and only the conversation scrolls.
    assert page.js("return [chat.offsetWidth, chat.offsetHeight]") == [390, 740]
    assert chromium.js("return document.scrollingElement.scrollHeight") <= 740
    assert chromium.console() == []


@pytest.mark.parametrize(
    ("font", "pixels"),
    [("1.25", 22.5), ("2", 36), ("4", 36), ("0.5", 18), ("9", 18), ("-1", 18), ("abc", 18), ("", 18)],
)
def test_a_mini_program_gives_the_size_of_the_text(chromium: Browser, server: Server, font: str, pixels: float) -> None:
    page = open_new(chromium, f"{server.url}/mini?region=510100&font={font}")
    page.ready()
    assert page.js("return getComputedStyle($('.cc')).fontSize") == f"{pixels:g}px"


def test_a_mini_program_names_the_city(chromium: Browser, server: Server) -> None:
    page = open_new(chromium, f"{server.url}/mini?region=320500")
    page.ready()
    page.ask("faq")
    assert server.agent.heard[-1].metadata["region"] == "320500"
