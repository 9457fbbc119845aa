"""Encodes waiting residents' sentences together and looks them up, in a thread beside the event loop.

A batch costs a third of single sentences, and numpy lets the loop run on meanwhile; when a message's turn
comes, its vector is already in the encoder's memory and what it is near to in the index's. Nothing is kept longer than
these keep it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Optional

from bot.knowledge_access import snapshot
from bot.settings import settings
from knowledge.encoder import Encoder, shared_encoder
from knowledge.text import normalise

logger = logging.getLogger(__name__)


class Prefetcher:
    """One per event loop."""

    def __init__(self, encoder: Optional[Encoder] = None) -> None:
        self._encoder = encoder
        self._waiting: list[tuple[str, str, asyncio.Future[None]]] = []
        self._worker: Optional[asyncio.Task[None]] = None
        self._turns = 0

    @contextlib.asynccontextmanager
    async def turn(self, text: str, region: str = "") -> AsyncIterator[None]:
        """Around one turn in ``region`` (the server's own by default).

        A resident who is alone needs no detour: the turn encodes its sentence itself.
        """
        self._turns += 1
        try:
            if self._turns > 1:
                await self._fetch(text, region or settings().region)
            yield
        finally:
            self._turns -= 1

    async def _fetch(self, text: str, region: str) -> None:
        """Return once the vector of ``text`` is at hand; a failure is left to the turn itself to meet."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((normalise(text), region, done))
        if self._worker is None or self._worker.done():
            self._worker = loop.create_task(self._work())
        await done

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await loop.run_in_executor(None, self._prepare, [(text, region) for text, region, _ in batch])
            except Exception as error:
                # The turns meet it themselves; whoever came meanwhile must not wait for a worker that is gone.
                logger.warning("encoding ahead failed: %s", type(error).__name__)
            finally:
                for _, _, done in batch:
                    if not done.done():
                        done.set_result(None)

    def _prepare(self, batch: list[tuple[str, str]]) -> None:
        (self._encoder or shared_encoder()).encode([text for text, _ in batch])
        if self._encoder is None:
            index = snapshot().index
            for region in dict.fromkeys(region for _, region in batch):
                index.prepare([text for text, of in batch if of == region], region)
