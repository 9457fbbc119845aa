"""What a 75-year-old meets: one place to begin, the answer in sight, nothing said twice, no tap that goes astray."""

from __future__ import annotations

import pytest

from tests.browser.driver import ENTER, TAB, Browser
from tests.browser.test_page import ask, last
from tests.channels.server import Server

ANSWERED = "document.querySelector('#typing').hidden"
#: How far below the top of the conversation an element begins, in pixels.
TOP = """const s = document.querySelector('#scroll').getBoundingClientRect();
         return Math.round([...document.querySelectorAll(arguments[0])].pop().getBoundingClientRect().top - s.top)"""
INSIDE = """const s = document.querySelector('#scroll').getBoundingClientRect();
            const r = [...document.querySelectorAll(arguments[0])].pop().getBoundingClientRect();
            return r.top >= s.top - 1 && r.bottom <= s.bottom + 1"""
ENABLED = "return [...document.querySelectorAll('.opts:not(.keep) button:enabled')].map(b => b.textContent)"
CITY = "return document.querySelector('#region').selectedOptions[0].text"


def tap(page: Browser, title: str) -> None:
    """Taps the last button that says exactly this and waits for the answer."""
    page.js("const all = [...document.querySelectorAll('#log button:enabled')];"
            "all.filter(b => b.textContent === arguments[0]).pop().click()", title)  # fmt: skip
    page.wait(ANSWERED)


# --- buttons of what was asked before ---------------------------------------------------------------


def test_the_buttons_of_an_older_question_answer_nothing_any_more(page: Browser, server: Server) -> None:
    ask(page, "question")
    tap(page, "是")
    ask(page, "question")
    old = "const b = document.querySelectorAll('[data-kind=question]')[0].querySelectorAll('.opts button'); "
    assert page.js(old + "return [...b].every(x => x.disabled)") is True
    assert page.js(old + "return [...b].filter(x => x.classList.contains('chosen')).map(x => x.textContent)") == ["是"]
    page.js(old + "b[1].click()")
    assert page.js("return document.querySelectorAll('.mine').length") == 3
    assert [m.text for m in server.agent.heard] == ["question", "是", "question"]
    assert page.js(ENABLED) == ["是", "不是", "不清楚"]


def test_a_second_tap_before_the_answer_is_not_heard(page: Browser, server: Server) -> None:
    ask(page, "question")
    page.js("const b = document.querySelector('.opts:not(.keep) button'); b.click(); b.click()")
    page.wait(f"document.querySelectorAll('.mine').length === 2 && {ANSWERED}")
    assert [m.text for m in server.agent.heard] == ["question", "是"]


def test_an_answer_typed_retires_the_buttons_too_and_an_apology_gives_them_back(page: Browser, server: Server) -> None:
    ask(page, "question")
    ask(page, "error")
    assert page.js(ENABLED) == ["是", "不是", "不清楚"]
    ask(page, "faq")
    assert page.js(ENABLED) == []


def test_the_buttons_of_a_reloaded_conversation_are_retired_as_well(page: Browser, server: Server) -> None:
    ask(page, "question")
    tap(page, "不是")
    page.open(server.url + "/")
    page.wait("document.querySelectorAll('.mine').length === 2")
    assert page.js(ENABLED) == []


def test_after_a_button_the_keyboard_goes_on_to_the_next_question(page: Browser) -> None:
    ask(page, "question")
    page.js("document.querySelector('.opts:not(.keep) button').focus()")
    page.keys(ENTER)
    page.wait(f"document.querySelectorAll('.mine').length === 2 && {ANSWERED}")
    page.keys(TAB)
    assert page.js("return document.activeElement.id") == "text"


# --- what is in sight -------------------------------------------------------------------------------


def test_a_reply_of_three_messages_is_seen_from_its_first(page: Browser) -> None:
    ask(page, "faq")
    ask(page, "judge")
    assert page.js("return document.querySelectorAll('[data-kind=suggestions]').length") == 1
    assert 0 <= page.js(TOP, "[data-kind=verdict]") <= 20
    assert page.js(INSIDE, ".head") is True
    assert page.js(INSIDE, ".sum") is True


def test_a_short_answer_stands_under_its_question(page: Browser) -> None:
    ask(page, "judge")
    ask(page, "你好")
    assert page.js(INSIDE, ".mine") is True
    assert page.js(INSIDE, ".msg:not(.mine)") is True


def test_a_reload_shows_the_last_question_and_its_answer(page: Browser, server: Server) -> None:
    ask(page, "faq")
    ask(page, "judge")
    page.open(server.url + "/")
    page.wait("document.querySelector('[data-kind=verdict]')")
    assert 0 <= page.js(TOP, ".mine") <= 20


# --- nothing twice ----------------------------------------------------------------------------------


def test_places_are_told_once_and_the_first_is_in_sight(page: Browser) -> None:
    ask(page, "places")
    said = last(page)
    assert "离五角场最近的是五角场街道社区长者食堂，约420米。" in said
    assert said.count("殷行街道助餐点") == said.count("长海路街道长者食堂") == 1
    assert said.count("国定路某弄12号一楼") == 3
    # What no card holds stays: how many there are, and how far to trust them.
    assert "一共47处" in said
    assert "以上是转述的资料（地方媒体整理，2023），办之前请再核实。" in said
    assert page.js(INSIDE, ".list > :first-child") is True
    assert page.js(TOP, ".list") < 200


def test_a_verdict_is_told_once_with_the_amount_before_the_reasons(page: Browser) -> None:
    ask(page, "judge")
    said = page.js("return document.querySelector('[data-kind=verdict]').innerText")
    assert "达到：" not in said
    assert said.count("在南京没有自有住房") == said.count("硕士每人每月800元") == 1
    order = ["按您说的情况", "✓ 符合条件", "每月800元，最多36个月\n", "✗ 不符合", "？ 不清楚", "✓ 符合 硕士",
             "电话：人社咨询热线 12333。", "最终以窗口审核为准。"]  # fmt: skip
    assert [said.find(words) for words in order] == sorted(said.find(words) for words in order)
    assert -1 not in [said.find(words) for words in order]


# --- the server is away -----------------------------------------------------------------------------

NO_SERVER = "window.kept = window.fetch; window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))"


def test_a_server_that_is_away_is_not_blamed_on_the_resident_and_phones_are_named(page: Browser) -> None:
    for kind in ("faq", "verdict"):
        ask(page, kind)
    page.js(NO_SERVER)
    page.click("#text")
    page.keys("你好" + ENTER)
    page.wait("!document.querySelector('#net').hidden")
    said = page.js("return document.querySelector('#net').innerText")
    assert "网络不通" not in said
    assert "急事请直接拨打12345，危急拨打120、110、119" in said
    numbers = "return [...document.querySelectorAll('#net a')].map(a => a.getAttribute('href'))"
    assert page.js(numbers) == ["tel:12345", "tel:120", "tel:110", "tel:119"]
    assert page.js("return Math.min(...[...document.querySelectorAll('#net a')].map(a => a.offsetHeight))") >= 60
    page.js("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    # The notice takes room, and the resident's own line is still there.
    assert page.js(INSIDE, ".mine") is True
    assert page.js("return [...document.querySelectorAll('.mine')].pop().innerText").endswith("还没有发出去")
    page.js("window.fetch = window.kept; window.dispatchEvent(new Event('online'))")
    page.wait("[...document.querySelectorAll('.msg:not(.mine)')].pop().innerText.includes('您说：你好')", 12)
    assert page.js("return document.querySelector('#net').hidden") is True
    assert page.js("return document.querySelectorAll('.wait').length") == 0


def test_without_a_network_the_phones_are_named_too(page: Browser) -> None:
    page.cdp("Network.enable")
    page.cdp("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
    try:
        page.wait("!document.querySelector('#net').hidden")
        said = page.js("return document.querySelector('#net').innerText")
    finally:
        page.cdp(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
    assert "没有网络" in said
    assert "危急拨打120、110、119" in said


# --- which city -------------------------------------------------------------------------------------


def test_the_first_visit_asks_for_the_city_and_presets_none(first_visit: Browser, server: Server) -> None:
    page = first_visit
    assert page.js(CITY) == "请选地方"
    buttons = "return [...document.querySelectorAll('.where button')].map(b => b.textContent)"
    assert page.js(buttons) == ["成都", "上海杨浦", "南京", "苏州", "保定", "其他地方"]
    tap(page, "南京")
    assert page.js(CITY) == "南京"
    assert page.js("return document.querySelectorAll('.where').length") == 0
    assert "好，我按南京的资料回答您" in last(page)
    tap(page, "租房子政府补不补钱")
    page.wait(f"document.querySelectorAll('.mine').length === 1 && {ANSWERED}")
    assert server.agent.heard[-1].metadata["region"] == "320100"
    page.open(server.url + "/")
    assert page.js(CITY) == "南京"
    assert page.js("return document.querySelectorAll('.where').length") == 0
    assert page.console() == []


def test_words_before_a_city_are_answered_nationally_and_again_for_the_city(
    first_visit: Browser, server: Server
) -> None:
    page = first_visit
    ask(page, "faq")
    assert server.agent.heard[-1].metadata["region"] == "100000"
    assert "您要问哪里的事" in last(page)
    tap(page, "苏州")
    page.wait(f"document.querySelectorAll('[data-kind=faq]').length === 2 && {ANSWERED}")
    assert [(m.text, m.metadata["region"]) for m in server.agent.heard] == [("faq", "100000"), ("faq", "320500")]


def test_an_emergency_waits_for_no_city(first_visit: Browser) -> None:
    ask(first_visit, "emergency")
    assert "马上拨打 120" in last(first_visit)
    assert first_visit.js(INSIDE, ".sos .big") is True


def test_another_city_is_said_and_the_question_can_be_asked_again(page: Browser, server: Server) -> None:
    ask(page, "question")
    page.js("const r = document.querySelector('#region'); r.value = '130600'; r.dispatchEvent(new Event('change'))")
    assert "好，我按保定的资料回答您" in last(page)
    # The question was about the other city.
    assert page.js(ENABLED) == []
    tap(page, "再问一遍：question")
    page.wait(f"document.querySelectorAll('.mine').length === 2 && {ANSWERED}")
    assert server.agent.heard[-1].metadata["region"] == "130600"


def test_a_city_named_in_words_is_the_one_that_is_shown(page: Browser, server: Server) -> None:
    ask(page, "suzhou")
    assert page.js(CITY) == "苏州"
    assert "好，我按苏州的资料回答您" in page.js("return document.querySelector('#log').innerText")
    ask(page, "你好")
    assert server.agent.heard[-1].metadata["region"] == "320500"
    page.js("const r = document.querySelector('#region'); r.value = '310110'; r.dispatchEvent(new Event('change'))")
    page.open(server.url + "/")
    page.wait("document.querySelector('[data-kind=faq]')")
    # An old answer does not move the page again.
    assert page.js(CITY) == "上海杨浦"


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("elder", [False, True])
def test_the_city_can_be_read_on_a_small_phone_and_nothing_lies_over_it(page: Browser, width: int, elder: bool) -> None:
    page.size(width, 640, mobile=True)
    if elder:
        page.click("#elder")
    room = """const s = document.querySelector('#region'), c = document.createElement('canvas').getContext('2d');
      c.font = getComputedStyle(s).font; const text = c.measureText('上海杨浦').width;
      return s.clientWidth - text - parseFloat(getComputedStyle(s).paddingLeft) * 2"""
    assert page.js(room) >= 10
    over = """const all = [...document.querySelectorAll('header h1, header button, header a, header select')];
      const clipped = e => e.closest('div, span') && e.closest('div, span').clientWidth <= 1;
      const r = all.filter(e => !clipped(e)).map(e => e.getBoundingClientRect());
      return r.some((a, i) => r.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1
        && a.top < b.bottom - 1 && b.top < a.bottom - 1))"""
    assert page.js(over) is False


# --- forget me --------------------------------------------------------------------------------------


def test_forget_said_in_words_clears_the_page_like_the_button(page: Browser, server: Server) -> None:
    ask(page, "verdict")
    before = page.js("return JSON.parse(localStorage['linlitong.session']).token")
    page.click("#text")
    page.keys("forget" + ENTER)
    page.wait("document.querySelector('[data-kind=ack]') && " + ANSWERED)
    page.wait("!document.querySelector('[data-kind=verdict]')")
    assert "您的记录已经删掉了" in last(page)
    assert page.js("return document.querySelectorAll('.mine').length") == 0
    page.open(server.url + "/")
    assert page.js("return document.querySelectorAll('.msg').length") == 1
    ask(page, "faq")
    assert page.js("return JSON.parse(localStorage['linlitong.session']).token") != before
    assert page.console() == []


def test_what_is_typed_while_forgetting_is_still_answered(page: Browser, server: Server) -> None:
    ask(page, "verdict")
    page.js("""for (const words of ['forget', 'faq']) { const t = document.querySelector('#text'); t.value = words;
               document.querySelector('#form').requestSubmit(); }""")
    page.wait(f"document.querySelector('[data-kind=faq]') && {ANSWERED}")
    assert [m.text for m in server.agent.heard] == ["verdict", "forget", "faq"]
    assert page.js("return [...document.querySelectorAll('.mine')].map(m => m.lastChild.textContent)") == ["faq"]
    assert page.js("return JSON.parse(localStorage['linlitong.queue'])") == []
