"""What stands nearest to a sentence: among the training sentences, and among the phrases of the content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.understanding.labelled import Vectors, read_training
from bot.knowledge_access import snapshot
from bot.settings import PROJECT, settings
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.text import normalise

#: So many are shown.
SHOWN = 3


@dataclass(frozen=True)
class Near:
    """A neighbour: how near (1: the same), what it leads to (intent or topic), and its words."""

    score: float
    label: str
    text: str


class Neighbours(Protocol):
    """Where to look for them."""

    def training(self, text: str) -> list[Near]:
        """The nearest training sentences, by meaning."""
        ...

    def phrases(self, text: str, region: str) -> list[Near]:
        """The nearest phrases of the content that hold in ``region``, as the bot's search scores them."""
        ...


class FromData:
    """Neighbours in ``data/nlu`` and in the served content."""

    def __init__(self, folder: Path = PROJECT / "data" / "nlu") -> None:
        self._folder = folder

    @cached_property
    def _sentences(self) -> list[tuple[str, str]]:
        return read_training(self._folder)

    @cached_property
    def _vectors(self) -> Vectors:
        return training_vectors([text for text, _ in self._sentences])

    def training(self, text: str) -> list[Near]:
        """As the protocol says."""
        scores = self._vectors @ shared_encoder().encode([normalise(text)])[0]
        return [Near(float(scores[place]), self._sentences[place][1], self._sentences[place][0])
                for place in np.argsort(-scores, kind="stable")[:SHOWN]]

    def phrases(self, text: str, region: str) -> list[Near]:
        """As the protocol says."""
        index = snapshot().index
        scores = index.scores(normalise(text), region)
        order = np.argsort(-scores, kind="stable")[:SHOWN]
        return [Near(float(scores[place]), index.phrases[place].topic, index.phrases[place].text) for place in order]


def training_vectors(texts: list[str]) -> Vectors:
    """Vectors of training sentences in normal form, kept on disk beside those of the bot's own training."""
    return CachedEncoder(shared_encoder(), settings().cache / "training").encode(
        [normalise(text) or " " for text in texts])
