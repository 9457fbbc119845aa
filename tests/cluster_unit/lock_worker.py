"""A process that takes tickets for residents and serves them with a turn of its own making.

Redis itself notes what happened, with the steps that it notes: each ticket as it is taken, each turn as it begins and
who was there then. Those notes are the witness.

Arguments: address, residents, messages of each, seconds a turn lasts, most waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sys
import time

from bot.cluster import link as links
from bot.cluster import scripts
from bot.cluster.environment import Cluster
from bot.cluster.order import NoOrder

SECRET = b"a secret of the lock tests, 32 b"
#: A turn begins: KEYS place, log. ARGV resident's message. Two at once would find somebody in the place.
BEGIN = """
local inside = redis.call('INCR', KEYS[1])
redis.call('RPUSH', KEYS[2], ARGV[1])
return inside
"""


#: Taking a ticket, noted in the same step.
TAKE = "redis.call('RPUSH', 'test:arrived:' .. KEYS[1], ARGV[1])\n" + scripts.TAKE


def witness() -> None:
    """From here on tickets are taken with a note."""
    links._SHAS[TAKE] = hashlib.sha1(TAKE.encode()).hexdigest()
    links._ALL = (*links._ALL, TAKE)  # type: ignore[assignment]
    scripts.TAKE = TAKE


async def serve(address: str, residents: int, each: int, lasts: float, most: int) -> None:
    cluster = Cluster.at(address, SECRET)
    await cluster.open()
    link = cluster.link
    # Processes begin together: all residents are there at once.
    await link.send("INCR", "test:ready")
    while int(await link.send("GET", "test:go") or 0) == 0:
        await asyncio.sleep(0.01)
    two_at_once = not_held = 0
    waits: list[float] = []

    async def turn(resident: int) -> None:
        nonlocal two_at_once, not_held
        began = time.monotonic()
        place = cluster.locks.take(f"resident-{resident}", most)
        try:
            await place.turn()
            waits.append(time.monotonic() - began)
            inside = int(await link.send("EVAL", BEGIN, 2, f"test:in:{resident}", f"test:served:{place.queue}",
                                         f"{link.process}:{place.number}"))
            two_at_once += inside != 1
            if lasts:
                await asyncio.sleep(lasts)
            not_held += not await place.held()
            await link.send("DECR", f"test:in:{resident}")
        finally:
            place.leave()

    running = []
    for _ in range(each):
        for resident in range(residents):
            running.append(asyncio.ensure_future(turn(resident)))
            if len(running) % 50 == 0:
                await asyncio.sleep(0)  # as from a network: never thousands in one step of the loop
    await asyncio.gather(*running)
    cpu = time.process_time()
    print(f"{len(waits)} {two_at_once} {not_held} {max(waits, default=0):.3f} {cpu:.2f}", flush=True)
    await cluster.close()


if __name__ == "__main__":
    with contextlib.suppress(NoOrder):
        witness()
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
