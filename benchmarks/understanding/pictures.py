"""Two pictures: which topics are taken for which, and whether chances hold what they promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks.understanding.asked import ASKED_BACK, NONE, Asked
from benchmarks.understanding.calibration import Bin

matplotlib.use("Agg")
from matplotlib import pyplot

_COLOUR, _GREY = "#2166ac", "#888888"


def confusions(asked: Iterable[Asked]) -> Counter[tuple[str, str]]:
    """How often each expected topic got each answer, of sentences with one topic; only topics that were confused."""
    found = Counter((one.topic, one.answered_topic) for one in asked if len(one.expected) == 1)
    confused = {expected for expected, answered in found if answered not in (expected, ASKED_BACK, NONE)}
    return Counter({pair: count for pair, count in found.items() if pair[0] in confused})


def write_confusions(asked: Iterable[Asked], path: Path) -> None:
    """Writes the table as PNG: a row an expected topic, a column an answered one."""
    found = confusions(asked)
    rows = sorted({expected for expected, _ in found})
    columns = sorted({answered for _, answered in found}, key=lambda name: (name in (ASKED_BACK, NONE), name))
    counts = np.array([[found[row, column] for column in columns] for row in rows]).reshape(len(rows), len(columns))
    figure, axes = pyplot.subplots(figsize=(4 + 0.24 * len(columns), 3 + 0.24 * len(rows)))
    axes.set_title("Topics taken for others (sentences with one topic)")
    axes.set_xlabel("answered")
    axes.set_ylabel("expected")
    if counts.size:
        axes.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1, aspect="equal")
        for row, column in zip(*np.nonzero(counts), strict=True):
            right = rows[row] == columns[column]
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7,
                      color="white" if right else "#b2182b")
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=7)
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    _save(figure, path)


def write_calibration(bins: Sequence[Bin], path: Path) -> None:
    """Writes the plot as PNG: the share that was right over the chance that was promised."""
    figure, axes = pyplot.subplots(figsize=(6, 6))
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label="as promised")
    axes.plot([one.chance for one in bins], [one.right for one in bins], color=_COLOUR, marker="o", label="measured")
    for one in bins:
        axes.annotate(str(one.count), (one.chance, one.right), xytext=(6, -10), textcoords="offset points", fontsize=8)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("chance of the likeliest topic")
    axes.set_ylabel("share that was right (number: sentences)")
    axes.set_title("Calibration of the choice of topics")
    axes.legend()
    _save(figure, path)


def _save(figure: pyplot.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)
