"""The inner port: where it is, who cannot have it, and that it is not the residents'."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
import requests
from rasa.core.channels.channel import UserMessage

from bot.observing.internal_port import InternalPort, claim, metrics_address
from bot.observing.metrics import Metrics
from bot.settings import CannotServe
from tests.channels.server import Server
from tests.support.services import free_port


async def silent(_heard: UserMessage) -> None:
    """Says nothing."""


def test_without_a_port_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_PORT", raising=False)
    assert metrics_address() is None


def test_it_is_this_machines_alone_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_PORT", "9100")
    assert metrics_address() == ("127.0.0.1", 9100)
    monkeypatch.setenv("METRICS_HOST", "0.0.0.0")
    assert metrics_address() == ("0.0.0.0", 9100)


def test_each_of_several_processes_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_PORT", "9100")
    assert [metrics_address(worker) for worker in range(3)] == [("127.0.0.1", 9100 + worker) for worker in range(3)]


@pytest.mark.parametrize(("port", "worker"), [("http", 0), ("-1", 0), ("65536", 0), ("65535", 1)])
def test_what_is_no_port_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, port: str, worker: int) -> None:
    monkeypatch.setenv("METRICS_PORT", port)
    with pytest.raises(CannotServe, match="METRICS_PORT"):
        metrics_address(worker)


def test_the_residents_port_is_refused() -> None:
    with pytest.raises(CannotServe, match="不给居民看"):
        claim(("127.0.0.1", 5005), 5005)


def test_a_port_that_is_taken_is_refused_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotServe, match=f"METRICS_PORT：端口 {port} 已经有程序在用"):
            claim(("127.0.0.1", port), 5005)


def test_an_address_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(CannotServe, match="METRICS_HOST"):
        claim(("not an address", free_port()), 5005)


def test_it_shows_the_numbers_and_gives_the_port_back(counting: Metrics) -> None:
    port = free_port()

    async def ready() -> tuple[dict[str, Any], int]:
        return {"status": "degraded"}, 503

    def get(path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=10)

    async def life() -> list[requests.Response]:
        inner = InternalPort(claim(("127.0.0.1", port), 5005), counting, {"/ready": ready})
        await inner.open()
        loop = asyncio.get_running_loop()
        paths = ("/metrics", "/ready", "/webhooks/web/regions", "/")
        found = [await loop.run_in_executor(None, get, path) for path in paths]
        await inner.close()
        return found

    numbers, probe, *others = asyncio.run(life())
    assert numbers.status_code == 200 and numbers.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "linlitong_reloads_total" in numbers.text
    assert (probe.status_code, probe.json()) == (503, {"status": "degraded"})
    assert [answer.status_code for answer in others] == [404, 404]
    claim(("127.0.0.1", port), 5005).close()


def test_residents_do_not_see_it(counting: Metrics, serve: Callable[..., Server]) -> None:
    server = serve(silent)
    for path in ("/metrics", "/metrics/", "/static/metrics", "/webhooks/web/metrics"):
        assert server.get(path).status_code == 404
