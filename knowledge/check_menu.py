"""The menu in WeChat: as many lines as WeChat takes, names that a phone shows whole, each line one thing to tap.

The limits are those of WeChat's document on createCustomMenu: three buttons of up to five lines, names of 4 and 8
Chinese characters (16 and 60 bytes), what is asked in 128 bytes, addresses in 1024.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from knowledge.errors import Problem
from knowledge.loader import Part, Parts
from knowledge.schema import MenuButton, MenuItem
from knowledge.yamlfile import Path_

MOST_BUTTONS, MOST_ITEMS = 3, 5
#: Chinese characters that a phone shows, and bytes that WeChat takes.
BUTTON_NAME, ITEM_NAME = (4, 16), (8, 60)
MOST_ASK_BYTES, MOST_URL_BYTES = 128, 1024
_URL = re.compile(r"https://[^\s\"'<>/]+[^\s\"'<>]*|/(?!/)[A-Za-z0-9._~/?&=%-]*")
_APPID = re.compile(r"wx[0-9a-z]{16}")


def menu_problems(parts: Parts) -> Iterator[Problem]:
    """What is wrong with the menu (E095, E096, E097)."""
    for part in parts.of_kind("menu"):
        buttons: tuple[MenuButton, ...] = part.record.menu
        if len(buttons) > MOST_BUTTONS:
            yield part.problem("E095", ("menu", MOST_BUTTONS), where="一级菜单", count=len(buttons), most=MOST_BUTTONS)
        for number, button in enumerate(buttons):
            yield from _button(part, ("menu", number), button)


def _button(part: Part, at: Path_, button: MenuButton) -> Iterator[Problem]:
    yield from _name(part, at, button.name, BUTTON_NAME)
    if not button.items:
        yield from _leads_somewhere(part, at, button, "ask、url、appid 或 items")
        return
    if button.ask or button.url or button.appid or button.page:
        yield part.problem("E097", at, name=button.name, detail="下面有 items，自己又写了 ask、url 或小程序",
                           write="只留 items；要问的话写进 items 里的一项")
    if len(button.items) > MOST_ITEMS:
        yield part.problem("E095", (*at, "items", MOST_ITEMS), where=f"“{button.name}”的二级菜单",
                           count=len(button.items), most=MOST_ITEMS)
    for number, item in enumerate(button.items):
        yield from _name(part, (*at, "items", number), item.name, ITEM_NAME)
        yield from _leads_somewhere(part, (*at, "items", number), item, "ask、url 或 appid")


def _name(part: Part, at: Path_, name: str, limits: tuple[int, int]) -> Iterator[Problem]:
    most, bytes_ = limits
    if _width(name) > 2 * most or len(name.encode("utf-8")) > bytes_:
        yield part.problem("E096", (*at, "name"), name=name, most=most)


def _leads_somewhere(part: Part, at: Path_, item: MenuItem, choices: str) -> Iterator[Problem]:
    """That a tap does exactly one thing, and that it can be done."""

    def wrong(key: str, detail: str, write: str) -> Problem:
        return part.problem("E097", (*at, key), name=item.name, detail=detail, write=write)

    if not item.ask.strip() and not item.url and not item.appid:
        yield wrong("name", f"点了什么也不做：没有写 {choices}", f"在{choices}里写一样")
        return
    if item.ask and (item.url or item.appid):
        yield wrong("ask", "写了 ask，又写了 url 或小程序",
                    "只留一样：问一句话用 ask，打开网页用 url，打开小程序用 appid")
    if len(item.ask.encode("utf-8")) > MOST_ASK_BYTES:
        yield wrong("ask", f"要问的话太长（{len(item.ask.encode('utf-8'))}个字节，最多{MOST_ASK_BYTES}个）",
                    "写短一点，大约四十个汉字以内")
    if item.url and (not _URL.fullmatch(item.url) or len(item.url.encode("utf-8")) > MOST_URL_BYTES):
        yield wrong("url", "的网址不对", "写 https:// 开头的完整网址；打开本站的网页写 / 开头，首页就写 /")
    if item.appid and not _APPID.fullmatch(item.appid):
        yield wrong("appid", "的小程序 appid 不对", "从小程序后台复制，wx 开头，一共18个字母和数字")
    if bool(item.appid) != bool(item.page):
        yield wrong("appid" if item.appid else "page", "的小程序没有写全",
                    "appid 和 page 要一起写，例如 page: pages/index/index")
    if item.appid and not item.url:
        yield wrong("appid", "没有给老版本微信的网页", "再写一行 url，打不开小程序的老版本微信会打开它")


def _width(name: str) -> int:
    """How wide the name is, in halves of a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name)
