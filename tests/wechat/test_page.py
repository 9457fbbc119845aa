"""The page and the terminal of the simulator, against a small server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.settings import PROJECT
from tests.wechat.conftest import Stage
from tests.wechat.small_server import Heard
from tools.wechat_simulator import terminal
from tools.wechat_simulator.acts import CannotDo, Person
from tools.wechat_simulator.api import Api
from tools.wechat_simulator.menu import Menu
from tools.wechat_simulator.page import FOLDER, Page
from tools.wechat_simulator.presets import Place, places
from tools.wechat_simulator.wechat import WeChat

SQUARE = Place("示例广场", 31.298, 121.519)


async def echo(heard: Heard) -> str:
    return "·".join(heard.get(name, "") for name in ("MsgType", "Event", "Content", "Recognition", "Location_X"))


def _serve(stage: Stage, play: Callable[[WeChat, aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def run() -> None:
        async with stage(echo) as (wechat, _server):
            page = Page(Person(wechat, wechat.new_user(follows=False)), Api(wechat), [SQUARE])
            async with TestServer(page.app()) as server, aiohttp.ClientSession(server.make_url("/")) as http:
                await play(wechat, http)

    asyncio.run(run())


def test_the_page_runs_only_its_own_script(stage: Stage) -> None:
    async def play(_wechat: WeChat, http: aiohttp.ClientSession) -> None:
        for path in ("/", "/app.js", "/style.css"):
            answer = await http.get(path)
            assert answer.status == 200 and "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert (await http.get("/page.py")).status == 404

    _serve(stage, play)
    html = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert "style=" not in html and "onclick" not in html and html.count("<script") == html.count("<script src=")


async def _act(http: aiohttp.ClientSession, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await http.post("/act", json=body)
    return answer.status, await answer.json()


def test_what_is_done_on_the_page_is_pushed_and_shown(stage: Stage) -> None:
    async def play(wechat: WeChat, http: aiohttp.ClientSession) -> None:
        wechat.menu = Menu(({"type": "click", "name": "找地方", "key": "nearby"},))
        events = (await http.get("/events")).content

        async def next_event() -> dict[str, Any]:
            line = await asyncio.wait_for(events.readline(), 5)
            await events.readline()
            found: dict[str, Any] = json.loads(line.decode().removeprefix("data: "))
            return found

        state = (await next_event())["state"]
        assert state["places"][0]["label"] == "示例广场" and state["menu"][0]["name"] == "找地方"
        for body, mine, reply in (
            ({"kind": "text", "text": "食堂"}, "食堂", "text··食堂··"),
            ({"kind": "voice", "text": "租房"}, "〔语音〕租房", "voice···租房·"),
            ({"kind": "voice", "text": None}, "〔语音〕", "voice····"),
            ({"kind": "location", "lat": 31.3, "lng": 121.5, "label": ""}, "〔位置〕31.3, 121.5", "location····31.3"),
            ({"kind": "menu", "number": 1, "entry": 0}, "〔菜单〕找地方", "event·CLICK···"),
        ):
            status, told = await _act(http, **body)
            assert (status, told["result"]) == (200, "reply")
            assert [(await next_event())["bubble"]["text"] for _ in range(2)] == [mine, reply]
        status, told = await _act(http, kind="text", text="再来", faults={"lost_replies": 1})
        assert [item["result"] for item in told["tries"]] == ["lost", "reply"]
        wechat.menu = None
        assert [await next_event() for _ in range(3)][2] == {"menu": []}

    _serve(stage, play)


@pytest.mark.parametrize("body", [
    {}, {"kind": "poem"}, {"kind": "text", "text": " "}, {"kind": "location", "lat": "x", "lng": 1},
    {"kind": "location", "lat": 91, "lng": 1}, {"kind": "menu", "number": 1}, {"kind": "choose", "number": 1},
])
def test_what_cannot_be_done_is_said_kindly(stage: Stage, body: dict[str, Any]) -> None:
    async def play(wechat: WeChat, http: aiohttp.ClientSession) -> None:
        status, told = await _act(http, **body)
        assert status == 400 and told["error"]
        assert not wechat.sent

    _serve(stage, play)


def test_another_site_cannot_act(stage: Stage) -> None:
    async def play(wechat: WeChat, http: aiohttp.ClientSession) -> None:
        body, headers = {"kind": "text", "text": "在吗"}, {"Sec-Fetch-Site": "cross-site"}
        answer = await http.post("/act", json=body, headers=headers)
        assert answer.status == 403 and not wechat.sent

    _serve(stage, play)


@pytest.mark.parametrize(("line", "kind", "given"), [
    ("长者食堂", "text", {"text": "长者食堂"}), ("/语音 长者食堂", "voice", {"text": "长者食堂"}),
    ("/语音", "voice", {"text": None}), ("/关注", "subscribe", {}), ("/点 2 3", "menu", {"number": 2, "entry": 3}),
    ("/点 2", "menu", {"number": 2, "entry": 0}), ("/选 2", "choose", {"number": 2}),
    ("/位置 1", "location", {"lat": 31.298, "lng": 121.519, "label": "示例广场"}),
    ("/位置 31.3，121.5 家里", "location", {"lat": 31.3, "lng": 121.5, "label": "家里"}),
    ("/扫码 door", "scan", {"scene": "door"}), ("/链接 https://e.org", "link", {"url": "https://e.org"}),
])
def test_lines_of_the_terminal(line: str, kind: str, given: dict[str, Any]) -> None:
    assert terminal.command(line, [SQUARE]) == (kind, given)


@pytest.mark.parametrize("line", ["/没有", "/点", "/点 x", "/位置 5", "/位置 这里", "/选", "/链接"])
def test_lines_that_are_none(line: str) -> None:
    with pytest.raises(CannotDo, match="帮助"):
        terminal.command(line, [SQUARE])


def test_a_chat_in_the_terminal(stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
                                ) -> None:
    lines = iter(["食堂", "/丢 1", "还在吗", "/点 1", "/菜单", "/没有", "/退出"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(lines))

    async def run() -> None:
        async with stage(echo) as (wechat, _server):
            await terminal.chat(Person(wechat, wechat.new_user()), [SQUARE])

    asyncio.run(run())
    printed = capsys.readouterr().out
    for words in ("公众号：text··食堂··", "第 1 次：回复在路上丢了", "公众号：text··还在吗··", "还没有菜单", "没看懂"):
        assert words in printed


def test_the_presets_are_places_of_the_content() -> None:
    found = places(PROJECT / "knowledge" / "content")
    assert len(found) >= 3
    # 五角场 is at 31.2980, 121.5146 in WGS-84; WeChat's map is some 500 m off.
    (corner,) = [place for place in found if place.label.endswith("五角场")]
    assert 0.001 < corner.lng - 121.51463 < 0.008 and abs(corner.lat - 31.298043) < 0.004
