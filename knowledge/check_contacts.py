"""Phones and hours that cannot be, in cards, FAQs, policies, hotlines and tables of sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from knowledge.errors import Problem, problem
from knowledge.hours import HoursError, parse_hours
from knowledge.loader import Parts
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
    for kind in ("topic", "policy"):
        for part in parts.of_kind(kind):
            record = part.record
            contacts: list[tuple[Any, Path_]] = []
            if kind == "topic":
                if record.card is not None:
                    contacts += [(item, ("card", "contacts", number))
                                 for number, item in enumerate(record.card.contacts)]
                for number, faq in enumerate(record.faqs):
                    wrong = fault_of_phone(faq.phone)
                    if wrong:
                        yield part.problem("E062", ("faqs", number, "phone"), phone=wrong)
            else:
                contacts += [(item, ("contacts", number)) for number, item in enumerate(record.contacts)]
            for item, at in contacts:
                wrong = fault_of_phone(item.phone)
                if wrong:
                    yield part.problem("E062", (*at, "phone"), phone=wrong)
                if item.hours and not _readable(item.hours):
                    yield part.problem("W114", (*at, "hours"), hours=item.hours)
    for part in parts.of_kind("hotlines"):
        for number, hotline in enumerate(part.record.hotlines):
            wrong = fault_of_phone(hotline.number)
            if wrong:
                yield part.problem("E062", ("hotlines", number, "number"), phone=wrong)
    for part in parts.of_kind("sites"):
        for number, site in enumerate(part.record):
            wrong = fault_of_phone(site.phone)
            if wrong:
                yield problem("E062", part.path, (number + 2, 1), phone=wrong)


def _readable(hours: str) -> bool:
    try:
        parse_hours(hours)
    except HoursError:
        return False
    return True
