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
from bot.nlu.clauses import looked_up
from bot.settings import settings
from knowledge.encoder import Encoder, shared_encoder

logger = logging.getLogger(__name__)
#: So many messages make a batch that need not grow.
FULL = 8
#: While more prepared turns than this are under way, the next batch may wait for more messages …
BUSY = 2
#: … but never longer, seconds: a turn may wait for the database.
PATIENCE_S = 0.04


class Prefetcher:
    """One per event loop."""

    def __init__(self, encoder: Optional[Encoder] = None) -> None:
        self._encoder = encoder
        self._waiting: list[tuple[list[str], str, asyncio.Future[None]]] = []
        self._worker: Optional[asyncio.Task[None]] = None
        self._turns = 0
        self._moved = asyncio.Event()

    @contextlib.asynccontextmanager
    async def turn(self, text: str, region: str = "") -> AsyncIterator[None]:
        """Around one turn in ``region`` (the server's own by default).

        A resident who is alone and says one thing needs no detour: the turn encodes its sentence itself.
        """
        self._turns += 1
        try:
            texts = looked_up(text)
            if self._turns > 1 or len(texts) > 1:
                await self._fetch(texts, region or settings().region)
            yield
        finally:
            self._turns -= 1
            self._moved.set()

    async def _fetch(self, texts: list[str], region: str) -> None:
        """Return once the vectors of ``texts`` are at hand; a failure is left to the turn itself to meet."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((texts, region, done))
        self._moved.set()
        if self._worker is None or self._worker.done():
            self._worker = loop.create_task(self._work())
        await done

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await self._gather()
            batch, self._waiting = self._waiting, []
            try:
                await loop.run_in_executor(None, self._prepare, [(texts, region) for texts, region, _ in batch])
            except Exception as error:
                # The turns meet it themselves; whoever came meanwhile must not wait for a worker that is gone.
                logger.warning("encoding ahead failed: %s", type(error).__name__)
            finally:
                for _, _, done in batch:
                    if not done.done():
                        done.set_result(None)

    async def _gather(self) -> None:
        """Wait for a larger batch as long as the loop has other turns to go on with."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + PATIENCE_S
        while len(self._waiting) < FULL and self._turns - len(self._waiting) > BUSY:
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), ends - loop.time())
            except asyncio.TimeoutError:
                return

    def _prepare(self, batch: list[tuple[list[str], str]]) -> None:
        (self._encoder or shared_encoder()).encode(list(dict.fromkeys(text for texts, _ in batch for text in texts)))
        if self._encoder is None:
            index = snapshot().index
            for region in dict.fromkeys(region for _, region in batch):
                index.prepare([text for texts, of in batch if of == region for text in texts], region)
