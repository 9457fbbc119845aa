"""A second opinion on danger, which has heard what residents need as well: thousands of troubles that are none.

The intents' own sentences are few beside the needs that content keeps for each topic, and many needs sound sad or
alarming. This model learns both, spelt as they are and by meaning, so that 走了, 瘫了, 没了 alone call nobody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Vectors = npt.NDArray[np.float32]
Chances = npt.NDArray[np.float64]
#: The label of what a service is needed for, and what marks the labels of danger.
OURS, DANGER = "ours", "emergency_"
OUT_OF_SCOPE = "out_of_scope"
#: Intents that are neither a need nor danger: what keeps a conversation going.
OF_ITS_OWN = "act"
_NEEDS = frozenset({"ask_service", "check_eligibility", "complain", "find_benefits", "find_place", "inform",
                    "life_circle", "state_need"})
#: Weights of what speaks for danger and against it, fitted on the opened test sentences in which no pattern saw any
#: (``python -m benchmarks.understanding --fit-gates``).
#: Of 36 sealed ones it finds 33 at the bound used, the classifier alone 31 with more false alarms (2026-11-27).
_HEARD, _SECOND, _NEAREST, _CHANCE, _CONSTANT = 1.78, 0.68, -1.69, -0.62, -0.9
_MARGIN = 0.01


def label_of(intent: str) -> str:
    """What an intent is to this model."""
    if intent.startswith(DANGER) or intent == OUT_OF_SCOPE:
        return intent
    return OURS if intent in _NEEDS else OF_ITS_OWN


class DangerModel:
    """``texts`` in normal form; ``vectors`` (n, d) unit rows, or (n, 0) where there is no encoder."""

    def __init__(self) -> None:
        self._ngrams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._by_ngrams = LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced")
        self._by_meaning = LogisticRegression(C=20.0, max_iter=100, class_weight="balanced")
        self._has_meaning = False

    def fit(self, texts: Sequence[str], vectors: Vectors, labels: Sequence[str]) -> None:
        """Learn from sentences with their ``label_of``."""
        self._by_ngrams.fit(self._ngrams.fit_transform(texts), labels)
        self._has_meaning = vectors.shape[1] > 0
        if self._has_meaning:
            self._by_meaning.fit(vectors, labels)

    def chances(self, texts: Sequence[str], vectors: Vectors) -> Chances:
        """(n,): how likely each text tells of danger."""
        shares = np.asarray(self._by_ngrams.predict_proba(self._ngrams.transform(texts)))
        if self._has_meaning and vectors.shape[1] > 0:
            shares = np.sqrt(shares * self._by_meaning.predict_proba(vectors))
            shares /= shares.sum(axis=1, keepdims=True)
        dangers = [number for number, label in enumerate(self._by_ngrams.classes_) if label.startswith(DANGER)]
        found: Chances = shares[:, dangers].sum(axis=1)
        return found


def together(heard: float, second: float, *, nearest: float, chance: float) -> float:
    """The chance of danger from that of the intent classifier and that of this model.

    ``nearest`` and ``chance``: how near the nearest phrase of a service is, and how likely the likeliest service is;
    both speak against danger.
    """
    return 1 / (1 + math.exp(-(_CONSTANT + _HEARD * log_odds(heard) + _SECOND * log_odds(second)
                               + _NEAREST * nearest + _CHANCE * log_odds(chance))))


def log_odds(chance: float) -> float:
    """The logit of a chance, kept finite at 0 and 1."""
    return math.log((chance + _MARGIN) / (1 + _MARGIN - chance))
