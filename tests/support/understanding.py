"""Asks every sentence of tests/understanding and judges the first reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.driver import Bot
from tests.support.expectations import Message, failures

FOLDER = Path(__file__).parent.parent / "understanding"
#: The sentences written with the first version, those for tuning, and those that only measure.
PARTS = ("first", "tuning", "sealed")
#: Kinds that claim nothing: to abstain where one could answer is a miss, but not a wrong answer.
ABSTAINING = frozenset({"clarify", "cannot_answer", "out_of_scope"})


@dataclass
class Result:
    item: dict[str, Any]
    theme: str
    replies: list[Message]
    problems: list[str]
    part: str = ""

    @property
    def right(self) -> bool:
        return not self.problems

    @property
    def wrong_and_sure(self) -> bool:
        """A claim about the wrong thing, as against an abstention."""
        return not self.right and not any(reply["custom"]["kind"] in ABSTAINING for reply in self.replies)


@dataclass
class Report:
    results: list[Result] = field(default_factory=list)

    def of(self, part: str) -> Report:
        """The results of one part of the sentences."""
        return Report([result for result in self.results if result.part == part])

    def share(self, theme: str = "", style: str = "") -> float:
        """The share of right answers in a theme or style."""
        chosen = [result for result in self.results
                  if theme in ("", result.theme) and style in ("", result.item["style"])]
        return sum(result.right for result in chosen) / len(chosen) if chosen else 1.0

    @property
    def wrong_and_sure(self) -> float:
        return sum(result.wrong_and_sure for result in self.results) / len(self.results)

    @property
    def dangers(self) -> tuple[int, int]:
        """How many of the sentences that tell of danger were answered with the right call for help, and of how many."""
        told = [result for result in self.results if result.item["kinds"] == ["emergency"]]
        return sum(result.right for result in told), len(told)

    def counts(self, key: str) -> dict[str, tuple[int, int]]:
        """Right and all answers by ``part``, ``theme`` or ``style``."""
        right: Counter[str] = Counter()
        everything: Counter[str] = Counter()
        for result in self.results:
            name = getattr(result, key) if key in ("part", "theme") else str(result.item[key])
            everything[name] += 1
            right[name] += result.right
        return {name: (right[name], everything[name]) for name in sorted(everything)}


def sentences(*parts: str) -> list[tuple[str, dict[str, Any]]]:
    """The test sentences of these parts (all of them without any), each with its theme."""
    return [(theme, item) for _, theme, item in _sentences(*parts)]


def _sentences(*parts: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for part in parts or PARTS:
        for path in sorted((FOLDER / part).glob("*.yml")):
            for item in yaml.safe_load(path.read_text(encoding="utf-8")):
                yield part, path.stem, item


def ask_all(bot: Bot, *parts: str) -> Report:
    """Ask each sentence as the first of a conversation."""
    report = Report()
    for part, theme, item in _sentences(*parts):
        replies = bot.converse(str(item["region"])).say(item["text"])
        report.results.append(Result(item, theme, replies, _judge(replies, item), part))
    return report


def _judge(replies: list[Message], item: dict[str, Any]) -> list[str]:
    expect: dict[str, Any] = {"kind": item["kinds"]}
    if item.get("topic") is not None:
        expect["topic"] = item["topic"]
    if item.get("phone"):
        expect["phone"] = item["phone"]
    problems = failures(replies, expect)
    if item.get("both"):
        problems += [problem for topic in item["topic"] for problem in failures(replies, {"topic": topic})]
    if item.get("fact") and not problems:
        asked = [reply["custom"]["fact"] for reply in replies if reply["custom"]["kind"] == "question"]
        if asked and item["fact"] not in asked:
            problems.append(f"asks for {asked} instead of {item['fact']}")
    return problems
