"""Messages that no sound server sends: something foul in every field of every kind."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tests.browser.bot import judged, many, understood
from tests.channels.messages import ALL_KINDS, Message, message

BIG = 100_000
#: In the browser ``@@BIG n`` becomes 100 kB of the n-th of these; sent as such they would only slow the driver.
BIG_PIECES = (
    "长", "a", "1. 一行\n", "12345 ", "021-65551234、", "**粗** ", "https://a.cn/", "- ", "\n", " ", "(", "1",
    "\u202e坏",
)  # fmt: skip
FOUL = (
    '<img src=x onerror="window.hacked=1">',
    '"><svg onload=window.hacked=1><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
    " \tJaVa\nScRiPt:window.hacked=1//https://",
    "data:text/html,<script>parent.hacked=1</script>",
    "vbscript:window.hacked=1",
    "[点这里](javascript:window.hacked=1) **粗 <b onclick=window.hacked=1>",
    "https://",
    "https://exa mple.test/\"onmouseover=window.hacked=1",
    "//evil.test/x",
    "file:///etc/passwd",
    "tel:12345;window.hacked=1",
    "银行\u202e卡号\u2066gpj.exe\u2069\u200f\u061c完",
    "__proto__",
    "",
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, 0, -1.5, 1e308, [], {}, [None, 1, "x", {}, [[]], {"text": None}], {"toString": 1},
    {"title": {"a": [1]}}, [[["x"]]], "x",
)  # fmt: skip
KINDS = (*ALL_KINDS, "unheard-of", "constructor", "__proto__")


def sound(kind: str) -> list[Message]:
    """The messages of this kind whose fields are filled with junk, with as many fields as there can be."""
    if kind not in ALL_KINDS:
        said = message("ack")
        said["custom"]["kind"] = kind
        return [said]
    more = {"sites": [many()], "verdict": [judged()], "question": [understood()]}
    return more.get(kind, [message(kind)])


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is anything in a message, leaves and branches; of a list, its first item."""
    if here and here != ("custom", "kind"):
        yield here
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))[:1]
    for key, item in items:
        yield from paths(item, (*here, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with ``new`` at the path."""
    made = copy.deepcopy(value)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = copy.deepcopy(new)
    return made


def filled(value: Any, new: str) -> Any:
    """A copy with ``new`` in every string, but for the kind."""
    if isinstance(value, dict):
        return {k: item if k == "kind" else filled(item, new) for k, item in value.items()}
    if isinstance(value, list):
        return [filled(item, new) for item in value]
    return new if isinstance(value, str) else value


def foul(kind: str) -> list[Message]:
    """A foul string in every field at once, one message a string; and in each field that holds no string."""
    return [filled(said, text) for said in sound(kind) for text in FOUL] + [
        put(said, path, text) for said in sound(kind) for path in paths(said) for text in FOUL[:1] + FOUL[2:3]
    ]


def wrong(kind: str) -> list[Message]:
    """Each field in turn of each wrong type, missing, and the whole of it."""
    out: list[Message] = []
    for said in sound(kind):
        for path in paths(said):
            out += [put(said, path, value) for value in WRONG]
            holder = copy.deepcopy(said)
            at: Any = holder
            for key in path[:-1]:
                at = at[key]
            del at[path[-1]]
            out.append(holder)
    return out


def big(kind: str) -> list[tuple[int, Message]]:
    """100 kB in every text at once, one message a piece, each with the piece's number.

    Every piece for one kind, those that make the most of themselves for the kinds that hold most, one for the others:
    all fields are drawn by the same means.
    """
    every: tuple[int, ...] = tuple(range(len(BIG_PIECES)))
    pieces = every if kind == "faq" else (2, 4, 5, 6) if kind in ("sites", "verdict") else (5,)
    return [(n, filled(said, f"@@BIG {n}")) for said in sound(kind) for n in pieces]
