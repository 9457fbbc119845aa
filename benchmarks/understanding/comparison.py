"""The table of a comparison of classifiers: markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.understanding.metrics import Score
from benchmarks.understanding.tables import table, where


@dataclass(frozen=True)
class Row:
    """One system: what it got right of ``tested`` sentences, and what it costs."""

    title: str
    score: Score
    tested: int
    ms: float
    megabytes: float
    fit_seconds: float


@dataclass(frozen=True)
class Comparison:
    """Several systems on the same sentences; ``note`` says which and how, ``environment`` on what machine."""

    title: str
    note: str
    rows: Sequence[Row]
    environment: dict[str, Any]


_HEAD = ("classifier", "accuracy", "macro F1", "F", "tested on", "ms a message", "MB", "fit, s")
_METHOD = (
    "F: harmonic mean of macro precision and macro recall. ms a message: encoding and classifying one message at a "
    "time on one thread, median of {timed}. MB: what must be loaded, with encoders and dictionaries, without "
    "libraries. A mean is that of the chances; its time, size and fit are the sums. Character n-grams see what the bot "
    "shows its own classifier (ours: services, places and numbers hidden).")
#: So many messages are timed.
TIMED = 300


def markdown(found: Sequence[Comparison]) -> str:
    """All comparisons for people."""
    parts = ["# Classifiers beside one another", _METHOD.format(timed=TIMED)]
    for one in found:
        parts += [f"## {one.title}", one.note, table(_HEAD, map(_cells, one.rows)), where(one.environment)]
    return "\n\n".join(parts) + "\n"


def _cells(row: Row) -> list[str]:
    return [row.title, f"{row.score.accuracy:.4f}", f"{row.score.macro_f1:.4f}", f"{row.score.f:.4f}", str(row.tested),
            f"{row.ms:.1f}", f"{row.megabytes:.1f}", f"{row.fit_seconds:.1f}"]


def write(found: Sequence[Comparison], folder: Path) -> list[Comparison]:
    """Writes ``classifiers.md`` and ``classifiers.json``; what an earlier run found on other sets stays there."""
    folder.mkdir(parents=True, exist_ok=True)
    titles = {one.title for one in found}
    everything = [*(one for one in read(folder) if one.title not in titles), *found]
    (folder / "classifiers.md").write_text(markdown(everything), encoding="utf-8")
    (folder / "classifiers.json").write_text(
        json.dumps([asdict(one) for one in everything], ensure_ascii=False, indent=1), encoding="utf-8")
    return everything


def read(folder: Path) -> list[Comparison]:
    """The comparisons of earlier runs."""
    path = folder / "classifiers.json"
    if not path.exists():
        return []
    return [Comparison(one["title"], one["note"],
                       [Row(**{**row, "score": Score(**row["score"])}) for row in one["rows"]], one["environment"])
            for one in json.loads(path.read_text(encoding="utf-8"))]
