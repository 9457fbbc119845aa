"""What has run out or soon will, and sources of which nobody can tell how old they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import partial
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
    for kind in ("policy", "topic"):
        for part in parts.of_kind(kind):
            for at, name, force in parts.remembered(("in force", part.path), part.digest, partial(_forces, part)):
                yield from _force(part, at, name, force, today)


def _forces(part: Part) -> list[tuple[Path_, str, InForce]]:
    """Where the file says how long something holds, of what, and how long."""
    record = part.record
    if part.kind == "policy":
        # Whose rules go on in a later version does not end.
        followed = any(_follows(version.in_force, record.in_force) for version in record.versions)
        return [] if followed else [(("in_force",), record.policy, record.in_force)]
    key = f"{record.region}/{record.topic}"
    found: list[tuple[Path_, str, Optional[InForce]]] = [
        (("faqs", number, "in_force"), f"{key}#{faq.id}", faq.in_force) for number, faq in enumerate(record.faqs)]
    if record.card is not None:
        found.insert(0, (("card", "in_force"), key, record.card.in_force))
    return [(at, name, force) for at, name, force in found if force is not None]


def _follows(later: InForce, force: InForce) -> bool:
    return force.until is not None and later.start is not None and later.start > force.until


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
