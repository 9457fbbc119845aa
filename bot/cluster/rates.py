"""Token buckets that all processes share. The keys in Redis are hashes and end when their bucket is full again."""

from __future__ import annotations

from bot.cluster import scripts
from bot.cluster.link import Link, RedisDown
from bot.cluster.names import BUCKET
from bot.cluster.secrecy import Secrecy


class SharedBuckets:
    """Buckets by Redis' clock; see ``bot.channels.limits.RateLimiter`` for what they are for."""

    def __init__(self, link: Link, secrecy: Secrecy) -> None:
        self._link = link
        self._secrecy = secrecy

    async def take(self, limit: str, key: str, rate: float, burst: float) -> tuple[bool, float] | None:
        """Takes a token of ``key``'s bucket for ``limit``; whether there was one, and how many are left.

        ``rate``: tokens a second. None where Redis does not answer.
        """
        bucket = BUCKET + self._secrecy.name(f"{limit} {key}")
        try:
            given, left = await self._link.call(scripts.TOKEN, [bucket], [f"{rate:.9f}", f"{burst:.3f}"])
        except RedisDown:
            return None
        return bool(given), float(left)
