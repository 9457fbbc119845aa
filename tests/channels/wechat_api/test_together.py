"""The whole of it: WeChat (the simulator) → the channel → a bot → the API → WeChat, with pages and the menu."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from rasa.core.channels.channel import UserMessage

from bot.channels.collect import Message
from bot.channels.pages import security_headers
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.channel import WeChatInput
from bot.channels.wechat.equip import Beside
from bot.channels.wechat.menu import buttons_in, menu_of
from bot.channels.wechat.tries import Timing as ChannelTiming
from bot.channels.wechat.wording import say
from bot.contract import validate
from knowledge.base import CONTENT
from knowledge.loader import load_parts
from tests.channels.messages import message
from tests.channels.server import Bot, FakeAgent, Server
from tests.server.process import free_port
from tests.wechat.host import channel_account
from tools.wechat_simulator import pushes
from tools.wechat_simulator.account import Account, Timing
from tools.wechat_simulator.api import Api, ApiFault
from tools.wechat_simulator.menu import checked
from tools.wechat_simulator.transcript import Bubble
from tools.wechat_simulator.wechat import WeChat

APPID, SECRET, KEY = "wx0123456789abcdef", "5ecret5ecret5ecret5ecret5ecret00", "a" * 42 + "E"
PUBLIC = "https://linli.example.gov.cn"
RIGHTS = frozenset({"service"})
#: WeChat's five seconds are one here.
FACTOR = 0.2
#: Longer than its three tries.
TOO_LONG_S = 3.6


@pytest.fixture(autouse=True, scope="module")
def _ready() -> None:
    """The staff's words are read and the contract is compiled, as in a server that has started."""
    say("wechat_more")
    validate(message("ack"))


class Together:
    def __init__(self, wechat: WeChat, api: Api, server: Server) -> None:
        self.wechat, self.api, self.server = wechat, api, server
        self.user = wechat.new_user()

    async def ask(self, text: str) -> list[Bubble]:
        """What the resident sees of it, at once and until nothing more comes."""
        before = len(self.wechat.transcript.bubbles)
        await self.wechat.do(self.user, pushes.text(text))
        until = time.monotonic() + 3.0
        while time.monotonic() < until and len(self.wechat.transcript.bubbles) <= before + 1:
            await asyncio.sleep(0.05)
        return [bubble for bubble in self.wechat.transcript.bubbles[before:] if bubble.who != "user"]

    async def get(self, path: str) -> Any:
        return await asyncio.to_thread(self.server.get, path)


def run(case: Callable[[Together], Awaitable[None]], bot: Bot, var: Path, rights: frozenset[str] = RIGHTS,
        api_down: bool = False) -> None:
    account = Account(url="", token="linlitong", appid=APPID, aes_key=KEY, secret=SECRET)
    port = free_port()
    channel = WeChatInput(var=var, account=channel_account(account, rights), timing=ChannelTiming().scaled(FACTOR),
                          per_minute=0, strict=True)
    api_account = ApiAccount(APPID, SECRET, f"http://127.0.0.1:{port}", rights)
    beside = Beside([channel], var, api_account, None, PUBLIC, 86400.0)
    server = Server(channel, FakeAgent(bot))  # type: ignore[arg-type]
    beside.install(server.app, security_headers())

    async def whole() -> None:
        pushed = replace(account, url=f"{server.url}/webhooks/wechat/")
        async with WeChat(pushed, timing=Timing().scaled(FACTOR)) as wechat:
            api = Api(wechat)
            offered = TestServer(api.app(), port=port)
            if not api_down:
                await offered.start_server(access_log=None)
            await case(Together(wechat, api, server))
            await offered.close()

    with server:
        asyncio.run(whole())


def answers(kind: str, seconds: float = 0.0) -> Bot:
    """A bot that takes its time; it deletes where it is asked to."""

    async def bot(heard: UserMessage) -> None:
        await asyncio.sleep(seconds)
        said: Message = message(kind)
        if "删除" in heard.text:
            said = {**message("ack"), "text": "都删了。", "custom": {**message("ack")["custom"], "of": "forget"}}
        await heard.output_channel.send_response(heard.sender_id, said)

    return bot


def link_in(bubbles: list[Bubble]) -> str:
    """The path of the one page that is linked to."""
    seen = "\n".join(bubble.text + "".join(article["url"] for article in bubble.articles) for bubble in bubbles)
    (path,) = set(re.findall(rf"{re.escape(PUBLIC)}(/card/[A-Za-z0-9._-]+)", seen))
    return path


def test_an_answer_in_time_brings_its_page_which_goes_with_the_conversation(tmp_path: Path) -> None:
    async def case(all_: Together) -> None:
        path = link_in(await all_.ask("五角场的食堂"))
        page = await all_.get(path)
        assert page.status_code == 200 and "五角场街道社区长者食堂" in page.text and "021-65550007" in page.text
        assert all_.api.calls == [], "what is in time needs no API"
        (said,) = await all_.ask("删除我的记录")
        assert "删" in said.text and not said.articles
        assert (await all_.get(path)).status_code == 410

    run(case, answers("sites"), tmp_path)


def test_leaving_deletes_the_page_too(tmp_path: Path) -> None:
    async def case(all_: Together) -> None:
        path = link_in(await all_.ask("我能领吗"))
        assert (await all_.get(path)).status_code == 200
        await all_.wechat.do(all_.user, pushes.unsubscribe())
        assert (await all_.get(path)).status_code == 410

    run(case, answers("verdict"), tmp_path)


def test_an_answer_that_is_late_comes_by_the_api_and_once(tmp_path: Path) -> None:
    async def case(all_: Together) -> None:
        seen = await all_.ask("五角场的食堂")
        assert [bubble.via for bubble in seen] == ["service"], seen
        assert "五角场街道社区长者食堂" in seen[0].text
        assert [call.errcode for call in all_.api.calls] == [0, 0]
        assert all_.wechat.transcript.notices() == []

    run(case, answers("sites", TOO_LONG_S), tmp_path)


@pytest.mark.parametrize("rights", [RIGHTS, frozenset()], ids=["down", "no right"])
def test_where_the_api_is_down_or_not_allowed_the_answer_waits_for_the_next_message(rights: frozenset[str],
                                                                                    tmp_path: Path) -> None:
    slow = [TOO_LONG_S]

    async def bot(heard: UserMessage) -> None:
        await asyncio.sleep(slow.pop() if slow else 0)
        await heard.output_channel.send_response(
            heard.sender_id, message("service") if "助餐" in heard.text else message("ack"))

    async def case(all_: Together) -> None:
        assert await all_.ask("助餐要带什么") == []
        (said,) = await all_.ask("你好")
        assert said.via == "reply" and "助餐要带什么" in said.text and "敬老卡" in said.text and "您好" in said.text
        assert all_.wechat.transcript.notices() == []

    run(case, bot, tmp_path, rights, api_down=True)


def test_a_tap_on_our_menu_asks_its_question(tmp_path: Path) -> None:
    heard: list[str] = []

    async def bot(said: UserMessage) -> None:
        heard.append(said.text)
        await said.output_channel.send_response(said.sender_id, message("service"))

    menu = menu_of(buttons_in(load_parts(CONTENT)), PUBLIC)

    async def case(all_: Together) -> None:
        all_.wechat.menu = checked(menu.body)
        asked = []
        for number, button in enumerate(menu.body["button"], 1):
            for entry, item in enumerate(button["sub_button"], 1):
                await all_.wechat.tap(all_.user, number, entry)
                asked += [item["key"]] if item["type"] == "click" else []
        assert heard == asked and len(asked) > 10
        assert all_.wechat.transcript.notices() == []

    run(case, bot, tmp_path)


def test_nothing_that_names_a_resident_or_a_secret_is_logged_or_stored(tmp_path: Path,
                                                                       caplog: pytest.LogCaptureFixture) -> None:
    names: list[str] = []

    async def case(all_: Together) -> None:
        names.append(all_.user)
        all_.api.faults.append(ApiFault("expire", path="custom/send"))
        assert [bubble.via for bubble in await all_.ask("我的情况是秘密")] == ["service"]

    with caplog.at_level(logging.DEBUG):
        run(case, answers("verdict", TOO_LONG_S), tmp_path)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("bot", "aiohttp")))
    for secret in (*names, SECRET, KEY, "我的情况是秘密"):
        assert secret not in ours
        assert all(secret.encode() not in file.read_bytes() for file in tmp_path.iterdir() if secret in names)
