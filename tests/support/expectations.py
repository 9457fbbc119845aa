"""What a test file may expect of a reply, and whether a reply meets it (format: tests/conversations/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]
Expectation = dict[str, Any]
_IDS = ("answer_id", "knowledge_version", "receipt")


def failures(replies: list[Message], expect: Expectation) -> list[str]:
    """Why ``replies`` do not meet ``expect``; empty if one message meets all of it."""
    problems = [f"says {word!r}" for word in expect.get("not_contains", ())
                for reply in replies if word in everything_said(reply)]
    keys = {key: value for key, value in expect.items() if key not in ("not_contains", "asked_at_most")}
    if not keys:
        return problems
    misses = [[key for key, value in keys.items() if not _meets(reply, key, value)] for reply in replies]
    if any(not missed for missed in misses):
        return problems
    closest = min(misses, key=len, default=list(keys))
    shown = "; ".join(f"[{reply['custom']['kind']} {reply['custom'].get('topic')}] {reply['text'][:80]}"
                      for reply in replies)
    return [*problems, f"no message meets {', '.join(f'{key}={keys[key]!r}' for key in closest)}; got {shown}"]


def _meets(reply: Message, key: str, value: Any) -> bool:
    custom = reply["custom"]
    if key == "kind":
        return custom["kind"] in _as_list(value)
    if key == "topic":
        return any(topic is None or topic in topics_of(reply) for topic in _as_list(value))
    if key in ("region", "policy", "outcome", "fact"):
        return custom.get(key) in _as_list(value)
    if key == "amount":
        return (custom.get("benefit") or {}).get("amount") == value
    if key == "contains":
        return all(word in everything_said(reply) for word in _as_list(value))
    if key == "trust":
        return any(source["trust"] in _as_list(value) for source in custom.get("sources", ()))
    if key == "phone":
        return any(custom.get("phone") == phone or phone in reply["text"] for phone in _as_list(value))
    if key == "min_items":
        return len(custom.get("items", ())) >= value
    raise ValueError(f"unknown expectation {key!r}")


def topics_of(reply: Message) -> set[str]:
    """Topics that a reply is about, names as nearest, or offers to choose from."""
    from bot.knowledge_access import snapshot

    custom = reply["custom"]
    found = {custom.get("topic"), *custom.get("nearest_topics", ()), *custom.get("queued", ())}
    if custom["kind"] == "clarify":
        names = {topic.name: slug for slug, topic in snapshot().topics.items()}
        found |= {names.get(option["title"]) for option in custom.get("options", ())}
    if custom["kind"] == "suggestions":
        found |= {item["topic"] for item in custom.get("items", ())}
    return {str(topic) for topic in found if topic}


def everything_said(reply: Message) -> str:
    """The text and every string of the message's custom part, but for ids: their digits are chance."""
    told = {key: value for key, value in reply["custom"].items() if key not in _IDS}
    return "\n".join([reply["text"], *_strings(told)])


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
