"""The deeper reading of content, beyond whether names exist: would a good clerk and a picky neighbour agree?

Households are run through the engine and FAQs need phrases and tests: ``serving_problems``, which every reload asks.
What takes seconds (each sentence is encoded) or only tidies up is left to ``python -m bot check`` and the tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Optional

from knowledge.assemble import Assembled, assemble
from knowledge.check_conflicts import conflict_problems, sources_of
from knowledge.check_contacts import contact_problems
from knowledge.check_dates import expiry_problems, source_date_problems
from knowledge.check_faqs import faq_problems
from knowledge.check_households import household_problems
from knowledge.check_menu import menu_problems
from knowledge.check_overlap import alias_problems, overlap_problems
from knowledge.check_points import point_problems
from knowledge.check_rules import facts_used, rule_problems
from knowledge.errors import Problem
from knowledge.faq import FaqIndex
from knowledge.loader import Parts


def deep_problems(parts: Parts, *, today: dt.date, assembled: Optional[Assembled] = None,
                  index: Optional[FaqIndex] = None, only: Optional[Collection[Path]] = None) -> list[Problem]:
    """What ``assemble`` does not check, in the order of files and lines.

    With ``only`` the slow trials are those of these files; what is quick is looked at everywhere.
    ``assembled`` saves joining ``parts`` again. Without ``index`` the FAQs are not tried against each other
    (W106, W107). Parts that are broken are left out; their own problems are in ``parts.problems``.
    """
    joined = assembled if assembled is not None else assemble(parts)
    found = [*relation_problems(parts, joined, only), *faq_problems(parts, joined, index, only),
             *expiry_problems(parts, today), *source_date_problems(parts, today), *point_problems(parts, joined, only),
             *alias_problems(parts, only), *_unused(parts, joined)]
    if index is not None:
        found += overlap_problems(parts, joined, index, only)
    return sorted(found, key=lambda item: item.place)


def serving_problems(parts: Parts, joined: Assembled, *, today: Optional[dt.date] = None) -> list[Problem]:
    """All that decides whether content may be served: what ``assemble`` found, rules, households, the FAQs' make-up.

    What runs out (on ``today``, by default the machine's day) is warned of.
    """
    return [*joined.problems, *relation_problems(parts, joined), *faq_problems(parts, joined, None),
            *expiry_problems(parts, today or dt.date.today())]


def relation_problems(parts: Parts, joined: Assembled, only: Optional[Collection[Path]] = None) -> list[Problem]:
    """What is wrong between records that load, beyond names: rules, households, conflicts, phones."""
    return [*rule_problems(joined, only), *household_problems(joined, only), *conflict_problems(parts, joined),
            *contact_problems(parts), *menu_problems(parts)]


def _unused(parts: Parts, joined: Assembled) -> Iterator[Problem]:
    facts = {fact for rules in joined.policies.values() for fact in facts_used(rules)}
    for part in parts.of_kind("facts"):
        for number, fact in enumerate(part.record.facts):
            if fact.slug not in facts and part.yaml is not None:
                yield part.problem("W103", ("facts", number, "slug"), name=fact.slug)
    sources = set(_sources_used(parts))
    for part in parts.of_kind("sources"):
        for number, source in enumerate(part.record.sources):
            if source.id not in sources and part.yaml is not None:
                yield part.problem("W104", ("sources", number, "id"), name=source.id)


def _sources_used(parts: Parts) -> Iterator[str]:
    for part in parts.of_kind("topic"):
        if part.record.card is not None:
            yield from part.record.card.sources
        for faq in part.record.faqs:
            yield from faq.sources
        for conflict in part.record.conflicts:
            yield from sources_of(conflict)
    for part in parts.of_kind("policy"):
        yield from part.record.sources
    for kind, key in (("hotlines", "hotlines"), ("emergencies", "emergencies")):
        for part in parts.of_kind(kind):
            for item in getattr(part.record, key):
                yield from item.sources
