"""The menu in WeChat: checked with file and line, made into what WeChat takes, put up by a command."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.channels.wechat.menu import buttons_in, menu_of, text_of
from bot.settings import settings
from knowledge.base import CONTENT
from knowledge.check import relation_problems
from knowledge.check_menu import menu_problems
from knowledge.errors import ContentError
from knowledge.loader import load_parts
from knowledge.schema import MenuButton, MenuItem
from tests.channels.wechat_api.fake import APPID, SECRET, FakeWeChat
from tests.support.driver import Bot

REAL = CONTENT / "wechat" / "menu.yml"


# --- the file --------------------------------------------------------------------------------------


def content(tmp_path: Path, text: str) -> Path:
    (tmp_path / "wechat").mkdir(parents=True, exist_ok=True)
    (tmp_path / "wechat" / "menu.yml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(tmp_path: Path, text: str) -> list[str]:
    parts = load_parts(content(tmp_path, text))
    found = [*parts.problems, *menu_problems(parts)]
    return [f"{item.line} {item.code} {item.message}。{item.remedy}" for item in found]


SOUND = """menu:
  - name: 查补贴
    items:
      - {name: 租房补贴, ask: 租房补贴我够不够条件}
  - {name: 网页, url: /}
  - {name: 小程序, appid: wx0123456789abcdef, page: pages/index/index, url: "https://a.example.gov.cn/"}
"""


def test_a_sound_menu_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, SOUND) == []


@pytest.mark.parametrize(("old", "new", "line", "code", "said"), [
    ("name: 查补贴", "name: 查各种补贴", 2, "E096", "最多4个汉字"),
    ("name: 查补贴", "name: Benefits!", 2, "E096", "最多4个汉字"),
    ("name: 租房补贴,", "name: 租房补贴我够不够条,", 4, "E096", "最多8个汉字"),
    (", ask: 租房补贴我够不够条件", "", 4, "E097", "什么也不做"),
    ("ask: 租房补贴我够不够条件", 'ask: "  "', 4, "E097", "什么也不做"),
    ("ask: 租房补贴我够不够条件", "ask: 租房补贴, url: /", 4, "E097", "只留一样"),
    ("ask: 租房补贴我够不够条件", f"ask: {'租' * 43}", 4, "E097", "129个字节"),
    ("    items:\n", "    ask: 补贴\n    items:\n", 2, "E097", "只留 items"),
    ("url: /}", "url: http://a.example.gov.cn/}", 5, "E097", "https://"),
    ("url: /}", "url: //evil.example/}", 5, "E097", "https://"),
    ("url: /}", "url: javascript:alert(1)}", 5, "E097", "https://"),
    ("url: /}", f"url: https://a.cn/{'x' * 1100}}}", 5, "E097", "https://"),
    ("appid: wx0123456789abcdef", "appid: wx0123", 6, "E097", "appid 不对"),
    (", page: pages/index/index", "", 6, "E097", "page"),
    (', url: "https://a.example.gov.cn/"', "", 6, "E097", "老版本"),
    ("  - {name: 网页, url: /}\n", "  - {name: 网页, url: /}\n" * 3, 7, "E095", "一级菜单有5个，微信最多放3个"),
    ("      - {name: 租房补贴, ask: 租房补贴我够不够条件}\n", "      - {name: 租房, ask: 租房补贴}\n" * 6, 9, "E095",
     "有6个，微信最多放5个"),
    ("url: /}", "link: /}", 5, "E010", "link"),
    ("  - {name: 网页, url: /}", "  - {url: /}", 5, "E011", "name"),
    ("name: 网页", 'name: " "', 5, "E012", ""),
])
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(old: str, new: str, line: int, code: str, said: str,
                                                               tmp_path: Path) -> None:
    assert old in SOUND
    found = problems(tmp_path, SOUND.replace(old, new, 1))
    assert any(item.startswith(f"{line} {code} ") and said in item for item in found), found


def test_names_at_the_limit_are_sound(tmp_path: Path) -> None:
    text = SOUND.replace("查补贴", "查查补贴").replace("name: 租房补贴", "name: 租房补贴够条件吗")
    text = text.replace("小程序", "Mini2026")
    assert problems(tmp_path, text) == []


def test_the_check_of_all_content_looks_at_the_menu(tmp_path: Path) -> None:
    from knowledge.assemble import assemble

    parts = load_parts(content(tmp_path, SOUND.replace("name: 查补贴", "name: 查各种各样的补贴")))
    assert [item.code for item in relation_problems(parts, assemble(parts))] == ["E096"]


def test_a_wrong_menu_is_never_put_up(tmp_path: Path) -> None:
    for old, new in (("name: 查补贴", "name: 查各种各样的补贴"), ("url: /}", "link: /}")):
        with pytest.raises(ContentError):
            buttons_in(load_parts(content(tmp_path, SOUND.replace(old, new))))


def test_our_own_menu_is_sound() -> None:
    shown = buttons_in(load_parts(CONTENT))
    assert len(shown) == 3 and all(button.items for button in shown)


def _questions() -> list[str]:
    import yaml

    return [item["ask"] for button in yaml.safe_load(REAL.read_text(encoding="utf-8"))["menu"]
            for item in button["items"] if "ask" in item]


@pytest.mark.parametrize("region", ["510100", "310110", "320100"])
@pytest.mark.parametrize("question", _questions())
def test_the_bot_answers_every_line_of_our_menu(question: str, region: str, bot: Bot) -> None:
    kinds = [reply["custom"]["kind"] for reply in bot.converse(region).say(question)]
    assert kinds and not {"cannot_answer", "out_of_scope", "clarify", "error", "emergency"} & set(kinds), kinds


# --- what WeChat takes -----------------------------------------------------------------------------

BUTTONS = (
    MenuButton(name="查补贴", items=(
        MenuItem(name="租房", ask="租房补贴我够不够条件"), MenuItem(name="网页", url="/receipt"))),
    MenuButton(name="官网", url="https://a.example.gov.cn/x"),
    MenuButton(name="小程序", appid="wx0123456789abcdef", page="pages/index/index", url="/"),
)


def test_the_form_that_wechat_takes() -> None:
    menu = menu_of(BUTTONS, "https://linli.example.gov.cn/bot")
    assert menu.left_out == ()
    assert menu.body == {"button": [
        {"name": "查补贴", "sub_button": [
            {"type": "click", "name": "租房", "key": "租房补贴我够不够条件"},
            {"type": "view", "name": "网页", "url": "https://linli.example.gov.cn/bot/receipt"}]},
        {"type": "view", "name": "官网", "url": "https://a.example.gov.cn/x"},
        {"type": "miniprogram", "name": "小程序", "url": "https://linli.example.gov.cn/bot/",
         "appid": "wx0123456789abcdef", "pagepath": "pages/index/index"}]}


def test_without_an_address_of_ours_lines_that_need_it_are_left_out() -> None:
    menu = menu_of(BUTTONS, "")
    assert menu.left_out == ("网页", "小程序")
    assert [button["name"] for button in menu.body["button"]] == ["查补贴", "官网"]
    only = menu_of((MenuButton(name="网", items=(MenuItem(name="网页", url="/"),)),), "")
    assert only.body == {"button": []} and only.left_out == ("网页",)


def test_the_menu_in_words() -> None:
    assert text_of(menu_of(BUTTONS, "").body) == (
        "查补贴\n  租房　→　问：租房补贴我够不够条件\n官网　→　打开 https://a.example.gov.cn/x")
    assert text_of({"button": [{"name": "别的", "type": "scancode_push"}, "x"]}) == "别的　→　scancode_push"


# --- the commands ----------------------------------------------------------------------------------


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    """The API, served by a loop of its own, as a command brings one along."""
    loop = asyncio.new_event_loop()
    fake = FakeWeChat()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(fake.__aenter__(), loop).result(10)
    yield fake
    asyncio.run_coroutine_threadsafe(fake.__aexit__(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def command(wechat: FakeWeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
            capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str]]]:
    (tmp_path / "content").mkdir()
    shutil.copytree(REAL.parent, tmp_path / "content" / "wechat")
    for name, value in {"CONTENT": tmp_path / "content", "VAR": tmp_path / "var", "CACHE": tmp_path / "cache",
                        "WECHAT_APPID": APPID, "WECHAT_SECRET": SECRET, "WECHAT_API": wechat.url,
                        "PUBLIC_URL": "https://linli.example.gov.cn"}.items():
        monkeypatch.setenv(f"LINLITONG_{name}", str(value))

    def run(*words: str, **env: str) -> tuple[int, str]:
        for name, value in env.items():
            monkeypatch.setenv(f"LINLITONG_{name}", value)
        settings.cache_clear()
        code = cli.main(["wechat", *words])
        printed = capfd.readouterr()
        assert SECRET not in printed.out + printed.err and "TOKEN-" not in printed.out + printed.err
        return code, printed.out + printed.err

    yield run
    settings.cache_clear()


def test_putting_up_showing_and_deleting(command: Callable[..., tuple[int, str]], wechat: FakeWeChat) -> None:
    assert command("menu", "--show") == (0, "微信上现在没有菜单。\n")
    code, said = command("menu")
    assert code == 0 and "推上去了" in said and "没有放进去" not in said
    up: Any = wechat.menu
    assert [button["name"] for button in up["button"]] == ["找服务", "查补贴", "更多"]
    assert up["button"][2]["sub_button"][-1]["url"] == "https://linli.example.gov.cn/"
    code, said = command("menu", "--show")
    assert code == 0 and "一样。" in said and "不一样" not in said
    up["button"].pop()
    assert "不一样" in command("menu", "--show")[1]
    assert command("menu", "--delete")[0] == 0 and wechat.menu is None
    assert wechat.asked("stable_token") == 1, "the commands share the token"


def test_a_line_that_needs_our_address_is_told_of(command: Callable[..., tuple[int, str]], wechat: FakeWeChat) -> None:
    code, said = command("menu", PUBLIC_URL="")
    assert code == 0 and "“打开网页版”没有放进去" in said and "LINLITONG_PUBLIC_URL" in said
    assert wechat.menu is not None and "打开网页版" not in text_of(wechat.menu)


def test_trying_the_account(command: Callable[..., tuple[int, str]]) -> None:
    code, said = command("check")
    assert code == 0 and "接受了" in said


@pytest.mark.parametrize(("fault", "said"), [
    (40164, "白名单"), (48001, "权限"), (40018, "名字太长"), ("http", "读不懂"), (99999, "全局错误码")])
def test_a_refusal_says_what_to_do(fault: int | str, said: str, command: Callable[..., tuple[int, str]],
                                   wechat: FakeWeChat) -> None:
    wechat.faults["menu/create"] = [fault]
    wechat.errmsg = "invalid ip 203.0.113.7, not in whitelist"
    code, printed = command("menu")
    assert code == 3 and said in printed and "docs/wechat.md" in printed and "Traceback" not in printed
    assert ("203.0.113.7" in printed) == (fault == 40164)


def test_a_wrong_secret(command: Callable[..., tuple[int, str]]) -> None:
    code, said = command("check", WECHAT_SECRET="another")
    assert code == 3 and "40125" in said and "another" not in said


@pytest.mark.parametrize("words", [["check"], ["menu"], ["menu", "--show"]])
def test_without_a_secret_nothing_is_tried(words: list[str], command: Callable[..., tuple[int, str]],
                                           wechat: FakeWeChat) -> None:
    code, said = command(*words, WECHAT_SECRET="")
    assert code == 3 and "LINLITONG_WECHAT_SECRET" in said and wechat.calls == []


def test_a_mistake_in_the_file_is_told_with_its_line(command: Callable[..., tuple[int, str]], wechat: FakeWeChat,
                                                     tmp_path: Path) -> None:
    file = tmp_path / "content" / "wechat" / "menu.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("查补贴", "查各种各样的补贴"), encoding="utf-8")
    code, said = command("menu")
    assert code == 1 and f"{file}:" in said and "E096" in said and wechat.calls == []


def test_without_a_file_there_is_nothing_to_put_up(command: Callable[..., tuple[int, str]], wechat: FakeWeChat,
                                                   tmp_path: Path) -> None:
    (tmp_path / "content" / "wechat" / "menu.yml").unlink()
    code, said = command("menu")
    assert code == 3 and "menu.yml" in said and wechat.calls == []
