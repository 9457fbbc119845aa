"""Does every FAQ win those who ask for it, and leave its neighbours' askers alone?

``must_win`` and ``must_not`` are held out of the index, so they stand for residents who will word it in their own way.
Whether they are there is an error (E040, E041, E045) and stops a snapshot; whether they are won takes the sentence
encoder seconds, so it is tried by ``check`` only and warned of (W106, W107).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import numpy as np
import numpy.typing as npt

from knowledge.assemble import Assembled
from knowledge.errors import Problem
from knowledge.faq import SURE, FaqIndex, FaqRecord
from knowledge.loader import Part, Parts
from knowledge.regions import chain
from knowledge.schema import Faq
from knowledge.text import content_bare
from knowledge.yamlfile import Path_

LEAST_PARAPHRASES = 4
LEAST_TESTS = 2
#: Which record a phrase (in bare form) belongs to, by region.
_Phrases = dict[str, dict[str, str]]


def faq_problems(parts: Parts, joined: Assembled, index: Optional[FaqIndex]) -> Iterator[Problem]:
    """Too few phrases or tests, tests that copy a phrase, and (with ``index``) tests that fail."""
    phrases = _phrases(joined)
    records = {record.key: record for record in joined.faqs}
    for part in parts.of_kind("topic"):
        tried: list[tuple[FaqRecord, str, Path_]] = []
        for number, faq in enumerate(part.record.faqs):
            record = records.get(f"{part.record.region}/{part.record.topic}#{faq.id}")
            if record is None or record.faq != faq:
                continue  # its id is there twice, which is an error of its own
            yield from _shape(part, number, record, phrases)
            tried += [(record, text, ("faqs", number, key, place))
                      for key in ("must_win", "must_not") for place, text in enumerate(getattr(faq, key))]
        if index is not None and tried:
            scores = index.all_scores([text for _, text, _ in tried])
            for row, (record, text, at) in enumerate(tried):
                yield from _trial(part, at, record, text, index, scores[row])


def _shape(part: Part, number: int, record: FaqRecord, phrases: _Phrases) -> Iterator[Problem]:
    faq, at = record.faq, ("faqs", number)
    ways = {content_bare(text) for text in faq.paraphrases} - {content_bare(faq.question)}
    if len(ways) < LEAST_PARAPHRASES:
        yield part.problem("E040", (*at, "paraphrases"), name=faq.id, count=len(ways), least=LEAST_PARAPHRASES)
    for key in ("must_win", "must_not"):
        if len({content_bare(text) for text in getattr(faq, key)}) < LEAST_TESTS:
            yield part.problem("E041", (*at, key), name=faq.id, key=key)
    for place, text in enumerate(faq.must_win):
        if any(content_bare(text) in phrases.get(code, {}) for code in chain(record.region)):
            yield part.problem("E045", (*at, "must_win", place), text=text)
    own = _own(faq)
    for place, text in enumerate(faq.must_not):
        # A neighbour's own question is a fair test here: it is known who has to answer it.
        if content_bare(text) in own:
            yield part.problem("E045", (*at, "must_not", place), text=text)


def _trial(part: Part, at: Path_, record: FaqRecord, text: str, index: FaqIndex,
           scores: npt.NDArray[np.float32]) -> Iterator[Problem]:
    if at[2] == "must_win":
        hits = index.faqs(scores, region=record.region, topics=[record.topic], limit=1)
        if not hits or hits[0].record.key != record.key:
            other = hits[0].record.key if hits else "（没有）"
            yield part.problem("W106", at, name=record.key, other=other, text=text)
        return
    hits = index.faqs(scores, region=record.region, limit=1)
    if hits and hits[0].record.key == record.key and hits[0].score >= SURE:
        yield part.problem("W107", at, name=record.key, text=text)


def _phrases(joined: Assembled) -> _Phrases:
    found: _Phrases = {}
    for record in joined.faqs:
        found.setdefault(record.region, {}).update({text: record.key for text in _own(record.faq)})
    return found


def _own(faq: Faq) -> set[str]:
    return {content_bare(text) for text in (faq.question, *faq.paraphrases)}
