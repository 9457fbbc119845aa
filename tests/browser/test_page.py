"""The page in a real browser: it sends, draws every kind, harms nobody, and fits thumbs and eyes."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from bot.channels.pages import WIDGET
from tests.browser.driver import ENTER, TAB, Browser
from tests.channels.messages import ALL_KINDS
from tests.channels.server import Server

#: LINLITONG_SCREENSHOTS names a folder to keep the pictures in.
SHOTS = os.environ.get("LINLITONG_SCREENSHOTS", "")


def ask(page: Browser, text: str) -> None:
    """Types a message, sends it, waits for the answer."""
    before = page.js("return document.querySelectorAll('.msg:not(.mine)').length")
    page.click("#text")
    page.keys(text + ENTER)
    page.wait(f"document.querySelectorAll('.msg:not(.mine)').length > {before}")
    page.wait("document.querySelector('#typing').hidden")


def last(page: Browser) -> str:
    """The text of the newest answer as it is seen."""
    return str(page.js("return [...document.querySelectorAll('.msg:not(.mine)')].pop().innerText"))


def shot(page: Browser, tmp_path: Path, name: str) -> None:
    page.js("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.screenshot(Path(SHOTS or tmp_path) / f"{name}.png")


DRAWN = {
    "faq": ["来源：杨浦区民政局，2024-03-11", "官方发布", "转载资料，请再核实", "有用"],
    "service": ["怎么办", "带身份证到食堂登记", "带什么", "敬老卡", "费用", "五角场街道办", "打 021-65551234"],
    "sites": ["约420米", "现在开着", "开门时间不详", "同一片区", "约1.8公里", "现在没开", "看地图", "国定路", "打电话"],
    "question": ["为什么问", "最多还有3个问题", "是", "不是", "不清楚"],
    "verdict": [
        "符合条件", "每月800元", "最多36个月", "✓ 符合", "✗ 不符合", "？ 不清楚", "第四条第一款", "下一步",
        "NJ-7K2M-0421",
    ],
    "suggestions": ["老年综合津贴", "满65周岁"],
    "life_circle": ["养老", "3处", "约420米", "托育", "没有查到"],
    "clarify": ["租房补贴", "育儿补贴"],
    "handoff": ["打电话 021-65551234"],
    "ticket": ["20261121-007", "已受理"],
    "ack": ["您好"],
    "cannot_answer": ["打电话 12345"],
    "out_of_scope": ["炒股"],
    "emergency": ["马上拨打 120"],
    "error": ["请再发一次"],
}  # fmt: skip


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_kind_is_drawn(page: Browser, tmp_path: Path, kind: str) -> None:
    ask(page, kind)
    said = last(page)
    for words in DRAWN[kind]:
        assert words in said
    # An empty list that slips through as a number.
    assert not re.search(r"^0+$", said, re.MULTILINE)
    assert page.console() == []
    shot(page, tmp_path, f"kind-{kind}")


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_nothing_that_the_server_says_becomes_markup(page: Browser, kind: str) -> None:
    ask(page, f"probe {kind}")
    assert "onerror" in last(page)
    assert page.js("return window.hacked") is None
    assert page.js("return document.querySelectorAll('#log img, #log script').length") == 0
    foreign = "return [...document.querySelectorAll('#log a')].filter(a => !/^(https?|tel):/.test(a.href)).length"
    assert page.js(foreign) == 0


def test_what_the_resident_types_is_inert_too(page: Browser) -> None:
    ask(page, "<img src=x onerror=window.hacked=1>")
    assert "<img src=x" in last(page)
    assert page.js("return window.hacked") is None


def test_a_button_sends_its_payload_and_the_emergency_number_can_be_dialled(page: Browser, server: Server) -> None:
    ask(page, "question")
    page.click(".opts button", "不清楚")
    page.wait("document.querySelectorAll('.msg.mine').length === 2 && document.querySelector('#typing').hidden")
    assert server.agent.heard[-1].text == "不清楚"
    ask(page, "emergency")
    assert page.js("return document.querySelector('.sos .big').getAttribute('href')") == "tel:120"
    assert page.js("return document.querySelector('.sos .big').offsetHeight") >= 80


def test_keyboard_alone_is_enough(page: Browser, server: Server) -> None:
    page.js("document.body.tabIndex = -1; document.body.focus()")
    seen = []
    for _ in range(12):
        page.keys(TAB)
        seen.append(page.js("const a = document.activeElement; return a.id || a.textContent"))
        if seen[-1] == "text":
            break
    assert seen[:4] == ["打12345", "elder", "region", "forget"]
    assert "text" in seen
    outline = page.js("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keys("faq" + ENTER)
    page.wait("document.querySelector('[data-kind=faq]')")
    assert page.js("return document.activeElement.id") == "text"


def test_enter_that_picks_a_word_of_the_input_method_sends_nothing(page: Browser, server: Server) -> None:
    script = """
      const box = document.querySelector('#text');
      box.value = 'shi';
      box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}));
      box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}));
      return box.value"""
    assert page.js(script) == "shi"
    assert server.agent.heard == []


def test_the_log_is_announced_politely_and_everything_has_a_name(page: Browser) -> None:
    ask(page, "sites")
    log = "const l = document.querySelector('#log'); return [l.getAttribute('role'), l.getAttribute('aria-live')]"
    assert page.js(log) == ["log", "polite"]
    assert page.js("return document.documentElement.lang") == "zh-CN"
    nameless = """return [...document.querySelectorAll('button, a, textarea, select')].filter(e =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).length"""
    assert page.js(nameless) == 0


TOO_SMALL = """
  return [...document.querySelectorAll('button, a, select, textarea')].filter(e => e.offsetParent).map(e => {
    const r = e.getBoundingClientRect(); return [e.textContent.slice(0, 20), Math.round(r.width), Math.round(r.height)];
  }).filter(([, w, h]) => h < arguments[0] || w < arguments[0])"""
SMALL_TEXT = """
  return [...document.querySelectorAll('body *')].filter(e => e.offsetParent && [...e.childNodes].some(n =>
    n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < arguments[0])
    .map(e => e.textContent.slice(0, 20))"""
CONTRAST = """
  const rgb = s => { const m = s.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m; };
  const lum = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const back = e => { for (; e; e = e.parentElement) { const b = rgb(getComputedStyle(e).backgroundColor);
    if (b) return b; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')].filter(e => e.offsetParent && [...e.childNodes].some(n =>
    n.nodeType === 3 && n.data.trim())).map(e => { const a = lum(rgb(getComputedStyle(e).color)), b = lum(back(e));
    return [e.textContent.slice(0, 20), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
    .filter(([, ratio]) => ratio < arguments[0])"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("elder", "text", "target", "contrast"), [(False, 18, 60, 4.5), (True, 24, 64, 7.0)])
def test_text_targets_and_contrast_are_large_enough(
    page: Browser, tmp_path: Path, elder: bool, text: int, target: int, contrast: float, dark: bool
) -> None:
    page.dark(dark)
    if elder:
        page.click("#elder")
    for kind in ALL_KINDS:
        ask(page, kind)
    ask(page, "place")
    assert page.js(SMALL_TEXT, text) == []
    assert page.js(TOO_SMALL, target) == []
    assert page.js(CONTRAST, contrast) == []
    style = "const s = getComputedStyle(document.body); return parseFloat(s.lineHeight) / parseFloat(s.fontSize)"
    assert page.js(style) >= 1.5
    for width, height in ((320, 640), (390, 740), (1280, 800)):
        page.size(width, height, mobile=width < 500)
        assert page.js("return document.documentElement.scrollWidth") <= width
        assert page.js("const s = document.querySelector('#scroll'); return s.scrollWidth - s.clientWidth") <= 0
        for kind in ("", "sites", "verdict", "emergency", "question"):
            where = f"document.querySelector('[data-kind={kind}]')" if kind else "document.querySelector('.msg')"
            page.js(f"{where}.scrollIntoView({{block: 'start'}})")
            mode = f"{'elder' if elder else 'normal'}-{'dark' if dark else 'light'}"
            # The frame stays: only the conversation scrolls.
            assert page.js("return document.scrollingElement.scrollTop") == 0
            assert page.js("return document.querySelector('header').getBoundingClientRect().top") == 0
            shot(page, tmp_path, f"{mode}-{width}-{kind or 'start'}")


def test_the_elder_mode_is_remembered(page: Browser, server: Server) -> None:
    page.click("#elder")
    page.open(server.url + "/")
    assert page.js("return document.querySelector('#elder').getAttribute('aria-pressed')") == "true"
    assert page.js("return getComputedStyle(document.body).fontSize") == "24px"


def test_the_conversation_is_there_after_a_reload_and_gone_after_clearing(page: Browser, server: Server) -> None:
    ask(page, "faq")
    ask(page, "verdict")
    page.open(server.url + "/")
    page.wait("document.querySelector('[data-kind=verdict]')")
    kinds = "return [...document.querySelectorAll('.msg')].map(m => m.dataset.kind || m.innerText.slice(0, 12))"
    drawn = page.js(kinds)
    assert [k for k in drawn if k in ALL_KINDS] == ["faq", "verdict"]
    page.click("#forget")
    page.command("POST", "/alert/accept")
    page.wait("document.querySelector('#net').innerText.includes('删除')")
    assert page.js("return document.querySelectorAll('[data-kind=verdict]').length") == 0
    page.open(server.url + "/")
    assert page.js("return document.querySelectorAll('.msg.mine').length") == 0
    assert page.js("return document.querySelector('a.call').getAttribute('href')") == "tel:12345"


def test_offline_nothing_is_lost_and_nothing_is_sent_twice(page: Browser, server: Server) -> None:
    ask(page, "你好")
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    page.cdp("Network.enable")
    page.cdp("Network.emulateNetworkConditions", **offline)
    page.click("#text")
    page.keys("faq" + ENTER)
    page.wait("!document.querySelector('#net').hidden")
    assert "网络" in page.js("return document.querySelector('#net').innerText")
    assert page.js("return JSON.parse(localStorage['linlitong.queue']).length") == 1
    online = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.cdp("Network.emulateNetworkConditions", **online)
    page.wait("document.querySelector('[data-kind=faq]')", 12)
    assert page.js("return document.querySelectorAll('[data-kind=faq]').length") == 1
    assert [m.text for m in server.agent.heard] == ["你好", "faq"]
    assert page.js("return document.querySelector('#net').hidden") is True


def test_an_answer_lost_by_a_reload_in_mid_turn_comes_back(page: Browser, server: Server) -> None:
    page.click("#text")
    page.keys("slow" + ENTER)
    page.wait("!document.querySelector('#typing').hidden")
    page.open(server.url + "/")
    page.wait("[...document.querySelectorAll('.msg')].some(m => m.innerText.includes('您说：slow'))")
    assert len(server.agent.heard) == 1


def test_an_expired_session_is_renewed_without_a_word_lost(page: Browser, server: Server) -> None:
    ask(page, "你好")
    page.js("const s = JSON.parse(localStorage['linlitong.session']); s.token = 'v1.e30.AAAA';"
            "localStorage['linlitong.session'] = JSON.stringify(s)")  # fmt: skip
    page.open(server.url + "/")
    ask(page, "faq")
    assert server.agent.heard[-1].text == "faq"


def test_news_and_another_tabs_talk_arrive_by_themselves(page: Browser, server: Server) -> None:
    ask(page, "你好")
    token = page.js("return JSON.parse(localStorage['linlitong.session']).token")
    server.post(token, "verdict", "other-tab")
    page.wait("document.querySelector('[data-kind=verdict]')")
    assert page.js("return [...document.querySelectorAll('.mine')].pop().innerText").endswith("verdict")


def test_the_place_is_asked_for_only_when_needed_and_made_coarse(page: Browser, server: Server) -> None:
    ask(page, "faq")
    assert page.js("return document.body.innerText.includes('使用我的位置')") is False
    ask(page, "place")
    coords = "{longitude: 121.5142567, latitude: 31.2993111}"
    page.js(f"navigator.geolocation.getCurrentPosition = ok => ok({{coords: {coords}}})")
    page.click(".opts button", "使用我的位置")
    page.wait("[...document.querySelectorAll('.msg')].pop().innerText.includes('用我现在的位置')")
    page.wait("document.querySelector('#typing').hidden")
    assert server.agent.heard[-1].metadata["location"] == {"lng": 121.514, "lat": 31.299, "crs": "wgs84"}


def test_the_region_goes_with_the_message(page: Browser, server: Server) -> None:
    page.js("const r = document.querySelector('#region'); r.value = '320500'; r.dispatchEvent(new Event('change'))")
    ask(page, "faq")
    assert server.agent.heard[-1].metadata["region"] == "320500"
    page.open(server.url + "/")
    assert page.js("return document.querySelector('#region').value") == "320500"


def test_the_page_is_small_and_has_nothing_inline() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in WIDGET.iterdir() if path.is_file()}
    assert sum(len(gzip.compress(text.encode())) for text in files.values()) <= 16_000
    html = files["index.html"]
    assert not re.search(r"<style|style=|<script>|\son\w+=", html)
    assert "innerHTML" not in files["chat.js"] and "outerHTML" not in files["chat.js"]
