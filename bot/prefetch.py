"""Encodes waiting residents' sentences together, in a thread beside the event loop.

A batch costs a third of single sentences, and numpy lets the loop run on meanwhile; when a message's turn
comes, its vector is already in the encoder's memory. Nothing is kept longer than the encoder keeps it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Optional

from knowledge.encoder import Encoder, shared_encoder
from knowledge.text import normalise

logger = logging.getLogger(__name__)


class Prefetcher:
    """One per event loop."""

    def __init__(self, encoder: Optional[Encoder] = None) -> None:
        self._encoder = encoder
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []
        self._worker: Optional[asyncio.Task[None]] = None
        self._turns = 0

    @contextlib.asynccontextmanager
    async def turn(self, text: str) -> AsyncIterator[None]:
        """Around one turn. A resident who is alone needs no detour: the turn encodes its sentence itself."""
        self._turns += 1
        try:
            if self._turns > 1:
                await self._fetch(text)
            yield
        finally:
            self._turns -= 1

    async def _fetch(self, text: str) -> None:
        """Return once the vector of ``text`` is at hand; a failure is left to the turn itself to meet."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((normalise(text), done))
        if self._worker is None or self._worker.done():
            self._worker = loop.create_task(self._work())
        await done

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                encoder = self._encoder or shared_encoder()
                await loop.run_in_executor(None, encoder.encode, [text for text, _ in batch])
            except Exception as error:
                # The turns meet it themselves; whoever came meanwhile must not wait for a worker that is gone.
                logger.warning("encoding ahead failed: %s", type(error).__name__)
            finally:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)
