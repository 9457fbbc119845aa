"""Every kind of answer is drawn: what it must say is there, once, and what can be tapped does what it says."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import DESKTOP, PHONE, open_new
from tests.browser.driver import Browser
from tests.browser.widget import Widget
from tests.channels.messages import ALL_KINDS
from tests.channels.server import Server

DRAWN = {
    "faq": ["杨浦区民政局", "2024年3月11日", "官方发布", "办之前请再核实", "有用", "没用", "朗读"],
    "service": ["怎么办", "带身份证到食堂登记", "要带的材料", "敬老卡", "费用", "一餐10到15元", "五角场街道办",
                "021-65551234"],
    "sites": ["约420米", "现在开着", "开门时间不详", "同一片区", "约1.8公里", "现在没开", "看地图", "国定路",
              "021-65550007"],
    "question": ["为什么问", "最多3个问题", "是", "不是", "不清楚"],
    "verdict": ["符合条件", "每月800元", "最多36个月", "第四条第一款", "下一步", "NJ-7K2M-0421", "打印办理清单"],
    "suggestions": ["老年综合津贴", "满65周岁"],
    "life_circle": ["3处", "约420米", "没有查到", "15分钟"],
    "clarify": ["租房补贴", "育儿补贴"],
    "handoff": ["打电话 021-65551234"],
    "ticket": ["20261121-007", "已受理", "2026年11月21日"],
    "ack": ["您好"],
    "cannot_answer": ["打电话 12345"],
    "out_of_scope": ["炒股"],
    "emergency": ["马上打 120"],
    "error": ["请再发一次"],
}  # fmt: skip


def opened(widget: Widget) -> None:
    """Unfolds what is folded in the newest answer."""
    widget.js("for (const d of $$('.msg:last-child details')) d.open = true")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_each_kind_is_drawn(chromium: Browser, server: Server, size: tuple[int, int]) -> None:
    page = open_new(chromium, server.url + "/chat", size, region="310110")
    for kind in ALL_KINDS:
        page.ask(kind)
        opened(page)
        said = page.last()
        assert [words for words in DRAWN[kind] if words not in said] == [], kind
        # An empty list that slips through as a number, a value that is none.
        assert not re.search(r"^0+$|null|undefined|NaN|\[object", said, re.MULTILINE), kind
    assert chromium.console() == []


def test_a_button_sends_its_payload_and_the_emergency_number_can_be_dialled(page: Widget, server: Server) -> None:
    page.ask("question")
    page.tap("不清楚")
    assert server.agent.heard[-1].text == "不清楚"
    page.ask("emergency")
    assert page.js("return $('.sos a').getAttribute('href')") == "tel:120"
    assert page.js("return $('.sos a').offsetHeight") >= 80
    # It comes before the words.
    before = """const m = $$('[data-kind=emergency]').pop(), a = m.querySelector('.sos a'), p = m.querySelector('.say');
      return Boolean(a.compareDocumentPosition(p) & Node.DOCUMENT_POSITION_FOLLOWING)"""
    assert page.js(before) is True


def test_telephone_numbers_can_be_dialled_and_nothing_else_is_taken_for_one(page: Widget) -> None:
    page.ask("judge")
    numbers = page.js("return $$('[data-kind=verdict] a[href^=tel]').map(a => a.getAttribute('href'))")
    assert set(numbers) == {"tel:12333"}


def test_maps_are_those_the_phone_has(chromium: Browser, server: Server) -> None:
    firsts = {}
    agents = {
        "android": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
        "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "wechat": "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 MicroMessenger/8.0.44",
    }
    try:
        for name, agent in agents.items():
            chromium.cdp("Emulation.setUserAgentOverride", userAgent=agent)
            page = open_new(chromium, server.url + "/chat", region="310110")
            page.ask("sites")
            links = page.js("return $$('[data-kind=sites] a[href^=http]').filter(a => !a.closest('details'))"
                            ".map(a => a.href)")  # fmt: skip
            firsts[name] = links[0].split("/")[2]
            # The others are one tap away.
            assert page.js("return $$('[data-kind=sites] details a').length") >= 2
            assert page.js("return $$('[data-kind=sites] a[target=_blank]').every(a => a.rel.includes('noopener'))")
    finally:
        chromium.cdp("Emulation.setUserAgentOverride", userAgent="")
    assert firsts == {"android": "uri.amap.com", "iphone": "maps.apple.com", "wechat": "apis.map.qq.com"}


def test_more_places_open_in_place_and_a_picture_shows_where_they_lie(page: Widget, server: Server) -> None:
    page.ask("many")
    assert "第3助餐点" in page.last() and "第4助餐点" not in page.last()
    heard = len(server.agent.heard)
    page.click("[data-kind=sites] button", "再看4处")
    page.wait("$('.log').innerText.includes('第6助餐点')")
    page.click("[data-kind=sites] button", "看示意图")
    label = page.js("const s = $('[data-kind=sites] [role=img]'); return s.getAttribute('aria-label') || s.textContent")
    assert "第1助餐点" in label and "东" in label and "五角场" in label
    # No map server is asked: the picture is ours.
    assert page.js("return $$('[data-kind=sites] img, [data-kind=sites] image').length") == 0
    assert "位置不详" in page.last()
    page.click("[data-kind=sites] button", "看列表")
    page.wait("!$('[data-kind=sites] [role=img]')")
    assert len(server.agent.heard) == heard


def test_the_facts_understood_can_each_be_changed(page: Widget, server: Server) -> None:
    page.ask("understood")
    opened(page)
    assert "我记下的情况（2）" in page.last() and "年龄：75岁" in page.last()
    page.click("[data-kind=question] details button", "年龄")
    page.wait("$$('.mine').length === 2")
    assert server.agent.heard[-1].text == "改一下：年龄"


def test_the_list_to_bring_can_be_ticked_and_printed(page: Widget) -> None:
    page.ask("judge")
    papers = "$$('[data-kind=verdict] input[type=checkbox]')"
    assert page.js(f"return {papers}.length") == 3
    page.click("[data-kind=verdict] label", "毕业证书")
    assert page.js(f"return {papers}.map(b => b.checked)") == [False, True, False]
    link = page.js("return $$('[data-kind=verdict] a').filter(a => a.textContent.includes('打印')).map(a => "
                   "[a.getAttribute('href').replace(location.origin, ''), a.target, a.rel])")  # fmt: skip
    assert link == [["/receipt#NJ-7K2M-0421", "_blank", "noopener noreferrer"]]


def test_places_are_told_once_and_what_no_card_holds_stays(page: Widget) -> None:
    page.ask("places")
    said = page.last()
    assert "离五角场最近的是五角场街道社区长者食堂，约420米。" in said
    assert said.count("殷行街道助餐点") == said.count("长海路街道长者食堂") == 1
    assert said.count("国定路某弄12号一楼") == 3
    assert "一共47处" in said
    # How far to trust them is said where the source is named, and only there.
    assert said.count("转述的资料，办之前请再核实") == 1 and "地方媒体整理 2023年" in said


def test_a_verdict_is_told_once_with_the_amount_before_the_reasons(page: Widget) -> None:
    page.ask("judge")
    said = page.text("[data-kind=verdict]")
    assert "达到：" not in said
    assert said.count("在南京没有自有住房") == said.count("硕士每人每月800元") == 1
    order = ["按您说的情况", "符合条件\n", "每月800元，最多36个月\n", "没有领过其他住房补贴", "毕业不超过两年",
             "硕士学历", "最终以窗口审核为准。"]  # fmt: skip
    places = [said.find(words) for words in order]
    assert -1 not in places and places == sorted(places), said


def test_a_no_is_told_by_words_and_sign_not_by_colour_alone(page: Widget) -> None:
    page.ask("verdict")
    said = page.text("[data-kind=verdict]")
    assert all(words in said for words in ("没有达到的条件", "还不清楚的条件", "达到的条件"))
