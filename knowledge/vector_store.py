"""Rows of numbers by the hash of a text, in a folder that may be deleted at any time."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)
Rows = npt.NDArray[np.float32]
_KEY = 20
#: With more segments than this they are made one at the next start.
MOST_SEGMENTS = 24
#: A half-written segment of a process that died is cleared away after so many seconds.
_STALE_S = 3600


def key_of(text: str) -> bytes:
    """The name of a text's row."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()


class VectorStore:
    """Not safe for several threads by itself; several processes may share the folder."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._size = size
        self._segments: list[Rows] = []
        self._where: dict[bytes, tuple[int, int]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._where

    def __len__(self) -> int:
        return len(self._where)

    def load(self) -> None:
        """Map every sound segment of the folder; many are made one."""
        names = sorted(path.stem for path in self._folder.glob("*.npy")) if self._folder.is_dir() else []
        loaded = [name for name in names if self._take(name)]
        if len(loaded) > MOST_SEGMENTS:
            self._merge(loaded)

    def add(self, keys: Sequence[bytes], rows: Rows) -> None:
        """Keep new rows, in memory and, if the disk allows, as one more segment."""
        self._note(keys, np.asarray(rows, dtype=np.float32))
        self._write(keys, self._segments[-1])

    def rows(self, keys: Sequence[bytes]) -> Rows:
        """A copy of the rows; KeyError for a text that was never added."""
        found = np.empty((len(keys), self._size), dtype=np.float32)
        places: dict[int, tuple[list[int], list[int]]] = {}
        for row, key in enumerate(keys):
            segment, place = self._where[key]
            into, out_of = places.setdefault(segment, ([], []))
            into.append(row)
            out_of.append(place)
        for segment, (into, out_of) in places.items():
            found[into] = self._segments[segment][out_of]
        return found

    def _note(self, keys: Sequence[bytes], rows: Rows) -> None:
        number = len(self._segments)
        self._segments.append(rows)
        self._where.update({key: (number, place) for place, key in enumerate(keys)})

    def _take(self, name: str) -> bool:
        try:
            packed = (self._folder / f"{name}.keys").read_bytes()
            rows = np.load(self._folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            if rows.dtype != np.float32 or rows.shape != (len(packed) // _KEY, self._size) or len(packed) % _KEY:
                raise ValueError("rows and keys do not fit")
        except Exception as error:  # a damaged cache is only a slower start
            logger.warning("vector segment %s is unreadable (%s); its sentences are encoded anew", name, error)
            return False
        self._note([packed[place:place + _KEY] for place in range(0, len(packed), _KEY)], rows)
        return True

    def _write(self, keys: Sequence[bytes], rows: Rows) -> bool:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f".{name}.draft"
            (self._folder / f"{name}.keys").write_bytes(b"".join(keys))
            with draft.open("wb") as file:
                np.save(file, rows, allow_pickle=False)
            draft.replace(self._folder / f"{name}.npy")  # last: a segment without its keys is never seen
            return True
        except OSError as error:
            logger.warning("vector cache not written: %s", error)
            return False

    def _merge(self, names: list[str]) -> None:
        """One segment instead of ``names``, which go once it is there. Who has them mapped goes on using them."""
        keys = list(self._where)
        rows = self.rows(keys)
        if not self._write(keys, rows):
            return
        self._segments, self._where = [], {}
        self._note(keys, rows)
        for name in names:
            for suffix in (".npy", ".keys"):
                (self._folder / f"{name}{suffix}").unlink(missing_ok=True)
        for left in self._folder.glob(".*.draft"):
            if time.time() - left.stat().st_mtime > _STALE_S:
                left.unlink(missing_ok=True)
