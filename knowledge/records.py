"""From YAML data to typed records, finding every mistake of a file rather than the first."""

from __future__ import annotations

import difflib
import re
import types
import typing
from typing import Any, Optional, Union

import msgspec

from knowledge.errors import Problem, problem
from knowledge.yamlfile import Path_, YamlFile

_TYPE_NAMES = {
    "str": "文字（数字请加引号）", "int": "整数", "float": "数字", "bool": "true 或 false", "array": "列表",
    "object": "键和值", "null": "空", "date": "日期，如 2025-01-01",
}


def convert(file: YamlFile, kind: type[Any]) -> tuple[Optional[Any], list[Problem]]:
    """``file`` as a ``kind``; on any mistake None and every Problem found."""
    try:
        return msgspec.convert(file.data, kind), []
    except msgspec.ValidationError:
        found: list[Problem] = []
        _collect(file, kind, file.data, (), found)
        return None, found


def suggestion(name: str, known: typing.Iterable[str]) -> str:
    """（是不是想写“…”？） for a name that is nearly right, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"（是不是想写“{close[0]}”？）" if close else ""


def _collect(file: YamlFile, kind: Any, data: Any, at: Path_, found: list[Problem]) -> None:
    struct = _struct_of(kind)
    if struct is not None and isinstance(data, dict):
        _collect_struct(file, struct, data, at, found)
        return
    item = _item_of(kind)
    if item is not None and isinstance(data, list):
        for index, member in enumerate(data):
            _collect(file, item, member, (*at, index), found)
        return
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        found.append(problem("E012", file.path, file.position(at), detail=_plain(str(error))))


def _collect_struct(file: YamlFile, struct: type[msgspec.Struct], data: dict[str, Any], at: Path_,
                    found: list[Problem]) -> None:
    hints = typing.get_type_hints(struct)
    required = {field.name for field in msgspec.structs.fields(struct) if field.required}
    for key in data:
        if key not in hints:
            found.append(problem("E010", file.path, file.position((*at, key)), key=key, hint=suggestion(key, hints)))
    for key in sorted(required - set(data)):
        code = "E023" if key == "sources" else "E011"
        details = {} if code == "E023" else {"key": key}
        found.append(problem(code, file.path, file.position(at), **details))
    for key, value in data.items():
        if key in hints:
            _collect(file, hints[key], value, (*at, key), found)


def _struct_of(kind: Any) -> Optional[type[msgspec.Struct]]:
    for part in _parts(kind):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _item_of(kind: Any) -> Any:
    for part in _parts(kind):
        if typing.get_origin(part) is tuple:
            arguments = typing.get_args(part)
            if len(arguments) == 2 and arguments[1] is Ellipsis:
                return arguments[0]
    return None


def _parts(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)


def _plain(message: str) -> str:
    """msgspec's sentence in Chinese."""
    message = re.sub(r" - at `.*`$", "", message)
    match = re.match(r"Expected `(.+?)`, got `(.+?)`", message)
    if match:
        wanted = "或".join(_TYPE_NAMES.get(part.strip(), part.strip()) for part in match[1].split("|"))
        return f"这里要写{wanted}，现在写的是{_TYPE_NAMES.get(match[2], match[2])}"
    match = re.match(r"Invalid enum value '?(.+?)'?$", message)
    if match:
        return f"没有“{match[1]}”这个选项"
    if "RFC3339" in message or "date" in message.lower():
        return "日期要写成 2025-01-01 的样子"
    return message
