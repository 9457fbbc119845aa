"""``python -m bot serve`` in which what can go wrong does, whenever a message asks for it.

Each trouble has the resident's words in its own: in exceptions, in a database's error, in Rasa's log at every level.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import warnings
from typing import Any

from bot.serve import quiet_environment

quiet_environment()  # as ``python -m bot`` does, before Rasa loads

import structlog  # noqa: E402
from rasa.core.processor import MessageProcessor  # noqa: E402
from sqlalchemy.exc import OperationalError  # noqa: E402

import actions.rasa_actions as skills  # noqa: E402
from bot import cli  # noqa: E402
from bot.conversations import Conversations  # noqa: E402

#: What a message must hold for a trouble to come.
IN_SKILL, BEFORE_SKILL, DATABASE, LOUD, STRAY = "炸本事", "炸开头", "炸数据库", "大声说", "炸旁边"


def _break_skills() -> None:
    begin, instead = skills.begin, skills.follow_up.instead

    def begins(latest: dict[str, Any], *args: Any, **named: Any) -> Any:
        if BEFORE_SKILL in str(latest.get("text")):
            raise RuntimeError(f"cannot begin with {latest['text']}")
        return begin(latest, *args, **named)

    def follows(turn: Any) -> Any:
        if IN_SKILL in turn.text:
            raise ValueError(f"no skill for {turn.text}")
        return instead(turn)

    skills.begin = begins
    skills.follow_up.instead = follows


def _break_database() -> None:
    save = Conversations.save

    async def saves(self: Conversations, tracker: Any) -> None:
        if DATABASE in str(tracker.latest_message.text):
            words = tracker.latest_message.text
            raise OperationalError(f"INSERT INTO events VALUES ('{words}')", {"data": words}, ValueError(words))
        await save(self, tracker)

    Conversations.save = saves  # type: ignore[method-assign]


def _make_loud() -> None:
    parse = MessageProcessor.parse_message

    async def parses(self: Any, message: Any, *args: Any, **named: Any) -> Any:
        if message.text and LOUD in message.text:
            _say_at_every_level(message.text)
        if message.text and STRAY in message.text:
            await _leave_strays(message.text)
        return await parse(self, message, *args, **named)

    MessageProcessor.parse_message = parses


def _say_at_every_level(words: str) -> None:
    for name in ("rasa.core.processor", "rasa.shared.core.slots", "sanic.error", "sqlalchemy.engine", "asyncio"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
            logging.getLogger(name).log(level, f"Received user message '{words}'")
            logging.getLogger(name).log(level, "Received user message %r", words)
            structlog.get_logger(name).log(level, "processor.message.parse", text=words)
            structlog.get_logger(name).log(level, f"processor {words}", text=words)
    try:
        raise RuntimeError(words)
    except RuntimeError:
        logging.getLogger("rasa.core.actions.action").exception(f"Failed with {words}")
        structlog.get_logger("rasa.core.nlg").exception("interpolator.interpolate.text", response=words)
    warnings.warn(words, stacklevel=1)


async def _leave_strays(words: str) -> None:
    """Exceptions that nobody is there to catch: in a task, in a thread, in a finaliser."""
    async def task() -> None:
        raise RuntimeError(words)

    class Final:
        def __del__(self) -> None:
            raise RuntimeError(words)

    def thread() -> None:
        raise RuntimeError(words)

    asyncio.get_running_loop().create_task(task())
    await asyncio.sleep(0.01)
    ending = threading.Thread(target=thread)
    ending.start()
    ending.join()
    final = Final()
    del final


if __name__ == "__main__":
    _break_skills()
    _break_database()
    _make_loud()
    sys.exit(cli.main(["serve"]))
