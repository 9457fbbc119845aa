"""Any order of arrivals, ends, crashes and stalls, against a model that is one list a conversation."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cluster.environment import Cluster
from bot.cluster.locks import Ticket
from tests.support.services import Redis

SECRET = b"a secret of the lock tests, 32 b"
PROCESSES, CONVERSATIONS, MOST = 3, 2, 6
EXAMPLES = 400 if os.environ.get("NIGHTLY") == "1" else 60

_who, _where = st.integers(0, PROCESSES - 1), st.integers(0, CONVERSATIONS - 1)
#: take a ticket; end the turn that is on; a waiting one gives up; a process dies (its key ends), others go on.
STEPS = st.lists(st.one_of(
    st.tuples(st.just("take"), _who, _where), st.tuples(st.just("take"), _who, _where),
    st.tuples(st.just("end"), _where), st.tuples(st.just("give up"), _where, st.integers(0, 5)),
    st.tuples(st.just("die"), _who)), min_size=4, max_size=40)


class World:
    """The processes and the model. The model: per conversation the tickets that stand in line, the first is served."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.processes = [Cluster.at(address, SECRET) for _ in range(PROCESSES)]
        self.lines: list[list[tuple[Cluster, Ticket]]] = [[] for _ in range(CONVERSATIONS)]
        self.counts = {"served": 0, "died": 0, "full": 0}

    async def take(self, who: int, where: int) -> None:
        process = self.processes[who]
        ticket = process.locks.take(f"c{where}", MOST)
        await process.link.send("PING")
        if len(self.lines[where]) >= MOST:
            assert not ticket.waits and type(ticket.served.exception()).__name__ == "QueueFull"
            self.counts["full"] += 1
        else:
            self.lines[where].append((process, ticket))

    async def end(self, where: int) -> None:
        if self.lines[where]:
            process, ticket = self.lines[where].pop(0)
            assert await ticket.held()
            ticket.leave()
            await process.link.send("PING")

    async def give_up(self, where: int, place: int) -> None:
        waiting = self.lines[where][1:]
        if waiting:
            process, ticket = self.lines[where].pop(1 + place % len(waiting))
            ticket.leave()
            await process.link.send("PING")

    async def die(self, who: int, redis: Any) -> None:
        dead, self.processes[who] = self.processes[who], Cluster.at(self._address, SECRET)
        dead.locks.close()
        await dead.link.drop()
        # Its key ends by itself after ALIVE_S; here at once, so that many stories can be told.
        redis.delete(f"linlitong:alive:{dead.link.process}")
        self.lines = [[(process, ticket) for process, ticket in line if process is not dead] for line in self.lines]
        self.counts["died"] += 1

    async def agrees(self) -> None:
        """Those who are first in the model, and they alone, are served. Word may take a look to get about."""
        for line in self.lines:
            for place, (_, ticket) in enumerate(line):
                if place == 0:
                    await asyncio.wait_for(ticket.turn(), 20)
                    self.counts["served"] += 1
                else:
                    assert ticket.waits

    async def close(self) -> None:
        for process in self.processes:
            await process.close()


def test_the_queues_do_what_the_model_does(empty_redis: Redis, capsys: Any) -> None:
    totals = {"stories": 0, "served": 0, "died": 0, "full": 0}

    async def tell(steps: list[tuple[Any, ...]]) -> None:
        world = World(empty_redis.url)
        with empty_redis.client() as redis:
            redis.flushall()
            try:
                for what, *where in steps:
                    if what == "die":
                        await world.die(where[0], redis)
                    else:
                        await getattr(world, what.replace(" ", "_"))(*where)
                    await world.agrees()
                while any(world.lines):
                    for number in range(CONVERSATIONS):
                        await world.agrees()
                        await world.end(number)
                # Nothing of the living is left; what is of the dead ends by itself, or when the next one comes.
                alive = {process.link.process for process in world.processes}
                left = [item.decode() for key in redis.keys("linlitong:queue:*") for item in redis.lrange(key, 0, -1)]
                assert not [item for item in left if item.partition(":")[0] in alive]
            finally:
                await world.close()
        totals["stories"] += 1
        for name, count in world.counts.items():
            totals[name] += count

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def play(steps: list[tuple[Any, ...]]) -> None:
        asyncio.run(tell(steps))

    play()
    with capsys.disabled():
        print("\n" + ", ".join(f"{name} {count}" for name, count in totals.items()))
    assert totals["served"] > totals["stories"] and totals["died"]
