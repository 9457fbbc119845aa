"""Do two FAQs wait for the same askers, and do two names lead to the same ear?

Both need time or the sentence encoder, so ``check`` warns of them and an edit does not wait for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Optional

from knowledge.assemble import Assembled
from knowledge.errors import Problem
from knowledge.faq import FaqIndex, FaqRecord, Phrase
from knowledge.loader import Part, Parts
from knowledge.regions import chain
from knowledge.sounds import sounds
from knowledge.text import content_bare, content_form
from knowledge.topics import TopicFinder
from knowledge.yamlfile import Path_

#: Two sentences as alike as this are one question to a resident.
ALIKE = 0.9


def overlap_problems(parts: Parts, joined: Assembled, index: FaqIndex,
                     only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """FAQs that compete in one region and have nearly the same phrase (W115), or the very same one (W116).

    ``only``: those of which one is in these files.
    """
    mine_only = None if only is None else {
        f"{part.record.region}/{part.record.topic}" for part in parts.of_kind("topic") if part.path in only}
    where = _places(parts)
    known = {(record.region, record.topic, record.faq.id) for record in joined.faqs}
    finder = TopicFinder(joined.aliases)
    told: set[tuple[str, str]] = set()
    for one, other, _ in index.pairs(ALIKE, mine_only):
        first, second = index.phrases[one], index.phrases[other]
        mine, theirs = _record(first, index), _record(second, index)
        if not _compete(mine, theirs, known) or _name_two_services(first, second, finder):
            continue
        same = content_bare(first.text) == content_bare(second.text)
        key = (min(mine.key, theirs.key), max(mine.key, theirs.key))
        if key in told and not same:
            continue
        told.add(key)
        # The more local of the two is the one to change: the other serves more people. Else it is the later one.
        if len(chain(mine.region)) <= len(chain(theirs.region)):
            mine, theirs, first, second = theirs, mine, second, first
        part, at = where[mine.key, first.text]
        yield part.problem("W116" if same else "W115", at, text=first.text, other=theirs.key, theirs=second.text)


def alias_problems(parts: Parts, only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """Aliases that are there twice in their topic (W119), or that sound like another topic's (W120).

    ``only``: of these files.
    """
    listed: list[tuple[str, str, Part, Path_]] = []
    for part in parts.of_kind("topics"):
        for index, topic in enumerate(part.record.topics):
            listed += [(topic.slug, alias, part, ("topics", index, "aliases", number))
                       for number, alias in enumerate(topic.aliases)]
    for part in parts.of_kind("topic"):
        listed += [(part.record.topic, alias, part, ("aliases", number))
                   for number, alias in enumerate(part.record.aliases)]
    by_topic: dict[str, list[str]] = {}
    seen: dict[tuple[str, str], str] = {}
    for topic, alias, part, at in listed:
        by_topic.setdefault(topic, []).append(alias)
        plain = content_form(alias)
        if (topic, plain) in seen:
            yield part.problem("W119", at, name=alias, other=seen[topic, plain])
        seen.setdefault((topic, plain), alias)
    finder, heard = TopicFinder(by_topic), defaultdict(set)
    for topic, alias, _, _ in listed:
        heard[sounds(content_form(alias))].add(topic)
    for topic, alias, part, at in listed:
        if only is not None and part.path not in only:
            continue
        plain = content_form(alias)
        others = ({item.topic for item in finder.find(plain)} | heard[sounds(plain)]) - {topic}
        if others:
            yield part.problem("W120", at, name=alias, other="、".join(sorted(others)))


def _places(parts: Parts) -> dict[tuple[str, str], tuple[Part, Path_]]:
    """Where each phrase of each FAQ stands."""
    found: dict[tuple[str, str], tuple[Part, Path_]] = {}
    for part in parts.of_kind("topic"):
        for number, faq in enumerate(part.record.faqs):
            key = f"{part.record.region}/{part.record.topic}#{faq.id}"
            found[key, faq.question] = (part, ("faqs", number, "question"))
            for place, text in enumerate(faq.paraphrases):
                found.setdefault((key, text), (part, ("faqs", number, "paraphrases", place)))
    return found


def _record(phrase: Phrase, index: FaqIndex) -> FaqRecord:
    assert phrase.faq is not None
    return index.records[phrase.faq]


def _compete(one: FaqRecord, other: FaqRecord, known: set[tuple[str, str, str]]) -> bool:
    """Whether a resident of some region could be given either; ``known``: (region, topic, id) of all."""
    if one.region in chain(other.region):
        upper, local = one, other
    elif other.region in chain(one.region):
        upper, local = other, one
    else:
        return False
    return local.region == upper.region or (local.region, upper.topic, upper.faq.id) not in known


def _name_two_services(one: Phrase, other: Phrase, finder: TopicFinder) -> bool:
    """公租房租金多少 and 保租房租金多少 are alike but for the name, and that is heard."""
    if one.topic == other.topic:
        return False
    first, second = ({item.topic for item in finder.find(content_form(phrase.text))} for phrase in (one, other))
    return one.topic in first and other.topic in second and one.topic not in second and other.topic not in first
