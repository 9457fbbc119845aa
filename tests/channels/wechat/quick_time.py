"""A loop whose seconds pass at once: where nobody has anything to do, its clock moves on to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any

#: Where its clock begins, in Unix seconds.
BEGIN = 1_790_000_000.0


class _Skipping(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self.passed += timeout
        return ready


class QuickLoop(asyncio.SelectorEventLoop):
    """Only for work that waits for nothing but timers: whatever runs in a thread would be overtaken."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.passed


class Here(Executor):
    """Runs everything where it is asked for, so that no thread is waited for."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **options))
        except BaseException as error:
            done.set_exception(error)
        return done


def now() -> float:
    """The running loop's time in Unix seconds."""
    return BEGIN + asyncio.get_running_loop().time()


def run(story: Coroutine[Any, Any, None]) -> None:
    """Runs a story to its end."""
    loop = QuickLoop()
    try:
        loop.run_until_complete(story)
    finally:
        loop.close()
