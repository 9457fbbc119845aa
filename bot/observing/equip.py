"""Everything by which the server is observed, as its environment asks for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from sanic import Sanic

from bot.channels.pages import HealthSource, StorageSource
from bot.cluster.joining import cluster
from bot.observing import internal_port, logs, readiness
from bot.observing import metrics as numbers
from bot.observing.internal_port import InternalPort
from bot.observing.readiness import Readiness
from bot.observing.stages import observe_agent
from bot.observing.turn import listen, stop_listening
from bot.observing.turn_events import TurnEvents, broker_config, maker_of
from bot.settings import whole_number


class Observing:
    """Metrics on an inner port, readiness, events of turns; each only where it is asked for.

    Args:
        door: the inner port, already listening; None for no metrics.
        events: the stream of events; None for none.
    """

    def __init__(self, door: socket.socket | None = None, events: TurnEvents | None = None) -> None:
        self._door = door
        self._events = events
        self._metrics = numbers.switch_on() if door is not None else None
        if self._metrics is not None and events is not None:
            self._metrics.gauge("events_waiting", "Events of turns that wait for the broker", lambda: events.waiting)

    @classmethod
    def of_environment(cls, public_port: int) -> Observing:
        """What METRICS_PORT, METRICS_HOST and EVENT_BROKER ask for. Raises CannotServe for a wrong value.

        LINLITONG_WORKER is this process's number among several of one machine; whoever starts them sets it.
        """
        config = broker_config()
        address = internal_port.metrics_address(whole_number("LINLITONG_WORKER", 0, least=0, most=999))
        door = internal_port.claim(address, public_port) if address is not None else None
        return cls(door, TurnEvents(maker_of(config)) if config is not None else None)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show ``read()`` as ``linlitong_<name>``, where metrics are shown."""
        if self._metrics is not None:
            self._metrics.gauge(name, text, read)

    def probe(self, name: str, text: str, ask: numbers.Probe) -> None:
        """Show what ``ask`` gives as ``linlitong_<name>``, 0 where it raises or is too slow."""
        if self._metrics is not None:
            self._metrics.probe(name, text, ask)

    def install(self, app: Sanic, knowledge: HealthSource, storage: StorageSource,
                model: Callable[[], str] = str) -> None:
        """Add ``/live`` and ``/ready`` to ``app`` and let everything begin and end with it.

        ``model``: gives the name of the model's file without its ending, which holds its fingerprint.
        """
        ready = Readiness(app, knowledge, storage)
        readiness.install(app, ready)
        if self._metrics is not None and self._door is not None:
            self._metrics.probe("state_up", "Whether what residents say can be stored", ready.storage_up)
            shared = cluster()
            if shared is not None:
                self._metrics.gauge("redis_up", "Whether Redis answers", lambda: float(shared.link.up))
            self._metrics.info("build", "What this process answers from", partial(_versions, model, knowledge))
            port = InternalPort(self._door, self._metrics, readiness.answers(ready))
            app.register_listener(lambda _app, _loop: port.open(), "after_server_start")
            # Until the very end: whoever watches wants to see how a process ends.
            app.register_listener(lambda _app, _loop: port.close(), "after_server_stop")
        events = self._events
        if events is not None:
            app.register_listener(lambda _app, _loop: _begin(events), "after_server_start")
            app.register_listener(lambda _app, _loop: _end(events), "after_server_stop")

    def loaded(self, agent: Any) -> None:
        """The agent is there and residents will be heard: time what it does, and let no library repeat them."""
        observe_agent(agent)
        logs.serving()


async def _begin(events: TurnEvents) -> None:
    events.start()
    listen(events.tell, stored=True)


async def _end(events: TurnEvents) -> None:
    stop_listening(events.tell)
    await asyncio.shield(events.stop())


def _versions(model: Callable[[], str], knowledge: HealthSource) -> dict[str, str]:
    found = knowledge()
    return {"model": model(), "knowledge": str(found.get("knowledge", "")), "encoder": str(found.get("encoder", ""))}
