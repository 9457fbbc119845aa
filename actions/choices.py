"""Benefits that cannot be drawn together: shown as a choice, the better one first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from actions.say import button, listed
from actions.turn import Turn
from actions.verdict import amount_text
from knowledge.eligibility.engine import PolicyRules, Verdict
from knowledge.schema import Exclusion, Source

#: How often a year something is paid. A single sum counts once, so that a lasting benefit of its size is better.
_A_YEAR = {"month": 12, "year": 1, "once": 1, "day": 365, "meal": 365, "withdrawal": 1}


@dataclass(frozen=True)
class Suggestion:
    """A policy with what is known of it for somebody."""

    rules: PolicyRules
    verdict: Verdict

    @property
    def why(self) -> str:
        """The conditions that speak for it."""
        met = [reason.text for reason in self.verdict.reasons if reason.status == "met"]
        return listed(met[:2])


def sources_of(turn: Turn, items: Iterable[Suggestion]) -> list[Source]:
    """The sources of all of them, each once."""
    return list({source.id: source for item in items
                 for source in turn.knowledge.source_list(item.verdict.policy.sources)}.values())


def exclusion(one: PolicyRules, other: PolicyRules) -> Optional[Exclusion]:
    """What either policy says against drawing both; None if they go together."""
    for here, there in ((one, other), (other, one)):
        for item in here.policy.excludes:
            if item.policy == there.policy.policy:
                return item
    return None


def ask_about(turn: Turn, item: Suggestion, person: str) -> dict[str, str]:
    """The button that asks for the verdict on the one whose case it is: 我能申请…, 我母亲能申请…"""
    name = item.rules.policy.name
    return button(name, f"{turn.address(person).replace('您', '我')}能申请{name}吗")


def rivals(item: Suggestion, among: Sequence[Suggestion]) -> list[str]:
    """The policies of ``among`` that cannot be drawn together with it."""
    return [other.rules.policy.policy for other in among if exclusion(item.rules, other.rules) is not None]


def worth(verdict: Verdict) -> float:
    """Yuan in a year; 0 where no sum is known."""
    amount = verdict.amount
    if amount is None or amount.benefit.unit != "元" or not isinstance(amount.value, (int, float)):
        return 0.0
    return float(amount.value) * _A_YEAR.get(amount.benefit.period or "once", 1)


def better_first(items: Sequence[Suggestion]) -> list[Suggestion]:
    """``items`` in their order, but each behind any rival that is worth more."""
    found = list(items)
    for better, other in pairs(found):
        if found.index(other) < found.index(better):
            found.remove(better)
            found.insert(found.index(other), better)
    return found


def pairs(items: Sequence[Suggestion]) -> Iterator[tuple[Suggestion, Suggestion]]:
    """Every two that exclude each other, the better one first: certain before likely, then by what it is worth."""
    for number, one in enumerate(items):
        for other in items[number + 1:]:
            if exclusion(one.rules, other.rules) is not None:
                ranked = sorted((one, other), key=lambda item: (item.verdict.outcome != "eligible",
                                                                -worth(item.verdict)))
                yield ranked[0], ranked[1]


def only_one(turn: Turn, better: Suggestion, other: Suggestion) -> str:
    """That one of two must be chosen, which comes first, and why they do not go together."""
    rule = exclusion(better.rules, other.rules)
    said = turn.say("only_one_of", better=better.rules.policy.name, other=other.rules.policy.name,
                    sums=sums(turn, better, other))
    return f"{said}{rule.text.rstrip('。')}。" if rule is not None else said


def beside_the_judged(turn: Turn, judged: Suggestion, other: Suggestion) -> str:
    """Said behind a verdict: the other one fits as well, but only one of the two can be drawn."""
    better, less = next(pairs([judged, other]))
    said = turn.say("choice_after", other=other.rules.policy.name, judged=judged.rules.policy.name,
                    better=better.rules.policy.name, sums=sums(turn, better, less))
    rule = exclusion(judged.rules, other.rules)
    return f"{said}{rule.text.rstrip('。')}。" if rule is not None else said


def sums(turn: Turn, better: Suggestion, other: Suggestion) -> str:
    """（每月800元；每月500元）; "" where not both are known."""
    amounts = [amount_text(item.verdict.amount) for item in (better, other)]
    return turn.say("only_one_sums", better=f"{better.rules.policy.name}{amounts[0]}",
                    other=f"{other.rules.policy.name}{amounts[1]}") if all(amounts) else ""
