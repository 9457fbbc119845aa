"""A resident's phone with WeChat behind it: makes signed pushes and reads what comes back."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from bot.channels.wechat import xml
from bot.channels.wechat.account import Account
from bot.channels.wechat.codec import Codec, signature

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SAFE = Account("wx1234567890abcdef", "tokenoftests", "safe", KEY)
COMPATIBLE = Account("wx1234567890abcdef", "tokenoftests", "compatible", KEY)
PLAIN = Account("wx1234567890abcdef", "tokenoftests", "plain")
WECOM = Account("ww1234567890abcdef", "tokenoftests", "safe", KEY, wecom=True)
OPENID = "oResidentOfTests-0001"

_numbers = itertools.count(7_000_000_000)


def push(kind: str = "text", openid: str = OPENID, created: int | None = None, **fields: Any) -> dict[str, Any]:
    """The fields of a push; a message gets a MsgId of its own."""
    made: dict[str, Any] = {"ToUserName": "gh_0123456789ab", "FromUserName": openid,
                            "CreateTime": int(time.time()) if created is None else created, "MsgType": kind}
    if kind != "event":
        made["MsgId"] = next(_numbers)
    return {**made, **fields}


@dataclass
class Phone:
    """Sends to ``url`` for an account; ``encrypts``: as the account's mode has it, unless told otherwise."""

    url: str
    account: Account = SAFE
    now: Any = time.time
    path: str = "/webhooks/wechat/"
    nonces: Any = field(default_factory=lambda: itertools.count(1))

    def query(self, *encrypted: str, **changed: str) -> dict[str, str]:
        timestamp, nonce = str(int(self.now())), f"n{next(self.nonces)}"
        made = {"timestamp": timestamp, "nonce": nonce, "signature": signature(self.account.token, timestamp, nonce)}
        if encrypted:
            made |= {"encrypt_type": "aes",
                     "msg_signature": signature(self.account.token, timestamp, nonce, *encrypted)}
        return {**made, **changed}

    def request(self, fields: dict[str, Any], encrypts: bool | None = None) -> tuple[dict[str, str], bytes]:
        """The address's parameters and the body of a push."""
        if encrypts is False or self.account.mode == "plain":
            return self.query(), xml.write(fields)
        sealed = Codec(self.account.aes_key, self.account.receive_id).encrypt(xml.write(fields))
        outer: dict[str, Any] = {"ToUserName": fields["ToUserName"], "Encrypt": sealed}
        if self.account.mode == "compatible":
            outer = {**fields, **outer}
        return self.query(sealed), xml.write(outer)

    def post(self, fields: dict[str, Any], encrypts: bool | None = None, timeout: float = 20.0) -> requests.Response:
        query, body = self.request(fields, encrypts)
        return self.post_raw(query, body, timeout)

    def post_raw(self, query: dict[str, str], body: bytes, timeout: float = 20.0) -> requests.Response:
        return requests.post(self.url + self.path, params=query, data=body, timeout=timeout)

    def read(self, response: requests.Response) -> str:
        """The text of a reply; "" for ``success``."""
        assert response.status_code == 200, (response.status_code, response.text)
        if response.text == "success":
            return ""
        fields = xml.parse(response.content)
        if "Encrypt" in fields:
            given = signature(self.account.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            assert given == fields["MsgSignature"]
            fields = xml.parse(Codec(self.account.aes_key, self.account.receive_id).decrypt(fields["Encrypt"]))
        assert fields["MsgType"] == "text" and len(fields["Content"].encode()) <= 2048
        assert fields["FromUserName"] == "gh_0123456789ab" and fields["CreateTime"].isdigit()
        return fields["Content"]

    def say(self, text: str, openid: str = OPENID, **more: Any) -> str:
        """One text message; gives what is shown."""
        return self.read(self.post(push("text", openid, Content=text, **more)))

    def event(self, event: str, openid: str = OPENID, **more: Any) -> str:
        """One event; gives what is shown."""
        return self.read(self.post(push("event", openid, Event=event, **more)))
