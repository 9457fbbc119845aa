"""Brokers that behave as brokers do; named in a configuration as any city's own class would be."""

from __future__ import annotations

import threading
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker

#: What arrived, by the name that the configuration gave the broker.
ARRIVED: dict[str, list[dict[str, Any]]] = {}
#: Brokers that hang do so until this is set.
RELEASE = threading.Event()


class Listed(EventBroker):
    """Keeps what it gets; as the configuration says, it raises, hangs, or cannot be reached at first."""

    failures = 0

    def __init__(self, name: str, how: str = "") -> None:
        self._how = how
        self._arrived = ARRIVED.setdefault(name, [])

    @classmethod
    async def from_endpoint_config(cls, broker_config: Any, event_loop: Any = None) -> Optional[Listed]:
        how = broker_config.kwargs.get("how", "")
        if how == "late" and cls.failures < 2:
            cls.failures += 1
            raise ConnectionError("amqp://guest:password@broker")
        return cls(broker_config.kwargs["name"], how)

    def publish(self, event: dict[str, Any]) -> None:
        if self._how == "raises":
            raise ConnectionError("amqp://guest:password@broker")
        if self._how == "hangs":
            RELEASE.wait(120)
        self._arrived.append(event)

    async def close(self) -> None:
        self._arrived.append({"event": "closed"})
