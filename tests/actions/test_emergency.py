"""Behind a doubtful call for help the question is answered; behind a sure one nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions import topic_choice
from actions.emergency import answer_besides, call_for_help
from actions.say import ack
from actions.topic_choice import Choice
from actions.turn import Turn

Turns = Callable[..., Turn]


def answered(turn: Turn, monkeypatch: pytest.MonkeyPatch, topic: str | None) -> list[dict[str, Any]]:
    """The replies where the sentence is about ``topic`` for certain, or about none."""
    monkeypatch.setattr(topic_choice, "choose", lambda turn, follow_context: Choice(topic, (), turn.scores("")))

    def skill(name: str) -> Callable[[Turn], None]:
        return lambda turn: turn.replies.append(ack(turn, f"{name}的回答", of="greet"))

    call_for_help(turn)
    answer_besides(turn, {name: skill(name) for name in ("ask_service", "find_place", "complain", "find_benefits")})
    return turn.replies


def kinds(replies: list[dict[str, Any]]) -> list[str]:
    return [reply["custom"]["kind"] for reply in replies]


def test_a_sure_call_stands_alone(turn: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kinds(answered(turn("叫不醒", emergency="medical"), monkeypatch, "elderly-meal")) == ["emergency"]


@pytest.mark.parametrize(("besides", "topic", "said"), [
    ("find_place", "elderly-meal", "find_place"), ("inform", "elderly-meal", "ask_service"),
    ("complain", None, "complain"), ("find_benefits", None, "find_benefits")])
def test_a_doubtful_call_is_followed_by_the_answer(
        turn: Turns, monkeypatch: pytest.MonkeyPatch, besides: str, topic: str | None, said: str) -> None:
    now = turn("我要断气了，食堂在哪", emergency="medical", besides=besides)
    replies = answered(now, monkeypatch, topic)
    assert kinds(replies) == ["emergency", "ack"] and "120" in replies[0]["text"]
    assert replies[1]["text"] == f"{now.say('besides')}\n{said}的回答"


def test_what_is_about_nothing_known_adds_nothing(turn: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    for besides in ("state_need", "out_of_scope"):
        assert kinds(answered(turn("唉", emergency="medical", besides=besides), monkeypatch, None)) == ["emergency"]


@pytest.mark.parametrize("topic", ["park-greenway", "hotline-12345"])
def test_who_may_be_tired_of_life_is_only_asked(turn: Turns, monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    numbers = [number for number, kind in enumerate(turn().knowledge.emergencies) if kind.kind == "suicide"]
    told = {"emergency": "suicide", "emergency_number": numbers[0], "besides": "complain"}
    now = turn("树上的吊死鬼", **told)
    replies = answered(now, monkeypatch, topic)
    assert kinds(replies) == ["emergency", "clarify"] and "12356" in replies[0]["text"]
    options = replies[1]["custom"]["options"]
    assert len(options) == 2 and options[0]["payload"] == now.knowledge.topics[topic].name
    assert all("吊死" not in option["payload"] for option in options), "a tap would call for help again"
    assert kinds(answered(turn("唉", **told), monkeypatch, None)) == ["emergency"]
