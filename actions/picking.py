"""An answer in words to "which one do you mean": 第一个, 2, 就是那个公租房, after the bot has asked back."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Optional

import msgspec

from actions import eligibility
from actions.turn import Skill, Turn, apart, rejoin
from bot.nlu.reading import read
from knowledge.text import normalise

#: A longer sentence stands for itself.
SHORT = 16
#: So many characters of one option's title name it.
NAMED = 2
_PLACE = re.compile(r"(?:就|是|选|要|那|这|我|说|的|问|嗯|对|，)*第?(?P<number>[一二三123])(?:个|号|种|项|样|条)?"
                    r"(?:的|吧|嘛|呢|啊|哈|。)*")
_LAST = re.compile(r"(?:就|是|选|要|那)*(?:最后|后面|末)(?:一|那|个|的|头)*")
_NUMBERS = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3}


def picked(turn: Turn) -> Optional[Skill]:
    """The skill that answers the question again with the picked service in it; None where nothing was picked."""
    last = turn.memory.last_said
    if last.get("kind") != "clarify" or turn.memory.open is not None or len(turn.reading.text) > SHORT:
        return None
    options = [(str(option["title"]), str(option["payload"])) for option in last.get("options", ())]
    number = _which(turn.reading.text, [title for title, _ in options])
    return None if number is None else lambda again: _ask(again, options[number][1])


def _which(text: str, titles: list[str]) -> Optional[int]:
    place = _PLACE.fullmatch(text)
    if place is not None:
        number = _NUMBERS[place["number"]] - 1
        return number if number < len(titles) else None
    if _LAST.fullmatch(text):
        return len(titles) - 1
    shared = [SequenceMatcher(None, text, title, autojunk=False).find_longest_match().size for title in titles]
    best = max(shared, default=0)
    return shared.index(best) if best >= NAMED and shared.count(best) == 1 else None


def _ask(turn: Turn, payload: str) -> None:
    """Answer ``payload`` as if the resident had said that."""
    text = normalise(payload)
    reading = read(text, snapshot=turn.knowledge, region=turn.region, today=turn.today)
    said = {"text": payload, "intent": {"name": "ask_service", "confidence": 1.0}, "intent_ranking": [],
            "reading": msgspec.to_builtins(reading)}
    alone = apart(turn, said)
    alone.memory.topic = ""
    eligibility.answer_or_judge(alone)
    rejoin(turn, alone)
