"""What an edit changes for residents: which questions go elsewhere, which households get another verdict.

Two sound snapshots are compared. The questions are those that content itself holds ready: each FAQ's question and its
held-out sentences, each topic's needs. The households are the test households of both, tried under both rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from knowledge.base import Snapshot
from knowledge.check_households import run_household
from knowledge.eligibility.facts import FactError
from knowledge.eligibility.values import Range
from knowledge.faq import SURE
from knowledge.regions import chain
from knowledge.schema import Household

#: Sentences scored at once: so many rows of scores are held in memory.
BATCH = 256


@dataclass(frozen=True)
class Answer:
    """What answers a sentence: an FAQ (``key``) or nothing that is sure (``key`` ""), and its words."""

    key: str
    text: str


@dataclass(frozen=True)
class QuestionChange:
    """``kind``: ``moved`` to another FAQ, ``gained`` an answer, ``lost`` it, or ``reworded``."""

    kind: str
    region: str
    question: str
    before: Answer
    after: Answer


@dataclass(frozen=True)
class HouseholdChange:
    """A test household whose verdict or amount differs; "" where the policy is not there (yet, or any more)."""

    policy: str
    household: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """``records``: (what, key, how) of what was added, removed or changed, e.g. (问答, 510100/nursery#who, 新增)."""

    records: tuple[tuple[str, str, str], ...]
    questions: tuple[QuestionChange, ...]
    households: tuple[HouseholdChange, ...]

    def __bool__(self) -> bool:
        return bool(self.records or self.questions or self.households)


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """Everything that ``after`` changes against ``before``."""
    return Difference(tuple(_records(before, after)), tuple(_questions(before, after)),
                      tuple(_households(before, after)))


# --- records ----------------------------------------------------------------------------------------


def _records(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, str, str]]:
    yield from _compared("服务主题", before.topics, after.topics)
    yield from _compared("服务卡", {item.key: item.card for item in before.cards.values()},
                         {item.key: item.card for item in after.cards.values()})
    yield from _compared("问答", {item.key: item.faq for item in before.faqs},
                         {item.key: item.faq for item in after.faqs})
    yield from _compared("说法不一", before.conflicts, after.conflicts)
    yield from _compared("政策", {key: rules.policy for key, rules in before.policies.items()},
                         {key: rules.policy for key, rules in after.policies.items()})
    yield from _compared("事实", before.catalogue.facts, after.catalogue.facts)
    yield from _compared("来源", before.sources, after.sources)
    yield from _compared("场所", before.sites.by_id, after.sites.by_id)
    yield from _compared("热线", before.hotlines, after.hotlines)
    yield from _compared("机器人的话", before.texts, after.texts)


def _compared(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in sorted({*before, *after}):
        if key not in before:
            yield kind, key, "新增"
        elif key not in after:
            yield kind, key, "删除"
        elif before[key] != after[key]:
            yield kind, key, "修改"


# --- questions --------------------------------------------------------------------------------------


def _questions(before: Snapshot, after: Snapshot) -> Iterator[QuestionChange]:
    asked = list(dict.fromkeys((*_asked(before), *_asked(after))))
    for question, region, old, new in _answers(before, after, asked):
        if old == new:
            continue
        if old.key == new.key:
            yield QuestionChange("reworded", region, question, old, new)
        elif not old.key:
            yield QuestionChange("gained", region, question, old, new)
        elif not new.key:
            yield QuestionChange("lost", region, question, old, new)
        else:
            yield QuestionChange("moved", region, question, old, new)


def _asked(of: Snapshot) -> Iterator[tuple[str, str]]:
    """(question, region) for every region whose residents may be answered by the record it belongs to."""
    below = {code: [region for region in of.regions if code in chain(region)] for code in of.regions}
    for record in of.faqs:
        for text in (record.faq.question, *record.faq.must_win):
            for region in below.get(record.region, ()):
                yield text, region
    for topic in of.topics.values():
        for text in topic.needs:
            for region in of.regions:
                yield text, region


def _answers(before: Snapshot, after: Snapshot,
             asked: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, Answer, Answer]]:
    """Each question in the regions whose residents may be given other FAQs now.

    Elsewhere nothing changes but the weight of rare characters, far behind the comma.
    """
    regions = {code for record in {*before.faqs} ^ {*after.faqs} for code in {*before.regions, *after.regions}
               if record.region in chain(code)}
    texts: dict[str, list[str]] = {}
    for text, region in asked:
        if region in regions:
            texts.setdefault(region, []).append(text)
    for region, of_region in texts.items():
        for start in range(0, len(of_region), BATCH):
            batch = of_region[start:start + BATCH]
            old, new = before.index.all_scores(batch, region), after.index.all_scores(batch, region)
            for row, text in enumerate(batch):
                yield text, region, _answer(before, old[row], region), _answer(after, new[row], region)


def _answer(of: Snapshot, scores: Any, region: str) -> Answer:
    hits = of.index.faqs(scores, region=region, limit=1)
    if not hits or hits[0].score < SURE:
        return Answer("", "")
    return Answer(hits[0].record.key, hits[0].record.faq.answer)


# --- households -------------------------------------------------------------------------------------


def _households(before: Snapshot, after: Snapshot) -> Iterator[HouseholdChange]:
    for name in sorted({*before.policies, *after.policies}):
        if name in before.policies and name in after.policies \
                and before.policies[name].policy == after.policies[name].policy:
            continue
        kept: dict[str, Household] = {}
        for of in (before, after):
            kept.update({household.name: household for household in of.households.get(name, ())})
        for household in kept.values():
            old, new = _verdict(before, name, household), _verdict(after, name, household)
            if old != new:
                yield HouseholdChange(name, household.name, old, new)


_OUTCOMES = {"eligible": "符合", "ineligible": "不符合", "undetermined": "定不了"}


def _verdict(of: Snapshot, name: str, household: Household) -> str:
    """符合，800元; "" where the policy is not there."""
    rules = of.policies.get(name)
    if rules is None:
        return ""
    try:
        verdict = run_household(rules, household).verdict
    except FactError:
        return "没有这里要的事实"
    return "，".join(filter(None, (_OUTCOMES[verdict.outcome], _sum(verdict.amount.value if verdict.amount else None))))


def _sum(value: Optional[Any]) -> str:
    if value is None:
        return ""
    return f"{value.low}到{value.high}元" if isinstance(value, Range) else f"{value:g}元"
