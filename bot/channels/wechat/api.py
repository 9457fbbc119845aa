"""The account's own calls to WeChat: customer-service messages to residents, and the menu.

WeChat being down, slow or unwilling never stops a conversation: a message that cannot be sent is told to the caller as
False, and after a few failures in a row nothing is tried for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.channels.errors import log_failure
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError, Calls
from bot.channels.wechat.errcodes import RIGHT_CODES, TOKEN_CODES, WINDOW_CODES
from bot.channels.wechat.quota import Heard, Quota, Window
from bot.channels.wechat.residents import Residents
from bot.channels.wechat.token import TokenKeeper, fetcher
from bot.state.database import Database, StateDown

logger = logging.getLogger(__name__)

#: The longest text of one message; WeChat answers 45002 beyond.
MAX_TEXT_BYTES = 2048
SEND = "message/custom/send"
#: So many failures in a row, and nothing is tried for so many seconds.
FAILURES, PAUSE_S = 3, 30.0
#: How long a right that WeChat denied is not asked for again, seconds: it may be granted any day.
DENIED_S = 3600.0


class Api:
    """Calls that need the account's token; a token that WeChat does not accept is replaced once."""

    def __init__(self, calls: Calls, keeper: TokenKeeper) -> None:
        self._calls = calls
        self._keeper = keeper

    async def send(self, message: dict[str, Any]) -> None:
        """Sends a customer-service message. Raises ApiError."""
        await self._with_token(SEND, "POST", message)

    async def create_menu(self, menu: dict[str, Any]) -> None:
        """Puts up the menu. Raises ApiError."""
        await self._with_token("menu/create", "POST", menu)

    async def menu(self) -> dict[str, Any]:
        """The menu that is up, as WeChat tells it. Raises ApiError (46003: there is none)."""
        return await self._with_token("menu/get", "GET")

    async def delete_menu(self) -> None:
        """Takes the menu down. Raises ApiError."""
        await self._with_token("menu/delete", "GET")

    async def try_token(self) -> float:
        """Fetches a token, or finds one that is good; gives the seconds that it will live. Raises ApiError."""
        return (await self._keeper.get()).ends - time.time()

    async def _with_token(self, call: str, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        held = await self._keeper.get()
        try:
            return await self._ask(call, method, held.value, body)
        except ApiError as error:
            if error.code not in TOKEN_CODES:
                raise
        other = await self._keeper.instead_of(held.value)
        return await self._ask(call, method, other.value, body)

    async def _ask(self, call: str, method: str, value: str, body: dict[str, Any] | None) -> dict[str, Any]:
        return await self._calls.ask(call, method, f"/cgi-bin/{call}", {"access_token": value}, body)


class ApiSender:
    """The ``Sender`` of an account that may send customer-service messages. Nothing here raises.

    Args:
        api: the account's calls.
        windows: how many messages WeChat still takes.
        rights: what the account may do (``api_account.RIGHTS``); without ``service`` nothing is ever sent.
        clock: seconds, for the pauses.
    """

    def __init__(
        self, api: Api, windows: Quota, rights: frozenset[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._api = api
        self._windows = windows
        self._rights = rights
        self._clock = clock
        self._failures = 0
        self._resumes = float("-inf")
        self._denied: dict[str, float] = {}

    async def heard(self, openid: str, what: Heard) -> None:
        """The resident wrote (``message``), clicked, subscribed or scanned: now something may be sent to them."""
        if "service" not in self._rights:
            return
        try:
            await self._windows.heard(openid, what)
        except StateDown as error:
            logger.warning("the window of a resident was not noted: %s", error)

    async def text(self, openid: str, text: str) -> bool:
        """Sends a text of at most 2048 bytes; False: it could not be sent."""
        if not text or len(text.encode("utf-8")) > MAX_TEXT_BYTES:
            logger.error("a text for %s was empty or longer than %d bytes and was not sent", SEND, MAX_TEXT_BYTES)
            return False
        return await self._send(openid, "text", {"content": text})

    async def news(self, openid: str, title: str, description: str, url: str) -> bool:
        """Sends one article with a link; False: it could not be sent."""
        return await self._send(openid, "news", {"articles": [
            {"title": title, "description": description, "url": url}]})

    async def menu_buttons(self, openid: str, head: str, items: Sequence[tuple[str, str]], tail: str) -> bool:
        """Sends quick replies (id, words); False: they could not be sent, or the account may not."""
        if "msgmenu" not in self._rights or not items:
            return False
        return await self._send(openid, "msgmenu", {
            "head_content": head, "tail_content": tail,
            "list": [{"id": number, "content": words} for number, words in items]})

    async def forget(self, openid: str) -> None:
        """Deletes what is kept of the resident. Raises StateDown."""
        await self._windows.forget(openid)

    async def _send(self, openid: str, kind: str, content: dict[str, Any]) -> bool:
        now = self._clock()
        if "service" not in self._rights or now < self._resumes or now < self._denied.get(kind, float("-inf")):
            return False
        try:
            window = await self._windows.take(openid)
            if window is None:
                return False
            try:
                await self._api.send({"touser": openid, "msgtype": kind, kind: content})
            except ApiError as error:
                await self._failed(openid, window, kind, error)
                return False
        except StateDown as error:
            logger.warning("nothing was sent, as the windows of residents cannot be read: %s", error)
            return False
        except Exception as error:
            log_failure(SEND, error)
            return False
        self._failures = 0
        return True

    async def _failed(self, openid: str, window: Window, kind: str, error: ApiError) -> None:
        logger.warning("WeChat: %s", error)
        if error.code in WINDOW_CODES:
            await self._windows.close(openid)
        elif error.code in RIGHT_CODES:
            self._denied[kind] = self._clock() + DENIED_S
            await self._windows.give_back(openid, window)
        elif error.never_arrived or error.call != SEND:
            await self._windows.give_back(openid, window)
        self._failures = self._failures + 1 if error.is_outage else 0
        if self._failures >= FAILURES:
            self._failures = 0
            self._resumes = self._clock() + PAUSE_S
            logger.warning("WeChat does not answer; nothing is sent for %.0f seconds", PAUSE_S)


class WeChatApi:
    """The calls, the sender and what they keep, of one account.

    Args:
        account: whose.
        database: where tokens and windows are kept.
        secret: the server's signing secret, for residents' keys.
        clock: Unix seconds.
    """

    def __init__(self, account: ApiAccount, database: Database, secret: bytes,
                 clock: Callable[[], float] = time.time) -> None:
        self._calls = Calls(account.base)
        self._database = database
        self._windows = Quota(database, Residents(secret, f"wechat {account.appid}").conversation, clock)
        keeper = TokenKeeper(account.appid, fetcher(account, self._calls, clock), database, clock)
        self.api = Api(self._calls, keeper)
        self.sender = ApiSender(self.api, self._windows, account.rights)

    async def sweep(self) -> int:
        """Deletes what has ended; gives how much. Raises StateDown."""
        return await self._windows.sweep()

    async def close(self) -> None:
        """Ends the connections and releases the database."""
        await self._calls.close()
        await self._database.close()
