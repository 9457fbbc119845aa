"""Markdown tables, and the line that says where something was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table; the first column is words, the others are numbers."""
    return "\n".join([_row(head), _row(["---", *["---:"] * (len(head) - 1)]), *map(_row, rows)])


def percent(share: float) -> str:
    """One digit behind the point."""
    return f"{share:.1%}"


def where(machine: dict[str, Any]) -> str:
    """On what it was measured, of ``benchmarks.environment``."""
    packages = ", ".join(f"{name} {found}" for name, found in machine["packages"].items())
    return (f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']} GiB, {machine['system']}; load "
            f"before {machine['load_before']}; {machine['measured_at']}; Python {machine['python']}, {packages}.")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
