"""What stands beside the WeChat doors in a server: the API's sender, the pages of answers, the mini-program's login.

    doors = wechat.channel.doors()
    beside = Beside.of_environment(doors, var=…, public_url=…, keep_s=…, token_lifetime_s=…)
    beside.install(app, security_headers())   # before the app starts
    beside.sweeps                             # each to be called now and then
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from sanic import Sanic

from bot.channels.session import DEFAULT_LIFETIME_S, Sessions, load_secret
from bot.channels.wechat import cards, mini
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.api_account import ApiAccount, api_account, mini_account
from bot.channels.wechat.cards import CardDesk
from bot.channels.wechat.draw import LinkFor
from bot.channels.wechat.mini import Jscode2Session
from bot.channels.wechat.residents import Residents
from bot.channels.wechat.sender import Sender
from bot.state.database import database_of


class Door(Protocol):
    """A door as far as it is equipped; a ``WeChatInput`` is one."""

    def name(self) -> str:
        """``wechat`` or ``wecom``."""

    def use_sender(self, sender: Sender) -> None:
        """Sends through ``sender`` what comes too late for a reply."""

    def use_pages(self, link_for: LinkFor, forget: Callable[[str], Awaitable[object]]) -> None:
        """Answers have pages; ``forget`` deletes those of a conversation."""


class Beside:
    """Equips the doors; what an account has no right to, or nobody has set up, is left out.

    Args:
        doors: the open ones; one named ``wechat`` is given the API's sender, all are given the pages.
        var: the folder of the embedded database and of the secret.
        account: the official account's side of the API; None without a secret.
        mini_program: the mini-program; None without one.
        public_url: where residents find us, without a slash at its end; "" and answers have no pages.
        keep_s: how long conversations are kept, seconds.
        token_lifetime_s: how long a session of the web channel is good for, seconds.
    """

    def __init__(self, doors: Sequence[Door], var: Path, account: ApiAccount | None,
                 mini_program: ApiAccount | None, public_url: str, keep_s: float,
                 token_lifetime_s: int = DEFAULT_LIFETIME_S) -> None:
        self._mini = mini_program
        self._lifetime = token_lifetime_s
        self._secret = load_secret(var) if doors or mini_program is not None else b""
        self._desk = CardDesk(database_of(var), self._secret, public_url, keep_s) if doors and public_url else None
        self._api: WeChatApi | None = None
        for door in doors:
            if door.name() == "wechat" and account is not None and "service" in account.rights:
                self._api = WeChatApi(account, database_of(var), self._secret)
                door.use_sender(self._api.sender)
            if self._desk is not None:
                door.use_pages(self._desk.link_for, self._desk.forget)

    @classmethod
    def of_environment(cls, doors: Sequence[Door], *, var: Path, public_url: str, keep_s: float,
                       token_lifetime_s: int = DEFAULT_LIFETIME_S) -> Beside:
        """As the environment sets it up. Raises CannotServe for a value that cannot be."""
        return cls(doors, var, api_account(), mini_account(), public_url, keep_s, token_lifetime_s)

    def install(self, app: Sanic, headers: dict[str, str]) -> None:
        """Adds ``/card/<token>`` and ``/webhooks/wechat/mini-login`` where they are set up; call before it starts."""
        if self._desk is not None:
            cards.install(app, self._desk, headers)
        if self._mini is not None:
            mini.install(app, Jscode2Session(self._mini), Sessions(self._secret, self._lifetime),
                         Residents(self._secret, f"mini {self._mini.appid}").conversation)
        app.register_listener(self._stop, "after_server_stop")

    @property
    def sweeps(self) -> list[Callable[[], Awaitable[int]]]:
        """Each deletes what has ended and gives how much; a failing one (StateDown) must not keep the other back."""
        return [part.sweep for part in (self._desk, self._api) if part is not None]

    async def _stop(self, _app: Any, _loop: asyncio.AbstractEventLoop) -> None:
        # After the doors: they may send what came late until they are closed.
        if self._api is not None:
            await self._api.close()
        if self._desk is not None:
            await self._desk.close()
