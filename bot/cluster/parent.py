"""``WORKERS=n``: a small process that holds the port, starts n that serve on it, and starts again whichever dies."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Optional

from bot.cluster.worker import DOOR, NUMBER, READY
from bot.hangups import terminal_gone

logger = logging.getLogger(__name__)

#: A worker that lived so long did not die of its start, seconds.
_SETTLED_S = 30.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
#: A drain takes 30 s at most (``bot.draining``); who is not gone by then is killed, seconds.
_FAREWELL_S = 40.0
#: Without a single worker that ever served, so many deaths are enough.
_MOST_FAILURES = 6
#: What a worker ends with where its settings, its content or the machine say no: another try would not help.
_HOPELESS = (1, 2, 3)
#: Where a worker did not end by itself.
_BROKEN = 3


@dataclass
class _Place:
    """One of the n; ``due``: when it is to be started, monotonic seconds."""

    number: int
    process: Optional[subprocess.Popen[bytes]] = None
    ready: Optional[int] = None
    began: float = 0.0
    deaths: int = 0
    due: float = 0.0
    served: bool = False
    #: Which of the wishes for a newer model it was told of last.
    told: int = 0


@dataclass
class Parent:
    """Runs the workers.

    Args:
        door: the port, not listening yet.
        count: how many workers.
        address: host and port as they stand in a URL.
        command: starts one worker.
    """

    door: socket.socket
    count: int
    address: str
    command: tuple[str, ...] = (sys.executable, "-m", "bot", "serve")
    _places: list[_Place] = field(default_factory=list)
    _wish: Optional[int] = None
    _said: bool = False
    #: Whether any of them ever served.
    _served: bool = False
    _failures: int = 0
    #: How often a newer model was wished for (SIGHUP).
    _wishes: int = 0

    def run(self) -> int:
        """Serves until SIGTERM or Ctrl-C; the exit code: 0, or that of workers that could not start or end."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        before = signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, self._heard)
                    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP)}
        try:
            self._places = [_Place(number) for number in range(self.count)]
            code = self._watch(wake_read)
            return self._farewell(wake_read) if code is None else self._end(code, wake_read)
        finally:
            for place in self._places:
                if place.process is not None:
                    place.process.kill()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
            os.close(wake_read)
            os.close(wake_write)

    def _heard(self, number: int, _frame: Any) -> None:
        if number == signal.SIGHUP:
            if not terminal_gone():
                self._wishes += 1
                return
            number = signal.SIGTERM
        if number != signal.SIGCHLD:
            self._wish = number
            for place in self._places:  # also the second time: then they end at once
                if place.process is not None:
                    with contextlib.suppress(ProcessLookupError):
                        place.process.send_signal(number)

    def _watch(self, wake: int) -> Optional[int]:
        """Keeps n workers running; None once somebody wants an end, else the code to end with."""
        while self._wish is None:
            now = time.monotonic()
            # The first alone: residents are answered sooner, what it works out (vectors of new content) is on the disk
            # for the others, and what stands against a start is said once.
            wanted = [place for place in self._places if place.process is None and (self._served or not place.number)]
            for place in wanted:
                if place.due <= now:
                    self._start(place)
            self._wait(wake, min((place.due - now for place in wanted if place.process is None), default=60.0))
            self._pass_wishes_on()
            for place in self._places:
                code = place.process.poll() if place.process is not None else None
                if code is not None:
                    ends = self._died(place, code)
                    if ends is not None:
                        return ends
        return None

    def _start(self, place: _Place) -> None:
        ready_read, ready_write = os.pipe()
        environment = {**os.environ, DOOR: str(self.door.fileno()), NUMBER: str(place.number), READY: str(ready_write)}
        try:
            # A session of its own: Ctrl-C in a terminal reaches the parent alone, which passes it on.
            place.process = subprocess.Popen(self.command, env=environment, pass_fds=(self.door.fileno(), ready_write),
                                             start_new_session=True)
        except OSError:
            os.close(ready_read)
            raise
        finally:
            os.close(ready_write)
        place.ready, place.began, place.told = ready_read, time.monotonic(), 0
        if self._wish is not None:  # the signal came while it was started
            place.process.send_signal(self._wish)

    def _wait(self, wake: int, seconds: float) -> None:
        waiting = {place.ready: place for place in self._places if place.ready is not None}
        readable, _, _ = select.select([wake, *waiting], [], [], max(0.0, min(seconds, 60.0)))
        for one in readable:
            if one == wake:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake, 4096)
                continue
            place = waiting[one]
            place.served = bool(os.read(one, 1)) or place.served
            self._served = self._served or place.served
            os.close(one)
            place.ready = None
        if not self._said and all(place.served for place in self._places):
            self._said = True
            print(f"邻里通已启动：http://{self.address}/ （{self.count} 个进程，按 Ctrl-C 结束）", flush=True)

    def _pass_wishes_on(self) -> None:
        """Tells the workers that serve, each wish once; whoever starts later is told too, so that all serve one model.

        One that does not serve yet is not deaf to the signal, but might end by it.
        """
        for place in self._places:
            if place.process is not None and place.ready is None and place.told != self._wishes:
                place.told = self._wishes
                with contextlib.suppress(ProcessLookupError):
                    place.process.send_signal(signal.SIGHUP)

    def _died(self, place: _Place, code: int) -> Optional[int]:
        """Has it started again, after a pause that grows; gives a code where that is of no use."""
        lived = time.monotonic() - place.began
        self._forget(place)
        self._failures = 0 if self._served else self._failures + 1
        if not self._served and (code in _HOPELESS or self._failures >= _MOST_FAILURES):
            return code if code in _HOPELESS else _BROKEN
        place.deaths = 1 if lived >= _SETTLED_S else place.deaths + 1
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (place.deaths - 1))
        place.due = time.monotonic() + pause
        logger.error("worker %d ended with code %d after %.1f s; it is started again in %.1f s",
                     place.number, code, lived, pause)
        return None

    def _forget(self, place: _Place) -> None:
        if place.ready is not None:
            os.close(place.ready)
        place.process = place.ready = None

    def _farewell(self, wake: int) -> int:
        """The workers were told; waits until all are gone. 0, or the code of one that failed at it."""
        codes = []
        ends = time.monotonic() + _FAREWELL_S
        while left := [place for place in self._places if place.process is not None]:
            if time.monotonic() >= ends:
                for place in left:
                    assert place.process is not None
                    logger.error("worker %d did not end and is killed", place.number)
                    place.process.kill()
                    place.process.wait()
                    self._forget(place)
                return _BROKEN
            self._wait(wake, 1.0)
            for place in left:
                assert place.process is not None
                code = place.process.poll()
                if code is not None:
                    # One that was still starting is ended by the signal itself.
                    codes.append(0 if self._wish is not None and code == -self._wish else code)
                    self._forget(place)
        return next((abs(code) for code in codes if code), 0)

    def _end(self, code: int, wake: int) -> int:
        """One worker said why none can serve: the others end, too."""
        self._heard(signal.SIGTERM, None)
        self._farewell(wake)
        return code
