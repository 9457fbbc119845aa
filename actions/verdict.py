"""A verdict in plain words: the outcome first, then amount, reasons, what to bring, where, and by which rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional, Union

from actions.answers import validity
from actions.refusal import refusal
from actions.say import (
    Message,
    button,
    conflict_json,
    conflict_sentence,
    join,
    listed,
    message,
    number_text,
    trust_sentence,
    with_claims,
)
from actions.still_open import both_ways
from actions.turn import Turn
from knowledge.eligibility.engine import Amount, PolicyRules, Reason, Verdict, amount_missing, chinese_day, known_facts
from knowledge.eligibility.values import Range, Value
from knowledge.receipt import ReceiptError, write_receipt
from knowledge.schema import Policy

_PERIODS = {"month": "每月", "year": "每年", "once": "一次性", "day": "每天", "meal": "每餐", "withdrawal": "每次"}
#: The periods that the contract knows; others (a day, a meal) are said in ``per``.
CONTRACT_PERIODS = ("month", "year", "once")
#: Says already that somebody else has the last word, which is said once.
OFFICE_DECIDES = re.compile(r"以[^，。；]{0,12}(窗口|经办|机构|社区|街道|受理|审核|核定|审定|答复)[^，。；]{0,8}为准")
_PERIOD_UNITS = {"month": "个月", "year": "年", "once": "次", "day": "天", "meal": "餐", "withdrawal": "次"}


def verdict_message(turn: Turn, rules: PolicyRules, verdict: Verdict, *, supposed: bool = False) -> Message:
    """The verdict as a message of the contract; one that is only ``supposed`` has no receipt to take along."""
    base, rules = rules, rules.on(verdict.day)
    policy = rules.policy
    sources = turn.knowledge.source_list(policy.sources)
    # To somebody who is refused it makes no difference which sum or length is right.
    told = [turn.knowledge.conflicts[f"{policy.region}/{policy.topic}#{name}"] for name in policy.conflicts
            if verdict.outcome != "ineligible"]
    facts = turn.known(turn.memory.person_at_hand, policy)
    if verdict.outcome == "ineligible":
        details = refusal(turn, rules, verdict, known_facts(rules, facts, day=verdict.day, city=turn.city))
    else:
        details = [_headline(turn, verdict), _sum_needs(turn, rules, verdict, facts),
                   *_details(turn, rules, verdict, facts), *(conflict_sentence(item, turn.knowledge) for item in told)]
    code = "" if supposed else receipt(turn, base, verdict)
    text = join(
        *details,
        validity(turn, policy.in_force) if verdict.outcome != "ineligible" else "",
        turn.say("document_number", document=policy.document_number) if policy.document_number else "",
        turn.say("rules_of_day" if any(OFFICE_DECIDES.search(line) for line in details) else "rules_of",
                 day=chinese_day(verdict.day)),
        trust_sentence(sources, turn.knowledge, turn.today),
        turn.say("receipt", code=code) if code else "",
    )
    buttons = [button("要带什么材料", f"{turn.knowledge.topics[policy.topic].name}要带什么材料")] \
        if verdict.outcome != "ineligible" else [button("我还能享受什么")]
    return message(
        "verdict", text, knowledge=turn.knowledge, region=policy.region, topic=policy.topic,
        sources=with_claims(sources, told, turn.knowledge),
        buttons=buttons, policy=policy.policy, outcome=verdict.outcome,
        reasons=[_reason_json(reason) for reason in verdict.reasons], missing=list(verdict.missing),
        benefit=benefit_json(verdict.amount, verdict.outcome),
        eligible_from=verdict.eligible_from.isoformat() if verdict.eligible_from is not None else None,
        excludes=[{"policy": item.policy, "kind": item.kind, "text": item.text} for item in policy.excludes],
        next_steps=_next_steps(verdict), receipt=code, day=verdict.day.isoformat(),
        conflicts=[conflict_json(item, turn.knowledge) for item in told],
        documents=list(verdict.documents) if verdict.outcome != "ineligible" else [], where=verdict.where,
        contacts=[{"name": item.name, "phone": item.phone, "hours": item.hours} for item in verdict.policy.contacts],
    )


def _headline(turn: Turn, verdict: Verdict) -> str:
    """The first sentence of what is no refusal: the outcome."""
    name, who = verdict.policy.name, turn.who
    if verdict.outcome == "eligible":
        amount = amount_text(verdict.amount)
        if amount:
            return turn.say("eligible_amount", who=who, policy=name, amount=amount)
        return turn.say("eligible", who=who, policy=name)
    missing = listed(turn.knowledge.catalogue.facts[slug].name for slug in verdict.missing)
    return turn.say("undetermined", who=who, policy=name, missing=missing or "窗口核对")


def _details(turn: Turn, rules: PolicyRules, verdict: Verdict, facts: Mapping[str, Value]) -> list[str]:
    policy = verdict.policy
    met = list(dict.fromkeys(reason.text for reason in verdict.reasons if reason.status == "met"))
    lines = [turn.say("met", items=listed(met))] if met else []
    if verdict.outcome == "undetermined":
        lookups = [f"{fact.name}看{fact.lookup}" for fact in
                   (turn.knowledge.catalogue.facts[slug] for slug in verdict.missing) if fact.lookup]
        lines.append(turn.say("undetermined_lookup", lookup="；".join(lookups)) if lookups else "")
        lines.append(both_ways(turn, rules, verdict, facts, amount_text))
    if verdict.amount is not None:
        lines += _amount_lines(turn, verdict.amount)
    lines.append(turn.say("window", items=listed(policy.unaskable)) if policy.unaskable else "")
    lines.append(turn.say("exclusion", items="；".join(item.text for item in policy.excludes))
                 if policy.excludes else "")
    if verdict.outcome == "eligible":
        documents, where = verdict.documents, verdict.where
        lines.append(turn.say("documents", items=listed(documents)) if documents else "")
        automatic = [step for step in policy.steps if "不用申请" in step or "免申" in step]
        lines.append(turn.say("automatic", items=listed(automatic)) if automatic else "")
        lines.append(turn.say("where", where=where.rstrip("。")) if where else "")
        lines.append(turn.say("time", time=policy.time.rstrip("。")) if policy.time else "")
        contacts = listed(f"{item.name} {item.phone}" for item in policy.contacts)
        lines.append(turn.say("contacts", items=contacts) if contacts else "")
    lines += policy.notes
    return lines


def _sum_needs(turn: Turn, rules: PolicyRules, verdict: Verdict, told: Mapping[str, Value]) -> str:
    """Why no sum is said though one could be: the facts it still needs."""
    names = open_sum(turn, rules, verdict, told)
    return turn.say("sum_needs", items=names) if names else ""


def open_sum(turn: Turn, rules: PolicyRules, verdict: Verdict, told: Mapping[str, Value]) -> str:
    """The names of the facts that the sum of somebody eligible still needs; "" where it needs none."""
    amount = verdict.amount
    if verdict.outcome != "eligible" or amount is None or amount.value is not None or amount.benefit.amount_unknown:
        return ""
    return listed(turn.knowledge.catalogue.facts[slug].name
                  for slug in amount_missing(rules, told, day=verdict.day, city=turn.city))


def _amount_lines(turn: Turn, amount: Amount) -> list[str]:
    formula = amount.benefit.formula_text.rstrip("。")
    if amount.benefit.amount_unknown:
        lines = [turn.say("amount_unknown", formula=formula, phone=turn.hotline)]
    else:
        lines = [turn.say("formula", formula=formula)] if formula else []
    return [*lines, *amount.notes]


def amount_text(amount: Optional[Amount]) -> str:
    """每月800元，最多36个月；"" where no sum may be stated."""
    if amount is None or amount.value is None or amount.benefit.amount_unknown:
        return ""
    benefit = amount.benefit
    least = "不低于" if benefit.floor else ("最多" if benefit.upper_limit else "")
    sum_ = _sum_text(amount.value)
    text = f"{_PERIODS.get(benefit.period or '', '')}{least}{sum_}{benefit.unit}"
    if benefit.max_periods is not None and benefit.period is not None and benefit.period != "once":
        text += f"，最多{benefit.max_periods}{_PERIOD_UNITS[benefit.period]}"
        if isinstance(amount.value, (int, float)) and benefit.unit == "元" and not benefit.floor:
            text += f"，合计不超过{number_text(amount.value * benefit.max_periods)}元"
    return text


def _sum_text(value: Union[float, Range]) -> str:
    if isinstance(value, Range):
        low = number_text(value.low) if isinstance(value.low, (int, float)) else "?"
        high = number_text(value.high) if isinstance(value.high, (int, float)) else "?"
        return f"{low}到{high}"
    return number_text(value)


def benefit_json(amount: Optional[Amount], outcome: str) -> Optional[dict[str, Any]]:
    """``benefit`` of the contract; None where there is none to speak of."""
    if amount is None or outcome == "ineligible":
        return None
    benefit = amount.benefit
    value = None if isinstance(amount.value, Range) or benefit.amount_unknown else amount.value
    return {
        "amount": int(value) if value is not None and float(value).is_integer() else value,
        "unit": benefit.unit, "period": benefit.period if benefit.period in CONTRACT_PERIODS else None,
        "per": _PERIODS.get(benefit.period or "", ""), "max_periods": benefit.max_periods,
        "upper_limit": benefit.upper_limit, "floor": benefit.floor, "formula_text": benefit.formula_text,
    }


def _reason_json(reason: Reason) -> dict[str, str]:
    return {"text": reason.with_way, "status": reason.status, "clause": reason.clause, "condition": reason.id}


def _next_steps(verdict: Verdict) -> list[str]:
    policy: Policy = verdict.policy
    if verdict.outcome == "ineligible":
        return []
    documents, where = verdict.documents, verdict.where
    steps = list(policy.steps)
    if documents:
        steps.insert(0, f"带齐：{listed(documents)}")
    if where and not any(where[:8] in item for item in steps):
        steps.append(f"去：{where}")
    return steps


def receipt(turn: Turn, rules: PolicyRules, verdict: Verdict) -> str:
    """The code from which ``bot receipt`` plays this verdict again, without any name; "" where no code can hold it."""
    try:
        return write_receipt(rules, turn.known(turn.memory.person_at_hand, verdict.policy), day=verdict.day,
                             city=turn.city, outcome=verdict.outcome)
    except ReceiptError:
        return ""
