"""Turns of WeChat are seen as the web's are, each once, however often WeChat tries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from rasa.core.channels.channel import UserMessage

from bot.observing import turn as turns
from bot.observing.metrics import Metrics
from bot.observing.turn import TurnRecord
from tests.channels.messages import message
from tests.channels.wechat.conftest import wechat as wechat
from tests.channels.wechat.phone import OPENID, WECOM, Phone, push
from tests.observing.test_metrics import value
from tests.support.services import until

Wechat = Callable[..., Phone]


@pytest.fixture
def stored() -> Iterator[list[TurnRecord]]:
    """The stored turns that listeners were told of."""
    told: list[TurnRecord] = []
    turns.listen(told.append, stored=True)
    yield told
    turns.stop_listening(told.append)


async def judge(heard: UserMessage) -> None:
    await heard.output_channel.send_response(heard.sender_id, message("verdict"))


async def slow(heard: UserMessage) -> None:
    await asyncio.sleep(0.8)  # longer than a try waits
    await judge(heard)


def test_a_push_is_a_turn_of_its_channel(counting: Metrics, stored: list[TurnRecord], wechat: Wechat) -> None:
    for phone in (wechat(judge), wechat(judge, WECOM)):
        phone.post(push(Content="我能领吗"))
    until(lambda: len(stored) == 2, "both stored")
    for channel in ("wechat", "wecom"):
        assert value(counting, "turns_total", channel=channel, kind="verdict", result="answered") == 1
        assert value(counting, "turn_seconds_count", channel=channel) == 1
    assert all(OPENID not in repr(turn) and "我能领吗" not in repr(turn) for turn in stored)


def test_three_tries_are_one_turn_and_one_event(counting: Metrics, stored: list[TurnRecord], wechat: Wechat) -> None:
    phone = wechat(slow)
    fields = push(Content="我能领吗")
    for _ in range(3):
        phone.post(fields)
    until(lambda: stored, "it is stored")
    assert value(counting, "turns_total") == 1 and len(stored) == 1


def test_what_the_channel_says_itself_is_no_answer_of_the_bot(counting: Metrics, wechat: Wechat) -> None:
    wechat(judge).post(push("event", Event="subscribe", EventKey=""))
    assert value(counting, "turns_total", channel="wechat", kind="none", result="unasked") == 1


def test_one_who_is_too_quick_is_counted(counting: Metrics, wechat: Wechat) -> None:
    phone = wechat(judge, per_minute=1)
    for _ in range(3):
        phone.post(push(Content="快快快"))
    assert value(counting, "limited_total", channel="wechat") == 2
    assert value(counting, "turns_total", kind="verdict") == 1
