"""服务找人: with the facts already given, which other benefits may fit — without a further question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from actions import choices
from actions.choices import Suggestion
from actions.fact_words import value_in_words
from actions.say import Message, ack, join, listed, message, trust_sentence
from actions.turn import WHO, Turn
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules, Verdict
from knowledge.eligibility.values import OneOf, Value, from_json

#: How many are named at once.
MOST = 4
#: Facts that nearly every policy asks for; they point at none.
COMMON = frozenset({"person.age", "person.hukou_city", "person.hukou_district", "person.hukou_type"})
#: A policy with so many facts missing is too vague to suggest.
MISSING = 1


def fitting(turn: Turn, person: str, *, without: str = "") -> list[Suggestion]:
    """Policies that fit what is known of ``person``: eligible first, then those one fact short.

    Only policies on which something is known in favour count; a bare "nothing speaks against it" does not.
    """
    found: list[Suggestion] = []
    for rules in turn.knowledge.all_policies(turn.region):
        if rules.policy.policy == without:
            continue
        facts = turn.known(person, rules.policy)
        verdict = engine.evaluate(rules, facts, day=turn.today, city=turn.city)
        met = [reason for reason in verdict.reasons if reason.status == "met"]
        if verdict.outcome == "eligible" or (verdict.outcome == "undetermined" and met
                                             and len(verdict.missing) <= MISSING and _told_of(rules, verdict, facts)):
            found.append(Suggestion(rules, verdict))
    found.sort(key=lambda item: (item.verdict.outcome != "eligible", len(item.verdict.missing), -_value(item.verdict)))
    return found


def _told_of(rules: PolicyRules, verdict: Verdict, facts: Mapping[str, Value]) -> bool:
    """Whether more is known than a hukou: that alone points a young family at an allowance for the very old."""
    return any(slug not in COMMON for slug in rules.base_facts & facts.keys()) or verdict.missing != ("person.age",)


def _value(verdict: Verdict) -> float:
    amount = verdict.amount
    return float(amount.value) if amount is not None and isinstance(amount.value, (int, float)) else 0.0


def best_meant(turn: Turn) -> Optional[PolicyRules]:
    """Of the policies that fit what was told, the one whose topic the sentence is nearest to."""
    found = fitting(turn, turn.memory.subject)
    index = turn.knowledge.index
    ranking = [hit.topic for hit in index.topics(turn.scores(turn.reading.text), region=turn.region, limit=20)]
    meant = [item for item in found if item.rules.policy.topic in ranking]
    return min(meant, key=lambda item: ranking.index(item.rules.policy.topic)).rules if meant else None


def after_verdict(turn: Turn, rules: PolicyRules, verdict: Verdict) -> Optional[Message]:
    """What else fits, after a verdict; None if nothing does. What cannot be drawn beside it is said to be a choice."""
    found = fitting(turn, turn.memory.person_at_hand, without=rules.policy.policy)
    if verdict.outcome != "eligible":
        return suggestions_message(turn, found) if found else None
    judged = Suggestion(rules, verdict)
    rivals = [item for item in found if choices.exclusion(rules, item.rules) is not None]
    found = [item for item in found if item not in rivals]
    rivals = [item for item in rivals if item.verdict.outcome == "eligible"]
    told = "\n".join(choices.beside_the_judged(turn, judged, item) for item in rivals)
    if not found and not rivals:
        return None
    reply = suggestions_message(turn, [*found[:MOST - len(rivals)], *rivals], untold=rivals)
    reply["text"] = join(told, reply["text"])
    return reply


def suggestions_message(turn: Turn, found: list[Suggestion], *, buttons: Sequence[dict[str, str]] = (),
                        untold: Sequence[Suggestion] = ()) -> Message:
    """``suggestions`` of the contract; what is asked next is about the first of them.

    ``buttons`` follow those of the policies; the text of those ``untold`` stands elsewhere.
    """
    found = choices.better_first(found)
    if turn.memory.case is None and not turn.memory.last_policy:
        turn.memory.topic = found[0].rules.policy.topic
    shown = found[:MOST]
    sources = choices.sources_of(turn, shown)
    lines = [_line(turn, item) for item in shown if item not in untold]
    text = join(turn.say("suggestions", items="；".join(lines)) if lines else "",
                *(choices.only_one(turn, better, other) for better, other in choices.pairs(shown)),
                trust_sentence(sources, turn.knowledge, turn.today))
    offered = [choices.ask_about(turn, item, turn.memory.subject) for item in shown]
    return message(
        "suggestions", text, knowledge=turn.knowledge, region=turn.region, sources=sources,
        buttons=[*offered, *buttons],
        items=[{"policy": item.rules.policy.policy, "topic": item.rules.policy.topic,
                "outcome": item.verdict.outcome, "why": item.why, "name": item.rules.policy.name,
                "not_with": choices.rivals(item, shown)} for item in shown],
    )


def _line(turn: Turn, item: Suggestion) -> str:
    name = item.rules.policy.name
    if item.verdict.outcome == "eligible":
        return f"{name}（符合条件）"
    missing = listed(turn.knowledge.catalogue.facts[slug].name for slug in item.verdict.missing)
    return f"{name}（还要看{missing}）"


def noted(turn: Turn) -> Message:
    """Say what was understood, and what may fit it."""
    facts = facts_in_words(turn, only={found.slug for found in turn.reading.facts})
    found = fitting(turn, turn.memory.subject)
    if found:
        reply = suggestions_message(turn, found)
        reply["text"] = f"{turn.say('noted', facts=facts)}\n{reply['text']}" if facts else reply["text"]
        return reply
    text = turn.say("noted_ask", facts=facts) if facts else turn.say("ask_more")
    return ack(turn, text, of="inform")


def facts_in_words(turn: Turn, only: Optional[set[str]] = None, owner: str = "") -> str:
    """The remembered facts (of ``owner`` alone) as a resident would say them: 您母亲：年龄75岁；…"""
    lines = []
    owners = [owner] if owner else list(turn.memory.facts)
    for owner in owners:
        facts = turn.memory.facts.get(owner, {})
        shown = [fact_in_words(turn, slug, value) for slug, value in facts.items() if only is None or slug in only]
        shown = [item for item in shown if item]
        if shown:
            who = _whose(owner)
            lines.append(f"{who}：{'，'.join(shown)}")
    return "；".join(lines)


def _whose(owner: str) -> str:
    """您母亲; 家里; 您父母家 — whose facts these are."""
    kind, _, person = owner.partition(":")
    if kind != "household":
        return WHO.get(owner, "家里")
    return f"{WHO[person]}家" if person in WHO else "家里"


def fact_in_words(turn: Turn, slug: str, raw: Any) -> str:
    """One fact (``raw`` as it is remembered) in words: 年龄75岁; 户籍所在城市：成都; 在本地工作."""
    fact = turn.knowledge.catalogue.facts.get(slug)
    if fact is None:
        return ""
    value = from_json(raw)
    words = value_in_words(fact, value, turn.knowledge)
    if isinstance(value, bool) and fact.told.get("true" if value else "false"):
        return words
    return f"{fact.name}{'：' if isinstance(value, bool) or fact.type == 'choice' else ''}{words}"


def fact_in_a_sentence(turn: Turn, slug: str, raw: Any) -> str:
    """学历是博士, to stand inside a sentence; "" where only some answers are ruled out (不是低保)."""
    if isinstance(from_json(raw), OneOf):
        return ""
    return fact_in_words(turn, slug, raw).replace("：", "是", 1)
