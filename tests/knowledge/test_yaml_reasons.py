"""Why a YAML file cannot be parsed: in Chinese, at the line where the slip was made, with what to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import Problem, yaml_reason
from knowledge.yamlfile import read_yaml

FILE = Path("some.yml")


def problem_of(text: str) -> Problem:
    read = read_yaml(FILE, text.encode())
    assert isinstance(read, Problem), text
    return read


_MANY = "".join(f"k{number}: v\n" for number in range(30))


@pytest.mark.parametrize(("text", "line", "said", "write"), [
    ("a: 1\naspect:who\nb: 2\n", 2, "冒号后面没有空格", "键: 值"),
    ("a:\n  - id: x\n    aspect:who\n\n    answer: y\n", 3, "冒号后面没有空格", "键: 值"),
    ("a: 1\naspect：who\nb: 2\n", 2, "全角冒号", "英文冒号"),
    ("a:\n  - id：x\n    b: 2\n", 2, "全角冒号", "英文冒号"),
    (f'a: 1\nb: 2\nname: "南京\n{_MANY}', 3, "引号没有关上", "末尾补上"),
    (f'a: 1\nb: 2\nname: "南京\n{_MANY}question: "多少钱"\n', 3, "引号没有关上", "末尾补上"),
    (f"a:\n  - 'one\n  - two\n{_MANY}", 2, "引号没有关上", "末尾补上"),
    ("a: {b: \"x, c: d}\ne: f\n", 1, "引号没有关上", "末尾补上"),
    ("a: 1\nb: “x: y”\n", 2, "全角引号", "英文引号"),
    ("a: 1\n\tb: 2\n", 2, "Tab", "空格"),
    ("a:\n\tb: 2\n", 2, "Tab", "空格"),
    ("a: 1\nfaqs:\n　- id: x\n    b: c\n", 3, "全角空格", "英文空格"),
    ("- a\n-b\n- c: 1\n", 2, "“-”后面没有空格", "空一格"),
    ("a: 时间: 9点\n", 1, "冒号加空格", "英文引号包起来"),
    ("a: 1\nb 2\nc: 3\n", 2, "没有“键: 值”", "键: 值"),
    ("a: @x\n", 1, "不能用这个符号开头", "英文引号"),
    ("a:\n  - x\n b: 2\n", 3, "缩进不齐", "对齐"),
    ("a: [1, 2\nb: 3\n", 2, "方括号没有关上（从第1行开始的）", "补上 ]"),
    ("a: {x: 1\nb: 3\n", 2, "花括号没有关上（从第1行开始的）", "补上 }"),
    ("- a\nb: 1\n", 2, "不是列表的内容", "- "),
    ("a: - b\n", 1, "“- ”不能写在键的同一行", "下一行"),
    ("a: ]\n", 1, "却是一个符号", "删掉"),
    ('a: "\\q"\n', 1, "不认识的字", "单引号"),
    ("a: |x\n  y\n", 1, "不能再写字", "下一行"),
    ("  a: 1\nb: 2\n", 2, "缩进少", "对齐"),
    ("a: 1\n---\nb: 2\n", 2, "两份内容", "---"),
    ("a: &\n", 1, "& 和 *", "英文引号"),
    ("a: !!<\n", 1, "!", "英文引号"),
    ("%YAML 9.9\n--- a\n", 1, "%", "删掉"),
    ("a: 1\nb: x\x01y\n", 2, "控制字符", "删掉"),
    ("- " * 60, 1, "嵌套太深", "- "),
])
def test_the_slip_is_named_where_it_was_made(text: str, line: int, said: str, write: str) -> None:
    found = problem_of(text)
    assert (found.code, found.line) == ("E001", line), str(found)
    assert said in found.message and write in found.remedy


_ENGLISH = re.compile("[A-Za-z]{5,}")


@given(st.text(alphabet="ab: -[]{}&*?!|>'\"#%@`,\n\t0甲：“”　", max_size=60))
def test_no_reason_is_english(text: str) -> None:
    read = read_yaml(FILE, text.encode())
    if isinstance(read, Problem):
        assert not _ENGLISH.search(read.message + read.remedy.replace("answer", "")), str(read)


def test_a_reason_that_nobody_knows_is_chinese_too() -> None:
    detail, write = yaml_reason("something new")
    assert "写法不对" in detail and "缩进" in write
