"""What nobody means as he says it: a father of two, 三块 a month, fifty at home. It is asked again, never believed.

The catalogue's bounds keep out what cannot be; here is what is all but surely a slip, or too little: 3 to the question
of the income is 三千 to one and 三万 to the next.
"""

from __future__ import annotations

from typing import Optional

from bot.nlu.parsers.ages import OLDEST
from knowledge.eligibility.values import Range, Value

#: From this age on somebody may be called so.
YOUNGEST = {
    "self": 6,
    "mother": 30,
    "father": 30,
    "parents": 30,
    "grandmother": 45,
    "grandfather": 45,
    "elder": 40,
    "spouse": 16,
}
#: The least and the most of each fact that somebody tells of himself; nothing at all (0) is told, too.
_MONTHS = (0.0, 60 * 12.0)
_BOUNDS = {
    "person.age": (0.0, float(OLDEST)),
    "person.income_year": (300.0, 50_000_000.0),
    "household.income_year": (300.0, 50_000_000.0),
    "household.income_month": (50.0, 5_000_000.0),
    "household.size": (1.0, 20.0),
    "household.home_area_per_person": (1.0, 500.0),
    "lease.rent_month": (10.0, 200_000.0),
    "lease.area": (4.0, 1_000.0),
    "person.social_insurance_months": _MONTHS,
    "person.housing_fund_months": _MONTHS,
    "person.unemployment_insurance_months": _MONTHS,
    "person.care_insurance_months": _MONTHS,
    "person.residence_months": (0.0, 110 * 12.0),
}


def is_plausible(slug: str, value: Value, person: Optional[str] = None) -> bool:
    """Whether somebody may mean ``value`` by what he said of ``person`` (None: of nobody named)."""
    if isinstance(value, (bool, str)) or slug not in _BOUNDS:
        return True
    ends: tuple[object, ...] = (value.low, value.high) if isinstance(value, Range) else (value,)
    numbers = [end for end in ends if isinstance(end, (int, float)) and end != 0]
    low, high = _BOUNDS[slug]
    if any(not low <= number <= high for number in numbers):
        return False
    most = value.high if isinstance(value, Range) else value
    if slug != "person.age" or not isinstance(most, (int, float)):
        return True
    return most >= YOUNGEST.get(person or "", 0)
