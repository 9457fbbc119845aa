"""Patterns that are tried only where the text holds the characters that every match of theirs needs.

A sentence speaks of two or three things, the parsers look for a hundred: most patterns can be ruled out by the
characters alone, which takes a tenth of the time. What is found is the same, character for character.
"""

from __future__ import annotations

import re
import sre_parse
import sys
from typing import Any, Iterator, Optional

#: A set of more characters than this rules next to nothing out.
_MOST = 200
#: More sets than these cost more time than they save.
_MOST_SETS = 3


class Spotter:
    """A compiled pattern with what its matches cannot do without."""

    __slots__ = ("needs", "pattern")

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)
        found: list[frozenset[str]] = []
        for need in sorted(_needs(sre_parse.parse(pattern)), key=len):
            if not any(other <= need for other in found):
                found.append(need)
        #: Of each of these sets, every match holds at least one character.
        self.needs = tuple(found[:_MOST_SETS])

    def may_match(self, text: str) -> bool:
        """Whether ``text`` holds what every match needs; where not, there is none."""
        held = _characters(text)
        for need in self.needs:  # noqa: SIM110 - a generator would cost more than what it looks for
            if need.isdisjoint(held):
                return False
        return True

    def finditer(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """As ``re.Pattern.finditer``."""
        return self.pattern.finditer(text, pos, endpos) if self.may_match(text) else iter(())

    def search(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> Optional[re.Match[str]]:
        """As ``re.Pattern.search``."""
        return self.pattern.search(text, pos, endpos) if self.may_match(text) else None


#: Stands for \\d in the sets; longer than a character, so that it is none.
_ANY_DIGIT = r"\d"
_last: tuple[str, frozenset[str]] = ("", frozenset())


def _characters(text: str) -> frozenset[str]:
    """The characters of ``text``; all patterns ask for those of one message after the other."""
    global _last
    last = _last
    if last[0] is not text:
        held = frozenset(text)
        _last = last = (text, held | {_ANY_DIGIT} if any(map(str.isdecimal, held)) else held)
    return last[1]


def _needs(parsed: Any) -> list[frozenset[str]]:
    """Sets of characters; a text that ``parsed`` matches holds at least one of each."""
    found: list[frozenset[str]] = []
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            found.append(frozenset(chr(value)))
        elif name == "IN":
            held = _members(value)
            if held is not None:
                found.append(held)
        elif name == "SUBPATTERN":
            if not value[1] and not value[2]:
                found.extend(_needs(value[3]))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            if value[0] > 0:
                found.extend(_needs(value[2]))
        elif name == "BRANCH":
            each = [min(_needs(branch), key=len, default=None) for branch in value[1]]
            if all(need is not None for need in each):
                found.append(frozenset().union(*(need for need in each if need is not None)))
    return [need for need in found if len(need) <= _MOST]


def _members(items: Any) -> Optional[frozenset[str]]:
    """The characters of [...]; None where they are too many or told by what they are not."""
    held: set[str] = set()
    for kind, value in items:
        name = str(kind)
        if name == "LITERAL":
            held.add(chr(value))
        elif name == "RANGE" and value[1] - value[0] <= _MOST:
            held.update(map(chr, range(value[0], value[1] + 1)))
        elif name == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            held.add(_ANY_DIGIT)
        else:
            return None  # \s, ^
    return frozenset(held)
