"""The page of one answer: signed, ending, deleted with its conversation, and easy to read on a phone."""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Optional

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.pages import security_headers
from bot.channels.web import WebInput
from bot.channels.wechat import cards
from bot.channels.wechat.card_html import KINDS, card_html, has_page, title_of
from bot.channels.wechat.cards import LIFE_S, MOST_CARDS, CardDesk
from bot.state.database import database_of
from tests.browser.driver import CHROMEDRIVER, CHROMIUM, Browser
from tests.channels.clock import Clock
from tests.channels.conftest import echo
from tests.channels.messages import ALL_KINDS, message
from tests.channels.server import FakeAgent, Server

SECRET = b"s" * 32
PUBLIC = "https://linli.example.gov.cn"
RESIDENT = "a" * 32
Message = dict[str, Any]


class Cards:
    """A served desk; ``link`` makes an address as the channel would."""

    def __init__(self, desk: CardDesk, server: Server, clock: Clock) -> None:
        self.desk, self.server, self.clock = desk, server, clock

    def link(self, said: Message, conversation: str = RESIDENT) -> str:
        made = self.server.do(self.desk.link_for(conversation, said))
        assert made is not None
        assert made[2].startswith(PUBLIC + "/card/")
        return str(made[2]).removeprefix(PUBLIC)

    def look(self, path: str, **options: Any) -> requests.Response:
        return self.server.get(path, **options)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shown(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Cards]]:
    with ExitStack() as stack:

        def start(per_minute: float = 0, **options: Any) -> Cards:
            desk = CardDesk(database_of(tmp_path / "var"), SECRET, **{"public_url": PUBLIC, "clock": clock, **options})
            server = Server(WebInput(var=tmp_path / "var", address_per_minute=0), FakeAgent(echo))
            cards.install(server.app, desk, security_headers(), per_minute)
            stack.enter_context(server)
            stack.callback(lambda: server.do(desk.close()))
            return Cards(desk, server, clock)

        yield start


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


# --- the address -----------------------------------------------------------------------------------


def test_a_link_opens_the_page_at_once(shown: Callable[..., Cards]) -> None:
    served = shown()
    for kind in sorted(KINDS):
        answer = served.look(served.link(message(kind)))
        assert answer.status_code == 200 and title_of(message(kind)) in answer.text


def test_the_article_of_the_chat_is_told_by_its_first_line(shown: Callable[..., Cards]) -> None:
    served = shown()
    title, description, address = served.server.do(served.desk.link_for(RESIDENT, message("sites")))
    assert "地图" in title and description.startswith("离五角场最近的") and len(description) <= 60
    assert RESIDENT not in address and len(address) < 120


def test_only_answers_with_more_to_show_have_a_page() -> None:
    empty = message("sites")
    empty["custom"]["items"] = []
    assert not has_page(empty) and not has_page({"text": "好", "custom": {}}) and not has_page({"text": "好"})
    assert {kind for kind in ALL_KINDS if has_page(message(kind))} == KINDS


def test_without_an_address_of_ours_there_are_no_links(shown: Callable[..., Cards], tmp_path: Path) -> None:
    served = shown(public_url="")
    assert served.server.do(served.desk.link_for(RESIDENT, message("sites"))) is None


def test_an_address_ends_after_a_day_or_sooner_where_less_is_kept(shown: Callable[..., Cards]) -> None:
    served = shown(keep_s=7200.0)
    path = served.link(message("sites"))
    served.clock.now += 7199
    assert served.look(path).status_code == 200
    served.clock.now += 1
    gone = served.look(path)
    assert gone.status_code == 410 and "再问一遍" in gone.text and "12345" in gone.text
    day = CardDesk(database_of(Path("var")), SECRET, PUBLIC, keep_s=90 * LIFE_S)
    assert day._life == LIFE_S == 86400.0


def test_deleting_a_conversation_takes_its_pages_and_no_others(shown: Callable[..., Cards], tmp_path: Path) -> None:
    served = shown()
    mine, other = served.link(message("verdict")), served.link(message("verdict"), "b" * 32)
    assert served.server.do(served.desk.forget(RESIDENT)) == 1
    assert served.look(mine).status_code == 410 and served.look(other).status_code == 200
    served.server.do(served.desk.forget("b" * 32))
    for file in (tmp_path / "var").glob("state.db*"):
        assert "硕士".encode() not in file.read_bytes(), "nothing of it is left on the disk"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_has_ended_is_swept(shown: Callable[..., Cards], tmp_path: Path) -> None:
    served = shown()
    served.look(served.link(message("sites")))
    served.clock.now += LIFE_S / 2
    later = served.link(message("sites"))
    served.look(later)
    served.clock.now += LIFE_S / 2
    assert served.server.do(served.desk.sweep()) == 1
    assert served.look(later).status_code == 200


def test_a_conversation_keeps_its_latest_cards(shown: Callable[..., Cards], tmp_path: Path) -> None:
    served = shown()
    paths = [served.link(message("sites")) for _ in range(MOST_CARDS + 1)]
    assert served.look(paths[0]).status_code == 410 and served.look(paths[1]).status_code == 200
    with sqlite3.connect(tmp_path / "var" / "state.db") as db:
        assert db.execute("SELECT count(*) FROM wechat_cards").fetchone() == (MOST_CARDS,)


@pytest.mark.parametrize("path", [
    "/card/x", "/card/" + "A" * 16 + ".t0.abc", "/card/" + "A" * 16 + ".t0abcd." + "A" * 22, "/card/" + "x" * 5000,
    "/card/%E4%BD%A0", "/card/..%2f..%2fsecret",
])
def test_what_is_no_address_of_ours_is_404_in_chinese(path: str, shown: Callable[..., Cards]) -> None:
    answer = shown().look(path)
    assert answer.status_code == 404 and re.search(r"[\u4e00-\u9fff]", answer.text) and "Traceback" not in answer.text


def test_no_sign_of_an_address_can_be_changed(shown: Callable[..., Cards]) -> None:
    served = shown()
    path = served.link(message("sites"))
    assert served.look(path).status_code == 200
    token = path.removeprefix("/card/")
    for index, sign in enumerate(token):
        changed = token[:index] + ("A" if sign != "A" else "B") + token[index + 1:]
        with pytest.raises(ValueError):
            served.server.do(served.desk.find(changed))


@given(st.text(max_size=80))
def test_no_guess_is_an_address(guess: str) -> None:
    desk = CardDesk(database_of(Path("no/such/folder")), SECRET, PUBLIC)
    with pytest.raises(ValueError):
        asyncio.run(desk.find(guess))


def test_a_signature_of_another_secret_or_purpose_opens_nothing(tmp_path: Path) -> None:
    token = CardDesk(database_of(tmp_path), b"t" * 32, PUBLIC)._token(b"x" * 12, 2_000_000_000)
    with pytest.raises(ValueError):
        asyncio.run(CardDesk(database_of(tmp_path), SECRET, PUBLIC).find(token))


def test_one_address_cannot_try_without_end(shown: Callable[..., Cards]) -> None:
    served = shown(per_minute=30)
    statuses = [served.look("/card/x").status_code for _ in range(12)]
    assert statuses[0] == 404 and statuses[-1] == 429
    assert served.look("/card/x").headers["Retry-After"].isdigit()


def test_a_database_that_fails_is_told_of_and_nothing_is_logged_of_the_answer(
        shown: Callable[..., Cards], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "state.db").write_bytes(b"no database" * 100)
    served = shown()
    with caplog.at_level(logging.DEBUG):
        assert served.server.do(served.desk.link_for(RESIDENT, message("verdict"))) is None
        path = f"/card/{served.desk._token(b'x' * 12, 2_000_000_000)}"
        answer = served.look(path)
    assert answer.status_code == 503 and "再试" in answer.text
    # What this test's own client logs is none of ours.
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    assert "StateDown" in ours and "硕士" not in ours and path.removeprefix("/card/") not in ours


# --- the page --------------------------------------------------------------------------------------


def test_nothing_runs_in_the_page_and_no_cache_or_search_engine_keeps_it(shown: Callable[..., Cards]) -> None:
    served = shown()
    for kind in sorted(KINDS):
        answer = served.look(served.link(message(kind)))
        assert answer.headers["Cache-Control"] == "no-store" and "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        seen = _Tags(answer.text)
        assert not {"script", "style", "form", "iframe"} & seen.tags
        assert not any(name.startswith("on") or name == "style" for name in seen.attributes)
        for link in seen.links:
            assert link.startswith(("https://", "tel:", "../")), link
        for link in (link for link in seen.links if link.startswith("../static/")):
            assert served.look(link.removeprefix("..")).status_code == 200, link
    assert 'content="noindex' in answer.text and 'lang="zh-CN"' in answer.text


def test_places_with_everything_that_is_known_of_them() -> None:
    page = card_html(message("sites"), "11月22日10:30")
    for said in ("约420米", "现在开着", "现在没开", "约1.8公里", "距离不详", "周一至周六 10:30—12:30",
                 "国定路某弄12号一楼", 'href="tel:021-65550007"', "https://uri.amap.com/", "https://apis.map.qq.com/",
                 "11月22日10:30", "转述"):
        assert said in page, said


def test_a_place_without_a_point_has_no_map_of_it() -> None:
    said = message("sites")
    said["custom"]["items"] = [said["custom"]["items"][1]]
    page = card_html(said, "")
    assert "apis.map.qq.com" not in page and "tel:" not in page and "开门时间不详" in page


def test_several_numbers_are_several_buttons() -> None:
    said = message("service")
    said["custom"]["contacts"] = [{"name": "街道", "phone": "021-65551234、12345", "hours": ""}]
    page = card_html(said, "")
    assert 'href="tel:021-65551234"' in page and 'href="tel:12345"' in page


def test_a_verdict_is_a_checklist() -> None:
    said = message("verdict")
    said["custom"].update(documents=["学历证明", "劳动合同"], where="街道窗口",
                          contacts=[{"name": "人社热线", "phone": "12333", "hours": "工作日"}])
    page = card_html(said, "")
    for part in ("符合条件", "每月800元，最多36个月", "硕士每人每月800元", "没有达到的条件", "还不清楚的条件",
                 "达到的条件", "依据：第六条", "<li>学历证明</li>", "街道窗口", "tel:12333", "NJ-7K2M-0421",
                 "登录“我的南京”App"):
        assert part in page, part
    for outcome, words in (("ineligible", "暂时不符合"), ("undetermined", "还不能确定")):
        changed = copy.deepcopy(said)
        changed["custom"].update(outcome=outcome, eligible_from="2027-03-01")
        page = card_html(changed, "")
        assert words in page and "2027年3月1日起" in page
        assert ("要是符合，每月800元" in page) == (outcome == "undetermined")


def test_what_stands_in_a_list_is_not_said_twice() -> None:
    said = message("service")
    said["text"] = "带身份证到食堂登记；领助餐卡；刷卡用餐。\n要带：身份证、敬老卡（有的话）。\n满60周岁才办。"
    page = card_html(said, "")
    assert page.count("领助餐卡") == 1 and page.count("敬老卡") == 1 and "满60周岁才办" in page


def test_sources_that_do_not_agree_are_told_apart() -> None:
    said = message("service")
    said["custom"]["conflicts"] = [{"about": "年龄", "claims": [
        {"text": "满60岁", "sources": [said["custom"]["sources"][0]]}, {"text": "满65岁", "sources": []}]}]
    page = card_html(said, "")
    assert "说法不一样" in page and "满60岁" in page and "满65岁" in page


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_whatever_the_answer_holds_is_shown_as_text(kind: str) -> None:
    probe = '<b onclick=x>&"\'</b>'

    def everywhere(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: everywhere(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [everywhere(item, key) for item in value]
        kept = ("kind", "outcome", "status", "trust", "crs", "eligible_from", "period")
        return probe + value if isinstance(value, str) and key not in kept else value

    page = card_html(everywhere(message(kind)), probe)
    seen = _Tags(page)
    assert "b" not in seen.tags or "<b onclick" not in page
    assert not any(name.startswith("on") for name in seen.attributes)
    assert "&lt;b onclick=x&gt;" in page
    assert all(link.startswith(("https://", "../", "tel:")) for link in seen.links)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "http://a.cn/"])
def test_an_address_that_runs_is_no_link(url: str) -> None:
    said = message("sites")
    said["custom"]["items"] = [{**said["custom"]["items"][0], "map_url": url}]
    said["custom"]["sources"] = [{**said["custom"]["sources"][0], "url": url}]
    links = _Tags(card_html(said, "")).links
    assert all(not link.startswith(("javascript", "data", "//")) for link in links)
    assert sum(link == url for link in links) == (1 if url.startswith("http:") else 0), "a source may be http"


# --- on a phone ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not (CHROMIUM and CHROMEDRIVER):
        reason = "the page was NOT tested: chromium and chromedriver are not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


_SMALL_TEXT = """return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(
  n => n.nodeType === 3 && n.textContent.trim()) && parseFloat(getComputedStyle(e).fontSize) < 18)
  .map(e => e.outerHTML.slice(0, 80))"""
_SMALL_TARGETS = """return [...document.querySelectorAll('a')].filter(
  e => e.getBoundingClientRect().height < 48).map(e => e.outerHTML.slice(0, 80))"""
_CONTRAST = """
function rgb(c) { return c.match(/[0-9.]+/g).slice(0, 3).map(Number) }
function lum(c) { const [r, g, b] = rgb(c).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b }
function ground(e) { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
  if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' }
return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(
  n => n.nodeType === 3 && n.textContent.trim())).map(e => {
  const a = lum(getComputedStyle(e).color), b = lum(ground(e));
  return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.outerHTML.slice(0, 80)] }).filter(p => p[0] < 4.5)"""


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_for_old_eyes_and_thick_thumbs(kind: str, dark: bool, shown: Callable[..., Cards],
                                                   chromium: Browser) -> None:
    served = shown()
    chromium.size(320, 740, mobile=True)
    chromium.dark(dark)
    chromium.open(served.server.url + served.link(message(kind)))
    assert chromium.js(_SMALL_TEXT) == []
    assert chromium.js(_SMALL_TARGETS) == []
    assert chromium.js(_CONTRAST) == []
    assert chromium.js("return document.documentElement.scrollWidth <= 320"), "nothing to push sideways"
