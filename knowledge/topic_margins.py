"""How far a text lies on each topic's side of the line between its phrases and all others.

Counting (``topic_words``) takes every gram for itself; a linear model learnt from all phrases at once knows which of
them tell topics apart. It is learnt with the bot's model (``bot.nlu.topic_learner``), so it does not know what was
edited since: ``knowledge.topic_rank`` leaves it out where such a topic or phrase is concerned. What is kept of it are
numbers and grams; reading it runs nothing.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.text import bare
from knowledge.topic_words import sounding, spelt

Floats = npt.NDArray[np.float32]
#: A text of so many known grams (some 20 characters) speaks with its full weight; 我要租房 says less.
FULL = 80
#: What marks a sound among the grams.
SOUND = "~"


def grams(text: str) -> list[str]:
    """The characters and pairs of a text in normal form, and their sounds, each once."""
    plain = bare(text) or "空"
    return [*spelt(plain), *(f"{sound}{SOUND}" for sound in sounding(plain))]


def digests(topics: Iterable[str], texts: Iterable[str]) -> npt.NDArray[np.uint32]:
    """A number for each phrase (normal form) of a topic, to tell known ones from new ones; by chance two share one."""
    return np.array([zlib.crc32(f"{topic}\0{text}".encode()) for topic, text in zip(topics, texts, strict=True)],
                    dtype=np.uint32)


class TopicMargins:
    """What was learnt: ``weights`` (grams, topics), ``idf`` a gram, ``at_rest`` a topic, ``phrases`` (digests, sorted).

    Raises:
        ValueError: where these do not fit together.
    """

    def __init__(self, topics: Sequence[str], grams_known: Sequence[str], *, idf: Floats, weights: Floats,
                 at_rest: Floats, phrases: npt.NDArray[np.uint32]) -> None:
        if weights.shape != (len(grams_known), len(topics)) or idf.shape != (len(grams_known),) \
                or at_rest.shape != (len(topics),):
            raise ValueError("the weights are not those of the grams and topics")
        self.topics = {topic: column for column, topic in enumerate(topics)}
        self._grams = {gram: row for row, gram in enumerate(grams_known)}
        self._idf, self._weights, self._at_rest, self._phrases = idf, weights, at_rest, phrases

    def of(self, text: str) -> Floats:
        """The margin of each topic for a text in normal form; positive on the topic's side."""
        rows = [row for gram in grams(text) if (row := self._grams.get(gram)) is not None]
        if not rows:
            return np.zeros_like(self._at_rest)
        values = self._idf[rows]
        found = (values / np.sqrt(values @ values)) @ self._weights[rows] + self._at_rest
        return np.asarray(found * np.float32(min(1.0, math.sqrt(len(rows) / FULL))))

    def has_learnt(self, topics: Iterable[str], texts: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Whether each phrase (normal form) of a topic was among those that were learnt from."""
        return np.isin(digests(topics, texts), self._phrases)

    def write(self, folder: Path, name: str) -> None:
        """Keep it as ``<name>.json`` and ``<name>.npz``."""
        words = {"topics": list(self.topics), "grams": list(self._grams)}
        (folder / f"{name}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        with (folder / f"{name}.npz").open("wb") as file:
            # Half the size in two bytes; the last digits change no margin by more than a hundredth.
            np.savez(file, idf=self._idf, weights=self._weights.astype(np.float16), at_rest=self._at_rest,
                     phrases=self._phrases)

    @classmethod
    def read(cls, folder: Path, name: str) -> TopicMargins:
        """What ``write`` kept.

        Raises:
            OSError, ValueError, KeyError: where it is not there or no such thing.
        """
        words = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as numbers:
            return cls([str(topic) for topic in words["topics"]], [str(gram) for gram in words["grams"]],
                       idf=numbers["idf"], weights=numbers["weights"].astype(np.float32), at_rest=numbers["at_rest"],
                       phrases=numbers["phrases"])
