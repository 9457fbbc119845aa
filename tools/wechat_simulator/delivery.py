"""Brings one push to the server: signed, perhaps encrypted, tried up to three times."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Optional

import aiohttp

from tools.wechat_simulator.account import Account, Timing
from tools.wechat_simulator.cipher import sign
from tools.wechat_simulator.clock import Clock
from tools.wechat_simulator.faults import NO_FAULTS, PushFaults
from tools.wechat_simulator.pushes import Push
from tools.wechat_simulator.replies import Malformed, Reply, read_reply
from tools.wechat_simulator.xml_text import Value, write


@dataclass(frozen=True)
class Try:
    """One try. ``result``: reply, stop, malformed, timeout, refused, status or lost."""

    result: str
    #: How long it took, seconds of the wall clock.
    seconds: float
    #: What was wrong, for people.
    detail: str = ""
    reply: Optional[Reply] = None


@dataclass
class Delivered:
    """How a push ended. ``result``: reply, stop (success or an empty body), malformed or gave up."""

    result: str = "gave up"
    reply: Optional[Reply] = None
    tries: list[Try] = field(default_factory=list)
    #: Replies to a copy of a push that was answered already; WeChat is assumed to show one reply a push.
    spare_replies: int = 0

    @property
    def trouble(self) -> str:
        """What was wrong with the last try that went wrong."""
        return next((item.detail or item.result for item in reversed(self.tries)
                     if item.result not in ("reply", "stop")), "")


class Delivery:
    """Pushes to one account's server. Close it when done."""

    def __init__(self, account: Account, timing: Timing, clock: Clock, *, same_nonce: bool = False) -> None:
        """``same_nonce``: a retry repeats timestamp and nonce of the first try. The documents do not say which."""
        self._account = account
        self._timing = timing
        self._clock = clock
        self._cipher = account.cipher()
        self._same_nonce = same_nonce
        self._session: Optional[aiohttp.ClientSession] = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # A connection a try: giving up must be seen by the server as a connection that closes.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0),
                                                  headers={"User-Agent": "Mozilla/4.0"})
        return self._session

    # --- the URL check --------------------------------------------------------------------------

    async def verify(self) -> str:
        """Check the URL as the console does when it is saved; "" or, in Chinese, why it fails."""
        echo = str(secrets.randbelow(10 ** 19))
        stamp, nonce = self._stamp()
        patience = self._timing.verify_wecom_s if self._account.wecom else self._timing.verify_s
        if self._account.wecom:
            assert self._cipher is not None
            sent = self._cipher.encrypt(echo.encode())
            query = {"msg_signature": sign(self._account.token, stamp, nonce, sent)}
        else:
            sent = echo
            query = {"signature": sign(self._account.token, stamp, nonce)}
        query |= {"timestamp": stamp, "nonce": nonce, "echostr": sent}
        try:
            async with self._http().get(self._account.url, params=query, allow_redirects=False,
                                        timeout=aiohttp.ClientTimeout(total=patience)) as answer:
                body = await answer.read()
        except asyncio.TimeoutError:
            return f"{patience:g} 秒内没有回答"
        except aiohttp.ClientError as error:
            return f"连不上（{error.__class__.__name__}）"
        if answer.status != 200:
            return f"状态码是 {answer.status}"
        return "" if body == echo.encode() else f"要原样返回 {echo}，返回的是 {body[:60]!r}"

    # --- a push ---------------------------------------------------------------------------------

    async def push(self, push: Push, openid: str, msg_id: int, created: int, faults: PushFaults = NO_FAULTS
                   ) -> Delivered:
        """Try until the server has answered, or three times. ``created``: CreateTime, the same in every try."""
        fields: dict[str, Value] = {"ToUserName": self._account.name, "FromUserName": openid, "CreateTime": created,
                                    **push.fields}
        if not push.is_event:
            fields["MsgId"] = msg_id
        if self._account.wecom:
            fields["AgentID"] = int(self._account.agent_id)
        done = Delivered()
        query_stamp = self._stamp()
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s)
        for number in range(self._timing.tries):
            if number and not self._same_nonce:
                query_stamp = self._stamp()
            copies = faults.copies if number == 0 else 1
            lost = number < faults.lost_replies
            made = await asyncio.gather(*(self._try(fields, query_stamp, push, openid, lost) for _ in range(copies)))
            done.tries += made
            told = next((item for item in made if item.result == "reply"), None) or \
                next((item for item in made if item.result in ("stop", "malformed")), None)
            if told is not None:
                done.result, done.reply = told.result, told.reply
                done.spare_replies = sum(item.result == "reply" for item in made) - (told.result == "reply")
                return done
            if all(item.result in ("refused", "status") for item in made) and number + 1 < self._timing.tries:
                await asyncio.sleep(self._timing.pause_s)
        return done

    async def _try(self, fields: dict[str, Value], stamp: tuple[str, str], push: Push, openid: str, lost: bool) -> Try:
        began = time.monotonic()
        query, body = self._packed(fields, *stamp)
        patience = self._timing.patience_s
        try:
            async with self._http().post(self._account.url, params=query, data=body.encode(),
                                         headers={"Content-Type": "text/xml"}, allow_redirects=False,
                                         timeout=aiohttp.ClientTimeout(total=patience)) as answer:
                content = await answer.read()
        except asyncio.TimeoutError:
            return Try("timeout", time.monotonic() - began, f"{patience:g} 秒内没有回答")
        except (aiohttp.ClientError, ConnectionError) as error:
            return Try("refused", time.monotonic() - began, f"连接断了（{error.__class__.__name__}）")
        took = time.monotonic() - began
        if lost:
            # WeChat never learns that there was an answer: for it the five seconds pass.
            await asyncio.sleep(max(0.0, patience - took))
            return Try("lost", took, "回复在路上丢了")
        if answer.status != 200:
            # WeCom's documents say that this is tried again; assumed of official accounts as well.
            return Try("status", took, f"状态码是 {answer.status}")
        try:
            reply = read_reply(content, self._account, openid, push)
        except Malformed as error:
            return Try("malformed", took, str(error))
        return Try("stop" if reply is None else "reply", took, reply=reply)

    def _packed(self, fields: dict[str, Value], stamp: str, nonce: str) -> tuple[dict[str, str], str]:
        """The query and the body of one try."""
        account = self._account
        plain = write(fields)
        # WeCom has no signature of the query alone.
        query = {} if account.wecom else {"signature": sign(account.token, stamp, nonce)}
        query |= {"timestamp": stamp, "nonce": nonce}
        if not account.wecom:
            query["openid"] = str(fields["FromUserName"])
        if self._cipher is None:
            return query, plain
        encrypted = self._cipher.encrypt(plain.encode())
        query["msg_signature"] = sign(account.token, stamp, nonce, encrypted)
        if account.wecom:
            return query, write({"ToUserName": account.name, "AgentID": account.agent_id, "Encrypt": encrypted})
        query["encrypt_type"] = "aes"
        outer = fields if account.mode == "compatible" else {"ToUserName": account.name}
        return query, write({**outer, "Encrypt": encrypted})

    def _stamp(self) -> tuple[str, str]:
        return str(int(self._clock.now())), str(secrets.randbelow(2 ** 31))

