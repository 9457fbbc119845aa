"""As much of WeChat's API as our calls need, on this machine, with faults that a test chooses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

APPID, SECRET = "wx0123456789abcdef", "5ecret5ecret5ecret5ecret5ecret00"
OPENID = "oFakeOpenId-0123456789_abcd"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeWeChat:
    """The API. ``url`` is where; ``calls`` what was asked, by name; ``sent`` the messages that were taken.

    ``faults`` holds, for a call's name, what its next requests meet, in order: an errcode, or ``slow`` (no answer for
    ``slow_s``), ``drop`` (the connection ends), ``http`` (502), ``page`` (HTML), ``list`` (JSON that is no object).
    """

    def __init__(self, slow_s: float = 0.6) -> None:
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self.sent: list[dict[str, Any]] = []
        self.faults: dict[str, list[int | str]] = {}
        self.errmsg = "refused"
        self.menu: dict[str, Any] | None = None
        self.lives_s: float = 7200
        self.token_takes_s = 0.0
        self.slow_s = slow_s
        self.token = "TOKEN-1-" + "x" * 120
        self.forced = 0
        self.codes: dict[str, str] = {"login-code-1": OPENID}
        self._number = 1
        app = web.Application()
        for name, method, path, handler in (
            ("stable_token", "POST", "/cgi-bin/stable_token", self._stable_token),
            ("message/custom/send", "POST", "/cgi-bin/message/custom/send", self._send),
            ("menu/create", "POST", "/cgi-bin/menu/create", self._create),
            ("menu/get", "GET", "/cgi-bin/menu/get", self._get),
            ("menu/delete", "GET", "/cgi-bin/menu/delete", self._delete),
            ("jscode2session", "GET", "/sns/jscode2session", self._login),
        ):
            app.router.add_route(method, path, self._faulty(name, handler))
        self._server = TestServer(app)

    async def __aenter__(self) -> FakeWeChat:
        # Its own record of requests would hold the tokens, and is none of ours.
        await self._server.start_server(access_log=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("")).rstrip("/")

    def asked(self, name: str) -> int:
        return self.calls.count(name)

    def replace_token(self) -> None:
        """The token that was given out is no good any more."""
        self._number += 1
        self.token = f"TOKEN-{self._number}-" + "x" * 120

    def _faulty(self, name: str, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.calls.append(name)
            self.bodies.append(await request.read())
            waiting = self.faults.get(name)
            fault = waiting.pop(0) if waiting else None
            if fault is None:
                return await handler(request)
            if isinstance(fault, int):
                return _json({"errcode": fault, "errmsg": self.errmsg})
            if fault == "slow":
                await asyncio.sleep(self.slow_s)
                return await handler(request)
            if fault == "drop":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            if fault == "http":
                return web.Response(status=502, text="Bad Gateway")
            return web.Response(text="<html>登录</html>" if fault == "page" else "[]", content_type="text/html")

        return answer

    async def _stable_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["appid"] != APPID or body["grant_type"] != "client_credential":
            return _json({"errcode": 40013, "errmsg": "invalid appid"})
        if body["secret"] != SECRET:
            return _json({"errcode": 40125, "errmsg": "invalid appsecret"})
        await asyncio.sleep(self.token_takes_s)
        if body["force_refresh"]:
            self.forced += 1
            self.replace_token()
        return _json({"access_token": self.token, "expires_in": self.lives_s})

    def _refusal(self, request: web.Request) -> web.Response | None:
        good = request.query.get("access_token") == self.token
        return None if good else _json({"errcode": 40001, "errmsg": f"invalid credential {self.token}"})

    async def _send(self, request: web.Request) -> web.Response:
        refused = self._refusal(request)
        if refused is None:
            self.sent.append(await request.json())
        return refused or _json({"errcode": 0, "errmsg": "ok"})

    async def _create(self, request: web.Request) -> web.Response:
        refused = self._refusal(request)
        if refused is None:
            self.menu = await request.json()
        return refused or _json({"errcode": 0, "errmsg": "ok"})

    async def _get(self, request: web.Request) -> web.Response:
        if self.menu is None:
            return self._refusal(request) or _json({"errcode": 46003, "errmsg": "menu no exist"})
        return self._refusal(request) or _json({"menu": self.menu})

    async def _delete(self, request: web.Request) -> web.Response:
        refused = self._refusal(request)
        if refused is None:
            self.menu = None
        return refused or _json({"errcode": 0, "errmsg": "ok"})

    async def _login(self, request: web.Request) -> web.Response:
        openid = self.codes.pop(request.query["js_code"], "")
        if request.query["secret"] != SECRET or request.query["grant_type"] != "authorization_code":
            return _json({"errcode": 40125, "errmsg": "invalid appsecret"})
        if not openid:
            return _json({"errcode": 40029, "errmsg": "invalid code"})
        return _json({"openid": openid, "session_key": "5e55ionKey=="})


def _json(body: Any) -> web.Response:
    # WeChat's answers are labelled text/plain.
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="text/plain")
