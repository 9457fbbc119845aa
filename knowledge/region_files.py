"""The files of one region: what they hold, and whether every name they use is there.

A region's files make one block, so that an edit in one city leaves the blocks of all the others as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from knowledge import blanks
from knowledge.eligibility.engine import PolicyRules, compile_policy
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.rules import RuleError
from knowledge.errors import Problem
from knowledge.faq import FaqRecord
from knowledge.loader import Part
from knowledge.records import suggestion
from knowledge.regions import chain
from knowledge.schema import Card, Conflict, HouseholdsFile, Policy, Region, Source, Topic, TopicFile
from knowledge.text import content_form
from knowledge.yamlfile import Path_

#: What the questions for facts have blanks for.
WHO = ("who",)


class Reports(Protocol):
    """Whoever takes down what is wrong."""

    def report(self, code: str, part: Part, at: Path_ = (), **details: object) -> None:
        ...


class Names(Protocol):
    """What a region's files may name."""

    topics: dict[str, Topic]
    regions: dict[str, Region]
    sources: dict[str, Source]
    source_regions: dict[str, str]
    catalogue: FactCatalogue


@dataclass
class _Block:
    """What is wrong with the files of one region."""

    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, part: Part, at: Path_ = (), **details: object) -> None:
        self.problems.append(part.problem(code, at, **details))


@dataclass
class TopicBlock(_Block):
    """What the topic files of one region hold."""

    records: list[FaqRecord] = field(default_factory=list)
    cards: dict[tuple[str, str], Card] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)


def topic_block(names: Names, loaded: list[Part]) -> TopicBlock:
    """The topic files ``loaded`` of one region."""
    block = TopicBlock()
    asked: dict[tuple[str, str], str] = {}
    for part in loaded:
        file: TopicFile = part.record
        if part.path.stem != file.topic or part.path.parent.name != file.region:
            block.report("E027", part, ("topic",), detail=f"{part.path.parent.name}/{part.path.name} 里写的是 "
                                                          f"{file.region}/{file.topic}")
        known(block, "E020", part, ("topic",), file.topic, names.topics)
        known(block, "E021", part, ("region",), file.region, names.regions)
        if file.card is not None:
            block.cards[(file.region, file.topic)] = file.card
            check_sources(block, names, part, ("card", "sources"), file.card.sources, file.region)
        _conflicts(block, names, part, file)
        seen: set[str] = set()
        for index, faq in enumerate(file.faqs):
            at: Path_ = ("faqs", index)
            if faq.id in seen:
                block.report("E024", part, (*at, "id"), name=faq.id, other="同一个文件")
            seen.add(faq.id)
            check_sources(block, names, part, (*at, "sources"), faq.sources, file.region)
            record = FaqRecord(f"{file.region}/{file.topic}#{faq.id}", file.region, file.topic, faq)
            block.records.append(record)
            for text in (faq.question, *faq.paraphrases):
                other = asked.setdefault((file.region, content_form(text)), record.key)
                if other != record.key:
                    block.report("E044", part, at, text=text, other=other)
    return block


def _conflicts(block: TopicBlock, names: Names, part: Part, file: TopicFile) -> None:
    """By ``<region>/<topic>#<id>``; whether they are told, and in which order, is ``check_conflicts``' business."""
    for index, conflict in enumerate(file.conflicts):
        at: Path_ = ("conflicts", index)
        key = f"{file.region}/{file.topic}#{conflict.id}"
        if key in block.conflicts:
            block.report("E024", part, (*at, "id"), name=conflict.id, other="同一个文件")
        block.conflicts[key] = conflict
        for number, claim in enumerate(conflict.claims):
            check_sources(block, names, part, (*at, "claims", number, "sources"), claim.sources, file.region)


@dataclass
class PolicyBlock(_Block):
    """What the policies of one region hold."""

    policies: dict[str, PolicyRules] = field(default_factory=dict)
    households: dict[str, tuple[HouseholdsFile, Part]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)


def policy_block(names: Names, loaded: list[Part], tried: list[Part]) -> PolicyBlock:
    """The policies ``loaded`` of one region and the households ``tried`` under them."""
    block = PolicyBlock()
    for part in tried:
        named = f"{part.path.parent.parent.name}/{part.path.name.removesuffix('.households.yml')}"
        if part.record.policy != named:
            block.report("E027", part, ("policy",),
                         detail=f"按位置应是 {named} 的家庭，里面写的是 {part.record.policy}")
        block.households[part.record.policy] = (part.record, part)
    for part in loaded:
        policy: Policy = part.record
        expected = f"{policy.region}/{part.path.stem}"
        if policy.policy != expected or part.path.parent.parent.name != policy.region:
            block.report("E027", part, ("policy",), detail=f"按位置编号应是 {expected}，里面写的是 {policy.policy}")
        known(block, "E020", part, ("topic",), policy.topic, names.topics)
        known(block, "E021", part, ("region",), policy.region, names.regions)
        check_sources(block, names, part, ("sources",), policy.sources, policy.region)
        for number, version in enumerate(policy.versions):
            if version.sources is not msgspec.UNSET:
                check_sources(block, names, part, ("versions", number, "sources"), version.sources, policy.region)
        try:
            block.policies[policy.policy] = compile_policy(policy, names.catalogue)
        except RuleError as error:
            block.report("E030", part, error.path, detail=error.message)
        block.parts[policy.policy] = part
        for slug, wording in policy.questions.items():
            known(block, "E026", part, ("questions", slug), slug, names.catalogue.facts)
            check_braces(block, part, ("questions", slug), slug, wording, WHO)
        for number, slug in enumerate(policy.own_answers):
            known(block, "E026", part, ("own_answers", number), slug, names.catalogue.facts)
        if policy.policy not in block.households:
            block.report("E031", part, ("policy",))
    for name, (_, part) in block.households.items():
        known(block, "E025", part, ("policy",), name, block.parts)
    return block


def check_braces(to: Reports, part: Part, at: Path_, key: str, text: str, allowed: Collection[str]) -> None:
    """A blank that nobody fills in would stop an answer in the middle of a conversation."""
    wrong = blanks.fault(text, allowed)
    if wrong:
        to.report("E081", part, at, key=key, detail=wrong, blanks=blanks.listed(allowed))


def check_sources(to: Reports, names: Names, part: Part, at: Path_, used: tuple[str, ...], region: str) -> None:
    """Every source is there (E022), registered in the region or above it; without any there is no record (E023)."""
    if not used:
        to.report("E023", part, at)
    for index, name in enumerate(used):
        if name not in names.sources:
            to.report("E022", part, (*at, index), name=name, hint=suggestion(name, names.sources))
        elif names.source_regions[name] not in chain(region):
            to.report("E022", part, (*at, index), name=name,
                      hint=f"（它登记在 {names.source_regions[name]}，不是本地区或上级地区）")


def known(to: Reports, code: str, part: Part, at: Path_, name: str, names: Collection[str]) -> None:
    if name not in names:
        to.report(code, part, at, name=name, hint=suggestion(name, names))
