"""Two logistic regressions, on n-grams and on meaning, whose chances are multiplied.

They are fitted by scikit-learn. For one sentence its checks and sparse matrices cost ten times the sums themselves, so
the chances are reckoned here from the fitted weights.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

#: Of fewer labels scikit-learn makes one regression, whose chances are reckoned otherwise.
FEWEST = 3
#: How a text is taken apart, the place and weight of each gram, the weights of the regression and its intercepts.
_Fitted = Tuple[Callable[[str], Sequence[str]], Dict[str, int], np.ndarray, np.ndarray, np.ndarray]


class TwoViews:
    """Fits both views and multiplies their chances.

    ``texts`` are sentences as ``ngrams`` takes them, ``vectors`` (n, d) unit rows or (n, 0) where there is no encoder.
    """

    #: Made of the fitted n-grams when they are first asked.
    _fitted: Optional[_Fitted] = None

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
        self._fitted = None
        self._by_ngrams.fit(self._ngrams.fit_transform(texts), labels)
        self._has_meaning = vectors.shape[1] > 0
        if self._has_meaning:
            self._by_meaning.fit(vectors, labels)
        self.labels = [str(label) for label in self._by_ngrams.classes_]

    def probabilities(self, texts: List[str], vectors: np.ndarray) -> np.ndarray:
        """(n, labels) chances of each label, rows sum to 1."""
        spelt = self._spelt(texts)
        if not self._has_meaning or vectors.shape[1] == 0:
            return spelt
        both = np.asarray((spelt * self._meant(vectors)) ** self._exponent)
        return np.asarray(both / both.sum(axis=1, keepdims=True))

    def __getstate__(self) -> Dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_fitted"}

    def _spelt(self, texts: List[str]) -> np.ndarray:
        """(n, labels): as ``_by_ngrams.predict_proba`` of what ``_ngrams`` makes of the texts."""
        if len(self.labels) < FEWEST:
            return np.asarray(self._by_ngrams.predict_proba(self._ngrams.transform(texts)))
        if self._fitted is None:
            vocabulary, model = self._ngrams.vocabulary_, self._by_ngrams
            # A row a gram: scikit-learn keeps the weights in this order, so this copies nothing.
            self._fitted = (self._ngrams.build_analyzer(), vocabulary, self._ngrams.idf_, model.coef_.T,
                            model.intercept_)
        analyse, vocabulary, idf, weights, intercepts = self._fitted
        odds = np.empty((len(texts), len(self.labels)))
        for row, text in enumerate(texts):
            counts = Counter(analyse(text))
            known = sorted((vocabulary[gram], times) for gram, times in counts.items() if gram in vocabulary)
            if not known:
                odds[row] = intercepts
                continue
            places = [place for place, _ in known]
            values = (np.log(np.array([times for _, times in known], dtype=np.float64)) + 1) * idf[places]
            odds[row] = (values / np.sqrt(values @ values)) @ weights[places] + intercepts
        chances = 1 / (1 + np.exp(-odds))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))

    def _meant(self, vectors: np.ndarray) -> np.ndarray:
        """(n, labels): as ``_by_meaning.predict_proba``."""
        model = self._by_meaning
        if len(self.labels) < FEWEST:
            return np.asarray(model.predict_proba(vectors))
        odds = vectors @ model.coef_.T + model.intercept_
        chances = np.exp(odds - odds.max(axis=1, keepdims=True))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))
