"""Which topic's phrases a text is worded like: naive Bayes over characters and pairs, as spelt and as they sound.

Counting is all there is to learn, so a new topic or phrase counts at once, without training. The counts of a region
stay while its phrases stay; a question is held against those of its region's chain. Why not a stronger classifier:
docs/decisions/0010.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Optional, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.phrases import ByGram, Vocabulary, grams_of
from knowledge.regions import chain
from knowledge.sounds import sounds
from knowledge.text import bare, content_bare

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
#: Added to every count, so that a gram that no phrase of a topic holds only makes it less likely. Of 0.01 to 0.3 this
#: found most topics of the tuning sentences.
SMOOTHING = 0.1
#: The tables of so many chains of regions are kept (about 4 MB each).
MOST_CHAINS = 32
#: Where the n-grams of each phrase end among all of them, and their numbers, each once a phrase.
Held = tuple[Places, npt.NDArray[np.int_]]


class Worded(Protocol):
    """The phrases of one region: normal forms, and where in ``topic_names`` the topic of each stands."""

    @property
    def texts(self) -> tuple[str, ...]: ...

    @property
    def topics(self) -> Places: ...

    @property
    def topic_names(self) -> tuple[str, ...]: ...


def spelt(text: str) -> Collection[str]:
    """The characters and pairs of a text in bare form."""
    return grams_of(text).keys()


def sounding(text: str) -> Collection[str]:
    """The sounds and pairs of sounds of a text in bare form: 注房 and 住房 have the same."""
    syllables = sounds(text)
    return {*syllables, *(f"{first} {second}" for first, second in pairwise(syllables))}


@dataclass(frozen=True)
class _Counts:
    """How many phrases of a topic hold a gram; three columns of equal length, topics numbered as in the region."""

    topics: npt.NDArray[np.int32]
    grams: npt.NDArray[np.int32]
    times: npt.NDArray[np.int32]


class _View:
    """One way to take texts apart, and what was counted of each region."""

    def __init__(self, parts: Callable[[str], Collection[str]], vocabulary: Optional[Vocabulary] = None) -> None:
        self.parts = parts
        self.vocabulary = vocabulary or Vocabulary()

    def count(self, phrases: Worded, held: Optional[Held] = None) -> _Counts:
        """Counts in how many phrases of each topic each gram is; ``held``: where that is known already."""
        ends, grams = held if held is not None else self._held(phrases)
        size = max(len(self.vocabulary), 1)
        pairs, times = np.unique(np.repeat(phrases.topics, np.diff(ends)) * size + grams, return_counts=True)
        return _Counts((pairs // size).astype(np.int32), (pairs % size).astype(np.int32), times.astype(np.int32))

    def _held(self, phrases: Worded) -> Held:
        number, ends, grams = self.vocabulary.number, [0], list[int]()
        for text in phrases.texts:
            grams += map(number, self.parts(content_bare(text)))
            ends.append(len(grams))
        return np.array(ends, dtype=np.int64), np.array(grams, dtype=np.int64)


class _Table:
    """Log chances of each gram in each topic for one chain of regions and one view.

    Most topics' phrases hold few of all grams: what is kept is by how much a gram's chance in a topic is above that of
    a gram the topic does not hold, gram by gram.
    """

    def __init__(self, view: _View, counts: Sequence[tuple[_Counts, Places]], topics: int) -> None:
        self._view = view
        empty = np.zeros(0, dtype=np.int64)
        grams = np.concatenate([part.grams for part, _ in counts]) if counts else empty
        rows = np.concatenate([numbers[part.topics] for part, numbers in counts]) if counts else empty
        times = np.concatenate([part.times for part, _ in counts]) if counts else empty
        size = max(topics, 1)
        pairs, where = np.unique(grams.astype(np.int64) * size + rows, return_inverse=True)
        sums = np.bincount(where, times, minlength=len(pairs))
        grams, rows = pairs // size, pairs % size
        gains = (np.log(sums + SMOOTHING) - np.log(SMOOTHING)).astype(np.float32)
        self._by_gram = ByGram(np.searchsorted(grams, np.arange(len(view.vocabulary) + 1)), rows, gains, topics)
        held = np.bincount(rows, sums, minlength=topics)
        #: Topics without a phrase in this chain are never meant here.
        self._empty = held == 0
        used = len(np.unique(grams))
        self._floor = np.log(SMOOTHING) - np.log(held + SMOOTHING * max(used, 1))

    def likelihoods(self, text: str) -> Floats:
        """The log likelihood of a text in bare form by topic, relative to the best one (0 and below)."""
        numbers = map(self._view.vocabulary.get, self._view.parts(text))
        known = [number for number in numbers if number is not None and number in self._by_gram]
        found = np.asarray(len(known) * self._floor + self._by_gram.totals(known))
        found[self._empty] = -np.inf
        best = found.max(initial=-np.inf)
        return np.asarray(found - best if np.isfinite(best) else np.zeros_like(found), dtype=np.float32)


class TopicWords:
    """Immutable once built; counts a region when a question first comes to it."""

    def __init__(self, regions: Mapping[str, Worded], numbers: Mapping[str, int],
                 before: Optional[TopicWords] = None, *, vocabulary: Optional[Vocabulary] = None,
                 held: Optional[Mapping[str, Held]] = None) -> None:
        """``numbers``: the row of each topic. What ``before`` counted of regions that stayed the same serves on.

        ``held``: the n-grams of each region's phrases by their numbers in ``vocabulary``, where they are at hand.
        """
        self._regions = regions
        self._numbers = numbers
        self._held = held or {}
        self._views: tuple[_View, ...] = before._views if before is not None else (
            _View(spelt, vocabulary), _View(sounding))
        self._counted: dict[str, tuple[_Counts, ...]] = {
            region: counts for region, counts in before._all_counted().items()
            if regions.get(region) is before._regions[region]} if before is not None else {}
        self._tables: OrderedDict[tuple[str, ...], tuple[_Table, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def likelihoods(self, text: str, region: str) -> tuple[Floats, Floats]:
        """How a text (normal form) is worded and how it sounds: log likelihoods by topic, the best one 0.

        Divided by the root of the text's length: a long text is not that much more telling than a short one.
        """
        plain = bare(text) or "空"
        size = np.float32(np.sqrt(len(plain)))
        by_spelling, by_sound = (table.likelihoods(plain) / size for table in self._of(region))
        return by_spelling, by_sound

    def warm(self, region: str) -> None:
        """Count what a question in ``region`` needs now rather than when it comes."""
        self._of(region)

    def _all_counted(self) -> dict[str, tuple[_Counts, ...]]:
        """What was counted up to now; a question may count another region at the same time."""
        with self._lock:
            return dict(self._counted)

    def _of(self, region: str) -> tuple[_Table, ...]:
        codes = tuple(code for code in chain(region) if code in self._regions)
        with self._lock:
            tables = self._tables.get(codes)
            if tables is None:
                tables = self._tables[codes] = tuple(self._table(number, codes) for number in range(len(self._views)))
                while len(self._tables) > MOST_CHAINS:
                    self._tables.popitem(last=False)
            self._tables.move_to_end(codes)
        return tables

    def _table(self, number: int, codes: Sequence[str]) -> _Table:
        counts = []
        for code in codes:
            phrases = self._regions[code]
            if code not in self._counted:
                self._counted[code] = (self._views[0].count(phrases, self._held.get(code)),
                                       self._views[1].count(phrases))
            rows = np.array([self._numbers[topic] for topic in phrases.topic_names], dtype=np.int64)
            counts.append((self._counted[code][number], rows))
        return _Table(self._views[number], counts, len(self._numbers))
