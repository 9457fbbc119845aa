"""docs/threat-model.md promises a test for each threat: it is there, it is run, and no row is without."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

import pytest

from tests.security.conftest import Whole
from tests.server.process import PROJECT

PAGE = PROJECT / "docs" / "threat-model.md"
_NODE = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z_0-9]+)`")
_FILE = re.compile(r"`((?:bot|knowledge|actions|tools|deploy|docs|tests)/[\w./-]+)`")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table's rows under ``heading``."""
    part = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    chosen = next(text for text in part if text.startswith(heading))
    lines = [line for line in chosen.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@lru_cache(maxsize=256)
def functions(file: str) -> dict[str, ast.AST]:
    """The tests of a file by name."""
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


THREATS = rows("威胁")


def test_every_threat_that_was_asked_for_has_a_row() -> None:
    text = "".join(cell for row in THREATS for cell in row)
    for word in (
        "会话被偷",
        "固定",
        "Origin",
        "CSRF",
        "点击劫持",
        "XSS",
        "模板注入",
        "日志注入",
        "路径穿越",
        "SSRF",
        "YAML",
        "压缩炸弹",
        "XML",
        "模型",
        "深嵌套",
        "重复的键",
        "NaN",
        "slowloris",
        "ReDoS",
        "走私",
        "Rasa 自带",
        "遥测",
        "密钥",
        "依赖",
        "刷消息",
        "重放",
        "伪造",
        "提示",
        "TOCTOU",
        "权限",
        "堆栈",
        "版本",
        "Cookie",
        "缓存",
        "CORS",
        "事件流",
        "评价",
        "回执码",
        "个人信息",
    ):
        assert word in text, word


@pytest.mark.parametrize("row", THREATS, ids=lambda row: row[0][:30])
def test_each_row_has_a_place_and_a_test_that_runs(row: list[str]) -> None:
    threat, measure, place, tests = row
    assert threat and measure
    files = _FILE.findall(place)
    assert files and all((PROJECT / file).exists() for file in files), place
    nodes = _NODE.findall(tests)
    assert nodes, f"{threat}: no test"
    for file, name in nodes:
        assert name in functions(file), f"{file}::{name} is not there"
        # A test that is always skipped proves nothing.
        for mark in getattr(functions(file)[name], "decorator_list", []):
            assert not re.match(r"pytest\.mark\.(skip|xfail)\b(?!if)", ast.unparse(mark)), f"{file}::{name} is not run"


def test_what_is_listed_as_not_loaded_is_not_loaded(whole: Whole) -> None:
    listed = [(row[0], row[2]) for row in rows("旧版本")]
    never = [re.findall(r"`([\w]+)`", module) for _, module in listed if "不装入" in module]
    assert len(never) >= 2
    for names in never:
        assert names and not set(names) & whole.loaded, names


def test_the_versions_in_the_page_are_those_of_the_lock() -> None:
    lock = (PROJECT / "requirements" / "base.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", lock, re.MULTILINE))
    pinned = {name.lower(): version for name, version in pinned.items()}
    listed = [(row[0].lower(), row[1]) for row in rows("旧版本")]
    assert len(listed) >= 12
    for name, version in listed:
        assert pinned.get(name) == version, name
