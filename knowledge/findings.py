"""What is wrong with content, causes before consequences.

A file that did not load takes its names with it, and every file that uses them would be blamed for it: one slip in a
sources file, and a hundred answers have no source. Such problems are counted, not listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.errors import Problem
from knowledge.loader import Parts
from knowledge.required import missing_kinds, missing_problems

#: The kinds of file whose loss explains a problem elsewhere.
_EXPLAINED_BY: dict[str, frozenset[str]] = {
    "E020": frozenset({"topics"}),
    "E021": frozenset({"regions"}),
    "E022": frozenset({"sources"}),
    "E025": frozenset({"policy"}),
    "E026": frozenset({"facts"}),
    "E030": frozenset({"facts"}),
    "E031": frozenset({"households"}),
    "E034": frozenset({"facts"}),
    "E071": frozenset({"categories"}),
    "E080": frozenset({"texts"}),
    "W103": frozenset({"policy"}),
    "W104": frozenset({"topic", "policy", "hotlines", "emergencies"}),
}


@dataclass(frozen=True)
class Findings:
    """``problems`` in the order in which to mend them; ``consequences`` more go by themselves, or show then."""

    problems: tuple[Problem, ...]
    consequences: int = 0

    @property
    def errors(self) -> list[Problem]:
        return [item for item in self.problems if item.is_error]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(item for item in self.problems if not item.is_error)


def findings(parts: Parts, others: Iterable[Problem]) -> Findings:
    """The problems of ``parts`` and, without what follows from those, the ``others``."""
    missing = missing_problems(parts)
    if not parts.by_path:
        return Findings(tuple(missing))
    lost = missing_kinds(parts) | {part.kind for part in parts.by_path.values() if part.record is None}
    first = [*missing, *sorted(parts.problems, key=lambda item: item.place)]
    rest = sorted(dict.fromkeys(others), key=lambda item: item.place)
    listed = [item for item in rest if not _EXPLAINED_BY.get(item.code, frozenset()) & lost]
    return Findings((*first, *listed), len(rest) - len(listed))
