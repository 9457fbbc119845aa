"""Facts from outside: typed, bounded, completed by what follows, never overwritten."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.eligibility.facts import CHILD_AGE_MONTHS, FactCatalogue, FactError, add_months, months_between
from knowledge.eligibility.values import Range, from_json, to_json
from knowledge.schema import Derived, Implication
from tests.knowledge.rules_world import CATALOGUE, DAY, fact

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
FAMILY = FactCatalogue(
    [
        fact("h.size", "int", minimum=1, maximum=20, implies=(Implication(value=1, then={"h.single": True}),)),
        fact("h.single", "bool", implies=(Implication(value=True, then={"h.size": 1}),)),
        fact("p.level", "choice", values=(1, 2, 3, 4), implies=(Implication(value="*", then={"p.card": True}),)),
        fact("p.card", "bool"), fact("h.income", "money", minimum=0), fact("child.birth_date", "date"),
        fact("person.hukou_district", "choice", values="adcode of a district"),
        fact("person.hukou_city", "choice", values="adcode of a city"),
    ],
    [Derived(slug="h.per_head", name="人均", expr="h.income / h.size")],
)


def complete(**known: Any) -> dict[str, Any]:
    return FAMILY.complete({slug.replace("_", ".", 1): value for slug, value in known.items()}, day=DAY)


# --- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "raw", "value"), [
    ("a.yes", True, True), ("a.age", 75, 75), ("a.age", 0, 0), ("a.age", 120, 120), ("a.money", 999.5, 999.5),
    ("a.kind", "x", "x"), ("a.city", 510100, "510100"), ("a.day", "2025-03-01", dt.date(2025, 3, 1)),
    ("a.day", dt.date(2025, 3, 1), dt.date(2025, 3, 1)), ("a.day", {"day": "2025-03-01"}, dt.date(2025, 3, 1)),
    ("a.age", {"low": 70, "high": 79}, Range(70, 79)), ("a.money", {"low": 5000}, Range(5000, None)),
    ("a.day", {"low": "2025-03-01", "high": "2025-03-31"}, Range(dt.date(2025, 3, 1), dt.date(2025, 3, 31))),
    ("context.city", "510100", "510100"),
])
def test_a_value_is_read_in_the_facts_own_type(slug: str, raw: Any, value: Any) -> None:
    assert CATALOGUE.read_value(slug, raw) == value


def test_a_level_is_read_as_the_number_it_is_listed_as() -> None:
    assert FAMILY.read_value("p.level", "2") == 2


@pytest.mark.parametrize(("slug", "raw"), [
    ("a.none", 1), ("a.yes", 1), ("a.yes", "true"), ("a.yes", {"low": 1, "high": 2}), ("a.age", "75"), ("a.age", True),
    ("a.age", -1), ("a.age", 121), ("a.age", float("nan")), ("a.money", float("inf")), ("a.age", None),
    ("a.age", [75]), ("a.age", {"low": 70, "high": 60}), ("a.age", {"low": -5, "high": 60}),
    ("a.age", {"low": 60, "high": 999}), ("a.age", {"low": "2025-01-01", "high": "2025-02-01"}),
    ("a.age", {"low": "很老"}), ("a.age", {"low": 60, "high": "2025-01-01"}), ("a.kind", "w"), ("a.kind", ["x"]),
    ("a.kind", {"low": 1}), ("a.city", True), ("a.city", 3.5), ("a.day", "去年"), ("a.day", 2025),
    ("a.day", {"low": 1, "high": 2}), ("a.day", {"day": "2025-13-01"}),
])
def test_a_value_of_another_kind_is_refused(slug: str, raw: Any) -> None:
    with pytest.raises(FactError):
        CATALOGUE.read_value(slug, raw)


@given(st.one_of(st.booleans(), st.integers(-1000, 1000), st.text(max_size=5), DAYS,
                 st.tuples(st.integers(0, 9), st.integers(9, 20)).map(lambda ends: Range(*ends)),
                 st.tuples(DAYS, DAYS).map(sorted).map(lambda ends: Range(*ends)), st.just(Range(5, None))))
def test_values_survive_being_kept_as_json(value: Any) -> None:
    assert from_json(to_json(value)) == value


@pytest.mark.parametrize("raw", [{"low": 60, "high": 69}, "2025-03-01", {"low": "2025-03-01", "high": "2025-03-31"}])
def test_what_is_kept_as_json_is_read_again_by_the_catalogue(raw: Any) -> None:
    slug = "a.age" if isinstance(raw, dict) and raw["low"] == 60 else "a.day"
    value = CATALOGUE.read_value(slug, raw)
    assert CATALOGUE.read_value(slug, to_json(value)) == value


# --- completing ------------------------------------------------------------------------------------


def test_what_follows_is_known_without_asking() -> None:
    assert complete(p_level=4)["p.card"] is True
    assert complete(h_single=True)["h.size"] == 1
    assert complete(h_income=9000, h_single=True)["h.per_head"] == 9000


def test_what_was_said_is_never_overwritten() -> None:
    assert complete(p_level=1, p_card=False)["p.card"] is False
    assert complete(h_single=True, h_size=3)["h.size"] == 3


def test_the_city_follows_from_the_district_but_a_named_city_stays() -> None:
    assert complete(person_hukou_district="510105")["person.hukou_city"] == "510100"
    assert complete(person_hukou_district="310110")["person.hukou_city"] == "310000"
    assert complete(person_hukou_district="510105", person_hukou_city="320100")["person.hukou_city"] == "320100"


@pytest.mark.parametrize(("born", "months"), [
    (dt.date(2025, 3, 1), 20), (dt.date(2026, 11, 21), 0), (dt.date(2026, 10, 22), 0), (dt.date(2026, 10, 21), 1),
    (Range(dt.date(2025, 3, 1), dt.date(2025, 3, 31)), Range(19, 20)),
    (Range(dt.date(2025, 3, 1), dt.date(2025, 3, 15)), 20), (Range(dt.date(2025, 3, 1), None), Range(None, 20)),
])
def test_a_childs_age_is_reckoned_in_whole_months(born: Any, months: Any) -> None:
    assert complete(child_birth_date=born)[CHILD_AGE_MONTHS] == months


def test_a_rough_income_gives_a_rough_income_a_head() -> None:
    assert complete(h_income=Range(6000, 9000), h_size=3)["h.per_head"] == Range(2000, 3000)
    assert "h.per_head" not in complete(h_income=9000)


@given(st.dictionaries(st.sampled_from(["h.single", "p.card"]), st.booleans()),
       st.integers(1, 20), st.integers(1, 4))
def test_completing_twice_adds_nothing(known: Any, size: int, level: int) -> None:
    once = FAMILY.complete({**known, "h.size": size, "p.level": level}, day=DAY)
    assert FAMILY.complete(once, day=DAY) == once


def test_the_parts_of_a_reckoned_fact_are_asked() -> None:
    assert FAMILY.base_facts("h.per_head") == ("h.income", "h.size")
    assert FAMILY.base_facts(CHILD_AGE_MONTHS) == ("child.birth_date",)
    assert FAMILY.base_facts("context.city") == ()
    assert "h.per_head" in FAMILY and "h.height" not in FAMILY


# --- the calendar ----------------------------------------------------------------------------------


@given(DAYS, st.integers(0, 600))
def test_months_added_are_months_between(day: dt.date, months: int) -> None:
    later = add_months(day, months)
    assert months_between(day, later) in ((months,) if later.day == day.day else (months - 1, months))
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months


@given(DAYS, DAYS)
def test_months_between_counts_only_whole_ones(start: dt.date, end: dt.date) -> None:
    months = months_between(start, end)
    if start <= end:
        assert months >= 0
        assert add_months(start, months) <= end
