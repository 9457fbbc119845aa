"""The rules of a chosen day: a policy and what it said, or will say, at other times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from knowledge.eligibility.rules import RuleError
from knowledge.schema import InForce, Policy


def holds(force: InForce, day: dt.date) -> bool:
    """Whether a rule is in force on ``day``; an end that the paper does not name is open."""
    return (force.start is None or force.start <= day) and (force.until is None or day <= force.until)


def as_of_versions(policy: Policy) -> Iterator[Policy]:
    """The policy as each of its ``versions`` has it, in their order.

    Raises:
        RuleError: where two stretches of time share a day, which would leave open whose rules hold.
    """
    stretches = [policy.in_force]
    for number, version in enumerate(policy.versions):
        if any(_share_a_day(version.in_force, other) for other in stretches):
            raise RuleError("这一版的起止日期和别的版重叠了：一天只能按一版，旧的写 until，新的写 start",
                            ("versions", number, "in_force"))
        stretches.append(version.in_force)
        given = {name: value for name in version.__struct_fields__
                 if (value := getattr(version, name)) is not msgspec.UNSET}
        yield msgspec.structs.replace(policy, versions=(), **given)


def _share_a_day(one: InForce, other: InForce) -> bool:
    first = max((force.start for force in (one, other) if force.start is not None), default=dt.date.min)
    last = min((force.until for force in (one, other) if force.until is not None), default=dt.date.max)
    return first <= last
