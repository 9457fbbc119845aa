"""What a verdict rests on: every condition with its clause, and what was told of it. 凭啥子这么说, 为啥我不够."""

from __future__ import annotations

from actions import suggest
from actions.say import Message, join, trust_sentence
from actions.turn import Turn
from actions.verdict import verdict_message
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules, Reason, chinese_day


def basis_of_verdict(turn: Turn, rules: PolicyRules) -> Message:
    """The verdict under ``rules`` once more, with the clause of each condition instead of what to do next."""
    case = turn.memory.case
    person = case.person if case is not None and case.policy == rules.policy.policy else turn.memory.subject
    verdict = engine.evaluate(rules, turn.known(person, rules.policy), day=turn.today, city=turn.city)
    reply = verdict_message(turn, rules, verdict)
    told = suggest.facts_in_words(turn, only=set(rules.base_facts), owner=person)
    shared = suggest.facts_in_words(turn, only=set(rules.base_facts), owner=turn.memory.household_of(person))
    reply["text"] = join(
        turn.say("basis", policy=rules.policy.name),
        *(turn.say(f"basis_{status}", items="；".join(items)) for status in ("unmet", "unknown", "met")
          if (items := [_with_clause(reason) for reason in verdict.reasons if reason.status == status])),
        turn.say("basis_told", facts="；".join(part for part in (told, shared) if part)) if told or shared else "",
        turn.say("rules_of", day=chinese_day(verdict.day)),
        trust_sentence(turn.knowledge.source_list(verdict.policy.sources), turn.knowledge, turn.today),
    )
    return reply


def _with_clause(reason: Reason) -> str:
    """年满80周岁（第三条）; the way it belongs to stands before it."""
    text = reason.with_way.rstrip("。")
    return f"{text}（{reason.clause}）" if reason.clause else text
