"""Many possible worlds at once: each is a bit of a whole number, and rules are ANDs and ORs of such numbers.

A world gives every open subject one of its values. Subject by subject: with k values each and the subjects before
it taking s worlds together, its value changes every s worlds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Optional

from knowledge.eligibility.rules import AnyOf, Comparison, Constant, Count, Not, Rule


class Worlds:
    """All combinations of so many values for each subject."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        size = math.prod(counts.values())
        self.everything = (1 << size) - 1
        #: For each subject the worlds in which it has its first, second … value, and how far these lie apart.
        self.of: dict[str, tuple[int, ...]] = {}
        self._strides: dict[str, int] = {}
        stride = 1
        for subject, count in counts.items():
            every = self.everything // ((1 << (stride * count)) - 1)  # one bit where the values start anew
            first = ((1 << stride) - 1) * every
            self.of[subject] = tuple(first << (stride * number) for number in range(count))
            self._strides[subject] = stride
            stride *= count

    def where(self, rule: Rule, leaf_worlds: Callable[[Comparison], int]) -> int:
        """The worlds in which ``rule`` holds; ``leaf_worlds`` gives those of a comparison."""
        if isinstance(rule, Comparison):
            return leaf_worlds(rule)
        if isinstance(rule, Constant):
            return self.everything if rule.value else 0
        if isinstance(rule, Not):
            return self.everything & ~self.where(rule.child, leaf_worlds)
        if isinstance(rule, AnyOf):
            found = 0
            for child in rule.children:
                found |= self.where(child, leaf_worlds)
            return found
        if isinstance(rule, Count):
            return self._counted(rule, leaf_worlds)
        found = self.everything
        for child in rule.children:
            found &= self.where(child, leaf_worlds)
        return found

    def _counted(self, rule: Count, leaf_worlds: Callable[[Comparison], int]) -> int:
        """The worlds in which as many children hold as the rule wants."""
        reached = [self.everything, *(0 for _ in rule.children)]  # by number: the worlds in which so many hold at least
        for child in rule.children:
            holding = self.where(child, leaf_worlds)
            for number in range(len(rule.children), 0, -1):
                reached[number] |= reached[number - 1] & holding
        enough = reached[rule.least]
        return enough & ~reached[rule.most + 1] if rule.most < len(rule.children) else enough

    def with_values(self, subject: str, holds: Sequence[Optional[bool]]) -> int:
        """The worlds in which ``subject`` has a value for which ``holds`` is true."""
        found = 0
        for worlds, truth in zip(self.of[subject], holds, strict=True):
            if truth:
                found |= worlds
        return found

    def depends(self, truth: int, subject: str) -> bool:
        """Whether the value of ``subject``, all others being the same, can change what holds in ``truth``."""
        slices, stride = self.of[subject], self._strides[subject]
        first = truth & slices[0]
        return any((truth & worlds) >> (stride * number) != first for number, worlds in enumerate(slices))
