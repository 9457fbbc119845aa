"""This process's line to Redis: calls in the order in which they were made, many in one go; a sign of life; channels.

redis-py's pool gives each call a connection of its own, so that two calls may overtake each other: tickets must not.
Here all calls go over one connection, those that gather while it is busy as one batch, which also costs a third of the
processor's time. A second connection listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio.connection import Connection, ConnectionPool
from redis.exceptions import NoScriptError, RedisError, ResponseError

from bot.cluster import scripts
from bot.cluster.names import ALIVE, PROCESS

logger = logging.getLogger(__name__)

#: Without a sign of life for so long a process counts as dead, seconds.
ALIVE_S = 3.0
BEAT_S = 0.7
#: An answer takes a millisecond; one that takes this long is none, seconds.
PATIENCE_S = 1.0
#: What the process has to itself of ``ALIVE_S`` for certain, counted from before its last sign of life.
SURE_S = ALIVE_S - PATIENCE_S
#: After so long a connection that failed is tried again, seconds.
_AGAIN_S = 0.3
#: Calls of one batch.
_MOST = 256
_TROUBLE = (RedisError, OSError, asyncio.TimeoutError)

Handler = Callable[[bytes], None]


class RedisDown(RuntimeError):
    """Redis does not answer. Whether it did what it was asked is not known."""


@dataclass
class _Call:
    command: tuple[Any, ...]
    done: asyncio.Future[Any]


class Link:
    """Begins with the first use, on the event loop that runs then, and belongs to it.

    Args:
        address: ``redis://…``, ``rediss://…`` or ``unix://…``.
        clock: seconds that also pass while the process, or the machine, stands still.
    """

    def __init__(self, address: str, clock: Callable[[], float] | None = None) -> None:
        # The id of a process is no secret, but nobody else's: a new one for each start.
        self.process = secrets.token_hex(8)
        self._pool = ConnectionPool.from_url(
            address, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S, socket_keepalive=True)
        self._clock = clock or (lambda: time.clock_gettime(time.CLOCK_BOOTTIME))
        self._connection: Connection | None = None
        self._listener: Connection | None = None
        self._waiting: list[_Call] = []
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._handlers: dict[str, Handler] = {}
        self._heard: dict[str, list[asyncio.Future[None]]] = {}
        self._renewed = float("-inf")
        self._closed = False
        self.up = True
        #: Called when what was held may be lost: connection gone, Redis without memory, process stood still.
        self.on_doubt: list[Callable[[], None]] = []
        #: Called when Redis answers again.
        self.on_return: list[Callable[[], None]] = []
        #: Called when channels are heard again; what was said meanwhile was missed.
        self.on_hearing: list[Callable[[], None]] = []

    # --- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins, unless it has begun."""
        if not self._tasks and not self._closed:
            loop = asyncio.get_running_loop()
            self._beat()
            self._tasks = [loop.create_task(work()) for work in (self._pump, self._beat_on, self._listen_on)]

    async def close(self) -> None:
        """Says goodbye, so that nobody waits for this process; what was called before is done first."""
        if not self._tasks:
            return
        with contextlib.suppress(RedisDown):
            await self.send("DEL", ALIVE + self.process)
        await self.drop()

    async def drop(self) -> None:
        """Ends as it stands, without a goodbye."""
        self._closed = True
        left, self._tasks = set(self._tasks), []
        while left:
            # More than once: asyncio.wait_for (before Python 3.12) may swallow a cancellation, and redis-py uses it.
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.1)
        _fail(self._waiting, "ended")
        await self._hang_up()
        await self._deafen()

    @property
    def begun(self) -> bool:
        """Whether Redis has heard of this process."""
        return self._renewed != float("-inf")

    @property
    def sure(self) -> bool:
        """Whether nobody can have taken this process for dead."""
        return self._clock() - self._renewed < SURE_S

    # --- calls ------------------------------------------------------------------------------------

    def call(self, script: str, keys: Sequence[str], arguments: Sequence[Any] = ()) -> asyncio.Future[Any]:
        """Runs a script; the result comes, or RedisDown. In the order of calls, also of those nobody awaits."""
        return self.send("EVALSHA", _sha(script), len(keys), *keys, *arguments)

    def send(self, *command: Any) -> asyncio.Future[Any]:
        """As ``call``, for any command."""
        self.start()
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if not self.up or self._closed:
            done.set_exception(RedisDown("down"))
        else:
            self._enqueue(_Call(command, done))
        done.add_done_callback(_seen)
        return done

    def _enqueue(self, call: _Call) -> None:
        self._waiting.append(call)
        self._wanted.set()

    def _beat(self) -> None:
        began = self._clock()

        def noted(done: asyncio.Future[Any]) -> None:
            if done.cancelled() or done.exception() is not None:
                return
            before, self._renewed = self.begun, began
            if not done.result() and before:
                self._doubt()

        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.add_done_callback(noted)
        # Before all that waits: thousands of calls must not make this process look dead.
        self._waiting.insert(0, _Call(("EVALSHA", _sha(scripts.BEAT), 1, ALIVE + self.process, int(ALIVE_S * 1000),
                                       PROCESS + self.process), done))
        self._wanted.set()

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S if self.up else _AGAIN_S)
            if self.up or not self._waiting:
                self._beat()

    async def _pump(self) -> None:
        while True:
            await self._wanted.wait()
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            if not self._waiting:
                self._wanted.clear()
            try:
                await self._do(batch)
            except _TROUBLE as error:
                await self._lost(batch, error)
            except BaseException:
                # Ended in the middle: nobody may wait for ever.
                _fail(batch, "ending")
                raise
            else:
                self._back()

    async def _do(self, batch: list[_Call]) -> None:
        connection = await self._connected()
        results = await _talk(connection, [call.command for call in batch])
        again = [number for number, result in enumerate(results) if isinstance(result, NoScriptError)]
        if again:
            # Redis was told to forget its scripts. None of these was run, so their order stays.
            await _load(connection)
            for number, result in zip(again, await _talk(connection, [batch[n].command for n in again]), strict=True):
                results[number] = result
        for call, result in zip(batch, results, strict=True):
            if call.done.done():
                continue  # whoever called has gone away
            if isinstance(result, ResponseError):
                logger.error("Redis refuses %s: %s", call.command[0], _kind(result))
                call.done.set_exception(RedisDown(_kind(result)))
            else:
                call.done.set_result(result)

    async def _connected(self) -> Connection:
        if self._connection is None:
            connection = self._pool.make_connection()
            await connection.connect()
            self._connection = connection
            await _load(connection)
        return self._connection

    async def _lost(self, batch: list[_Call], error: BaseException) -> None:
        await self._hang_up()
        if self.up:
            self.up = False
            logger.error("Redis does not answer: %s", _kind(error))
        _fail(batch, _kind(error))
        rest, self._waiting = self._waiting, []
        self._wanted.clear()
        _fail(rest, _kind(error))
        # Another Redis may answer next, or the same without its memory.
        self._doubt()

    def _back(self) -> None:
        if not self.up:
            self.up = True
            logger.warning("Redis answers again")
            for tell in self.on_return:
                tell()

    def _doubt(self) -> None:
        for tell in self.on_doubt:
            tell()

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_TROUBLE):
                await connection.disconnect(nowait=True)

    # --- channels ---------------------------------------------------------------------------------

    async def listen(self, channel: str, handler: Handler) -> None:
        """Gives ``handler`` what is said on ``channel``; returns once it is heard, or after a moment without Redis."""
        self.start()
        self._handlers[channel] = handler
        if self._listener is None:
            return  # the listening that begins next includes it
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard.setdefault(channel, []).append(heard)
        try:
            await self._listener.send_command("SUBSCRIBE", channel)
            await asyncio.wait_for(heard, PATIENCE_S)
        except _TROUBLE:
            logger.warning("a channel could not be heard at once")

    def own_handler(self, handler: Handler) -> None:
        """Gives ``handler`` what is said to this process."""
        self._handlers[PROCESS + self.process] = handler

    async def stop_listening(self, channel: str) -> None:
        """The opposite of ``listen``."""
        self._handlers.pop(channel, None)
        if self._listener is not None:
            with contextlib.suppress(*_TROUBLE):
                await self._listener.send_command("UNSUBSCRIBE", channel)

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except _TROUBLE as error:
                logger.warning("the line for news broke: %s", _kind(error))
            finally:
                await self._deafen()
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        own = PROCESS + self.process
        connection = self._pool.make_connection()
        await connection.connect()
        channels = {own, *self._handlers}
        await connection.send_command("SUBSCRIBE", *channels)
        awaited = {channel.encode() for channel in channels}
        self._listener = connection
        # Who came since then is not in that command.
        late = self._handlers.keys() - channels
        if late:
            awaited |= {channel.encode() for channel in late}
            await connection.send_command("SUBSCRIBE", *late)
        while True:
            # Our own sign of life comes by here as well: silence means that the line is dead.
            kind, channel, said = await _next(connection)
            if kind == b"message":
                handler = self._handlers.get(channel.decode())
                if handler is not None:
                    _handled(handler, said)
            elif kind == b"subscribe":
                for heard in self._heard.pop(channel.decode(), ()):
                    if not heard.done():
                        heard.set_result(None)
                if channel in awaited:
                    awaited.discard(channel)
                    if not awaited:
                        for tell in self.on_hearing:
                            tell()

    async def _deafen(self) -> None:
        listener, self._listener = self._listener, None
        waiting = [heard for each in self._heard.values() for heard in each]
        self._heard = {}
        for heard in waiting:
            if not heard.done():
                heard.set_result(None)
        if listener is not None:
            with contextlib.suppress(*_TROUBLE):
                await listener.disconnect(nowait=True)


_ALL = (scripts.BEAT, scripts.TAKE, scripts.LEAVE, scripts.HOLDS, scripts.LOOK, scripts.TOKEN)
_SHAS = {script: hashlib.sha1(script.encode()).hexdigest() for script in _ALL}


def _sha(script: str) -> str:
    return _SHAS[script]


async def _load(connection: Connection) -> None:
    for result in await _talk(connection, [("SCRIPT", "LOAD", script) for script in _ALL]):
        if isinstance(result, ResponseError):
            raise result


async def _talk(connection: Connection, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    results: list[Any] = []
    for _ in commands:
        try:
            results.append(await connection.read_response())
        except ResponseError as error:
            results.append(error)
    return results


async def _next(connection: Connection) -> tuple[bytes, bytes, Any]:
    said = await asyncio.wait_for(connection.read_response(disable_decoding=True, timeout=ALIVE_S), ALIVE_S + 1)
    if said is None:
        raise asyncio.TimeoutError
    return said[0], said[1], said[2]


def _handled(handler: Handler, said: bytes) -> None:
    try:
        handler(said)
    except Exception:  # one bad word must not make us deaf
        logger.exception("what came over a channel could not be handled")


def _fail(calls: Sequence[_Call], why: str) -> None:
    for call in calls:
        if not call.done.done():
            call.done.set_exception(RedisDown(why))
            call.done.exception()


def _seen(done: asyncio.Future[Any]) -> None:
    if not done.cancelled():
        done.exception()  # nobody need await it


def _kind(error: BaseException) -> str:
    """The kind of an error alone: its words may hold an address with a password."""
    return type(error).__name__
