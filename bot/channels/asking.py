"""Asks the bot one message, within a time limit, and gives checked messages of the contract, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.channels.bodies import spoken
from bot.channels.collect import Collector, Message, checked, error_message
from bot.channels.errors import log_failure
from bot.observing.turn import note_replies
from bot.prefetch import Prefetcher
from bot.state.unit import drop_turn

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Said:
    """A resident's message as a channel hands it to the bot.

    ``location``: ``{"lng", "lat", "crs"}`` in degrees, or None. ``region``: an adcode, "" for the server's own.
    """

    conversation: str
    message_id: str
    text: str
    region: str = ""
    location: dict[str, Any] | None = None


class Asker:
    """Asks for one channel.

    Args:
        channel: the channel's name.
        timeout_s: how long the bot may take over one message, seconds.
        strict: raise ContractError where a reply breaks the contract, instead of an apology (for tests).
    """

    def __init__(self, channel: str, timeout_s: float, strict: bool = False) -> None:
        self._channel = channel
        self._timeout = timeout_s
        self._strict = strict
        self._prefetcher = Prefetcher()

    async def ask(self, on_new_message: OnNewMessage, said: Said) -> list[Message]:
        """The bot's replies, at least one; a failure is a message of kind ``error``, behind what was said before it."""
        collector = Collector()
        failure = await self._let_answer(on_new_message, collector, said)
        replies = [checked(message, self._strict) for message in collector.messages]
        if failure:
            replies.append(error_message(failure, said.region))
        elif not replies:
            replies.append(error_message("no_reply", said.region))
        note_replies(replies)
        return replies

    async def _let_answer(self, on_new_message: OnNewMessage, collector: Collector, said: Said) -> str:
        """Lets the bot answer into the collector; gives the code of a failure, or ""."""
        message = UserMessage(
            spoken(said.text), collector, said.conversation, input_channel=self._channel, message_id=said.message_id,
            metadata={"region": said.region, "location": said.location, "message_id": said.message_id},
        )
        try:
            async with self._prefetcher.turn(message.text or "", said.region):
                await asyncio.wait_for(on_new_message(message), self._timeout)
        except asyncio.TimeoutError as error:
            log_failure("A turn (too slow)", error)
            drop_turn()
            return "timeout"
        except Exception as error:  # whatever breaks in the bot, the resident gets an answer
            log_failure("A turn", error)
            drop_turn()
            return "bot_failure"
        return ""


def ready_agent(app: Sanic) -> Any | None:
    """Rasa's agent once it can answer, None before."""
    agent = getattr(app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def urgent(reply: Message) -> bool:
    """Whether this reply must reach the resident whatever else fails."""
    return bool(reply["custom"].get("kind") == "emergency")


def forgets(reply: Message) -> bool:
    """Whether this reply tells the resident that everything was deleted, which the channel then does."""
    return bool(reply["custom"]["kind"] == "ack" and reply["custom"].get("of") == "forget")
