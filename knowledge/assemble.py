"""Puts the loaded records together and checks that every name they use exists.

Everything here is about relations between records; what a single record may say is in ``schema`` and the
deeper reading (do FAQs win their askers, do households cover each condition) is in ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Optional

from knowledge import blanks
from knowledge.eligibility.arithmetic import ArithmeticSyntaxError
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.facts import FactCatalogue, FactError
from knowledge.errors import Problem, problem
from knowledge.faq import FaqRecord
from knowledge.life_events import LifeEvents
from knowledge.loader import Part, Parts, prints
from knowledge.patterns import fault_of
from knowledge.records import suggestion
from knowledge.region_files import WHO, check_braces, check_sources, known, policy_block, topic_block
from knowledge.regions import NATIONWIDE, chain
from knowledge.schema import (
    Card,
    Conflict,
    Derived,
    EmergencyKind,
    Fact,
    Hotline,
    HouseholdsFile,
    Limit,
    Place,
    Region,
    Site,
    SiteCategory,
    Source,
    Topic,
    real_date,
)
from knowledge.text import content_form, normalise
from knowledge.texts_needed import TEXTS
from knowledge.yamlfile import Path_

#: What the answer contract calls a fact.
_FACT_SLUG = re.compile(r"[a-z]+\.[a-z_]+")
#: The 13 fields of the contract.
FIELDS = {
    "childbirth": "生育服务", "childcare": "幼有所育", "education": "学有所教", "employment": "劳有所得",
    "health": "病有所医", "elderly": "老有所养", "housing": "住有所居", "assistance": "弱有所扶",
    "veterans": "优军优抚", "culture": "文化体育", "environment": "环境与绿地", "community": "社区与便民",
    "government": "政务与法律",
}


@dataclass
class Assembled:
    """All records by their names, and what is wrong between them."""

    problems: list[Problem] = field(default_factory=list)
    patterns_of: Optional[Collection[Path]] = None
    topics: dict[str, Topic] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=lambda: dict(FIELDS))
    aliases: dict[str, list[str]] = field(default_factory=dict)
    catalogue: FactCatalogue = field(default_factory=lambda: FactCatalogue(()))
    facts_digest: str = ""
    regions: dict[str, Region] = field(default_factory=dict)
    hotlines: dict[str, Hotline] = field(default_factory=dict)
    emergencies: tuple[EmergencyKind, ...] = ()
    all_clear: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    life_events: LifeEvents = field(default_factory=LifeEvents)
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    cards: dict[tuple[str, str], Card] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    faqs: tuple[FaqRecord, ...] = ()
    policies: dict[str, PolicyRules] = field(default_factory=dict)
    households: dict[str, tuple[HouseholdsFile, Part]] = field(default_factory=dict)
    policy_parts: dict[str, Part] = field(default_factory=dict)
    categories: dict[str, SiteCategory] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    #: One tuple a table, the very one that was loaded.
    site_tables: list[tuple[Site, ...]] = field(default_factory=list)
    source_regions: dict[str, str] = field(default_factory=dict)

    @property
    def sites(self) -> list[Site]:
        """The sites of all tables."""
        return [site for table in self.site_tables for site in table]

    def report(self, code: str, part: Part, at: Path_ = (), **details: object) -> None:
        self.problems.append(part.problem(code, at, **details))


def assemble(parts: Parts, only: Optional[Collection[Path]] = None) -> Assembled:
    """Join all loaded parts; problems are collected, never raised. ``only``: patterns are tried in these files."""
    done = Assembled(patterns_of=only)
    _catalogue(done, parts)
    _texts(done, parts)
    _sources(done, parts)
    _topic_files(done, parts)
    _policies(done, parts)
    _life_events(done, parts)
    _tables(done, parts)
    _aliases(done, parts)
    return done


def _catalogue(done: Assembled, parts: Parts) -> None:
    for part in parts.of_kind("regions"):
        for index, region in enumerate(part.record.regions):
            if region.code in done.regions:
                done.report("E024", part, ("regions", index, "code"), name=region.code, other="同一个文件")
            done.regions[region.code] = region
    for part in parts.of_kind("topics"):
        for index, topic in enumerate(part.record.topics):
            if topic.slug in done.topics:
                done.report("E024", part, ("topics", index, "slug"), name=topic.slug, other="别的 topics 文件")
            if topic.field not in FIELDS:
                done.report("E012", part, ("topics", index, "field"), detail=f"没有“{topic.field}”这个领域")
            done.topics[topic.slug] = topic
    for part in parts.of_kind("topics"):
        for index, topic in enumerate(part.record.topics):
            for other in topic.confusable:
                known(done, "E020", part, ("topics", index, "confusable"), other, done.topics)
    _fact_files(done, parts.of_kind("facts"))
    for part in parts.of_kind("emergencies"):
        done.emergencies = (*done.emergencies, *part.record.emergencies)
        done.all_clear = (*done.all_clear, *part.record.all_clear)
        _check_patterns(done, part, ("all_clear",), part.record.all_clear)
        for index, kind in enumerate(part.record.emergencies):
            for key in ("patterns", "unless"):
                _check_patterns(done, part, ("emergencies", index, key), getattr(kind, key))
    for part in parts.of_kind("limits"):
        done.limits = (*done.limits, *part.record.limits)
        for index, limit in enumerate(part.record.limits):
            for key in ("patterns", "unless"):
                _check_patterns(done, part, ("limits", index, key), getattr(limit, key))
    for part in parts.of_kind("categories"):
        done.categories.update({category.slug: category for category in part.record.categories})


def _texts(done: Assembled, parts: Parts) -> None:
    """The sentences: all that the code says are there, and have no blank that it does not fill in."""
    loaded = parts.of_kind("texts")
    for part in loaded:
        for key, text in part.record.texts.items():
            if key in done.texts:
                done.report("E024", part, ("texts", key), name=key, other="别的 texts 文件")
            done.texts[key] = (text,) if isinstance(text, str) else text
            for wording in done.texts[key]:
                check_braces(done, part, ("texts", key), key, wording, TEXTS.get(key, tuple(blanks.names(wording))))
    for part in loaded:
        for key in part.record.texts:
            if key not in TEXTS:
                done.report("W105", part, ("texts", key), key=key, hint=suggestion(key, set(TEXTS) - set(done.texts)))
    for key in TEXTS:
        if key not in done.texts and loaded:
            hint = suggestion(key, set(done.texts) - set(TEXTS))
            done.report("E080", loaded[0], ("texts",), key=key, hint=hint, blanks=blanks.listed(TEXTS[key]))


def _fact_files(done: Assembled, loaded: list[Part]) -> None:
    """All facts in one catalogue, whichever file they are in."""
    done.facts_digest = " ".join(part.digest for part in loaded)
    facts: list[Fact] = []
    derived: list[Derived] = []
    for part in loaded:
        facts += part.record.facts
        for item in part.record.derived:
            try:
                FactCatalogue((), (item,))
                derived.append(item)
            except ArithmeticSyntaxError as error:
                done.report("E030", part, ("derived",), detail=str(error))
    done.catalogue = FactCatalogue(facts, derived)
    seen: dict[str, str] = {}
    for part in loaded:
        _facts(done, part, seen)


def _facts(done: Assembled, part: Part, seen: dict[str, str]) -> None:
    """What the facts say of each other, and whether their questions can be filled in."""
    for index, fact in enumerate(part.record.facts):
        at: Path_ = ("facts", index)
        if fact.slug in seen:
            other = "同一个文件" if seen[fact.slug] == part.path.name else seen[fact.slug]
            done.report("E024", part, (*at, "slug"), name=fact.slug, other=other)
        seen.setdefault(fact.slug, part.path.name)
        if not _FACT_SLUG.fullmatch(fact.slug):
            done.report("E012", part, (*at, "slug"),
                        detail=f"“{fact.slug}”要写成 person.age 这样：小写英文字母和下划线，中间一个点")
        for key, allowed in (("question", WHO), ("easier", WHO), ("why", ())):
            check_braces(done, part, (*at, key), fact.slug, getattr(fact, key), allowed)
        for number, rule in enumerate(fact.implies):
            for slug, value in rule.then.items():
                _fact_value(done, part, (*at, "implies", number), slug, value)
        for number, option in enumerate(fact.options):
            if isinstance(fact.values, tuple) and option.value not in fact.values:
                done.report("E012", part, (*at, "options", number), detail=f"values 里没有“{option.value}”")
    for index, derived in enumerate(part.record.derived):
        for slug in done.catalogue.base_facts(derived.slug):
            known(done, "E026", part, ("derived", index), slug, done.catalogue.facts)


def _fact_value(done: Assembled, part: Part, at: Path_, slug: str, value: object) -> None:
    if slug not in done.catalogue.facts:
        known(done, "E026", part, at, slug, done.catalogue.facts)
        return
    try:
        done.catalogue.read_value(slug, value)
    except FactError as error:
        done.report("E012", part, at, detail=str(error))


def _tried(done: Assembled, part: Part) -> bool:
    """Whether patterns of this file are tried."""
    return done.patterns_of is None or part.path in done.patterns_of


def _check_patterns(done: Assembled, part: Part, at: Path_, patterns: tuple[str, ...]) -> None:
    if not _tried(done, part):
        return
    for number, pattern in enumerate(patterns):
        wrong = fault_of(pattern)
        if wrong is not None:
            done.report(wrong.code, part, (*at, number), **wrong.details)


def _sources(done: Assembled, parts: Parts) -> None:
    for part in parts.of_kind("sources"):
        region = part.path.parent.name
        for index, source in enumerate(part.record.sources):
            if source.id in done.sources:
                done.report("E024", part, ("sources", index, "id"), name=source.id,
                            other=done.source_regions[source.id])
            if not real_date(source.date):
                done.report("E012", part, ("sources", index, "date"), detail=f"日历上没有“{source.date}”这一天")
            done.sources[source.id] = source
            done.source_regions[source.id] = region
    for part in parts.of_kind("hotlines"):
        for index, hotline in enumerate(part.record.hotlines):
            done.hotlines[hotline.number] = hotline
            check_sources(done, done, part, ("hotlines", index, "sources"), hotline.sources, hotline.region)
    for part in parts.of_kind("emergencies"):
        for index, kind in enumerate(part.record.emergencies):
            if kind.sources:
                check_sources(done, done, part, ("emergencies", index, "sources"), kind.sources, NATIONWIDE)


def _by_folder(loaded: list[Part], up: int) -> dict[str, list[Part]]:
    """Parts by the name of the folder ``up`` levels above them (a region's)."""
    folders: dict[str, list[Part]] = {}
    for part in loaded:
        folders.setdefault(part.path.parts[-1 - up], []).append(part)
    return folders


def _names_known(parts: Parts, region: str) -> tuple[str, ...]:
    """Fingerprints of the files whose names a region's files may use: topics, regions, sources of its chain."""
    general = [part.digest for kind in ("topics", "regions") for part in parts.of_kind(kind)]
    sources = parts.remembered("sources by folder", prints(parts.of_kind("sources")),
                               lambda: _by_folder(parts.of_kind("sources"), 1))
    return (*general, *(part.digest for code in chain(region) for part in sources.get(code, ())))


def _topic_files(done: Assembled, parts: Parts) -> None:
    records: list[FaqRecord] = []
    for region, loaded in _by_folder(parts.of_kind("topic"), 1).items():
        key = (_names_known(parts, region), prints(loaded))
        block = parts.remembered(("topic files", region), key, partial(topic_block, done, loaded))
        records += block.records
        done.cards.update(block.cards)
        done.conflicts.update(block.conflicts)
        done.problems += block.problems
    done.faqs = tuple(records)


def _policies(done: Assembled, parts: Parts) -> None:
    rules, households = _by_folder(parts.of_kind("policy"), 2), _by_folder(parts.of_kind("households"), 2)
    for region in sorted({*rules, *households}):
        loaded, tried = rules.get(region, []), households.get(region, [])
        key = (_names_known(parts, region), done.facts_digest, prints((*loaded, *tried)))
        block = parts.remembered(("policies", region), key, partial(policy_block, done, loaded, tried))
        done.policies.update(block.policies)
        done.households.update(block.households)
        done.policy_parts.update(block.parts)
        done.problems += block.problems
    for part in done.policy_parts.values():
        for index, exclusion in enumerate(part.record.excludes):
            known(done, "E025", part, ("excludes", index, "policy"), exclusion.policy, done.policy_parts)


def _life_events(done: Assembled, parts: Parts) -> None:
    """The events: what they name is there, and each of their own sentences is taken for them."""
    names = {policy.split("/", 1)[1] for policy in done.policies}
    for part in parts.of_kind("life_events"):
        file = part.record
        done.life_events = LifeEvents(file.events, file.asking, file.already, file.older_from, file.not_for_older,
                                      file.not_asked_of_older)
        before = len(done.problems)
        _check_patterns(done, part, ("asking",), file.asking)
        for topic, shown in file.already.items():
            known(done, "E020", part, ("already",), topic, done.topics)
            for slug, value in shown.items():
                _fact_value(done, part, ("already",), slug, value)
        for number, topic in enumerate(file.not_for_older):
            known(done, "E020", part, ("not_for_older", number), topic, done.topics)
        for number, slug in enumerate(file.not_asked_of_older):
            known(done, "E026", part, ("not_asked_of_older", number), slug, done.catalogue.facts)
        for index, event in enumerate(file.events):
            at: Path_ = ("events", index)
            for key in ("patterns", "unless"):
                _check_patterns(done, part, (*at, key), getattr(event, key))
            if event.early is not None:
                _check_patterns(done, part, (*at, "early", "patterns"), event.early.patterns)
                for number, slug in enumerate(event.early.skip):
                    known(done, "E026", part, (*at, "early", "skip", number), slug, done.catalogue.facts)
            for slug, value in event.tells.items():
                _fact_value(done, part, (*at, "tells"), slug, value)
            if any(other.id == event.id for other in file.events[:index]):
                done.report("E024", part, (*at, "id"), name=event.id, other="同一个文件")
            for number, name in enumerate(event.serves):
                if "." in name and name not in names:
                    known(done, "E025", part, (*at, "serves", number), name, names)
                known(done, "E020", part, (*at, "serves", number), name.split(".")[0], done.topics)
        if len(done.problems) == before and _tried(done, part):
            _own_sentences(done, part, LifeEvents(file.events, file.asking))


def _own_sentences(done: Assembled, part: Part, events: LifeEvents) -> None:
    for index, event in enumerate(events.events):
        for number, sentence in enumerate(event.said):
            taken = events.meant(normalise(sentence))
            if taken is not event:
                why = f"会被当成“{taken.name}”" if taken is not None else "patterns 和 asking 要各有一条对得上"
                done.report("E012", part, ("events", index, "said", number),
                            detail=f"“{sentence}”认不出是“{event.name}”：{why}")


def _tables(done: Assembled, parts: Parts) -> None:
    for part in parts.of_kind("places"):
        done.places.extend(part.record)
    for part in parts.of_kind("sites"):
        first = parts.remembered(("categories of", part.path), part.digest, partial(_first_of_categories, part))
        for category, number in first.items():
            if category not in done.categories:
                done.problems.append(problem("E071", part.path, (number + 2, 1), name=category,
                                             hint=suggestion(category, done.categories)))
        done.site_tables.append(part.record)


def _first_of_categories(part: Part) -> dict[str, int]:
    """Each category of a table, with the first row that has it."""
    first: dict[str, int] = {}
    for number, site in enumerate(part.record):
        first.setdefault(site.category, number)
    return first


def _aliases(done: Assembled, parts: Parts) -> None:
    """A name leads to one topic only; the same alias under two is an error."""
    owners: dict[str, str] = {}
    listed: list[tuple[str, str, Part, Path_]] = []
    for part in parts.of_kind("topics"):
        for index, topic in enumerate(part.record.topics):
            names = (topic.name, *topic.aliases)
            listed += [(topic.slug, name, part, ("topics", index, "aliases")) for name in names]
    for part in parts.of_kind("topic"):
        listed += [(part.record.topic, name, part, ("aliases",)) for name in part.record.aliases]
    for part in parts.of_kind("policy"):
        listed.append((part.record.topic, part.record.name, part, ("name",)))
    for topic, name, part, at in listed:
        plain = content_form(name)
        if len(plain) < 2:
            done.report("E051", part, at, name=name)
        elif owners.setdefault(plain, topic) != topic:
            done.report("E050", part, at, name=name, other=owners[plain])
        done.aliases.setdefault(topic, []).append(name)
