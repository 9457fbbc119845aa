"""Runs the whole bot over the test sentences, each the first of a conversation."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.errors import CannotMeasure
from benchmarks.understanding.asked import Asked

if TYPE_CHECKING:
    from tests.support.driver import Bot
    from tests.support.understanding import Result

#: The day that the test files assume.
DAY = "2026-11-21T10:30:00"


def fix_the_day() -> None:
    """Make it the day of the test files, for this process."""
    os.environ["LINLITONG_NOW"] = DAY


@contextmanager
def loaded_bot() -> Iterator[Bot]:
    """The whole bot in this process, trained if need be."""
    from bot.asking import load_chat
    from tests.support.driver import Bot

    loop = asyncio.new_event_loop()
    try:
        yield Bot(loop.run_until_complete(load_chat()), loop)
    finally:
        loop.close()


@dataclass(frozen=True)
class Run:
    """One part asked, and how long the bot took for it."""

    asked: list[Asked]
    seconds: float


def ask(bot: Bot, part: str) -> Run:
    """Ask every sentence of a part.

    Raises:
        CannotMeasure: when the part has no sentences.
    """
    from tests.support.understanding import ask_all

    began = time.perf_counter()
    results = ask_all(bot, part).results
    seconds = time.perf_counter() - began
    if not results:
        raise CannotMeasure(f"there are no sentences in tests/understanding/{part}")
    return Run([told(result, part, *likeliest(result.item)) for result in results], seconds)


def told(result: Result, part: str, topic: str, chance: float) -> Asked:
    """A result of the judge as the report needs it."""
    from tests.support.expectations import topics_of

    customs = [reply["custom"] for reply in result.replies]
    return Asked(
        part=part, theme=result.theme, item=result.item, right=result.right, wrong_and_sure=result.wrong_and_sure,
        problems=tuple(result.problems), kinds=tuple(custom["kind"] for custom in customs),
        answered=tuple(custom.get("topic") or "" for custom in customs),
        texts=tuple(reply["text"] for reply in result.replies),
        mentioned=frozenset(topic for reply in result.replies for topic in topics_of(reply)),
        likeliest=topic, chance=chance)


def likeliest(item: dict[str, Any]) -> tuple[str, float]:
    """The topic that is chosen for a sentence, or asked about first, and its chance; the replies do not tell it."""
    from actions.topic_choice import choose
    from benchmarks.understanding.turns import first_turn

    choice = choose(first_turn(item["text"], str(item["region"])), follow_context=False)
    return choice.topic or next(iter(choice.options), ""), choice.chance
