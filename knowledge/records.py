"""From YAML data to typed records, finding every mistake of a file rather than the first."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, Optional, Union

import msgspec

from knowledge import schema
from knowledge.errors import Problem, problem
from knowledge.yamlfile import Path_, YamlFile

#: What to write where a text has to look a certain way.
_PATTERNS = {
    schema.DATE: "日期写成 2025-10-23、2025-10 或 2025（加引号），不知道写 \"\"",
    schema.URL: "网址以 http:// 或 https:// 开头，中间没有空格；没有网址写 \"\"",
    schema.SAID: "这里要写字，不能空着",
}
_TYPE_NAMES = {
    "str": "文字（数字请加引号）", "int": "整数", "float": "数字", "bool": "true 或 false", "array": "列表",
    "object": "键和值", "null": "空", "date": "日期，如 2025-01-01",
}


def convert(file: YamlFile, kind: type[Any]) -> tuple[Optional[Any], list[Problem]]:
    """``file`` as a ``kind``; on any mistake None and every Problem found."""
    record: Optional[Any] = None
    found: list[Problem] = []
    data = file.data
    try:
        record = msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        _collect(file, kind, data, (), found)
        found = found or [problem("E012", file.path, file.position(()), detail=_plain(str(error), kind))]
    found += _misshapen(file, kind, data, ())
    file.let_go()
    return (None if found else record), found


def suggestion(name: str, known: typing.Iterable[str]) -> str:
    """（是不是想写“…”？） for a name that is nearly right, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"（是不是想写“{close[0]}”？）" if close else ""


def _collect(file: YamlFile, kind: Any, data: Any, at: Path_, found: list[Problem]) -> None:
    struct = _struct_of(kind)
    if struct is not None and isinstance(data, dict):
        _collect_struct(file, struct, data, at, found)
        return
    members, item = _members(kind, data)
    if members:
        for key, member in members:
            _collect(file, item, member, (*at, key), found)
        return
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        found.append(problem("E012", file.path, file.position(at), detail=_plain(str(error), kind)))


def _collect_struct(file: YamlFile, struct: type[msgspec.Struct], data: dict[str, Any], at: Path_,
                    found: list[Problem]) -> None:
    hints = _hints(struct)
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


def _misshapen(file: YamlFile, kind: Any, data: Any, at: Path_) -> Iterator[Problem]:
    """The texts that do not look as their pattern in the schema wants."""
    if isinstance(data, str):
        for pattern in _patterns(kind):
            if not re.search(pattern, data):
                yield problem("E012", file.path, file.position(at), detail=_PATTERNS[pattern])
        return
    struct = _struct_of(kind)
    if struct is not None and isinstance(data, dict):
        for key, hint in _shaped(struct).items():
            if key in data:
                yield from _misshapen(file, hint, data[key], (*at, key))
        return
    members, item = _members(kind, data)
    for place, member in members:
        yield from _misshapen(file, item, member, (*at, place))


def _patterns(kind: Any) -> Iterator[str]:
    """The patterns that a text of this kind has to fit."""
    if typing.get_origin(kind) is typing.Annotated:
        for meta in typing.get_args(kind)[1:]:
            if isinstance(meta, msgspec.Meta) and meta.extra_json_schema:
                yield meta.extra_json_schema["pattern"]
    elif typing.get_origin(kind) in (Union, types.UnionType):
        for member in typing.get_args(kind):
            yield from _patterns(member)


@cache
def _shaped(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The fields of ``struct`` below which any text has a pattern."""
    return {key: hint for key, hint in _hints(struct).items() if _has_pattern(hint)}


def _has_pattern(kind: Any) -> bool:
    struct = _struct_of(kind)
    below = [item for part in _parts(kind) for item in typing.get_args(part) if item is not Ellipsis]
    return any(_patterns(kind)) or (struct is not None and bool(_shaped(struct))) or any(map(_has_pattern, below))


@cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return typing.get_type_hints(struct, include_extras=True)


def _struct_of(kind: Any) -> Optional[type[msgspec.Struct]]:
    for part in _parts(kind):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _members(kind: Any, data: Any) -> tuple[list[tuple[Union[str, int], Any]], Any]:
    """The members of a list or of keys of one kind, and that kind."""
    for part in _parts(kind):
        origin, arguments = typing.get_origin(part), typing.get_args(part)
        if origin is tuple and isinstance(data, list) and len(arguments) == 2 and arguments[1] is Ellipsis:
            return list(enumerate(data)), arguments[0]
        if origin is dict and isinstance(data, dict) and arguments[0] is str:
            return list(data.items()), arguments[1]
    return [], None


def _parts(kind: Any) -> tuple[Any, ...]:
    """What ``kind`` may be: the members of a union, without what is annotated to them."""
    if typing.get_origin(kind) is typing.Annotated:
        return _parts(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (Union, types.UnionType):
        return tuple(part for member in typing.get_args(kind) for part in _parts(member))
    return (kind,)


def _plain(message: str, kind: Any) -> str:
    """msgspec's sentence in Chinese; ``kind`` is what was wanted."""
    message = re.sub(r" - at `[^`]*`$", "", message)
    enum = re.match(r"Invalid enum value '?(.+?)'?$", message)
    if enum:
        allowed = [str(value) for value in _allowed(kind)]
        return f"没有“{enum[1]}”这个选项{suggestion(enum[1], allowed)}，能写的有：{'、'.join(allowed)}"
    if re.match(r"Expected `(array|object|str)` of length >= 1", message):
        return "这里至少要写一项，不能空着"
    types_ = re.match(r"Expected `([^`]+)`, got `([^`]+)`", message)
    if types_:
        wanted = "或".join(_TYPE_NAMES.get(part.strip(), part.strip()) for part in types_[1].split("|"))
        return f"这里要写{wanted}，现在写的是{_TYPE_NAMES.get(types_[2], types_[2])}"
    if "RFC3339" in message or "date" in message.lower():
        return "日期要写成 2025-01-01 的样子"
    return f"写法不对（{message}）"


def _allowed(kind: Any) -> list[Any]:
    """The values of the Literal in ``kind``."""
    return [value for part in _parts(kind) if typing.get_origin(part) is typing.Literal
            for value in typing.get_args(part)]
