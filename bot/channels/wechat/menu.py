"""The menu in WeChat: from staff's file to what WeChat takes, and the commands that put it up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.session import load_secret
from bot.channels.wechat.api import Api, WeChatApi
from bot.channels.wechat.api_account import api_account
from bot.channels.wechat.calls import ApiError
from bot.settings import PROJECT, CannotServe, settings
from bot.state.database import database_of
from knowledge.check_menu import menu_problems
from knowledge.errors import ContentError
from knowledge.loader import Parts, load_parts
from knowledge.part_cache import PartCache
from knowledge.schema import MenuButton, MenuItem

#: What WeChat says where no menu is up.
NO_MENU = 46003
REFUSED = 3


@dataclass(frozen=True)
class Menu:
    """The menu as WeChat takes it, and the lines that had to be left out."""

    body: dict[str, Any]
    left_out: tuple[str, ...] = ()


def menu_of(buttons: Sequence[MenuButton], public_url: str) -> Menu:
    """WeChat's form of the menu.

    ``public_url``: where residents find us; "" where nobody said, and lines that lead to our own pages are left out.
    """
    made: list[dict[str, Any]] = []
    left_out: list[str] = []

    def told(item: MenuItem) -> list[dict[str, Any]]:
        if item.url.startswith("/") and not public_url:
            left_out.append(item.name)
            return []
        return [_item(item, public_url)]

    for button in buttons:
        if not button.items:
            made += told(button)
            continue
        items = [line for item in button.items for line in told(item)]
        if items:
            made.append({"name": button.name, "sub_button": items})
    return Menu({"button": made}, tuple(left_out))


def _item(item: MenuItem, public_url: str) -> dict[str, Any]:
    url = public_url + item.url if item.url.startswith("/") else item.url
    if item.appid:
        return {"type": "miniprogram", "name": item.name, "url": url, "appid": item.appid, "pagepath": item.page}
    if item.url:
        return {"type": "view", "name": item.name, "url": url}
    return {"type": "click", "name": item.name, "key": item.ask}


def buttons_in(parts: Parts) -> tuple[MenuButton, ...]:
    """Staff's menu; empty where there is none. Raises ContentError where it is wrong."""
    found = [part for part in parts.by_path.values() if part.kind == "menu"]
    wrong = [item for part in found for item in part.problems]
    wrong += menu_problems(parts)
    if wrong:
        raise ContentError(wrong)
    return tuple(button for part in found for button in part.record.menu)


def text_of(body: dict[str, Any]) -> str:
    """A menu, ours or what WeChat tells of one, in lines for a terminal."""
    lines: list[str] = []
    for button in _list(body.get("button")):
        lines.append(_line(button, ""))
        lines += [_line(item, "  ") for item in _list(button.get("sub_button"))]
    return "\n".join(lines)


def _line(item: dict[str, Any], indent: str) -> str:
    does = {"click": f"问：{item.get('key', '')}", "view": f"打开 {item.get('url', '')}",
            "miniprogram": f"小程序 {item.get('appid', '')} {item.get('pagepath', '')}"}
    what = does.get(str(item.get("type", "")), str(item.get("type", "")))
    return f"{indent}{item.get('name', '')}" + (f"　→　{what}" if what else "")


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# --- the commands ----------------------------------------------------------------------------------


def run_menu(*, show: bool, delete: bool) -> int:
    """``bot wechat menu``: put the file's menu up, ``show`` what is up, or ``delete`` it; 3 where WeChat refuses.

    Raises:
        ContentError: for a mistake in the file.
        CannotServe: without AppID and secret, or without a menu to put up.
    """
    options = settings()
    where = options.content / "wechat" / "menu.yml"
    menu = menu_of(buttons_in(load_parts(options.content, cache=PartCache(options.cache))), options.public_url)
    if show:
        return _with_wechat(lambda api: _show(api, menu, where))
    if delete:
        return _with_wechat(_delete)
    if not menu.body["button"]:
        raise CannotServe(f"没有菜单可推：先写 {_shown(where)}")
    return _with_wechat(lambda api: _put_up(api, menu))


def run_try() -> int:
    """``bot wechat check``: whether WeChat accepts AppID, secret and this machine's address; 3 where it does not."""
    return _with_wechat(_try)


def _with_wechat(work: Any) -> int:
    account = api_account()
    if account is None:
        raise CannotServe("要先写 LINLITONG_WECHAT_APPID 和 LINLITONG_WECHAT_SECRET（见 docs/wechat.md）")
    var = settings().var

    async def whole() -> int:
        ours = WeChatApi(account, database_of(var), load_secret(var))
        try:
            return int(await work(ours.api))
        except ApiError as error:
            print(f"微信没有接受：{error}。每个错误码怎么办，见 docs/wechat.md。", file=sys.stderr)
            return REFUSED
        finally:
            await ours.close()

    return asyncio.run(whole())


async def _put_up(api: Api, menu: Menu) -> int:
    await api.create_menu(menu.body)
    print(text_of(menu.body))
    for name in menu.left_out:
        print(f"“{name}”没有放进去：它打开本站的网页，先设 LINLITONG_PUBLIC_URL。")
    print("菜单推上去了。居民的手机大约5分钟后换上；马上要看，取消关注再关注一次。")
    return 0


async def _show(api: Api, menu: Menu, where: Path) -> int:
    try:
        told = (await api.menu()).get("menu")
    except ApiError as error:
        if error.code != NO_MENU:
            raise
        told = None
    if not isinstance(told, dict):
        print("微信上现在没有菜单。")
        return 0
    print(text_of(told))
    same = text_of(told) == text_of(menu.body)
    print(f"和 {_shown(where)} " + ("一样。" if same else "不一样：运行 python -m bot wechat menu 推上去。"))
    return 0


async def _delete(api: Api) -> int:
    await api.delete_menu()
    print("微信上的菜单删掉了。居民的手机大约5分钟后没有菜单。")
    return 0


async def _try(api: Api) -> int:
    seconds = await api.try_token()
    print(f"微信接受了 AppID、AppSecret 和这台服务器的地址；凭据还有{seconds / 60:.0f}分钟，会自动续。")
    return 0


def _shown(path: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(PROJECT).as_posix() if resolved.is_relative_to(PROJECT) else str(path)
