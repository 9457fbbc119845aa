"""A loop, and WeChat beside a small server, for the tests of the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from tests.wechat.small_server import APPID, KEY, TOKEN, Answer, SmallServer
from tools.wechat_simulator.account import Account, Timing
from tools.wechat_simulator.wechat import WeChat

#: A quarter of a second instead of five.
QUICK = Timing().scaled(0.05)

Stage = Callable[..., AbstractAsyncContextManager[tuple[WeChat, SmallServer]]]


@pytest.fixture
def stage() -> Stage:
    """``stage(answer, **account)``: WeChat and a server that answers so; ``wechat``: more arguments of WeChat."""

    @asynccontextmanager
    async def set_up(answer: Answer, wechat: dict[str, Any] | None = None, **more: Any
                     ) -> AsyncIterator[tuple[WeChat, SmallServer]]:
        known = {"url": "", "token": TOKEN, "appid": APPID, "aes_key": KEY, **more}
        server = SmallServer(Account(**known), answer)
        known["url"] = await server.start()
        try:
            async with WeChat(Account(**known), **{"timing": QUICK, **(wechat or {})}) as world:
                yield world, server
        finally:
            await server.stop()

    return set_up
