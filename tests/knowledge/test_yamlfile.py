"""Reading YAML: what is refused, by which code and where, and where each part of a file stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import Problem
from knowledge.yamlfile import DEEPEST, LARGEST, YamlFile, read_yaml

FILE = Path("some.yml")


def good(text: str) -> YamlFile:
    read = read_yaml(FILE, text.encode())
    assert isinstance(read, YamlFile), read
    return read


def bad(raw: bytes) -> Problem:
    read = read_yaml(FILE, raw)
    assert isinstance(read, Problem), read
    return read


@pytest.mark.parametrize(("raw", "code", "line", "column"), [
    (b"a: 1\nb: &here [1]\nc: *here\n", "E003", 2, 4),
    (b"a: &unused 1\n", "E003", 1, 4),
    (b"a: 1\nb: *nowhere\n", "E003", 2, 4),
    (b"base: {x: 1}\nmore:\n  <<: *base\n", "E003", 3, 7),
    (b"a: 1\nb: 2\na: 3\n", "E005", 3, 1),
    (b"list:\n  - {x: 1, y: 2, x: 3}\n", "E005", 2, 18),
    (b"a: [1, 2\nb: 3\n", "E001", 2, 2),
    (b"a: b: c\n", "E001", 1, 5),
    (b"a: 1\n\tb: 2\n", "E001", 2, 1),
    (b"a: 'open\n", "E001", 1, 4),
    (b"a: {\n", "E001", 2, 1),
    (b"a: 1\n--- \nb: 2\n", "E001", 2, 1),
    (b"a: 1\nb: x\x01y\n", "E001", 2, 5),
    (b"%YAML 9.9\n--- a\n", "E001", 1, 1),
    (b"", "E006", 1, 1), (b"\n\n", "E006", 1, 1), (b"# nothing yet\n", "E006", 1, 1), (b"\xef\xbb\xbf", "E006", 1, 1),
])
def test_a_file_that_cannot_be_read_says_why_and_where(raw: bytes, code: str, line: int, column: int) -> None:
    found = bad(raw)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert found.is_error and found.message and found.remedy


@pytest.mark.parametrize("raw", [
    "名称: 南京".encode("gbk"), "名称: 南京".encode("utf-16"), b"a: \xff\xfe", "名称: 南京".encode()[:-1],
])
def test_another_encoding_is_named_as_such(raw: bytes) -> None:
    assert bad(raw).code == "E004"


def test_a_mark_and_windows_line_ends_are_fine() -> None:
    read = good("\ufeffa: 1\r\nb: 2\r\n")
    assert read.data == {"a": 1, "b": 2}
    assert read.position(("b",)) == (2, 1)


def test_a_huge_file_is_not_even_parsed() -> None:
    assert bad(b"a: " + b"x" * LARGEST).code == "E002"


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? ", "[{a: "])
@pytest.mark.parametrize("times", [DEEPEST + 1, 5000, 200_000])
def test_deep_nesting_is_refused_at_once(opening: str, times: int) -> None:
    """libyaml's own composer would overflow the C stack here, and the process would be gone."""
    found = bad((opening * times).encode()[:LARGEST])
    assert found.code == "E001"
    assert found.line == 1


def test_nesting_as_deep_as_any_rule_needs_is_fine() -> None:
    assert good("[" * DEEPEST + "1" + "]" * DEEPEST).data


@pytest.mark.parametrize(("text", "value"), [
    ("true", True), ("false", False), ("True", "True"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"),
    ("null", None), ("~", None), ("", None), ("5", 5), ("-5", -5), ("007", 7), ("0x1F", "0x1F"), ("1_000", "1_000"),
    ("4291.5", 4291.5), ("1e5", "1e5"), (".5", ".5"), ("1.", "1."), ("2025-01-01", "2025-01-01"), ("12:30", "12:30"),
    (".nan", ".nan"), (".inf", ".inf"), ("'5'", "5"), ('"true"', "true"), ('"5"', "5"), ("!!str 5", 5),
    ("!!python/object/apply:os.system ['id']", ["id"]), ("9" * 5000, "9" * 5000),
])
def test_only_plain_numbers_and_truth_values_are_more_than_text(text: str, value: Any) -> None:
    assert good(f"a: {text}\n").data == {"a": value}


def test_every_part_knows_its_line_and_column() -> None:
    read = good("topic: x\nfaqs:\n  - id: one\n    paraphrases: [甲, 乙]\n"
                "  - id: two\n    answer: |-\n      长\n      文\n")
    assert read.position(("topic",)) == (1, 1)
    assert read.position(("faqs",)) == (2, 1)
    assert read.position(("faqs", 0)) == (3, 5)
    assert read.position(("faqs", 0, "paraphrases", 1)) == (4, 22)
    assert read.position(("faqs", 1, "answer")) == (6, 5)


def test_a_part_that_is_not_there_stands_where_the_nearest_above_does() -> None:
    read = good("a: 1\nfaqs:\n  - id: one\n")
    assert read.position(("faqs", 0, "sources", 3)) == (3, 5)
    assert read.position(("faqs", 9)) == (2, 1)
    assert read.position(("nothing",)) == (1, 1)


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    assert isinstance(read_yaml(FILE, raw), (YamlFile, Problem))


@given(st.text(alphabet="ab: -[]{}&*?!|>'\"#%@`,\n\t0甲", max_size=60))
def test_no_punctuation_brings_it_down(text: str) -> None:
    read = read_yaml(FILE, text.encode())
    assert isinstance(read, (YamlFile, Problem))
    if isinstance(read, Problem):
        assert read.line >= 1 and read.column >= 1
