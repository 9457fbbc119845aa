"""Folds in which sentences that say nearly the same are never on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks.understanding.labelled import Vectors

#: Two sentences whose vectors' cosine is above this are near twins.
TWINS = 0.92
FOLDS = 5
_CHUNK = 1000

Places = npt.NDArray[np.int64]


def groups(vectors: Vectors, least: float = TWINS) -> Places:
    """A number a sentence, the same for near twins, their near twins, and so on; ``vectors`` have length 1."""
    ones, others = [], []
    for start in range(0, len(vectors), _CHUNK):
        rows, columns = np.nonzero(vectors[start:start + _CHUNK] @ vectors.T > least)
        ones.append(rows + start)
        others.append(columns)
    pairs = (np.concatenate(ones), np.concatenate(others))
    graph = csr_matrix((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(len(vectors), len(vectors)))
    found: Places = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def folds(labels: Sequence[str], grouped: Places, seed: int = 0) -> Iterator[tuple[Places, Places]]:
    """(learn from, test on) five times, each label spread as evenly as the groups allow."""
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(labels)), list(labels), grouped)
