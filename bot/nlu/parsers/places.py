"""Names of provinces, cities and districts that stand before 户口 or after 租在. Their codes are not known here."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from knowledge.schema import Fact

_LONGEST = 6


def _load() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for line in (Path(__file__).parent / "place_names.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name = line.split()
            kinds[name] = kind
    return kinds


#: Name → province, city or district.
KINDS = _load()


def place_before(text: str, end: int) -> Optional[tuple[str, str, int]]:
    """(name, kind, start) of the longest place name that ends at ``end``, with or without 市/区/县."""
    for tail in ("", "市", "区", "县", "省"):
        stop = end - len(tail)
        if tail and (stop <= 0 or text[stop:end] != tail):
            continue
        for start in range(max(0, stop - _LONGEST), stop - 1):
            kind = KINDS.get(text[start:stop])
            if kind:
                return text[start:stop], kind, start
    return None


def place_at(text: str, start: int) -> Optional[tuple[str, str, int]]:
    """(name, kind, end) of the longest place name at ``start``; 市/区/县 behind it belongs to it."""
    for end in range(min(len(text), start + _LONGEST), start + 1, -1):
        kind = KINDS.get(text[start:end])
        if kind:
            return text[start:end], kind, end + 1 if text[end : end + 1] in ("市", "区", "县", "省") else end
    return None


_ADCODE = "adcode"
#: Stands for every place that a fact has no value of its own for.
OTHER = "other"


def holds_places(fact: Fact) -> bool:
    """Whether the values of ``fact`` are places: adcodes at large, or some of them listed (and the rest "other")."""
    if isinstance(fact.values, str):
        return fact.type == "choice" and fact.values.startswith(_ADCODE)
    return any(isinstance(value, str) and len(value) == 6 and value.isdigit() for value in fact.values)
