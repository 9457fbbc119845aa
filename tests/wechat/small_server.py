"""A small server of an official account, written from the protocol for these tests; it answers what a test tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Optional, Union
from xml.etree import ElementTree

from aiohttp import web

from tools.wechat_simulator.account import Account
from tools.wechat_simulator.cipher import sign

Heard = dict[str, str]
#: Gives the text of the reply, a whole body as bytes, or a response.
Answer = Callable[[Heard], Awaitable[Union[str, bytes, web.Response]]]

TOKEN, APPID, KEY = "TokenForTests", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def reply_xml(fields: Mapping[str, str]) -> bytes:
    return ("<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</xml>").encode()


class SmallServer:
    """``heard`` holds every try that came in, opened; ``queries`` the query of each."""

    def __init__(self, account: Account, answer: Answer) -> None:
        self.account = account
        self.answer = answer
        self.heard: list[Heard] = []
        self.queries: list[dict[str, str]] = []
        #: What came in as it came, and tries that were given up before the answer was ready.
        self.bodies: list[bytes] = []
        self.cut_off = 0
        #: Answers the URL check instead, where a test wants a bad one.
        self.echo: Optional[Callable[[], Awaitable[bytes]]] = None
        self._runner: Optional[web.AppRunner] = None

    async def start(self, port: int = 0) -> str:
        app = web.Application()
        app.router.add_post("/wx", self._post)
        app.router.add_get("/wx", self._get)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        return f"http://{host}:{bound}/wx"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _get(self, request: web.Request) -> web.Response:
        query = request.query
        if self.echo is not None:
            return web.Response(body=await self.echo())
        if self.account.wecom:
            sent = query["echostr"]
            assert sign(self.account.token, query["timestamp"], query["nonce"], sent) == query["msg_signature"]
            cipher = self.account.cipher()
            assert cipher is not None
            return web.Response(body=cipher.decrypt(sent))
        assert sign(self.account.token, query["timestamp"], query["nonce"]) == query["signature"]
        return web.Response(text=query["echostr"])

    async def _post(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.bodies.append(raw)
        query = dict(request.query)
        heard = {item.tag: item.text or "" for item in ElementTree.fromstring(raw)}
        cipher = self.account.cipher()
        if cipher is not None:
            assert sign(self.account.token, query["timestamp"], query["nonce"], heard["Encrypt"]) == \
                query["msg_signature"]
            outer = heard
            heard = {item.tag: item.text or "" for item in ElementTree.fromstring(cipher.decrypt(heard["Encrypt"]))}
            assert outer["ToUserName"] == heard["ToUserName"]
        else:
            assert sign(self.account.token, query["timestamp"], query["nonce"]) == query["signature"]
        self.heard.append(heard)
        self.queries.append(query)
        try:
            answer = await self.answer(heard)
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        if isinstance(answer, web.Response):
            return answer
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        return web.Response(body=self.sealed(self.text(heard, answer)))

    def text(self, heard: Heard, content: str) -> bytes:
        """A plain text reply."""
        return reply_xml({"ToUserName": heard["FromUserName"], "FromUserName": heard["ToUserName"],
                          "CreateTime": str(int(time.time())), "MsgType": "text",
                          "Content": f"<![CDATA[{content}]]>"})

    def sealed(self, plain: bytes) -> bytes:
        """A reply as the account's mode wants it."""
        cipher = self.account.cipher()
        if cipher is None:
            return plain
        encrypted = cipher.encrypt(plain)
        return reply_xml({"Encrypt": encrypted, "MsgSignature": sign(self.account.token, "1", "n", encrypted),
                          "TimeStamp": "1", "Nonce": "n"})
