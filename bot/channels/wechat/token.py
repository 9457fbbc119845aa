"""The access token (stable_token): fetched once for everybody, kept for all processes, renewed before it ends.

Only this file and the query of a call ever hold it; it stands in no log, no error and no repr.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from bot.channels.wechat.api_account import ApiAccount
from bot.channels.wechat.calls import ApiError, Calls
from bot.channels.wechat.errcodes import GARBLED, TIMEOUT
from bot.state.database import Database, StateDown, hold, sql

logger = logging.getLogger(__name__)

#: WeChat hands out the next token in the last five minutes of one, and lets the old one live on for that time.
EARLY_S = 290.0
#: A process that dies while it fetches keeps the others waiting no longer than this, seconds.
LEASE_S = 6.0
#: WeChat's limits of force_refresh: seconds between two, and how many a day.
FORCE_EVERY_S = 30.0
FORCES_A_DAY = 20
#: How often a process looks whether the one that fetches is done, seconds. Only while two begin at once.
_LOOK_EVERY_S = 0.05
_DAY_S = 86400.0


@dataclass(frozen=True)
class AccessToken:
    """A token and when it ends, Unix seconds."""

    value: str = field(repr=False)
    ends: float


#: Fetches a token; with True a fresh one even if the last is still good.
Fetch = Callable[[bool], Awaitable[AccessToken]]


def fetcher(account: ApiAccount, calls: Calls, clock: Callable[[], float] = time.time) -> Fetch:
    """Fetches ``account``'s token from WeChat; raises ApiError."""

    async def fetch(force: bool) -> AccessToken:
        asked = clock()
        answer = await calls.ask("stable_token", "POST", "/cgi-bin/stable_token", body={
            "grant_type": "client_credential", "appid": account.appid, "secret": account.secret,
            "force_refresh": force})
        value, lives = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or isinstance(lives, bool) or not isinstance(lives, (int, float)):
            raise ApiError("stable_token", GARBLED)
        return AccessToken(value, asked + float(lives))

    return fetch


class TokenKeeper:
    """One account's token, for all tasks of this process and all processes that share ``database``.

    Args:
        appid: whose token it is.
        fetch: see ``Fetch``.
        database: where it is kept; while it is down, each process keeps a token of its own.
        clock: Unix seconds.
    """

    def __init__(self, appid: str, fetch: Fetch, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._appid = appid
        self._fetch = fetch
        self._database = database
        self._clock = clock
        self._held: AccessToken | None = None
        self._flight: asyncio.Task[AccessToken] | None = None
        self._forced: list[float] = []

    async def get(self) -> AccessToken:
        """A token that is good. In its last minutes it is given at once, and renewed beside. Raises ApiError."""
        held = self._held
        if held is None or held.ends <= self._clock():
            return await asyncio.shield(self._obtain(""))
        if held.ends - self._clock() <= EARLY_S:
            self._obtain("")
        return held

    async def instead_of(self, bad: str) -> AccessToken:
        """Another token than ``bad``, which WeChat did not accept. Raises ApiError where none can be had."""
        for _ in range(2):
            held = self._held
            if held is not None and held.value != bad and held.ends > self._clock():
                return held
            # A flight that began before the token was refused may come back with it: then one more.
            await asyncio.shield(self._obtain(bad))
        if self._held is not None and self._held.value != bad:
            return self._held
        raise ApiError("stable_token", 40001)

    # --- one request for all who wait ------------------------------------------------------------------

    def _obtain(self, bad: str) -> asyncio.Task[AccessToken]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.get_running_loop().create_task(self._renewed(bad))
            self._flight.add_done_callback(_seen)
        return self._flight

    async def _renewed(self, bad: str) -> AccessToken:
        owner = secrets.token_hex(8)
        gives_up = self._clock() + 2 * LEASE_S
        while True:
            known = await self._claim(owner, bad)
            if isinstance(known, AccessToken):
                self._held = known
                return known
            if known:
                break
            if self._clock() >= gives_up:
                raise ApiError("stable_token", TIMEOUT)
            await asyncio.sleep(_LOOK_EVERY_S)
        fresh = None
        try:
            fresh = await self._fetch(False)
            if fresh.value == bad and await self._may_force():
                fresh = await self._fetch(True)
            self._held = fresh
            return fresh
        finally:
            await self._settle(owner, fresh)

    async def _claim(self, owner: str, bad: str) -> AccessToken | bool:
        """The token that another process fetched; else whether it is for us to fetch one."""

        def claim(db: Connection) -> AccessToken | bool:
            hold(db, f"token {self._appid}")
            now = self._clock()
            db.execute(sql("INSERT INTO wechat_tokens (appid) VALUES (:appid) ON CONFLICT (appid) DO NOTHING"),
                       {"appid": self._appid})
            token, ends, lease, lease_ends = db.execute(
                sql("SELECT token, ends, lease, lease_ends FROM wechat_tokens WHERE appid = :appid"),
                {"appid": self._appid}).one()
            if token and token != bad and ends - now > EARLY_S:
                return AccessToken(token, ends)
            # A lease that ends later than any of ours is of a clock that was put back.
            if lease not in ("", owner) and now < lease_ends <= now + LEASE_S:
                return False
            db.execute(sql("UPDATE wechat_tokens SET lease = :owner, lease_ends = :ends WHERE appid = :appid"),
                       {"owner": owner, "ends": now + LEASE_S, "appid": self._appid})
            return True

        try:
            return await self._database.run(claim)
        except StateDown as error:
            logger.warning("the token is not shared between processes for now: %s", error)
            return True

    async def _settle(self, owner: str, fresh: AccessToken | None) -> None:
        def settle(db: Connection) -> None:
            if fresh is not None:
                db.execute(sql("UPDATE wechat_tokens SET token = :token, ends = :ends WHERE appid = :appid"),
                           {"token": fresh.value, "ends": fresh.ends, "appid": self._appid})
            db.execute(sql("UPDATE wechat_tokens SET lease = '' WHERE appid = :appid AND lease = :owner"),
                       {"appid": self._appid, "owner": owner})

        with contextlib.suppress(StateDown):  # said when it was claimed; the lease ends by itself
            await self._database.run(settle)

    async def _may_force(self) -> bool:
        """Whether WeChat's limits leave room for one more forced refresh, which is counted then."""
        now = self._clock()

        def count(db: Connection) -> bool:
            hold(db, f"token {self._appid}")
            db.execute(sql("DELETE FROM wechat_forced WHERE at <= :since OR at > :now"),
                       {"since": now - _DAY_S, "now": now})
            times, last = db.execute(
                sql("SELECT count(*), coalesce(max(at), 0) FROM wechat_forced WHERE appid = :appid"),
                {"appid": self._appid}).one()
            if times >= FORCES_A_DAY or now - last < FORCE_EVERY_S:
                return False
            db.execute(sql("INSERT INTO wechat_forced (appid, at) VALUES (:appid, :at)"),
                       {"appid": self._appid, "at": now})
            return True

        self._forced = [at for at in self._forced if now - _DAY_S < at <= now]
        if len(self._forced) >= FORCES_A_DAY or (self._forced and now - self._forced[-1] < FORCE_EVERY_S):
            return False
        try:
            allowed = await self._database.run(count)
        except StateDown:
            allowed = True
        if allowed:
            self._forced.append(now)
        return allowed


def _seen(flight: asyncio.Task[AccessToken]) -> None:
    """A renewal beside the calls has nobody who waits for its failure; the next call tries again and says so."""
    if not flight.cancelled():
        flight.exception()
