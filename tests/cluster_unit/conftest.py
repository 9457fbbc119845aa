"""Redis for the tests of what processes share; each test has an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.services import Redis, redis_server, redis_url

__all__ = ["empty_redis", "redis_server", "redis_url"]


@pytest.fixture
def empty_redis(redis_server: Redis) -> Iterator[Redis]:
    """A running Redis without keys; mended afterwards, whatever the test did to it."""
    redis_server.mend()
    with redis_server.client() as client:
        client.flushall()
    yield redis_server
    redis_server.mend()
