"""``/live`` and ``/ready``: what they say, and how seldom they ask the database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.channels.web import WebInput
from bot.observing import readiness
from bot.observing.readiness import FRESH_S, Readiness
from tests.channels.clock import Clock
from tests.channels.server import REGIONS, FakeAgent, Server


async def silent(_heard: UserMessage) -> None:
    """Says nothing."""


class Place:
    """An app with an agent, and a store whose trouble a test sets."""

    def __init__(self, storage: Callable[[], Awaitable[str]] | None = None) -> None:
        self.app = Sanic(f"ready_{uuid.uuid4().hex}", configure_logging=False)
        self.app.ctx.agent = FakeAgent(silent)
        self.trouble = ""
        self.asked = 0
        self.knowledge: dict[str, Any] = {"knowledge": "k-1"}
        self.clock = Clock()
        self.readiness = Readiness(self.app, lambda: self.knowledge, storage or self._storage, self.clock)

    async def _storage(self) -> str:
        self.asked += 1
        await asyncio.sleep(0.01)
        return self.trouble

    def status(self) -> str:
        return asyncio.run(self.readiness.status())


def test_it_is_ready_with_model_content_and_store() -> None:
    assert Place().status() == "ready"


def test_without_a_model_it_is_starting() -> None:
    place = Place()
    place.app.ctx.agent.ready = False
    assert place.status() == "starting"


@pytest.mark.parametrize("knowledge", [{}, {"knowledge": ""}])
def test_without_content_it_is_starting(knowledge: dict[str, Any]) -> None:
    place = Place()
    place.knowledge = knowledge
    assert place.status() == "starting"


def test_a_store_that_keeps_nothing_makes_it_unready_until_it_is_back() -> None:
    place = Place()
    place.trouble = "磁盘满了"
    assert place.status() == "degraded"
    place.trouble = ""
    place.clock.now += FRESH_S
    assert place.status() == "ready"


def test_an_end_is_known_at_once() -> None:
    place = Place()
    assert place.status() == "ready"
    place.app.ctx.draining = True
    assert place.status() == "draining"


def test_the_store_is_tried_once_a_second_whoever_asks() -> None:
    place = Place()

    async def ask() -> list[str]:
        return await asyncio.gather(*(place.readiness.status() for _ in range(50)))

    assert asyncio.run(ask()) == ["ready"] * 50 and place.asked == 1
    place.clock.now += FRESH_S / 2
    assert place.status() == "ready" and place.asked == 1
    place.clock.now += FRESH_S / 2
    assert place.status() == "ready" and place.asked == 2


def test_one_who_stops_asking_does_not_stop_the_others() -> None:
    place = Place()

    async def ask() -> str:
        impatient = asyncio.get_running_loop().create_task(place.readiness.status())
        patient = asyncio.get_running_loop().create_task(place.readiness.status())
        await asyncio.sleep(0.002)
        impatient.cancel()
        return await patient

    assert asyncio.run(ask()) == "ready"


def test_a_store_that_hangs_or_breaks_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.05)

    async def hangs() -> str:
        await asyncio.sleep(60)
        return ""

    async def breaks() -> str:
        raise RuntimeError("secret")

    for storage in (hangs, breaks):
        place = Place(storage)
        assert place.status() == "degraded"
        assert asyncio.run(place.readiness.storage_up()) == 0.0


def test_over_http_live_stays_while_ready_goes(tmp_path: Path) -> None:
    server = Server(WebInput(var=tmp_path / "var", regions=lambda: REGIONS), FakeAgent(silent))

    async def storage() -> str:
        return ""

    readiness.install(server.app, Readiness(server.app, lambda: server.knowledge, storage))

    def look() -> list[tuple[int, str]]:
        answers = [server.get(path) for path in ("/ready", "/live")]
        assert all(answer.headers["Cache-Control"] == "no-store" for answer in answers)
        assert all(answer.json().keys() == {"status"} for answer in answers)
        return [(answer.status_code, answer.json()["status"]) for answer in answers]

    with server:
        assert look() == [(200, "ready"), (200, "live")]
        server.app.ctx.draining = True
        assert look() == [(503, "draining"), (200, "live")]


def test_who_shares_a_database_may_ask_for_readiness_without_it(tmp_path: Path) -> None:
    """Where it is down for all, a machine that can still say 120 is better than none."""
    server = Server(WebInput(var=tmp_path / "var", regions=lambda: REGIONS), FakeAgent(silent))

    async def storage() -> str:
        return "磁盘满了"

    readiness.install(server.app, Readiness(server.app, lambda: server.knowledge, storage))
    with server:
        asked = [server.get(path) for path in ("/ready", "/ready?storage=any")]
        assert [(answer.status_code, answer.json()["status"]) for answer in asked] == [
            (503, "degraded"), (200, "degraded")]
        for name, held, said in (("draining", True, "draining"), ("agent", None, "starting")):
            before = getattr(server.app.ctx, name, None)
            setattr(server.app.ctx, name, held)
            answer = server.get("/ready?storage=any")
            assert (answer.status_code, answer.json()["status"]) == (503, said)
            setattr(server.app.ctx, name, before)
