"""The mini-program's way in: a login code of WeChat's becomes a session of the web channel.

The OpenID is made into the conversation's id, a keyed hash, and let go of; the session key is never looked at.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, Protocol

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import bodies
from bot.channels.errors import WebError, error_response, json_response, log_failure, too_many
from bot.channels.limits import MAX_DRAIN_BYTES, RateLimiter
from bot.channels.session import Session, Sessions
from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError, Calls
from bot.channels.wechat.errcodes import GARBLED
from bot.cluster.joining import shared_buckets

logger = logging.getLogger(__name__)

PATH = "/webhooks/wechat/mini-login"
#: Logins a minute from one address: a family behind one, not a machine that tries codes.
PER_MINUTE = 30.0
_CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
#: What the mini-program shows: code → (HTTP status, what the resident can do about it).
_REFUSALS: dict[str, tuple[int, str]] = {
    "login_failed": (400, "登录没有成功，请退出小程序，再打开一次。"),
    "login_blocked": (403, "微信没有让这个账号登录。请用网页版，或拨打12345。"),
    "login_down": (503, "微信登录这会儿不通，请过一分钟再试。急事请拨打12345。"),
}


class LoginExchange(Protocol):
    """Finds out who a login code is of."""

    async def openid(self, code: str) -> str:
        """The OpenID behind a code of ``wx.login``; a code is good once. Raises ApiError."""

    async def close(self) -> None:
        """Ends the connections."""


class Jscode2Session:
    """WeChat's own exchange, ``/sns/jscode2session``."""

    def __init__(self, account: ApiAccount) -> None:
        self._account = account
        self._calls = Calls(account.base)

    async def openid(self, code: str) -> str:
        """See ``LoginExchange.openid``."""
        answer = await self._calls.ask("jscode2session", "GET", "/sns/jscode2session", {
            "appid": self._account.appid, "secret": self._account.secret, "js_code": code,
            "grant_type": "authorization_code"})
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise ApiError("jscode2session", GARBLED)
        return openid

    async def close(self) -> None:
        """See ``LoginExchange.close``."""
        await self._calls.close()


def install(app: Sanic, exchange: LoginExchange, sessions: Sessions, conversation: Callable[[str], str],
            per_minute: float = PER_MINUTE) -> None:
    """Adds ``POST /webhooks/wechat/mini-login``: ``{"code", "region"}`` gives what ``/webhooks/web/session`` gives.

    Args:
        app: the app; call before it starts.
        exchange: see ``LoginExchange``.
        sessions: the web channel's, by the same secret.
        conversation: makes a conversation's id (32 hexadecimal digits, a keyed hash) of an OpenID.
        per_minute: logins a minute from one address; 0 for no limit.
    """
    limiter = RateLimiter(per_minute, burst=int(per_minute / 3), shared=shared_buckets(), limit="mini")

    async def login(request: Request) -> HTTPResponse:
        try:
            if request.stream is not None:
                request.stream.request_max_size = MAX_DRAIN_BYTES
            wait = await limiter.retry_after(str(request.remote_addr or request.ip))
            if wait:
                raise too_many("too_many", wait)
            body = await bodies.read_json(request)
            return _session(await _begin(body, exchange, sessions, conversation))
        except WebError as error:
            return error.response()
        except ApiError as error:
            logger.warning("WeChat: %s", error)
            return _refusal(error)
        except Exception as error:  # the kind of it is logged, and nothing that was sent
            log_failure("A login", error)
            return error_response("internal")

    async def stop(_app: Any, _loop: asyncio.AbstractEventLoop) -> None:
        await exchange.close()

    app.add_route(login, PATH, methods=["POST"], name="mini_login", stream=True)
    app.register_listener(stop, "before_server_stop")


async def _begin(body: bodies.Body, exchange: LoginExchange, sessions: Sessions,
                 conversation: Callable[[str], str]) -> tuple[Session, str]:
    code = body.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ApiError("jscode2session", 40029)
    region = bodies.region_of(body)
    return sessions.issue_for(conversation(await exchange.openid(code)), region)


def _session(begun: tuple[Session, str]) -> HTTPResponse:
    session, token = begun
    return json_response({"session": session.id, "token": token, "expires_at": session.expires_at})


def _refusal(error: ApiError) -> HTTPResponse:
    # Of WeChat's codes only these two are the resident's matter; a wrong secret is ours, and looks like an outage.
    code = {40029: "login_failed", 40226: "login_blocked"}.get(error.code, "login_down")
    status, said = _REFUSALS[code]
    return json_response({"error": {"code": code, "message": said}}, status)
