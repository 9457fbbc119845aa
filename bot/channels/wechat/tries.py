"""Five seconds, three tries: one turn a message, and its answer goes out once.

WeChat waits five seconds, cuts the connection and sends the same message again, three times in all. The first try
starts the turn and waits 4.5 s; later ones join it, in this process or another. A try whose 4.5 s are over holds its
connection until WeChat cuts it, because whatever it said would be the answer; only the last says ``success``. An answer
that is not ready then goes out as a customer service message, or with the reply to the resident's next message.

Who gets an answer: the first try that is still waiting when it is there. One that came before it went out (the double
of a try, sent twice at once) gets ``success``; one that comes after gets the same answer again, as WeChat cannot have
received it. Without the store (disk full) all of this still holds within one process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.channels.errors import log_failure
from bot.channels.wechat.state import Answer, Kept, Reply, State
from bot.channels.wechat.store import Arrival, Compose, Store
from bot.observing.turn import note_stored
from bot.state.database import StateDown

logger = logging.getLogger(__name__)

Work = Callable[[State], Awaitable[Answer]]
ComposeLate = Callable[[Kept, State], Reply]
#: Works a message and stores its answer, or stores the answer that it is given; gives the answer.
Settle = Callable[["Answer | None"], Awaitable[Answer]]
#: Settles a message when it is its turn in the conversation.
InOrder = Callable[[State, Settle], Awaitable[Answer]]
#: Sends an answer outside of any reply; False where that is impossible. Never raises.
SendLate = Callable[[Kept, Reply], Awaitable[bool]]
Now = Callable[[], float]
_MOST_FINISHED = 2000


def _clock() -> float:
    """Seconds that only ever grow, by the clock that timers go by."""
    return asyncio.get_running_loop().time()


async def _at_once(_state: State, settle: Settle) -> Answer:
    return await settle(None)


@dataclass(frozen=True)
class _Job:
    """What is to be done with a message; see ``Tries.take``."""

    work: Work
    late: SendLate | None
    in_order: InOrder


class Replayed(ValueError):
    """The request came before, with another message."""


@dataclass(frozen=True)
class Timing:
    """WeChat's times and ours, seconds.

    ``wait``: how long a try waits for the answer. ``settle``: how much longer for one that is just being stored.
    ``hold``: when a held connection that nobody cut is ended. ``tries``: how often WeChat sends. ``last_age``: a
    message this old is at its last try, however many tries reached us. ``window``: after that long no try comes any
    more. ``poll``: how often a turn of another process is looked at. ``lease``: after that long without a sign of life
    a turn is taken over.
    """

    wait: float = 4.5
    settle: float = 0.3
    hold: float = 8.0
    tries: int = 3
    last_age: float = 8.5
    window: float = 20.0
    poll: float = 0.05
    lease: float = 3.0

    def scaled(self, factor: float) -> Timing:
        """All times by ``factor``, for tests; CreateTime has whole seconds, so ``last_age`` stays at least 2 s."""
        return replace(self, wait=self.wait * factor, settle=self.settle * factor, hold=self.hold * factor,
                       last_age=max(self.last_age * factor, 2.0), window=self.window * factor,
                       poll=min(self.poll, self.poll * factor * 4), lease=self.lease * factor)


@dataclass(frozen=True)
class Letter:
    """A try of a message: ``key`` its message's, ``request`` its own; ``question`` as it is quoted to the resident.

    ``created``: CreateTime, seconds since 1970, 0 where unknown.
    """

    key: str
    conversation: str
    request: str
    question: str
    created: int


class _Flight:
    """A message that is being answered in this process, or was a moment ago."""

    def __init__(self, letter: Letter, first_at: float) -> None:
        self.letter = letter
        self.first_at = first_at
        self.landed: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting = 0
        self.settling = False
        self.gave_up = False
        #: What went out; ``taken``: a try has it.
        self.reply: Reply | None = None
        self.taken = False
        #: The store does not know of it (forgotten, or the store is down): it is all in here.
        self.alone = False

    @property
    def missed(self) -> bool:
        """Noted as gone out with a try that was cut while that was being noted: nobody has it yet."""
        return self.landed.done() and self.reply is not None and not (self.taken or self.waiting or self.gave_up)


class Tries:
    """The tries of one account.

    Args:
        compose: fits an answer, and those kept from before, into a reply.
        compose_late: fits one answer into a message of its own.
        now: seconds since 1970.
        sleep: waits; tests put their own here.
    """

    def __init__(self, store: Store, timing: Timing, compose: Compose, compose_late: ComposeLate, now: Now = time.time,
                 sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep) -> None:
        self._store = store
        self._timing = timing
        self._compose = compose
        self._compose_late = compose_late
        self._now = now
        self._sleep = sleep
        self._flights: OrderedDict[str, _Flight] = OrderedDict()
        #: How many tries of a message are being received or wait here.
        self._live: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def take(self, letter: Letter, work: Work, late: SendLate | None, in_order: InOrder = _at_once) -> str:
        """The text to reply to this try; "" for ``success``. Raises Replayed.

        ``work`` is called once a message, with the conversation's state, and never raises; whether its caller goes away
        or not, it is worked to the end. A cancelled call counts as a connection that was cut.
        ``late``: None where nothing can be sent but replies. ``in_order``: has the message worked and stored when it is
        its turn in the conversation.
        """
        arrived, started, job = self._now(), _clock(), _Job(work, late, in_order)
        double = self._live[letter.key] > 0
        self._live[letter.key] += 1
        try:
            said, flight, arrival = await self._until(letter, job, double, arrived, started + self._timing.wait)
        finally:
            self._live[letter.key] -= 1
            if not self._live[letter.key]:
                del self._live[letter.key]
        return said if said is not None else await self._without(letter, flight, arrival, arrived, started)

    async def drain(self, timeout_s: float) -> None:
        """Waits for the turns under way, at most ``timeout_s`` seconds, and puts the rest in order."""
        under_way = [flight.landed for flight in self._flights.values() if not flight.landed.done()]
        if under_way:
            await asyncio.wait(under_way, timeout=timeout_s)
        # What waits for a retry that may still come is in the store: the next process keeps it.
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- a try ------------------------------------------------------------------------------------

    async def _until(self, letter: Letter, job: _Job, double: bool, arrived: float, deadline: float
                     ) -> tuple[str | None, _Flight | None, Arrival]:
        """What to say, or None where it is not there at ``deadline``."""
        flight = self._flights.get(letter.key)
        if flight is not None and flight.alone and flight.landed.done():
            return self._same_again(flight, arrived), flight, Arrival("answered")
        arrival = await self._arrive(letter, double)
        if arrival.status == "replayed":
            raise Replayed
        if arrival.status == "answered":
            return await self._answered(letter, arrival, arrived), None, arrival
        if arrival.status == "mine":
            flight = self._start(letter, arrival, job)
        else:
            flight = self._flights.get(letter.key)
            if flight is not None and flight.alone and flight.landed.done():
                return self._same_again(flight, arrived), flight, arrival
        if flight is None or (flight.landed.done() and not flight.alone):
            found = await self._wait_elsewhere(letter, arrived, deadline, job)
            if isinstance(found, str):
                return found, None, arrival
            flight = found
        if flight is not None and await self._wait_here(flight, deadline):
            return await self._land(flight, arrived), flight, arrival
        return None, flight, arrival

    async def _arrive(self, letter: Letter, double: bool) -> Arrival:
        try:
            return await self._store.arrive(letter.key, letter.conversation, letter.question, letter.request,
                                            counts=not double)
        except StateDown as error:
            log_failure("Noting a message", error)
            known = self._flights.get(letter.key)
            if known is not None and known.landed.done():
                known.alone = True
            return Arrival("mine" if known is None else "busy", first_at=self._now())

    async def _answered(self, letter: Letter, arrival: Arrival, arrived: float) -> str:
        """To a try of a message that has its answer."""
        flight = self._flights.get(letter.key)
        if flight is not None and flight.missed:
            return await self._land(flight, arrived)
        if arrival.carried_at is None:
            return await self._carry(letter, arrived)
        if arrival.reply is None or arrived < arrival.carried_at or arrived - arrival.first_at > self._timing.window:
            return ""
        return arrival.reply

    async def _carry(self, letter: Letter, arrived: float) -> str:
        """An answer that is there and did not go out yet."""
        try:
            reply = await self._store.carry(letter.key, letter.conversation, self._compose)
            if reply is not None:
                return reply.text
            arrival = await self._store.look(letter.key)
        except StateDown as error:
            log_failure("Looking for an answer", error)
            return ""
        if arrival is None or arrival.carried_at is None:
            return ""
        return await self._answered(letter, arrival, arrived)

    def _same_again(self, flight: _Flight, arrived: float) -> str:
        recent = arrived - flight.first_at <= self._timing.window
        return flight.reply.text if flight.reply is not None and recent else ""

    async def _wait_here(self, flight: _Flight, deadline: float) -> bool:
        """Whether the answer is there in time."""
        flight.waiting += 1
        try:
            if not flight.landed.done():
                await asyncio.wait([flight.landed], timeout=max(deadline - _clock(), 0.0))
            if not flight.landed.done() and flight.settling:
                # It is being stored as having gone out with this try.
                await asyncio.wait([flight.landed], timeout=self._timing.settle)
            return flight.landed.done()
        finally:
            flight.waiting -= 1

    async def _land(self, flight: _Flight, arrived: float) -> str:
        if flight.reply is None:
            return await self._carry(flight.letter, arrived)
        if flight.taken:
            return ""
        flight.taken = True
        return flight.reply.text

    async def _wait_elsewhere(self, letter: Letter, arrived: float, deadline: float, job: _Job
                              ) -> str | _Flight | None:
        """The answer of another process, or a flight of our own where that one has died; None when the time is up."""
        while _clock() < deadline:
            try:
                arrival = await self._store.look(letter.key)
                if arrival is None:
                    arrival = await self._store.arrive(letter.key, letter.conversation, letter.question,
                                                       letter.request, counts=False)
            except StateDown as error:
                log_failure("Waiting for another process", error)
                return None
            if arrival.status == "answered":
                return await self._answered(letter, arrival, arrived)
            if arrival.status == "mine":
                return self._start(letter, arrival, job)
            await self._sleep(self._timing.poll)
        return None

    async def _without(self, letter: Letter, flight: _Flight | None, arrival: Arrival, arrived: float, started: float
                       ) -> str:
        """A try that has to end without the answer."""
        old = letter.created > 0 and arrived - letter.created >= self._timing.last_age
        if arrival.tries < self._timing.tries and not old:
            # Whatever is said now would be the answer; WeChat cuts the connection and tries again.
            await self._sleep(max(started + self._timing.hold - _clock(), 0.0))
            if flight is not None and flight.landed.done():
                return await self._land(flight, arrived)
        if flight is not None:
            flight.gave_up = True
        try:
            await self._store.give_up(letter.key)
        except StateDown as error:
            log_failure("Giving a try up", error)
        return ""

    # --- a turn -----------------------------------------------------------------------------------

    def _start(self, letter: Letter, arrival: Arrival, job: _Job) -> _Flight:
        going = self._flights.get(letter.key)
        if going is not None and not going.landed.done():
            return going  # the lease ran out while this process stood still: the bot is not asked twice
        flight = _Flight(letter, arrival.first_at)
        self._flights[letter.key] = flight
        self._flights.move_to_end(letter.key)
        self._drop_old()
        self._spawn(self._fly(flight, arrival.state, job))
        return flight

    def _drop_old(self) -> None:
        """What landed long ago is in the store; of what is not, the window is all that is promised."""
        while self._flights:
            flight = next(iter(self._flights.values()))
            if not flight.landed.done():
                break
            if len(self._flights) <= _MOST_FINISHED and self._now() - flight.first_at <= self._timing.window:
                break
            self._flights.popitem(last=False)

    async def _fly(self, flight: _Flight, state: State, job: _Job) -> None:
        with self._store.turn():
            alive = asyncio.get_running_loop().create_task(self._keep_alive(flight.letter.key))
            try:
                answer = await job.in_order(state, partial(self._settle, flight, state, job.work))
            finally:
                alive.cancel()
        await self._pass_on(flight, answer, job.late)

    async def _settle(self, flight: _Flight, state: State, work: Work, answer: Answer | None) -> Answer:
        """Works the turn to its end and stores it: answer, reply and what the bot remembers, in one commit."""
        letter = flight.letter
        if answer is None:
            answer = await work(state)
        flight.settling = True
        try:
            if answer.forgotten:
                raise StateDown("forgotten")  # nothing of it may be written
            carried = flight.waiting > 0
            flight.reply = await self._store.finish(letter.key, letter.conversation, answer,
                                                    self._compose if carried else None)
            note_stored()
        except StateDown as error:
            if not answer.forgotten:
                log_failure("Storing an answer", error)
            flight.alone = True
            flight.reply = self._compose(answer, (), state)
        flight.landed.set_result(answer)
        return answer

    async def _pass_on(self, flight: _Flight, answer: Answer, late: SendLate | None) -> None:
        """Sees to an answer that no try is waiting for."""
        letter = flight.letter
        if flight.reply is None and not flight.waiting:
            if not flight.gave_up:
                await self._sleep(max(flight.first_at + self._timing.window - self._now(), 0.0))
            await self._send_late(letter, answer, late)
        elif flight.alone and flight.gave_up and flight.reply is not None and flight.reply.text and late is not None:
            await late(Kept(letter.question, answer), flight.reply)
        elif flight.gave_up and flight.reply is not None and not (flight.taken or flight.waiting):
            # Noted as gone out with the last try, which went away while that was being noted.
            try:
                await self._store.put_back(letter.key)
            except StateDown as error:
                log_failure("Taking an answer back", error)
                return
            await self._send_late(letter, answer, late)

    async def _keep_alive(self, key: str) -> None:
        """Renews the lease for as long as a turn takes."""
        while True:
            await asyncio.sleep(self._timing.lease / 3)
            try:
                await self._store.renew(key)
            except StateDown as error:
                log_failure("Renewing a lease", error)

    async def _send_late(self, letter: Letter, answer: Answer, late: SendLate | None) -> None:
        """No try carried it: a message of its own, or the next reply."""
        def compose(answer: Answer, _kept: Sequence[Kept], state: State) -> Reply:
            return self._compose_late(Kept(letter.question, answer), state)

        if late is None:
            # It is not even noted as gone out: the next message must find it, however soon it comes.
            logger.info("an answer came too late for its message; it goes with the next one")
            return
        try:
            reply = await self._store.carry(letter.key, letter.conversation, compose)
            if reply is None or not reply.text:
                return  # a retry, or the next message, took it along
            if not await late(Kept(letter.question, answer), reply):
                await self._store.put_back(letter.key)
                logger.info("an answer came too late for its message; it goes with the next one")
        except StateDown as error:
            log_failure("Sending an answer late", error)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log_failure("A turn", task.exception() or RuntimeError())
