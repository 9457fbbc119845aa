"""Whether a chance of 0.8 is right in four of five cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from benchmarks.understanding.asked import Asked

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Choices whose chance lies between ``low`` and ``high``: their mean chance, and the share that was right."""

    low: float
    high: float
    count: int
    chance: float
    right: float


def choices(asked: Iterable[Asked]) -> list[tuple[float, bool]]:
    """Chance of the likeliest topic, and whether it is an expected one, of every sentence that asks for a topic."""
    return [(one.chance, one.likeliest in one.expected) for one in asked if one.expected and one.likeliest]


def bins(pairs: Iterable[tuple[float, bool]], count: int = BINS) -> list[Bin]:
    """Equally wide bins, lowest first, without the empty ones."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for chance, right in pairs:
        groups.setdefault(min(int(chance * count), count - 1), []).append((chance, right))
    return [Bin(number / count, (number + 1) / count, len(group), fmean(chance for chance, _ in group),
                fmean(right for _, right in group)) for number, group in sorted(groups.items())]


def error(found: Iterable[Bin]) -> float:
    """By how much chances are off on average (the expected calibration error)."""
    several = list(found)
    count = sum(one.count for one in several)
    return sum(one.count * abs(one.chance - one.right) for one in several) / count if count else 0.0
