"""Reading the phrase files and comparing values in their short spelling."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Union

import yaml

from knowledge.eligibility.values import OneOf, Range

HERE = Path(__file__).parent
TODAY = dt.date(2026, 11, 21)


def load(name: str) -> dict[str, Any]:
    """One phrase file; days and numbers as YAML reads them."""
    data: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return data


def spelled(value: Any) -> str:
    """A value as the phrase files write it: 4000..5000, ..59, 2025-03-01, True, ~others (not the one named)."""
    if isinstance(value, Range):
        return f"{'' if value.low is None else value.low}..{'' if value.high is None else value.high}"
    if isinstance(value, OneOf):
        return "~others"
    return str(value)


def expected(value: Union[str, int, bool, dt.date]) -> str:
    return str(value)
