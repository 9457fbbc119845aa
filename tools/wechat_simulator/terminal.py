"""A chat through the simulator in the terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Optional

from tools.wechat_simulator.acts import CannotDo, Person
from tools.wechat_simulator.faults import PushFaults
from tools.wechat_simulator.presets import Place
from tools.wechat_simulator.transcript import Bubble

HELP = """直接打字就是发消息。别的：
  /语音 话          发语音，带识别结果（只写 /语音 就是没有识别结果）
  /位置 纬度,经度 地名   发位置（火星坐标）；/位置 2 发下面第 2 个地点
  /图片  /链接 网址    发图片、链接
  /菜单            看底部菜单；/点 1 或 /点 2 3 点第 2 个按钮的第 3 项
  /选 2            点最近一条可点选的消息里的第 2 项
  /关注  /取关  /扫码 参数
  /丢 次数  /重复 份数  /晚 秒数   让下一条消息的回复丢掉、同时发几份、晚到
  /记录 文件名        存下对话（JSON）
  /退出"""
_PLAIN = {"图片": "image", "关注": "subscribe", "取关": "unsubscribe"}


def show(bubble: Bubble) -> str:
    """A bubble of the account or of WeChat, for the terminal."""
    lines = [f"　　〔{bubble.note}〕"] if bubble.note else []
    if bubble.kind == "news":
        body = [f"【{item['title']}】{item['description']}\n　　{item['url']}" for item in bubble.articles]
    else:
        body = [bubble.text]
    who = "微信提示" if bubble.who == "wechat" else "公众号" if bubble.via == "reply" else "公众号（客服消息）"
    return "\n".join([f"{who}：" + "\n　　".join("\n".join(body).split("\n")), *lines])


def command(line: str, places: list[Place]) -> tuple[str, dict[str, Any]]:
    """What a line asks for, for ``Person.act``. Raises CannotDo where it cannot be read."""
    if not line.startswith("/"):
        return "text", {"text": line}
    word, _, rest = line[1:].partition(" ")
    rest = rest.strip()
    try:
        if word in _PLAIN:
            return _PLAIN[word], {}
        if word == "语音":
            return "voice", {"text": rest or None}
        if word == "链接" and rest:
            return "link", {"url": rest}
        if word == "扫码" and rest:
            return "scan", {"scene": rest}
        if word == "选":
            return "choose", {"number": int(rest)}
        if word == "点":
            number, *entry = (int(part) for part in rest.split())
            return "menu", {"number": number, "entry": entry[0] if entry else 0}
        if word == "位置":
            return "location", _location(rest, places)
    except (ValueError, IndexError):
        pass
    raise CannotDo("没看懂这条命令，打 /帮助 看怎么写")


def _location(rest: str, places: list[Place]) -> dict[str, Any]:
    if rest.isdigit():
        place = places[int(rest) - 1]
        return {"lat": place.lat, "lng": place.lng, "label": place.label}
    point, _, label = rest.replace("，", ",").partition(" ")
    lat, lng = point.split(",")
    return {"lat": float(lat), "lng": float(lng), "label": label.strip()}


async def chat(person: Person, places: list[Place]) -> None:
    """Read lines until /退出 or the end of the input."""
    wechat = person.wechat
    wechat.transcript.listeners.append(
        lambda bubble: None if bubble.who == "user" else print(show(bubble), flush=True))
    print(HELP)
    for number, place in enumerate(places, 1):
        print(f"  地点 {number}：{place.label}（{place.lat}, {place.lng}）")
    while True:
        line: Optional[str] = await asyncio.get_running_loop().run_in_executor(None, _ask)
        if line is None or line == "/退出":
            return
        if line:
            await _one(person, line, places)


async def _one(person: Person, line: str, places: list[Place]) -> None:
    word, _, rest = line[1:].partition(" ") if line.startswith("/") else ("", "", "")
    try:
        if word == "帮助":
            print(HELP)
        elif word == "菜单":
            print(menu_lines(person))
        elif word == "记录":
            person.wechat.transcript.save(Path(rest.strip() or "wechat.json"))
        elif word in ("丢", "重复", "晚"):
            person.next_faults = _faults(word, rest)
            print("　　下一条消息会这样。")
        else:
            sent = await person.act(*command(line, places))
            if sent.delivered.result == "stop":
                print("　　〔服务器只回了 success〕")
            if len(sent.delivered.tries) > 1:
                print("　　〔" + "，".join(f"第 {number} 次：{item.detail or item.result}（{item.seconds:.1f} 秒）"
                                       for number, item in enumerate(sent.delivered.tries, 1)) + "〕")
    except CannotDo as error:
        print(f"　　{error}")


def _faults(word: str, rest: str) -> PushFaults:
    try:
        value = float(rest)
    except ValueError:
        raise CannotDo("后面要写一个数，例如 /丢 1") from None
    if word == "丢":
        return PushFaults(lost_replies=int(value))
    return PushFaults(copies=int(value)) if word == "重复" else PushFaults(delay_s=value)


def menu_lines(person: Person) -> str:
    """The account's menu, a line a button."""
    menu = person.wechat.menu
    if menu is None:
        return "　　这个公众号还没有菜单"
    lines = []
    for number, button in enumerate(menu.buttons, 1):
        lines.append(f"　　{number} {button['name']}")
        entries = enumerate(button.get("sub_button") or [], 1)
        lines += [f"　　　{number} {entry} {item['name']}" for entry, item in entries]
    return "\n".join(lines)


def _ask() -> Optional[str]:
    try:
        return input("我：").strip()
    except EOFError:
        print(file=sys.stdout)
        return None
