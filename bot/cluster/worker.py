"""One of several processes that ``WORKERS=n`` starts: what it got from its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
from dataclasses import dataclass
from typing import Optional

DOOR, READY = "LINLITONG_WORKER_DOOR", "LINLITONG_WORKER_READY"
#: The number of a process among several of one machine; what needs a port of its own counts on by it.
NUMBER = "LINLITONG_WORKER"
_PR_SET_PDEATHSIG = 1


@dataclass
class Worker:
    """``door``: the port, shared with its siblings. ``ready``: to tell the parent by."""

    door: socket.socket
    ready: int

    def announce(self) -> None:
        """Tells the parent that this process serves."""
        with contextlib.suppress(OSError):  # the parent is gone: the signal for that is on its way
            os.write(self.ready, b"1")
            os.close(self.ready)


def inherited() -> Optional[Worker]:
    """This process as a worker; None for one that was not started by ``serve`` with WORKERS. Asked once."""
    door = os.environ.pop(DOOR, "")
    if not door:
        return None
    ready = int(os.environ.pop(READY))
    os.set_inheritable(ready, False)
    worker = Worker(socket.socket(fileno=int(door)), ready)
    worker.door.set_inheritable(False)
    _end_with_parent()
    return worker


def _end_with_parent() -> None:
    """Where the parent is killed, this process ends in good order: it would hold the port against the next one."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):  # only Linux has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent or (parent == 1 and os.getpid() != 1):
        os.kill(os.getpid(), signal.SIGTERM)
