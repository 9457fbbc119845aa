"""What every request of the web channel passes: is the site known, the caller not too quick; errors in Chinese."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Optional

from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from bot.channels import bodies
from bot.channels.errors import (
    WebError,
    code_of,
    error_response,
    json_response,
    log_failure,
    storage_down,
    too_many,
)
from bot.channels.limits import MAX_DRAIN_BYTES, Buckets, RateLimiter
from bot.channels.origins import Origins
from bot.channels.script import HANS
from bot.channels.session import TokenError
from bot.contract import ContractError
from bot.state.database import StateDown

Handler = Callable[[Request], Coroutine[Any, Any, "HTTPResponse | None"]]

logger = logging.getLogger(__name__)


class Door:
    """Guards handlers: refused is who calls from a foreign site, or too often from one address.

    Args:
        origins: the sites that may call.
        per_minute: requests a minute from one address; 0 for no limit.
        shared: counts for all processes together.
    """

    def __init__(self, origins: Origins, per_minute: float, shared: Optional[Buckets] = None) -> None:
        self._origins = origins
        self._by_address = RateLimiter(per_minute, burst=int(per_minute / 3), shared=shared, limit="address")

    def guard(self, handler: Handler) -> Handler:
        """``handler`` behind the door; whatever goes wrong in it becomes an error of the contract."""

        async def guarded(request: Request) -> HTTPResponse | None:
            try:
                if request.stream is not None:
                    request.stream.request_max_size = MAX_DRAIN_BYTES
                if not self._origins.may_call(request):
                    raise WebError("wrong_origin")
                wait = await self._by_address.retry_after(address_of(request))
                if wait:
                    raise too_many("too_many", wait)
                request.ctx.script = bodies.script_of(request.args.get("script"))
                return await handler(request)
            except Exception as error:
                return _answer_to(request, error)

        return guarded

    def wrong_method(self, allowed: str) -> Handler:
        """Refuses a method that is not the path's; Sanic would answer with an English page."""

        async def refuse(request: Request) -> HTTPResponse:
            return error_response("wrong_method", {"Allow": allowed})

        return self.guard(refuse)

    def preflight(self, method: str) -> Handler:
        """Answers a browser that asks whether a page of another site may call."""

        async def answer(request: Request) -> HTTPResponse:
            return self._origins.preflight(request, method)

        return self.guard(answer)

    async def let_read(self, request: Request, response: BaseHTTPResponse) -> None:
        """Lets the page that called read the answer; for a response middleware."""
        for name, value in self._origins.headers(request).items():
            response.headers.setdefault(name, value)


def address_of(request: Request) -> str:
    """The caller's address: the proxy's word for it where Sanic is set up to believe a proxy."""
    return str(request.remote_addr or request.ip)


def _answer_to(request: Request, error: Exception) -> HTTPResponse:
    """The contract's error for what rose; raised again where an event stream has begun and no place is left for it."""
    chosen = getattr(request.ctx, "script", HANS)
    if isinstance(error, WebError):
        return error.response(chosen)
    if isinstance(error, TokenError):
        return error_response(error.code, script=chosen)
    if isinstance(error, ContractError):
        # Only raised when strict: the test that asked for it reads where the defect is.
        return json_response({"error": {"code": "contract", "message": str(error)}}, 500)
    if isinstance(error, SanicException):
        return error_response("bad_json" if error.status_code == 400 else code_of(error), script=chosen)
    log_failure(f"{request.method} {request.path}", error)
    if request.stream is None or request.stream.response is not None:
        raise error
    if isinstance(error, StateDown):
        return storage_down().response(chosen)
    return error_response("internal", script=chosen)
