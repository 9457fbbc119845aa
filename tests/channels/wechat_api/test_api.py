"""Messages to residents through the API: their form, the quotas, tokens that end, and WeChat being down."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.channels.wechat.api import DENIED_S, PAUSE_S, ApiSender, WeChatApi
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError, Calls
from bot.channels.wechat.errcodes import GARBLED, TIMEOUT, UNREACHABLE
from bot.state.database import database_of
from tests.channels.clock import Clock
from tests.channels.wechat_api.fake import APPID, OPENID, SECRET, FakeWeChat

FULL = frozenset({"service", "msgmenu"})
Case = Callable[[FakeWeChat, ApiSender], Awaitable[None]]


def run(case: Case, var: Path, rights: frozenset[str] = FULL, clock: Clock | None = None, base: str = "") -> FakeWeChat:
    async def whole() -> FakeWeChat:
        async with FakeWeChat() as fake:
            ours = WeChatApi(ApiAccount(APPID, SECRET, base or fake.url, rights), database_of(var), b"s" * 32)
            if clock is not None:
                ours.sender._clock = clock
            await case(fake, ours.sender)
            await ours.close()
        return fake

    return asyncio.run(whole())


def test_the_three_kinds_of_message_as_wechat_wants_them(tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert await sender.text(OPENID, "杨浦区有3家社区食堂。")
        assert await sender.news(OPENID, "社区食堂", "最近的420米", "https://a.example.gov.cn/card/x")
        assert await sender.menu_buttons(OPENID, "您有上海户口吗？", [("1", "有"), ("2", "没有")], "点一下就行")

    fake = run(case, tmp_path)
    assert fake.sent == [
        {"touser": OPENID, "msgtype": "text", "text": {"content": "杨浦区有3家社区食堂。"}},
        {"touser": OPENID, "msgtype": "news", "news": {"articles": [
            {"title": "社区食堂", "description": "最近的420米", "url": "https://a.example.gov.cn/card/x"}]}},
        {"touser": OPENID, "msgtype": "msgmenu", "msgmenu": {
            "head_content": "您有上海户口吗？", "tail_content": "点一下就行",
            "list": [{"id": "1", "content": "有"}, {"id": "2", "content": "没有"}]}}]
    # WeChat shows \uXXXX as it is written.
    assert "杨浦区" in fake.bodies[1].decode("utf-8") and b"\\u" not in fake.bodies[1]


@pytest.mark.parametrize(("heard", "most"), [("message", 5), ("click", 3), ("subscribe", 3), ("scan", 3)])
def test_no_more_is_sent_than_wechat_takes(heard: str, most: int, tmp_path: Path) -> None:
    async def case(_: FakeWeChat, sender: ApiSender) -> None:
        assert not await sender.text(OPENID, "没有人说过话")
        await sender.heard(OPENID, heard)  # type: ignore[arg-type]
        assert [await sender.text(OPENID, "好") for _ in range(7)] == [True] * most + [False] * (7 - most)

    assert len(run(case, tmp_path).sent) == most


def test_what_an_account_may_not_do_is_not_tried(tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert not await sender.text(OPENID, "好")
        assert not await sender.news(OPENID, "好", "", "https://a.cn/")
        assert not await sender.menu_buttons(OPENID, "好", [("1", "好")], "")

    assert run(case, tmp_path / "passive", frozenset()).calls == []
    assert not (tmp_path / "passive").exists(), "nothing is kept of residents that nothing is sent to"

    async def no_menu(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert await sender.text(OPENID, "好")
        assert not await sender.menu_buttons(OPENID, "好", [("1", "好")], "")

    assert len(run(no_menu, tmp_path / "service", frozenset({"service"})).sent) == 1


def test_a_right_that_wechat_denies_is_not_asked_for_again_for_an_hour(tmp_path: Path) -> None:
    clock = Clock()

    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        fake.faults["message/custom/send"] = [48001]
        assert not await sender.menu_buttons(OPENID, "好", [("1", "好")], "")
        asked = len(fake.calls)
        assert not await sender.menu_buttons(OPENID, "好", [("1", "好")], "")
        assert len(fake.calls) == asked
        assert await sender.text(OPENID, "文字照常"), "what the account may do is not touched"
        clock.now += DENIED_S
        assert await sender.menu_buttons(OPENID, "好", [("1", "好")], "")

    run(case, tmp_path, clock=clock)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_ended_is_replaced_once(code: int, tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert await sender.text(OPENID, "一")
        fake.faults["message/custom/send"] = [code]
        assert await sender.text(OPENID, "二")
        fake.faults["message/custom/send"] = [code, code]
        assert not await sender.text(OPENID, "三")
        assert fake.faults["message/custom/send"] in ([], [code]), "one more try, not more"

    fake = run(case, tmp_path)
    assert [message["text"]["content"] for message in fake.sent] == ["一", "二"]
    assert fake.forced == 1


@pytest.mark.parametrize("code", [45015, 45047])
def test_when_wechat_says_enough_nothing_more_is_tried(code: int, tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        fake.faults["message/custom/send"] = [code]
        assert not await sender.text(OPENID, "一")
        asked = len(fake.calls)
        assert not await sender.text(OPENID, "二") and len(fake.calls) == asked
        await sender.heard(OPENID, "message")
        assert await sender.text(OPENID, "三")

    run(case, tmp_path)


@pytest.mark.parametrize("fault", ["drop", "http", "page", "list", -1, 45009, 50002, 40003])
def test_whatever_goes_wrong_is_false_and_never_raises(fault: int | str, tmp_path: Path,
                                                       caplog: pytest.LogCaptureFixture) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        fake.errmsg = f"invalid openid {OPENID} 说了什么"
        await sender.heard(OPENID, "message")
        for call in ("stable_token", "message/custom/send"):
            fake.faults[call] = [fault]
            assert not await sender.text(OPENID, "说了什么")
        assert await sender.text(OPENID, "好了")

    with caplog.at_level(logging.DEBUG):
        run(case, tmp_path)
    assert "errcode" in caplog.text
    for secret in (OPENID, "说了什么", SECRET, "TOKEN-"):
        assert secret not in caplog.text


def test_what_surely_did_not_arrive_does_not_count(tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "click")
        fake.faults["stable_token"] = [-1, "http"]
        assert not await sender.text(OPENID, "一") and not await sender.text(OPENID, "二")
        assert [await sender.text(OPENID, "好") for _ in range(4)] == [True, True, True, False]

    run(case, tmp_path)


def test_what_may_have_arrived_counts(tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "click")
        fake.faults["message/custom/send"] = ["drop"]
        assert not await sender.text(OPENID, "一")
        assert [await sender.text(OPENID, "好") for _ in range(3)] == [True, True, False]

    run(case, tmp_path)


def test_after_three_failures_nothing_is_tried_for_half_a_minute(tmp_path: Path) -> None:
    clock = Clock()

    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        fake.faults["stable_token"] = ["http"] * 3
        for _ in range(3):
            assert not await sender.text(OPENID, "好")
        asked = len(fake.calls)
        began = time.monotonic()
        assert not any([await sender.text(OPENID, "好") for _ in range(100)])
        assert len(fake.calls) == asked and time.monotonic() - began < 5
        clock.now += PAUSE_S
        assert await sender.text(OPENID, "好")

    run(case, tmp_path, clock=clock)


def test_a_text_that_is_too_long_is_not_sent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert await sender.text(OPENID, "好" * 682) and not await sender.text(OPENID, "好" * 683)
        assert not await sender.text(OPENID, "")

    assert len(run(case, tmp_path).sent) == 1
    assert "2048" in caplog.text and "好" not in caplog.text


def test_nothing_is_sent_where_the_count_cannot_be_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state.db").mkdir()

    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        assert not await sender.text(OPENID, "好")

    assert run(case, tmp_path).sent == []
    assert OPENID not in caplog.text


def test_nobody_listening_is_told_quickly(tmp_path: Path) -> None:
    async def case(_: FakeWeChat, sender: ApiSender) -> None:
        await sender.heard(OPENID, "message")
        began = time.monotonic()
        assert not await sender.text(OPENID, "好")
        assert time.monotonic() - began < 5

    run(case, tmp_path, base="http://127.0.0.1:9")


def test_calls_run_beside_one_another(tmp_path: Path) -> None:
    async def case(fake: FakeWeChat, sender: ApiSender) -> None:
        people = [f"{OPENID}{number}" for number in range(20)]
        for person in people:
            await sender.heard(person, "message")
        assert all(await asyncio.gather(*(sender.text(person, "好") for person in people)))
        assert fake.asked("stable_token") == 1 and len(fake.sent) == 20

    run(case, tmp_path)


# --- one call --------------------------------------------------------------------------------------


def call(fault: int | str | None, total_s: float = 2.0, errmsg: str = "refused") -> ApiError | None:
    async def whole() -> ApiError | None:
        async with FakeWeChat() as fake:
            fake.errmsg = errmsg
            if fault is not None:
                fake.faults["menu/get"] = [fault]
            calls = Calls(fake.url if fault != "nobody" else "http://127.0.0.1:9", total_s=total_s)
            try:
                await calls.ask("menu/get", "GET", "/cgi-bin/menu/get", {"access_token": fake.token})
            except ApiError as error:
                return error
            finally:
                await calls.close()
            return None

    return asyncio.run(whole())


@pytest.mark.parametrize(("fault", "code"), [
    ("slow", TIMEOUT), ("drop", TIMEOUT), ("http", GARBLED), ("page", GARBLED), ("list", GARBLED),
    ("nobody", UNREACHABLE), (-1, -1), (45009, 45009), (None, 46003)])
def test_every_failure_is_one_kind_of_error_with_a_code(fault: int | str | None, code: int) -> None:
    began = time.monotonic()
    error = call(fault, total_s=0.3)
    assert error is not None and error.code == code and time.monotonic() - began < 5
    assert str(code) in str(error) and any("\u4e00" <= sign <= "\u9fff" for sign in str(error))
    assert error.__cause__ is None and "access_token" not in repr(error)


def test_an_address_that_is_not_on_the_list_is_named() -> None:
    error = call(40164, errmsg="invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 66-oAbc")
    assert error is not None and error.detail == "203.0.113.7"
    assert "203.0.113.7" in str(error) and "白名单" in str(error) and "oAbc" not in str(error)


def test_other_words_of_wechat_are_not_repeated() -> None:
    error = call(40003, errmsg=f"invalid openid {OPENID} from 203.0.113.7")
    assert error is not None and OPENID not in str(error) and "203" not in str(error)


@pytest.mark.parametrize("code", ['"40029"', "40029"])
def test_a_code_in_quotes_is_a_code(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.channels.wechat import calls

    with pytest.raises(ApiError) as error:
        calls._read("x", 200, f'{{"errcode": {code}, "errmsg": ""}}'.encode())
    assert error.value.code == 40029


@pytest.mark.parametrize("raw", [b"", b"\xff", b'{"errcode": "x"}', b'{"errcode": true}', b'{"errcode": null}',
                                 b"[" * 100_000, b'{"errcode": 1e999}'])
def test_an_answer_that_cannot_be_read_is_an_error(raw: bytes) -> None:
    from bot.channels.wechat import calls

    with pytest.raises(ApiError) as error:
        calls._read("x", 200, raw)
    assert error.value.code == GARBLED


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    from bot.channels.wechat import calls

    with pytest.raises(ApiError):
        calls._read("x", 200, json.dumps({"menu": "x" * calls.MAX_ANSWER_BYTES}).encode())
