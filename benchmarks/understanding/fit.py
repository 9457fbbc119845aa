"""Refits the weights of ``knowledge/topic_rank.py`` on the sentences for tuning (``--fit``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from actions.topic_choice import _pointed_at, _story_scores, names_in, ranking
from benchmarks.understanding.bot_run import loaded_bot
from benchmarks.understanding.expected import expected_topics
from benchmarks.understanding.logit import Floats, Items, Judged, cross_validated, fit, judge
from benchmarks.understanding.turns import first_turn
from knowledge.topic_rank import FEATURES, LEARNT, LEARNT_WEIGHTS, WEIGHTS, features

#: The sealed part only measures.
PARTS = ("first", "tuning")
CHANCES = (0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)


def gather(items: Iterable[dict[str, Any]]) -> tuple[Items, int]:
    """The candidates of every item that asks for a topic, and how many were left out because no right topic is among
    those known in their region."""
    tables, right, left_out = [], [], 0
    for item in items:
        wanted = expected_topics(item)
        if not wanted or item.get("both"):
            continue
        names, table = candidates(item["text"], str(item["region"]))
        if wanted.isdisjoint(names):
            left_out += 1
            continue
        tables.append(table)
        right.append([name in wanted for name in names])
    return Items.of(tables, right), left_out


def candidates(text: str, region: str) -> tuple[list[str], Floats]:
    """The topics that compete for a sentence, and their features, one row each."""
    turn = first_turn(text, region)
    scores = _story_scores(turn, turn.reading.text)
    kept = {item.topic for item in ranking(turn, scores)}
    evidence = [item for item in turn.knowledge.index.topic_evidence(turn.reading.text, scores, region=turn.region)
                if item.topic in kept]
    return [item.topic for item in evidence], features(evidence, names_in(turn), _pointed_at(turn))


def told(items: Items, left_out: int) -> str:
    """Fit both sets of weights, and say what came out."""
    lines = [f"{len(items)} sentences with a topic ({left_out} more whose topic their region does not know)"]
    for title, names, now in (("WEIGHTS", FEATURES, WEIGHTS), ("LEARNT_WEIGHTS", LEARNT, LEARNT_WEIGHTS)):
        lines += ["", *_fitted(title, names, now, Items(items.features[:, :len(names)], items.right, items.starts))]
    return "\n".join(lines)


def _fitted(title: str, names: Sequence[str], now: Floats, items: Items) -> list[str]:
    weights = fit(items)
    lines = [f"{title}, of {', '.join(names)}", f"{title} = np.array([{', '.join(short(value) for value in weights)}])",
             f"{'':24}accuracy  log loss  " + "  ".join(f"from {chance:.2f}" for chance in CHANCES)]
    for name, judged in (("the weights as they are", judge(items, now)),
                         ("5-fold cross-validation", cross_validated(items)), ("fitted on all", judge(items, weights))):
        lines.append(f"{name:24}{judged.accuracy:8.4f}  {judged.log_loss:8.4f}  {_sureness(judged)}")
    lines.append("(from a chance on: share of sentences / share of those wrong)")
    return [*lines, "without one of them (cross-validated)", *_ablations(items, names)]


def _sureness(judged: Judged) -> str:
    return "  ".join("{:.2f}/{:.3f}".format(*judged.at(chance)) for chance in CHANCES)


def _ablations(items: Items, names: Sequence[str]) -> list[str]:
    lines = []
    for column, name in enumerate(names):
        judged = cross_validated(Items(np.delete(items.features, column, axis=1), items.right, items.starts))
        lines.append(f"{name:24}{judged.accuracy:8.4f}  {judged.log_loss:8.4f}")
    return lines


def short(value: float) -> str:
    """Three significant digits, as one writes them."""
    return f"{float(f'{value:.3g}'):g}"


def run() -> str:
    """The whole of ``--fit``."""
    from tests.support.understanding import sentences

    with loaded_bot():  # what its model has learnt of the topics is one of the features
        return told(*gather(item for _, item in sentences(*PARTS)))
