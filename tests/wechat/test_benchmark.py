"""The measurement of WeChat's channel beside the web's."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from benchmarks.errors import CannotMeasure
from benchmarks.load import Turn
from benchmarks.wechat import CONVERSATION_TURNS, WeChatDoor, deal, one_round, result
from tests.wechat.conftest import Stage
from tests.wechat.small_server import Heard


class _Counting:
    """A door that remembers what was said through it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def open(self, http: aiohttp.ClientSession) -> str:
        return "somebody"

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        self.said.append(text)
        return ""


def test_both_doors_hear_the_same_sentences_over_two_servers() -> None:
    talks = deal([f"第{number}句" for number in range(105)], 100, seed=3)
    assert len(talks) == 10 and {len(talk) for talk in talks} == {CONVERSATION_TURNS}
    assert len({text for talk in talks for text in talk}) == 100, "a sentence comes once to a server"
    assert talks == deal([f"第{number}句" for number in range(105)], 100, seed=3)
    web, wechat = _Counting(), _Counting()
    for first in (0, 1):
        asyncio.run(one_round([web, wechat], talks, first))
    assert sorted(web.said) == sorted(wechat.said) and len(web.said) == 100
    assert web.said[:10] == talks[0] and wechat.said[:10] == talks[1]


def test_too_few_sentences_are_refused() -> None:
    with pytest.raises(CannotMeasure):
        deal(["一句"] * 19, 100, seed=1)


def test_the_figures() -> None:
    def turns(*seconds: float, failure: str = "") -> list[Turn]:
        return [Turn(number, "句", value, failure) for number, value in enumerate(seconds, 1)]

    web, wechat = turns(*[0.01] * 95, *[0.02] * 5), [*turns(*[0.011] * 100), *turns(9.0, failure="timeout")]
    found = result([web, wechat], [1.05], [0.0])
    assert found["web"] == {"turns": 100, "failures": 0, "p50_ms": 10.0, "p95_ms": 10.5}
    assert found["wechat"] == {"turns": 101, "failures": 1, "p50_ms": 11.0, "p95_ms": 11.0}
    assert found["p95_ratio"] == round(11.0 / 10.5, 3)


def test_the_door_tells_an_answer_from_a_failure(stage: Stage) -> None:
    async def answer(heard: Heard) -> str | bytes:
        return {"坏": b"{}", "哑": b"success"}.get(heard["Content"], "您好")

    async def run() -> list[str]:
        async with stage(answer) as (wechat, _server), aiohttp.ClientSession() as http:
            door = WeChatDoor(wechat)
            user = await door.open(http)
            return [await door.say(http, user, text) for text in ("在吗", "坏", "哑")]

    fine, bad, silent = asyncio.run(run())
    assert fine == "" and "XML" in bad and silent == "no answer"
