"""Whether the Redis of REDIS_URL can be used, found out before anything is started."""

from __future__ import annotations

import logging
from typing import Any

from bot.settings import CannotServe

logger = logging.getLogger(__name__)

#: A Redis that does not answer by then is not there, seconds.
_PATIENCE_S = 5.0
#: The first one with all that the scripts use (LPOS).
_OLDEST = (6, 0, 6)


def check_redis(address: str) -> None:
    """Raises CannotServe where the Redis cannot be used; nothing of the address is repeated. Blocks."""
    import redis

    try:
        with redis.Redis.from_url(address, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S) as client:
            told = client.info()
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
        raise CannotServe("REDIS_URL 里的用户或密码不对，Redis 不让用") from None
    except (redis.RedisError, OSError, ValueError) as error:
        raise CannotServe(f"连不上 REDIS_URL 指的 Redis（{type(error).__name__}），请检查地址和它开着没有") from None
    _check(told)


def _check(told: dict[str, Any]) -> None:
    version = tuple(int(part) for part in str(told.get("redis_version", "0")).split(".") if part.isdigit())
    if version < _OLDEST:
        raise CannotServe(f"REDIS_URL 指的 Redis 太旧（{told.get('redis_version')}），要 6.0.6 以上的")
    if told.get("redis_mode") == "cluster":
        raise CannotServe("REDIS_URL 指的是分片的 Redis Cluster，请用单独的一个 Redis（可以带备用的）")
    if told.get("maxmemory") and told.get("maxmemory_policy") != "noeviction":
        logger.warning("REDIS_URL：Redis 内存满了会丢掉我们的键（maxmemory-policy 是 %s），请改成 noeviction",
                       told.get("maxmemory_policy"))
