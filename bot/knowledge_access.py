"""The process's one knowledge base, for components and actions that Rasa creates on its own."""

from __future__ import annotations

import threading
from typing import Optional

from bot.settings import settings
from knowledge.base import KnowledgeBase, Snapshot

_lock = threading.Lock()
_base: Optional[KnowledgeBase] = None


def knowledge_base() -> KnowledgeBase:
    """The shared knowledge base, loaded at first use; raises ContentError if the content is unsound."""
    global _base
    with _lock:
        if _base is None:
            _base = KnowledgeBase(settings().content, cache=settings().cache)
        return _base


def use_knowledge_base(base: KnowledgeBase) -> None:
    """Serve from ``base`` (tests, previews)."""
    global _base
    with _lock:
        _base = base


def snapshot() -> Snapshot:
    """What is known right now. Take it once a turn, so that a turn speaks from one version."""
    return knowledge_base().snapshot
