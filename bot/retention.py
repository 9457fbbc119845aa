"""Deletes conversations, and the facts in them, once they have been silent for long enough."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

logger = logging.getLogger(__name__)
#: Seconds between two clean-ups.
EVERY_S = 600


async def delete_silent(store: Any, keep_hours: float, *, now: float) -> int:
    """Delete the conversations whose last event is older than ``keep_hours``; how many there were.

    ``now``: seconds since 1970. Stores that cannot (looked up through Rasa's wrappers) expire by themselves.
    """
    inner = store
    while not hasattr(inner, "delete_silent"):
        inner = getattr(inner, "_tracker_store", None)
        if inner is None:
            return 0
    deleted: int = await inner.delete_silent(now - keep_hours * 3600)
    return deleted


async def keep_clean(app: Any, keep_hours: float, *sweeps: Callable[[], Awaitable[int]]) -> None:
    """Clean up for ever, every ten minutes; an error is logged and tried again.

    Each of ``sweeps`` deletes what a channel keeps beside the conversations (replies, feedback) and gives how much.
    """

    async def silent() -> int:
        agent = getattr(app.ctx, "agent", None)
        if agent is None or agent.tracker_store is None:
            return 0
        return await delete_silent(agent.tracker_store, keep_hours, now=time.time())

    while True:
        await _try("silent conversations", silent)
        for sweep in sweeps:
            await _try("expired replies and judgements", sweep)
        await asyncio.sleep(EVERY_S)


async def _try(what: str, clean: Callable[[], Awaitable[int]]) -> None:
    try:
        deleted = await clean()
        if deleted:
            logger.info("%d %s deleted", deleted, what)
    except Exception:
        logger.exception("deleting %s failed; trying again later", what)
