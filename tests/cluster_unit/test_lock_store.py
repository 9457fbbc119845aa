"""Rasa's lock store over the fair order."""

from __future__ import annotations

import asyncio

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.cluster.environment import Cluster
from bot.cluster.lock_store import FairLockStore
from bot.cluster.order import holding
from bot.settings import settings
from tests.support.services import Redis

SECRET = b"a secret of the lock tests, 32 b"


def test_sixteen_at_once_in_two_processes(empty_redis: Redis) -> None:
    async def told() -> None:
        clusters = [Cluster.at(empty_redis.url, SECRET) for _ in range(2)]
        stores = [FairLockStore(order=cluster.locks) for cluster in clusters]
        inside, order = 0, []

        async def message(number: int) -> None:
            nonlocal inside
            async with stores[number % 2].lock("resident"):
                inside += 1
                assert inside == 1
                await asyncio.sleep(0.005)
                order.append(number)
                inside -= 1

        await asyncio.wait_for(asyncio.gather(*(message(number) for number in range(16))), 30)
        assert sorted(order) == list(range(16))
        for parity in (0, 1):
            assert [number for number in order if number % 2 == parity] == list(range(parity, 16, 2))
        for cluster in clusters:
            await cluster.close()

    asyncio.run(told())


def test_within_a_channels_turn_nothing_is_waited_for(empty_redis: Redis) -> None:
    async def told() -> None:
        cluster = Cluster.at(empty_redis.url, SECRET)
        store = FairLockStore(order=cluster.locks)
        place = cluster.locks.take("resident", 16)
        await place.turn()
        with holding("resident", place):
            async with store.lock("resident") as lock:
                assert lock.conversation_id == "resident"
            async with store.lock("another"):  # whose turn it is not
                assert len(cluster.locks) == 2
        place.leave()
        await cluster.close()

    asyncio.run(told())


def test_without_redis_rasa_is_told(empty_redis: Redis) -> None:
    async def told() -> None:
        cluster = Cluster.at(empty_redis.url, SECRET)
        store = FairLockStore(order=cluster.locks)
        empty_redis.kill()
        with pytest.raises(LockError):
            async with store.lock("resident"):
                pass
        await cluster.close()

    asyncio.run(told())


def test_rasa_builds_it_from_its_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    settings.cache_clear()
    store = LockStore.create(EndpointConfig(type="bot.cluster.lock_store.FairLockStore"))
    assert isinstance(store, FairLockStore)

    async def told() -> None:
        async with store.lock("resident"):
            assert store.get_lock("resident") is not None
        assert store.get_lock("resident") is None

    asyncio.run(told())
    settings.cache_clear()
