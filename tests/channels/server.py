"""Runs a real Sanic app on a free port in a thread of its own, with a bot made of a plain function."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import requests
from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from sanic import Sanic

from bot.channels import pages
from bot.channels.web import WebInput
from knowledge.schema import Region

# Sanic rewrites its own methods when an app starts; only in this mode can a second app start in one process.
Sanic.test_mode = True

#: As the knowledge base names them, without waiting for it to load.
REGIONS = [Region(code="510100", name="成都", short="成都"), Region(code="310110", name="上海杨浦", short="杨浦"),
           Region(code="100000", name="其他地方", short="全国")]

Bot = Callable[[UserMessage], Awaitable[None]]


class FakeAgent:
    """As much of Rasa's agent as the channel knows: readiness, a tracker store and ``handle_message``."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.ready = True
        self.model_id = "model-7"
        self.tracker_store: Any = InMemoryTrackerStore(Domain.empty())
        self.heard: list[UserMessage] = []

    def is_ready(self) -> bool:
        return self.ready

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        self.tracker_store.store[message.sender_id] = "events"
        await self.bot(message)


class Server:
    """The channel and the pages (with the options ``of_pages``), served. Use as a context manager; ``url`` is where."""

    def __init__(self, channel: WebInput, agent: FakeAgent, knowledge: dict[str, Any] | None = None,
                 **of_pages: Any) -> None:
        self.agent = agent
        self.channel = channel
        self.knowledge = knowledge if knowledge is not None else {"knowledge": "k-1"}
        self.app = Sanic(f"test_{uuid.uuid4().hex}", configure_logging=False)
        self.app.ctx.agent = agent
        register([channel], self.app, route="/webhooks/")
        # Looked up at each call, so that a test can put another in its place.
        pages.install(self.app, lambda: self.knowledge, storage=lambda: self.channel.storage_trouble(), **of_pages)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._server: Any = None
        self.url = ""

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        self._server = await self.app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
        await self._server.startup()
        await self._server.before_start()
        await self._server.start_serving()

    async def _stop(self) -> None:
        await self._server.before_stop()
        self._server.close()
        # As the end of a process does: a connection left open on a loop that no longer runs would hang its client.
        for connection in list(self._server.connections):
            connection.abort()
        while self._server.connections:
            await asyncio.sleep(0.01)

    def __enter__(self) -> Server:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def do(self, coroutine: Any) -> Any:
        """Runs a coroutine on the server's loop and gives its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    # --- the contract's calls -----------------------------------------------------------------

    def session(self, **body: Any) -> dict[str, Any]:
        return requests.post(self.url + "/webhooks/web/session", json=body, timeout=10).json()

    def post(self, token: str, text: Any, message_id: Any = None, **more: Any) -> requests.Response:
        body = {"token": token, "message_id": message_id or uuid.uuid4().hex, "text": text, **more}
        return requests.post(self.url + "/webhooks/web/message", json=body, timeout=20)

    def get(self, path: str, token: str = "", **options: Any) -> requests.Response:
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return requests.get(self.url + path, headers=headers, timeout=20, **options)
