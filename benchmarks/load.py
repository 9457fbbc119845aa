"""The load client: residents who write one message after another and wait for each answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks.doors import Door
from benchmarks.errors import CannotMeasure

TIMEOUT_S = 60.0
#: Pause between two tries while a system starts; the start is known to this precision.
TRY_EVERY_S = 0.05


@dataclass(frozen=True)
class Turn:
    """One message and its answer: its place in the conversation (from 1), the test sentence, seconds until the whole
    answer was there, "" or what went wrong."""

    number: int
    text: str
    seconds: float
    failure: str


@dataclass(frozen=True)
class Load:
    """What several residents at once experienced, and how long all of it took, seconds."""

    turns: list[Turn]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second; failures do not count as answers."""
        return sum(1 for turn in self.turns if not turn.failure) / self.seconds


def client() -> aiohttp.ClientSession:
    """An HTTP client that holds nobody back."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0),
                                 timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))


async def converse(door: Door, http: aiohttp.ClientSession, sentences: Sequence[str]) -> list[Turn]:
    """One conversation, one message after another. Opening it is not timed."""
    conversation = await door.open(http)
    turns = []
    for number, text in enumerate(sentences, start=1):
        began = time.perf_counter()
        try:
            failure = await door.say(http, conversation, text)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            failure = type(error).__name__
        turns.append(Turn(number, text, time.perf_counter() - began, failure))
    return turns


async def resident(
    door: Door, http: aiohttp.ClientSession, sentences: Sequence[str], conversation_turns: int
) -> list[Turn]:
    """One resident's messages, in conversations of at most ``conversation_turns``."""
    turns: list[Turn] = []
    for start in range(0, len(sentences), conversation_turns):
        turns += await converse(door, http, sentences[start:start + conversation_turns])
    return turns


async def together(door: Door, hands: Sequence[Sequence[str]], conversation_turns: int) -> Load:
    """All residents at the same time, each with a hand of sentences of their own."""
    async with client() as http:
        began = time.perf_counter()
        turns = await asyncio.gather(*(resident(door, http, hand, conversation_turns) for hand in hands))
        return Load([turn for one in turns for turn in one], time.perf_counter() - began)


async def first_answer(door: Door, text: str, alive: Callable[[], None], within_s: float) -> None:
    """Returns at the first right answer.

    Args:
        alive: raises CannotMeasure once the system's processes have ended.
        within_s: how long to wait, seconds.

    Raises:
        CannotMeasure: when no answer came in time.
    """
    deadline = time.monotonic() + within_s
    last = "the port is not open"
    async with client() as http:
        while time.monotonic() < deadline:
            alive()
            try:
                last = await door.say(http, await door.open(http), text)
                if not last:
                    return
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                last = type(error).__name__
            await asyncio.sleep(TRY_EVERY_S)
    raise CannotMeasure(f"no answer within {within_s:.0f} s of the start; the last try: {last}")
