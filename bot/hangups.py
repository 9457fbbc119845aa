"""SIGHUP. A service is told by it to take up what is new; a program in a terminal, that its terminal is gone.

Whoever was started in the foreground of a terminal ends with it, as before. To everybody else SIGHUP is a wish, and one
that comes before the process serves is kept until it does.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any, Optional

_TERMINAL = "/dev/tty"
_in_foreground = False
_early = False


def heed() -> None:
    """Call first of all, in the main thread: until then SIGHUP ends the process."""
    global _in_foreground, _early
    # Under nohup it is ignored: then the terminal's end is to be outlived.
    _in_foreground = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN and _foreground() == os.getpgrp()
    _early = False
    signal.signal(signal.SIGHUP, _note)


def terminal_gone() -> bool:
    """Whether a SIGHUP that has just come is about the terminal that this process had."""
    return _in_foreground and _foreground() is None


def hand_over(loop: asyncio.AbstractEventLoop, wish: Callable[[], None]) -> None:
    """From now on each SIGHUP calls ``wish`` in ``loop``; one that came since ``heed`` does so at once."""
    def heard() -> None:
        if terminal_gone():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            wish()

    loop.add_signal_handler(signal.SIGHUP, heard)
    if _early:
        wish()


def _note(number: int, _frame: Any) -> None:
    global _early
    if terminal_gone():
        # Nobody is answered yet: it ends as if it had never heeded the signal.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    _early = True


def _foreground() -> Optional[int]:
    """The process group in the foreground of this process's terminal; None where it has no terminal."""
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        return os.tcgetpgrp(terminal)
    except OSError:
        return None
    finally:
        os.close(terminal)
