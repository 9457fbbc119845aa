"""Opens what WeChat posts and closes what it is answered: signatures, time, encryption, XML, in the account's mode."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.wechat import inbound, xml
from bot.channels.wechat.account import Account
from bot.channels.wechat.codec import Codec, CodecError, check_signature, signature
from bot.channels.wechat.freshness import MOST_OFF_S, Stale, check_time

_MOST_ECHO = 1024


class Refused(ValueError):
    """Not from WeChat, or not for this account. ``code``: why; ``off_s``: of ``stale``, how far the clocks differ."""

    def __init__(self, code: str, off_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.off_s = off_s


class Unreadable(ValueError):
    """From WeChat, but nothing that we know how to read."""


@dataclass(frozen=True)
class Query:
    """The address's parameters, each "" where it is missing."""

    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str = ""


@dataclass(frozen=True)
class Opened:
    """A push and how it came.

    ``codec`` opened it and closes its answer (None: in the clear); ``request`` tells it from any other.
    """

    push: inbound.Inbound
    codec: Codec | None
    request: tuple[str, str, str]


class Envelope:
    """For one account. Raises CodecError where its key is none.

    Args:
        now: seconds since 1970.
        most_off_s: how far WeChat's clock may be from ours, seconds.
    """

    def __init__(self, account: Account, now: Callable[[], float], most_off_s: float = MOST_OFF_S) -> None:
        self._account = account
        keys = () if account.mode == "plain" else tuple(filter(None, (account.aes_key, account.old_aes_key)))
        self._codecs = [Codec(key, account.receive_id) for key in keys]
        self._now = now
        self._most_off = most_off_s

    def echo(self, query: Query) -> bytes:
        """The answer to the check of the address. Raises Refused."""
        if not query.echostr or len(query.echostr) > _MOST_ECHO:
            raise Refused("no_echo")
        if self._account.wecom:
            # WeCom sends the echo encrypted; its answer is the bare text, without quotes, BOM or newline.
            self._check(query.msg_signature, query, query.echostr)
            return self._decrypt(query.echostr)[0]
        # An official account sends it in the clear in every mode.
        self._check(query.signature, query)
        return query.echostr.encode("utf-8", "replace")

    def open(self, query: Query, body: bytes) -> Opened:
        """The push in ``body``. Raises Refused, or Unreadable for what is WeChat's but no message."""
        mode = self._account.mode
        if mode == "plain":
            return self._open_plain(query, body)
        try:
            encrypted = xml.parse(body).get("Encrypt", "")
        except xml.XmlError:
            raise Refused("not_xml") from None
        if not encrypted or not query.msg_signature:
            if mode == "compatible":
                return self._open_plain(query, body)
            raise Refused("not_encrypted")
        self._check(query.msg_signature, query, encrypted)
        opened, codec = self._decrypt(encrypted)
        return Opened(_read(opened), codec, (query.msg_signature, query.timestamp, query.nonce))

    def close(self, opened: Opened, text: str) -> bytes:
        """``text`` as the answer to a push."""
        made = xml.write({
            "ToUserName": opened.push.sender, "FromUserName": opened.push.receiver, "CreateTime": int(self._now()),
            "MsgType": "text", "Content": text,
        })
        if opened.codec is None:
            return made
        sealed, timestamp, nonce = opened.codec.encrypt(made), str(int(self._now())), str(secrets.randbelow(10**10))
        return xml.write({
            "Encrypt": sealed, "MsgSignature": signature(self._account.token, timestamp, nonce, sealed),
            "TimeStamp": int(timestamp), "Nonce": nonce,
        })

    def _open_plain(self, query: Query, body: bytes) -> Opened:
        self._check(query.signature, query)
        return Opened(_read(body), None, (query.signature, query.timestamp, query.nonce))

    def _decrypt(self, encrypted: str) -> tuple[bytes, Codec]:
        """Opened with the key of today, or else the one before; and what opened it."""
        code = ""
        for codec in self._codecs:
            try:
                return codec.decrypt(encrypted), codec
            except CodecError as error:
                code = code or error.code
        raise Refused(code)

    def _check(self, given: str, query: Query, *more: str) -> None:
        try:
            check_signature(given, self._account.token, query.timestamp, query.nonce, *more)
            check_time(query.timestamp, self._now(), self._most_off)
        except CodecError as error:
            raise Refused(error.code) from None
        except Stale as error:
            raise Refused("stale", error.off_s) from None


def _read(raw: bytes) -> inbound.Inbound:
    try:
        return inbound.read(xml.parse(raw))
    except (xml.XmlError, inbound.NotAMessage) as error:
        raise Unreadable(type(error).__name__) from None
