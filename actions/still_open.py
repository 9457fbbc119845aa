"""What an open verdict hangs on: what it means if what is missing is so, and what if it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional

from actions.turn import Turn
from knowledge.eligibility import engine
from knowledge.eligibility.engine import Amount, PolicyRules, Verdict
from knowledge.eligibility.values import OneOf, Value
from knowledge.schema import Fact, Outcome

#: A sum in words; "" where none may be stated.
AmountText = Callable[[Optional[Amount]], str]
#: More cases than this are not spelt out.
MOST_CASES = 4
#: Nor are more answers than this named that lead to the same.
MOST_NAMED = 2


def both_ways(turn: Turn, rules: PolicyRules, verdict: Verdict, facts: Mapping[str, Value],
              say_amount: AmountText) -> str:
    """What follows if it is so and if it is not, in one sentence.

    ``facts``: what was told. Where one fact alone is missing, each of its answers is tried; else what all conditions
    (or those of one way) would bring is said.
    """
    spelt_out = _each_answer(turn, rules, verdict, facts, say_amount) if len(verdict.missing) == 1 else ""
    if spelt_out:
        return spelt_out
    amount = say_amount(verdict.amount) or "就可以去办"
    open_conditions = [reason for reason in verdict.reasons if reason.status == "unknown"]
    if len(open_conditions) == 1 and not open_conditions[0].route:
        return turn.say("undetermined_one", condition=open_conditions[0].text.rstrip("。"), amount=amount)
    ways = {reason.route for reason in open_conditions if reason.route}
    return turn.say("undetermined_ways" if len(ways) > 1 else "undetermined_meaning", amount=amount)


def _each_answer(turn: Turn, rules: PolicyRules, verdict: Verdict, facts: Mapping[str, Value],
                 say_amount: AmountText) -> str:
    """如果办了居住证，就符合条件；如果没有，就暂时不能办。"""
    fact = turn.knowledge.catalogue.facts[verdict.missing[0]]
    results: dict[tuple[Outcome, str], list[Value]] = {}
    for value in _answers(fact, facts.get(fact.slug)):
        then = engine.evaluate(rules, {**facts, fact.slug: value}, day=verdict.day, city=turn.city)
        if then.outcome == "undetermined":
            return ""
        results.setdefault((then.outcome, say_amount(then.amount) if then.outcome == "eligible" else ""),
                           []).append(value)
    if not {"eligible", "ineligible"} <= {outcome for outcome, _ in results} or len(results) > MOST_CASES:
        return ""
    # The largest group is told last, as all the rest.
    rest = max(results, key=lambda result: len(results[result])) if fact.type == "choice" else None
    if rest is not None and len(results[rest]) <= MOST_NAMED:
        rest = None
    told = sorted(results, key=lambda result: (result == rest, result[0] != "eligible"))
    return turn.say("undetermined_cases", cases="；".join(
        f"如果{'是别的' if result == rest else _told(fact, results[result])}，{_then(*result)}" for result in told))


def _then(outcome: Outcome, amount: str) -> str:
    if outcome != "eligible":
        return "就暂时不能办"
    return f"就符合条件，{amount}" if amount else "就符合条件"


def _answers(fact: Fact, known: Optional[Value]) -> list[Value]:
    """The answers that are possible; none where they cannot be listed."""
    if fact.type == "bool":
        return [True, False]
    if fact.type != "choice" or not isinstance(fact.values, tuple) or not fact.options:
        return []
    return [value for value in fact.values if not isinstance(known, OneOf) or value in known.values]


def _told(fact: Fact, values: list[Value]) -> str:
    """社保在本地连续缴着; 是“硕士”“博士”"""
    if fact.type == "bool":
        yes = values[0] is True
        return fact.told.get("true" if yes else "false") or f"“{fact.name}”{'是' if yes else '不是'}"
    titles = [option.title for value in values for option in fact.options if option.value == value]
    return "是" + "".join(f"“{title}”" for title in titles)
