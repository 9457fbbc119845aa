"""The contract's schema accepts a sound message of every kind and refuses a broken one with its path."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from bot.contract import KINDS, SCHEMA, ContractError, validate
from tests.channels.messages import ALL_KINDS, message

#: kind → what the contract's table adds to it
ADDS = {
    "faq": ["record", "question", "confidence"],
    "service": ["record", "steps", "documents", "contacts", "cost"],
    "sites": ["items", "center", "radius_m"],
    "question": ["fact", "why", "options", "policy", "remaining_at_most"],
    "verdict": [
        "policy", "outcome", "reasons", "missing", "benefit", "eligible_from", "excludes", "next_steps", "receipt",
    ],
    "suggestions": ["items"],
    "life_circle": ["center", "minutes", "mode", "fields", "gaps"],
    "clarify": ["options"],
    "handoff": ["channel", "phone", "ticket"],
    "ticket": ["ticket", "state", "created_at"],
    "ack": ["of"],
    "cannot_answer": ["phone", "nearest_topics"],
    "out_of_scope": [],
    "emergency": ["phone"],
    "error": ["code"],
}  # fmt: skip
COMMON = ["kind", "answer_id", "topic", "region", "sources", "knowledge_version"]


def test_the_schema_is_a_sound_draft_7_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_every_kind_of_the_contract_is_in_the_schema_and_in_the_examples() -> None:
    assert set(KINDS) == set(ADDS) == set(ALL_KINDS)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_sound_message_passes(kind: str) -> None:
    validate(message(kind))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_fields_may_be_added_anywhere(kind: str) -> None:
    more = message(kind)
    more["extra"] = more["custom"]["extra"] = {"anything": [1, None]}
    validate(more)


@pytest.mark.parametrize(("kind", "field"), [(k, f) for k, fields in ADDS.items() for f in [*COMMON, *fields]])
def test_no_listed_field_may_be_missing(kind: str, field: str) -> None:
    broken = message(kind)
    del broken["custom"][field]
    with pytest.raises(ContractError) as caught:
        validate(broken)
    assert caught.value.path == "custom"
    assert field in caught.value.rule


@pytest.mark.parametrize(("kind", "field"), [(k, f) for k, fields in ADDS.items() for f in [*COMMON, *fields]])
def test_no_listed_field_may_be_of_a_wrong_type(kind: str, field: str) -> None:
    broken = message(kind)
    value = broken["custom"][field]
    broken["custom"][field] = 5 if isinstance(value, (str, list, dict)) or value is None else "五"
    with pytest.raises(ContractError):
        validate(broken)


def _set(path: str, value: Any) -> Any:
    def change(target: Any) -> None:
        *heads, last = path.split(".")
        for head in heads:
            target = target[int(head)] if head.isdigit() else target[head]
        target[int(last) if last.isdigit() else last] = value

    return change


@pytest.mark.parametrize(
    ("kind", "where", "value"),
    [
        ("faq", "text", ""),
        ("faq", "buttons.0", {"title": "是"}),
        ("faq", "custom.sources", []),
        ("faq", "custom.confidence", 1.2),
        ("faq", "custom.topic", "Elderly Meal"),
        ("faq", "custom.region", "310"),
        ("faq", "custom.sources.0.trust", "rumour"),
        ("faq", "custom.sources.0.date", "11.3.2024"),
        ("faq", "custom.sources.0.date", None),
        ("faq", "custom.sources.0.url", "javascript:alert(1)"),
        ("service", "custom.documents.0", 3),
        ("service", "custom.contacts.0", {"name": "街道办"}),
        ("sites", "custom.sources", []),
        ("sites", "custom.items.0.distance_m", -1),
        ("sites", "custom.items.0.open_now", "yes"),
        ("sites", "custom.items.0.crs", "bd09"),
        ("sites", "custom.items.0.map_url", "data:text/html,x"),
        ("sites", "custom.center", {"lng": 121.5}),
        ("question", "custom.fact", "age"),
        ("question", "custom.options.0", {"title": "是", "payload": ""}),
        ("verdict", "custom.outcome", "maybe"),
        ("verdict", "custom.reasons.0.status", "true"),
        ("verdict", "custom.benefit.period", "week"),
        ("verdict", "custom.benefit.max_periods", 1.5),
        ("verdict", "custom.eligible_from", "明年"),
        ("verdict", "custom.policy", "rental-subsidy"),
        ("suggestions", "custom.items.0.outcome", "yes"),
        ("life_circle", "custom.fields.0.count", -1),
        ("life_circle", "custom.minutes", 0),
        ("clarify", "custom.options", [{"title": "一", "payload": "一"}]),
        ("cannot_answer", "custom.phone", ""),
        ("cannot_answer", "custom.nearest_topics", [""]),
        ("emergency", "custom.phone", "911"),
        ("error", "custom.code", "Boom!"),
        ("ack", "custom.kind", "hello"),
        ("question", "custom.understood.0", {"text": "年龄75岁"}),
        ("question", "custom.understood.0", {"text": "", "payload": "改一下：年龄"}),
        ("question", "custom.understood", [{"text": "年龄75岁", "payload": "改一下：年龄"}] * 13),
        ("verdict", "custom.documents", "身份证"),
        ("verdict", "custom.documents.0", ""),
        ("verdict", "custom.where", None),
        ("verdict", "custom.contacts.0", {"name": "街道办"}),
    ],
)
def test_a_broken_value_is_refused(kind: str, where: str, value: Any) -> None:
    broken = message(kind)
    if where == "buttons.0":
        broken["buttons"] = [value]
    else:
        _set(where, value)(broken)
    with pytest.raises(ContractError):
        validate(broken)


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("custom.items.1.phone", "custom.items[1].phone"),
        ("custom.sources.0.date", "custom.sources[0].date"),
        ("text", "text"),
    ],
)
def test_the_error_names_the_path_but_not_the_value(where: str, path: str) -> None:
    broken = message("sites")
    _set(where, ["王桂英的电话"])(broken)
    with pytest.raises(ContractError) as caught:
        validate(broken)
    assert caught.value.path == path
    assert "王桂英" not in str(caught.value)


def test_unknown_is_allowed_where_the_contract_has_null() -> None:
    verdict = message("verdict")
    verdict["custom"]["benefit"] = None
    verdict["custom"]["eligible_from"] = "2027-03-01"
    validate(verdict)
    verdict["custom"]["benefit"] = {
        "amount": None, "unit": "元", "period": None, "max_periods": None, "upper_limit": False,
        "formula_text": "租金×比例",
    }  # fmt: skip
    validate(verdict)


def test_no_places_need_no_source() -> None:
    nothing = message("sites")
    nothing["custom"].update(items=[], sources=[], center=None)
    validate(nothing)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(KINDS))
def test_nothing_but_a_contract_error_ever_comes_out(junk: Any, kind: str) -> None:
    for value in (junk, {"text": "好", "buttons": [], "custom": junk}, {"custom": {"kind": kind, "items": junk}}):
        with pytest.raises(ContractError):
            validate(value)


def test_checking_is_cheap_beside_a_turn() -> None:
    heavy = message("sites")
    heavy["custom"]["items"] = heavy["custom"]["items"] * 5
    validate(heavy)
    best = min(_timed(heavy) for _ in range(5))
    assert best < 0.02, f"{best * 1000:.1f} ms for a message with 15 places"


def _timed(value: Any) -> float:
    begin = time.perf_counter()
    validate(value)
    return time.perf_counter() - begin
