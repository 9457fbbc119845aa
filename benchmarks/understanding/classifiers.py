"""Compares classifiers and features: on the outside set, and on our own intents by cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.environment import environment
from benchmarks.understanding.comparison import TIMED, Comparison, Row
from benchmarks.understanding.encoders import USE, available, encoder, megabytes
from benchmarks.understanding.labelled import Sentences, read_outside, read_training
from benchmarks.understanding.metrics import score
from benchmarks.understanding.models import KINDS, STOCK, Chances, Model, System, mean, systems
from benchmarks.understanding.twins import FOLDS, TWINS, folds, groups

Say = Callable[[str], None]
#: The published best F on the outside set.
PUBLISHED = 0.945


@dataclass(frozen=True)
class Fold:
    """What is learnt from and what is tested on."""

    learn: Sentences
    test: Sentences


@dataclass
class _Fitted:
    """A model on every fold that it was fitted for; ``ms``: of each timed message."""

    chances: list[Chances] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    megabytes: float = 0.0


def compare_on_outside(folder: Path, *, stock: bool, say: Say) -> Comparison:
    """Fit on train and develop, test on test."""
    machine = environment()
    learn = outside(folder, "train", "develop", encoders=available(), say=say)
    test = outside(folder, "test", encoders=available(), say=say)
    return Comparison(
        f"The outside set ({folder.name})",
        f"Learnt from train and develop ({len(learn)} sentences, {len(set(learn.labels))} labels), tested on test "
        f"({len(test)}), which nothing was tuned on. Published best: F {PUBLISHED}.",
        _rows([Fold(learn, test)], available(), stock_folds=int(stock), say=say), machine)


def compare_on_own(*, stock_folds: int, say: Say) -> Comparison:
    """Our own intents; the stock pipeline, which takes minutes a fold, on the first ``stock_folds`` folds."""
    machine = environment()
    data = _own(say)
    grouped = groups(data.vectors[USE])
    parted = [Fold(data.only(learn), data.only(test)) for learn, test in folds(data.labels, grouped)]
    return Comparison(
        "Our own intents",
        f"{len(data)} training sentences of {len(set(data.labels))} intents in {len(set(grouped.tolist()))} groups of "
        f"near twins (USE cosine above {TWINS}); {FOLDS}-fold cross-validation, each group in one fold. The stock "
        f"pipeline, if it was measured, on {stock_folds} of the folds.",
        _rows(parted, available(), stock_folds=stock_folds, say=say), machine)


def outside(folder: Path, *names: str, encoders: Sequence[str], say: Say) -> Sentences:
    """These tables of the outside set, one after another, with vectors of the encoders."""
    rows = [row for name in names for row in read_outside(folder, name)]
    texts = [text for text, _ in rows]
    return Sentences(texts, texts, [label for _, label in rows], _vectors(texts, encoders, say))


def _own(say: Say) -> Sentences:
    from benchmarks.understanding.neighbours import training_vectors
    from benchmarks.understanding.turns import masked
    from bot.settings import PROJECT

    rows = read_training(PROJECT / "data" / "nlu")
    texts = [text for text, _ in rows]
    vectors = {USE: training_vectors(texts), **_vectors(texts, [name for name in available() if name != USE], say)}
    return Sentences(texts, [masked(text) for text in texts], [label for _, label in rows], vectors)


def _vectors(texts: Sequence[str], names: Sequence[str], say: Say) -> dict[str, np.ndarray]:
    from knowledge.text import normalise

    found = {}
    for name in names:
        say(f"encoding {len(texts)} sentences with {name}")
        found[name] = encoder(name)([normalise(text) or " " for text in texts])
    return found


def _rows(parted: Sequence[Fold], encoders: Sequence[str], *, stock_folds: int, say: Say) -> list[Row]:
    chosen = systems(encoders, stock=stock_folds > 0)
    labels = sorted({label for fold in parted for label in (*fold.learn.labels, *fold.test.labels)})
    needed = sorted(dict.fromkeys(name for system in chosen for name in system.models), key=STOCK.__eq__)
    fitted = {name: _fit(name, parted[:stock_folds] if name == STOCK else parted, labels, say) for name in needed}
    texts = _timed_texts(parted)
    encoding = {name: _encoding_ms(name, texts) for name in encoders}
    return [_row(system, parted, labels, fitted, encoding) for system in chosen]


def _fit(name: str, parted: Sequence[Fold], labels: Sequence[str], say: Say) -> _Fitted:
    found = _Fitted()
    for number, fold in enumerate(parted, 1):
        say(f"{name}: {number} of {len(parted)}")
        model = KINDS[name].make()
        began = time.perf_counter()
        model.fit(fold.learn)
        found.seconds.append(time.perf_counter() - began)
        found.chances.append(_aligned(model, model.chances(fold.test), labels))
        if number == 1:
            found.megabytes = model.megabytes()
            found.ms = [_ms(partial(model.chances, fold.test.only([place])))
                        for place in range(min(TIMED, len(fold.test)))]
    return found


def _aligned(model: Model, chances: Chances, labels: Sequence[str]) -> Chances:
    """The same chances with a column for every label, also for those that this fold had no sentence of."""
    whole = np.zeros((len(chances), len(labels)))
    whole[:, [labels.index(label) for label in model.labels]] = chances
    return whole


def _timed_texts(parted: Sequence[Fold]) -> list[str]:
    return list(parted[0].test.said[:TIMED])


def _encoding_ms(name: str, texts: Sequence[str]) -> list[float]:
    encode = encoder(name)
    encode(["先热一下身"])
    return [_ms(partial(encode, [text])) for text in texts]


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _row(system: System, parted: Sequence[Fold], labels: Sequence[str], fitted: dict[str, _Fitted],
         encoding: dict[str, list[float]]) -> Row:
    models = [fitted[name] for name in system.models]
    used = {needed for name in system.models for needed in KINDS[name].encoders}
    count = min(len(model.chances) for model in models)
    right, given = [], []
    for number, fold in enumerate(parted[:count]):
        found = mean([model.chances[number] for model in models], geometric=system.geometric)
        right += list(fold.test.labels)
        given += [labels[place] for place in found.argmax(axis=1)]
    ms = np.sum([*(model.ms for model in models), *(encoding[name] for name in used)], axis=0)
    return Row(system.title, score(right, given), len(right), float(np.median(ms)),
               sum(model.megabytes for model in models) + sum(megabytes(name) for name in used),
               float(sum(np.mean(model.seconds) for model in models)))
