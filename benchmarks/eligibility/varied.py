"""Thousands of policies made from the real ones: the same conditions with other bounds. Nothing in them is a fact."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from knowledge.eligibility.engine import PolicyRules, compile_policy
from knowledge.eligibility.rules import RuleError
from knowledge.schema import Condition, Fact, InForce, Policy

_ORDERED = ("at_least", "more_than", "at_most", "less_than")
_DAYS = ("before", "after", "on_or_before", "on_or_after")


def varied_policies(real: Sequence[PolicyRules], count: int, *, seed: int = 1) -> list[PolicyRules]:
    """``count`` policies in force, each one of ``real`` in turn with its numbers and days moved by up to a third."""
    rng = random.Random(seed)
    made: list[PolicyRules] = []
    while len(made) < count:
        source = real[len(made) % len(real)]
        policy = _varied(source.policy, source.catalogue.facts, rng, len(made))
        try:
            made.append(compile_policy(policy, source.catalogue))
        except RuleError as error:
            raise AssertionError(f"{policy.policy}: {error}") from error
    return made


def _varied(policy: Policy, facts: Mapping[str, Fact], rng: random.Random, number: int) -> Policy:
    def moved(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(msgspec.structs.replace(item, rule=_rule(item.rule, facts, rng)) for item in conditions)

    return msgspec.structs.replace(
        policy, policy=f"{policy.policy}.v{number}", conditions=moved(policy.conditions), in_force=InForce(),
        routes=tuple(msgspec.structs.replace(route, conditions=moved(route.conditions)) for route in policy.routes))


def _rule(form: Any, facts: Mapping[str, Fact], rng: random.Random) -> Any:
    """The rule's YAML form with other bounds."""
    if isinstance(form, list):
        return [_rule(item, facts, rng) for item in form]
    if not isinstance(form, dict):
        return form
    if "fact" not in form:
        return {key: _rule(value, facts, rng) if key in ("all", "any", "not") else value
                for key, value in form.items()}
    return {key: _bound(key, value, facts.get(form["fact"]), rng) for key, value in form.items()}


def _bound(operator: str, operand: Any, fact: Any, rng: random.Random) -> Any:
    if operator in _DAYS:
        day = operand if isinstance(operand, dt.date) else dt.date.fromisoformat(str(operand))
        return day + dt.timedelta(days=rng.randint(-120, 120))
    if operator not in _ORDERED:
        return operand
    number = round(operand * rng.uniform(2 / 3, 4 / 3))
    low = fact.minimum if fact is not None and fact.minimum is not None else 0
    high = fact.maximum if fact is not None and fact.maximum is not None else number
    return min(max(number, low), high)
