"""Conditional logit: each item has candidates with features, of which one or several are right.

A candidate's chance is the softmax of its weighted features among the candidates of its item; the weights make the
right ones likeliest. Items may have different numbers of candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
#: Pull of the weights towards 0, on features of standard deviation 1.
STRENGTH = 1e-3
_TINY = 1e-12


@dataclass(frozen=True)
class Items:
    """Candidates of all items in one table: ``features`` (rows, columns), ``right`` and ``start`` of each item."""

    features: Floats
    right: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tables: Sequence[Floats], right: Sequence[Sequence[bool]]) -> Items:
        """From one table of candidates an item; each must have a candidate that is right."""
        sizes = [len(table) for table in tables]
        return cls(np.concatenate(tables).astype(np.float64), np.concatenate([np.array(row, dtype=bool)
                   for row in right]), np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, chosen: npt.NDArray[np.int64]) -> Items:
        """These items alone."""
        ends = np.append(self.starts[1:], len(self.features))
        parts = [slice(self.starts[item], ends[item]) for item in chosen]
        return Items.of([self.features[part] for part in parts], [self.right[part].tolist() for part in parts])

    def chances(self, weights: Floats) -> Floats:
        """The chance of every candidate among those of its item."""
        logits = self.features @ weights
        sizes = np.diff(np.append(self.starts, len(logits)))
        shares = np.exp(logits - np.repeat(np.maximum.reduceat(logits, self.starts), sizes))
        summed: Floats = shares / np.repeat(np.add.reduceat(shares, self.starts), sizes)
        return summed


@dataclass(frozen=True)
class Judged:
    """What weights are worth on items: the chance of each item's likeliest candidate, whether that is right, and the
    chance of all right ones together."""

    first: Floats
    hit: npt.NDArray[np.bool_]
    of_right: Floats

    @property
    def accuracy(self) -> float:
        return float(self.hit.mean())

    @property
    def log_loss(self) -> float:
        return float(-np.log(self.of_right + _TINY).mean())

    def at(self, chance: float) -> tuple[float, float]:
        """The share of items whose likeliest candidate has this chance or more, and the share of those wrong."""
        sure = self.first >= chance
        return float(sure.mean()), float(1 - self.hit[sure].mean()) if sure.any() else 0.0


def judge(items: Items, weights: Floats) -> Judged:
    """Try the weights on the items."""
    chances = items.chances(weights)
    ends = np.append(items.starts[1:], len(chances))
    best = [int(start + chances[start:end].argmax()) for start, end in zip(items.starts, ends, strict=True)]
    return Judged(chances[best], items.right[best], np.add.reduceat(chances * items.right, items.starts))


def fit(items: Items, strength: float = STRENGTH) -> Floats:
    """The weights, on the features as they are given."""
    scale = items.features.std(axis=0)
    scale[scale == 0] = 1.0
    scaled = Items(items.features / scale, items.right, items.starts)
    sizes = np.diff(np.append(items.starts, len(items.features)))

    def loss(weights: Floats) -> tuple[float, Floats]:
        chances = scaled.chances(weights)
        right = chances * scaled.right
        summed = np.add.reduceat(right, scaled.starts)
        pull = (chances - right / np.repeat(np.maximum(summed, _TINY), sizes)) @ scaled.features
        value = -np.log(summed + _TINY).mean() + strength * float(weights @ weights)
        return float(value), pull / len(scaled) + 2 * strength * weights

    found: Floats = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found / scale


def cross_validated(items: Items, folds: int = 5, seed: int = 0) -> Judged:
    """Every item judged by weights that were fitted on the other folds."""
    order = np.random.RandomState(seed).permutation(len(items))
    parts = []
    for held in np.array_split(order, folds):
        weights = fit(items.only(np.setdiff1d(order, held)))
        parts.append(judge(items.only(held), weights))
    return Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("first", "hit", "of_right")))
