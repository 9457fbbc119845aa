"""What a test sentence expects (format: tests/understanding/README.md)."""

from __future__ import annotations

from typing import Any

#: Kinds of sentences that are about no service.
_NO_TOPIC = frozenset({"emergency", "out_of_scope"})
#: The file of sentences that sound alarming; in the later parts they stand, with all these kinds, among the limits.
_ALARMING, _LIMITS, _MANY_KINDS = "sounds_alarming", "limits", 8


def expected_topics(item: dict[str, Any]) -> frozenset[str]:
    """The acceptable topics; empty where none is asked for."""
    given = item.get("topic")
    listed = given if isinstance(given, list) else [given]
    if set(item["kinds"]) <= _NO_TOPIC or None in listed:
        return frozenset()
    return frozenset(listed)


def is_emergency(item: dict[str, Any]) -> bool:
    """Whether only a call for help will do."""
    return bool(item["kinds"] == ["emergency"])


def is_out_of_scope(item: dict[str, Any]) -> bool:
    """Whether the only good answer is to decline."""
    return bool(item["kinds"][0] == "out_of_scope")


def sounds_alarming(item: dict[str, Any], theme: str) -> bool:
    """Whether it is no emergency but worded like one: almost any other answer will do."""
    if theme.startswith(_LIMITS):
        return len(item["kinds"]) >= _MANY_KINDS and not item.get("both")
    return theme == _ALARMING
