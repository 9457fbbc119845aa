"""One call to WeChat's API over HTTP, within time and size limits, and the one kind of error that comes of it.

Addresses of the API hold tokens and secrets, so nothing of an address, a body or an exception of aiohttp's ever gets
into an error or a log.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.channels.wechat.errcodes import GARBLED, TIMEOUT, UNREACHABLE, meaning

CONNECT_S = 2.0
TOTAL_S = 4.0
#: A menu of 3 × 5 is the longest answer that we ask for.
MAX_ANSWER_BYTES = 256 * 1024
_IP = re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])")


class ApiError(Exception):
    """A call that WeChat refused or did not answer.

    ``call`` is the call's name, ``code`` WeChat's errcode or one of our own, ``detail`` the addresses of this machine
    that WeChat saw (only for 40164). Holds no token, no secret and no OpenID.
    """

    def __init__(self, call: str, code: int, detail: str = "") -> None:
        super().__init__(call, code, detail)
        self.call = call
        self.code = code
        self.detail = detail

    @property
    def never_arrived(self) -> bool:
        """Whether WeChat cannot have heard of the call."""
        return self.code == UNREACHABLE

    @property
    def is_outage(self) -> bool:
        """Whether WeChat, or the way to it, is down."""
        return self.code in (TIMEOUT, UNREACHABLE, GARBLED, -1)

    def __str__(self) -> str:
        shown = f"（{self.detail}）" if self.detail else ""
        return f"{self.call}：errcode {self.code}，{meaning(self.code)}{shown}"


class Calls:
    """Calls of one API. One connection pool, made at the first call.

    Args:
        base: where the API is, without a slash at its end.
        connect_s, total_s: how long connecting, and the whole call, may take, seconds.
    """

    def __init__(self, base: str, connect_s: float = CONNECT_S, total_s: float = TOTAL_S) -> None:
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=total_s, connect=connect_s, sock_connect=connect_s)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, call: str, method: str, path: str, params: Mapping[str, str] | None = None,
                  body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """WeChat's answer, a JSON object without an error.

        Args:
            call: the call's name, for errors and logs.
            method, path: of the request; ``path`` begins with a slash.
            params: the query; may hold secrets.
            body: sent as JSON. Chinese is sent as it is: WeChat shows ``\\uXXXX`` as such in some places.

        Raises:
            ApiError: for an errcode other than 0, for no answer in time, and for one that is no JSON object.
        """
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8")
        headers = {"Content-Type": "application/json; charset=utf-8"} if data is not None else None
        try:
            async with self._pool().request(method, self._base + path, params=params, data=data, headers=headers,
                                            allow_redirects=False) as answer:
                raw = await answer.content.read(MAX_ANSWER_BYTES + 1)
                # One read gives what has arrived; the rest is read until the end or the limit.
                while len(raw) <= MAX_ANSWER_BYTES and (more := await answer.content.read(MAX_ANSWER_BYTES)):
                    raw += more
                status = answer.status
        except aiohttp.ClientConnectorError:
            raise ApiError(call, UNREACHABLE) from None
        except (asyncio.TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, OSError):
            # Cut off in the middle: WeChat may have heard it or not.
            raise ApiError(call, TIMEOUT) from None
        except aiohttp.ClientError:
            raise ApiError(call, GARBLED) from None
        return _read(call, status, raw)

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _pool(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            # DummyCookieJar: nothing of one call is kept for the next.
            self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
            self._loop = loop
        return self._session


def _read(call: str, status: int, raw: bytes) -> dict[str, Any]:
    if status != 200 or len(raw) > MAX_ANSWER_BYTES:
        raise ApiError(call, GARBLED)
    try:
        answer = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ApiError(call, GARBLED) from None
    if not isinstance(answer, dict):
        raise ApiError(call, GARBLED)
    code = answer.get("errcode", 0)
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        code = int(code)  # some pages of the documents show it in quotes
    if isinstance(code, bool) or not isinstance(code, int):
        raise ApiError(call, GARBLED)
    if code:
        # Only our own addresses are taken out of WeChat's words: they may name the resident or the token.
        found = _IP.findall(str(answer.get("errmsg", ""))) if code == 40164 else []
        raise ApiError(call, code, "、".join(dict.fromkeys(found)))
    return answer
