"""Asks for the cluster without loading anything of Redis where there is none."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Optional

from bot.settings import Settings, settings

if TYPE_CHECKING:
    from bot.cluster.environment import Cluster
    from bot.cluster.rates import SharedBuckets

logger = logging.getLogger(__name__)


def cluster() -> Optional[Cluster]:
    """This process's cluster; None without REDIS_URL. Raises CannotServe for a wrong secret or address."""
    options = settings()
    if not options.redis_url:
        return None
    from bot.channels.session import load_secret
    from bot.cluster.environment import cluster_at

    return cluster_at(options.redis_url, load_secret(options.var))


def check_shared(options: Settings) -> None:
    """Before anything is started: what several processes need of each other is there.

    Raises CannotServe for a Redis that cannot be used, and for a secret that is none.
    """
    from bot.channels.session import load_secret

    if not options.redis_url:
        if options.state_url:
            logger.warning("设了 STATE_URL 没设 REDIS_URL：只能有一个进程用这个数据库，"
                           "不然同一位居民的话会答乱；要开几个进程请设 REDIS_URL")
        return
    from bot.cluster.reaching import check_redis

    load_secret(options.var)  # made now where it is missing, not by several processes at once
    check_redis(options.redis_url)


def shared_buckets() -> Optional[SharedBuckets]:
    """The buckets of all processes together; None without REDIS_URL. Raises as ``cluster``."""
    joined = cluster()
    return joined.rates if joined is not None else None
