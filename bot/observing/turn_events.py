"""One event for each stored turn, to a broker of Rasa's, for a city's analytics.

Rasa itself hands a broker every event of a conversation, words and facts, before anything is stored. Here the broker
gets one record a turn, after it was stored, with nothing of the person in it. A broker that is slow or gone is met by a
thread of its own and a queue with an end: no resident ever waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bot.observing.metrics import CHANNELS, KINDS, OTHER, metrics
from bot.observing.turn import TurnRecord
from bot.settings import CannotServe, given

logger = logging.getLogger(__name__)

#: Rasa's own brokers by their name in the configuration.
_KNOWN = frozenset({"file", "sql", "kafka", "pika"})
MAX_WAITING = 1000
#: Seconds between two tries to reach a broker: the first, and the longest.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
#: The same trouble is logged once in so many seconds.
COMPLAIN_EVERY_S = 60.0
#: How long the end of the process may wait for what is still queued, seconds.
END_S = 2.0

Event = dict[str, Any]
#: Makes the broker, on the event loop of the thread that will use it.
MakeBroker = Callable[[], Any]


def event_of(turn: TurnRecord, at: float) -> Event:
    """What is told of a turn that was stored ``at`` (seconds since 1970), to the minute."""
    return {
        "event": "linlitong_turn", "version": 1,
        "time": datetime.fromtimestamp(at // 60 * 60, timezone.utc).strftime("%Y-%m-%dT%H:%MZ"),
        "region": turn.region, "channel": turn.channel if turn.channel in CHANNELS else OTHER,
        "kind": turn.kind if turn.kind in KINDS else OTHER, "topic": turn.topic, "intent": turn.intent,
        "confidence": turn.band, "abstained": turn.abstained,
        "outcome": turn.outcomes[0] if turn.outcomes else "", "result": turn.result,
        "ms": round((turn.took or 0.0) * 1000), "knowledge": turn.knowledge,
    }


def broker_config() -> Any:
    """Rasa's endpoint configuration of the broker from the file that EVENT_BROKER names; None where it names none.

    The file is one of Rasa's ``endpoints.yml`` with a section ``event_broker``; ``${NAME}`` in it is taken from the
    environment, so that no password need stand there.

    Raises:
        CannotServe: when the file cannot be read, has no such section, or names a broker that there is not.
    """
    name = given("EVENT_BROKER", "")
    if not name:
        return None
    from rasa.shared.exceptions import RasaException
    from rasa.utils.endpoints import read_endpoint_config

    if not Path(name).is_file():
        raise CannotServe(f"EVENT_BROKER 指的文件 {name} 没有找到")
    try:
        config = read_endpoint_config(name, "event_broker")
    except (RasaException, ValueError, TypeError, AttributeError, OSError):
        # What is wrong is not repeated: a password may stand in the line.
        raise CannotServe(f"EVENT_BROKER 指的文件 {name} 读不懂，要和 Rasa 的 endpoints.yml 一样写") from None
    if config is None:
        raise CannotServe(f"EVENT_BROKER 指的文件 {name} 里没有 event_broker 这一节")
    kind = str(config.type or "pika")
    if kind.lower() not in _KNOWN and not _can_be_imported(kind):
        raise CannotServe(f"EVENT_BROKER：没有 {kind!r} 这种消息代理，能用的有 {'、'.join(sorted(_KNOWN))}，"
                          "或自己写的类（模块名.类名）")
    if config.kwargs.get("partition_by_sender"):
        raise CannotServe("EVENT_BROKER：不能用 partition_by_sender，事件里没有居民的编号")
    return config


def _can_be_imported(name: str) -> bool:
    module, _, kind = name.rpartition(".")
    try:
        return bool(module and kind) and hasattr(importlib.import_module(module), kind)
    except (ImportError, ValueError):
        return False


def maker_of(config: Any) -> MakeBroker:
    """What makes the broker of Rasa's ``config``."""

    async def make() -> Any:
        from rasa.core.brokers.broker import EventBroker

        broker = await EventBroker.create(config, loop=asyncio.get_running_loop())
        if broker is None:
            raise RuntimeError("no broker")
        return broker

    return make


class TurnEvents:
    """Hands events to a broker, in a thread of its own.

    Args:
        make: a coroutine function that makes the broker; tried again until it works.
        max_waiting: so many events may wait; further ones are dropped and counted.
        wall: seconds since 1970.
    """

    def __init__(self, make: MakeBroker, max_waiting: int = MAX_WAITING, wall: Callable[[], float] = time.time) -> None:
        self._make = make
        self._max_waiting = max_waiting
        self._wall = wall
        self._waiting: deque[Event] = deque()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._broker: Any = None
        self._complained = float("-inf")
        self._thread = threading.Thread(target=self._run, name="turn-events", daemon=True)

    def start(self) -> None:
        """Begin; returns at once, whether the broker is there or not."""
        self._thread.start()

    def tell(self, turn: TurnRecord) -> None:
        """A turn was stored. Never waits and never raises; turns in which the bot was not asked are no event."""
        if not turn.kinds:
            return
        if len(self._waiting) >= self._max_waiting or self._stopping.is_set():
            _count_drop("stopped" if self._stopping.is_set() else "full")
            return
        self._waiting.append(event_of(turn, self._wall()))
        self._awake()

    @property
    def waiting(self) -> int:
        """How many events wait for the broker."""
        return len(self._waiting)

    async def stop(self, timeout_s: float = END_S) -> None:
        """Hand over what waits if that is possible in time; what is left is dropped and counted."""
        self._stopping.set()
        self._awake()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, timeout_s)
        if self._thread.is_alive() and self._broker is not None:
            # It hangs in the broker. Rasa's for Kafka has a thread that would keep the process alive.
            closing = threading.Thread(target=lambda: asyncio.run(_close(self._broker)), daemon=True)
            closing.start()
            await asyncio.get_running_loop().run_in_executor(None, closing.join, timeout_s)
        while self._waiting:
            self._waiting.popleft()
            _count_drop("stopped")

    def _awake(self) -> None:
        loop, wake = self._loop, self._wake
        if loop is None or wake is None or wake.is_set():
            return  # it looks by itself when it begins, and once it is awake
        with contextlib.suppress(RuntimeError):  # it has ended
            loop.call_soon_threadsafe(wake.set)

    # --- in the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._wake.set()  # it is awake: no call need wait for a loop that hangs in a broker
        self._broker = await self._reach()
        while self._broker is not None:
            while self._waiting:
                await self._publish(self._waiting.popleft())
            if self._stopping.is_set():
                break
            self._wake.clear()
            if not self._waiting and not self._stopping.is_set():  # one may have come just before
                await self._wake.wait()
        if self._broker is not None:
            await _close(self._broker)

    async def _reach(self) -> Any:
        """The broker; None once the process ends before it was reached."""
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                return await self._make()
            except Exception as error:
                self._complain("the event broker cannot be reached", error)
            assert self._wake is not None
            ends = time.monotonic() + pause
            while time.monotonic() < ends and not self._stopping.is_set():
                await asyncio.sleep(0.05)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        return None

    async def _publish(self, event: Event) -> None:
        try:
            self._broker.publish(event)
            await asyncio.sleep(0)  # brokers that publish in a task get to run it
        except Exception as error:
            self._complain("the event broker took no event", error)
            _count_drop("broker")
            return
        counting = metrics()
        if counting is not None:
            counting.event_published()

    def _complain(self, what: str, error: Exception) -> None:
        now = time.monotonic()
        if now - self._complained >= COMPLAIN_EVERY_S:
            self._complained = now
            logger.warning("%s: %s", what, type(error).__name__)


def _count_drop(why: str) -> None:
    counting = metrics()
    if counting is not None:
        counting.event_dropped(why)


async def _close(broker: Any) -> None:
    try:
        await broker.close()
    except Exception as error:
        logger.warning("the event broker did not close: %s", type(error).__name__)
