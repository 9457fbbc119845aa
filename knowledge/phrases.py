"""The phrases of the index by region: their character n-grams and vectors, made once and kept while they stay.

The cosine of n-grams is that of scikit-learn's ``TfidfVectorizer(analyzer="char", ngram_range=(1, 2),
sublinear_tf=True)`` over all phrases (smoothed idf, length 1), taken apart: what depends on a block alone (counts,
vectors) stays with it, what depends on all of them (idf, lengths) is reckoned per index.
"""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from knowledge.encoder import Encoder, Vectors
from knowledge.text import content_bare

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
#: The numbers of a text's n-grams and what each weighs.
Query = tuple[list[int], Floats]


def grams_of(text: str) -> Counter[str]:
    """Its characters and pairs of neighbouring characters, counted."""
    return Counter((*text, *(text[place:place + 2] for place in range(len(text) - 1))))


class Vocabulary:
    """Numbers n-grams in the order in which they come; it only grows, so that blocks may keep their numbers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def get(self, gram: str) -> Optional[int]:
        return self._numbers.get(gram)

    def number(self, gram: str) -> int:
        """The number of ``gram``, a new one if need be."""
        found = self._numbers.get(gram)
        if found is None:
            with self._lock:
                found = self._numbers.setdefault(gram, len(self._numbers))
        return found


class ByGram:
    """Who holds an n-gram, and how much that weighs: ``holders`` and ``weights`` from ``starts[number]`` on, n-gram
    after n-gram. A sentence has few n-grams, and most are held by few: only those are looked at."""

    def __init__(self, starts: npt.NDArray[Any], holders: npt.NDArray[Any], weights: Floats, size: int) -> None:
        """``size``: how many holders there are."""
        # Plain numbers, eight bytes each: one after the other they are read quicker than numpy's.
        self._starts = array("q", starts.tolist())
        self._holders, self._weights, self._size = holders.astype(np.int32), weights, size

    def __contains__(self, number: int) -> bool:
        """Whether anybody holds the n-gram."""
        return number + 1 < len(self._starts) and self._starts[number] < self._starts[number + 1]

    def totals(self, numbers: Sequence[int], shares: Optional[Floats] = None) -> npt.NDArray[np.float64]:
        """What the n-grams, each of which somebody holds, weigh together for each holder; ``shares``: times which."""
        if not numbers:
            return np.zeros(self._size)
        spans = [slice(self._starts[number], self._starts[number + 1]) for number in numbers]
        parts = [self._weights[span] for span in spans]
        if shares is not None:
            parts = [part * share for part, share in zip(parts, shares, strict=True)]
        return np.asarray(np.bincount(np.concatenate([self._holders[span] for span in spans]), np.concatenate(parts),
                                      minlength=self._size), dtype=np.float64)


class Block:
    """The phrases ``start`` to ``end`` of an index, all of one region. ``texts`` are in normal form."""

    def __init__(self, texts: tuple[str, ...], start: int, vocabulary: Vocabulary, content: Encoder) -> None:
        self.texts = texts
        self.start = start
        indptr: list[int] = [0]
        indices: list[int] = []
        data: list[int] = []
        for text in texts:
            counts = grams_of(content_bare(text) or "空")
            indices += [vocabulary.number(gram) for gram in counts]
            data += counts.values()
            indptr.append(len(indices))
        self.indptr = np.array(indptr, dtype=np.int64)
        self.indices = np.array(indices, dtype=np.int32)
        #: 1 + log of how often a gram is in its phrase.
        self.weights: Floats = (1 + np.log(np.array(data, dtype=np.float32))).astype(np.float32)
        self._content = content
        # An edit waits for new sentences to be encoded, no resident does.
        self._vectors: Optional[Vectors] = None if content.keeps else np.asfortranarray(content.encode(texts))
        content.prepare(texts)

    @property
    def end(self) -> int:
        return self.start + len(self.texts)

    def moved(self, start: int) -> Block:
        """The same block, beginning at ``start`` of another index."""
        if start == self.start:
            return self
        twin = Block.__new__(Block)
        twin.__dict__.update(self.__dict__, start=start)
        return twin

    @property
    def vectors(self) -> Vectors:
        """One row a phrase; fetched when a question first comes to this region.

        Kept column by column, which halves the time of a product with one question.
        """
        vectors = self._vectors
        if vectors is None:
            vectors = self._vectors = np.asfortranarray(self._content.encode(self.texts))
        return vectors

    def forget(self) -> None:
        """Let go of vectors that can be fetched again."""
        if self._content.keeps:
            self._vectors = None


class Grams:
    """What n-grams weigh over all blocks of one index."""

    def __init__(self, blocks: Iterable[Block], vocabulary: Vocabulary) -> None:
        kept = list(blocks)
        self._vocabulary = vocabulary
        count = sum(len(block.texts) for block in kept)
        size = len(vocabulary)
        seen = np.zeros(size, dtype=np.int64)
        for block in kept:
            seen += np.bincount(block.indices, minlength=size)[:size]
        #: Smoothed: as if one more phrase held every gram.
        self._idf: Floats = (np.log((1 + count) / (1 + seen)) + 1).astype(np.float32)
        self._known = seen > 0
        self._seen = seen
        self._matrices: dict[int, Any] = {}
        self._by_gram: dict[int, ByGram] = {}

    def only_in(self, text: str, phrases: Sequence[str]) -> bool:
        """Whether ``text`` holds a pair of characters that at least half of ``phrases`` hold and no other phrase does.

        All in bare form; each of ``phrases`` stands in the index once.
        """
        own: Counter[str] = Counter()
        for phrase in phrases:
            own.update(grams_of(phrase).keys())
        for gram in grams_of(text):
            number = self._vocabulary.get(gram) if len(gram) > 1 and 2 * own[gram] >= len(phrases) else None
            if number is not None and number < len(self._seen) and self._seen[number] == own[gram]:
                return True
        return False

    def queries(self, texts: Sequence[str]) -> list[Query]:
        """The n-grams of texts in bare form that are known, with weights of length 1."""
        return [self._query(text) for text in texts]

    def _query(self, text: str) -> Query:
        grams: list[int] = []
        times: list[int] = []
        for gram, often in grams_of(text).items():
            number = self._vocabulary.get(gram)
            if number is not None and number < len(self._idf) and self._known[number]:
                grams.append(number)
                times.append(often)
        weights = (1 + np.log(np.array(times, dtype=np.float32))) * self._idf[grams]
        return grams, (weights / np.sqrt(weights @ weights)).astype(np.float32) if grams else weights

    def cosines(self, block: Block, queries: Sequence[Query]) -> Floats:
        """Of every phrase of the block with the queries, one row a query."""
        by_gram = self._columns(block)
        found = np.zeros((len(queries), len(block.texts)), dtype=np.float32)
        for row, (grams, shares) in enumerate(queries):
            held = [place for place, gram in enumerate(grams) if gram in by_gram]
            found[row] = by_gram.totals([grams[place] for place in held], shares[held])
        return found

    def _columns(self, block: Block) -> ByGram:
        """The block's phrases and their weights by n-gram, made when first asked for."""
        columns = self._by_gram.get(id(block))
        if columns is None:
            matrix = self._made(block).tocsc()
            columns = self._by_gram[id(block)] = ByGram(matrix.indptr, matrix.indices, matrix.data, len(block.texts))
        return columns

    def between(self, one: Block, other: Block, rows: Places) -> Floats:
        """Of some phrases of one block with every phrase of another."""
        return np.asarray((self._matrix(one)[rows] @ self._matrix(other).T).todense(), dtype=np.float32)

    def pairs(self, one: Block, rows: Places, other: Block, columns: Places) -> Floats:
        """Of pairs of phrases, given by their places in their blocks."""
        both = self._matrix(one)[rows].multiply(self._matrix(other)[columns])
        return np.asarray(both.sum(axis=1), dtype=np.float32)[:, 0]

    def _matrix(self, block: Block) -> Any:
        """The block's phrases as rows of length 1, made when first asked for."""
        matrix = self._matrices.get(id(block))
        if matrix is None:
            matrix = self._matrices[id(block)] = self._made(block)
        return matrix

    def _made(self, block: Block) -> Any:
        data = block.weights * self._idf[block.indices]
        lengths = np.sqrt(np.add.reduceat(data * data, block.indptr[:-1])) if len(data) else data
        data = data / np.repeat(lengths, np.diff(block.indptr))
        return csr_matrix((data, block.indices, block.indptr), shape=(len(block.texts), len(self._idf)))
