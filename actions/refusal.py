"""A no that helps: the one thing that is lacking and how much of it, and whether waiting alone mends it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Optional

from actions.say import listed, number_text
from actions.turn import Turn
from knowledge.eligibility.engine import IN_FORCE, CompiledCondition, PolicyRules, Reason, Verdict, chinese_day
from knowledge.eligibility.facts import months_between
from knowledge.eligibility.rules import Count, all_of
from knowledge.eligibility.shortfall import Shortfall, shortfalls
from knowledge.eligibility.time_mends import Mend, mending
from knowledge.eligibility.values import Value
from knowledge.schema import Fact

#: So many changes of which each would do are named; more only confuse.
MOST_CHANGES = 2
#: So many conditions are named that have not been asked about.
MOST_OPEN = 3
#: What of a fact's name says that it is a number, which "still lacks four months" says already.
COUNTED = ("的年数", "年数", "月数")
#: How too much of something is said, by its unit (those of ``shortfall.MAY_SHRINK``).
OVER = {"元": "高出", "平方米": "多出"}


def refusal(turn: Turn, rules: PolicyRules, verdict: Verdict, known: Mapping[str, Value]) -> list[str]:
    """The sentences of a no: what fails; the other ways, whether waiting helps, and what is met already.

    ``known``: completed facts (``engine.known_facts``).
    """
    told, lacks = what_fails(turn, rules, verdict, known)
    ways = {"", *(reason.route for reason in told)}
    met = [reason.text for reason in verdict.reasons if reason.status == "met" and reason.route in ways]
    return [_headline(turn, rules, verdict, known, told, lacks), _other_ways(turn, verdict, told, lacks),
            time_mends(turn, rules, verdict, told, known),
            turn.say("met", items=listed(dict.fromkeys(met))) if met else ""]


def what_fails(turn: Turn, rules: PolicyRules, verdict: Verdict,
               known: Mapping[str, Value]) -> tuple[list[Reason], dict[str, str]]:
    """The failing conditions worth saying, and how much each condition lacks ("" where that cannot be measured)."""
    lacks = {reason.id: _lacking(turn, rules, reason, known) for reason in verdict.unmet}
    return _telling_unmet(verdict, lacks), lacks


def _headline(turn: Turn, rules: PolicyRules, verdict: Verdict, known: Mapping[str, Value], unmet: list[Reason],
              lacks: Mapping[str, str]) -> str:
    """The first sentence: what fails, with how much is lacking where that can be measured."""
    name, who = verdict.policy.name, turn.who
    reasons = "；".join(_reason_text(reason, lacks[reason.id]) for reason in unmet)
    if unmet and unmet[0].route:
        reasons = turn.say("ineligible_way", way=unmet[0].route, reason=reasons)
    if len(unmet) != 1:
        return turn.say("ineligible_many", who=who, policy=name, count=len(unmet), reason=reasons)
    if unmet[0].id == IN_FORCE or not _all_else_holds(verdict, unmet[0]):
        return turn.say("ineligible_one", who=who, policy=name, reason=reasons)
    lacks_one = any(lack.short and lack.enough for lack in _lacks(rules, unmet[0], known))
    return turn.say("ineligible_short" if lacks_one else "ineligible_only", who=who, policy=name, reason=reasons)


def _other_ways(turn: Turn, verdict: Verdict, told: list[Reason], lacks: Mapping[str, str]) -> str:
    """Why the other ways are closed, one reason each; "" where the first sentence says it all."""
    if not told or not told[0].route:
        return ""
    first: dict[str, Reason] = {}
    for reason in verdict.unmet:
        if reason.route != told[0].route:
            first.setdefault(reason.route, reason)
    ways = "；".join(f"{route}（{_first_part(reason, lacks[reason.id])}）" for route, reason in first.items())
    return turn.say("ineligible_ways", ways=ways) if ways else ""


def _telling_unmet(verdict: Verdict, lacks: Mapping[str, str]) -> list[Reason]:
    """The failing conditions worth saying: the common ones, else those of the way that came closest.

    The way that time mends is the closest. Of ways that lack equally many, one with something measurable lacking
    (``lacks``, by condition) comes first: to be a stranger here is not mended by paying or waiting.
    """
    common = [reason for reason in verdict.unmet if not reason.route]
    if common:
        return common
    by_route: dict[str, list[Reason]] = {}
    for reason in verdict.unmet:
        by_route.setdefault(reason.route, []).append(reason)
    met = Counter(reason.route for reason in verdict.reasons if reason.status == "met")

    def distance(reasons: list[Reason]) -> tuple[bool, int, bool, int]:
        measured = all(lacks.get(reason.id) for reason in reasons)
        return not (measured and verdict.mend is not None), len(reasons), not measured, -met[reasons[0].route]

    return min(by_route.values(), default=[], key=distance)


def _lacking(turn: Turn, rules: PolicyRules, reason: Reason, known: Mapping[str, Value]) -> str:
    """社保连续缴费还差4个月; "" where it cannot be measured."""
    said = [_lack_text(turn, lack) for lack in _lacks(rules, reason, known)]
    return "，或者".join(text for text in said if text) or _count_text(turn, rules, reason, known)


def time_mends(turn: Turn, rules: PolicyRules, verdict: Verdict, told: list[Reason],
               known: Mapping[str, Value]) -> str:
    """From when on it fits by waiting alone; "" where waiting does not help.

    Where other conditions are still open nothing is promised: then it is said of the failing ones (``told``) alone.
    """
    if verdict.mend is not None:
        return _when(turn, verdict.day, verdict.mend)
    ways = {"", *(reason.route for reason in told)}
    still_open = [reason.text.rstrip("。") for reason in verdict.reasons
                  if reason.status == "unknown" and reason.route in ways]
    failing = [condition.rule for reason in told if (condition := _condition(rules, reason)) is not None]
    if not still_open or not failing:
        return ""
    alone = mending(all_of(failing), verdict.policy.in_force, rules.catalogue, known, verdict.day)
    if alone is None:
        return ""
    return turn.say("eligible_but", when=_when(turn, verdict.day, alone).rstrip("。"),
                    what="这一条" if len(told) == 1 else "这几条",
                    open=listed(still_open[:MOST_OPEN]) + ("等" if len(still_open) > MOST_OPEN else ""))


def _when(turn: Turn, day: dt.date, mend: Mend) -> str:
    fact = turn.knowledge.catalogue.facts.get(mend.steps[0].fact) if len(mend.steps) == 1 else None
    wait = months_between(day, mend.latest)
    if mend.day is not None and fact is not None and fact.type == "months":
        return turn.say("eligible_from_months", name=plain_name(fact), months=wait, value=mend.steps[0].value,
                        day=chinese_day(mend.day))
    if mend.day is not None:
        return turn.say("eligible_from", day=chinese_day(mend.day))
    if fact is not None:
        return turn.say("eligible_at", name=plain_name(fact), value=mend.steps[0].value, unit=fact.unit,
                        years=-(-wait // 12))
    return turn.say("eligible_by", day=chinese_day(mend.latest))


def plain_name(fact: Fact) -> str:
    """社保连续缴费, of 社保连续缴费月数: to be followed by a number with its unit."""
    name = fact.name.partition("（")[0]
    for ending in COUNTED:
        name = name.removesuffix(ending)
    return name


def _lacks(rules: PolicyRules, reason: Reason, known: Mapping[str, Value]) -> tuple[Shortfall, ...]:
    condition = _condition(rules, reason)
    found = shortfalls(condition.rule, known, rules.catalogue) if condition is not None else ()
    return found[:MOST_CHANGES]


def _condition(rules: PolicyRules, reason: Reason) -> Optional[CompiledCondition]:
    return next((item for item in rules.every_condition if item.condition.id == reason.id), None)


def _lack_text(turn: Turn, lack: Shortfall) -> str:
    name = _name(turn, lack.fact)
    if not name:
        return ""
    words = "还差" if lack.short else OVER[lack.unit]
    if lack.most is None:
        return turn.say("lacks_unsure", name=name, words=words)
    if lack.least != lack.most:
        return turn.say("lacks_about", name=name, words=words, least=number_text(lack.least),
                        most=number_text(lack.most), unit=lack.unit)
    if lack.past and lack.most == 0:
        return turn.say("lacks_at_the_line", name=name, words="高" if lack.short else "低")
    return turn.say("lacks", name=name, words=words, number=number_text(lack.most), unit=lack.unit)


def _count_text(turn: Turn, rules: PolicyRules, reason: Reason, known: Mapping[str, Value]) -> str:
    """3项里达到1项，要2项, of a count that too few of its members reach and no single number mends."""
    condition = _condition(rules, reason)
    if condition is None or not isinstance(condition.rule, Count):
        return ""
    counted = condition.rule.tally(known)
    if counted.holding >= condition.rule.least:
        return ""
    return turn.say("lacks_count", count=len(condition.rule.children), met=counted.holding, least=condition.rule.least)


def _name(turn: Turn, slug: str) -> str:
    """人均月收入, of a derived fact: what its parts are called, shared out."""
    catalogue = turn.knowledge.catalogue
    if slug in catalogue.facts:
        return plain_name(catalogue.facts[slug])
    parts = [base for base in catalogue.base_facts(slug) if base != "household.size"]
    if len(parts) != 1 or "household.size" not in catalogue.base_facts(slug):
        return ""
    return f"人均{plain_name(catalogue.facts[parts[0]]).removeprefix('家庭')}"


def _reason_text(reason: Reason, lack: str) -> str:
    """年龄还差3岁（没满65周岁）: how much first, where it can be measured."""
    text = reason.text.rstrip("。")
    if lack:
        return f"{lack}（{text if reason.says_failure else f'要“{text}”'}）"
    return text if reason.says_failure else f"没有达到“{text}”"


def _first_part(reason: Reason, lack: str) -> str:
    """A reason in brief: how much is lacking, else the first clause of what fails."""
    if lack:
        return lack
    text = reason.text.rstrip("。").partition("；")[0].partition("，")[0]
    return text if reason.says_failure else f"没有达到“{text}”"


def _all_else_holds(verdict: Verdict, failing: Reason) -> bool:
    """Whether this one condition is all that stands in the way, nothing else being open."""
    others = [reason for reason in verdict.reasons if reason != failing]
    if any(reason.status != "met" for reason in others if reason.route in ("", failing.route)):
        return False
    if failing.route:
        return True
    ways: dict[str, list[Reason]] = {}
    for reason in others:
        if reason.route:
            ways.setdefault(reason.route, []).append(reason)
    return not ways or any(all(reason.status == "met" for reason in way) for way in ways.values())
