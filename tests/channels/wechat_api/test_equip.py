"""What a server puts beside its WeChat doors, by what is set up; nothing where nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from bot.channels.pages import security_headers
from bot.channels.web import WebInput
from bot.channels.wechat.api import ApiSender
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.equip import Beside
from bot.channels.wechat.mini import PATH
from bot.settings import CannotServe
from tests.channels.conftest import echo
from tests.channels.messages import message
from tests.channels.server import FakeAgent, Server
from tests.channels.wechat_api.fake import APPID, SECRET

PUBLIC = "https://linli.example.gov.cn"
FULL = frozenset({"service", "msgmenu"})
MINI = ApiAccount("wxmini00", SECRET, "http://127.0.0.1:9")


class FakeDoor:
    def __init__(self, name: str) -> None:
        self._name = name
        self.sender: Any = None
        self.link_for: Any = None
        self.forget: Any = None

    def name(self) -> str:
        return self._name

    def use_sender(self, sender: Any) -> None:
        self.sender = sender

    def use_pages(self, link_for: Any, forget: Any) -> None:
        self.link_for, self.forget = link_for, forget


def beside(doors: list[FakeDoor], var: Path, rights: frozenset[str] = FULL, account: bool = True, mini: bool = True,
           public_url: str = PUBLIC) -> Beside:
    return Beside(doors, var, ApiAccount(APPID, SECRET, "http://127.0.0.1:9", rights) if account else None,
                  MINI if mini else None, public_url, 3600.0)


def test_the_official_account_is_given_the_sender_and_every_door_the_pages(tmp_path: Path) -> None:
    doors = [FakeDoor("wechat"), FakeDoor("wecom")]
    beside(doors, tmp_path)
    assert isinstance(doors[0].sender, ApiSender) and doors[1].sender is None
    assert all(door.link_for is not None and door.forget is not None for door in doors)


@pytest.mark.parametrize("options", [{"account": False}, {"rights": frozenset()}])
def test_without_the_right_there_is_no_sender(options: dict[str, Any], tmp_path: Path) -> None:
    door = FakeDoor("wechat")
    beside([door], tmp_path, **options)
    assert door.sender is None and door.link_for is not None


def test_without_an_address_of_ours_there_are_no_pages(tmp_path: Path) -> None:
    door = FakeDoor("wechat")
    beside([door], tmp_path, public_url="")
    assert door.link_for is None and door.sender is not None


def test_where_nothing_is_set_up_nothing_is_kept_or_served(tmp_path: Path) -> None:
    made = beside([], tmp_path / "var", account=False, mini=False)
    with Server(WebInput(var=tmp_path / "web"), FakeAgent(echo)) as server:
        assert server.get("/card/x").json()["error"]["code"] == "not_found"
    assert made.sweeps == [] and not (tmp_path / "var").exists()


def test_a_server_with_everything(tmp_path: Path) -> None:
    door = FakeDoor("wechat")
    made = beside([door], tmp_path)
    server = Server(WebInput(var=tmp_path, address_per_minute=0), FakeAgent(echo))
    made.install(server.app, security_headers())
    with server:
        _, _, url = server.do(door.link_for("a" * 32, message("sites")))
        path = url.removeprefix(PUBLIC)
        assert server.get(path).status_code == 200
        assert [server.do(sweep()) for sweep in made.sweeps] == [0, 0]
        server.do(door.forget("a" * 32))
        assert server.get(path).status_code == 410
        login = requests.post(server.url + PATH, json={"code": "one"}, timeout=10)
        assert login.status_code == 503 and login.json()["error"]["code"] == "login_down"
        server.do(door.sender.heard("o", "message"))
        assert server.do(door.sender.text("o", "好")) is False


def test_a_session_of_a_login_is_one_of_the_web_channel(tmp_path: Path) -> None:
    """Both sign with the secret in the same folder."""
    made = beside([], tmp_path)
    server = Server(WebInput(var=tmp_path), FakeAgent(echo))
    made.install(server.app, security_headers())
    from bot.channels.session import Sessions

    _, token = Sessions(made._secret).issue_for("b" * 32)
    with server:
        assert server.post(token, "你好").status_code == 200


def test_a_wrong_setting_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLITONG_WECHAT_RIGHTS", "everything")
    with pytest.raises(CannotServe):
        Beside.of_environment([], var=tmp_path, public_url="", keep_s=3600.0)
