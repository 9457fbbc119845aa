"""``/card/<token>``: the page of one answer, for whoever holds its signed address, until the address ends.

The address names a stored message of the contract and the second it ends, and is signed; nothing of the message or of
the resident stands in it. The message is kept no longer than the address is good, and goes with its conversation.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, html

from bot.channels.errors import log_failure
from bot.channels.limits import RateLimiter
from bot.channels.wechat.card_html import card_html, gone_html, has_page, lead_of, title_of
from bot.channels.wechat.tables import Tables, TablesDown

Message = dict[str, Any]

#: An address is good for a day, or for as long as conversations are kept where that is less. Seconds.
LIFE_S = 24 * 3600.0
#: Cards of one conversation; the oldest goes for the next.
MOST_CARDS = 40
#: Looks a minute from one address.
PER_MINUTE = 120.0
MAX_DESCRIPTION = 60
_ID_BYTES, _MAC_BYTES = 12, 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}\.[0-9a-z]{1,8}\.[A-Za-z0-9_-]{22}")
_CHINA = dt.timezone(dt.timedelta(hours=8))

SCHEMA = """
CREATE TABLE IF NOT EXISTS cards (
  id TEXT PRIMARY KEY, conversation TEXT NOT NULL, body TEXT NOT NULL, ends REAL NOT NULL, number INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS cards_conversation ON cards (conversation, number);
CREATE INDEX IF NOT EXISTS cards_ends ON cards (ends);
"""


class CardDesk:
    """Keeps messages that have a page, and signs their addresses.

    Args:
        var: the folder of ``wechat.db``.
        secret: the server's signing secret.
        public_url: where residents find us, without a slash at its end; "" and there are no pages.
        keep_s: how long conversations are kept, seconds.
        clock: Unix seconds.
    """

    def __init__(self, var: Path, secret: bytes, public_url: str, keep_s: float = LIFE_S,
                 clock: Callable[[], float] = time.time) -> None:
        # A key of its own, so that a signature made elsewhere with the same secret never opens a card.
        self._key = hmac.new(secret, b"linlitong wechat card", hashlib.sha256).digest()
        self._tables = Tables(var / "wechat.db", SCHEMA)
        self._public_url = public_url
        self._life = min(LIFE_S, keep_s)
        self._clock = clock

    async def link_for(self, conversation: str, message: Message) -> tuple[str, str, str] | None:
        """Title, description and address of the message's page, which is kept from now on. Never raises.

        None where the message has no page, and where it could not be kept.
        """
        if not self._public_url or not has_page(message):
            return None
        card, ends = secrets.token_bytes(_ID_BYTES), int(self._clock() + self._life)
        try:
            await self._keep(card.hex(), conversation, message, ends)
        except TablesDown as error:
            log_failure("Keeping a card", error)
            return None
        return title_of(message), _clipped(lead_of(message)), f"{self._public_url}/card/{self._token(card, ends)}"

    async def find(self, token: str) -> tuple[Message, float] | None:
        """The message of an address that is ours, and when it ends; None where it has ended or was deleted.

        Raises:
            ValueError: for an address that was never ours.
            TablesDown: where nothing can be read.
        """
        card, ends = self._opened(token)
        if ends <= self._clock():
            return None
        row = await self._tables.run(
            lambda db: db.execute("SELECT body FROM cards WHERE id = ?", (card.hex(),)).fetchone())
        return (json.loads(row[0]), float(ends)) if row is not None else None

    async def forget(self, conversation: str) -> int:
        """Deletes the cards of a conversation; gives how many there were. Raises TablesDown."""
        return await self._tables.erase(
            lambda db: db.execute("DELETE FROM cards WHERE conversation = ?", (conversation,)).rowcount)

    async def sweep(self) -> int:
        """Deletes cards that have ended; gives how many. Raises TablesDown."""
        now = self._clock()
        return await self._tables.erase(lambda db: db.execute("DELETE FROM cards WHERE ends <= ?", (now,)).rowcount)

    async def close(self) -> None:
        """Releases the database."""
        await self._tables.close()

    # --- inside -------------------------------------------------------------------------------------

    async def _keep(self, card: str, conversation: str, message: Message, ends: int) -> None:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))

        def keep(db: sqlite3.Connection) -> None:
            last = db.execute("SELECT coalesce(max(number), 0) FROM cards WHERE conversation = ?",
                              (conversation,)).fetchone()[0]
            db.execute("INSERT INTO cards VALUES (?, ?, ?, ?, ?)", (card, conversation, body, ends, last + 1))
            db.execute("DELETE FROM cards WHERE conversation = ? AND number <= ?",
                       (conversation, last + 1 - MOST_CARDS))

        await self._tables.run(keep)

    def _token(self, card: bytes, ends: int) -> str:
        body = f"{_encode(card)}.{_base36(ends)}"
        return f"{body}.{_encode(self._mac(body))}"

    def _opened(self, token: str) -> tuple[bytes, int]:
        if not _TOKEN.fullmatch(token):
            raise ValueError("no token")
        body, _, mac = token.rpartition(".")
        # In its canonical form: base64 would let spare bits of the last character vary.
        if not hmac.compare_digest(_encode(self._mac(body)), mac):
            raise ValueError("not ours")
        name, _, ends = body.partition(".")
        return _decode(name), int(ends, 36)

    def _mac(self, body: str) -> bytes:
        return hmac.new(self._key, body.encode("ascii"), hashlib.sha256).digest()[:_MAC_BYTES]


def install(app: Sanic, desk: CardDesk, headers: dict[str, str], per_minute: float = PER_MINUTE) -> None:
    """Adds ``GET /card/<token>``.

    Args:
        app: the app; call before it starts.
        desk: where the cards are.
        headers: the security headers of every page.
        per_minute: looks a minute from one address; 0 for no limit.
    """
    limiter = RateLimiter(per_minute, burst=int(per_minute / 3))
    always = {**headers, "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}

    async def card(request: Request, token: str) -> HTTPResponse:
        wait = limiter.retry_after(str(request.remote_addr or request.ip))
        if wait:
            return html(gone_html("打开得太快了，请等一会儿再打开"), 429, {**always, "Retry-After": str(wait)})
        try:
            found = await desk.find(token)
            if found is None:
                return html(gone_html("这个链接已经失效了"), 410, always)
            return html(card_html(found[0], _until(found[1])), headers=always)
        except ValueError:
            return html(gone_html("没有这一页"), 404, always)
        except TablesDown as error:
            log_failure("A card", error)
            return html(gone_html("这会儿打不开，请过几分钟再试"), 503, always)

    app.add_route(card, "/card/<token:str>", methods=["GET", "HEAD"], name="card")


def _until(ends: float) -> str:
    day = dt.datetime.fromtimestamp(ends, _CHINA)
    return f"{day.month}月{day.day}日{day:%H:%M}"


def _clipped(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION else text[:MAX_DESCRIPTION - 1] + "…"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("no token") from None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
