"""Finds the question that the base answers: character n-grams and meaning, over every way it was put.

A sentence is compared with each indexed phrase (an FAQ's question and paraphrases, a topic's needs, a card's
name). The score of a phrase is ``(cosine of n-grams + 3 × cosine of meaning) / 4``; an FAQ or a topic takes
its best phrase. Only what holds in the region's chain competes, and a local FAQ replaces its namesake above.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge.encoder import Encoder, Vectors
from knowledge.regions import chain
from knowledge.schema import Faq
from knowledge.text import bare, content_bare, content_form, normalise

#: Weight of meaning against n-grams, measured on outside question sets (docs/decisions/0004).
MEANING = 3.0
#: A turn looks the same sentence up several times; so many sentences are remembered, in memory only.
RECENT = 16
#: So many phrases of one FAQ are thought to be among the best ones at first.
_A_GROUP = 16
#: So many phrases are compared with all others at once.
_CHUNK = 512
#: From this score on an FAQ answers the question that was asked.
SURE = 0.66


@dataclass(frozen=True)
class FaqRecord:
    """An FAQ in its place; ``key`` is ``<region>/<topic>#<id>``."""

    key: str
    region: str
    topic: str
    faq: Faq


@dataclass(frozen=True)
class Phrase:
    """A sentence of the index and what it leads to (``faq`` None: only to its topic)."""

    text: str
    topic: str
    region: str
    faq: Optional[int] = None


@dataclass(frozen=True)
class FaqHit:
    record: FaqRecord
    score: float
    phrase: str


@dataclass(frozen=True)
class TopicHit:
    topic: str
    score: float
    phrase: str


def _matrices(texts: Sequence[str], content: Encoder) -> tuple[TfidfVectorizer, Any, Vectors]:
    """The n-grams of ``texts``, how to make them, and the vectors."""
    ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    matrix = ngrams.fit_transform([content_bare(text) or "空" for text in texts]).T.tocsr()
    return ngrams, matrix, content.encode(texts)


class FaqIndex:
    """Immutable once built; safe to search from several threads."""

    def __init__(self, records: Sequence[FaqRecord], extra: Sequence[Phrase], *, content: Encoder,
                 residents: Encoder, before: Optional[FaqIndex] = None) -> None:
        """``content`` encodes the phrases (may keep them on disk), ``residents`` the questions (must not).

        The matrices of the index ``before`` serve on where an edit left every phrase as it was.
        """
        self.records = tuple(records)
        phrases = [Phrase(text, record.topic, record.region, number)
                   for number, record in enumerate(self.records)
                   for text in (record.faq.question, *record.faq.paraphrases)]
        self.phrases = (*phrases, *extra)
        self._residents = residents
        self._texts = [content_form(phrase.text) for phrase in self.phrases] or [" "]
        same = before is not None and before._texts == self._texts and before._residents.name == residents.name
        self._ngrams, self._matrix, self._vectors = (
            before._matrices if before is not None and same else _matrices(self._texts, content))
        self._targets = np.array([-1 if phrase.faq is None else phrase.faq for phrase in self.phrases], dtype=np.int64)
        self._topic_names = sorted({phrase.topic for phrase in self.phrases})
        numbers = {topic: number for number, topic in enumerate(self._topic_names)}
        self._topics = np.array([numbers[phrase.topic] for phrase in self.phrases], dtype=np.int64)
        self._recent: dict[str, npt.NDArray[np.float32]] = {}
        self._lock = threading.Lock()
        self._masks: dict[str, npt.NDArray[np.bool_]] = {}

    @property
    def _matrices(self) -> tuple[TfidfVectorizer, Any, Vectors]:
        return self._ngrams, self._matrix, self._vectors

    def scores(self, text: str) -> npt.NDArray[np.float32]:
        """The score of every phrase for ``text`` (0 to 1)."""
        with self._lock:
            known = self._recent.get(text)
        if known is None:
            known = np.asarray(self.all_scores([text])[0], dtype=np.float32)
            known.flags.writeable = False
            with self._lock:
                self._recent[text] = known
                while len(self._recent) > RECENT:
                    self._recent.pop(next(iter(self._recent)))
        return known

    def all_scores(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """``scores`` of many texts at once, one row a text."""
        plain = [normalise(text) for text in texts]
        rows = self._ngrams.transform([bare(text) or "空" for text in plain])
        ngrams = np.asarray((rows @ self._matrix).todense(), dtype=np.float32)
        if not self._residents.size or not self._vectors.shape[1]:
            return ngrams
        meaning = self._residents.encode(plain) @ self._vectors.T
        return np.asarray((ngrams + MEANING * np.maximum(meaning, 0)) / (1 + MEANING), dtype=np.float32)

    def faqs(self, scores: npt.NDArray[np.float32], *, region: str, topics: Optional[Sequence[str]] = None,
             limit: int = 5) -> list[FaqHit]:
        """The best FAQs of the region's chain (of ``topics`` only, where given), best first."""
        allowed = self._mask(region) & (self._targets >= 0)
        if topics is not None:
            wanted = {number for number, name in enumerate(self._topic_names) if name in topics}
            allowed &= np.isin(self._topics, list(wanted))
        return [FaqHit(self.records[int(self._targets[index])], float(scores[index]), self.phrases[index].text)
                for index in self._best(scores, allowed, self._targets, limit)]

    def topics(self, scores: npt.NDArray[np.float32], *, region: str, limit: int = 5) -> list[TopicHit]:
        """The best topics for a sentence that may name none, best first."""
        return [TopicHit(self.phrases[index].topic, float(scores[index]), self.phrases[index].text)
                for index in self._best(scores, self._mask(region), self._topics, limit)]

    def pairs(self, least: float) -> list[tuple[int, int, float]]:
        """Phrases of different FAQs that score ``least`` (above 0.8) or more with each other: (place, place, score)."""
        own = np.flatnonzero(self._targets >= 0)
        found: list[tuple[int, int, float]] = []
        grams = self._matrix.T.tocsr()
        meaning = self._vectors if self._residents.size and self._vectors.shape[1] else None
        # Where the whole reaches ``least``, meaning reaches this even beside the same characters.
        needed = (least * (1 + MEANING) - 1) / MEANING
        for start in range(0, len(own), _CHUNK):
            rows, others = own[start:start + _CHUNK], own[start:]
            if meaning is not None:
                near = meaning[rows] @ meaning[others].T >= needed
            else:
                near = np.asarray((grams[rows] @ grams[others].T).todense()) >= least
            for row, column in zip(*np.nonzero(near), strict=True):
                one, other = int(rows[row]), int(others[column])
                if one >= other or self._targets[one] == self._targets[other]:
                    continue
                score = float(grams[one].multiply(grams[other]).sum())
                if meaning is not None:
                    score = (score + MEANING * float(meaning[one] @ meaning[other])) / (1 + MEANING)
                if score >= least:
                    found.append((one, other, score))
        return found

    def _best(self, scores: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], groups: npt.NDArray[np.int64],
              limit: int) -> list[int]:
        """The best phrase of each of the ``limit`` best groups; of equal ones the first."""
        candidates = np.flatnonzero(allowed)
        values = scores[candidates]
        wanted = limit * _A_GROUP
        while True:
            # Sorting all is what takes time in a large base: the best few usually hold enough groups.
            few = np.flatnonzero(values >= np.partition(values, -wanted)[-wanted]) if wanted < len(values) else None
            chosen = candidates if few is None else candidates[few]
            best = self._first_of_groups(chosen[np.argsort(-scores[chosen], kind="stable")], groups, limit)
            if few is None or len(best) == limit:
                return best
            wanted *= 8

    @staticmethod
    def _first_of_groups(order: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], limit: int) -> list[int]:
        seen: set[int] = set()
        best: list[int] = []
        for index in order:
            group = int(groups[index])
            if group not in seen:
                seen.add(group)
                best.append(int(index))
                if len(best) == limit:
                    break
        return best

    def _mask(self, region: str) -> npt.NDArray[np.bool_]:
        """Which phrases hold in ``region``: its chain, without what a more local FAQ of the same id replaces."""
        mask = self._masks.get(region)
        if mask is None:
            codes = chain(region)
            nearest: dict[tuple[str, str], str] = {}
            for code in reversed(codes):
                nearest.update({(record.topic, record.faq.id): code
                                for record in self.records if record.region == code})
            mask = np.array([self._holds(phrase, codes, nearest) for phrase in self.phrases], dtype=bool)
            self._masks[region] = mask
        return mask

    def _holds(self, phrase: Phrase, codes: Sequence[str], nearest: dict[tuple[str, str], str]) -> bool:
        if phrase.region not in codes:
            return False
        if phrase.faq is None:
            return True
        record = self.records[phrase.faq]
        return nearest[(record.topic, record.faq.id)] == record.region
