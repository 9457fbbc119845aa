"""What has run out or soon will, and sources of which nobody can tell how old they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Optional

from knowledge.errors import Problem
from knowledge.loader import Part, Parts
from knowledge.schema import InForce
from knowledge.yamlfile import Path_

#: A rule that ends within so many days is said to.
SOON_DAYS = 90
#: A note that says why there is no date.
_EXPLAINS = re.compile(r"日期|日子|年份|年月|时间|没有标|没写|20\d\d")


def expiry_problems(parts: Parts, today: dt.date) -> Iterator[Problem]:
    """Policies, cards and FAQs that end within ``SOON_DAYS`` (W101) or have ended (W102)."""
    for part in parts.of_kind("policy"):
        yield from _force(part, ("in_force",), part.record.policy, part.record.in_force, today)
    for part in parts.of_kind("topic"):
        key = f"{part.record.region}/{part.record.topic}"
        if part.record.card is not None:
            yield from _force(part, ("card", "in_force"), key, part.record.card.in_force, today)
        for number, faq in enumerate(part.record.faqs):
            yield from _force(part, ("faqs", number, "in_force"), f"{key}#{faq.id}", faq.in_force, today)


def _force(part: Part, at: Path_, name: str, force: Optional[InForce], today: dt.date) -> Iterator[Problem]:
    if force is None or force.until is None:
        return
    if force.start is not None and force.start > force.until:
        yield part.problem("E063", at, name=name, start=force.start, until=force.until)
    elif force.until < today:
        yield part.problem("W102", at, name=name, until=force.until)
    elif (force.until - today).days <= SOON_DAYS:
        yield part.problem("W101", at, name=name, until=force.until, days=(force.until - today).days)


def source_date_problems(parts: Parts, today: dt.date) -> Iterator[Problem]:
    """Sources without a date and without a word of why (W117), and dates that are still to come (W118)."""
    for part in parts.of_kind("sources"):
        for number, source in enumerate(part.record.sources):
            if not source.date and not _EXPLAINS.search(source.note + source.title + source.document_number):
                yield part.problem("W117", ("sources", number), name=source.id)
            elif source.date > today.isoformat()[:len(source.date)]:
                yield part.problem("W118", ("sources", number, "date"), name=source.id, date=source.date)
