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
import time
from collections.abc import Callable
from typing import Any

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, html
from sqlalchemy.engine import Connection

from bot.channels.errors import log_failure
from bot.channels.limits import RateLimiter
from bot.channels.wechat.card_html import card_html, gone_html, has_page, lead_of, title_of
from bot.cluster.joining import shared_buckets
from bot.state.database import Database, StateDown, hold, sql
from bot.state.schema import wechat_cards
from bot.state.unit import unit_now

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


class CardDesk:
    """Keeps messages that have a page, and signs their addresses.

    Args:
        database: where they are kept.
        secret: the server's signing secret.
        public_url: where residents find us, without a slash at its end; "" and there are no pages.
        keep_s: how long conversations are kept, seconds.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, secret: bytes, public_url: str, keep_s: float = LIFE_S,
                 clock: Callable[[], float] = time.time) -> None:
        # A key of its own, so that a signature made elsewhere with the same secret never opens a card.
        self._key = hmac.new(secret, b"linlitong wechat card", hashlib.sha256).digest()
        self._database = database
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
        except StateDown as error:
            log_failure("Keeping a card", error)
            return None
        return title_of(message), _clipped(lead_of(message)), f"{self._public_url}/card/{self._token(card, ends)}"

    async def find(self, token: str) -> tuple[Message, float] | None:
        """The message of an address that is ours, and when it ends; None where it has ended or was deleted.

        Raises:
            ValueError: for an address that was never ours.
            StateDown: where nothing can be read.
        """
        card, ends = self._opened(token)
        if ends <= self._clock():
            return None
        row = await self._database.read(
            lambda db: db.execute(sql("SELECT body FROM wechat_cards WHERE id = :id"), {"id": card.hex()}).first())
        return (json.loads(row[0]), float(ends)) if row is not None else None

    async def forget(self, conversation: str) -> int:
        """Deletes the cards of a conversation: at once, or with the turn under way; gives how many there were.

        Raises StateDown.
        """
        def count(db: Connection) -> int:
            return int(db.execute(sql("SELECT count(*) FROM wechat_cards WHERE conversation = :conversation"),
                                  {"conversation": conversation}).scalar())

        unit = unit_now(self._database)
        if unit is not None:
            unit.erase(conversation)
            return await self._database.read(count)
        return await self._database.erase(lambda db: int(db.execute(
            sql("DELETE FROM wechat_cards WHERE conversation = :conversation"),
            {"conversation": conversation}).rowcount))

    async def sweep(self) -> int:
        """Deletes cards that have ended; gives how many. Raises StateDown."""
        now = self._clock()
        return await self._database.erase(lambda db: int(db.execute(
            sql("DELETE FROM wechat_cards WHERE ends <= :now"), {"now": now}).rowcount))

    async def close(self) -> None:
        """Releases the database."""
        await self._database.close()

    # --- inside -------------------------------------------------------------------------------------

    async def _keep(self, card: str, conversation: str, message: Message, ends: int) -> None:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))

        def keep(db: Connection) -> None:
            hold(db, conversation)
            number = 1 + int(db.execute(
                sql("SELECT coalesce(max(number), 0) FROM wechat_cards WHERE conversation = :conversation"),
                {"conversation": conversation}).scalar())
            db.execute(wechat_cards.insert(), {
                "id": card, "conversation": conversation, "body": body, "ends": ends, "number": number})
            db.execute(
                sql("DELETE FROM wechat_cards WHERE conversation = :conversation AND number <= :oldest"),
                {"conversation": conversation, "oldest": number - MOST_CARDS})

        await self._database.run(keep)

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
    limiter = RateLimiter(per_minute, burst=int(per_minute / 3), shared=shared_buckets(), limit="cards")
    always = {**headers, "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}

    async def card(request: Request, token: str) -> HTTPResponse:
        wait = await limiter.retry_after(str(request.remote_addr or request.ip))
        if wait:
            return html(gone_html("打开得太快了，请等一会儿再打开"), 429, {**always, "Retry-After": str(wait)})
        try:
            found = await desk.find(token)
            if found is None:
                return html(gone_html("这个链接已经失效了"), 410, always)
            return html(card_html(found[0], _until(found[1])), headers=always)
        except ValueError:
            return html(gone_html("没有这一页"), 404, always)
        except StateDown as error:
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
