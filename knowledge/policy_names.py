"""The names by which residents call a policy outright: 人才优租, 公租房租赁补贴, 工业园区应届毕业生安家补贴."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from knowledge.eligibility.engine import PolicyRules
from knowledge.schema import Region
from knowledge.text import normalise

#: A shorter name is also part of other words and names.
SHORTEST = 4
#: A hint of so many characters that ends like a benefit is a name of the policy, too.
NAMING_HINT = 5
_BENEFIT = re.compile(r"(补贴|补助|津贴|救助|供养|保险|优租|提取|改造|扣除|配租|乘车)$")
_BRACKETS = re.compile(r"[（(][^）)]{0,200}[）)]")


def policies_named(text: str, policies: Iterable[PolicyRules], regions: Mapping[str, Region]
                   ) -> list[tuple[PolicyRules, int, int]]:
    """The policies whose name stands in ``text`` (normal form), with where; the longest name of each, longest first."""
    found = []
    for rules in policies:
        region = regions.get(rules.policy.region)
        places = (region.name, region.short) if region is not None else ()
        for name in _names(rules.policy.name, rules.policy.hints, places):
            start = text.find(name)
            if start >= 0:
                found.append((rules, start, start + len(name)))
                break
    return sorted(found, key=lambda item: item[1] - item[2])


@functools.lru_cache(maxsize=4096)
def _names(name: str, hints: tuple[str, ...], places: tuple[str, ...]) -> tuple[str, ...]:
    """The longest first: the name without its brackets, without its region, and the hints that name."""
    whole = _BRACKETS.sub("", name)
    names = {whole, *(hint for hint in hints if len(hint) >= NAMING_HINT and _BENEFIT.search(hint))}
    for place in places:
        names |= {re.sub(rf"^{re.escape(place)}[市省区]?", "", whole)}
    return tuple(sorted((plain for item in names if len(plain := normalise(item)) >= SHORTEST), key=len, reverse=True))
