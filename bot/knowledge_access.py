"""The process's one knowledge base, for components and actions that Rasa creates on its own."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Optional

from bot.settings import settings
from bot.watching import Signature, signature, watch_beside
from knowledge.base import KnowledgeBase, Snapshot

_lock = threading.Lock()
_base: Optional[KnowledgeBase] = None
_built_from: Signature = ()


def knowledge_base() -> KnowledgeBase:
    """The shared knowledge base, loaded at first use; raises ContentError if the content is unsound."""
    global _base, _built_from
    with _lock:
        if _base is None:
            # Before it is read: an edit made while it is read must count as one.
            seen = signature(settings().content)
            _base, _built_from = KnowledgeBase(
                settings().content, cache=settings().cache, samples=settings().samples), seen
            if _runs_the_stock_way():
                watch_beside(_base, seen)
        return _base


def built_from() -> Signature:
    """The content's state when the knowledge base was built from it."""
    return _built_from


def use_knowledge_base(base: KnowledgeBase) -> None:
    """Serve from ``base`` (tests, previews)."""
    global _base, _built_from
    with _lock:
        _base, _built_from = base, signature(base.root)


def snapshot() -> Snapshot:
    """What is known right now. Take it once a turn, so that a turn speaks from one version."""
    return knowledge_base().snapshot


def _runs_the_stock_way() -> bool:
    """Whether this process is ``rasa run`` or ``rasa run actions``, where nobody else watches the content."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.stem
    return name in ("rasa", "rasa_sdk") and ("run" in sys.argv[1:] or name == "rasa_sdk")
