"""What is told of a classifier's answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """``f`` as the outside set's organisers have it: the harmonic mean of macro precision and macro recall."""

    accuracy: float
    macro_f1: float
    f: float


def score(right: Sequence[str], given: Sequence[str]) -> Score:
    """Compare; labels count alike, those that occur in neither do not count."""
    labels = sorted({*right, *given})
    truth, answers = np.array(right), np.array(given)
    precisions, recalls, singles = [], [], []
    for label in labels:
        hits = int(((truth == label) & (answers == label)).sum())
        precision, recall = _share(hits, int((answers == label).sum())), _share(hits, int((truth == label).sum()))
        precisions.append(precision)
        recalls.append(recall)
        singles.append(_harmonic(precision, recall))
    return Score(float((truth == answers).mean()), float(np.mean(singles)),
                 _harmonic(float(np.mean(precisions)), float(np.mean(recalls))))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
