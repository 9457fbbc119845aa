"""One immutable snapshot of everything known, and the holder that swaps it.

``build`` makes a Snapshot from a content folder or raises ContentError with every problem;
``KnowledgeBase.reload`` swaps in a new one only if it is sound: the old one serves on otherwise.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Optional

from knowledge import assemble
from knowledge.check import serving_problems
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.facts import FactCatalogue
from knowledge.encoder import CachedEncoder, Encoder, NoEncoder, shared_encoder
from knowledge.errors import ContentError, Problem, problem
from knowledge.faq import FaqIndex, FaqRecord, Phrase
from knowledge.findings import findings
from knowledge.life_events import LifeEvents
from knowledge.loader import Parts, load_parts
from knowledge.part_cache import PartCache
from knowledge.places import Gazetteer
from knowledge.regions import NATIONWIDE, chain
from knowledge.schema import (
    Card,
    Conflict,
    EmergencyKind,
    Hotline,
    Household,
    Limit,
    Region,
    SiteCategory,
    Source,
    Topic,
)
from knowledge.sites import SiteIndex
from knowledge.topic_margins import TopicMargins
from knowledge.topics import TopicFinder

logger = logging.getLogger(__name__)
CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True)
class CardRecord:
    """A service card in its place; ``key`` is ``<region>/<topic>``."""

    key: str
    region: str
    topic: str
    card: Card


@dataclass(frozen=True)
class Snapshot:
    """All knowledge at one moment. Never changes; shared by all conversations."""

    version: str
    topics: Mapping[str, Topic]
    fields: Mapping[str, str]
    catalogue: FactCatalogue
    regions: Mapping[str, Region]
    hotlines: Mapping[str, Hotline]
    emergencies: tuple[EmergencyKind, ...]
    all_clear: tuple[str, ...]
    limits: tuple[Limit, ...]
    texts: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]
    cards: Mapping[tuple[str, str], CardRecord]
    #: By ``<region>/<topic>#<id>``.
    conflicts: Mapping[str, Conflict]
    faqs: tuple[FaqRecord, ...]
    policies: Mapping[str, PolicyRules]
    #: The test households by policy.
    households: Mapping[str, tuple[Household, ...]]
    categories: Mapping[str, SiteCategory]
    gazetteer: Gazetteer
    sites: SiteIndex
    topic_finder: TopicFinder
    index: FaqIndex
    life_events: LifeEvents = field(default_factory=LifeEvents)
    warnings: tuple[Problem, ...] = ()
    parts: Optional[Parts] = field(default=None, repr=False, compare=False)

    def card(self, topic: str, region: str) -> Optional[CardRecord]:
        """The most local card for ``topic``."""
        for code in chain(region):
            found = self.cards.get((code, topic))
            if found is not None:
                return found
        return None

    def conflicts_of(self, region: str, topic: str) -> list[Conflict]:
        """What sources disagree about, as this region's file of the topic tells it."""
        return self._conflicts_by_topic.get(f"{region}/{topic}", [])

    @cached_property
    def _conflicts_by_topic(self) -> dict[str, list[Conflict]]:
        found: dict[str, list[Conflict]] = {}
        for key, item in self.conflicts.items():
            found.setdefault(key.split("#")[0], []).append(item)
        return found

    def policies_for(self, topic: str, region: str) -> list[PolicyRules]:
        """The policies of ``topic`` that hold in ``region``: a local rule replaces its namesake further up.

        The one whose id has no suffix comes first.
        """
        codes = tuple(code for code in chain(region) if code in self._regions_of_policies)
        known = self._policies_found.get((topic, codes))
        if known is None:
            found: dict[str, PolicyRules] = {}
            for code in codes:
                for key, rules in self._policies_by_topic.get((code, topic), ()):
                    found.setdefault(key.split("/", 1)[1], rules)
            known = self._policies_found[topic, codes] = [
                found[name] for name in sorted(found, key=lambda name: (name != topic, name))]
        return list(known)

    @cached_property
    def _policies_found(self) -> dict[tuple[str, tuple[str, ...]], list[PolicyRules]]:
        """What ``policies_for`` found, by topic and regions: a turn asks dozens of times."""
        return {}

    @cached_property
    def _regions_of_policies(self) -> frozenset[str]:
        return frozenset(rules.policy.region for rules in self.policies.values())

    @cached_property
    def _policies_by_topic(self) -> dict[tuple[str, str], list[tuple[str, PolicyRules]]]:
        """(id, rules) by (region, topic)."""
        found: dict[tuple[str, str], list[tuple[str, PolicyRules]]] = {}
        for key, rules in self.policies.items():
            found.setdefault((rules.policy.region, rules.policy.topic), []).append((key, rules))
        return found

    def all_policies(self, region: str) -> list[PolicyRules]:
        """Every policy that holds in ``region``."""
        return [rules for topic in self.topics for rules in self.policies_for(topic, region)]

    def region_name(self, region: str) -> str:
        """How the region is called in a sentence."""
        for code in chain(region):
            if code in self.regions:
                return self.regions[code].short
        return "本地"

    def source_list(self, ids: tuple[str, ...]) -> list[Source]:
        """The sources of a record, in its order."""
        return [self.sources[name] for name in ids]

    def knows(self, region: str) -> bool:
        """Whether anything more local than nationwide is known for ``region``."""
        return any(code in self.regions for code in chain(region) if code != NATIONWIDE)

    def warm(self, region: str) -> None:
        """Make ready what the first question of ``region`` needs."""
        self.index.warm(region)
        self.gazetteer.warm(region)

    def text(self, key: str, number: int = 0, /, **values: object) -> str:
        """A sentence of ``texts/``; of several wordings the ``number``-th (counted round)."""
        wordings = self.texts[key]
        return wordings[number % len(wordings)].format(**values)


def build(root: Path = CONTENT, *, previous: Optional[Snapshot] = None, cache: Optional[Path] = None,
          meaning: bool = True, samples: bool = True, keep_questions: bool = False) -> Snapshot:
    """A new snapshot of the folder; raises ContentError naming file, line and reason of everything wrong.

    Whatever ``bot check`` calls an error is one here: a missing folder or kind of content, a household that the
    policy contradicts, an FAQ without tests.

    ``meaning=False`` leaves the sentence vectors out (checks and unit tests that need none); ``samples=False`` all
    sites of trust ``sample``. ``keep_questions``: what is asked is content too, and its vectors may be kept on disk.
    """
    parts = load_parts(root, previous.parts if previous is not None else None,
                       PartCache(cache) if cache is not None else None)
    assembled = assemble.assemble(parts)
    found = findings(parts, serving_problems(parts, assembled))
    if found.errors:
        raise ContentError(found.errors)
    residents: Encoder = shared_encoder() if meaning else NoEncoder()
    content = CachedEncoder(residents, cache) if cache is not None else residents
    return Snapshot(
        version=parts.version,
        topics=assembled.topics,
        fields=assembled.fields,
        catalogue=assembled.catalogue,
        regions=assembled.regions,
        hotlines=assembled.hotlines,
        emergencies=assembled.emergencies,
        all_clear=assembled.all_clear,
        limits=assembled.limits,
        texts=assembled.texts,
        sources=assembled.sources,
        cards={key: CardRecord(f"{key[0]}/{key[1]}", key[0], key[1], card) for key, card in assembled.cards.items()},
        conflicts=assembled.conflicts,
        faqs=assembled.faqs,
        policies=assembled.policies,
        households={name: file.households for name, (file, _) in assembled.households.items()},
        categories=assembled.categories,
        gazetteer=_same(previous, parts, "places", "gazetteer") or Gazetteer(assembled.places),
        sites=_same(previous, parts, "sites", "sites")
        or SiteIndex.of_tables(assembled.site_tables, assembled.categories.values(), areas=assembled.places,
                               samples=samples, before=previous.sites if previous is not None else None),
        topic_finder=parts.remembered("topic finder", assembled.aliases, lambda: TopicFinder(assembled.aliases)),
        index=FaqIndex(assembled.faqs, extra_phrases(assembled), content=content,
                       residents=content if keep_questions else residents,
                       before=previous.index if previous is not None else None),
        life_events=assembled.life_events,
        warnings=found.warnings,
        parts=parts,
    )


def _same(previous: Optional[Snapshot], parts: Parts, kind: str, attribute: str) -> Optional[Any]:
    """What ``previous`` built from the same files of ``kind``, so that an FAQ edit rebuilds no map."""
    if previous is None or previous.parts is None:
        return None
    kinds = {"sites", "categories", "places"} if kind == "sites" else {kind}

    def digests(of: Parts) -> dict[Path, str]:
        return {part.path: part.digest for kind in kinds for part in of.of_kind(kind)}

    return getattr(previous, attribute) if digests(parts) == digests(previous.parts) else None


def extra_phrases(assembled: assemble.Assembled) -> list[Phrase]:
    """Phrases of the index that lead to a topic only: its name and needs, and its cards' names."""
    phrases = [Phrase(text, topic.slug, NATIONWIDE)
               for topic in assembled.topics.values() for text in (topic.name, *topic.needs)]
    phrases += [Phrase(card.name or card.summary, topic, region) for (region, topic), card in assembled.cards.items()]
    return phrases


@contextmanager
def _no_collection() -> Iterator[None]:
    """Building makes many objects and no garbage in circles: looking for it again and again takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class KnowledgeBase:
    """Holds the snapshot that serves. Reading ``snapshot`` is always safe; only ``reload`` replaces it."""

    def __init__(self, root: Path = CONTENT, *, cache: Optional[Path] = None, meaning: bool = True,
                 samples: bool = True) -> None:
        self.root = root
        self._options: dict[str, Any] = {"cache": cache, "meaning": meaning, "samples": samples}
        self._lock = threading.Lock()
        with _no_collection():
            self.snapshot = build(root, **self._options)
        self._margins: Optional[TopicMargins] = None
        self._aside = threading.local()
        #: Why the last edit was refused; empty while the content on disk is what serves.
        self.refused: tuple[Problem, ...] = ()

    def learn(self, margins: Optional[TopicMargins]) -> None:
        """Choose topics with what the bot's model has learnt (None: nothing), now and after every edit."""
        aside: Optional[list[Optional[TopicMargins]]] = getattr(self._aside, "learnt", None)
        if aside is not None:
            aside.append(margins)
            return
        with self._lock:
            self._margins = margins
            self.snapshot.index.use(margins)

    @contextmanager
    def learning_aside(self) -> Iterator[list[Optional[TopicMargins]]]:
        """What this thread learns within serves nobody and goes into the list: of a model that is only tried."""
        learnt: list[Optional[TopicMargins]] = []
        self._aside.learnt = learnt
        try:
            yield learnt
        finally:
            self._aside.learnt = None

    def reload(self) -> bool:
        """Read the folder again; True if a new snapshot serves. A bad one is refused whole and logged."""
        with self._lock, _no_collection():
            try:
                fresh = build(self.root, previous=self.snapshot, **self._options)
            except ContentError as error:
                self.refused = tuple(error.problems)
                for item in error.problems[:20]:
                    logger.error("content refused: %s", item)
                return False
            except Exception as error:  # whatever is wrong with an edit, the old snapshot serves on
                logger.exception("content refused")
                self.refused = (problem("E099", self.root, detail=type(error).__name__),)
                return False
            self.refused = ()
            if fresh.version == self.snapshot.version:
                return False
            fresh.index.use(self._margins)
            fresh.index.warm_as(self.snapshot.index)  # here nobody waits for it
            self.snapshot = fresh
            logger.info("knowledge base %s serves", fresh.version)
            return True
