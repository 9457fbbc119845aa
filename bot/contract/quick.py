"""JSON Schema compiled to plain functions that only say whether a value is valid.

``jsonschema`` walks the schema anew for each value, which cost as much as reading a sentence. What it says of a value
that is not valid is still asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]

#: What says nothing about whether a value is valid; formats are not checked by ``jsonschema`` either unless told to.
_WORDS = frozenset({"$schema", "$id", "$comment", "title", "description", "default", "examples", "definitions",
                    "format"})


class Unsupported(ValueError):
    """The schema has a keyword that is not compiled here."""


def compiled(schema: Any, root: dict[str, Any]) -> Check:
    """Whether a value is valid by ``schema`` as Draft 7 has it; references are looked up in ``root``.

    Raises:
        Unsupported: for a keyword that is not known here.
    """
    return _Compiler(root).check(schema)


class _Compiler:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._made: dict[str, Check] = {}

    def check(self, schema: Any) -> Check:
        """All that ``schema`` asks for."""
        if isinstance(schema, bool):
            return lambda _: schema
        if "$ref" in schema:  # beside a reference nothing counts in Draft 7
            return self._referred(schema["$ref"])
        parts = [part for keyword, value in schema.items() if keyword not in _WORDS
                 for part in self._keyword(keyword, value, schema)]
        if not parts:
            return lambda _: True
        if len(parts) == 1:
            return parts[0]
        return lambda value: all(part(value) for part in parts)

    def _referred(self, name: str) -> Check:
        if name in self._made:
            return self._made[name]
        if not name.startswith("#/"):
            raise Unsupported(name)
        target: Any = self._root
        for step in name[2:].split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        # A schema may refer to itself: whoever does finds the check once it is made.
        self._made[name] = lambda value: self._made[name](value)
        self._made[name] = self.check(target)
        return self._made[name]

    def _keyword(self, keyword: str, value: Any, schema: dict[str, Any]) -> list[Check]:
        if keyword in ("then", "else"):
            return []
        if keyword == "if":
            return [self._if(schema)]
        if keyword in ("patternProperties", "additionalProperties"):
            return [self._other_properties(schema)]
        make = getattr(self, f"_{keyword}", None)
        if make is None:
            raise Unsupported(keyword)
        made: Check = make(value)
        return [made]

    # --- the keywords -------------------------------------------------------------------------------

    def _type(self, names: Any) -> Check:
        wanted = tuple(_TYPES[name] for name in ([names] if isinstance(names, str) else names))
        if len(wanted) == 1:
            return wanted[0]
        return lambda value: any(one(value) for one in wanted)

    def _const(self, expected: Any) -> Check:
        return self._enum([expected])

    def _enum(self, expected: list[Any]) -> Check:
        if any(isinstance(one, (list, dict)) for one in expected):
            raise Unsupported("enum of arrays or objects")
        # To Python True is 1; to JSON it is not.
        pairs = frozenset((isinstance(one, bool), one) for one in expected)
        return lambda value: not isinstance(value, (list, dict)) and (isinstance(value, bool), value) in pairs

    def _required(self, names: list[str]) -> Check:
        return lambda value: not isinstance(value, dict) or all(name in value for name in names)

    def _properties(self, schemas: dict[str, Any]) -> Check:
        checks = [(name, self.check(schema)) for name, schema in schemas.items()]
        return lambda value: not isinstance(value, dict) or all(
            name not in value or check(value[name]) for name, check in checks)

    def _other_properties(self, schema: dict[str, Any]) -> Check:
        named = schema.get("properties", {})
        patterns = [(re.compile(pattern), self.check(one))
                    for pattern, one in schema.get("patternProperties", {}).items()]
        other = self.check(schema.get("additionalProperties", True))

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for name, item in value.items():
                found = [one for pattern, one in patterns if pattern.search(name)]
                if not all(one(item) for one in found) or (not found and name not in named and not other(item)):
                    return False
            return True

        return check

    def _items(self, schema: Any) -> Check:
        if isinstance(schema, list):
            raise Unsupported("items by place")
        check = self.check(schema)
        return lambda value: not isinstance(value, list) or all(check(item) for item in value)

    def _allOf(self, schemas: list[Any]) -> Check:
        checks = [self.check(schema) for schema in schemas]
        return lambda value: all(check(value) for check in checks)

    def _anyOf(self, schemas: list[Any]) -> Check:
        checks = [self.check(schema) for schema in schemas]
        return lambda value: any(check(value) for check in checks)

    def _oneOf(self, schemas: list[Any]) -> Check:
        checks = [self.check(schema) for schema in schemas]
        return lambda value: sum(check(value) for check in checks) == 1

    def _not(self, schema: Any) -> Check:
        check = self.check(schema)
        return lambda value: not check(value)

    def _if(self, schema: dict[str, Any]) -> Check:
        asked, then, other = (self.check(schema.get(keyword, True)) for keyword in ("if", "then", "else"))
        return lambda value: then(value) if asked(value) else other(value)

    def _pattern(self, pattern: str) -> Check:
        search = re.compile(pattern).search
        return lambda value: not isinstance(value, str) or search(value) is not None

    def _minLength(self, least: int) -> Check:
        return lambda value: not isinstance(value, str) or len(value) >= least

    def _maxLength(self, most: int) -> Check:
        return lambda value: not isinstance(value, str) or len(value) <= most

    def _minItems(self, least: int) -> Check:
        return lambda value: not isinstance(value, list) or len(value) >= least

    def _maxItems(self, most: int) -> Check:
        return lambda value: not isinstance(value, list) or len(value) <= most

    def _minimum(self, least: float) -> Check:
        return lambda value: not _is_number(value) or value >= least

    def _maximum(self, most: float) -> Check:
        return lambda value: not _is_number(value) or value <= most

    def _exclusiveMinimum(self, least: float) -> Check:
        return lambda value: not _is_number(value) or value > least

    def _exclusiveMaximum(self, most: float) -> Check:
        return lambda value: not _is_number(value) or value < most


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


_TYPES: dict[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
