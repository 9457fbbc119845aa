"""The phrases of the index by region: their character n-grams and vectors, made once and kept while they stay.

The cosine of n-grams is that of scikit-learn's ``TfidfVectorizer(analyzer="char", ngram_range=(1, 2),
sublinear_tf=True)`` over all phrases (smoothed idf, length 1), taken apart: what depends on a block alone (counts,
vectors) stays with it, what depends on all of them (idf, lengths) is reckoned per index.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from knowledge.encoder import Encoder, Vectors
from knowledge.text import content_bare

Floats = npt.NDArray[np.float32]


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
        self._vectors: Optional[Vectors] = None if content.keeps else content.encode(texts)
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
        """One row a phrase; fetched when a question first comes to this region."""
        vectors = self._vectors
        if vectors is None:
            vectors = self._vectors = self._content.encode(self.texts)
        return vectors

    def forget(self) -> None:
        """Let go of vectors that can be fetched again."""
        if self._content.keeps:
            self._vectors = None


@dataclass(frozen=True)
class Query:
    """A sentence's known n-grams and their weights, the length of the whole being 1."""

    grams: npt.NDArray[np.int64]
    weights: Floats


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
        self._matrices: dict[int, Any] = {}

    def query(self, text: str) -> Query:
        """``text`` in bare form as a query."""
        counts = grams_of(text)
        numbers = [(self._vocabulary.get(gram), times) for gram, times in counts.items()]
        known = [(number, times) for number, times in numbers
                 if number is not None and number < len(self._known) and self._known[number]]
        grams = np.array([number for number, _ in known], dtype=np.int64)
        times = np.array([times for _, times in known], dtype=np.float32)
        weights = (1 + np.log(times)) * self._idf[grams] if len(grams) else times
        length = float(np.linalg.norm(weights))
        return Query(grams, (weights / length if length else weights).astype(np.float32))

    def cosines(self, block: Block, query: Query) -> Floats:
        """Of every phrase of the block with the query."""
        whole = np.zeros(len(self._idf), dtype=np.float32)
        whole[query.grams] = query.weights
        return np.asarray(self._matrix(block) @ whole, dtype=np.float32)

    def between(self, one: Block, other: Block, rows: slice) -> Floats:
        """Of some phrases of one block with every phrase of another."""
        return np.asarray((self._matrix(one)[rows] @ self._matrix(other).T).todense(), dtype=np.float32)

    def pair(self, one: Block, row: int, other: Block, column: int) -> float:
        """Of two phrases, given by their places in their blocks."""
        return float(self._matrix(one)[row].multiply(self._matrix(other)[column]).sum())

    def _matrix(self, block: Block) -> Any:
        """The block's phrases as rows of length 1, made when first asked for."""
        matrix = self._matrices.get(id(block))
        if matrix is None:
            data = block.weights * self._idf[block.indices]
            lengths = np.sqrt(np.add.reduceat(data * data, block.indptr[:-1])) if len(data) else data
            data = data / np.repeat(lengths, np.diff(block.indptr))
            matrix = csr_matrix((data, block.indices, block.indptr), shape=(len(block.texts), len(self._idf)))
            self._matrices[id(block)] = matrix
        return matrix

