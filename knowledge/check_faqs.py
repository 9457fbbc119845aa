"""Does every FAQ win those who ask for it, and leave its neighbours' askers alone?

``must_win`` and ``must_not`` are held out of the index, so they stand for residents who will word it in their own way.
Whether they are there is an error (E040, E041, E045) and stops a snapshot; whether they are won takes the sentence
encoder seconds, so it is tried by ``check`` only and warned of (W106, W107).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Optional

import numpy as np
import numpy.typing as npt

from knowledge.assemble import Assembled
from knowledge.errors import Problem
from knowledge.faq import SURE, FaqIndex, FaqRecord
from knowledge.loader import Part, Parts, prints
from knowledge.regions import chain
from knowledge.schema import Faq
from knowledge.text import content_bare
from knowledge.yamlfile import Path_

LEAST_PARAPHRASES = 4
LEAST_TESTS = 2
#: Which record a phrase (in bare form) belongs to, by region.
_Phrases = dict[str, dict[str, str]]


def faq_problems(parts: Parts, joined: Assembled, index: Optional[FaqIndex],
                 only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """Too few phrases or tests, tests that copy a phrase, and (with ``index``) tests that fail.

    ``only``: of these files, and of the others in their regions what is quick.
    """
    by_region: dict[str, list[Part]] = {}
    for part in parts.of_kind("topic"):
        by_region.setdefault(part.record.region, []).append(part)
    digests = {region: prints(loaded) for region, loaded in by_region.items()}
    records: dict[str, list[FaqRecord]] = {}
    for record in joined.faqs:
        records.setdefault(record.region, []).append(record)
    if only is not None:
        by_region = {region: loaded for region, loaded in by_region.items()
                     if any(part.path in only for part in loaded)}
    needed = {code for region in by_region for code in chain(region)} & digests.keys()
    phrases = {region: parts.remembered(("phrases", region), key, partial(_phrases, records.get(region, ())))
               for region, key in digests.items() if region in needed}
    for region, loaded in by_region.items():
        # What is wrong in a region follows from its own files and from those that it inherits.
        key = tuple(digests.get(code) for code in chain(region))
        yield from parts.remembered(("faqs", region), key,
                                    lambda loaded=loaded, region=region: tuple(  # type: ignore[misc]
                                        _of_region(loaded, records.get(region, ()), phrases)))
    if index is not None:
        for region, loaded in by_region.items():
            tried = loaded if only is None else [part for part in loaded if part.path in only]
            yield from _trials(tried, records.get(region, ()), index)


def _of_region(loaded: Sequence[Part], records: Sequence[FaqRecord], phrases: _Phrases) -> Iterator[Problem]:
    for part, number, record in _told(loaded, records):
        yield from _shape(part, number, record, phrases)


def _told(loaded: Sequence[Part], records: Sequence[FaqRecord]) -> Iterator[tuple[Part, int, FaqRecord]]:
    """Every FAQ of these files with its number and record; one whose id is there twice is an error of its own."""
    known = {record.key: record for record in records}
    for part in loaded:
        for number, faq in enumerate(part.record.faqs):
            record = known.get(f"{part.record.region}/{part.record.topic}#{faq.id}")
            if record is not None and record.faq == faq:
                yield part, number, record


def _trials(loaded: Sequence[Part], records: Sequence[FaqRecord], index: FaqIndex) -> Iterator[Problem]:
    by_part: dict[Path, list[tuple[Part, FaqRecord, str, Path_]]] = {}
    for part, number, record in _told(loaded, records):
        by_part.setdefault(part.path, []).extend(
            (part, record, text, ("faqs", number, key, place))
            for key in ("must_win", "must_not") for place, text in enumerate(getattr(record.faq, key)))
    for tried in by_part.values():
        if tried:
            scores = index.all_scores([text for _, _, text, _ in tried], tried[0][1].region)
            for row, (part, record, text, at) in enumerate(tried):
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


def _phrases(records: Sequence[FaqRecord]) -> dict[str, str]:
    return {text: record.key for record in records for text in _own(record.faq)}


def _own(faq: Faq) -> set[str]:
    return {content_bare(text) for text in (faq.question, *faq.paraphrases)}
