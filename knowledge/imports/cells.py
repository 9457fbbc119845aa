"""What a cell of somebody else's table says, as one plain text."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

#: What cannot be seen: zero-width characters, marks of direction, control characters but the ends of lines.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe]")
#: Full-width digits and letters become plain ones, the ideographic space a space; Chinese punctuation stays.
_WIDTH = {0xFF10 + n: 0x30 + n for n in range(10)} | {0xFF21 + n: 0x41 + n for n in range(26)} | {
    0xFF41 + n: 0x61 + n for n in range(26)} | {0x3000: 0x20, 0xA0: 0x20}
_HAN = r"\u3400-\u9fff，。？！、；：（）"
_SPACE_IN_CHINESE = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")
#: ="02886911012" and '02886911012: how tables keep a number from being reckoned with.
_PROTECTED = re.compile(r'="?([^"]*)"?\Z')
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)\Z")
_DITTO = {"同上", "〃", "″", '"', "同左"}
#: What a formula, an error or a ditto mark begins with.
_SUSPECT = frozenset("#=@+同〃″\"")
_LETTERS = 26


class CellError(ValueError):
    """A cell that cannot be read. The message says why, in Chinese; ``write`` what to do."""

    def __init__(self, message: str, write: str = "改好名单里的这一格") -> None:
        super().__init__(message)
        self.write = write


def text_of(value: Any) -> str:
    """A cell's text: whole numbers without ``.0``, dates as 2026-10-23, times as 9:00, no stray spaces.

    Lines within a cell stay lines. Never raises.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        day = value.date().isoformat()
        return day if value.time() == dt.time() else f"{day} {value.hour}:{value.minute:02}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return f"{value.hour}:{value.minute:02}"
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return clean(str(value))


def clean(text: str) -> str:
    """A text without what only its typing left in it; lines stay lines."""
    if text.isascii() and text.isalnum():
        return text
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).translate(_WIDTH)
    lines = (_SPACE_IN_CHINESE.sub("", " ".join(line.split())) for line in text.split("\n"))
    text = "\n".join(line for line in lines if line)
    if text.startswith("="):
        bare = _PROTECTED.match(text)
        if bare and '"' in text:
            text = bare[1].strip()
    elif text.startswith("'") and text[1:2].isdigit():
        text = text[1:]
    return text


def one_line(text: str, joint: str = "") -> str:
    """The lines of a cell as one; what is not Chinese is kept apart."""
    if "\n" not in text:
        return text
    lines = text.split("\n")
    result = lines[0]
    for line in lines[1:]:
        result += (joint or ("" if _is_han(result[-1:]) or _is_han(line[:1]) else " ")) + line
    return result


def check(text: str) -> str:
    """``text``, unless the cell holds a formula or an error of the table's program instead of words.

    Raises:
        CellError
    """
    if text[:1] not in _SUSPECT:
        return text
    if text in _DITTO:
        raise CellError(f"“{text}”没有写出是什么", "写全")
    if _ERROR.match(text):
        raise CellError(f"这一格是表格软件的错误值“{text}”")
    if text.startswith(("=", "@", "+=")) and len(text) > 1:
        raise CellError(f"这一格是公式“{text[:30]}”", "在表格软件里把它复制后“只粘贴值”")
    return text


def header_key(text: str) -> str:
    """The form in which the names of columns are compared: no spaces, half-width, lower case, no marks of "必填"."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"\s+|[*＊]|\((?:必填|选填)\)", "", plain)


def letters(number: int) -> str:
    """The letters over a column, counted from 0: A, B, … AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def known_names(names: Sequence[str]) -> str:
    """The names of columns as an error lists them."""
    return "、".join(names[:30]) + ("……" if len(names) > 30 else "")


def _is_han(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or character >= "\uff00"
