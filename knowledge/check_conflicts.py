"""What sources disagree about: every claim has its source, the newest stands first, and somebody tells it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from knowledge.assemble import Assembled
from knowledge.errors import Problem
from knowledge.loader import Part, Parts
from knowledge.records import suggestion
from knowledge.schema import Conflict


def conflict_problems(parts: Parts, joined: Assembled) -> Iterator[Problem]:
    """Claims out of order (E047), names of conflicts that are not there (E046), conflicts nobody tells (W108)."""
    told: set[str] = set()
    for part in parts.of_kind("topic"):
        here = f"{part.record.region}/{part.record.topic}#"
        for number, faq in enumerate(part.record.faqs):
            if faq.conflict:
                told.add(here + faq.conflict)
                yield from _named(part, ("faqs", number, "conflict"), here, faq.conflict, joined)
    for part in parts.of_kind("policy"):
        here = f"{part.record.region}/{part.record.topic}#"
        for number, name in enumerate(part.record.conflicts):
            told.add(here + name)
            yield from _named(part, ("conflicts", number), here, name, joined)
    for part in parts.of_kind("topic"):
        for number, conflict in enumerate(part.record.conflicts):
            yield from _order(part, number, conflict, joined)
            if f"{part.record.region}/{part.record.topic}#{conflict.id}" not in told:
                yield part.problem("W108", ("conflicts", number, "id"), name=conflict.id)


def _named(part: Part, at: tuple[str | int, ...], here: str, name: str, joined: Assembled) -> Iterator[Problem]:
    if here + name not in joined.conflicts:
        known = [key.removeprefix(here) for key in joined.conflicts if key.startswith(here)]
        yield part.problem("E046", at, name=name, hint=suggestion(name, known))


def _order(part: Part, number: int, conflict: Conflict, joined: Assembled) -> Iterator[Problem]:
    dates = [max((joined.sources[name].date for name in claim.sources if name in joined.sources), default="")
             for claim in conflict.claims]
    dated = [date for date in dates if date]
    # 2021 and 2021-03 may be the same day: only as much of a date is compared as both give.
    backwards = any(later[:len(earlier)] > earlier[:len(later)]
                    for earlier, later in itertools.pairwise(dated))
    if backwards:
        yield part.problem("E047", ("conflicts", number, "claims"), name=conflict.id,
                           dates="、".join(date or "没有日期" for date in dates))


def sources_of(conflict: Conflict) -> list[str]:
    """The ids of all sources of its claims."""
    return [name for claim in conflict.claims for name in claim.sources]


