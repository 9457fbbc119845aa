"""Makes bad requests for every address, and a connection that sends any bytes and reads what comes back.

Half of it is by grammar (a sound request with one or two things wrong, so that it gets past the first check), half is
junk. The same seed makes the same requests.
"""

from __future__ import annotations

import json
import random
import re
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.channels.wechat import xml
from bot.channels.wechat.codec import Codec
from tests.channels.wechat.phone import KEY, SAFE, WECOM, Phone, push

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "PROPFIND")
WORDS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    10**400,
    2**63,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    {"a": {}},
    "",
    " ",
    "\u0000",
    "\ud800",
    "\ufeff",
    "\u202e坏",
    "x" * 600,
    "长" * 600,
    "/restart",
    "/session_start",
    "//",
    "／x",
    "{memory}",
    "{0.__class__}",
    "%s%n%x",
    "${7*7}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "]]>",
    "'; DROP TABLE turns;--",
    "\r\nX-Bad: 1",
    "../../etc/passwd",
    "我妈七十五了，附近哪里能吃上便宜饭",
    "五角场",
    "删除我的记录",
    "你好",
    "hans",
    "hant",
    "510100",
    "１１",
    "𠮷",
    "e\u0301" * 40,
    "constructor",
    "__proto__",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://169.254.169.254/",
    "\x1b[31m",
    "\n\n\n",
)
FIELDS = (
    "token",
    "message_id",
    "text",
    "region",
    "location",
    "script",
    "answer_id",
    "helpful",
    "comment",
    "code",
    "odd",
)
PATHS = (
    "",
    "/",
    "/.",
    "/..",
    "/../",
    "/%2e%2e/",
    "/%00",
    "/\u4e2d",
    "//",
    "/;x",
    "/?",
    "/%zz",
    "/%ff",
    "/..%2f..%2fsecret",
    "/" + "a" * 300,
    "/.git/config",
    "/%5c..%5c",
    "/~",
    "/conversations/x/tracker",
    "/model/parse",
    "/webhooks/rest/webhook",
)
HEADERS = (
    "Content-Type: text/html",
    "Content-Type: multipart/form-data",
    "Content-Encoding: gzip",
    "Origin: null",
    "Origin: https://evil.example",
    "Origin: http://[",
    "Accept-Encoding: " + "gzip," * 300,
    "Accept: */*;q=9",
    "Range: bytes=0-1,2-3",
    "Authorization: Bearer",
    "Authorization: Basic eDp5",
    "Authorization: Bearer a.b.c",
    "Cookie: linlitong_session=x",
    "Cookie: ;;;=;\u00e9",
    "Last-Event-ID: -1",
    "Last-Event-ID: " + "9" * 40,
    "If-None-Match: *",
    "Expect: 100-continue",
    "Expect: x",
    "Connection: upgrade",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "X-Forwarded-For: 1.1.1.1, 2.2",
    "Forwarded: for=",
    "X-Forwarded-Host: evil.example",
    "X-HTTP-Method-Override: DELETE",
    "Host: evil.example",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding : chunked",
    "Content-Length: 5",
    "Content-Length: -1",
    "Content-Length: 1_0",
    " folded: 1",
    "no colon",
    "Name\x00: x",
    "Ctl: \x01\x7f",
    "X-Request-Id: " + "x" * 2000,
    "Sec-Fetch-Site: same-origin",
    "TE: trailers",
)


@dataclass
class Bad:
    """A request to send: bytes, the route it was made for, its method, and whether the bytes themselves were spoilt."""

    route: str
    method: str
    raw: bytes
    spoilt: bool = False


@dataclass
class Answer:
    """What came back; status 0 where the connection ended without an answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Fuzzer:
    """Makes requests for a server with these routes.

    Args:
        tokens: sound session tokens that may be used.
        codes: sound receipt codes and card addresses that may be spoilt.
    """

    def __init__(self, seed: int, tokens: list[str], codes: list[str] | None = None) -> None:
        self._chance = random.Random(seed)
        self._tokens = tokens
        self._codes = codes or ["LL-AAAA"]
        self._phones = {"wechat": Phone("", SAFE), "wecom": Phone("", WECOM)}

    def make(self, route: str) -> Bad:
        """A bad request for ``route``, a key of ``BODIES``."""
        chance = self._chance
        method = chance.choice(METHODS) if chance.random() < 0.2 else USUAL[route]
        path, query, body = self._address(route), "", b""
        if chance.random() < 0.9:
            more, body = BODIES[route](self)
            query = f"?{more}" if more else ""
        if chance.random() < 0.15:
            query = "?" + self._junk_query()
        lines = [f"{method} {path}{query} HTTP/1.1", "Host: 127.0.0.1", f"X-Test-Address: {self._somebody()}"]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
            if chance.random() < 0.5:
                lines.append("Content-Type: application/json")
        if chance.random() < 0.5:
            lines.append(f"Authorization: Bearer {self._token()}")
        lines += chance.sample(HEADERS, chance.choice((0, 0, 0, 0, 0, 1, 1, 2)))
        raw = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body
        spoilt = chance.random() < 0.08
        return Bad(route, method, self._spoilt(raw) if spoilt else raw, spoilt)

    def _address(self, route: str) -> str:
        chance = self._chance
        path = route
        if "<" in route:
            name = chance.choice(
                (*PATHS[3:], "widget.js", "site.css", "icon.svg", "chat.html", "index.html", *self._codes)
            )
            if name in self._codes and chance.random() < 0.6:
                at = chance.randrange(len(name))
                name = name[:at] + chance.choice("Aa0-_.") + name[at + 1 :]
            path = re.sub("<[^>]*>", lambda _: name.lstrip("/"), route)
        elif chance.random() < 0.1:
            path += chance.choice(PATHS)
        return path if chance.random() < 0.1 and path.isascii() else quote(path, safe="/%?=;.-_~\\")

    def _somebody(self) -> str:
        return ".".join(str(self._chance.randint(1, 250)) for _ in range(4))

    def _token(self) -> str:
        token = self._chance.choice(self._tokens)
        if self._chance.random() < 0.3:
            at = self._chance.randrange(len(token))
            token = token[:at] + self._chance.choice("Aa0-_.") + token[at + 1 :]
        return token

    def _junk_query(self) -> str:
        chance = self._chance
        names = (
            "script",
            "last_event_id",
            "v",
            "signature",
            "timestamp",
            "nonce",
            "echostr",
            "msg_signature",
            "token",
            "odd",
        )
        pairs = (
            f"{chance.choice(names)}={quote(str(chance.choice(WORDS)).encode('utf-8', 'replace')[:300])}"
            for _ in range(3)
        )
        return "&".join(pairs) + chance.choice(("", "&&", "&=", "&%zz=1", "&a[]=1", "#x"))

    def _spoilt(self, raw: bytes) -> bytes:
        """A few bytes changed, cut off or put in; junk altogether now and then."""
        chance = self._chance
        if chance.random() < 0.2:
            return bytes(chance.randrange(256) for _ in range(chance.randrange(1, 200))) + b"\r\n\r\n"
        at = chance.randrange(len(raw))
        return (
            raw[:at]
            + bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
            + raw[at + chance.randrange(3) :]
        )

    # --- bodies -------------------------------------------------------------------------------------

    def json_of(self, sound: dict[str, Any]) -> bytes:
        """A JSON body with something wrong with it."""
        chance = self._chance
        body: Any = dict(sound)
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            body[chance.choice((*sound, *FIELDS))] = self._value()
        kind = chance.random()
        if kind < 0.03:
            body = chance.choice((None, [], [body], "x", 1, True))
        elif kind < 0.06:
            depth = chance.choice((50, 900, 8000))
            return b'{"text":' + b"[" * depth + b"]" * chance.choice((depth, 0)) + b"}"
        elif kind < 0.09:
            return b'{"text":"a","text":"b","token":1,"token":' + json.dumps(self._token()).encode() + b"}"
        elif kind < 0.12:
            return json.dumps(body).encode() * 2
        elif kind < 0.15:
            return b'{"text": "' + b"x" * chance.choice((15_000, 17_000, 60_000)) + b'"}'
        elif kind < 0.18:
            return (
                json.dumps(body, ensure_ascii=False)
                .encode("utf-8", "replace")
                .decode()
                .encode(chance.choice(("gbk", "utf-16", "utf-8-sig")), "replace")
            )
        raw = json.dumps(body, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
        return raw[: chance.randrange(len(raw))] if kind > 0.95 else raw

    def _value(self) -> Any:
        chance = self._chance
        if chance.random() < 0.15:
            return {
                "lng": chance.choice(WORDS),
                "lat": chance.choice((31.2, *WORDS)),
                "crs": chance.choice(("wgs84", *WORDS)),
            }
        return chance.choice(WORDS)

    def session(self) -> tuple[str, bytes]:
        return "", self.json_of({"region": "510100"})

    def message(self) -> tuple[str, bytes]:
        return "", self.json_of({"token": self._token(), "message_id": f"f{self._chance.random()}", "text": "你好"})

    def feedback(self) -> tuple[str, bytes]:
        return "", self.json_of({"token": self._token(), "answer_id": "0" * 16, "helpful": True, "comment": "好"})

    def login(self) -> tuple[str, bytes]:
        return "", self.json_of({"code": "0a1b2c", "region": "510100"})

    def nothing(self) -> tuple[str, bytes]:
        return self._junk_query() if self._chance.random() < 0.5 else "", b""

    def form(self) -> tuple[str, bytes]:
        chance = self._chance
        code = chance.choice((*self._codes, *map(str, WORDS))).encode("utf-8", "replace")
        return "", chance.choice(
            (b"code=" + quote(code).encode(), code, b"code=" + code, b"&" * 50, b"code=%ff%fe", b"code=" + b"A" * 5000)
        )

    def wechat(self) -> tuple[str, bytes]:
        return self._push("wechat")

    def wecom(self) -> tuple[str, bytes]:
        return self._push("wecom")

    def _push(self, door: str) -> tuple[str, bytes]:
        chance, phone = self._chance, self._phones[door]
        kind = chance.choice(("text", "event", "voice", "location", "image", "link", "odd", ""))
        fields = {
            **push(kind or "text", f"o{chance.randrange(50)}", Content="你好", Event="CLICK", EventKey="x"),
            "MsgType": kind,
        }
        for _ in range(chance.choice((0, 1, 2))):
            fields[chance.choice([*fields, "Recognition", "Location_X", "Latitude", "Odd"])] = xml.clean(
                str(chance.choice(WORDS))
            )
        inner = xml.write(fields)
        if chance.random() < 0.1:
            inner = chance.choice(
                (
                    b"<xml>" + b"<a>" * 300,
                    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
                    b"x" * 70_000,
                    b"<xml/>",
                    inner[: len(inner) // 2],
                )
            )
        sealed = Codec(KEY, phone.account.receive_id).encrypt(inner)
        # Half of it is signed as WeChat does: only that gets to what is inside.
        query = (
            phone.query(sealed)
            if chance.random() < 0.6
            else {name: str(chance.choice(WORDS)) for name in phone.query(sealed)}
        )
        body = xml.write({"ToUserName": "gh", "Encrypt": sealed}) if chance.random() < 0.9 else inner
        text = "&".join(f"{name}={quote(value.encode('utf-8', 'replace')[:200])}" for name, value in query.items())
        return text, body


Maker = Callable[[Fuzzer], "tuple[str, bytes]"]
#: What is sent to each route. A route that is missing here fails the test of the fuzzer.
BODIES: dict[str, Maker] = {
    **{
        path: Fuzzer.nothing
        for path in (
            "/",
            "/chat",
            "/mini",
            "/health",
            "/live",
            "/ready",
            "/widget.js",
            "/static/<name:str>",
            "/card/<token:str>",
            "/webhooks/web/events",
            "/webhooks/web/history",
            "/webhooks/web/export",
            "/webhooks/web/regions",
            "/webhooks/web/conversation",
        )
    },
    "/receipt": Fuzzer.form,
    "/webhooks/web/session": Fuzzer.session,
    "/webhooks/web/message": Fuzzer.message,
    "/webhooks/web/feedback": Fuzzer.feedback,
    "/webhooks/wechat/mini-login": Fuzzer.login,
    "/webhooks/wechat": Fuzzer.wechat,
    "/webhooks/wechat/callback": Fuzzer.wechat,
    "/webhooks/wecom": Fuzzer.wecom,
    "/webhooks/wecom/callback": Fuzzer.wecom,
}
#: The method that most requests to a route have.
USUAL = {route: "POST" if maker is not Fuzzer.nothing else "GET" for route, maker in BODIES.items()}
USUAL["/webhooks/web/conversation"] = "DELETE"


class Wire:
    """One connection after the other to a server: sends bytes as they are, reads one answer.

    Its patience is well above what the server itself grants a request that does not end (``REQUEST_S``).
    """

    def __init__(self, port: int, patience_s: float = 60.0) -> None:
        self._port = port
        self._patience = patience_s
        self._socket: socket.socket | None = None
        self._left = b""

    def send(self, raw: bytes, *, may_be_half: bool = False) -> Answer:
        """The answer to ``raw``; of an event stream only the beginning.

        ``may_be_half``: where nothing comes back soon, the server is told that nothing will follow.
        """
        for _ in range(2):
            fresh = self._socket is None
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._patience)
                self._left = b""
            try:
                self._socket.sendall(raw)
                if may_be_half and not select.select([self._socket], [], [], 0.3)[0]:
                    self._socket.shutdown(socket.SHUT_WR)
                answer = self._read(raw.split(b" ", 1)[0] == b"HEAD")
            except (ConnectionError, BrokenPipeError):
                answer = Answer(0)
            # A kept connection may have been closed meanwhile; then a new one tells.
            if answer.status or fresh:
                break
            self.close()
        if answer.status != 200 or answer.headers.get("connection") == "close" or may_be_half or self._left:
            self.close()
        return answer

    def close(self) -> None:
        """Ends the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> bytes:
        assert self._socket is not None
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionResetError
        return got

    def _read(self, head_only: bool) -> Answer:
        data = self._left
        while b"\r\n\r\n" not in data or data.startswith(b"HTTP/1.1 100"):
            if data.startswith(b"HTTP/1.1 100") and b"\r\n\r\n" in data:
                data = data.split(b"\r\n\r\n", 1)[1]
                continue
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        answer = Answer(int(first.split()[1]), headers)
        if head_only or answer.status in (204, 304):
            answer.body, self._left = b"", body
        elif "content-length" in headers:
            size = int(headers["content-length"])
            while len(body) < size:
                body += self._more()
            answer.body, self._left = body[:size], body[size:]
        else:
            answer.body = body
            self.close()
            self._left = b""
        return answer
