"""The load client, against a door that answers at once."""

import asyncio

import aiohttp
import pytest

from benchmarks.errors import CannotMeasure
from benchmarks.load import client, first_answer, resident, together


class FakeDoor:
    """Remembers who said what; ``down`` tries fail as a closed port does."""

    def __init__(self, down: int = 0) -> None:
        self.said: dict[str, list[str]] = {}
        self.now = self.most_at_once = 0
        self._down = down

    async def open(self, http) -> str:
        if self._down:
            self._down -= 1
            raise aiohttp.ClientConnectionError()
        self.said[str(len(self.said))] = []
        return str(len(self.said) - 1)

    async def say(self, http, conversation: str, text: str) -> str:
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        await asyncio.sleep(0.002)
        self.now -= 1
        self.said[conversation].append(text)
        if text == "掉线":
            raise aiohttp.ServerDisconnectedError()
        return ""


def test_a_resident_begins_a_new_conversation_after_some_turns() -> None:
    door = FakeDoor()

    async def run():
        async with client() as http:
            return await resident(door, http, ["一", "二", "三", "四", "五"], 2)

    turns = asyncio.run(run())
    assert list(door.said.values()) == [["一", "二"], ["三", "四"], ["五"]]
    assert [turn.number for turn in turns] == [1, 2, 1, 2, 1]


def test_residents_write_at_the_same_time_but_each_waits_for_the_answer() -> None:
    door = FakeDoor()
    load = asyncio.run(together(door, [["甲一", "甲二"], ["乙一", "乙二"], ["丙一", "丙二"]], 10))
    assert door.most_at_once == 3
    assert sorted(map(tuple, door.said.values())) == sorted([("甲一", "甲二"), ("乙一", "乙二"), ("丙一", "丙二")])
    assert len(load.turns) == 6


def test_a_lost_connection_is_a_failed_turn_and_the_resident_goes_on() -> None:
    load = asyncio.run(together(FakeDoor(), [["一", "掉线", "三"]], 10))
    assert [turn.failure for turn in load.turns] == ["", "ServerDisconnectedError", ""]


def test_the_first_answer_is_waited_for() -> None:
    door = FakeDoor(down=2)
    asyncio.run(first_answer(door, "您好", lambda: None, within_s=5))
    assert door.said == {"0": ["您好"]}


def test_a_system_that_never_answers_is_said_with_its_last_failure() -> None:
    with pytest.raises(CannotMeasure, match="ClientConnectionError"):
        asyncio.run(first_answer(FakeDoor(down=10**6), "您好", lambda: None, within_s=0.2))
