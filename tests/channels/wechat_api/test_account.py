"""What is said of the account in the environment, and what is refused with a sentence that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.wechat.api_account import API, ApiAccount, api_account, mini_account
from bot.settings import CannotServe
from tests.channels.wechat_api.fake import APPID, SECRET


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APPID", "SECRET", "SECRET_FILE", "RIGHTS", "API", "MINI_APPID", "MINI_SECRET", "MINI_SECRET_FILE",
                 "APPID_FILE"):
        monkeypatch.delenv(f"LINLITONG_WECHAT_{name}", raising=False)


def put(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"LINLITONG_WECHAT_{name}", value)


def test_without_a_secret_there_is_no_api() -> None:
    assert api_account() is None and mini_account() is None


def test_an_account_with_its_usual_values(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, APPID=APPID, SECRET=f" {SECRET}\n")
    assert api_account() == ApiAccount(APPID, SECRET, API, frozenset())
    put(monkeypatch, RIGHTS="service,msgmenu", API="http://127.0.0.1:8123/")
    assert api_account() == ApiAccount(APPID, SECRET, "http://127.0.0.1:8123",
                                       frozenset({"service", "msgmenu"}))


def test_a_secret_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="ascii")
    (tmp_path / "appid").write_text(APPID, encoding="ascii")
    put(monkeypatch, APPID_FILE=str(tmp_path / "appid"), SECRET_FILE=str(tmp_path / "secret"))
    account = api_account()
    assert account is not None and account.appid == APPID
    assert account.secret == SECRET and SECRET not in repr(account)


def test_the_mini_program_is_an_account_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, MINI_APPID="wxmini00", MINI_SECRET=SECRET)
    account = mini_account()
    assert account is not None and account.appid == "wxmini00" and api_account() is None


@pytest.mark.parametrize(("values", "said"), [
    ({"SECRET": SECRET}, "LINLITONG_WECHAT_APPID"),
    ({"APPID": "wx/1", "SECRET": SECRET}, "AppID"),
    ({"APPID": APPID, "RIGHTS": "service"}, "LINLITONG_WECHAT_SECRET"),
    ({"APPID": APPID, "SECRET": SECRET, "RIGHTS": "msgmenu"}, "service,msgmenu"),
    ({"APPID": APPID, "SECRET": SECRET, "RIGHTS": "all"}, "passive（只能被动回复）"),
    ({"APPID": APPID, "SECRET": "5ecret 5ecret"}, "重新复制"),
    ({"APPID": APPID, "SECRET": "5ecret密钥"}, "重新复制"),
    ({"APPID": APPID, "SECRET": SECRET, "SECRET_FILE": "/x"}, "只能写一个"),
    ({"APPID": APPID, "SECRET_FILE": "/no/such/5ecret"}, "读不了"),
    ({"MINI_APPID": "wxmini00"}, "LINLITONG_WECHAT_MINI_SECRET"),
    ({"MINI_SECRET": SECRET}, "LINLITONG_WECHAT_MINI_APPID"),
    *[({"APPID": APPID, "SECRET": SECRET, "API": api}, "https://") for api in (
        "http://api.weixin.qq.com", "ftp://a", "https://", "api.weixin.qq.com", "http://127.0.0.1.evil.cn",
        "http://127.0.0.1@evil.cn", "https://a.cn/?x=1", "http://10.0.0.1")],
])
def test_a_value_that_cannot_be_stops_the_start(values: dict[str, str], said: str,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, **values)
    with pytest.raises(CannotServe) as refused:
        api_account()
        mini_account()
    assert said in str(refused.value) and "5ecret" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\n", "密钥".encode(), b"x" * 5000, b"two\nlines"])
def test_a_file_without_a_secret_stops_the_start(content: bytes, monkeypatch: pytest.MonkeyPatch,
                                                 tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(content)
    put(monkeypatch, APPID=APPID, SECRET_FILE=str(tmp_path / "secret"))
    with pytest.raises(CannotServe):
        api_account()
