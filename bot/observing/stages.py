"""Times the parts of a turn from outside, so that what does the work need not know of it."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from bot.observing.turn import current, stage

#: Methods of a tracker store that a turn waits for.
_OF_STORES = ("retrieve", "save")
Call = Callable[..., Awaitable[Any]]


def observe_agent(agent: Any) -> None:
    """Time what ``agent`` (Rasa's, loaded) reads, does and stores in each turn, and note the intents it reads.

    Only this agent's own objects are changed, and doing it twice changes nothing more. They hold no reference to
    themselves by it: an agent whose model was replaced goes with its last turn, without being collected as garbage.
    """
    processor = agent.processor
    _time(processor, "parse_message", "nlu", _note_intent)
    if processor.action_endpoint is not None:
        _time(processor.action_endpoint, "request", "actions")
    for name in _OF_STORES:
        _time(agent.tracker_store, name, "store")


def _time(owner: Any, method: str, part: str, then: Callable[[Any], None] | None = None) -> None:
    call: Call | None = getattr(owner, method, None)
    if call is None or getattr(call, "observed", False):
        return
    find = _found(call)

    @functools.wraps(getattr(call, "__func__", call))
    async def timed(*args: Any, **named: Any) -> Any:
        found = find()
        assert found is not None, "whoever calls holds the owner"
        with stage(part):
            result = await found(*args, **named)
        if then is not None:
            then(result)
        return result

    timed.observed = True  # type: ignore[attr-defined]
    setattr(owner, method, timed)


def _found(call: Call) -> Callable[[], Call | None]:
    """Gives ``call``; a method, as long as its object lives, which is not kept by it."""
    return weakref.WeakMethod(call) if inspect.ismethod(call) else lambda: call


def _note_intent(parsed: Any) -> None:
    turn = current()
    if turn is not None and isinstance(parsed, dict):
        turn.read(parsed)
