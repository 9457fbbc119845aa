"""The names of one city: exact look-up by Aho-Corasick, then by sound, then by likeness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import ahocorasick  # type: ignore[import-not-found, import-untyped, unused-ignore]
from rapidfuzz import fuzz, process

from knowledge.place_cues import ends_well, is_named, is_other_kind, pieces
from knowledge.place_names import NEVER, ORDINARY, Strength, core_name, names_of
from knowledge.place_sounds import blurred, sound
from knowledge.schema import Place

How = Literal["exact", "alias", "homophone", "fuzzy"]

#: Likeness (0–100) from which a name may be meant.
LIKE_ENOUGH = 75


@dataclass(frozen=True)
class PlaceMatch:
    """A place found at ``text[start:end]``; ``score`` 1.0 is its own name."""

    place: Place
    start: int
    end: int
    how: How
    score: float


#: A place, whether the name is its official one, and how plainly the name means a place.
_Entry = tuple[Place, bool, Strength]


@dataclass(frozen=True)
class _Key:
    """A name in the automaton with the places it may mean."""

    text: str
    entries: tuple[_Entry, ...]


def _prominent(name: str, entries: Sequence[_Entry]) -> list[_Entry]:
    """Without the villages where a station or street has the name; 幸福 is as good a village's as a street's.

    犀浦 is a street, a station and a village in it: the village is meant only if it is called one.
    """
    levels = {place.level for place, _, _ in entries}
    if levels == {"community"} or (name in ORDINARY and "station" not in levels):
        return list(entries)
    return [entry for entry in entries if entry[0].level != "community" or entry[1]]


class CityIndex:
    """The names of one city."""

    def __init__(self, places: Sequence[Place]) -> None:
        found: dict[str, dict[int, _Entry]] = defaultdict(dict)
        self.places = places
        for index, place in enumerate(places):
            for name in names_of(place):
                known = found[name.text].get(index)
                if known is None or (known[2] != "strong" and name.strength == "strong"):
                    found[name.text][index] = (place, name.official, name.strength)
        self.keys = {text: _Key(text, tuple(entries.values())) for text, entries in found.items()}

    @cached_property
    def automaton(self) -> ahocorasick.Automaton:
        automaton = ahocorasick.Automaton()
        for text, key in self.keys.items():
            automaton.add_word(text, key)
        automaton.make_automaton()
        return automaton

    @cached_property
    def sounds(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Pinyin → names, as spoken and blurred. Names of two characters only above communities."""
        plain: dict[str, list[str]] = defaultdict(list)
        blur: dict[str, list[str]] = defaultdict(list)
        for place in self.places:
            if place.level == "city":
                continue
            for text in {place.name, core_name(place), *place.aliases}:
                if (
                    len(text) < 2
                    or text in NEVER
                    or text in ORDINARY
                    or (len(text) == 2 and place.level == "community")
                ):
                    continue
                key = sound(text)
                if key and text not in plain[key]:
                    plain[key].append(text)
                    if len(text) >= 3:
                        blur[blurred(key)].append(text)
        return dict(plain), dict(blur)

    @cached_property
    def likeable(self) -> list[str]:
        """Names long enough for a likeness to mean something; not of landmarks, which may be common words (养老院)."""
        named = [place for place in self.places if place.level not in ("city", "landmark")]
        names = {text for place in named for text in (place.name, core_name(place))}
        return sorted(name for name in names if len(name) >= 3)

    def exact(self, text: str) -> list[PlaceMatch]:
        """Places whose names stand in ``text``, longest names first."""
        hits: list[tuple[int, int, _Key]] = [
            (last - len(key.text) + 1, last + 1, key) for last, key in self.automaton.iter(text)
        ]
        hits.sort(key=lambda hit: (hit[0] - hit[1], hit[0]))
        taken: list[tuple[int, int]] = []
        matches: list[PlaceMatch] = []
        waiting = []
        for start, end, key in hits:
            if overlaps(start, end, taken):
                continue
            found = self._accepted(text, start, end, key, taken)
            if found:
                taken.append((start, end))
                matches += found
            else:
                waiting.append((start, end, key))
        for start, end, key in waiting:
            # 武侯区和平: a name right behind an accepted place needs no other cue.
            adjacent = any(before == start for _, before in taken) and not overlaps(start, end, taken)
            if adjacent and ends_well(text, end):
                taken.append((start, end))
                matches += _matches(start, end, _prominent(key.text, key.entries))
        return matches

    @staticmethod
    def _accepted(text: str, start: int, end: int, key: _Key, taken: list[tuple[int, int]]) -> list[PlaceMatch]:
        adjacent = any(stop == start for _, stop in taken)
        kept = [
            entry
            for entry in key.entries
            if is_named(text, start, end, entry[2], adjacent=adjacent)
            and not (entry[0].level == "community" and is_other_kind(text, end))
        ]
        return _matches(start, end, _prominent(key.text, kept))

    def approximate(self, text: str, asked: bool) -> list[PlaceMatch]:
        """Places that sound or look like what ``text`` plainly gives as a place."""
        for piece in pieces(text, asked):
            start = text.find(piece)
            matches = [
                PlaceMatch(place, start, start + len(piece), how, score)
                for name, how, score in self._alike(piece)
                for place, _, _ in _prominent(name, self.keys[name].entries)
            ]
            if matches:
                return matches
        return []

    def _alike(self, piece: str) -> list[tuple[str, How, float]]:
        """Names that sound like ``piece``, else the few that look most like it."""
        if len(piece) >= 3 and piece in self.keys:
            return [(piece, "alias", 0.95)]
        plain, blur = self.sounds
        key = sound(piece)
        if key in plain:
            return [(name, "homophone", 0.9) for name in plain[key]]
        if len(piece) < 3:
            return []
        if blurred(key) in blur:
            return [(name, "homophone", 0.85) for name in blur[blurred(key)]]
        best = process.extract(piece, self.likeable, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH, limit=3)
        return [(name, "fuzzy", score / 100) for name, score, _ in best]


def overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    """True if ``start:end`` shares a character with one of ``taken``."""
    return any(start < stop and begin < end for begin, stop in taken)


def _matches(start: int, end: int, entries: Iterable[_Entry]) -> list[PlaceMatch]:
    return [
        PlaceMatch(place, start, end, "exact" if official else "alias", 1.0 if official else 0.95)
        for place, official, _ in entries
    ]
