"""Runs each policy's test households through the engine, and asks whether they try every condition both ways."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import msgspec

from knowledge.assemble import Assembled
from knowledge.eligibility.engine import CompiledCondition, PolicyRules, Verdict, evaluate, known_facts
from knowledge.eligibility.facts import FactError
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Constant, Truth
from knowledge.eligibility.values import Range, Value
from knowledge.errors import Problem
from knowledge.loader import Part
from knowledge.records import suggestion
from knowledge.regions import city_of
from knowledge.schema import Household, HouseholdsFile, Outcome
from knowledge.yamlfile import Path_

#: The day of a household that names none: when the first content was read against its sources. It is fixed, so that
#: children's ages and rules that run out do not turn a passing household into a failing one overnight.
HOUSEHOLD_DAY = dt.date(2026, 11, 21)

#: Policies with sound households, by the bytes of both and of the facts: an edit elsewhere runs none of them again.
_sound: set[tuple[str, str, str]] = set()
_OUTCOMES: dict[Outcome, str] = {
    "eligible": "符合条件", "ineligible": "不符合条件", "undetermined": "情况不全、还定不了",
}


@dataclass(frozen=True)
class HouseholdRun:
    """What the engine says of one household; ``truths`` by condition id, common ones and those of all routes."""

    household: Household
    verdict: Verdict
    truths: dict[str, Truth]


def household_problems(joined: Assembled, only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """Wrong facts (E026, E034), wrong verdicts (E032), untried conditions (E033) and outcomes (E035).

    ``only``: of policies of which one of these files speaks.
    """
    for name, (file, part) in sorted(joined.households.items()):
        rules = joined.policies.get(name)
        if rules is None:
            continue  # the policy is broken or missing, which is an error of its own
        policy_part = joined.policy_parts[name]
        if only is not None and policy_part.path not in only and part.path not in only:
            continue
        state = (policy_part.digest, part.digest, joined.facts_digest)
        if state in _sound:
            continue
        wrong = list(_policy_problems(policy_part, part, rules, file))
        yield from wrong
        if not wrong:
            _sound.add(state)


def _policy_problems(policy_part: Part, part: Part, rules: PolicyRules, file: HouseholdsFile) -> Iterator[Problem]:
    runs: list[HouseholdRun] = []
    for number, household in enumerate(file.households):
        at: Path_ = ("households", number)
        wrong = list(_fact_problems(part, at, household, rules))
        yield from wrong
        if wrong:
            continue
        done = run_household(rules, household)
        runs.append(done)
        for key, expected, found in differences(done):
            yield part.problem("E032", (*at, "expect", key), name=household.name,
                               expected=f" {key}: {_said(expected)}", found=f" {key}: {_said(found)}")
    yield from _coverage(policy_part, part, rules, file, runs)


def run_household(rules: PolicyRules, household: Household) -> HouseholdRun:
    """Evaluate ``household`` as a conversation in the policy's own city would; FactError for a wrong fact."""
    facts = rules.catalogue.read(household.facts)
    day, city = household.on or HOUSEHOLD_DAY, city_of(rules.policy.region)
    known = known_facts(rules, facts, day=day, city=city)
    truths = {item.condition.id: _truth(item, known, rules) for item in rules.every_condition}
    return HouseholdRun(household, evaluate(rules, facts, day=day, city=city), truths)


def differences(run: HouseholdRun) -> list[tuple[str, Any, Any]]:
    """(key of ``expect``, expected, found) for all that differs; after a wrong outcome nothing else is compared."""
    expect, verdict = run.household.expect, run.verdict
    if expect.outcome != verdict.outcome:
        return [("outcome", expect.outcome, verdict.outcome)]
    amount = verdict.amount.value if verdict.amount is not None else None
    wrong: list[tuple[str, Any, Any]] = []
    if expect.amount is not msgspec.UNSET and not _same_amount(expect.amount, amount):
        wrong.append(("amount", expect.amount, amount))
    if expect.missing is not msgspec.UNSET and set(expect.missing) != set(verdict.missing):
        wrong.append(("missing", sorted(expect.missing), sorted(verdict.missing)))
    route = verdict.route.id if verdict.route is not None else None
    if expect.route is not msgspec.UNSET and expect.route != route:
        wrong.append(("route", expect.route, route))
    unmet = {reason.id for reason in verdict.unmet}
    if expect.unmet is not msgspec.UNSET and set(expect.unmet) != unmet:
        wrong.append(("unmet", sorted(expect.unmet), sorted(unmet)))
    return wrong


def placed_conditions(rules: PolicyRules) -> Iterator[tuple[CompiledCondition, Path_]]:
    """The common conditions and those of every route, each with where it stands in the policy's file."""
    for place, item in enumerate(rules.conditions):
        yield item, ("conditions", place)
    for way, route in enumerate(rules.routes):
        for place, item in enumerate(route.conditions):
            yield item, ("routes", way, "conditions", place)


def _same_amount(expected: Any, found: Any) -> bool:
    if expected is None or found is None or isinstance(found, Range):
        return expected is None and found is None
    return abs(float(expected) - float(found)) < 0.005


def _truth(item: CompiledCondition, known: dict[str, Value], rules: PolicyRules) -> Truth:
    settled = simplify(item.rule, known, rules.catalogue.facts)
    return settled.value if isinstance(settled, Constant) else None


def _fact_problems(part: Part, at: Path_, household: Household, rules: PolicyRules) -> Iterator[Problem]:
    for slug, raw in household.facts.items():
        where = (*at, "facts", slug)
        if slug not in rules.catalogue:
            yield part.problem("E026", where, name=slug, hint=suggestion(slug, rules.catalogue.facts))
            continue
        try:
            rules.catalogue.read_value(slug, raw)
        except FactError as error:
            yield part.problem("E034", where, detail=str(error))
    missing = household.expect.missing
    for number, slug in enumerate(missing if missing is not msgspec.UNSET else ()):
        if slug not in rules.catalogue:
            yield part.problem("E026", (*at, "expect", "missing", number), name=slug,
                           hint=suggestion(slug, rules.catalogue.facts))


def _coverage(policy_part: Part, part: Part, rules: PolicyRules, file: HouseholdsFile,
              runs: list[HouseholdRun]) -> Iterator[Problem]:
    if len(runs) < len(file.households):
        return  # some could not be run: what is missing cannot be told yet
    policy = rules.policy
    for item, at in placed_conditions(rules):
        if isinstance(item.rule, Constant):
            continue  # an always has one side only
        tried = {run.truths[item.condition.id] for run in runs}
        for truth, side in ((True, "达到"), (False, "没达到")):
            if truth not in tried:
                yield policy_part.problem("E033", at, name=item.condition.id, side=side)
    for version in rules.versions:
        if not any(run.verdict.policy is version.policy for run in runs):
            start = version.policy.in_force.start
            yield part.problem("E035", ("households",), name=policy.policy,
                               side=f"{start or '最早'}起那一版（on: 写那一版里的一天）")
    if isinstance(rules.whole, Constant):
        return
    outcomes = {run.verdict.outcome for run in runs}
    for outcome, side in _OUTCOMES.items():
        if outcome not in outcomes:
            yield part.problem("E035", ("households",), name=policy.policy, side=side)


def _said(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
