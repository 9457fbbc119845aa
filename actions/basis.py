"""What a verdict rests on: every condition with its clause (凭啥子这么说), or how its sum is reckoned (为啥是800).

Both say what was told of it.
"""

from __future__ import annotations

from collections.abc import Set

from actions import suggest
from actions.say import Message, join, trust_sentence
from actions.turn import Turn
from actions.verdict import amount_text, verdict_message
from knowledge.eligibility import engine
from knowledge.eligibility.engine import PolicyRules, Reason, Verdict, chinese_day


def basis_of_verdict(turn: Turn, rules: PolicyRules) -> Message:
    """The verdict under ``rules`` once more, with the clause of each condition instead of what to do next."""
    verdict, reply = _judged(turn, rules)
    reply["text"] = join(
        turn.say("basis", policy=rules.policy.name),
        *(turn.say(f"basis_{status}", items="；".join(items)) for status in ("unmet", "unknown", "met")
          if (items := [_with_clause(reason) for reason in verdict.reasons if reason.status == status])),
        _told(turn, rules, rules.base_facts),
        turn.say("rules_of", day=chinese_day(verdict.day)),
        trust_sentence(turn.knowledge.source_list(verdict.policy.sources), turn.knowledge, turn.today),
    )
    return reply


def basis_of_sum(turn: Turn, rules: PolicyRules) -> Message:
    """How the sum of the verdict under ``rules`` is reckoned; the whole basis where there is no sum to speak of."""
    verdict, reply = _judged(turn, rules)
    amount = verdict.amount
    if amount is None or not amount.benefit.formula_text:
        return basis_of_verdict(turn, rules)
    formula, said = amount.benefit.formula_text.rstrip("。"), amount_text(amount)
    reply["text"] = join(
        turn.say("sum_reckoned", amount=said.partition("，")[0], formula=formula) if said
        else turn.say("sum_open", policy=rules.policy.name, formula=formula),
        turn.say("sum_way", way=verdict.route.name) if verdict.route is not None else "",
        *amount.notes,
        _told(turn, rules, rules.on(verdict.day).facts_of_sum(amount.benefit)),
        turn.say("rules_of", day=chinese_day(verdict.day)),
        trust_sentence(turn.knowledge.source_list(verdict.policy.sources), turn.knowledge, turn.today),
    )
    return reply


def _judged(turn: Turn, rules: PolicyRules) -> tuple[Verdict, Message]:
    """The verdict that was given under ``rules``, and its message."""
    person = _person(turn, rules)
    verdict = engine.evaluate(rules, turn.known(person, rules.policy), day=turn.today, city=turn.city)
    return verdict, verdict_message(turn, rules, verdict)


def _person(turn: Turn, rules: PolicyRules) -> str:
    case = turn.memory.case
    return case.person if case is not None and case.policy == rules.policy.policy else turn.memory.subject


def _told(turn: Turn, rules: PolicyRules, slugs: Set[str]) -> str:
    """照您说的：…: what was told of ``slugs``, by the person and of the home; "" where that is nothing."""
    person = _person(turn, rules)
    told = [suggest.facts_in_words(turn, only=set(slugs), owner=owner)
            for owner in (person, turn.memory.household_of(person))]
    return turn.say("basis_told", facts="；".join(part for part in told if part)) if any(told) else ""


def _with_clause(reason: Reason) -> str:
    """年满80周岁（第三条）; the way it belongs to stands before it."""
    text = reason.with_way.rstrip("。")
    return f"{text}（{reason.clause}）" if reason.clause else text
