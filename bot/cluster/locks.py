"""One turn of a conversation at a time, in the order of arrival, whichever process has it.

A message takes its ticket when it arrives; tickets stand in a queue in Redis. Whoever gives a ticket back is told who
is next: if that is a ticket of its own process it is served at once, else its process is told over a channel. Twice a
second each process looks, in a few calls for all of them, at the queues in which it waits: that finds what got lost,
and passes over tickets of processes that died.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import Any

from bot.cluster import scripts
from bot.cluster.link import ALIVE_S, Link, RedisDown
from bot.cluster.names import ALIVE, AT_HEAD, QUEUE
from bot.cluster.order import NoOrder, QueueFull
from bot.cluster.secrecy import Secrecy

logger = logging.getLogger(__name__)

#: How often a process looks at the queues in which it waits, seconds.
LOOK_S = 0.5
#: Queues in one look.
_MOST = 200
#: No limit: a ticket that stood in the queue before, and lost its place with Redis' memory.
_ANY = 1_000_000


class Ticket:
    """One message's place in its conversation's queue, and, once it is served, the right to the turn."""

    def __init__(self, locks: FairLocks, queue: str, number: int) -> None:
        self._locks = locks
        self.queue = queue
        self.number = number
        self.served: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.doubtful = False

    @property
    def waits(self) -> bool:
        """Whether its turn is still to come."""
        return not self.served.done()

    async def turn(self) -> None:
        """Waits for its turn.

        Raises:
            NoOrder, QueueFull: the turn will not come; the ticket is given back.
        """
        await asyncio.shield(self.served)

    async def held(self) -> bool:
        """Whether it is still its turn; False where that cannot be known."""
        return await self._locks.held(self)

    def leave(self) -> None:
        """Gives the ticket back: its work is done, or nobody wants it any more. At once, whatever Redis does."""
        self._locks.leave(self)


class FairLocks:
    """The queues of all conversations, as this process sees them.

    Args:
        link: to Redis.
        secrecy: names conversations there.
    """

    def __init__(self, link: Link, secrecy: Secrecy) -> None:
        self._link = link
        self._secrecy = secrecy
        self._numbers = itertools.count(1)
        #: Tickets of this process that wait or are served, by queue and number, in order of arrival.
        self._tickets: dict[str, dict[int, Ticket]] = {}
        #: Tickets that could not be given back yet: (queue, entry).
        self._owed: list[tuple[str, str]] = []
        #: Who was first in a queue at the last look.
        self._first: dict[str, bytes] = {}
        self._looking: asyncio.Task[None] | None = None
        link.on_doubt.append(self._doubt)
        link.on_return.append(self._return)
        link.own_handler(self._told)

    def take(self, conversation: str, most: int) -> Ticket:
        """A ticket, taken now: what is taken later is served later. ``most`` tickets of all processes may stand there.

        Never raises; ``Ticket.turn`` does.
        """
        self._begin()
        queue = QUEUE + self._secrecy.name(conversation)
        ticket = Ticket(self, queue, next(self._numbers))
        ticket.served.add_done_callback(_seen)
        self._tickets.setdefault(queue, {})[ticket.number] = ticket
        self._send(ticket, most)
        return ticket

    async def held(self, ticket: Ticket) -> bool:
        """See ``Ticket.held``."""
        if ticket.number not in self._tickets.get(ticket.queue, ()):
            return False
        if not ticket.doubtful and self._link.sure:
            return True
        try:
            held = bool(await self._link.call(scripts.HOLDS, [ticket.queue], [self._entry(ticket)]))
        except RedisDown:
            return False
        if held and self._link.sure:
            ticket.doubtful = False
        return held

    def leave(self, ticket: Ticket) -> None:
        """See ``Ticket.leave``."""
        if self._drop(ticket):
            self._give_back(ticket.queue, self._entry(ticket))

    def __len__(self) -> int:
        """How many tickets of this process wait or are served."""
        return sum(len(tickets) for tickets in self._tickets.values())

    def close(self) -> None:
        """Looks no more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    # --- taking and giving back -------------------------------------------------------------------

    def _begin(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_on())

    def _entry(self, ticket: Ticket) -> str:
        return f"{self._link.process}:{ticket.number}"

    def _drop(self, ticket: Ticket) -> bool:
        """Forgets the ticket here; False where that had happened."""
        tickets = self._tickets.get(ticket.queue, {})
        if tickets.pop(ticket.number, None) is None:
            return False
        if not tickets:
            del self._tickets[ticket.queue]
            self._first.pop(ticket.queue, None)
        return True

    def _send(self, ticket: Ticket, most: int) -> None:
        asked = self._link.call(
            scripts.TAKE, [ticket.queue, ALIVE + self._link.process], [self._entry(ticket), most, int(ALIVE_S * 1000)])
        asked.add_done_callback(lambda done: self._taken(ticket, done))

    def _taken(self, ticket: Ticket, done: asyncio.Future[Any]) -> None:
        failed = done.cancelled() or done.exception() is not None
        place, alive = (None, True) if failed else done.result()
        if not alive and self._link.begun:
            # This process stood still and counted as dead: others may have passed over what it held.
            self._doubt()
        if not ticket.waits or ticket.number not in self._tickets.get(ticket.queue, ()):
            return
        if failed:
            # It may stand in the queue all the same.
            self._refuse(ticket, NoOrder("redis"))
        elif place == 1:
            ticket.served.set_result(None)
        elif place == -1:
            self._drop(ticket)
            ticket.served.set_exception(QueueFull("full"))

    def _refuse(self, ticket: Ticket, error: Exception) -> None:
        self._drop(ticket)
        ticket.served.set_exception(error)
        self._give_back(ticket.queue, self._entry(ticket))

    def _give_back(self, queue: str, entry: str) -> None:
        given = self._link.call(scripts.LEAVE, [queue], [entry])

        def told(done: asyncio.Future[Any]) -> None:
            if done.cancelled() or done.exception() is not None:
                self._owed.append((queue, entry))
            elif done.result():
                self._next(queue, done.result())

        given.add_done_callback(told)

    def _return(self) -> None:
        """Redis is back, with its memory or without: what is over is given back, all others (still) stand in line."""
        owed, self._owed = self._owed, []
        for queue, entry in owed:
            self._give_back(queue, entry)
        for tickets in self._tickets.values():
            for ticket in tickets.values():
                self._send(ticket, _ANY)

    # --- whose turn it is -------------------------------------------------------------------------

    def _next(self, queue: str, entry: bytes) -> None:
        """``entry`` is first in the queue."""
        process, _, number = entry.decode().partition(":")
        if process == self._link.process:
            self._at_head(queue, int(number))

    def _at_head(self, queue: str, number: int) -> None:
        ticket = self._tickets.get(queue, {}).get(number)
        if ticket is None:
            # Taken by a call whose answer never came, or given back this moment: nobody must wait for it.
            self._give_back(queue, f"{self._link.process}:{number}")
        elif ticket.waits:
            ticket.served.set_result(None)

    def _told(self, said: bytes) -> None:
        if said.startswith(AT_HEAD.encode()):
            _, queue, number = said.decode().split(" ")
            ticket = self._tickets.get(queue, {}).get(int(number))
            # The word may be from before this process stood still; the next look tells what is true now.
            if ticket is None or not ticket.doubtful:
                self._at_head(queue, int(number))

    # --- what got lost ----------------------------------------------------------------------------

    def _doubt(self) -> None:
        for tickets in self._tickets.values():
            for ticket in tickets.values():
                ticket.doubtful = True

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._look()
            except RedisDown:
                self._give_up()
            except Exception:  # looking must go on: without it a lost word would stop a conversation
                logger.exception("looking at the queues failed")

    async def _look(self) -> None:
        waiting = []
        for queue, tickets in self._tickets.items():
            first = next((ticket for ticket in tickets.values() if ticket.waits), None)
            if first is not None:
                waiting.append((queue, first))
        seen, self._first = self._first, {}
        for start in range(0, len(waiting), _MOST):
            part = waiting[start:start + _MOST]
            arguments = [word for queue, ticket in part for word in (self._entry(ticket), seen.get(queue, b""))]
            found = await self._link.call(scripts.LOOK, [queue for queue, _ in part], arguments)
            for number, (queue, ticket) in enumerate(part):
                head, present = found[2 * number], found[2 * number + 1]
                if not present:
                    self._enter_again(queue, ticket)
                elif head:
                    self._first[queue] = head
                    self._next(queue, head)

    def _enter_again(self, queue: str, missed: Ticket) -> None:
        """Redis lost its memory, or took this process for dead: all stand in line again, in their order.

        Also the one who is served: if nobody else was meanwhile, what it does may still be stored.
        """
        tickets = self._tickets.get(queue, {})
        if missed.waits and missed.number in tickets:
            for ticket in tickets.values():
                self._send(ticket, _ANY)

    def _give_up(self) -> None:
        """Redis is gone: nobody is kept waiting for a turn that may not come."""
        for ticket in [ticket for tickets in self._tickets.values() for ticket in tickets.values() if ticket.waits]:
            self._refuse(ticket, NoOrder("redis"))


def _seen(done: asyncio.Future[None]) -> None:
    if not done.cancelled():
        done.exception()  # nobody need wait for a ticket's turn


