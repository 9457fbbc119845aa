"""The channel's sentences, from the staff's texts."""

from __future__ import annotations

from bot.knowledge_access import snapshot


def say(key: str, /, **values: object) -> str:
    """A sentence of ``knowledge/content/texts`` as it stands right now."""
    return snapshot().text(key, **values)
