"""How likely each topic is what a sentence is about: names, wording, meaning and what was told, weighed together.

A topic's chance is the softmax over all topics of a weighted sum of its evidence. The weights were fitted on the tuning
sentences (``python -m benchmarks.understanding --fit``), so that a chance of 0.8 is right in about four of five cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from knowledge.faq import FaqIndex, Floats, TopicEvidence

#: Weights of the evidence, in the order of ``features``: where nothing was learnt of a topic …
FEATURES = ("nearest", "near", "spelt", "sounding", "named", "pointed")
WEIGHTS = np.array([5.99, 13.4, 0.528, 0.345, 2.46, 0.911])
#: … and with what was learnt (``knowledge.topic_margins``).
LEARNT = (*FEATURES, "side")
LEARNT_WEIGHTS = np.array([5.29, 9.02, 0.372, 0.143, 1.31, 1.05, 2.84])


class TopicChance(NamedTuple):
    """A topic, its chance (all add up to 1), the score of its nearest phrase (0 to 1) and where that stands."""

    topic: str
    chance: float
    score: float
    phrase: int


def features(evidence: Sequence[TopicEvidence], named: Mapping[str, float],
             pointed: Mapping[str, int]) -> npt.NDArray[np.float64]:
    """One row a topic, one column each of ``LEARNT``; "side" is 0 where it is not known.

    ``named``: how sure each named topic's mention is (0 to 1); ``pointed``: how many told facts point at a topic.
    """
    return np.array([[item.nearest, item.near, item.spelt, item.sounding, named.get(item.topic, 0.0),
                      pointed.get(item.topic, 0), item.side or 0.0] for item in evidence],
                    dtype=np.float64).reshape(-1, len(LEARNT))


def rank(index: FaqIndex, text: str, scores: Floats, *, region: str, named: Mapping[str, float],
         pointed: Mapping[str, int]) -> list[TopicChance]:
    """The topics known in ``region``, likeliest first, for ``text`` (normal form) with its phrase ``scores``."""
    evidence = index.topic_evidence(text, scores, region=region)
    if not evidence:
        return []
    table = features(evidence, named, pointed)
    shares = _softmax(table[:, :len(FEATURES)] @ WEIGHTS)
    learnt = np.array([item.side is not None for item in evidence])
    if learnt.any():
        # Of what is newer than the model only the counting knows, and it says how much goes to that and to the rest.
        shares[learnt] = shares[learnt].sum() * _softmax(table[learnt] @ LEARNT_WEIGHTS)
    order = np.argsort(-shares, kind="stable").tolist()
    chances = shares.tolist()
    return [TopicChance(evidence[at].topic, chances[at], evidence[at].nearest, evidence[at].phrase) for at in order]


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())
