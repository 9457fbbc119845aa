"""The cluster that the environment asks for by REDIS_URL; None for a process on its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.cluster.link import Link
from bot.cluster.locks import FairLocks
from bot.cluster.news import News
from bot.cluster.rates import SharedBuckets
from bot.cluster.secrecy import Secrecy


@dataclass(frozen=True)
class Cluster:
    """What this process shares with the others. Belongs to one event loop."""

    link: Link
    locks: FairLocks
    rates: SharedBuckets
    news: News

    @classmethod
    def at(cls, address: str, secret: bytes) -> Cluster:
        """At a Redis; ``secret``: the same for all processes of a city. Connects with its first use."""
        link, secrecy = Link(address), Secrecy(secret)
        return cls(link, FairLocks(link, secrecy), SharedBuckets(link, secrecy), News(link, secrecy))

    async def open(self) -> None:
        """Connects now, so that the first resident need not wait for it."""
        self.link.start()

    async def close(self) -> None:
        """Leaves in good order; may be called twice."""
        self.locks.close()
        await self.link.close()


@lru_cache(maxsize=4)
def cluster_at(address: str, secret: bytes) -> Cluster:
    """The process's own cluster at ``address``."""
    return Cluster.at(address, secret)
