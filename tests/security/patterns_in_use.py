"""Every regular expression that our packages use, whoever compiles it and when: run as a program, writes JSON lines.

Two nets, so that none slips through: whatever is really compiled by a line of ours while every module is imported,
the content is loaded and a few sentences are read; and every call of ``re`` in the source whose pattern stands there.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import json
import pkgutil
import re
import sre_compile
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.nlu.parsers import replies

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "actions", "knowledge")
#: Sentences of every kind, so that functions that make a pattern as they go have made it.
SAID = (
    "你好",
    "我妈七十五了，附近哪里能吃上便宜饭",
    "五角场",
    "还有吗",
    "杨浦有哪些助餐点",
    "我在成都租房，房租政府补不补",
    "我是硕士，月租一千五，交了两年社保，没有房子",
    "我老公的户口在上海",
    "不是，是我妈",
    "换成南京",
    "大概三千左右吧",
    "我儿子两岁，我大姨六十八",
    "2023年7月毕业的",
    "都不是",
    "对",
    "删除我的记录",
)
#: Of patterns that a function makes and others keep under a name of their own: how those are used.
USED_AS = {("bot/nlu/parsers/replies.py", "_words"): "re.fullmatch"}  # as words.yes and words.no
#: Of files that cut what they read before: how many characters their patterns get to see at most.
MOST_CHARS = {("bot/nlu/parsers/replies.py", "_words"): replies._LONGEST_CLAUSE}
_CALLS = frozenset({"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"})


def main() -> None:
    """Writes ``[place, pattern, flags, at the start, most]`` into the file named, one a line."""
    found: dict[tuple[str, int], str] = {}
    for place, pattern, flags in (*_compiled(), *_written()):
        found.setdefault((pattern, flags), place)
    lines = (
        json.dumps([place, pattern, flags, _at_the_start(place), _most(place)])
        for (pattern, flags), place in found.items()
    )
    Path(sys.argv[1]).write_text("\n".join(lines), encoding="utf-8")


def _written() -> Iterator[tuple[str, str, int]]:
    """Patterns that stand in a call of ``re`` as a plain string."""
    for path in (path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _CALLS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                yield f"{path.relative_to(PROJECT)}:{node.lineno}", node.args[0].value, 0


def _compiled() -> Iterator[tuple[str, str, int]]:
    """Patterns that are compiled on behalf of our code."""
    seen: list[tuple[str, str, int]] = []
    really = sre_compile.compile

    def compile_(pattern: Any, flags: int = 0) -> Any:
        frame: Any = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(PROJECT) and path.relative_to(PROJECT).parts[0] in PACKAGES:
                text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
                seen.append((f"{path.relative_to(PROJECT)}:{frame.f_lineno}", text, int(flags)))
                break
            # Libraries compile patterns of their own while we import or call them.
            if path.name not in ("re.py", "sre_compile.py", "patterns_in_use.py"):
                break
            frame = frame.f_back
        return really(pattern, flags)

    sre_compile.compile = compile_  # type: ignore[assignment]
    from bot.serve import configure_logging, quiet_environment

    quiet_environment()
    configure_logging()
    re.purge()
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(PROJECT / package)], f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    _use_them()
    sre_compile.compile = really
    yield from seen


def _at_the_start(place: str) -> bool:
    """Whether the pattern is only ever tried at the beginning of a text: by ``match`` or ``fullmatch``."""
    file, _, line = place.rpartition(":")
    ways = {
        method
        for name in _names(file, int(line))
        for method in _methods(file if name.startswith("_") else "").get(name, {"finditer"})
    }
    return bool(ways) and ways <= {"match", "fullmatch"}


@lru_cache(maxsize=1024)
def _tree(file: str) -> ast.Module:
    return ast.parse((PROJECT / file).read_text(encoding="utf-8"))


def _names(file: str, line: int) -> set[str]:
    """What the pattern made at this line is called: its name, or ``re.fullmatch`` and the like where it has none."""
    found = set()
    for node in ast.walk(_tree(file)):
        if not (isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0)):
            continue
        if (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
        ):
            found.add(f"re.{node.func.attr}")
    if found != {"re.compile"}:
        return found or {"?"}
    for node in ast.walk(_tree(file)):
        if (
            isinstance(node, ast.Assign)
            and node.lineno <= line <= (node.end_lineno or 0)
            and isinstance(node.value, ast.Call)
            and isinstance(node.targets[0], ast.Name)
        ):
            return {node.targets[0].id}
    return {USED_AS[maker] for maker in _makers(file, line) if maker in USED_AS} or {"?"}


def _makers(file: str, line: int) -> list[tuple[str, str]]:
    """The functions that this line stands in, each with its file."""
    return [
        (file, node.name)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]


def _most(place: str) -> int:
    """How many characters the pattern sees at most; 0 for any number."""
    file, _, line = place.rpartition(":")
    return max((MOST_CHARS.get(maker, 0) for maker in _makers(file, int(line))), default=0)


@lru_cache(maxsize=1024)
def _methods(file: str) -> dict[str, set[str]]:
    """How each name is used in ``file``, or anywhere: ``_TOKEN.fullmatch(…)``. One passed on may be used in any way."""
    found: dict[str, set[str]] = {f"re.{way}": {way} for way in _CALLS}
    everywhere = [path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")]
    for path in [PROJECT / file] if file else everywhere:
        tree = _tree(str(path.relative_to(PROJECT)))
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                called.add(id(node.value))
                found.setdefault(node.value.id, set()).add(node.attr)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
                found.setdefault(node.id, set()).add("finditer")
    return found


def _use_them() -> None:
    """Load the bot and talk with it, so that what is compiled late, and of the content, is compiled too."""
    from bot.asking import load_chat
    from knowledge.hours_model import HoursError
    from knowledge.hours_text import parse

    async def talk() -> None:
        chat = await load_chat()
        for text in SAID:
            await chat.say(text, sender="patterns", region="510100")

    asyncio.run(talk())
    for text in (
        "周一至周五9:00-17:00（夏季9:00-18:00）",
        "每天早上九点半到下午五点一刻",
        "周二至周日9:00-17:00，周一闭馆",
    ):
        with contextlib.suppress(HoursError):
            parse(text)


if __name__ == "__main__":
    main()
