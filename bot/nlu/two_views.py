"""Two logistic regressions, on n-grams and on meaning, whose chances are multiplied."""

from __future__ import annotations

from typing import List

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


class TwoViews:
    """Fits both views and multiplies their chances.

    ``texts`` are sentences as ``ngrams`` takes them, ``vectors`` (n, d) unit rows or (n, 0) where there is no encoder.
    """

    def __init__(self, ngrams: TfidfVectorizer, *, ngram_strength: float, meaning_strength: float, steps: int,
                 exponent: float) -> None:
        """``steps``: the most the view on meaning may take to settle; ``exponent``: that of each view's chance."""
        self._ngrams = ngrams
        # The dual, not settled to the last digit: 3 seconds where the primal takes 80 and lbfgs longer still, and on
        # sentences held out it is the better one (right 83.3 instead of 82.2 %, log loss 0.78 instead of 0.86).
        self._by_ngrams = LogisticRegression(C=ngram_strength, solver="liblinear", dual=True, tol=1e-2,
                                             class_weight="balanced", random_state=0)
        self._by_meaning = LogisticRegression(C=meaning_strength, max_iter=steps, class_weight="balanced")
        self._exponent = exponent
        self.labels: List[str] = []
        self._has_meaning = False

    def fit(self, texts: List[str], vectors: np.ndarray, labels: List[str]) -> None:
        """Learn from labelled sentences."""
        self._by_ngrams.fit(self._ngrams.fit_transform(texts), labels)
        self._has_meaning = vectors.shape[1] > 0
        if self._has_meaning:
            self._by_meaning.fit(vectors, labels)
        self.labels = [str(label) for label in self._by_ngrams.classes_]

    def probabilities(self, texts: List[str], vectors: np.ndarray) -> np.ndarray:
        """(n, labels) chances of each label, rows sum to 1."""
        spelt = np.asarray(self._by_ngrams.predict_proba(self._ngrams.transform(texts)))
        if not self._has_meaning or vectors.shape[1] == 0:
            return spelt
        both = np.asarray((spelt * self._by_meaning.predict_proba(vectors)) ** self._exponent)
        return np.asarray(both / both.sum(axis=1, keepdims=True))
