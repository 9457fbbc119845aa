"""Watches the content folder and lets the knowledge base reload after an edit."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from knowledge.base import KnowledgeBase
from knowledge.encoder import shared_encoder

logger = logging.getLogger(__name__)
#: Seconds between two looks. An edit is loaded once it has kept still for one look, so that no half-written
#: file is read.
EVERY_S = 0.7
Signature = tuple[tuple[str, int, int], ...]


def signature(root: Path) -> Signature:
    """Name, size and time of every content file; changes whenever any of them does."""
    found = []
    for path in root.rglob("*"):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        if path.suffix in (".yml", ".csv"):
            found.append((str(path), state.st_size, state.st_mtime_ns))
    return tuple(sorted(found))


async def watch(base: KnowledgeBase) -> None:
    """Reload ``base`` after each edit, for ever; the work is done in a thread."""
    loop = asyncio.get_running_loop()
    seen = served = await loop.run_in_executor(None, signature, base.root)
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            current = await loop.run_in_executor(None, signature, base.root)
            if current == seen and current != served:
                await loop.run_in_executor(None, base.reload)
                served = current
            seen = current
        except Exception:
            logger.exception("looking for edits failed; trying again")


def health(base: KnowledgeBase) -> dict[str, Any]:
    """What ``/health`` says of the knowledge base."""
    refused = [str(item) for item in base.refused[:5]]
    encoder = shared_encoder()
    state: dict[str, Any] = {"knowledge": base.snapshot.version, "encoder": encoder.name}
    if not encoder.size:
        state["degraded"] = "没有句向量，只按字面查找"
    if refused:
        state["refused"] = refused
    return state
