"""An app with everything that observes it: the inner port opens and ends with it, and says what is up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from rasa.core.channels.channel import UserMessage

from bot.channels.web import WebInput
from bot.cluster.environment import Cluster
from bot.observing import equip, metrics
from bot.observing.equip import Observing
from bot.observing.internal_port import claim
from bot.observing.readiness import FRESH_S
from bot.settings import CannotServe
from tests.channels.server import REGIONS, FakeAgent, Server
from tests.support.services import Redis, free_port, listens, until


async def silent(_heard: UserMessage) -> None:
    """Says nothing."""


class Equipped(Server):
    """A served channel with its inner port; ``trouble`` is its store's."""

    def __init__(self, var: Path) -> None:
        super().__init__(WebInput(var=var, regions=lambda: REGIONS), FakeAgent(silent))
        self.trouble = ""
        self.inner = free_port()
        observing = Observing(claim(("127.0.0.1", self.inner), 5005))
        observing.gauge("turns_waiting", "waiting", self.channel.turns_waiting)
        observing.gauge("streams_open", "streams", self.channel.streams_open)
        observing.install(self.app, lambda: {**self.knowledge, "encoder": "e-1"}, self._storage,
                          lambda: "linlitong-abc")

    def __enter__(self) -> Equipped:
        super().__enter__()
        return self

    async def _storage(self) -> str:
        return self.trouble

    async def _start(self) -> None:
        await super()._start()
        await self._server.after_start()

    async def _stop(self) -> None:
        await super()._stop()
        await self._server.after_stop()

    def page(self) -> str:
        return requests.get(f"http://127.0.0.1:{self.inner}/metrics", timeout=20).text

    def shows(self, line: str) -> bool:
        return line in self.page().splitlines()


@pytest.fixture
def equipped(tmp_path: Path) -> Iterator[Equipped]:
    metrics.switch_off()
    with Equipped(tmp_path / "var") as server:
        yield server
    metrics.switch_off()


def test_it_opens_with_the_app_and_says_what_serves(equipped: Equipped) -> None:
    assert equipped.shows('linlitong_build_info{encoder="e-1",knowledge="k-1",model="linlitong-abc"} 1.0')
    assert equipped.shows("linlitong_turns_waiting 0.0") and equipped.shows("linlitong_streams_open 0.0")
    for port in (equipped.inner, int(equipped.url.rsplit(":", 1)[1])):
        assert requests.get(f"http://127.0.0.1:{port}/live", timeout=20).status_code == 200
        assert requests.get(f"http://127.0.0.1:{port}/ready", timeout=20).status_code == 200
    assert "redis_up" not in equipped.page(), "there is none"


def test_an_open_stream_is_counted_while_it_is_open(equipped: Equipped) -> None:
    token = equipped.session()["token"]
    with equipped.get("/webhooks/web/events", token, stream=True):
        until(lambda: equipped.shows("linlitong_streams_open 1.0"), "one stream")


def test_a_store_that_is_down_shows_in_numbers_and_probes_and_its_return_too(equipped: Equipped) -> None:
    equipped.trouble = "磁盘满了"
    until(lambda: equipped.shows("linlitong_state_up 0.0"), "it is down", FRESH_S + 30)
    assert requests.get(equipped.url + "/ready", timeout=20).status_code == 503
    assert requests.get(equipped.url + "/live", timeout=20).status_code == 200
    equipped.trouble = ""
    until(lambda: equipped.shows("linlitong_state_up 1.0"), "it is back", FRESH_S + 30)


def test_the_inner_port_ends_with_the_app(tmp_path: Path) -> None:
    metrics.switch_off()
    with Equipped(tmp_path / "var") as server:
        assert server.page()
    claim(("127.0.0.1", server.inner), 5005).close()
    metrics.switch_off()


def test_each_worker_has_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENT_BROKER", raising=False)
    monkeypatch.setenv("LINLITONG_WORKER", "1")
    for left in range(9, -1, -1):
        first = next(port for port in iter(free_port, None) if not listens(port + 1))
        monkeypatch.setenv("METRICS_PORT", str(first))
        try:
            observing = Observing.of_environment(5005)
            break
        except CannotServe:  # somebody's own end of a connection may have the port, which does not listen
            assert left
    try:
        door = observing._door
        assert door is not None and door.getsockname() == ("127.0.0.1", first + 1)
        door.close()
    finally:
        metrics.switch_off()


def test_redis_shows_whether_it_is_up(
        tmp_path: Path, redis_server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics.switch_off()
    shared = Cluster.at(redis_server.url, b"s" * 32)
    monkeypatch.setattr(equip, "cluster", lambda: shared)
    try:
        with Equipped(tmp_path / "var") as server:
            server.do(shared.open())
            until(lambda: server.shows("linlitong_redis_up 1.0"), "it is up")
            redis_server.kill()
            until(lambda: server.shows("linlitong_redis_up 0.0"), "it is down")
            redis_server.start()
            until(lambda: server.shows("linlitong_redis_up 1.0"), "it is up again")
            server.do(shared.close())
    finally:
        redis_server.mend()
        metrics.switch_off()
