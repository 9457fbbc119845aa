"""Which settings do best on train and develop of the outside set (``--tune``); its test sentences are not looked at."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.understanding.classifiers import Say, outside
from benchmarks.understanding.encoders import USE
from benchmarks.understanding.labelled import Sentences
from benchmarks.understanding.metrics import Score, score
from benchmarks.understanding.models import Chances, LinearModel, Model, mean
from benchmarks.understanding.tables import table
from benchmarks.understanding.twins import FOLDS

#: Shuffles: one splits too luckily to tell half a point from another.
SEEDS = (1, 2)
SHOWN = 20


@dataclass(frozen=True)
class Setting:
    """A model of one ``family``; a mean takes at most one of each."""

    family: str
    title: str
    make: Callable[[], Model]


def grid() -> list[Setting]:
    """All cheap settings: n-grams, meaning, and both in one regression."""
    found = [Setting("n-grams", f"1–{longest}-grams, C {strength}",
                     partial(LinearModel, (), longest=longest, strength=strength))
             for longest in (3, 4) for strength in (10, 30)]
    found += [Setting("USE", f"USE, C {strength}", partial(LinearModel, (USE,), longest=0, strength=strength))
              for strength in (20, 50)]
    found += [Setting("both", f"1–{longest}-grams with {weight} × USE, C {strength}",
                      partial(LinearModel, (USE,), longest=longest, strength=strength, weight=weight))
              for longest, weight, strength in itertools.product((3, 4), (1, 2), (10, 30))]
    return found


def means(settings: Sequence[Setting]) -> list[tuple[Setting, ...]]:
    """Each setting alone, and the means of two and three of different families."""
    return [chosen for size in (1, 2, 3) for chosen in itertools.combinations(settings, size)
            if len({one.family for one in chosen}) == size]


def told(folder: Path, say: Say) -> str:
    """The best means, by F."""
    return ranked(outside(folder, "train", "develop", encoders=[USE], say=say), grid(), say)


def ranked(data: Sentences, settings: Sequence[Setting], say: Say) -> str:
    """Cross-validate all settings and their means; a table of the best."""
    labels = sorted(set(data.labels))
    rights, chances = [], []
    for seed in SEEDS:
        order, found = _held_out(data, settings, seed, say)
        rights.append([data.labels[place] for place in order])
        chances.append(found)
    rows = []
    for chosen, geometric in itertools.product(means(settings), (False, True)):
        if geometric and len(chosen) == 1:
            continue
        scores = [_score(right, mean([found[one.title] for one in chosen], geometric=geometric), labels)
                  for right, found in zip(rights, chances, strict=True)]
        rows.append((fmean(one.f for one in scores), fmean(one.accuracy for one in scores),
                     (" × " if geometric else " + ").join(one.title for one in chosen)))
    rows.sort(reverse=True)
    return table(("mean of (×: geometric)", "F", "accuracy"),
                 [[title, f"{f:.4f}", f"{accuracy:.4f}"] for f, accuracy, title in rows[:SHOWN]])


def _held_out(data: Sentences, settings: Sequence[Setting], seed: int,
              say: Say) -> tuple[list[int], dict[str, Chances]]:
    """The order in which sentences were held out, and the chances that each setting gave them."""
    order: list[int] = []
    found: dict[str, list[Chances]] = {one.title: [] for one in settings}
    splits = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(data.said, data.labels)
    for number, (learn, test) in enumerate(splits, 1):
        say(f"shuffle {seed}, fold {number}")
        order += test.tolist()
        for one in settings:
            model = one.make()
            model.fit(data.only(learn))
            found[one.title].append(model.chances(data.only(test)))
    return order, {title: np.vstack(parts) for title, parts in found.items()}


def _score(right: Sequence[str], chances: Chances, labels: Sequence[str]) -> Score:
    return score(right, [labels[place] for place in chances.argmax(axis=1)])
