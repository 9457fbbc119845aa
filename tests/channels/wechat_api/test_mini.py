"""The mini-program's login: a code becomes a session of the web channel, and nothing of the resident is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.channels.session import Sessions, load_secret
from bot.channels.web import WebInput
from bot.channels.wechat import mini
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError
from bot.channels.wechat.mini import Jscode2Session
from bot.channels.wechat.residents import Residents
from tests.channels.conftest import echo
from tests.channels.server import FakeAgent, Server
from tests.channels.wechat_api.fake import APPID, OPENID, SECRET, FakeWeChat


class Exchange:
    """Knows two residents."""

    def __init__(self) -> None:
        self.error: ApiError | RuntimeError | None = None
        self.asked: list[str] = []
        self.closed = False

    async def openid(self, code: str) -> str:
        self.asked.append(code)
        if self.error is not None:
            raise self.error
        return {"one": OPENID, "again": OPENID, "other": "oSomebodyElse"}[code]

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def serve_login(tmp_path: Path, exchange: Exchange) -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def start(per_minute: float = 0) -> Server:
            server = Server(WebInput(var=tmp_path / "var", address_per_minute=0), FakeAgent(echo))
            secret = load_secret(tmp_path / "var")
            mini.install(server.app, exchange, Sessions(secret, 3600), Residents(secret, "mini x").conversation,
                         per_minute)
            return stack.enter_context(server)

        yield start


def login(server: Server, body: Any) -> requests.Response:
    return requests.post(server.url + mini.PATH, json=body, timeout=10)


def test_a_login_gives_a_session_that_the_web_channel_takes(serve_login: Callable[..., Server]) -> None:
    server = serve_login()
    answer = login(server, {"code": "one", "region": "310110"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    given = answer.json()
    assert set(given) == {"session", "token", "expires_at"} and "Set-Cookie" not in answer.headers
    assert server.post(given["token"], "你好").json()["messages"][0]["text"] == "您说：你好"
    assert server.agent.heard[0].sender_id == given["session"]
    assert server.agent.heard[0].metadata["region"] == "310110"


def test_the_same_resident_comes_back_to_the_same_conversation_and_another_does_not(
        serve_login: Callable[..., Server]) -> None:
    server = serve_login()
    one, again, other = (login(server, {"code": code}).json()["session"] for code in ("one", "again", "other"))
    assert one == again != other and len(one) == 32 and set(one) <= set("0123456789abcdef")


def test_nothing_of_the_resident_is_stored_shown_or_logged(serve_login: Callable[..., Server], tmp_path: Path,
                                                           caplog: pytest.LogCaptureFixture) -> None:
    server = serve_login()
    with caplog.at_level(logging.DEBUG):
        answer = login(server, {"code": "one"})
        server.post(answer.json()["token"], "你好")
    assert OPENID not in answer.text + caplog.text
    assert all(OPENID.encode() not in file.read_bytes() for file in (tmp_path / "var").iterdir())


@pytest.mark.parametrize(("body", "status", "code"), [
    ({}, 400, "login_failed"), ({"code": ""}, 400, "login_failed"), ({"code": 7}, 400, "login_failed"),
    ({"code": "x" * 129}, 400, "login_failed"), ({"code": "a&secret=b"}, 400, "login_failed"),
    ({"code": "one", "region": "x"}, 400, "bad_region"), ([], 400, "bad_request"), ("one", 400, "bad_request"),
    ({"code": "one", "more": "x" * 20000}, 413, "body_too_large"),
])
def test_what_is_no_login_never_reaches_wechat(body: Any, status: int, code: str, exchange: Exchange,
                                               serve_login: Callable[..., Server]) -> None:
    answer = login(serve_login(), body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in answer.json()["error"]["message"])
    assert exchange.asked == []


@pytest.mark.parametrize(("error", "status", "code"), [
    (ApiError("jscode2session", 40029), 400, "login_failed"), (ApiError("jscode2session", 40226), 403, "login_blocked"),
    (ApiError("jscode2session", 45011), 503, "login_down"), (ApiError("jscode2session", 40125), 503, "login_down"),
    (ApiError("jscode2session", -9001), 503, "login_down"), (RuntimeError(OPENID), 500, "internal"),
])
def test_what_wechat_refuses_is_told_so_that_a_resident_can_act(
        error: ApiError | RuntimeError, status: int, code: str, exchange: Exchange,
        serve_login: Callable[..., Server], caplog: pytest.LogCaptureFixture) -> None:
    exchange.error = error
    answer = login(serve_login(), {"code": "one"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "Error" in caplog.text or "errcode" in caplog.text
    assert OPENID not in caplog.text + answer.text


def test_one_address_cannot_try_codes_without_end(serve_login: Callable[..., Server], exchange: Exchange) -> None:
    server = serve_login(per_minute=30)
    statuses = [login(server, {"code": "one"}).status_code for _ in range(12)]
    assert statuses[0] == 200 and statuses[-1] == 429 and len(exchange.asked) == 10
    assert login(server, {"code": "one"}).headers["Retry-After"].isdigit()


def test_other_methods_are_refused(serve_login: Callable[..., Server]) -> None:
    assert serve_login().get(mini.PATH).status_code == 405


def test_stopping_the_server_closes_the_exchange(tmp_path: Path, exchange: Exchange) -> None:
    server = Server(WebInput(var=tmp_path), FakeAgent(echo))
    mini.install(server.app, exchange, Sessions(b"s" * 32), Residents(b"s" * 32, "mini x").conversation)
    with server:
        assert not exchange.closed
    assert exchange.closed


# --- WeChat's own exchange -------------------------------------------------------------------------


def exchanged(code: str, secret: str = SECRET, fault: int | str | None = None) -> str:
    async def whole() -> str:
        async with FakeWeChat() as fake:
            fake.faults["jscode2session"] = [] if fault is None else [fault]
            ours = Jscode2Session(ApiAccount(APPID, secret, fake.url))
            try:
                return await ours.openid(code)
            finally:
                await ours.close()

    return asyncio.run(whole())


def test_a_code_is_exchanged_for_the_openid() -> None:
    assert exchanged("login-code-1") == OPENID


@pytest.mark.parametrize(("code", "secret", "fault", "errcode"), [
    ("used", SECRET, None, 40029), ("login-code-1", "wrong", None, 40125), ("login-code-1", SECRET, 45011, 45011),
    ("login-code-1", SECRET, "http", -9003)])
def test_a_refusal_is_an_error_that_shows_nothing(code: str, secret: str, fault: int | str | None,
                                                  errcode: int) -> None:
    with pytest.raises(ApiError) as error:
        exchanged(code, secret, fault)
    assert error.value.code == errcode
    assert SECRET not in repr(error.value) and OPENID not in repr(error.value) and code not in repr(error.value)


def test_an_answer_without_an_openid_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object, **__: object) -> dict[str, Any]:
        return {"session_key": "5e55ionKey=="}

    monkeypatch.setattr("bot.channels.wechat.calls.Calls.ask", nothing)

    async def whole() -> None:
        await Jscode2Session(ApiAccount(APPID, SECRET)).openid("one")

    with pytest.raises(ApiError):
        asyncio.run(whole())
