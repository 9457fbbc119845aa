"""The model behind the second opinion on danger (bot.nlu.danger)."""

from __future__ import annotations

from typing import List

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.danger import KIND_OF_DANGER
from bot.nlu.two_views import TwoViews


class DangerModel(TwoViews):
    """The second opinion (bot.nlu.danger); ``texts`` in normal form."""

    def __init__(self) -> None:
        ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
        super().__init__(ngrams, ngram_strength=10.0, meaning_strength=20.0, steps=100, exponent=0.5)

    def chances(self, texts: List[str], vectors: np.ndarray) -> np.ndarray:
        """(n,): how likely each text tells of danger."""
        dangers = [number for number, label in enumerate(self.labels) if label.startswith(KIND_OF_DANGER)]
        return np.asarray(self.probabilities(texts, vectors)[:, dangers].sum(axis=1))
