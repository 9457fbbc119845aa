"""Two logistic regressions, on n-grams and on meaning, whose chances are multiplied.

They are fitted by scikit-learn. For one sentence its checks and sparse matrices cost ten times the sums themselves, so
the chances are reckoned here from the fitted weights. These are also all that is kept of them: numbers and n-grams, so
that reading a model runs nothing of what it holds.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


class Fitted(NamedTuple):
    """What was learnt. ``grams``: the row of each n-gram in ``weights`` (n-grams, columns); a column a label, but one
    for two labels. ``meant`` (d, columns) and ``meant_at_rest`` are those of the view on meaning; None without one."""

    labels: List[str]
    grams: Dict[str, int]
    idf: np.ndarray
    weights: np.ndarray
    at_rest: np.ndarray
    meant: Optional[np.ndarray]
    meant_at_rest: Optional[np.ndarray]


class TwoViews:
    """Fits both views and multiplies their chances.

    ``texts`` are sentences as ``ngrams`` takes them, ``vectors`` (n, d) unit rows or (n, 0) where there is no encoder.
    """

    def __init__(self, ngrams: TfidfVectorizer, *, ngram_strength: float, meaning_strength: float, steps: int,
                 exponent: float) -> None:
        """``steps``: the most the view on meaning may take to settle; ``exponent``: that of each view's chance."""
        self._ngrams = ngrams
        self._analyse = ngrams.build_analyzer()
        # The dual, not settled to the last digit: 3 seconds where the primal takes 80 and lbfgs longer still, and on
        # sentences held out it is the better one (right 83.3 instead of 82.2 %, log loss 0.78 instead of 0.86).
        self._by_ngrams = LogisticRegression(C=ngram_strength, solver="liblinear", dual=True, tol=1e-2,
                                             class_weight="balanced", random_state=0)
        self._by_meaning = LogisticRegression(C=meaning_strength, max_iter=steps, class_weight="balanced")
        self._exponent = exponent
        self._fitted: Optional[Fitted] = None

    @property
    def labels(self) -> List[str]:
        """What can be told apart; [] before anything was learnt."""
        return self._fitted.labels if self._fitted is not None else []

    def fit(self, texts: List[str], vectors: np.ndarray, labels: List[str]) -> None:
        """Learn from labelled sentences."""
        self._by_ngrams.fit(self._ngrams.fit_transform(texts), labels)
        has_meaning = vectors.shape[1] > 0
        if has_meaning:
            self._by_meaning.fit(vectors, labels)
        self._fitted = Fitted(
            labels=[str(label) for label in self._by_ngrams.classes_],
            grams={gram: int(row) for gram, row in self._ngrams.vocabulary_.items()},
            idf=self._ngrams.idf_,
            weights=np.ascontiguousarray(self._by_ngrams.coef_.T, dtype=np.float32),
            at_rest=self._by_ngrams.intercept_,
            meant=np.ascontiguousarray(self._by_meaning.coef_.T, dtype=np.float32) if has_meaning else None,
            meant_at_rest=self._by_meaning.intercept_ if has_meaning else None)

    def write(self, folder: Path, name: str) -> None:
        """Keep what was learnt as ``<name>.json`` and ``<name>.npz``."""
        assert self._fitted is not None
        known = self._fitted._asdict()
        numbers = {key: value for key, value in known.items() if isinstance(value, np.ndarray)}
        (folder / f"{name}.json").write_text(json.dumps(
            {"labels": known["labels"], "grams": sorted(known["grams"], key=known["grams"].__getitem__)},
            ensure_ascii=False), encoding="utf-8")
        with (folder / f"{name}.npz").open("wb") as file:
            np.savez(file, **numbers)

    def read(self, folder: Path, name: str) -> None:
        """Take what ``write`` kept.

        Raises:
            OSError, ValueError, KeyError: where it is not there or no such thing.
        """
        words = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as numbers:
            self._fitted = Fitted(
                labels=[str(label) for label in words["labels"]],
                grams={str(gram): row for row, gram in enumerate(words["grams"])},
                idf=numbers["idf"], weights=numbers["weights"], at_rest=numbers["at_rest"],
                meant=numbers.get("meant"), meant_at_rest=numbers.get("meant_at_rest"))
        if self._fitted.weights.shape[0] != len(self._fitted.grams):
            raise ValueError(f"{name}: the weights are not those of the n-grams")

    def probabilities(self, texts: List[str], vectors: np.ndarray) -> np.ndarray:
        """(n, labels) chances of each label, rows sum to 1."""
        assert self._fitted is not None
        spelt = self._spelt(texts, self._fitted)
        if self._fitted.meant is None or vectors.shape[1] == 0:
            return spelt
        both = np.asarray((spelt * self._meant(vectors, self._fitted)) ** self._exponent)
        return np.asarray(both / both.sum(axis=1, keepdims=True))

    def _spelt(self, texts: List[str], known: Fitted) -> np.ndarray:
        """(n, labels): as ``_by_ngrams.predict_proba`` of what ``_ngrams`` makes of the texts."""
        odds = np.empty((len(texts), len(known.at_rest)))
        for row, text in enumerate(texts):
            counts = Counter(self._analyse(text))
            places = [place for gram in counts if (place := known.grams.get(gram)) is not None]
            if not places:
                odds[row] = known.at_rest
                continue
            times = [often for gram, often in counts.items() if gram in known.grams]
            values = (np.log(np.array(times, dtype=np.float64)) + 1) * known.idf[places]
            odds[row] = (values / np.sqrt(values @ values)).astype(np.float32) @ known.weights[places] + known.at_rest
        chances = 1 / (1 + np.exp(-odds))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True)) if odds.shape[1] > 1 else _of_two(chances)

    def _meant(self, vectors: np.ndarray, known: Fitted) -> np.ndarray:
        """(n, labels): as ``_by_meaning.predict_proba``."""
        assert known.meant is not None
        odds = np.asarray(vectors, dtype=np.float32) @ known.meant + known.meant_at_rest
        if odds.shape[1] == 1:
            return _of_two(1 / (1 + np.exp(-odds)))
        chances = np.exp(odds - odds.max(axis=1, keepdims=True))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _of_two(second: np.ndarray) -> np.ndarray:
    """(n, 2) from the chances (n, 1) of the second of two labels."""
    return np.hstack([1 - second, second])
