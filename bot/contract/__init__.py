"""The answer contract as code: one compiled validator for everything the bot says.

``answer.schema.json`` beside this file is the contract; channels and tests check against it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

from bot.contract.quick import Check, compiled

SCHEMA_PATH = Path(__file__).with_name("answer.schema.json")
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
KINDS: tuple[str, ...] = tuple(SCHEMA["definitions"]["custom"]["properties"]["kind"]["enum"])


class ContractError(ValueError):
    """A message that breaks the contract.

    ``path`` says where (``custom.items[0].phone``), ``rule`` which requirement. Neither repeats a
    value of the message, so that both may go into a log.
    """

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path or 'message'}: {rule}")
        self.path = path
        self.rule = rule


@cache
def _validator(definition: str) -> Draft7Validator:
    # Compiled once: building it anew for each message costs more than a whole turn of the bot.
    schema = {"$ref": f"#/definitions/{definition}", "definitions": SCHEMA["definitions"]}
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


@cache
def _quick(definition: str) -> Check:
    return compiled({"$ref": f"#/definitions/{definition}"}, SCHEMA)


def _path(error: ValidationError) -> str:
    path = ""
    for part in error.absolute_path:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _rule(error: ValidationError) -> str:
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"lacks {', '.join(missing)}"
    return f"must satisfy {error.validator} {json.dumps(error.validator_value, ensure_ascii=False)[:200]}"


def validate(message: Any, definition: str = "message") -> None:
    """Checks one message of the bot, or another body when ``definition`` names it.

    Args:
        message: the parsed JSON, a ``dict`` of ``text``, ``buttons`` and ``custom``.
        definition: a key of the schema's ``definitions`` (``messageResponse``, ``historyResponse`` …).

    Raises:
        ContractError: with the path of the worst defect and the rule it breaks, never with the value.
    """
    if _quick(definition)(message):
        return
    error = best_match(_validator(definition).iter_errors(message))
    assert error is not None
    raise ContractError(_path(error), _rule(error))
