"""Watches the content folder and lets the knowledge base reload after an edit."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.observing.metrics import metrics
from knowledge.base import KnowledgeBase
from knowledge.encoder import shared_encoder
from knowledge.errors import Problem

logger = logging.getLogger(__name__)
#: Seconds between two looks. An edit is loaded once it has kept still for one look, so that no half-written
#: file is read.
EVERY_S = 0.5
#: A look at a very large folder takes the processor; so many times as long passes before the next one. What a look
#: only waits for (its turn, while residents are answered: 0.2 s instead of 0.002 for 500 files) does not count.
PAUSE = 8
Signature = tuple[tuple[str, int, int], ...]


def signature(root: Path) -> Signature:
    """Name, size and time of every content file; changes whenever any of them does."""
    return tuple(sorted(_states(str(root))))


def _states(folder: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # deleted since it was listed
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _states(entry.path)
        elif entry.name.endswith((".yml", ".yaml", ".csv")):
            # .yaml is no content, but the knowledge base says so where it finds one.
            try:
                state = entry.stat()
            except OSError:
                continue  # deleted since it was listed, or a link to nowhere
            yield entry.path, state.st_size, state.st_mtime_ns


class Watcher:
    """Compares the folder with what ``base`` was built from, look by look.

    ``built_from``: the folder's signature before the base was built, so that no edit falls in between.
    """

    def __init__(self, base: KnowledgeBase, built_from: Signature) -> None:
        self._base = base
        self._seen = self._served = built_from

    def look(self) -> float:
        """Reload the base if there is an edit that has kept still since the last look; seconds until the next one."""
        began, worked = time.monotonic(), time.thread_time()
        try:
            current = signature(self._base.root)
            looked, worked = time.monotonic() - began, time.thread_time() - worked
            if current == self._seen and current != self._served:
                fresh = self._base.reload()
                self._served = current
                counting = metrics()
                if counting is not None and (fresh or self._base.refused):
                    counting.reloaded("ok" if fresh else "refused")
            self._seen = current
            return max(EVERY_S, PAUSE * worked, looked)
        except Exception:
            logger.exception("looking for edits failed; trying again")
            return EVERY_S


async def watch(base: KnowledgeBase, built_from: Signature) -> None:
    """Reload ``base`` after each edit, for ever; the work is done in a thread."""
    loop = asyncio.get_running_loop()
    watcher, pause = Watcher(base, built_from), EVERY_S
    while True:
        await asyncio.sleep(pause)
        pause = await loop.run_in_executor(None, watcher.look)


def watch_beside(base: KnowledgeBase, built_from: Signature) -> None:
    """Reload ``base`` after each edit while the process lives, where there is no event loop of ours."""
    watcher = Watcher(base, built_from)

    def look_for_ever() -> None:
        never, pause = threading.Event(), EVERY_S
        while not never.wait(pause):
            pause = watcher.look()

    threading.Thread(target=look_for_ever, name="content-watcher", daemon=True).start()


def health(base: KnowledgeBase) -> dict[str, Any]:
    """What ``/health`` says of the knowledge base."""
    refused = [str(_inside(item, base.root)) for item in base.refused[:5]]
    encoder = shared_encoder()
    state: dict[str, Any] = {"knowledge": base.snapshot.version, "encoder": encoder.name}
    if not encoder.size:
        state["degraded"] = "没有句向量，只按字面查找"
    if refused:
        state["refused"] = refused
    return state


def _inside(found: Problem, root: Path) -> Problem:
    """``found`` with its path from the content folder on: anybody may read ``/health``."""
    try:
        return replace(found, path=found.path.relative_to(root))
    except ValueError:
        return replace(found, path=Path(found.path.name))
