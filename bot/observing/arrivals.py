"""Where a turn begins: the calls of a channel that bring a resident's message."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse

from bot.observing.metrics import metrics
from bot.observing.turn import arrive, joined

#: By it a complaint is found in the log; it is drawn anew for each request and leads to nobody.
TURN_ID = "X-Turn-Id"
Handler = Callable[[Request], Coroutine[Any, Any, "HTTPResponse | None"]]


def observed(channel: str, handler: Handler) -> Handler:
    """``handler`` with a turn around it, whose id goes with the answer."""

    async def seen(request: Request) -> HTTPResponse | None:
        with arrive(channel) as turn:
            answer = await handler(request)
            if answer is not None:
                answer.headers[TURN_ID] = turn.id
                if turn.took is None and answer.status == 200:
                    # The same message was under way already: its work was another turn's.
                    joined(turn)
            return answer

    return seen


def limited(channel: str) -> None:
    """A resident of a channel that has no HTTP statuses was told to wait."""
    counting = metrics()
    if counting is not None:
        counting.limited(channel)


def session_begun() -> None:
    """A session was begun."""
    counting = metrics()
    if counting is not None:
        counting.session_begun()
