"""Values of facts under uncertainty: exact values, ranges, and three-valued truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Optional, Union


class Partial:
    """A value that is not known exactly: a rule may still be open on it, and the fact may be asked again."""


@dataclass(frozen=True)
class OneOf(Partial):
    """A choice known only to be one of ``values``: "不是低保" leaves the other kinds."""

    values: frozenset[Union[int, str]]


@dataclass(frozen=True)
class Range(Partial):
    """A number or day known only to lie between ``low`` and ``high`` (both included; None: open).

    "四五千" is ``Range(4000, 5000)``; a rule takes it only if both ends agree.
    """

    low: Optional[Union[float, dt.date]] = None
    high: Optional[Union[float, dt.date]] = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:  # type: ignore[operator]
            raise ValueError(f"empty range: {self.low} > {self.high}")


#: A fact's value: a bool, number, day or code, or something that is only partly known.
Value = Union[bool, int, float, str, dt.date, Range, OneOf]


def to_json(value: Value) -> Any:
    """A JSON form of a value that ``from_json`` reads back; days become ISO strings in a dict."""
    if isinstance(value, OneOf):
        return {"one_of": sorted(value.values, key=str)}
    if isinstance(value, Range):
        return {"low": to_json(value.low) if value.low is not None else None,
                "high": to_json(value.high) if value.high is not None else None}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    return value


def from_json(value: Any) -> Value:
    """Read what ``to_json`` wrote."""
    if isinstance(value, dict):
        if "day" in value:
            return dt.date.fromisoformat(value["day"])
        if "one_of" in value:
            return OneOf(frozenset(value["one_of"]))
        low, high = value.get("low"), value.get("high")
        return Range(from_json(low) if low is not None else None,  # type: ignore[arg-type]
                     from_json(high) if high is not None else None)  # type: ignore[arg-type]
    return value  # type: ignore[no-any-return]


def read_day(raw: Any) -> Optional[dt.date]:
    """A day, or its ISO form as YAML or JSON gives it; None for anything else."""
    if isinstance(raw, dt.date):
        return raw
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        return None
