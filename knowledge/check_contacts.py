"""Phones and hours that cannot be, in cards, FAQs, policies, hotlines and tables of sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from knowledge.errors import Problem, problem
from knowledge.hours import HoursError, parse_hours
from knowledge.loader import Part, Parts
from knowledge.schema import Contact
from knowledge.yamlfile import Path_

_SPLIT = re.compile(r"[、,，;；/]\s*")
#: Hotlines (110, 12345, 95598, with an area code 021-12345), landlines with or without their area code, mobiles,
#: 400 and 800 numbers; an extension may follow.
PHONE = re.compile(
    r"(?:(?:0\d{2,3}-?)?(?:1[12]\d|12[1-9]\d{2}|9[56]\d{3,4})|(?:0(?:10|2\d)-?)?[2-8]\d{7}|0[3-9]\d{2}-?[2-8]\d{6,7}"
    r"|1[3-9]\d{9}|[48]00-?\d{3}-?\d{4})(?:(?:转|-)\d{1,5})?"
)


def fault_of_phone(phone: str) -> str:
    """The part of ``phone`` that no phone can be; "" if every part can."""
    return next((part for part in _SPLIT.split(phone) if not PHONE.fullmatch(part)), "") if phone else ""


def contact_problems(parts: Parts) -> Iterator[Problem]:
    """Phones (E062) and hours (W114) that cannot be read."""
    for kind in ("topic", "policy", "hotlines", "sites"):
        for part in parts.of_kind(kind):
            yield from parts.remembered(("contacts", part.path), part.digest, partial(_of_part, part))


def _of_part(part: Part) -> tuple[Problem, ...]:
    found: list[Problem] = []
    if part.kind == "sites":
        for number, site in enumerate(part.record):
            wrong = fault_of_phone(site.phone)
            if wrong:
                found.append(problem("E062", part.path, (number + 2, 1), phone=wrong))
        return tuple(found)
    for phone, at in _phones(part):
        wrong = fault_of_phone(phone)
        if wrong:
            found.append(part.problem("E062", at, phone=wrong))
    for contact, at in _contacts(part):
        if contact.hours and not _readable(contact.hours):
            found.append(part.problem("W114", (*at, "hours"), hours=contact.hours))
    return tuple(found)


def _phones(part: Part) -> Iterator[tuple[str, Path_]]:
    if part.kind == "hotlines":
        for number, hotline in enumerate(part.record.hotlines):
            yield hotline.number, ("hotlines", number, "number")
    if part.kind == "topic":
        for number, faq in enumerate(part.record.faqs):
            yield faq.phone, ("faqs", number, "phone")
    for contact, at in _contacts(part):
        yield contact.phone, (*at, "phone")


def _contacts(part: Part) -> Iterator[tuple[Contact, Path_]]:
    if part.kind == "topic" and part.record.card is not None:
        for number, contact in enumerate(part.record.card.contacts):
            yield contact, ("card", "contacts", number)
    if part.kind == "policy":
        for number, contact in enumerate(part.record.contacts):
            yield contact, ("contacts", number)


def _readable(hours: str) -> bool:
    try:
        parse_hours(hours)
    except HoursError:
        return False
    return True
