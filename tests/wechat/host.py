"""The real channel in a Sanic app of its own thread, that can be killed in the middle and started again."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

from rasa.core.channels.channel import register
from sanic import Sanic

from bot.channels.wechat.account import Account as ChannelAccount
from bot.channels.wechat.channel import WeChatInput, WeComInput
from bot.channels.wechat.sender import Sender
from bot.channels.wechat.tries import Timing as ChannelTiming
from tests.wechat.small_server import APPID, KEY, TOKEN
from tools.wechat_simulator.account import Account

Sanic.test_mode = True


def channel_account(account: Account, rights: frozenset[str] = frozenset(), region: str = "") -> ChannelAccount:
    """The same account as the channel is told of it."""
    return ChannelAccount(receive_id=account.appid, token=account.token, mode=account.mode, aes_key=account.aes_key,
                          rights=rights, region=region, wecom=account.wecom)


def make_channel(account: Account, var: Path, timing: Optional[ChannelTiming] = None, *,
                 rights: frozenset[str] = frozenset(), sender: Optional[Sender] = None, region: str = "",
                 say: Any = None) -> WeChatInput:
    """The channel of an account, without a limit of messages a minute."""
    kind = WeComInput if account.wecom else WeChatInput
    return kind(var=var, account=channel_account(account, rights, region), timing=timing, per_minute=0, strict=True,
                sender=sender, **({} if say is None else {"say": say}))


class Host:
    """Serves channels that ``make`` builds, one at a time, always on the same port."""

    def __init__(self, make: Callable[[], WeChatInput], agent: Any) -> None:
        self._make = make
        self._agent = agent
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._thread: Optional[threading.Thread] = None
        self._server: Any = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    def url(self, name: str = "wechat") -> str:
        """Where WeChat pushes to."""
        return f"http://127.0.0.1:{self.port}/webhooks/{name}/"

    def start(self) -> None:
        """Serve; returns once the door is open."""
        ready = threading.Event()
        self._loop = loop = asyncio.new_event_loop()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(self._serve())
            ready.set()
            loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(20)

    async def _serve(self) -> None:
        app = Sanic(f"wechat_{uuid.uuid4().hex}", configure_logging=False)
        app.ctx.agent = self._agent
        register([self._make()], app, route="/webhooks/")
        door = socket.create_server(("127.0.0.1", self.port))
        self._server = await app.create_server(sock=door, return_asyncio_server=True, access_log=False)
        await self._server.startup()
        await self._server.before_start()
        await self._server.start_serving()

    def kill(self) -> None:
        """End it as a crash would: connections break, and nothing that was under way goes on."""
        assert self._loop is not None and self._thread is not None
        loop = self._loop

        def end() -> None:
            self._server.close()
            for connection in list(self._server.connections):
                connection.transport.abort()
            # The sockets close in the next round of the loop; nothing else gets a second one.
            loop.call_soon(loop.stop)

        loop.call_soon_threadsafe(end)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        """End it as ``make serve`` does on Ctrl-C: what is under way is finished, for some seconds."""
        assert self._loop is not None and self._thread is not None

        async def end() -> None:
            await self._server.before_stop()
            self._server.close()
            for connection in list(self._server.connections):
                connection.close_if_idle()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


def account_for(url: str, **more: Any) -> Account:
    """An account of the simulator whose server is at ``url``."""
    return Account(url=url, token=TOKEN, appid=APPID, aes_key=KEY, **more)
