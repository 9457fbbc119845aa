"""The compiled schema says of every value what jsonschema says of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from rasa.core.actions.action import RemoteAction

from bot.contract import SCHEMA, SCHEMA_PATH
from bot.contract.quick import Unsupported, compiled

MESSAGE = {"$ref": "#/definitions/message", "definitions": SCHEMA["definitions"]}
ACTION = RemoteAction.action_response_format_spec()
THOROUGH = {"message": Draft7Validator(MESSAGE), "action": Draft7Validator(ACTION)}
QUICK = {"message": compiled(MESSAGE, MESSAGE), "action": compiled(ACTION, ACTION)}

LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.sampled_from(
    ["", "ack", "verdict", "510100", "2024-03-11", "https://a.cn", "official", "gcj02", "x" * 5000, 1.0, 0.5])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
    st.sampled_from(["kind", "name", "text", "event", "items"]), inner, max_size=2), max_leaves=5)


def sound(kind: str, **more: Any) -> dict[str, Any]:
    source = {"title": "办法", "publisher": "民政局", "url": "https://a.cn", "date": "2024-03-11", "trust": "official"}
    return {"text": "好", "buttons": [{"title": "是", "payload": "是"}],
            "custom": {"kind": kind, "answer_id": "a1", "topic": "elderly-meal", "region": "510100",
                       "sources": [source], "knowledge_version": "v", **more}}


ITEM = {"id": "a", "name": "食堂", "address": "路", "phone": "", "distance_m": 3, "same_area": False, "open_now": None,
        "hours_text": "", "lng": 104.0, "lat": 30.6, "crs": "gcj02", "map_url": ""}
MESSAGES = [
    sound("ack", of="thanks"), sound("error", code="x"), sound("emergency", phone="120"),
    sound("faq", record="510100/elderly-meal#a", question="问", confidence=0.7),
    sound("sites", items=[ITEM], center={"name": "五角场", "lng": 121.5, "lat": 31.3, "crs": "gcj02"}, radius_m=1000),
    sound("verdict", policy="510100/rental-subsidy", outcome="eligible", missing=["person.age"], excludes=[],
          reasons=[{"text": "够", "status": "met", "clause": "一"}], eligible_from=None, next_steps=[], receipt="R",
          benefit={"amount": 3, "unit": "元", "period": "month", "max_periods": None, "upper_limit": False,
                   "formula_text": ""}),
]
RESULTS = [
    {"events": [{"event": "slot", "timestamp": None, "name": "memory", "value": {"a": 1}}],
     "responses": [{"text": "好", "custom": {"kind": "ack"}}]},
    {"events": [{"event": "user", "text": "好", "parse_data": {"intent": {"name": "greet", "confidence": 1.0}}},
                {"event": "bot", "text": "好", "data": {"buttons": []}}, {"event": "restart"}], "responses": []},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of ``value`` with something else (nothing at all for ...) at ``path``."""
    if not path:
        return new
    twin = copy.deepcopy(value)
    holder = twin
    for step in path[:-1]:
        holder = holder[step]
    if new is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return twin


@pytest.mark.parametrize(("schema", "values"), [("message", MESSAGES), ("action", RESULTS)])
def test_whatever_is_left_out_is_judged_alike(schema: str, values: list[Any]) -> None:
    seen = set()
    for value in values:
        for path in places(value):
            mutated = changed(value, path, ...) if path else value
            verdict = THOROUGH[schema].is_valid(mutated)
            assert QUICK[schema](mutated) == verdict, path
            seen.add(verdict)
    assert seen == {True, False}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_stands_anywhere_is_judged_alike(data: st.DataObject) -> None:
    schema, values = data.draw(st.sampled_from([("message", MESSAGES), ("action", RESULTS)]))
    value = data.draw(st.sampled_from(values))
    mutated = changed(value, data.draw(st.sampled_from(places(value))), data.draw(VALUES))
    assert QUICK[schema](mutated) == THOROUGH[schema].is_valid(mutated)


@pytest.mark.parametrize("schema", [
    {"type": "integer"}, {"type": ["string", "null"]}, {"const": 1}, {"enum": [True, "a", None]}, {"minimum": 1},
    {"exclusiveMinimum": 1, "exclusiveMaximum": 3}, {"not": {"type": "string"}}, {"items": {"type": "string"}},
    {"oneOf": [{"type": "number"}, {"minimum": 2}]}, {"if": {"minimum": 1}, "then": {"maximum": 2}, "else": False},
    {"additionalProperties": {"type": "string"}, "properties": {"name": {}}}, {"minItems": 1, "maxItems": 1},
    {"patternProperties": {"^n": {"type": "string"}}, "additionalProperties": False}, True, False,
])
@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_each_keyword_means_what_it_means_to_jsonschema(schema: Any, value: Any) -> None:
    assert compiled(schema, {})(value) == Draft7Validator(schema).is_valid(value)


def test_an_unknown_keyword_is_never_passed_over() -> None:
    with pytest.raises(Unsupported):
        compiled({"properties": {"a": {"uniqueItems": True}}}, {})


def test_every_definition_of_the_contract_is_compiled() -> None:
    written = json.loads(Path(SCHEMA_PATH).read_text(encoding="utf-8"))
    for name in written["definitions"]:
        assert compiled({"$ref": f"#/definitions/{name}"}, written)(object()) in (True, False)
