"""Why a YAML file cannot be parsed, told at the line where staff have to mend it.

A parser notices a slip late: an open quote swallows the lines below it, ``name:南京`` is missed at the next line.
So the lines that it was reading are looked at for what people and their input methods do: full-width colons and
quotes, tabs, full-width spaces, a colon without a space, a quote that is not closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

import yaml

from knowledge.errors import YAML_SLIPS, yaml_reason

#: A key in front of its colon, after the dash of a list if it has one.
_KEY = r"\s*(?:-\s+)*[A-Za-z_][A-Za-z0-9_.\-]*"
_OPEN_QUOTE = re.compile(rf"^(?:{_KEY}:|\s*-)\s+([\"'])")
#: In the order in which they are looked for; the place is that of the group.
_SLIPS: dict[str, re.Pattern[str]] = {
    "tab": re.compile(r"^ *(\t)"),
    "full-width space": re.compile("^[ \t]*(\u3000)"),
    "full-width colon": re.compile(rf"^{_KEY}\s*(：)"),
    "no space after the colon": re.compile(rf"^{_KEY}(:)[^\s:/]"),
    "no space after the dash": re.compile(r"^\s*(-)[^\s\-]"),
    "full-width quote": re.compile(r"^(?:.*?: +|\s*- +)([“”‘’]).*:(?: |$)"),
    "open quote": _OPEN_QUOTE,
}
#: Errors after which the context, not the problem, is where it went wrong.
_FROM_THE_START = ("while scanning a quoted scalar", "while scanning a simple key")


@dataclass(frozen=True)
class Reason:
    """``line`` and ``column`` count from 1; ``detail`` says what is wrong there and ``write`` what to write."""

    line: int
    column: int
    detail: str
    write: str


def reason_of(text: str, error: yaml.MarkedYAMLError) -> Reason:
    """The likeliest slip behind ``error``, or the parser's own reason in staff's words."""
    lines = text.split("\n")
    problem, context = _place(error.problem_mark), _place(error.context_mark)
    found = _slip(lines, problem, context)
    if found is not None:
        return found
    detail, write = yaml_reason(error.problem or "")
    at = context if context and error.context in _FROM_THE_START else problem or context or (1, 1)
    if context is not None and context[0] != at[0] and error.context != "while parsing a block mapping":
        detail += f"（从第{context[0]}行开始的）"
    return Reason(*at, detail, write)


def _place(mark: Optional[yaml.Mark]) -> Optional[tuple[int, int]]:
    return (mark.line + 1, mark.column + 1) if mark is not None else None


def _slip(lines: list[str], problem: Optional[tuple[int, int]], context: Optional[tuple[int, int]]) -> Optional[Reason]:
    """The first slip on the lines that the parser was at, nearest first; then a quote left open further up."""
    for number in _suspects(lines, problem, context):
        for name, pattern in _SLIPS.items():
            match = pattern.match(lines[number - 1])
            if match and (name != "open quote" or _stays_open(lines[number - 1], match)):
                return Reason(number, match.start(1) + 1, *YAML_SLIPS[name])
    for number in range(min(problem[0] if problem else 0, len(lines)), 0, -1):
        match = _OPEN_QUOTE.match(lines[number - 1])
        if match and _stays_open(lines[number - 1], match):
            return Reason(number, match.start(1) + 1, *YAML_SLIPS["open quote"])
    return None


def _suspects(lines: list[str], problem: Optional[tuple[int, int]],
              context: Optional[tuple[int, int]]) -> Iterator[int]:
    """Numbers of the lines to look at: the problem's, the written one before it, and the context's."""
    if problem is not None:
        if problem[0] <= len(lines):
            yield problem[0]
        before = [number for number in range(min(problem[0] - 1, len(lines)), 0, -1) if lines[number - 1].strip()]
        yield from before[:1]
    if context is not None and context[0] <= len(lines):
        yield context[0]


def _stays_open(line: str, opening: re.Match[str]) -> bool:
    """Whether the quote that opens a value is not closed on its line."""
    quote, rest = opening[1], line[opening.end(1):]
    return quote not in (rest.replace('\\"', "") if quote == '"' else rest)
