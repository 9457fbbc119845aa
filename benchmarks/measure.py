"""One round of one system: start it, speak to it, watch it, end it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks import load
from benchmarks.disturbance import Others
from benchmarks.errors import CannotMeasure
from benchmarks.load import Load, Turn
from benchmarks.plan import Plan
from benchmarks.processes import PeakMemory, Running
from benchmarks.sentences import Draw
from benchmarks.systems import System

#: Said until the first answer comes; it is no test sentence.
GREETING = "您好"
START_WITHIN_S = 600.0


@dataclass(frozen=True)
class Round:
    """What one round gave. Memory counts all processes of the system, MiB; times are seconds."""

    start_s: float
    idle_mb: float
    peak_mb: float
    cpu_s_per_message: float
    alone: list[Turn]
    together: Load
    long: list[Turn]
    #: The share of all cores that other programs took meanwhile, 0 to 1.
    others: float
    #: The peak of the largest process, MiB.
    process_mb: float

    @property
    def failures(self) -> list[Turn]:
        """The turns without an answer."""
        return [turn for turn in [*self.alone, *self.together.turns, *self.long] if turn.failure]


async def _until_whole(system: System, running: Running) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not system.whole():
        running.check_alive()
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{system.label} did not come up whole within {START_WITHIN_S:.0f} s")
        await asyncio.sleep(0.2)


async def measure(system: System, draw: Draw, plan: Plan) -> Round:
    """Measures a trained system once, from its start to its end.

    Raises:
        CannotMeasure: when it does not start, or ends under load.
    """
    with Running() as running:
        began = time.perf_counter()
        door = system.start(running)
        await load.first_answer(door, GREETING, running.check_alive, START_WITHIN_S)
        start_s = time.perf_counter() - began
        await _until_whole(system, running)
        with PeakMemory(running) as memory:
            idle_mb = running.rss_mb()
            others = Others(running)
            async with load.client() as http:
                await load.resident(door, http, draw.warm_up, plan.conversation_turns)
                alone = await load.resident(door, http, draw.alone, plan.conversation_turns)
                cpu_before = running.cpu_s()
                together = await load.together(door, draw.together, plan.conversation_turns)
                cpu_s = running.cpu_s() - cpu_before
                long = await load.converse(door, http, draw.long)
            others_share = others.share()
        running.check_alive()
        if together.per_second == 0:
            raise CannotMeasure(f"{system.label} answered none of the messages under load: "
                                f"{together.turns[0].failure}")
        return Round(start_s, idle_mb, memory.mb, cpu_s / len(together.turns), alone, together, long,
                     others_share, memory.process_mb)
