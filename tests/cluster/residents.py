"""Residents who write as the widget does: a message that was not answered is sent again, with the same number.

Like the widget they wait for what ``Retry-After`` says, and otherwise a second where the widget takes four, so that the
tests are short.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import requests

#: What they ask; each says it in a different order, and says something of its own with it.
QUESTIONS = (
    "附近哪里有老年食堂", "租房补贴能领多少钱", "失业了能领什么钱", "办居住证要带什么材料", "老年卡在哪里办",
    "高龄津贴多少钱一个月", "社区医院几点开门", "公租房怎么申请", "孩子上幼儿园怎么报名", "医保卡丢了怎么补",
    "助餐点几点开门", "残疾人有什么补贴", "灵活就业怎么交社保", "退休金什么时候发", "家里水管坏了找谁修", "谢谢")
#: Seconds until a message is given up; then the test fails. A thousand residents wait for one another.
PATIENCE_S = 1800.0 if os.environ.get("NIGHTLY") == "1" else 120.0
#: Connections at a time: nginx lets one address have 500, and here all residents have the same one.
_CONNECTIONS = 400
#: What the widget waits for one answer.
_WIDGET_S = 45.0
_PAUSE_S = 1.0


@dataclass
class Tally:
    """What the residents saw."""

    sent: int = 0
    acknowledged: int = 0
    #: Refusals by the error's code, and broken connections; each was followed by another try.
    again: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0


class Resident:
    """One conversation. ``answers``: message id → what was acknowledged."""

    def __init__(self, url: str, number: int, tally: Tally) -> None:
        self._url = url
        self._tally = tally
        self._texts = itertools.cycle(random.Random(number).sample(QUESTIONS, len(QUESTIONS)))
        self._number = number
        self.id = self.token = ""
        self.asked: dict[str, str] = {}
        self.answers: dict[str, list[dict[str, Any]]] = {}

    async def arrive(self, http: aiohttp.ClientSession) -> None:
        """Begin the conversation."""
        told = await self._call(http, "session", {"region": "510100"})
        self.id, self.token = told["session"], told["token"]

    async def ask(self, http: aiohttp.ClientSession) -> None:
        """One message, until it is answered."""
        text = f"{next(self._texts)}？这是第{len(self.asked) + 1}句"
        number = uuid.uuid4().hex
        self.asked[number] = text
        self._tally.sent += 1
        began = time.monotonic()
        told = await self._call(http, "message", {"token": self.token, "message_id": number, "text": text})
        self._tally.slowest_s = max(self._tally.slowest_s, time.monotonic() - began)
        self._tally.acknowledged += 1
        self.answers[number] = told["messages"]

    async def ask_again(self, http: aiohttp.ClientSession, url: str, number: str) -> list[dict[str, Any]]:
        """What ``url`` says to a message that was sent before."""
        body = {"token": self.token, "message_id": number, "text": self.asked[number]}
        messages: list[dict[str, Any]] = (await self._call(http, "message", body, url))["messages"]
        return messages

    def arrive_now(self) -> None:
        """``arrive``, outside of any loop."""
        told = requests.post(f"{self._url}/webhooks/web/session", json={"region": "510100"}, timeout=_WIDGET_S).json()
        self.id, self.token = told["session"], told["token"]

    def ask_once(self, number: str) -> requests.Response:
        """One message without a second try, outside of any loop."""
        text = self.asked[number] = f"{next(self._texts)}？这是第{len(self.asked) + 1}句"
        self._tally.sent += 1
        body = {"token": self.token, "message_id": number, "text": text}
        answer = requests.post(f"{self._url}/webhooks/web/message", json=body, timeout=_WIDGET_S)
        if answer.status_code == 200:
            self._tally.acknowledged += 1
            self.answers[number] = answer.json()["messages"]
        return answer

    async def _call(self, http: aiohttp.ClientSession, path: str, body: dict[str, Any], url: str = ""
                    ) -> dict[str, Any]:
        ends = time.monotonic() + PATIENCE_S
        while True:
            pause = _PAUSE_S
            try:
                async with http.post(f"{url or self._url}/webhooks/web/{path}", json=body) as answer:
                    if answer.status == 200:
                        told: dict[str, Any] = await answer.json()
                        return told
                    assert answer.status == 429 or answer.status >= 500, f"{answer.status}: {await answer.text()}"
                    self._tally.again[(await answer.json())["error"]["code"]] += 1
                    pause = float(answer.headers.get("Retry-After", pause))
            except (aiohttp.ClientError, asyncio.TimeoutError, json.JSONDecodeError):
                self._tally.again["broken off"] += 1
            assert time.monotonic() < ends, f"{path} was not answered within {PATIENCE_S} s"
            await asyncio.sleep(pause)


def _http() -> aiohttp.ClientSession:
    patience = aiohttp.ClientTimeout(total=None, sock_read=_WIDGET_S)  # counted from when it is sent
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS), timeout=patience)


async def all_at_once(url: str, residents: int, messages: int) -> tuple[list[Resident], Tally]:
    """Everybody sends all messages at the same moment."""
    tally = Tally()
    everyone = [Resident(url, number, tally) for number in range(residents)]
    async with _http() as http:
        for some in _pieces(everyone, 50):
            await asyncio.gather(*(one.arrive(http) for one in some))
        await asyncio.gather(*(one.ask(http) for one in everyone for _ in range(messages)))
    return everyone, tally


async def ask_again(url: str, everyone: list[Resident]) -> int:
    """Send every acknowledged message once more; how many were answered otherwise than before."""
    async with _http() as http:
        other = 0
        for one in everyone:
            for number, said in one.answers.items():
                other += await one.ask_again(http, url, number) != said
        return other


class Crowd:
    """Residents who go on writing, one message after the other, until they are told to stop."""

    def __init__(self, url: str, residents: int, pause_s: float) -> None:
        self.tally = Tally()
        self.everyone = [Resident(url, number, self.tally) for number in range(residents)]
        self._pause = pause_s
        self._ends = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="residents")

    def wait_for(self, more: int) -> None:
        """Until ``more`` further messages are acknowledged."""
        goal, ends = self.tally.acknowledged + more, time.monotonic() + PATIENCE_S
        while self.tally.acknowledged < goal and not self._failures:
            assert time.monotonic() < ends, f"{self.tally}"
            time.sleep(0.02)

    def end(self) -> None:
        """Everybody finishes the message that was begun."""
        self._ends.set()
        self._thread.join(PATIENCE_S + 60)
        assert not self._thread.is_alive()
        if self._failures:
            raise self._failures[0]

    def begin(self) -> None:
        """They come."""
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as failure:
            self._failures.append(failure)

    async def _live(self) -> None:
        async with _http() as http:
            await asyncio.gather(*(self._one(http, one) for one in self.everyone))

    async def _one(self, http: aiohttp.ClientSession, one: Resident) -> None:
        await one.arrive(http)
        while not self._ends.is_set():
            await one.ask(http)
            await asyncio.sleep(self._pause)


@contextmanager
def crowd(url: str, residents: int = 9, pause_s: float = 0.15) -> Iterator[Crowd]:
    """Residents who write while the block runs; it ends when every one of them has his answer."""
    them = Crowd(url, residents, pause_s)
    them.begin()
    try:
        yield them
    finally:
        them.end()


def _pieces(them: list[Resident], size: int) -> Iterator[list[Resident]]:
    for start in range(0, len(them), size):
        yield them[start:start + size]
