"""Checks of a transcript: was each message answered once?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from tools.wechat_simulator.transcript import Bubble
from tools.wechat_simulator.wechat import Sent, WeChat


@dataclass
class Audit:
    """The ids of pushes by how they fared."""

    once: list[str] = field(default_factory=list)
    #: Not answered, but the user was told so, by WeChat's notice or by the account.
    explained: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    #: Neither answer nor explanation.
    silent: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (f"{len(self.once)} answered once, {len(self.explained)} explained, {len(self.twice)} answered twice, "
                f"{len(self.silent)} without an answer")


def audit(wechat: WeChat, marks: Mapping[str, str], explanations: Optional[Mapping[str, str]] = None) -> Audit:
    """Look for each push's answer by a mark that only its answer has.

    Args:
        wechat: after its pushes have ended.
        marks: id of a push → a text that every answer to it contains, and no answer to another.
        explanations: id of a push → what the account says, in a later reply, of a push that it could not answer.
    """
    found = Audit()
    for sent in wechat.sent:
        mark = marks.get(sent.id)
        if mark is None:
            continue
        seen = [seen_in(bubble) for bubble in wechat.transcript.said_to(sent.user)]
        answers = sum(text.count(mark) for text in seen)
        said = (explanations or {}).get(sent.id)
        told = any(bubble.push == sent.id for bubble in wechat.transcript.notices()) or \
            (said is not None and any(said in text for text in seen))
        kind = found.once if answers == 1 else found.twice if answers else found.explained if told else found.silent
        kind.append(sent.id)
    return found


def answers_to(wechat: WeChat, sent: Sent) -> list[Bubble]:
    """The replies that the user saw to one push (at most one; customer-service messages answer none in particular)."""
    return [bubble for bubble in wechat.transcript.said_to(sent.user) if bubble.push == sent.id]


def each_answered_once(wechat: WeChat, marks: Mapping[str, str]) -> None:
    """Raise AssertionError, with the counts and the transcript, unless every marked push was answered exactly once."""
    found = audit(wechat, marks)
    assert len(found.once) == len(marks), f"{found}\n{wechat.transcript}"


def seen_in(bubble: Bubble) -> str:
    """Every word that a bubble shows."""
    return "\n".join([bubble.text, *(text for article in bubble.articles for text in article.values())])
