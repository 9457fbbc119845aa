"""Our calls against the simulator of WeChat, which another hand wrote from the documents alone."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.api_account import RIGHTS, ApiAccount
from bot.channels.wechat.calls import ApiError
from bot.channels.wechat.menu import buttons_in, menu_of, text_of
from bot.channels.wechat.quota import Heard
from bot.state.database import database_of
from knowledge.base import CONTENT
from knowledge.loader import load_parts
from tests.channels.wechat_api.fake import APPID, SECRET
from tools.wechat_simulator.account import Account
from tools.wechat_simulator.api import Api, ApiFault
from tools.wechat_simulator.clock import Clock
from tools.wechat_simulator.wechat import WeChat

Case = Callable[[WeChat, Api, WeChatApi], Awaitable[None]]


class Still(Clock):
    """Stands still but for what is skipped, so that both sides see the same second."""

    def now(self) -> float:
        return 1_790_000_000.0 + self._skipped


def run(case: Case, var: Path, verified: bool = True) -> None:
    async def whole() -> None:
        account = Account(url="http://127.0.0.1:9/", token="linlitong", appid=APPID, mode="plain", secret=SECRET,
                          verified=verified)
        async with WeChat(account, clock=Still()) as wechat:
            api = Api(wechat)
            server = TestServer(api.app())
            await server.start_server(access_log=None)
            ours = WeChatApi(ApiAccount(APPID, SECRET, str(server.make_url("")).rstrip("/"), RIGHTS),
                             database_of(var), b"s" * 32, wechat.clock.now)
            await case(wechat, api, ours)
            await ours.close()
            await server.close()

    asyncio.run(whole())


STEPS = st.lists(st.tuples(
    st.sampled_from(["message", "click", "scan", "subscribe", "send", "send", "send"]),
    st.sampled_from([0.0, 1.0, 20.0, 59.0, 61.0, 3600.0, 47 * 3600.0, 48 * 3600.0])), max_size=25)


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_wechat_never_has_to_say_enough_and_nothing_is_held_back(steps: list[tuple[Any, float]]) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        for what, passed in steps:
            wechat.clock.skip(passed)
            if what != "send":
                heard: Heard = what
                wechat.windows.open(user, "message" if what == "message" else "tap", wechat.clock.now())
                await ours.sender.heard(user, heard)
                continue
            takes = wechat.windows.check(user, wechat.clock.now()) == 0
            assert await ours.sender.text(user, "好") == takes
        assert not {45015, 45047} & {call.errcode for call in api.calls}

    with TemporaryDirectory() as var:
        run(case, Path(var))


def test_each_kind_of_message_is_one_that_wechat_shows(tmp_path: Path) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        wechat.windows.open(user, "message", wechat.clock.now())
        await ours.sender.heard(user, "message")
        assert await ours.sender.text(user, "好" * 682)
        assert await ours.sender.news(user, "查到的地方", "最近的420米", "https://linli.example.gov.cn/card/x")
        assert await ours.sender.menu_buttons(user, "您有上海户口吗？", [("101", "有"), ("102", "没有")], "")
        assert [call.errcode for call in api.calls] == [0, 0, 0, 0]

    run(case, tmp_path)


@pytest.mark.parametrize("fault", [ApiFault("expire"), ApiFault("expire", path="custom/send")])
def test_a_token_that_ends_in_the_middle_loses_no_message(fault: ApiFault, tmp_path: Path) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        wechat.windows.open(user, "message", wechat.clock.now())
        await ours.sender.heard(user, "message")
        assert await ours.sender.text(user, "一")
        api.faults.append(fault)
        assert await ours.sender.text(user, "二")
        assert api.count("message/custom/send") == 3 and wechat.tokens.issued == 2

    run(case, tmp_path)


def test_a_day_of_calls_takes_a_token_every_two_hours(tmp_path: Path) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        for _ in range(24 * 12):
            wechat.clock.skip(300)
            wechat.windows.open(user, "message", wechat.clock.now())
            await ours.sender.heard(user, "message")
            assert await ours.sender.text(user, "好")
            await asyncio.sleep(0.005)  # what is renewed beside the calls
        assert all(call.errcode == 0 for call in api.calls), "no token was ever refused"
        assert 12 <= wechat.tokens.issued <= 14

    run(case, tmp_path)


@pytest.mark.parametrize("faults", [
    [ApiFault("drop", path="custom/send")], [ApiFault("status", 502, "custom/send")],
    [ApiFault("status", 500, "token")], [ApiFault("drop", path="token")],
])
def test_after_a_fault_the_next_message_goes_out(faults: list[ApiFault], tmp_path: Path) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        wechat.windows.open(user, "message", wechat.clock.now())
        await ours.sender.heard(user, "message")
        api.faults.extend(faults)
        assert not await ours.sender.text(user, "一")
        assert await ours.sender.text(user, "二")

    run(case, tmp_path)


def test_our_menu_is_one_that_wechat_takes(tmp_path: Path) -> None:
    menu = menu_of(buttons_in(load_parts(CONTENT)), "https://linli.example.gov.cn")

    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        await ours.api.create_menu(menu.body)
        assert wechat.menu is not None
        assert text_of((await ours.api.menu())["menu"]) == text_of(menu.body)
        await ours.api.delete_menu()
        assert wechat.menu is None
        with pytest.raises(ApiError) as none:
            await ours.api.menu()
        assert none.value.code == 46003

    run(case, tmp_path)


def test_the_largest_menu_that_our_check_lets_pass_is_one_that_wechat_takes(tmp_path: Path) -> None:
    from tests.channels.wechat_api.test_menu import problems

    numbers = itertools.count()
    item = "      - {{name: 八个汉字的名字{:02d}, ask: {}}}\n"
    text = "menu:\n" + "".join(
        f"  - name: 四个汉{number}a\n    items:\n" + "".join(item.format(next(numbers), "问" * 42) for _ in range(5))
        for number in range(3))
    assert problems(tmp_path / "content", text) == []
    menu = menu_of(buttons_in(load_parts(tmp_path / "content")), "")

    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        await ours.api.create_menu(menu.body)
        assert wechat.menu is not None

    run(case, tmp_path)


def test_an_account_without_rights_is_left_in_peace(tmp_path: Path) -> None:
    async def case(wechat: WeChat, api: Api, ours: WeChatApi) -> None:
        user = wechat.new_user()
        await ours.sender.heard(user, "message")
        assert [await ours.sender.text(user, "好") for _ in range(5)] == [False] * 5
        assert [call.errcode for call in api.calls] == [0, 48001], "asked once, and not again for an hour"

    run(case, tmp_path, verified=False)
