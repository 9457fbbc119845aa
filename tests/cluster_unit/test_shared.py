"""Limits and news over a real Redis, between two processes' clusters."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bot.channels.limits import RateLimiter
from bot.channels.streams import CATCH_UP, Streams
from bot.cluster.environment import Cluster
from bot.cluster.reaching import check_redis
from bot.cluster.secrecy import Secrecy
from bot.settings import CannotServe, redis_address, workers
from tests.support.services import Redis, until

SECRET = b"a secret of the lock tests, 32 b"


async def moment(happens: Any, within: float = 20.0) -> None:
    ends = time.monotonic() + within
    while not happens():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


def test_two_processes_share_one_bucket(empty_redis: Redis) -> None:
    async def told() -> list[int]:
        both = [Cluster.at(empty_redis.url, SECRET) for _ in range(2)]
        limiters = [RateLimiter(per_minute=6, burst=5, shared=one.rates, limit="session") for one in both]
        given = [await limiters[number % 2].retry_after("s") for number in range(8)]
        given += [await limiters[0].retry_after("another")]
        for one in both:
            await one.close()
        return given

    given = asyncio.run(told())
    assert given[:5] == [0] * 5 and all(0 < wait <= 10 for wait in given[5:8]) and given[8] == 0
    with empty_redis.client() as client:
        assert all(0 < client.pttl(key) <= 52_000 for key in client.keys("linlitong:bucket:*"))


def test_without_redis_a_process_counts_by_itself_and_with_it_again_together(empty_redis: Redis) -> None:
    async def told() -> None:
        one = Cluster.at(empty_redis.url, SECRET)
        limiter = RateLimiter(per_minute=6, burst=3, shared=one.rates, limit="session")
        assert await limiter.retry_after("s") == 0
        empty_redis.kill()
        assert [await limiter.retry_after("s") > 0 for _ in range(3)] == [False, False, True]
        empty_redis.start()
        await moment(lambda: one.link.up and one.link.sure)
        assert await limiter.retry_after("t") == 0
        with empty_redis.client() as client:
            assert len(client.keys("linlitong:bucket:*")) == 1
        await one.close()

    asyncio.run(told())


def test_a_stream_hears_what_another_process_answers(empty_redis: Redis) -> None:
    async def told() -> None:
        one, other = (Cluster.at(empty_redis.url, SECRET) for _ in range(2))
        here, there = Streams(one.news), Streams(other.news)
        await other.open()
        stream = there.open("s")
        await there.hear("s")
        # The very first hearing may come before the line is there: then what is stored is looked up once more.
        await moment(lambda: other.link._listener is not None)
        await there.hear("s")
        said = [("message", {"id": 7, "text": "我妈七十五了"}), ("forgotten", {})]
        here.publish("s", said)
        here.publish("t", said)
        found: list[Any] = []
        while len(found) < 2:
            event = await asyncio.wait_for(stream.get(), 20)
            if event != CATCH_UP:
                found.append(event)
        assert found == said
        # One that no page listens to any more costs nothing.
        there.close("s", stream)
        with empty_redis.client() as client:
            await moment(lambda: not client.pubsub_channels("linlitong:news:*"))
        for cluster in (one, other):
            await cluster.close()

    asyncio.run(told())


def test_streams_catch_up_after_redis_was_gone(empty_redis: Redis) -> None:
    async def told() -> None:
        one = Cluster.at(empty_redis.url, SECRET)
        streams = Streams(one.news)
        stream = streams.open("s")
        await streams.hear("s")
        await moment(lambda: not stream.empty())
        assert stream.get_nowait() == CATCH_UP
        empty_redis.kill()
        empty_redis.start()
        assert await asyncio.wait_for(stream.get(), 20) == CATCH_UP
        await one.close()

    asyncio.run(told())


def test_nobody_reads_or_writes_news_without_the_secret(empty_redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = Secrecy(SECRET), Secrecy(b"another secret of 32 bytes or more")
    sealed = ours.seal({"text": "我妈七十五了"}, "s")
    assert "七十五".encode() not in sealed and ours.open(sealed, "s") == {"text": "我妈七十五了"}
    for wrong, to in ((sealed, "t"), (sealed[:-1] + b"?", "s"), (b"", "s"), (theirs.seal({}, "s"), "s")):
        with pytest.raises(ValueError):
            ours.open(wrong, to)
    assert ours.name("s") != theirs.name("s") and len(ours.name("张三" * 1000)) == 32


@pytest.mark.parametrize("raw", ["redis://h:6379/0", "rediss://u:p%40@h/1", "redis://:pw@[::1]:6379", "unix:///run/r.sock"])
def test_an_address_of_redis(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("REDIS_URL", raw)
    assert redis_address("REDIS_URL") == raw


@pytest.mark.parametrize("raw", ["http://h:1/geheim", "redis://", "redis://h:0/geheim", "redis://h:x/geheim", "geheim",
                                 "redis://:geheim@h/db", "redis://h:99999/geheim"])
def test_what_is_no_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("REDIS_URL", raw)
    with pytest.raises(CannotServe, match="REDIS_URL 要写成") as refused:
        redis_address("REDIS_URL")
    assert "geheim" not in str(refused.value)


def test_several_workers_need_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERS", "2")
    monkeypatch.delenv("REDIS_URL", raising=False)
    with pytest.raises(CannotServe, match="WORKERS=2 要同时设 REDIS_URL"):
        workers("WORKERS")
    monkeypatch.setenv("REDIS_URL", "redis://h")
    assert workers("WORKERS") == 2


def test_a_redis_that_cannot_be_used_is_told_at_the_start(empty_redis: Redis) -> None:
    check_redis(empty_redis.url)
    with pytest.raises(CannotServe, match="密码不对") as refused:
        check_redis(empty_redis.url.replace(empty_redis.password, "geheim"))
    assert "geheim" not in str(refused.value)
    empty_redis.kill()
    with pytest.raises(CannotServe, match="连不上") as refused:
        check_redis(empty_redis.url)
    assert empty_redis.password not in str(refused.value)
    empty_redis.start()
    until(empty_redis.ready, "it is back")
