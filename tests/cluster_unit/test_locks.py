"""Tickets of several processes: order, one at a time, and what happens when processes and Redis do not behave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cluster import link as links
from bot.cluster.environment import Cluster
from bot.cluster.link import RedisDown
from bot.cluster.locks import Ticket
from bot.cluster.order import NoOrder, QueueFull
from tests.support.services import Redis

SECRET = b"a secret of the lock tests, 32 b"
MOST = 100


class Processes:
    """Several processes' clusters on one event loop. ``die`` ends one as SIGKILL would: nothing is said any more."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._all: list[Cluster] = []

    def __call__(self) -> Cluster:
        one = Cluster.at(self._address, SECRET)
        self._all.append(one)
        return one

    async def die(self, one: Cluster) -> None:
        one.locks.close()
        await one.link.drop()

    async def close(self) -> None:
        for one in self._all:
            await one.close()


Story = Callable[[Processes], Awaitable[None]]


@pytest.fixture
def play(empty_redis: Redis) -> Callable[[Story], None]:
    def run(story: Story) -> None:
        async def told() -> None:
            processes = Processes(empty_redis.url)
            try:
                await asyncio.wait_for(story(processes), 120)
            finally:
                await processes.close()

        asyncio.run(told())

    return run


async def served(ticket: Ticket, within: float = 30.0) -> float:
    """Waits until it is the ticket's turn; the seconds that took."""
    began = time.monotonic()
    await asyncio.wait_for(ticket.turn(), within)
    return time.monotonic() - began


async def in_line(one: Cluster, *tickets: Ticket) -> None:
    """Returns once Redis has heard of everything that was taken."""
    await one.link.send("PING")


async def until(happens: Callable[[], Any], within: float = 30.0) -> None:
    ends = time.monotonic() + within
    while not happens():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


# --- order ----------------------------------------------------------------------------------------


def test_tickets_of_two_processes_are_served_in_turn(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        order: list[int] = []

        async def turn(ticket: Ticket, number: int) -> None:
            await served(ticket)
            order.append(number)
            assert await ticket.held()
            ticket.leave()

        turns = []
        for number in range(20):
            who = (one, other)[number % 2]
            turns.append(turn(who.locks.take("c", MOST), number))
            await in_line(who)
        await asyncio.gather(*turns)
        assert order == list(range(20)) and len(one.locks) == len(other.locks) == 0
        # What is next is told at once; nobody waits for the next look.
        assert await one.link.send("DBSIZE") == 2  # the two processes' signs of life

    play(story)


def test_conversations_do_not_wait_for_one_another(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one = process()
        first, second, other = (one.locks.take(name, MOST) for name in ("c", "c", "d"))
        await served(first)
        await served(other)
        assert second.waits
        first.leave()
        await served(second)

    play(story)


def test_one_who_does_not_wait_any_longer_is_passed_over(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        first = one.locks.take("c", MOST)
        await served(first)
        gone, last = one.locks.take("c", MOST), None
        await in_line(one)
        last = other.locks.take("c", MOST)
        await in_line(other)
        gone.leave()
        first.leave()
        assert await served(last) < 5.0

    play(story)


def test_the_queue_is_counted_over_all_processes(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        tickets = [who.locks.take("c", 4) for who in (one, one)]
        await in_line(one)
        tickets += [other.locks.take("c", 4) for _ in range(2)]
        await in_line(other)
        with pytest.raises(QueueFull):
            await served(one.locks.take("c", 4))
        await served(tickets[0])
        tickets[0].leave()
        again = one.locks.take("c", 4)
        for ticket in [*tickets[1:], again]:
            await served(ticket)
            ticket.leave()

    play(story)


# --- processes that die or stand still ------------------------------------------------------------


def test_the_tickets_of_a_dead_process_are_passed_over(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        held = one.locks.take("c", MOST)
        await served(held)
        waiting = one.locks.take("c", MOST)
        await in_line(one)
        last = other.locks.take("c", MOST)
        await in_line(other)
        assert waiting.waits
        await process.die(one)
        assert await served(last) < 5.0  # ALIVE_S and two looks
        assert await last.held()

    play(story)


def test_the_places_of_the_dead_do_not_fill_the_queue(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, dead = process(), process()
        first = one.locks.take("c", 3)
        await served(first)
        for _ in range(2):
            dead.locks.take("c", 3)
        await in_line(dead)
        await process.die(dead)
        await asyncio.sleep(links.ALIVE_S + 0.5)
        last = one.locks.take("c", 3)
        first.leave()
        assert await served(last) < 5.0

    play(story)


def test_who_stood_still_may_not_store_any_more(play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        stalled = one.locks.take("c", MOST)
        await served(stalled)
        assert await stalled.held()
        with monkeypatch.context() as still:
            # No sign of life, as if the process had been stopped.
            still.setattr(one.link, "_beat", lambda: None)
            last = other.locks.take("c", MOST)
            assert await served(last) < 5.0
            assert not await stalled.held()
        await until(lambda: one.link.sure)
        assert not await stalled.held() and await last.held()
        # Its other tickets are in doubt as well, but good where nobody passed them.
        another = one.locks.take("d", MOST)
        await served(another)
        assert await another.held()

    play(story)


def test_waiting_tickets_of_one_who_stood_still_are_served_later(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        first = other.locks.take("c", MOST)
        await served(first)
        waiting = [one.locks.take("c", MOST) for _ in range(3)]
        await in_line(one)
        with monkeypatch.context() as still:
            still.setattr(one.link, "_beat", lambda: None)
            still.setattr(one.locks, "_look", lambda: asyncio.sleep(0))
            last = other.locks.take("c", MOST)
            await in_line(other)
            await asyncio.sleep(links.ALIVE_S + 0.5)
            first.leave()
            await served(last)
        last.leave()
        for ticket in waiting:
            await served(ticket)
            assert await ticket.held()
            ticket.leave()

    play(story)


def test_a_ticket_that_nobody_knows_of_stops_no_conversation(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        await one.link.send("PING")
        # As a call leaves it whose answer got lost with its connection.
        ghost = one.locks.take("c", MOST)
        await served(ghost)
        one.locks._drop(ghost)
        assert await served(other.locks.take("c", MOST)) < 10.0

    play(story)


# --- Redis gone -----------------------------------------------------------------------------------


def test_without_redis_nobody_is_kept_waiting(play: Callable[[Story], None], empty_redis: Redis) -> None:
    async def story(process: Processes) -> None:
        one = process()
        held, waiting = one.locks.take("c", MOST), one.locks.take("c", MOST)
        await served(held)
        await in_line(one)
        empty_redis.kill()
        for ticket in (waiting, one.locks.take("c", MOST), one.locks.take("d", MOST)):
            with pytest.raises(NoOrder):
                await served(ticket, 5.0)
        assert not await held.held()
        held.leave()
        empty_redis.start()
        began = time.monotonic()
        await until(lambda: one.link.up, 10.0)
        ticket = one.locks.take("c", MOST)
        await served(ticket)
        assert time.monotonic() - began < 5.0 and await ticket.held()

    play(story)


def test_a_redis_that_hangs_is_none(play: Callable[[Story], None], empty_redis: Redis) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        held = one.locks.take("c", MOST)
        await served(held)
        await in_line(other)
        empty_redis.pause()
        with pytest.raises(NoOrder):
            await served(other.locks.take("c", MOST), 5.0)
        empty_redis.resume()
        await until(lambda: one.link.up and other.link.up, 10.0)
        last = other.locks.take("c", MOST)
        await in_line(other)
        if await held.held():  # the pause may have been as long as a life
            assert last.waits
        held.leave()
        # The ticket whose answer was not waited for may be in the queue: it stops nobody.
        assert await served(last) < 10.0

    play(story)


def test_a_redis_without_memory_lets_only_one_store(play: Callable[[Story], None], empty_redis: Redis) -> None:
    async def story(process: Processes) -> None:
        one, other = process(), process()
        held = one.locks.take("c", MOST)
        await served(held)
        await in_line(other)
        empty_redis.kill()
        empty_redis.start()
        for who in (one, other):
            with pytest.raises(RedisDown):  # the old connection
                await who.link.send("PING")
        await until(lambda: one.link.up and other.link.up, 10.0)
        last = other.locks.take("c", MOST)
        await asyncio.wait([asyncio.ensure_future(last.turn())], timeout=2.0)
        # Whoever came back first has it; the other one must not store.
        assert [await held.held(), not last.waits and await last.held()].count(True) == 1
        held.leave()
        await served(last)
        assert await last.held()

    play(story)


def test_scripts_that_redis_forgot_are_taught_again(play: Callable[[Story], None]) -> None:
    async def story(process: Processes) -> None:
        one = process()
        await served(one.locks.take("c", MOST))
        await one.link.send("SCRIPT", "FLUSH")
        assert await served(one.locks.take("d", MOST)) < 5.0 and one.link.up

    play(story)


def test_nothing_in_redis_tells_whose_conversation_it_is(play: Callable[[Story], None], empty_redis: Redis) -> None:
    async def story(process: Processes) -> None:
        one = process()
        await served(one.locks.take("session-of-张三", MOST))
        await one.rates.take("address", "203.0.113.7", 1.0, 3.0)
        with empty_redis.client() as client:
            everything = [(key, client.type(key), client.pttl(key)) for key in client.keys("*")]
        assert len(everything) == 3
        for key, _, left in everything:
            assert "session" not in key.decode() and "203.0" not in key.decode()
            assert left > 0  # all of it ends by itself

    play(story)
