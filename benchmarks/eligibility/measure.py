"""The measurements: times of verdicts and questions, and how many questions it takes.

Times are those of the processor, so that what else the machine does hardly counts.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from benchmarks.eligibility import fisca
from knowledge.base import Snapshot
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.eligibility import engine
from knowledge.eligibility.best_order import best_order
from knowledge.eligibility.engine import PolicyRules
from knowledge.eligibility.many import ManyPolicies, next_fact_for_many, open_policies
from knowledge.eligibility.values import Value

REPEATS = 5
#: A made-up resident has the facts of so many test households of all policies together.
_MIXED = 12
_SEED = 7


@dataclass(frozen=True)
class Times:
    """Quantiles of some times, in one unit."""

    count: int
    median: float
    p95: float
    worst: float

    @staticmethod
    def of(seconds: Sequence[float], unit: float) -> Times:
        ordered = sorted(seconds)
        return Times(len(ordered), statistics.median(ordered) / unit, ordered[int(0.95 * (len(ordered) - 1))] / unit,
                     ordered[-1] / unit)


def best_of(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds of the quickest of some runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.thread_time()
        run()
        best = min(best, time.thread_time() - start)
    return best


def verdict_times(content: Snapshot) -> Times:
    """Microseconds of one verdict, with reasons, amount and what is missing, over all test households."""
    seconds = []
    for name, households in content.households.items():
        rules = content.policies[name]
        for household in households:
            facts, day = rules.catalogue.read(household.facts), household.on or HOUSEHOLD_DAY
            city = rules.policy.region
            seconds.append(best_of(lambda r=rules, f=facts, d=day, c=city:  # type: ignore[misc]
                                   engine.evaluate(r, f, day=d, city=c)))
    return Times.of(seconds, 1e-6)


def question_times(content: Snapshot) -> tuple[Times, float]:
    """Milliseconds of each next question in one conversation per test household, nothing kept from before; and the
    mean number of questions of a conversation in which what a household does not tell is not known to it either."""
    best_order.cache_clear()
    seconds: list[float] = []
    asked = conversations = 0
    for name, households in content.households.items():
        rules = content.policies[name]
        for household in households:
            told, day = rules.catalogue.read(household.facts), household.on or HOUSEHOLD_DAY

            def ask(known: Mapping[str, Value], skip: set[str], rules: PolicyRules = rules,
                    day: dt.date = day) -> Optional[str]:
                start = time.thread_time()
                found = engine.next_question(rules, known, day=day, city=rules.policy.region, skip=skip)
                seconds.append(time.thread_time() - start)
                return found

            asked += len(_conversation(ask, told))
            conversations += 1
    return Times.of(seconds, 1e-3), asked / conversations


def _conversation(ask: Callable[[Mapping[str, Value], set[str]], Optional[str]],
                  told: Mapping[str, Value]) -> list[str]:
    """The facts asked until nothing is left to ask."""
    known: dict[str, Value] = {}
    skip: set[str] = set()
    asked: list[str] = []
    while (slug := ask(known, skip)) is not None:
        asked.append(slug)
        if slug in told:
            known[slug] = told[slug]
        else:
            skip.add(slug)
    return asked


def many_times(rules: Sequence[PolicyRules], content: Snapshot, *, conversations: int = 12,
               questions: int = 12) -> tuple[Times, float]:
    """Milliseconds of the next best question over all ``rules``, and seconds to compile them for it."""
    start = time.thread_time()
    many = ManyPolicies(rules)
    compiled = time.thread_time() - start
    seconds: list[float] = []
    for told in residents(content, conversations):
        known: dict[str, Value] = {}
        skip: set[str] = set()
        for _ in range(questions):
            start = time.thread_time()
            slug = many.next_fact(known, day=HOUSEHOLD_DAY, city="510100", skip=skip)
            seconds.append(time.thread_time() - start)
            if slug is None:
                break
            if slug in told:
                known[slug] = told[slug]
            else:
                skip.add(slug)
    return Times.of(seconds, 1e-3), compiled


def residents(content: Snapshot, count: int) -> list[dict[str, Value]]:
    """Made-up residents who know the facts of several test households, the same ones each time."""
    households = [household for some in content.households.values() for household in some]
    rng = random.Random(_SEED)
    found = []
    for _ in range(count):
        told: dict[str, Value] = {}
        for household in rng.sample(households, _MIXED):
            told.update(content.catalogue.read(household.facts))
        found.append(told)
    return found


def questions_for_many(content: Snapshot, city: str, regions: Sequence[str], *, count: int = 20) -> dict[str, Any]:
    """How many questions it takes to settle all policies of ``regions``, and how many are settled after so many.

    ``chosen``: one question that serves many; ``in_turn``: policy after policy, each with its own best order,
    nothing asked twice.
    """
    rules = [item for item in content.policies.values() if item.policy.region in regions]
    totals: dict[str, list[int]] = {"chosen": [], "in_turn": []}
    after: dict[str, dict[int, list[int]]] = {"chosen": {}, "in_turn": {}}
    for told in residents(content, count):
        orders = {
            "chosen": _conversation(lambda known, skip: next_fact_for_many(
                rules, known, day=HOUSEHOLD_DAY, city=city, skip=skip), told),
            "in_turn": _conversation(lambda known, skip: _in_turn(rules, known, city, skip), told),
        }
        for how, order in orders.items():
            totals[how].append(len(order))
            for number in (5, 8, 12):
                known = {slug: told[slug] for slug in order[:number] if slug in told}
                left = len(open_policies(rules, known, day=HOUSEHOLD_DAY, city=city))
                after[how].setdefault(number, []).append(len(rules) - left)
    return {"city": city, "policies": len(rules), **{
        how: {"questions": statistics.mean(totals[how]),
              "settled_after": {number: statistics.mean(found) for number, found in after[how].items()}}
        for how in totals}}


def _in_turn(rules: Sequence[PolicyRules], known: Mapping[str, Value], city: str, skip: set[str]) -> Optional[str]:
    for item in rules:
        slug = next_fact_for_many([item], known, day=HOUSEHOLD_DAY, city=city, skip=skip)
        if slug is not None:
            return slug
    return None


def ours_for_fisca(found: Sequence[fisca.Case]) -> tuple[list[bool], float]:
    """Whether each case is eligible, and microseconds of a verdict (median)."""
    verdicts, seconds = [], []
    for case in found:
        city = case.rules.policy.region
        verdicts.append(engine.evaluate(case.rules, case.facts, day=case.day, city=city).outcome == "eligible")
        seconds.append(best_of(lambda c=case, r=city:  # type: ignore[misc]
                               engine.evaluate(c.rules, c.facts, day=c.day, city=r)))
    return verdicts, statistics.median(seconds) * 1e6
