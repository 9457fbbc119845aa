"""Sentences with labels, as the classifiers learn them and are tested on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from benchmarks.errors import CannotMeasure

Vectors = npt.NDArray[np.float32]
_BULLET = "- "


@dataclass(frozen=True)
class Sentences:
    """``said`` as it was typed; ``shown``: what character n-grams are taken of; ``vectors`` by name of the encoder."""

    said: Sequence[str]
    shown: Sequence[str]
    labels: Sequence[str]
    vectors: dict[str, Vectors] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.said)

    def only(self, places: Sequence[int] | npt.NDArray[np.int64]) -> Sentences:
        """The sentences at these places."""
        chosen = [int(place) for place in places]
        return Sentences([self.said[place] for place in chosen], [self.shown[place] for place in chosen],
                         [self.labels[place] for place in chosen],
                         {name: rows[chosen] for name, rows in self.vectors.items()})


def read_training(folder: Path) -> list[tuple[str, str]]:
    """(sentence, intent) of every training file below ``folder``, each pair once.

    Raises:
        CannotMeasure: when there are none.
    """
    found: dict[tuple[str, str], None] = {}
    for path in sorted(folder.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block.get("examples", "").splitlines():
                if "intent" in block and line.strip().startswith(_BULLET):
                    found[line.strip()[len(_BULLET):].strip(), block["intent"]] = None
    if not found:
        raise CannotMeasure("there are no training sentences in data/nlu")
    return list(found)


def read_outside(folder: Path, name: str) -> list[tuple[str, str]]:
    """(sentence, label) of ``<name>.tsv``, which has a header. The files are only read, never copied.

    Raises:
        CannotMeasure: when the file is missing or no such table.
    """
    path = folder / f"{name}.tsv"
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]
    except OSError as error:
        raise CannotMeasure(f"{path} cannot be read ({error.strerror}): --outside wants the folder of the outside "
                            "set") from error
    if not rows or any(len(row) != 2 for row in rows):
        raise CannotMeasure(f"{path} is no table of sentences and labels")
    return [(text, label) for text, label in rows]
