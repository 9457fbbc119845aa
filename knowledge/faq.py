"""Finds the question that the base answers: character n-grams and meaning, over every way it was put.

A sentence is compared with each indexed phrase (an FAQ's question and paraphrases, a topic's needs, a card's
name). The score of a phrase is ``(cosine of n-grams + 3 × cosine of meaning) / 4``; an FAQ or a topic takes
its best phrase. Only what holds in the region's chain competes, and a local FAQ replaces its namesake above.

The phrases of one region stand together in one block (``knowledge.phrases``): an edit makes its own region's block
anew, and a question is compared with the blocks of its region's chain, however many other regions there are.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Optional

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Encoder
from knowledge.phrases import Block, Grams, Vocabulary
from knowledge.regions import chain
from knowledge.schema import Faq
from knowledge.text import bare, content_bare, content_form, normalise
from knowledge.topic_margins import TopicMargins
from knowledge.topic_words import TopicWords

#: Weight of meaning against n-grams, measured on outside question sets (docs/decisions/0004).
MEANING = 3.0
#: A turn looks the same sentence up several times, and those of waiting residents are looked up ahead; so many
#: sentences are remembered, in memory only (100 KB each).
RECENT = 128
#: So many vectors of phrases are held in memory (2 KB each); those of other regions are fetched when needed.
MOST_FETCHED = 200_000
#: So many phrases of one FAQ are thought to be among the best ones at first.
_A_GROUP = 16
#: So many of a topic's phrases speak for it together.
_NEAREST = 5
#: So many phrases are compared with all others at once.
_CHUNK = 512
#: From so many questions on one product of matrices is quicker than one with each question's vector.
_MANY = 6
#: From this score on an FAQ answers the question that was asked.
SURE = 0.66
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


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


class TopicEvidence(NamedTuple):
    """What speaks for a topic: the best score of its phrases and the mean of the five best (0 to 1), and the log
    likelihoods of the text's characters and sounds (0 for the likeliest topic); ``phrase``: the place of the best.

    ``side``: how much farther the text is on its own side for the topic for which it is farthest (0 for that one, below
    for others); None where nothing was learnt, or where the topic or its nearest phrase is newer than what was."""

    topic: str
    nearest: float
    near: float
    spelt: float
    sounding: float
    phrase: int
    side: Optional[float] = None


@dataclass(frozen=True)
class RegionPhrases:
    """The phrases of one region: as they are written, in normal form, and where each leads.

    ``owners``: the place of its FAQ in ``records``, -1 for a phrase that leads to its topic only; ``topics``: the place
    of its topic in ``topic_names``.
    """

    records: tuple[FaqRecord, ...]
    extra: tuple[Phrase, ...]
    sayings: tuple[str, ...]
    texts: tuple[str, ...]
    owners: Places
    topics: Places
    topic_names: tuple[str, ...]

    @classmethod
    def of(cls, records: tuple[FaqRecord, ...], extra: tuple[Phrase, ...]) -> RegionPhrases:
        """All ways to put the questions, in order, then ``extra``."""
        sayings: list[str] = []
        owners: list[int] = []
        named: list[str] = []
        for number, record in enumerate(records):
            own = (record.faq.question, *record.faq.paraphrases)
            sayings += own
            owners += [number] * len(own)
            named += [record.topic] * len(own)
        sayings += [phrase.text for phrase in extra]
        owners += [-1] * len(extra)
        named += [phrase.topic for phrase in extra]
        names = {topic: number for number, topic in enumerate(dict.fromkeys(named))}
        return cls(records, extra, tuple(sayings), tuple(map(content_form, sayings)), np.array(owners, dtype=np.int64),
                   np.array([names[topic] for topic in named], dtype=np.int64), tuple(names))


def _by_region(records: Sequence[FaqRecord],
               extra: Sequence[Phrase]) -> dict[str, tuple[tuple[FaqRecord, ...], tuple[Phrase, ...]]]:
    found: dict[str, tuple[list[FaqRecord], list[Phrase]]] = {}
    for record in records:
        found.setdefault(record.region, ([], []))[0].append(record)
    for phrase in extra:
        found.setdefault(phrase.region, ([], []))[1].append(phrase)
    return {region: (tuple(own), tuple(others)) for region, (own, others) in found.items()}


class _Learnt(NamedTuple):
    """What was learnt, by topic its column there (-1 for none), and by phrase whether that was learnt from."""

    margins: TopicMargins
    columns: Places
    phrases: npt.NDArray[np.bool_]


class FaqIndex:
    """Immutable once built; safe to search from several threads."""

    def __init__(self, records: Sequence[FaqRecord], extra: Sequence[Phrase], *, content: Encoder,
                 residents: Encoder, before: Optional[FaqIndex] = None) -> None:
        """``content`` encodes the phrases (may keep them on disk), ``residents`` the questions (must not).

        The blocks of the index ``before`` serve on where an edit left their phrases as they were.
        """
        self._residents = residents
        if before is not None and before._residents.name != residents.name:
            before = None
        self._vocabulary: Vocabulary = before._vocabulary if before is not None else Vocabulary()
        self._blocks: dict[str, Block] = {}
        self._regions: dict[str, RegionPhrases] = {}
        ordered: list[FaqRecord] = []
        start = 0
        for region, (own, others) in _by_region(records, extra).items():
            old = before._regions.get(region) if before is not None else None
            if old is None or old.records != own or old.extra != others:
                old = RegionPhrases.of(own, others)
            texts, block = old.texts, before._blocks.get(region) if before is not None else None
            self._regions[region] = old
            self._blocks[region] = block.moved(start) if block is not None and block.texts == texts else \
                Block(texts, start, self._vocabulary, content)
            ordered += own
            start += len(texts)
        self.records = tuple(ordered)
        self._grams = Grams(self._blocks.values(), self._vocabulary)
        self._numbers: dict[str, int] = {}
        targets, topics, offset = [], [], 0
        for one in self._regions.values():
            targets.append(np.where(one.owners >= 0, one.owners + offset, -1))
            offset += len(one.records)
            local = np.array([self._numbers.setdefault(topic, len(self._numbers)) for topic in one.topic_names],
                             dtype=np.int64)
            topics.append(local[one.topics] if len(local) else one.topics)
        self._targets: Places = np.concatenate(targets) if targets else np.zeros(0, dtype=np.int64)
        self._topics: Places = np.concatenate(topics) if topics else np.zeros(0, dtype=np.int64)
        self._topic_names = list(self._numbers)
        self._words: TopicWords = TopicWords(
            self._regions, self._numbers, before._words if before is not None else None, vocabulary=self._vocabulary,
            held={region: (block.indptr, block.indices) for region, block in self._blocks.items()})
        # A region without phrases begins where the next one does: the last that begins there holds them.
        filled = [(block.start, region) for region, block in self._blocks.items() if block.texts]
        self._starts = [begin for begin, _ in filled]
        self._region_names = [region for _, region in filled]
        self._recent: dict[tuple[tuple[str, ...], Optional[str]], Floats] = {}
        #: The same by text and by the block's ``id``.
        self._parts: dict[str, dict[int, Floats]] = {}
        self._weighed: dict[tuple[str, str], tuple[Floats, list[TopicEvidence]]] = {}
        self._lock = threading.Lock()
        self._holding: dict[str, Places] = {}
        self._grouped: dict[str, tuple[list[int], Places, npt.NDArray[np.bool_]]] = {}
        self._learnt: Optional[_Learnt] = None
        #: The regions in which somebody asked.
        self._asked: set[str] = set()
        #: Blocks whose vectors are in memory, the last used one at the end.
        self._fetched: OrderedDict[int, Block] = OrderedDict()

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase, in the order of the scores."""
        return tuple(self._phrase(place) for place in range(len(self._targets)))

    def _phrase(self, place: int) -> Phrase:
        block, region = self._block_of(place)
        target = int(self._targets[place])
        return Phrase(self._regions[region].sayings[place - block.start],
                      self._topic_names[int(self._topics[place])], region, None if target < 0 else target)

    def _block_of(self, place: int) -> tuple[Block, str]:
        """The block that holds a place, and its region."""
        number = bisect_right(self._starts, place) - 1
        region = self._region_names[number]
        return self._blocks[region], region

    def scores(self, text: str, region: Optional[str] = None) -> Floats:
        """The score of every phrase for ``text`` (0 to 1); with ``region`` of its chain's phrases, others have 0."""
        return self._remembered((text,), region)

    def best_scores(self, texts: Sequence[str], region: Optional[str] = None) -> Floats:
        """The score of every phrase for whichever of ``texts`` it fits best."""
        return self._remembered(tuple(texts), region)

    def prepare(self, texts: Sequence[str], region: Optional[str] = None) -> None:
        """Look many sentences up at once, for ``scores`` to find them: cheaper a sentence than one by one."""
        with self._lock:
            fresh = [text for text in dict.fromkeys(texts) if ((text,), region) not in self._recent][:RECENT // 2]
        for text, found in zip(fresh, self._looked_up(fresh, region), strict=True):
            self._remember((text,), region, found)

    def _remembered(self, texts: tuple[str, ...], region: Optional[str]) -> Floats:
        with self._lock:
            known = self._recent.get((texts, region))
        if known is None:
            found = self._looked_up(texts, region)
            known = found[0] if len(found) == 1 else np.max(found, axis=0)
            self._remember(texts, region, known)
        return known

    def _remember(self, texts: tuple[str, ...], region: Optional[str], found: Floats) -> None:
        found.flags.writeable = False
        with self._lock:
            self._recent[texts, region] = found
            while len(self._recent) > RECENT:
                self._recent.pop(next(iter(self._recent)))

    def _looked_up(self, texts: Sequence[str], region: Optional[str]) -> list[Floats]:
        """``all_scores``, a row a text, of which what was reckoned lately is not reckoned again: the blocks of a
        city's chain are those of its districts' too."""
        blocks = list(self._of(region))
        with self._lock:
            known = {text: dict(self._parts.get(text) or {}) for text in texts}
        lacking = [text for text, parts in known.items() if any(id(block) not in parts for block in blocks)]
        needed = [block for block in blocks if any(id(block) not in known[text] for text in lacking)]
        for block, part in zip(needed, self._reckoned(lacking, needed) if lacking else (), strict=True):
            for text, row in zip(lacking, part, strict=True):
                known[text][id(block)] = row
        rows = []
        for text in texts:
            row = np.zeros(len(self._targets), dtype=np.float32)
            for block in blocks:
                row[block.start:block.end] = known[text][id(block)]
                known[text][id(block)] = row[block.start:block.end]
            rows.append(row)
        with self._lock:
            for text in lacking:
                self._parts[text] = {**self._parts.get(text, {}), **known[text]}
            while len(self._parts) > RECENT:
                self._parts.pop(next(iter(self._parts)))
        if region is not None:
            self._keep_few(blocks)
        return rows

    def all_scores(self, texts: Sequence[str], region: Optional[str] = None) -> Floats:
        """``scores`` of many texts at once, one row a text."""
        blocks = list(self._of(region))
        found = np.zeros((len(texts), len(self._targets)), dtype=np.float32)
        for block, part in zip(blocks, self._reckoned(texts, blocks), strict=True):
            found[:, block.start:block.end] = part
        if region is not None:
            self._keep_few(blocks)
        return found

    def _reckoned(self, texts: Sequence[str], blocks: Sequence[Block]) -> Iterator[Floats]:
        """The scores of each block's phrases, one row a text."""
        if not blocks:
            return
        plain = [normalise(text) for text in texts]
        queries = self._grams.queries([bare(text) or "空" for text in plain])
        meaning = self._residents.encode(plain) if self._residents.size else None
        for block in blocks:
            part = self._grams.cosines(block, queries)
            vectors = block.vectors
            if meaning is not None and vectors.shape[1]:
                part = part + MEANING * np.maximum(_products(meaning, vectors), 0)
                part /= 1 + MEANING
            yield part

    def _keep_few(self, used: Sequence[Block]) -> None:
        """Let go of the vectors of regions that nobody has asked for lately, where there are many."""
        with self._lock:
            for block in used:
                self._fetched[id(block)] = block
                self._fetched.move_to_end(id(block))
            rows = sum(len(block.texts) for block in self._fetched.values())
            while rows > MOST_FETCHED and len(self._fetched) > len(used):
                _, oldest = self._fetched.popitem(last=False)
                oldest.forget()
                rows -= len(oldest.texts)

    def _of(self, region: Optional[str]) -> Iterator[Block]:
        """The blocks that a question in ``region`` is compared with; all of them for None."""
        if region is None:
            yield from self._blocks.values()
            return
        for code in chain(region):
            if code in self._blocks:
                yield self._blocks[code]

    def faqs(self, scores: Floats, *, region: str, topics: Optional[Sequence[str]] = None,
             limit: int = 5) -> list[FaqHit]:
        """The best FAQs of the region's chain (of ``topics`` only, where given), best first."""
        places = self._places(region)
        places = places[self._targets[places] >= 0]
        if topics is not None:
            wanted = [self._numbers[topic] for topic in topics if topic in self._numbers]
            places = places[np.isin(self._topics[places], wanted)]
        return [FaqHit(self.records[int(self._targets[index])], float(scores[index]), self._phrase(index).text)
                for index in self._best(scores, places, self._targets, limit)]

    def alone_names(self, record: FaqRecord, text: str) -> bool:
        """Whether ``text`` (normal form) names something that of all phrases only this FAQ's speak of: 书角."""
        own = {content_bare(content_form(saying)) for saying in (record.faq.question, *record.faq.paraphrases)}
        return self._grams.only_in(bare(text), sorted(own))

    def topics(self, scores: Floats, *, region: str, limit: int = 5) -> list[TopicHit]:
        """The best topics for a sentence that may name none, best first."""
        return [TopicHit(self._topic_names[int(self._topics[index])], float(scores[index]), self._phrase(index).text)
                for index in self._best(scores, self._places(region), self._topics, limit)]

    def topic_evidence(self, text: str, scores: Floats, *, region: str) -> list[TopicEvidence]:
        """What speaks for each topic of the region's chain; ``text`` in normal form, ``scores`` its own."""
        with self._lock:
            known = self._weighed.get((text, region))
        if known is None or known[0] is not scores:
            known = scores, self._evidence(text, scores, region)
            with self._lock:
                self._weighed[text, region] = known
                while len(self._weighed) > RECENT:
                    self._weighed.pop(next(iter(self._weighed)))
        return known[1]

    def _evidence(self, text: str, scores: Floats, region: str) -> list[TopicEvidence]:
        self._asked.add(region)
        spelt, sounding = (found.tolist() for found in self._words.likelihoods(text, region))
        topics, places, beyond = self._by_topic(region)
        if not topics:
            return []
        own = scores[places]
        own[beyond] = -np.inf
        rows = np.arange(len(topics))
        best = np.zeros((len(topics), min(_NEAREST, own.shape[1])), dtype=np.float32)
        for column in range(best.shape[1]):
            # Five times the largest is a fraction of sorting, or even parting, all of them.
            largest = own.argmax(axis=1)
            best[:, column] = own[rows, largest]
            own[rows, largest] = -np.inf
            if column == 0:
                firsts = places[rows, largest]
        near = np.where(np.isfinite(best), best, np.float32(0)).sum(axis=1)
        return [TopicEvidence(self._topic_names[topic], top, total / _NEAREST, spelt[topic], sounding[topic], first,
                              side)
                for topic, top, total, first, side in zip(
                    topics, best[:, 0].tolist(), near.tolist(), firsts.tolist(), self._sides(text, topics, firsts),
                    strict=True)]

    def use(self, margins: Optional[TopicMargins]) -> None:
        """Take what was learnt into account from now on (None: nothing). Called before this index serves, or by who
        loads a model."""
        learnt = None if margins is None else _Learnt(
            margins, np.array([margins.topics.get(topic, -1) for topic in self._topic_names], dtype=np.int64),
            margins.has_learnt(*self.worded()))
        with self._lock:
            self._learnt = learnt
            self._weighed.clear()

    def worded(self) -> tuple[list[str], list[str]]:
        """The topic and the normal form of every phrase, in the order of the scores."""
        return ([self._topic_names[topic] for topic in self._topics.tolist()],
                [text for block in self._blocks.values() for text in block.texts])

    def _sides(self, text: str, topics: Sequence[int], firsts: Places) -> list[Optional[float]]:
        """``side`` for each of ``topics``, whose nearest phrases are ``firsts``."""
        learnt = self._learnt
        if learnt is None:
            return [None] * len(topics)
        own = learnt.columns[topics]
        known = (own >= 0) & learnt.phrases[firsts]
        found = learnt.margins.of(text)[own]
        best = found[known].max(initial=-np.inf)
        return [side - float(best) if sure else None for side, sure in zip(found.tolist(), known.tolist(), strict=True)]

    def _by_topic(self, region: str) -> tuple[list[int], Places, npt.NDArray[np.bool_]]:
        """The topics of which there is something in ``region``, the places of the phrases of each (a row a topic, the
        first place again where a row has fewer), and where a row has no phrase of its own."""
        grouped = self._grouped.get(region)
        if grouped is None:
            places = self._places(region)
            places = places[np.argsort(self._topics[places], kind="stable")]
            topics, starts, counts = np.unique(self._topics[places], return_index=True, return_counts=True)
            columns = np.arange(counts.max(initial=0))
            beyond = columns[None, :] >= counts[:, None]
            rows = places[np.where(beyond, starts[:, None], starts[:, None] + columns[None, :])] if len(places) else \
                np.zeros((0, 0), dtype=np.int64)
            grouped = self._grouped[region] = (topics.tolist(), rows, beyond)
        return grouped

    def text_of(self, place: int) -> str:
        """The phrase at a place, as it is written."""
        return self._phrase(place).text

    def pairs(self, least: float, only: Optional[Collection[str]] = None) -> list[tuple[int, int, float]]:
        """Phrases of different FAQs that score ``least`` (above 0.8) or more with each other: (place, place, score).

        Only phrases that may compete are compared: those of one region, and those of two of which one inherits.
        ``only``: pairs of which one is of these files (``<region>/<topic>``).
        """
        found: list[tuple[int, int, float]] = []
        for code, block in self._blocks.items():
            for upper in chain(code):
                if upper in self._blocks:
                    found += self._pairs_between(block, self._blocks[upper], least, only)
        return found

    def _of_files(self, block: Block, only: Collection[str]) -> Places:
        """The places within the block of the phrases of these files."""
        records = [self.records[target] if target >= 0 else None for target in self._targets[block.start:block.end]]
        return np.array([place for place, record in enumerate(records)
                         if record is not None and f"{record.region}/{record.topic}" in only], dtype=np.int64)

    def _pairs_between(self, one: Block, other: Block, least: float,
                       only: Optional[Collection[str]]) -> Iterator[tuple[int, int, float]]:
        if only is not None:
            yield from self._pairs_of(one, self._of_files(one, only), other, least)
            if one is not other:
                yield from self._pairs_of(other, self._of_files(other, only), one, least)
            return
        yield from self._pairs_of(one, np.arange(one.end - one.start), other, least)

    def _pairs_of(self, one: Block, places: Places, other: Block, least: float) -> Iterator[tuple[int, int, float]]:
        """Pairs of the phrases at these places of a block with those of another."""
        if not len(places):
            return
        meaning = bool(self._residents.size and one.vectors.shape[1])
        # Where the whole reaches ``least``, meaning reaches this even beside the same characters.
        needed = (least * (1 + MEANING) - 1) / MEANING if meaning else least
        for start in range(0, len(places), _CHUNK):
            rows = places[start:start + _CHUNK]
            near = one.vectors[rows] @ other.vectors.T if meaning else self._grams.between(one, other, rows)
            firsts, seconds = np.nonzero(near >= needed)
            owners, others = self._targets[one.start + rows[firsts]], self._targets[other.start + seconds]
            kept = (owners != others) & (owners >= 0) & (others >= 0)
            if one is other and len(places) == one.end - one.start:
                kept &= rows[firsts] < seconds  # each pair once
            firsts, seconds = firsts[kept], seconds[kept]
            scores = self._grams.pairs(one, rows[firsts], other, seconds)
            if meaning:
                scores = (scores + MEANING * near[firsts, seconds]) / (1 + MEANING)
            for row, column, score in zip(firsts, seconds, scores, strict=True):
                if score >= least:
                    yield one.start + int(rows[row]), other.start + int(column), float(score)

    def _best(self, scores: Floats, places: Places, groups: Places, limit: int) -> list[int]:
        """The best phrase of each of the ``limit`` best groups; of equal ones the first."""
        values = scores[places]
        wanted = limit * _A_GROUP
        while True:
            # Sorting all is what takes time in a large base: the best few usually hold enough groups.
            few = np.flatnonzero(values >= np.partition(values, -wanted)[-wanted]) if wanted < len(values) else None
            chosen = places if few is None else places[few]
            best = _first_of_groups(chosen[np.argsort(-scores[chosen], kind="stable")], groups, limit)
            if few is None or len(best) == limit:
                return best
            wanted *= 8

    def warm(self, region: str) -> None:
        """Fetch and count what a question in ``region`` needs, which takes a second or two where it is the first."""
        self.scores("", region)
        self._words.warm(region)
        self._by_topic(region)

    def warm_as(self, before: FaqIndex) -> None:
        """Be ready for the regions in which ``before``, which served until now, was asked."""
        for region in sorted(before._asked):
            self.warm(region)
            self._asked.add(region)

    def _places(self, region: str) -> Places:
        """The phrases that hold in ``region``: its chain's, without what a more local FAQ of the same id replaces."""
        places = self._holding.get(region)
        if places is None:
            nearest: set[tuple[str, str]] = set()
            kept: list[int] = []
            for block in self._of(region):  # the most local first
                own: set[tuple[str, str]] = set()
                for place in range(block.start, block.end):
                    number = int(self._targets[place])
                    if number < 0:
                        kept.append(place)
                        continue
                    name = (self.records[number].topic, self.records[number].faq.id)
                    if name not in nearest:
                        own.add(name)
                        kept.append(place)
                nearest |= own
            places = np.array(sorted(kept), dtype=np.int64)
            self._holding[region] = places
        return places


def _products(questions: Floats, phrases: Floats) -> Floats:
    """``questions @ phrases.T``, as is quickest for so many questions."""
    if len(questions) >= _MANY:
        return np.asarray(questions @ phrases.T)
    return np.array([question @ phrases.T for question in questions], dtype=np.float32)


def _first_of_groups(order: Places, groups: Places, limit: int) -> list[int]:
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
