"""The part of api.weixin.qq.com that the account calls: tokens, customer-service messages, the menu."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tools.wechat_simulator import menu
from tools.wechat_simulator.replies import MOST_TEXT_BYTES
from tools.wechat_simulator.wechat import WeChat

#: errcode → errmsg, of those that are answered here.
MESSAGES = {
    0: "ok", 40001: "invalid credential, access_token is invalid or not latest", 40002: "invalid grant_type",
    40003: "invalid openid", 40008: "invalid message type", 40013: "invalid appid", 40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40125: "invalid appsecret", 41001: "access_token missing", 42001: "access_token expired",
    43002: "require POST method", 44002: "empty post data", 44004: "empty content",
    45002: "content size out of limit", 45008: "article size out of limit", 45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit", 45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit", 46003: "menu no exist", 47001: "data format error",
    48001: "api unauthorized",
}


@dataclass(frozen=True)
class ApiFault:
    """What goes wrong with one call."""

    #: ``slow``, ``status``, ``drop`` (the connection) or ``expire`` (every token so far).
    kind: str
    #: Seconds for ``slow``, the code for ``status``.
    value: float = 0.0
    #: The end of the path of the calls that it waits for; "" for any.
    path: str = ""


@dataclass(frozen=True)
class Call:
    """One call that came in. The token is not kept."""

    path: str
    status: int
    errcode: int
    body: Any = None


@dataclass
class Api:
    """The API of one account. ``faults`` strike one call each, in order; ``calls`` are those that were answered."""

    wechat: WeChat
    faults: deque[ApiFault] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)

    def routes(self) -> list[web.RouteDef]:
        """The calls, for an aiohttp application."""
        def route(path: str, answer: Callable[[web.Request, Any], Awaitable[dict[str, Any]]], *, token: bool = True,
                  post: bool = True) -> web.RouteDef:
            return web.route("*", f"/cgi-bin/{path}", self._guarded(answer, token, post))

        return [route("stable_token", self._stable_token, token=False), route("message/custom/send", self._send),
                route("menu/create", self._menu_create), route("menu/get", self._menu_get, post=False),
                route("menu/delete", self._menu_delete, post=False)]

    def app(self) -> web.Application:
        """An application with nothing but the API."""
        app = web.Application()
        app.add_routes(self.routes())
        return app

    def count(self, path: str) -> int:
        """How many calls to a path that ends so were answered."""
        return sum(call.path.endswith(path) for call in self.calls)

    # --- every call -----------------------------------------------------------------------------

    def _guarded(self, answer: Callable[[web.Request, Any], Awaitable[dict[str, Any]]], token: bool, post: bool
                 ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            raw = await request.read()
            if self.faults and request.path.endswith(self.faults[0].path):
                fault = self.faults.popleft()
                if fault.kind == "slow":
                    await asyncio.sleep(fault.value)
                elif fault.kind == "drop":
                    assert request.transport is not None
                    request.transport.abort()
                    return web.Response()
                elif fault.kind == "status":
                    self.calls.append(Call(request.path, int(fault.value), 0))
                    return web.Response(status=int(fault.value), text="<html>Bad Gateway</html>",
                                        content_type="text/html")
                elif fault.kind == "expire":
                    self.wechat.tokens.revoke()
                else:
                    raise ValueError(f"unknown fault {fault.kind!r}")
            body, answered = await self._answered(request, raw, answer, token, post)
            self.calls.append(Call(request.path, 200, answered.get("errcode", 0), None if not token else body))
            # Real answers come as text/plain, whatever one asks for.
            return web.Response(text=json.dumps(answered, ensure_ascii=False), content_type="text/plain")

        return handle

    async def _answered(self, request: web.Request, raw: bytes,
                        answer: Callable[[web.Request, Any], Awaitable[dict[str, Any]]], token: bool, post: bool
                        ) -> tuple[Any, dict[str, Any]]:
        if token:
            errcode = self.wechat.tokens.check(request.query.get("access_token", ""))
            if errcode:
                return None, _error(errcode)
            if not self.wechat.account.verified:
                return None, _error(48001)
        if not post:
            return None, await answer(request, None)
        if request.method != "POST":
            return None, _error(43002)
        if not raw:
            return None, _error(44002)
        # An escape is taken as it stands, so that users would read backslashes; WeChat refuses it.
        if b"\\u" in raw:
            return None, _error(40033)
        try:
            body = json.loads(raw.decode())
        except ValueError:
            return None, _error(47001)
        if not isinstance(body, dict):
            return None, _error(47001)
        return body, await answer(request, body)

    # --- the calls ------------------------------------------------------------------------------

    async def _stable_token(self, _request: web.Request, body: Any) -> dict[str, Any]:
        account = self.wechat.account
        if body.get("grant_type") != "client_credential":
            return _error(40002)
        if body.get("appid") != account.appid:
            return _error(40013)
        if body.get("secret") != account.secret:
            return _error(40125)
        issued = self.wechat.tokens.issue(bool(body.get("force_refresh", False)))
        if isinstance(issued, int):
            return _error(issued)
        return {"access_token": issued[0], "expires_in": issued[1]}

    async def _send(self, _request: web.Request, body: Any) -> dict[str, Any]:
        wechat, user, kind = self.wechat, body.get("touser"), body.get("msgtype")
        if not isinstance(user, str) or not user:
            return _error(40003)
        content = body.get(kind) if isinstance(kind, str) else None
        if kind not in ("text", "news", "msgmenu") or not isinstance(content, dict):
            return _error(40008)
        text, articles, choices, errcode = _content(kind, content)
        errcode = errcode or (wechat.may_send(user) if user in wechat.followers else 45015)
        if not errcode:
            wechat.show_service_message(user, kind, text, articles=articles, choices=choices)
        return _error(errcode)

    async def _menu_create(self, _request: web.Request, body: Any) -> dict[str, Any]:
        try:
            self.wechat.menu = menu.checked(body)
        except menu.MenuError as error:
            return {"errcode": error.errcode, "errmsg": str(error)}
        return _error(0)

    async def _menu_get(self, _request: web.Request, _body: Any) -> dict[str, Any]:
        return _error(46003) if self.wechat.menu is None else self.wechat.menu.as_data()

    async def _menu_delete(self, _request: web.Request, _body: Any) -> dict[str, Any]:
        self.wechat.menu = None
        return _error(0)


def _error(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": MESSAGES[errcode]}


def _content(kind: str, content: dict[str, Any]
             ) -> tuple[str, tuple[dict[str, str], ...], tuple[tuple[str, str], ...], int]:
    """Text, articles and choices of a customer-service message, and the errcode of one that is refused."""
    if kind == "text":
        text = str(content.get("content", ""))
        return text, (), (), _text_error(text)
    if kind == "news":
        given = content.get("articles") or []
        articles = tuple({"title": str(item.get("title", "")), "description": str(item.get("description", "")),
                          "picture": str(item.get("picurl", "")), "url": str(item.get("url", ""))} for item in given)
        if len(articles) > 1:
            return "", (), (), 45008
        return (articles[0]["title"], articles, (), 0) if articles and articles[0]["title"] else ("", (), (), 44004)
    choices = tuple((str(item.get("id", "")), str(item.get("content", ""))) for item in content.get("list") or [])
    text = "\n".join([str(content.get("head_content", "")), *(line for _, line in choices),
                      str(content.get("tail_content", ""))])
    if not choices or not all(name and line for name, line in choices):
        return "", (), (), 44004
    return text, (), choices, _text_error(text)


def _text_error(text: str) -> int:
    if not text.strip():
        return 44004
    return 45002 if len(text.encode()) > MOST_TEXT_BYTES else 0
