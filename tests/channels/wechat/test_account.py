"""The account from the environment: what is off, what is on, and what stops the start with a sentence."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.channels.wechat.account import Account, official_account, wecom_app
from bot.channels.wechat.channel import WeChatInput, WeComInput, doors
from bot.settings import CannotServe
from tests.channels.wechat.phone import KEY

WECHAT = {"LINLITONG_WECHAT_TOKEN": "tokenoftests", "LINLITONG_WECHAT_APPID": "wx1234567890abcdef",
          "LINLITONG_WECHAT_AES_KEY": KEY, "LINLITONG_WECHAT_SECRET": "s3cret"}
WECOM = {"LINLITONG_WECOM_TOKEN": "tokenofwecom", "LINLITONG_WECOM_CORPID": "ww1234567890abcdef",
         "LINLITONG_WECOM_AES_KEY": KEY}


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    import os

    for name in list(os.environ):
        if name.startswith(("LINLITONG_WECHAT", "LINLITONG_WECOM")):
            monkeypatch.delenv(name)
    return monkeypatch


def put(env: pytest.MonkeyPatch, *more: dict[str, str]) -> None:
    for values in more:
        for name, value in values.items():
            env.setenv(name, value)


def test_without_a_token_all_is_off(env: pytest.MonkeyPatch) -> None:
    assert official_account() is None and wecom_app() is None and doors() == []
    put(env, {"LINLITONG_WECHAT_TOKEN": " ", "LINLITONG_WECHAT_APPID": "?"})
    assert official_account() is None


def test_the_account_is_read(env: pytest.MonkeyPatch) -> None:
    put(env, WECHAT, {"LINLITONG_WECHAT_RIGHTS": "service, msgmenu", "LINLITONG_WECHAT_REGION": "310110"})
    assert official_account() == Account("wx1234567890abcdef", "tokenoftests", "safe", KEY,
                                         frozenset({"service", "msgmenu"}), "310110")


def test_nothing_shows_a_secret(env: pytest.MonkeyPatch) -> None:
    put(env, WECHAT, WECOM)
    shown = repr(official_account()) + repr(wecom_app())
    assert not [secret for secret in ("tokenoftests", KEY, "s3cret", "tokenofwecom") if secret in shown]


def test_plain_needs_no_key(env: pytest.MonkeyPatch) -> None:
    put(env, WECHAT, {"LINLITONG_WECHAT_AES_KEY": "", "LINLITONG_WECHAT_MODE": "plain"})
    account = official_account()
    assert account is not None and account.mode == "plain" and account.rights == frozenset()


def test_secrets_from_files(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in WECHAT.items():
        (tmp_path / name).write_text(value + "\n", encoding="utf-8")
        env.setenv(f"{name}_FILE", str(tmp_path / name))
    assert official_account() == Account("wx1234567890abcdef", "tokenoftests", "safe", KEY)
    assert [door.name() for door in doors()] == ["wechat"]


def test_wecom_is_always_encrypted(env: pytest.MonkeyPatch) -> None:
    put(env, WECOM)
    account = wecom_app()
    assert account is not None and account.wecom and account.mode == "safe"
    env.delenv("LINLITONG_WECOM_AES_KEY")
    with pytest.raises(CannotServe, match="AES_KEY"):
        wecom_app()


def test_both_doors(env: pytest.MonkeyPatch) -> None:
    put(env, WECHAT, WECOM)
    assert [type(door) for door in doors()] == [WeChatInput, WeComInput]


@pytest.mark.parametrize(("name", "value", "says"), [
    ("LINLITONG_WECHAT_TOKEN", "to ken", "空格"), ("LINLITONG_WECHAT_TOKEN", "ab", "3 到 32"),
    ("LINLITONG_WECHAT_TOKEN", "口令口令", "不该有的字"), ("LINLITONG_WECHAT_MODE", "安全", "safe"),
    ("LINLITONG_WECHAT_APPID", "", "AppID"), ("LINLITONG_WECHAT_APPID", "wx/1", "AppID"),
    ("LINLITONG_WECHAT_AES_KEY", "", "没有写"), ("LINLITONG_WECHAT_AES_KEY", KEY + "=", "44"),
    ("LINLITONG_WECHAT_AES_KEY", KEY[:-1] + "+", "43"), ("LINLITONG_WECHAT_RIGHTS", "all", "passive"),
    ("LINLITONG_WECHAT_RIGHTS", "msgmenu", "service,msgmenu"), ("LINLITONG_WECHAT_REGION", "上海", "六位"),
    ("LINLITONG_WECHAT_AES_KEY_OLD", "short", "换之前"), ("LINLITONG_WECHAT_TOKEN_FILE", "/nowhere", "只能写一个"),
])
def test_a_wrong_value_stops_the_start(env: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    put(env, WECHAT, {name: value})
    with pytest.raises(CannotServe) as error:
        official_account()
    assert name.removesuffix("_FILE") in str(error.value) and says in str(error.value)
    assert not [secret for secret in ("tokenoftests", KEY, "s3cret") if secret in str(error.value)]


def test_a_file_that_cannot_be_read_stops_the_start(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(env, WECHAT)
    env.delenv("LINLITONG_WECHAT_AES_KEY")
    for name, content in (("missing", None), ("empty", b"\n"), ("binary", b"\xff\xfe")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        env.setenv("LINLITONG_WECHAT_AES_KEY_FILE", str(tmp_path / name))
        with pytest.raises(CannotServe, match="LINLITONG_WECHAT_AES_KEY_FILE"):
            official_account()


def test_rasa_finds_the_classes_and_off_has_no_address(
    env: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from rasa.core.channels.channel import register
    from rasa.core.run import create_http_input_channels
    from sanic import Sanic

    from bot.settings import PROJECT

    caplog.set_level(logging.INFO, "bot")
    found = create_http_input_channels(None, str(PROJECT / "bot" / "credentials.yml"))
    assert {"web", "wechat", "wecom"} == {channel.name() for channel in found}
    assert sum("the channel is off" in line for line in caplog.messages) == 2
    app = Sanic("test_no_wechat", configure_logging=False)
    register([channel for channel in found if channel.name() != "web"], app, route="/webhooks/")
    assert not [route for route in app.router.routes_all if "wechat" in str(route) or "wecom" in str(route)]
