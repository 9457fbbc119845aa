"""Regular expressions of content: can they be read, and can a sentence bring them to a standstill?

Python's matcher tries every way of reading a sentence. Where a repeated part can be read in two ways, as ``(a+)+``
or ``(一点|都|一点都)*``, each repetition doubles the work, and one message would block the server for good. That is
told from the pattern alone: its positions make an automaton (Glushkov's, counting in how many ways one follows
another), and two different ways round a loop over the same characters are such an ambiguity.
"""

from __future__ import annotations

import re
import sre_constants as sre
import sre_parse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Optional

from knowledge.errors import pattern_reason
from knowledge.text import compiled

#: So many copies of a counted repetition show all that a loop around it can do.
_COPIES = 3
#: Stand for all the characters that a pattern does not name.
_OTHERS = "的aZ5 \n，-"
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)
_ASSERTS = (sre.ASSERT, sre.ASSERT_NOT)
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    sre.CATEGORY_DIGIT: str.isdecimal,
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    sre.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    sre.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    sre.CATEGORY_NOT_WORD: lambda character: not character.isalnum() and character != "_",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a pattern, as details of the error ``code``."""

    code: str
    details: dict[str, str]


@lru_cache(maxsize=4096)
def fault_of(pattern: str) -> Optional[Fault]:
    """Why ``pattern`` may not be served; None if it may."""
    try:
        compiled(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return Fault("E060", {"detail": pattern_reason(error, pattern)})
    sign = ambiguous_sign(pattern)
    return Fault("E061", {"sign": sign, "pattern": pattern}) if sign else None


def ambiguous_sign(pattern: str) -> str:
    """A character at which a loop of ``pattern`` (a valid one) can be read in two ways; "" if there is none."""
    return next(filter(None, (_Loop(loop).ambiguity() for loop in _loops(sre_parse.parse(pattern)))), "")


def _loops(items: Any) -> Iterator[Any]:
    """The outermost endless repetitions of more than single characters (``.*`` can be read in one way only)."""
    for operation, argument in items:
        if operation in _REPEATS and argument[1] is sre.MAXREPEAT:
            if len(argument[2]) > 1 or list(_bodies(*argument[2][0])):
                yield operation, argument
            for body in _look_arounds(argument[2]):
                yield from _loops(body)
        else:
            for body in _bodies(operation, argument):
                yield from _loops(body)


def _look_arounds(items: Any) -> Iterator[Any]:
    """What is looked for around a place in ``items``; it is matched on its own."""
    for operation, argument in items:
        for body in _bodies(operation, argument):
            if operation in _ASSERTS:
                yield body
            else:
                yield from _look_arounds(body)


def _bodies(operation: Any, argument: Any) -> Iterator[Any]:
    """The parts of an item that are patterns themselves."""
    if operation in _REPEATS:
        yield argument[2]
    elif operation is sre.SUBPATTERN:
        yield argument[-1]
    elif operation is sre.BRANCH:
        yield from argument[1]
    elif operation in _ASSERTS:
        yield argument[1]
    elif operation is sre.GROUPREF_EXISTS:
        yield from (way for way in argument[1:] if way)


@dataclass(frozen=True)
class _Part:
    """A part of a pattern: in how many ways it may be empty, begin and end (by position)."""

    empty: int = 1
    first: Counter[int] = field(default_factory=Counter)
    last: Counter[int] = field(default_factory=Counter)


class _Loop:
    """The positions of one endless repetition; all of them lead to one another."""

    def __init__(self, item: Any) -> None:
        self.alphabet = "".join(sorted({*_OTHERS, *_characters([item])}))
        #: The characters that each position takes, as bits over the alphabet.
        self.takes: list[int] = []
        #: In how many ways each position follows another.
        self.follow: list[Counter[int]] = []
        self._item(*item)

    def _read(self, items: Iterable[Any]) -> _Part:
        whole = _Part()
        for operation, argument in items:
            whole = self._then(whole, self._item(operation, argument))
        return whole

    def _item(self, operation: Any, argument: Any) -> _Part:
        if operation in _REPEATS:
            return self._repeat(*argument)
        if operation is sre.AT or operation in _ASSERTS:
            return _Part()
        if operation is sre.BRANCH:
            return self._either(self._read(way) for way in argument[1])
        if operation is sre.GROUPREF_EXISTS:
            return self._either(self._read(way or ()) for way in argument[1:])
        if operation is sre.SUBPATTERN:
            return self._read(argument[-1])
        return self._position(sum(1 << bit for bit, character in enumerate(self.alphabet)
                                  if _takes(operation, argument, character)))

    def _position(self, takes: int) -> _Part:
        self.takes.append(takes)
        self.follow.append(Counter())
        here = len(self.takes) - 1
        return _Part(0, Counter({here: 1}), Counter({here: 1}))

    def _then(self, before: _Part, after: _Part) -> _Part:
        self._link(before, after)
        return _Part(
            min(before.empty * after.empty, 2),
            before.first + _times(after.first, before.empty),
            after.last + _times(before.last, after.empty),
        )

    def _either(self, ways: Iterable[_Part]) -> _Part:
        empty, first, last = 0, Counter[int](), Counter[int]()
        for way in ways:
            empty, first, last = min(empty + way.empty, 2), first + way.first, last + way.last
        return _Part(empty, first, last)

    def _repeat(self, least: int, most: Any, items: Any) -> _Part:
        endless = most is sre.MAXREPEAT
        whole = self._endless(items, least) if endless else _Part()
        for number in range(min(least, _COPIES) - 1 if endless else min(int(most), _COPIES), 0, -1):
            whole = self._then(self._read(items), whole)
            if not endless and number > least:
                whole = self._either((_Part(), whole))
        return whole

    def _endless(self, items: Any, least: int) -> _Part:
        once = self._read(items)
        self._link(once, once)
        return once if least else _Part(1, once.first, once.last)

    def _link(self, before: _Part, after: _Part) -> None:
        for last, ways in before.last.items():
            for first, more in after.first.items():
                self.follow[last][first] += ways * more

    def ambiguity(self) -> str:
        """A character at which the loop can be read in two ways; "" if there is none."""
        for onward in self.follow:
            for there, ways in onward.items():
                if ways > 1 and self.takes[there]:
                    return self._character(self.takes[there])
        pairs = _reached([(here, here) for here in range(len(self.takes))], self._together)
        for one, other in pairs:
            # Two readings of one text that were together before, and will be again.
            if one != other and any(here == there for here, there in _reached([(one, other)], self._together)):
                return self._character(self.takes[one] & self.takes[other])
        return ""

    def _together(self, pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Where two readings can go on to, over the same character."""
        for one in self.follow[pair[0]]:
            for other in self.follow[pair[1]]:
                if self.takes[one] & self.takes[other]:
                    yield one, other

    def _character(self, takes: int) -> str:
        """One of the characters, a written one rather than one that stands for others."""
        found = [character for bit, character in enumerate(self.alphabet) if takes >> bit & 1]
        return next((character for character in found if character not in _OTHERS), found[0] if found else "…")


def _times(ways: Counter[int], number: int) -> Counter[int]:
    return Counter({position: count * number for position, count in ways.items()}) if number else Counter()


def _reached(start: list[Any], onward: Callable[[Any], Iterable[Any]]) -> set[Any]:
    """Everything that comes after ``start`` in one step or more."""
    found: set[Any] = set()
    waiting = list(start)
    while waiting:
        for item in onward(waiting.pop()):
            if item not in found:
                found.add(item)
                waiting.append(item)
    return found


def _characters(tree: Any) -> Iterator[str]:
    """Every character that a parsed pattern names."""
    for item in tree:
        if isinstance(item, tuple) and len(item) == 2 and item[0] in (sre.LITERAL, sre.NOT_LITERAL):
            yield chr(item[1])
        elif isinstance(item, tuple) and len(item) == 2 and item[0] is sre.RANGE:
            yield from map(chr, item[1])
        elif isinstance(item, (tuple, list, sre_parse.SubPattern)):
            yield from _characters(item)


def _takes(operation: Any, argument: Any, character: str) -> bool:
    if operation is sre.LITERAL:
        return bool(ord(character) == argument)
    if operation is sre.NOT_LITERAL:
        return bool(ord(character) != argument)
    if operation is sre.ANY:
        return character != "\n"
    if operation is sre.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    if operation is sre.CATEGORY:
        return _CATEGORIES[argument](character)
    if operation is sre.IN:
        negated = argument[0][0] is sre.NEGATE
        return negated != any(_takes(part, value, character) for part, value in argument[negated:])
    return True  # a reference to a group may be anything
