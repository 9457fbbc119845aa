"""What a 75-year-old meets: large type, the answer in sight, a voice, no tap that goes astray, one place to begin."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bot.channels.script import traditional
from tests.browser.conftest import DESKTOP, PHONE, open_new
from tests.browser.driver import ENTER, TAB, Browser
from tests.browser.widget import IDLE, Widget
from tests.channels.server import Server

#: How far below the top of the conversation the last element of a kind begins, in pixels.
TOP = """const s = $('.scroll').getBoundingClientRect();
         return Math.round($$(arguments[0]).pop().getBoundingClientRect().top - s.top)"""
INSIDE = """const s = $('.scroll').getBoundingClientRect(), r = $$(arguments[0]).pop().getBoundingClientRect();
            return r.top >= s.top - 1 && r.bottom <= s.bottom + 1"""
#: Titles of the answers that can be tapped.
ENABLED = "return $$('.msg[data-kind] .opts button:enabled').map(b => b.textContent)"
CITY = "const s = $('.menu select'); return s.selectedOptions[0].text"
BUBBLES = "$$('.msg:not(.mine)')"


# --- large type -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_elders_version_is_one_tap_away_and_remembered(
    chromium: Browser, server: Server, size: tuple[int, int]
) -> None:
    page = open_new(chromium, server.url + "/chat", size, region="310110")
    page.ready()
    assert page.js("return getComputedStyle($('.cc')).fontSize") == "18px"
    page.click_exactly("button", "长辈版")
    assert page.js("return getComputedStyle($('.cc')).fontSize") == "24px"
    assert page.js("return $$('button').find(b => b.textContent === '长辈版').getAttribute('aria-pressed')") == "true"
    page.menu()
    page.click_exactly(".menu button", "最大")
    assert page.js("return getComputedStyle($('.cc')).fontSize") == "48px"
    chromium.open(server.url + "/chat")
    page.ready()
    assert page.js("return getComputedStyle($('.cc')).fontSize") == "48px"
    page.menu()
    page.click_exactly(".menu button", "标准")
    page.click_exactly("button", "长辈版")
    assert page.js("return getComputedStyle($('.cc')).fontSize") == "18px"


# --- buttons of what was asked before ---------------------------------------------------------------


def test_the_buttons_of_an_older_question_answer_nothing_any_more(page: Widget, server: Server) -> None:
    page.ask("question")
    page.tap("是")
    page.ask("question")
    old = "const b = [...$$('[data-kind=question]')[0].querySelectorAll('.opts button')]; "
    assert page.js(old + "return b.length === 3 && b.every(x => x.disabled)") is True
    page.js(old + "b[1].click()")
    assert page.count(".mine") == 3
    assert [m.text for m in server.agent.heard] == ["question", "是", "question"]
    assert page.js(ENABLED) == ["是", "不是", "不清楚"]


def test_a_second_tap_before_the_answer_is_not_heard(page: Widget, server: Server) -> None:
    page.ask("question")
    page.js("const b = $('[data-kind=question] .opts button:enabled'); b.click(); b.click()")
    page.wait(f"$$('.mine').length >= 2 && {IDLE}")
    time.sleep(0.3)
    assert [m.text for m in server.agent.heard] == ["question", "是"]


def test_an_answer_typed_retires_the_buttons_too_and_an_apology_gives_them_back(page: Widget) -> None:
    page.ask("question")
    page.ask("error")
    assert page.js(ENABLED) == ["是", "不是", "不清楚"]
    page.ask("ticket")
    assert page.js(ENABLED) == []


def test_the_buttons_of_a_reloaded_conversation_are_retired_as_well(page: Widget, server: Server) -> None:
    page.ask("question")
    page.tap("不是")
    page.browser.open(server.url + "/chat")
    page.wait("$$('.mine').length === 2")
    assert page.js(ENABLED) == []


def test_after_a_button_the_keyboard_goes_on_in_the_conversation(page: Widget) -> None:
    page.ask("question")
    page.js("$('[data-kind=question] .opts button:enabled').focus()")
    page.browser.keys(ENTER)
    page.wait(f"$$('.mine').length === 2 && {IDLE}")
    page.browser.keys(TAB)
    # Not thrown back to the top of the page: what comes next, or the field below it.
    assert page.js("const a = root.activeElement; return Boolean(a && (a.closest('.log') || a.closest('.field')))")


def test_after_sending_the_keyboard_stays_in_the_field(page: Widget) -> None:
    page.ask("faq")
    assert page.js("return root.activeElement === $('.field textarea') && $('.field textarea').value === ''") is True


# --- what is in sight -------------------------------------------------------------------------------


def test_a_reply_of_three_messages_is_seen_from_its_first(page: Widget) -> None:
    page.ask("faq")
    page.ask("judge")
    assert page.count("[data-kind=suggestions]") == 1
    assert 0 <= page.js(TOP, "[data-kind=verdict]") <= 20


def test_a_short_answer_stands_under_its_question(page: Widget) -> None:
    page.ask("judge")
    page.ask("你好")
    assert page.js(INSIDE, ".msg:not(.mine)") is True


def test_a_reload_shows_the_last_answer_from_its_beginning(page: Widget, server: Server) -> None:
    page.ask("faq")
    page.ask("judge")
    page.browser.open(server.url + "/chat")
    page.wait("$('[data-kind=verdict]')")
    assert 0 <= page.js(TOP, "[data-kind=verdict]") <= 20


def test_who_has_scrolled_back_is_left_there(page: Widget, server: Server) -> None:
    for _ in range(4):
        page.ask("faq")
    page.js("const s = $('.scroll'); s.dispatchEvent(new WheelEvent('wheel', {bubbles: true})); s.scrollTop = 0")
    page.browser.size(390, 700, mobile=True)
    time.sleep(0.3)
    assert page.js("return $('.scroll').scrollTop") == 0


# --- voice ------------------------------------------------------------------------------------------

VOICE = """
  window.said = [];
  class Utterance { constructor(text) { this.text = text; } }
  window.SpeechSynthesisUtterance = Utterance;
  Object.defineProperty(window, 'speechSynthesis', {configurable: true, value: {
    getVoices: () => [{lang: 'en-US', name: 'e'}, {lang: 'zh-CN', name: 'z'}],
    cancel() { const u = window.now; window.now = null; if (u && u.onend) u.onend(); },
    speak(u) { window.now = u; window.said.push([u.text, u.lang, u.rate, u.voice && u.voice.lang]); }}});
"""
MICROPHONE = """
  window.started = 0;
  window.SpeechRecognition = window.webkitSpeechRecognition = class {
    start() { window.started++; window.mic = this; }
    stop() { this.onend && this.onend(); }
  };
"""


@pytest.fixture
def voiced(chromium: Browser, server: Server) -> Iterator[Widget]:
    """A browser that can speak and hear: headless Chromium has no voice."""
    number = chromium.before_each_page(VOICE + MICROPHONE)
    page = open_new(chromium, server.url + "/chat", region="310110")
    page.ready()
    yield page
    chromium.no_longer_before(number)


def test_an_answer_is_read_aloud_slowly_in_chinese_and_stops(voiced: Widget) -> None:
    voiced.ask("faq")
    voiced.click(".msg button", "朗读")
    text, lang, rate, voice = voiced.browser.js("return window.said[0]")
    assert text.startswith("满60周岁的老人都能到社区长者食堂吃饭") and "<" not in text
    assert (lang, voice) == ("zh-CN", "zh-CN") and 0.5 <= rate < 1
    voiced.click(".msg button", "停")
    assert voiced.browser.js("return window.now") is None
    assert "朗读" in voiced.last()
    # What ends by itself gives the button back as well.
    voiced.click(".msg button", "朗读")
    voiced.browser.js("const u = window.now; window.now = null; u.onend()")
    voiced.wait(f"{BUBBLES}.pop().innerText.includes('朗读')")
    assert len(voiced.browser.js("return window.said")) == 2


def test_nothing_is_read_without_being_asked_and_everything_where_it_is(voiced: Widget) -> None:
    voiced.ask("faq")
    assert voiced.browser.js("return window.said") == []
    voiced.menu()
    voiced.click_exactly(".menu button", "每条都念出来")
    voiced.browser.js("document.activeElement.blur()")
    voiced.ask("handoff")
    assert [s[0][:9] for s in voiced.browser.js("return window.said")] == ["这件事要请工作人员"]


def test_one_can_speak_instead_of_typing(voiced: Widget, server: Server) -> None:
    voiced.click(".mic")
    assert voiced.js("return $('.mic').getAttribute('aria-pressed')") == "true"
    voiced.browser.js("""
      const result = Object.assign([{transcript: '附近哪里有食堂'}], {isFinal: true});
      window.mic.onresult({results: [result]}); window.mic.onend()""")
    voiced.wait("$('.field textarea').value === '附近哪里有食堂'")
    # It is the resident who sends it: what was misheard can be mended first.
    time.sleep(0.2)
    assert server.agent.heard == []
    voiced.click(".send")
    voiced.wait("$$('.mine').length === 1")
    assert "附近哪里有食堂" in voiced.text(".mine")


@pytest.mark.parametrize("error", ["network", "service-not-allowed"])
def test_a_microphone_that_failed_once_is_offered_no_more(voiced: Widget, server: Server, error: str) -> None:
    voiced.click(".mic")
    voiced.browser.js("window.mic.onerror({error: arguments[0]}); window.mic.onend()", error)
    voiced.wait("!$('.mic')")
    assert "打字" in voiced.text(".notice")
    voiced.browser.open(server.url + "/chat")
    voiced.ready()
    assert voiced.js("return $('.mic')") is None


def test_silence_alone_does_not_take_the_microphone_away(voiced: Widget) -> None:
    voiced.click(".mic")
    voiced.browser.js("window.mic.onerror({error: 'no-speech'}); window.mic.onend()")
    voiced.wait("$('.mic') && $('.mic').getAttribute('aria-pressed') === 'false'")


def test_where_the_browser_cannot_speak_or_hear_nothing_is_offered(chromium: Browser, server: Server) -> None:
    number = chromium.before_each_page(
        "for (const name of ['webkitSpeechRecognition', 'SpeechRecognition', 'SpeechSynthesisUtterance', "
        "'speechSynthesis']) { delete window[name]; delete Window.prototype[name]; }"
    )
    try:
        page = open_new(chromium, server.url + "/chat", region="310110")
        page.ready()
        page.ask("faq")
        assert page.js("return $('.mic')") is None and "朗读" not in page.last()
        assert chromium.console() == []
    finally:
        chromium.no_longer_before(number)


# --- Simplified, Traditional ------------------------------------------------------------------------


def test_traditional_changes_every_word_and_no_payload(page: Widget, server: Server) -> None:
    for kind in ("question", "verdict"):
        page.ask(kind)
    page.menu()
    page.click_exactly(".menu button", "繁體")
    page.wait("$('.log').innerText.includes('您在南京有自己的房子嗎')")
    page.wait("$$('[data-kind=verdict]').length === 1")
    assert page.js("return $('.cc').lang") == "zh-Hant"
    page.js("for (const d of $$('details')) d.open = true")
    # What the resident typed, and the names of the scripts, stay as they are.
    said = page.js("return $$('.cc')[0].innerText")
    lines = [line for line in said.split("\n") if line.strip() and line.strip() not in ("简体", "成都")]
    wrong = [line for line in lines if traditional(line) != line]
    assert wrong == []
    page.browser.keys("")
    page.click_exactly("button", "長輩版")
    page.ask("question")
    page.tap("不清楚")
    assert server.agent.heard[-1].text == "不清楚"
    page.browser.open(server.url + "/chat")
    page.wait("$('.log').innerText.includes('您在南京有自己的房子嗎')")


# --- which city -------------------------------------------------------------------------------------


def test_the_first_visit_asks_for_the_city_and_presets_none(first_visit: Widget, server: Server) -> None:
    page = first_visit
    page.wait("$$('.opts button').length >= 6")
    assert page.js("return $$('.opts button').map(b => b.textContent)")[:6] == [
        "成都", "上海杨浦", "南京", "苏州", "保定", "其他地方"
    ]  # fmt: skip
    page.tap("南京")
    assert "好，我按南京的资料回答您" in page.last()
    assert page.js("return $$('.opts button').some(b => b.textContent === '苏州')") is False
    page.tap("租房子政府补不补钱")
    page.wait(f"$$('.mine').length === 1 && {IDLE} && {BUBBLES}.length > 1")
    assert server.agent.heard[-1].metadata["region"] == "320100"
    page.browser.open(server.url + "/chat")
    page.ready()
    page.menu()
    assert page.js(CITY) == "南京"
    assert page.browser.console() == []


def test_words_before_a_city_are_answered_nationally_and_again_for_the_city(
    first_visit: Widget, server: Server
) -> None:
    page = first_visit
    page.wait("$$('.opts button').length >= 6")
    page.ask("faq")
    assert server.agent.heard[-1].metadata["region"] == "100000"
    assert "上面是按全国的规定答的" in page.last()
    page.tap("苏州")
    page.click("button", "再问一遍")
    page.wait(f"$$('[data-kind=faq]').length === 2 && {IDLE}")
    assert [(m.text, m.metadata["region"]) for m in server.agent.heard] == [("faq", "100000"), ("faq", "320500")]


def test_an_emergency_waits_for_no_city(first_visit: Widget) -> None:
    first_visit.ask("emergency")
    assert "马上打 120" in first_visit.last()
    assert first_visit.js(INSIDE, ".sos a") is True


def test_another_city_is_said_and_the_question_can_be_asked_again(page: Widget, server: Server) -> None:
    page.ask("faq")
    page.menu()
    page.js("const s = $('.menu select'); s.value = '130600'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    assert "好，我按保定的资料回答您" in page.last()
    page.click("button", "再问一遍：faq")
    page.wait(f"$$('.mine').length === 2 && {IDLE}")
    assert server.agent.heard[-1].metadata["region"] == "130600"


def test_the_city_goes_with_the_message_and_is_remembered(page: Widget, server: Server) -> None:
    page.menu()
    page.js("const s = $('.menu select'); s.value = '320500'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    page.ask("faq")
    assert server.agent.heard[-1].metadata["region"] == "320500"
    page.browser.open(server.url + "/chat")
    page.ready()
    page.menu()
    assert page.js(CITY) == "苏州"


def test_a_question_about_the_other_city_is_over(page: Widget) -> None:
    page.ask("question")
    page.menu()
    page.js("const s = $('.menu select'); s.value = '130600'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    assert page.js(ENABLED) == []


def test_a_city_named_in_words_is_the_one_that_is_shown(page: Widget, server: Server) -> None:
    page.ask("suzhou")
    page.menu()
    assert page.js(CITY) == "苏州"
    assert "好，我按苏州的资料回答您" in page.text()
    page.ask("你好")
    assert server.agent.heard[-1].metadata["region"] == "320500"


def test_an_old_answer_does_not_move_the_page_again(page: Widget, server: Server) -> None:
    page.ask("suzhou")
    page.menu()
    page.js("const s = $('.menu select'); s.value = '310110'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    page.browser.open(server.url + "/chat")
    page.wait("$('[data-kind=faq]')")
    page.menu()
    assert page.js(CITY) == "上海杨浦"


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("elder", [False, True])
def test_nothing_of_the_header_lies_over_anything_else(page: Widget, width: int, elder: bool) -> None:
    page.browser.size(width, 640, mobile=True)
    page.settings(elder=elder)
    page.browser.open(page.browser.js("return location.href"))
    page.ready()
    page.menu()
    over = """const r = $$('.head h2, .head button, .head a, .menu select').map(e => e.getBoundingClientRect());
      return r.some((a, i) => r.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 1 && b.top < a.bottom - 1))"""
    assert page.js(over) is False
    room = """const s = $('.menu select'), c = document.createElement('canvas').getContext('2d');
      c.font = getComputedStyle(s).font;
      return s.clientWidth - c.measureText('上海杨浦').width - parseFloat(getComputedStyle(s).paddingLeft) * 2"""
    assert page.js(room) >= 0


# --- privacy, help, forget me -----------------------------------------------------------------------


def test_before_the_first_word_it_says_what_becomes_of_what_one_tells(first_visit: Widget) -> None:
    first_visit.wait("$('.log').innerText.includes('24小时')")
    said = first_visit.text()
    assert "您说的情况只用来回答您" in said and "24小时就自动删除" in said and "清除我的记录" in said


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_telephone_is_always_in_reach(chromium: Browser, server: Server, size: tuple[int, int]) -> None:
    page = open_new(chromium, server.url + "/chat", size, region="310110")
    page.ready()
    for _ in range(2):
        page.ask("judge")
        call = page.js("const a = $('.call'), r = a.getBoundingClientRect(); return [a.getAttribute('href'),"
                       "r.top >= 0 && r.bottom <= innerHeight && r.right <= innerWidth]")  # fmt: skip
        assert call == ["tel:12345", True]


def test_the_record_is_cleared_after_one_more_question(page: Widget, server: Server) -> None:
    page.ask("verdict")
    token = page.stored("session")["token"]
    page.menu()
    page.click_exactly("button", "清除我的记录")
    page.click_exactly("button", "不删")
    assert page.count("[data-kind=verdict]") == 1
    page.click_exactly("button", "清除我的记录")
    page.click_exactly("button", "删除")
    page.wait("$('.notice').innerText.includes('删除')")
    assert page.count("[data-kind=verdict]") == 0 and page.count(".mine") == 0
    assert server.get("/webhooks/web/history", token).json()["messages"] == []
    page.browser.open(server.url + "/chat")
    page.ready()
    assert page.count(".mine") == 0
    page.ask("faq")
    assert page.stored("session")["token"] != token


def test_forget_said_in_words_clears_the_page_like_the_button(page: Widget, server: Server) -> None:
    page.ask("verdict")
    before = page.stored("session")["token"]
    page.say("forget")
    page.wait(f"$('[data-kind=ack]') && {IDLE}")
    page.wait("!$('[data-kind=verdict]')")
    assert "您的记录已经删掉了" in page.last()
    assert page.count(".mine") == 0
    page.browser.open(server.url + "/chat")
    page.ready()
    assert page.count(".msg") == 1
    page.ask("faq")
    assert page.stored("session")["token"] != before
    assert page.browser.console() == []


def test_what_is_typed_while_forgetting_is_still_answered(page: Widget, server: Server) -> None:
    page.ask("verdict")
    page.type("forget" + ENTER + "faq" + ENTER)
    page.wait(f"$('[data-kind=faq]') && {IDLE}")
    assert [m.text for m in server.agent.heard] == ["verdict", "forget", "faq"]
    assert page.js("return $$('.mine').map(m => m.innerText.trim().split('\\n').pop())") == ["faq"]
    assert page.stored("queue") in (None, [])
