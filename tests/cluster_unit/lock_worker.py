"""A process that takes tickets for residents and serves them with a turn of its own making.

Each turn notes in Redis what happened: who was there when it began, and in which order. Those notes are the witness:
they are made by Redis, not by what is tested.

Arguments: address, name, residents, messages of each, first message of each, seconds a turn lasts, most waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

from bot.cluster.environment import Cluster
from bot.cluster.order import NoOrder

SECRET = b"a secret of the lock tests, 32 b"
#: A turn begins: KEYS place, log. ARGV resident's message. Two at once would find somebody in the place.
BEGIN = """
local inside = redis.call('INCR', KEYS[1])
redis.call('RPUSH', KEYS[2], ARGV[1])
return inside
"""


async def serve(address: str, name: str, residents: int, each: int, first: int, lasts: float, most: int) -> None:
    cluster = Cluster.at(address, SECRET)
    await cluster.open()
    link = cluster.link
    # Processes begin together: all residents are there at once.
    await link.send("INCR", "test:ready")
    while int(await link.send("GET", "test:go") or 0) == 0:
        await asyncio.sleep(0.01)
    two_at_once = not_held = 0
    waits: list[float] = []

    async def turn(resident: int, message: int) -> None:
        nonlocal two_at_once, not_held
        began = time.monotonic()
        place = cluster.locks.take(f"resident-{resident}", most)
        # The arrival is noted on the same line right behind the ticket, so nothing comes between the two.
        link.send("RPUSH", f"test:arrived:{resident}", f"{name}-{message}")
        try:
            await place.turn()
            waits.append(time.monotonic() - began)
            inside = int(await link.send("EVAL", BEGIN, 2, f"test:in:{resident}", f"test:served:{resident}",
                                         f"{name}-{message}"))
            two_at_once += inside != 1
            if lasts:
                await asyncio.sleep(lasts)
            not_held += not await place.held()
            await link.send("DECR", f"test:in:{resident}")
        finally:
            place.leave()

    await asyncio.gather(*(turn(resident, first + number) for number in range(each) for resident in range(residents)))
    cpu = time.process_time()
    print(f"{len(waits)} {two_at_once} {not_held} {max(waits, default=0):.3f} {cpu:.2f}", flush=True)
    await cluster.close()


if __name__ == "__main__":
    with contextlib.suppress(NoOrder):
        asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]),
                          float(sys.argv[6]), int(sys.argv[7])))
