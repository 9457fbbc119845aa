"""Plays a conversation of a test file against the bot."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from bot.asking import Chat
from bot.contract import validate
from tests.support.expectations import Message, failures

#: A driver that has answered so many questions of one turn is going round in circles.
MOST_QUESTIONS = 25
UNSURE = "不清楚"
_numbers = itertools.count()


class Bot:
    """The bot with a plain, blocking face; each conversation has its own sender."""

    def __init__(self, chat: Chat, loop: asyncio.AbstractEventLoop) -> None:
        self._chat = chat
        self._loop = loop

    def converse(self, region: str) -> Conversation:
        return Conversation(self, region, f"test-{next(_numbers)}")

    def parse(self, text: str) -> dict[str, Any]:
        """What the bot reads in ``text`` at the start of a conversation."""
        return self._loop.run_until_complete(self._chat.parse(text))

    def say(self, text: str, sender: str, region: str, location: Any = None) -> list[Message]:
        replies = self._loop.run_until_complete(
            self._chat.say(text, sender=sender, region=region, location=location))
        for reply in replies:
            validate(reply)
        return replies


class Conversation:
    """One conversation; ``last`` is the bot's last reply."""

    def __init__(self, bot: Bot, region: str, sender: str) -> None:
        self._bot = bot
        self._region = region
        self._sender = sender
        self.last: list[Message] = []
        self.log: list[str] = []

    def say(self, text: str, location: Any = None) -> list[Message]:
        if location is not None:
            location = {**location, "crs": location.get("crs", "wgs84")}
        self.last = self._bot.say(text, self._sender, self._region, location)
        self.log.append(f"居民：{text}")
        self.log += [f"　　　〔{reply['custom']['kind']}〕{reply['text']}" for reply in self.last]
        return self.last

    def tap(self, title: str) -> list[Message]:
        for reply in self.last:
            for button in reply["buttons"]:
                if button["title"] == title:
                    return self.say(button["payload"])
        raise AssertionError(f"no button {title!r} in the last reply")

    def answer(self, answers: dict[str, str]) -> int:
        """Answer the open questions until none is left; how many there were."""
        asked = 0
        while (fact := self.open_fact()) is not None:
            if asked >= MOST_QUESTIONS:
                raise AssertionError("the bot does not stop asking")
            asked += 1
            self.say(answers.get(fact, UNSURE))
        return asked

    def open_fact(self) -> str | None:
        for reply in self.last:
            if reply["custom"]["kind"] == "question":
                return str(reply["custom"]["fact"])
        return None


def play(bot: Bot, script: dict[str, Any]) -> list[str]:
    """Play one conversation; the failures with the transcript, empty if all went well."""
    conversation = bot.converse(script["region"])
    for number, turn in enumerate(script["turns"], 1):
        expect = turn.get("expect") or {}
        asked = 0
        try:
            if "say" in turn:
                conversation.say(turn["say"], turn.get("location"))
            elif "tap" in turn:
                conversation.tap(turn["tap"])
            else:
                asked = conversation.answer(turn["answer"])
        except AssertionError as error:
            return [f"turn {number}: {error}", *conversation.log]
        found = failures(conversation.last, expect)
        if "asked_at_most" in expect and asked > expect["asked_at_most"]:
            found.append(f"asked {asked} questions")
        if found:
            return [f"turn {number}: {item}" for item in found] + conversation.log
    return []
