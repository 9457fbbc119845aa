"""The API that the simulator serves: tokens, customer-service messages with their quotas, the menu."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from tests.wechat.conftest import QUICK, Stage
from tests.wechat.small_server import APPID, KEY, TOKEN, Heard
from tools.wechat_simulator import pushes
from tools.wechat_simulator.account import Account
from tools.wechat_simulator.api import Api, ApiFault
from tools.wechat_simulator.wechat import WeChat

Play = Callable[["Client"], Awaitable[None]]


class Client:
    """Calls the API as an account does."""

    def __init__(self, wechat: WeChat, api: Api, base: str, http: aiohttp.ClientSession) -> None:
        self.wechat, self.api, self._base, self._http = wechat, api, base, http
        self.token = ""

    async def call(self, path: str, body: Any = None, *, token: str | None = None, raw: bytes | None = None,
                   method: str = "POST") -> dict[str, Any]:
        query = {"access_token": self.token if token is None else token}
        data = raw if raw is not None else None if body is None else json.dumps(body, ensure_ascii=False).encode()
        async with self._http.request(method, f"{self._base}/cgi-bin/{path}", params=query, data=data) as answer:
            assert answer.status == 200, answer.status
            return json.loads(await answer.text())  # type: ignore[no-any-return]

    async def renew(self, **more: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": APPID, "secret": self.wechat.account.secret, **more}
        found = await self.call("stable_token", body, token="")
        self.token = found.get("access_token", self.token)
        return found

    async def send(self, user: str, text: str = "您好", **options: Any) -> int:
        body = {"touser": user, "msgtype": "text", "text": {"content": text}}
        return int((await self.call("message/custom/send", body, **options))["errcode"])


@asynccontextmanager
async def _client(**account: Any) -> AsyncIterator[Client]:
    known = {"url": "http://127.0.0.1:9/", "token": TOKEN, "appid": APPID, "aes_key": KEY, **account}
    async with WeChat(Account(**known), timing=QUICK) as wechat:
        api = Api(wechat)
        async with TestServer(api.app()) as server, aiohttp.ClientSession() as http:
            yield Client(wechat, api, str(server.make_url("")).rstrip("/"), http)


def _play(play: Play, **account: Any) -> None:
    async def run() -> None:
        async with _client(**account) as client:
            await play(client)

    asyncio.run(run())


def test_the_same_token_until_five_minutes_before_its_end() -> None:
    async def play(client: Client) -> None:
        first = await client.renew()
        assert first["expires_in"] == 7200
        client.wechat.clock.skip(6890)
        again = await client.renew()
        assert again["access_token"] == first["access_token"] and 300 < again["expires_in"] <= 310
        client.wechat.clock.skip(20)
        later = await client.renew()
        assert later["access_token"] != first["access_token"] and later["expires_in"] == 7200
        user = client.wechat.new_user()
        assert await client.send(user, token=first["access_token"]) == 45015, "the old one is good to its end"
        client.wechat.clock.skip(300)
        assert await client.send(user, token=first["access_token"]) == 42001
        assert client.wechat.tokens.issued == 2

    _play(play)


def test_forced_renewals_are_half_a_minute_apart_and_twenty_a_day() -> None:
    async def play(client: Client) -> None:
        old = (await client.renew())["access_token"]
        new = (await client.renew(force_refresh=True))["access_token"]
        assert new != old
        assert await client.send("somebody", token=old) == 40001
        assert (await client.renew(force_refresh=True))["errcode"] == 45011
        for _ in range(19):
            client.wechat.clock.skip(31)
            assert "access_token" in await client.renew(force_refresh=True)
        client.wechat.clock.skip(31)
        assert (await client.renew(force_refresh=True))["errcode"] == 45009
        client.wechat.clock.skip(86400)
        assert "access_token" in await client.renew(force_refresh=True)

    _play(play)


@pytest.mark.parametrize(("more", "errcode"), [
    ({"appid": "wx1"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "x"}, 40002),
])
def test_wrong_credentials(more: dict[str, str], errcode: int) -> None:
    async def play(client: Client) -> None:
        assert (await client.renew(**more))["errcode"] == errcode

    _play(play)


def test_calls_without_a_good_token() -> None:
    async def play(client: Client) -> None:
        assert await client.send("somebody") == 41001
        assert await client.send("somebody", token="made-up") == 40014
        assert (await client.call("menu/get", method="GET"))["errcode"] == 41001

    _play(play)


def test_five_messages_within_two_days_of_the_users_last(stage: Stage) -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        assert await client.send(user) == 45015
        await client.wechat.do(user, pushes.text("在吗"))
        assert [await client.send(user, f"第{number}条") for number in range(6)] == [0] * 5 + [45047]
        assert [bubble.text for bubble in client.wechat.transcript.said_to(user)] == [f"第{n}条" for n in range(5)]
        await client.wechat.do(user, pushes.text("还在吗"))
        assert await client.send(user) == 0
        client.wechat.clock.skip(48 * 3600)
        await client.renew()
        assert await client.send(user) == 45015

    _play(play)


def test_three_messages_within_a_minute_of_a_tap() -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        await client.wechat.do(user, pushes.click("k"))
        assert [await client.send(user) for _ in range(4)] == [0] * 3 + [45047]
        await client.wechat.do(user, pushes.subscribe("door"))
        client.wechat.clock.skip(61)
        assert await client.send(user) == 45015
        await client.wechat.do(user, pushes.view("https://e.org"))
        assert await client.send(user) == 45015, "a page that is opened opens no window"

    _play(play)


def test_nobody_who_left_can_be_sent_anything() -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        await client.wechat.do(user, pushes.text("在吗"))
        await client.wechat.do(user, pushes.unsubscribe())
        assert await client.send(user) == 45015

    _play(play)


@pytest.mark.parametrize(("kind", "content", "errcode"), [
    ("text", {"content": "长" * 682}, 0),
    ("text", {"content": "长" * 683}, 45002),
    ("text", {"content": " "}, 44004),
    ("news", {"articles": [{"title": "甲", "url": "https://e.org"}]}, 0),
    ("news", {"articles": [{"title": "甲"}, {"title": "乙"}]}, 45008),
    ("news", {"articles": []}, 44004),
    ("msgmenu", {"head_content": "您要找", "list": [{"id": "1", "content": "食堂"}], "tail_content": ""}, 0),
    ("msgmenu", {"head_content": "您要找", "list": []}, 44004),
    ("poem", {"content": "x"}, 40008),
])
def test_what_may_be_sent(kind: str, content: dict[str, Any], errcode: int) -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        await client.wechat.do(user, pushes.text("在吗"))
        found = await client.call("message/custom/send", {"touser": user, "msgtype": kind, kind: content})
        assert found["errcode"] == errcode
        assert len(client.wechat.transcript.said_to(user)) == (errcode == 0)

    _play(play)


@pytest.mark.parametrize(("raw", "errcode"), [
    (b'{"touser": "\\u4f60"}', 40033), (b"", 44002), (b"[]", 47001), (b"{", 47001), (b"\xff", 47001),
])
def test_bodies_that_are_refused(raw: bytes, errcode: int) -> None:
    async def play(client: Client) -> None:
        await client.renew()
        assert (await client.call("message/custom/send", raw=raw))["errcode"] == errcode

    _play(play)


def test_a_line_of_a_msgmenu_comes_back_as_a_text_with_its_id(stage: Stage) -> None:
    async def answer(_: Heard) -> bytes:
        return b"success"

    async def run() -> None:
        async with stage(answer) as (wechat, server):
            user = wechat.new_user()
            await wechat.do(user, pushes.text("在吗"))
            wechat.show_service_message(user, "msgmenu", "您要找", choices=(("101", "食堂"), ("102", "医院")))
            await wechat.choose(user, 2)
            assert (server.heard[-1]["Content"], server.heard[-1]["bizmsgmenuid"]) == ("医院", "102")

    asyncio.run(run())


MENU = {"button": [{"type": "click", "name": "找地方", "key": "nearby"},
                   {"name": "办事", "sub_button": [{"type": "view", "name": "网页", "url": "https://e.org"}]}]}


def test_a_menu_is_created_shown_tapped_and_deleted(stage: Stage) -> None:
    async def play(client: Client) -> None:
        await client.renew()
        assert (await client.call("menu/get", method="GET"))["errcode"] == 46003
        assert (await client.call("menu/create", MENU))["errcode"] == 0
        found = await client.call("menu/get", method="GET")
        assert [item["name"] for item in found["menu"]["button"]] == ["找地方", "办事"]
        user = client.wechat.new_user()
        assert (await client.wechat.tap(user, 1)).push.fields["EventKey"] == "nearby"
        assert (await client.wechat.tap(user, 2, 1)).push.fields["EventKey"] == "https://e.org"
        assert (await client.call("menu/delete", method="GET"))["errcode"] == 0
        assert client.wechat.menu is None

    _play(play)


def _button(**more: Any) -> dict[str, Any]:
    return {"type": "click", "name": "找地方", "key": "k", **more}


@pytest.mark.parametrize(("buttons", "errcode"), [
    ([], 40016), ([_button()] * 4, 40016), ([_button(name="六个汉字太长")], 40018), ([_button(name="")], 40018),
    ([_button(key="k" * 129)], 40019), ([_button(type="view")], 40020), ([_button(type="poem")], 40119),
    ([{"name": "办事", "sub_button": [_button()] * 6}], 40023),
    ([{"name": "办事", "sub_button": [_button(name="长" * 21)]}], 40025),
    ([{"name": "办事", "sub_button": [_button(type="poem")]}], 40120),
    ([{"name": "办事", "sub_button": [_button(sub_button=[_button()])]}], 40022),
])
def test_menus_that_are_refused(buttons: list[Any], errcode: int) -> None:
    async def play(client: Client) -> None:
        await client.renew()
        assert (await client.call("menu/create", {"button": buttons}))["errcode"] == errcode
        assert client.wechat.menu is None

    _play(play)


def test_an_account_that_is_not_verified_may_only_reply() -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        await client.wechat.do(user, pushes.text("在吗"))
        assert await client.send(user) == 48001
        assert (await client.call("menu/create", MENU))["errcode"] == 48001

    _play(play, verified=False)


def test_faults_strike_one_call_each() -> None:
    async def play(client: Client) -> None:
        await client.renew()
        user = client.wechat.new_user()
        await client.wechat.do(user, pushes.text("在吗"))
        client.api.faults.extend([ApiFault("status", 502, "send"), ApiFault("drop"), ApiFault("slow", 0.2),
                                  ApiFault("expire")])
        with pytest.raises(AssertionError, match="502"):
            await client.send(user)
        with pytest.raises(aiohttp.ClientError):
            await client.send(user)
        began = asyncio.get_running_loop().time()
        assert await client.send(user) == 0
        assert asyncio.get_running_loop().time() - began >= 0.2
        assert await client.send(user) == 42001
        await client.renew()
        assert await client.send(user) == 0
        assert client.api.count("send") == 4

    _play(play)
