"""The sentences residents send: drawn from the test sentences, none of them twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.errors import CannotMeasure
from benchmarks.plan import Plan


@dataclass(frozen=True)
class Draw:
    """The sentences of one round; no sentence occurs twice in it, so no cache can answer."""

    warm_up: list[str]
    alone: list[str]
    together: list[list[str]]
    long: list[str]


def read_sentences(folder: Path) -> list[str]:
    """The different texts of ``folder/**/*.yml``, in the order of the files.

    Raises:
        CannotMeasure: when there are none.
    """
    texts: dict[str, None] = {}
    for path in sorted(folder.rglob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            texts[item["text"].strip()] = None
    if not texts:
        raise CannotMeasure(f"no test sentences in {folder.name}/: the benchmarks send these")
    return list(texts)


def draw(sentences: Sequence[str], plan: Plan, seed: int) -> Draw:
    """Shuffles by ``seed`` and deals; the same seed gives the same draw, so that both systems hear the same.

    Raises:
        CannotMeasure: when the plan needs more different sentences than there are.
    """
    different = list(dict.fromkeys(sentences))
    if plan.sentences > len(different):
        raise CannotMeasure(f"one round needs {plan.sentences} different sentences, but there are only "
                            f"{len(different)}: choose fewer residents or messages")
    random.Random(seed).shuffle(different)
    deck = iter(different)

    def take(count: int) -> list[str]:
        return [next(deck) for _ in range(count)]

    return Draw(
        warm_up=take(plan.warm_up),
        alone=take(plan.alone),
        together=[take(plan.messages_each) for _ in range(plan.residents)],
        long=take(plan.long_turns),
    )
