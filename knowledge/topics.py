"""Finds the services that a sentence names: by alias, by sound, or nearly.

Longest match wins. Aliases are also matched by toneless pinyin (注房补帖 = 住房补贴) with the sounds that
southern speakers and keyboards mix up (n/l, zh/z, -ang/-an) made one, and by near match for longer names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import ahocorasick
import numpy as np
import numpy.typing as npt
from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz

from knowledge.sounds import merged, sound, sounds
from knowledge.text import normalise

How = Literal["alias", "homophone", "near"]
_WEIGHT: dict[How, float] = {"alias": 1.0, "homophone": 0.9, "near": 0.8}
#: A near match must be this alike (0–100) and the name at least this long.
NEAR_RATIO = 80.0
NEAR_LENGTH = 4


@dataclass(frozen=True)
class Mention:
    """A topic named in a text; ``weight`` says how sure the match is (1 = letter by letter)."""

    topic: str
    alias: str
    start: int
    end: int
    how: How
    weight: float


def _typed_syllables(names: Iterable[str]) -> frozenset[str]:
    """Every syllable, as typed, of the characters in ``names``."""
    characters = {character for name in names for character in name}
    return frozenset(lazy_pinyin(character, style=Style.NORMAL)[0] for character in characters)


def _holders(names: Iterable[str]) -> dict[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Of each character the numbers of the names that hold it, and how often each does."""
    found: dict[str, tuple[list[int], list[int]]] = {}
    for number, name in enumerate(names):
        for character, times in Counter(name).items():
            numbers, often = found.setdefault(character, ([], []))
            numbers.append(number)
            often.append(times)
    return {character: (np.array(numbers), np.array(often)) for character, (numbers, often) in found.items()}


@dataclass(frozen=True)
class _Heard:
    """One syllable of a text and where it stands."""

    sound: str
    start: int
    end: int


class TopicFinder:
    """Built from each topic's name and aliases (regional ones are known everywhere)."""

    def __init__(self, aliases: Mapping[str, Iterable[str]]) -> None:
        self._spelling = ahocorasick.Automaton()
        self._by_sound: dict[tuple[str, ...], tuple[str, str]] = {}
        self._long: list[tuple[str, str]] = []
        self._all: list[tuple[str, str]] = []
        for topic, names in aliases.items():
            for name in names:
                alias = normalise(name)
                if len(alias) < 2:
                    continue
                self._spelling.add_word(alias, (topic, alias))
                self._all.append((topic, alias))
                if len(alias) >= 3:
                    self._by_sound.setdefault(sounds(alias), (topic, alias))
                if len(alias) >= NEAR_LENGTH:
                    self._long.append((topic, alias))
        self._sizes = np.array([len(alias) for _, alias in self._long], dtype=np.int64)
        self._holders = _holders([alias for _, alias in self._long])
        self._lengths = sorted({len(key) for key in self._by_sound}, reverse=True)
        self._syllables = _typed_syllables(alias for _, alias in self._all)
        if len(self._spelling):
            self._spelling.make_automaton()

    def find(self, text: str) -> list[Mention]:
        """Mentions in reading order, none overlapping; ``text`` is in normal form."""
        found = self._spelled(text)
        taken = [(item.start, item.end) for item in found]
        found += [item for item in self._sounding(text) if _free(item, taken)]
        if not found:
            found = self._near(text)
        return sorted(found, key=lambda item: item.start)

    def _spelled(self, text: str) -> list[Mention]:
        if not len(self._spelling):
            return []
        matches = [Mention(topic, alias, end - len(alias) + 1, end + 1, "alias", 1.0)
                   for end, (topic, alias) in self._spelling.iter(text)]
        return _longest(matches)

    def _sounding(self, text: str) -> list[Mention]:
        heard = self._heard(text)
        spoken = tuple(item.sound for item in heard)
        matches = []
        for length in self._lengths:
            for first in range(len(heard) - length + 1):
                hit = self._by_sound.get(spoken[first:first + length])
                if hit is None:
                    continue
                part = heard[first:first + length]
                # Pinyin that was typed out is meant letter by letter; characters may only sound alike.
                typed = any(item.end - item.start > 1 for item in part)
                weight = 1.0 if typed else _WEIGHT["homophone"]
                matches.append(Mention(hit[0], hit[1], part[0].start, part[-1].end, "homophone", weight))
        return _longest(matches)

    def _heard(self, text: str) -> list[_Heard]:
        """The syllables of ``text``: a character each, and pinyin typed in Latin letters cut into syllables."""
        found: list[_Heard] = []
        position = 0
        while position < len(text):
            if text[position].isascii() and text[position].isalpha():
                size = next((size for size in range(6, 1, -1) if text[position:position + size] in self._syllables), 0)
                if size:
                    syllable = text[position:position + size]
                    found.append(_Heard(merged(syllable), position, position + size))
                    position += size
                    continue
            if text[position] == " ":
                position += 1
                continue
            found.append(_Heard(sound(text[position]), position, position + 1))
            position += 1
        return found

    def _near(self, text: str) -> list[Mention]:
        best: list[Mention] = []
        for number in self._sharing(text):
            topic, alias = self._long[number]
            if fuzz.partial_ratio(text, alias, score_cutoff=NEAR_RATIO) == 0:
                continue
            match = fuzz.partial_ratio_alignment(alias, text, score_cutoff=NEAR_RATIO)
            if match is None or match.dest_end - match.dest_start < len(alias) - 1:
                continue
            weight = _WEIGHT["near"] * match.score / 100
            best.append(Mention(topic, alias, match.dest_start, match.dest_end, "near", weight))
        return _longest(sorted(best, key=lambda item: -item.weight)[:5])


    def _sharing(self, text: str) -> list[int]:
        """The numbers of the long names, none longer than ``text``, that share characters enough to be near.

        A stretch of the text that is 80 % alike has at least two thirds of the name's characters.
        """
        found = np.zeros(len(self._long), dtype=np.int64)
        for character, times in Counter(text).items():
            holders = self._holders.get(character)
            if holders is not None:
                found[holders[0]] += np.minimum(holders[1], times)
        return [int(place) for place in np.flatnonzero((3 * found >= 2 * self._sizes) & (self._sizes <= len(text)))]


def _longest(matches: list[Mention]) -> list[Mention]:
    chosen: list[Mention] = []
    for item in sorted(matches, key=lambda match: (match.start - match.end, -match.weight, match.start)):
        if _free(item, [(other.start, other.end) for other in chosen]):
            chosen.append(item)
    return chosen


def _free(item: Mention, taken: list[tuple[int, int]]) -> bool:
    return all(item.end <= start or item.start >= end for start, end in taken)
