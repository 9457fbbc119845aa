"""The WeChat channel: WeChat's calls over HTTP. It opens, joins tries, queues, and closes; it decides nothing.

Unlike the web's, its answers are always 200 once a request is known to be WeChat's: whatever else it gets, WeChat shows
“该公众号暂时无法提供服务”.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, raw, text

from bot.channels.asking import Asker, Said, forgets, ready_agent, urgent
from bot.channels.collect import Message, error_message
from bot.channels.errors import WebError, log_failure
from bot.channels.forget import CannotForget, forget_tracker
from bot.channels.limits import RateLimiter
from bot.channels.session import load_secret
from bot.channels.turns import Turns
from bot.channels.wechat import inbound
from bot.channels.wechat.account import Account, official_account, wecom_app
from bot.channels.wechat.answering import Answering, Turn, quoted, silent
from bot.channels.wechat.cut import MAX_BYTES as MAX_TEXT_BYTES
from bot.channels.wechat.cut import size
from bot.channels.wechat.draw import Drawer, LinkFor
from bot.channels.wechat.envelope import Envelope, Opened, Query, Refused, Unreadable
from bot.channels.wechat.fit import Fitter, Say
from bot.channels.wechat.freshness import MOST_OFF_S
from bot.channels.wechat.residents import Residents
from bot.channels.wechat.sender import Heard, Sender
from bot.channels.wechat.state import Answer, Kept, Place, Reply, State
from bot.channels.wechat.store import Store
from bot.channels.wechat.tries import Letter, Replayed, Settle, Timing, Tries
from bot.channels.wechat.wording import say as staffs_words
from bot.channels.wechat.xml import MAX_BYTES
from bot.cluster.joining import cluster as joined_cluster
from bot.draining import seconds_left
from bot.observing.arrivals import limited
from bot.observing.turn import arrive, worked
from bot.settings import settings, whole_number
from bot.state.database import StateDown, database_of

if TYPE_CHECKING:
    from bot.cluster.environment import Cluster

logger = logging.getLogger(__name__)

#: What stops WeChat's retries without saying anything to the resident.
SUCCESS = "success"
#: So long behind the answer goes its article, so that it is seen below it, seconds.
ARTICLE_AFTER_S = 0.5
#: The same refusal is logged once in so many seconds.
_COMPLAIN_EVERY_S = 60.0


class WeChatInput(InputChannel):
    """``/webhooks/wechat/`` for an official account; off, without any address, where no account is given.

    Args:
        var: folder for the secret and the store.
        account: the account; None for off.
        sender: sends what came too late for a reply; used only with the account's right. None: nothing is sent.
        timing: WeChat's times.
        say: gives a wording of the staff's texts.
        link_for: the page of a message, if it has one.
        turn_timeout_s: how long the bot may take over one message, seconds.
        per_minute: messages a minute of one resident; 0 for no limit.
        keep_s: how long anything is kept, seconds.
        most_off_s: how far WeChat's clock may be from ours, seconds.
        strict: raise where a reply breaks the contract, instead of an apology (for tests).
        now: seconds since 1970.
        cluster: shared with other processes; None for one on its own.
    """

    def __init__(
        self,
        var: Path | str = "var",
        account: Account | None = None,
        sender: Sender | None = None,
        timing: Timing | None = None,
        say: Say = staffs_words,
        link_for: LinkFor | None = None,
        turn_timeout_s: float = 30.0,
        per_minute: float = 60.0,
        keep_s: float = 24 * 3600.0,
        most_off_s: float = MOST_OFF_S,
        strict: bool = False,
        now: Callable[[], float] = time.time,
        cluster: Cluster | None = None,
    ) -> None:
        self.account = account
        self._on_new_message: Callable[[UserMessage], Awaitable[Any]]
        if account is None:
            return
        self._now = now
        self._timing = timing or Timing()
        self._envelope = Envelope(account, now, most_off_s)
        self._residents = Residents(load_secret(Path(var)), f"{self.name()} {account.receive_id}")
        self._sender = sender
        fitter = Fitter(say)
        self._store = Store(database_of(Path(var)), secrets.token_hex(8), keep_s, self._timing.lease,
                            self._timing.window, now)
        self._tries = Tries(self._store, self._timing, fitter.fit, fitter.fit_late, now)
        self._cluster = cluster
        self._answering = Answering(say, Drawer(say), keep_s / 3600, now, link_for)
        self._asker = Asker(self.name(), turn_timeout_s, strict)
        self._turns = Turns(order=cluster.locks if cluster is not None else None)
        self._limiter = RateLimiter(per_minute, burst=max(int(per_minute / 3), 1), limit=self.name(),
                                    shared=cluster.rates if cluster is not None else None)
        self._complained: dict[str, float] = {}
        self._beside: set[asyncio.Task[None]] = set()
        self._forget_pages: Callable[[str], Awaitable[object]] | None = None

    @classmethod
    def name(cls) -> str:
        """The channel's name and the last part of its address."""
        return "wechat"

    @classmethod
    def configured(cls) -> Account | None:
        """The account of the environment. Raises CannotServe for a wrong value."""
        return official_account()

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> WeChatInput:
        """Builds the channel from its entry in ``credentials.yml``; the account is the environment's alone."""
        given = credentials or {}
        account = cls.configured()
        if account is None:
            logger.info("%s: no token, so the channel is off", cls.name())
        return cls(
            var=settings().var,
            account=account,
            turn_timeout_s=float(given.get("turn_timeout_s", 30.0)),
            per_minute=float(whole_number("LINLITONG_SESSION_PER_MINUTE", 60, least=0, most=1_000_000)),
            keep_s=settings().keep_hours * 3600,
            cluster=joined_cluster() if account is not None else None,
        )

    def use_sender(self, sender: Sender) -> None:
        """Sends through ``sender`` from now on; for an account that has the right."""
        self._sender = sender

    def use_pages(self, link_for: LinkFor, forget: Callable[[str], Awaitable[object]]) -> None:
        """Answers have pages from now on; ``forget`` deletes those of a conversation."""
        if self.account is not None:
            self._answering.use_links(link_for)
            self._forget_pages = forget

    def get_output_channel(self) -> Optional[OutputChannel]:
        """None: a resident who is not known by OpenID cannot be written to unasked."""
        return None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """WeChat's calls as a Sanic blueprint."""
        self._on_new_message = on_new_message
        door = Blueprint(self.name())
        if self.account is None:
            return door

        async def echo(request: Request) -> HTTPResponse:
            return await self._echo(request)

        async def push(request: Request) -> HTTPResponse:
            with arrive(self.name()):
                return await self._push(request)

        for path, label in (("/", "root"), ("/callback", "callback")):
            door.add_route(echo, path, methods=["GET"], name=f"{label}_echo")
            # stream=True lets the body be read, and refused, piece by piece; Sanic marks the function with it.
            door.add_route(push, path, methods=["POST"], name=f"{label}_push", stream=True)
        door.listener("before_server_stop")(self._stop)
        door.listener("after_server_stop")(self._part)
        return door

    async def _stop(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await self._tries.drain(timeout_s=seconds_left(app))
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._store.close()

    async def _part(self, _app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        if self._cluster is not None:
            await self._cluster.close()

    # --- for the server around it -------------------------------------------------------------------

    async def sweep(self) -> int:
        """Deletes what has expired; gives how much there was."""
        return 0 if self.account is None else await self._store.sweep()

    async def storage_trouble(self) -> str:
        """Why nothing can be kept (or deleted) at the moment, in words; "" while all is well."""
        if self.account is None:
            return ""
        try:
            await self._store.probe()
        except StateDown as error:
            log_failure("Trying the storage of WeChat", error)
            return "存微信对话的数据库写不进去"
        return ""

    # --- the calls --------------------------------------------------------------------------------

    async def _echo(self, request: Request) -> HTTPResponse:
        try:
            echo = self._envelope.echo(_query(request))
        except Refused as error:
            return self._refuse(error)
        return raw(echo, content_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})

    async def _push(self, request: Request) -> HTTPResponse:
        try:
            body = await _body(request)
            if body is None:
                return text("too large", status=413)
            opened = self._envelope.open(_query(request), body)
        except Refused as error:
            return self._refuse(error)
        except Unreadable:
            self._complain("a push could not be read")
            return text(SUCCESS)
        except SanicException:
            raise  # a broken connection, a body that never came
        try:
            reply = await self._reply(request.app, opened)
        except Replayed:
            return self._refuse(Refused("replayed"))
        except Exception as error:  # whatever breaks, WeChat must not tell residents that we are out of order
            log_failure("A push", error)
            reply = ""
        if not reply:
            return text(SUCCESS)
        return raw(self._envelope.close(opened, reply), content_type="application/xml; charset=utf-8")

    def _refuse(self, error: Refused) -> HTTPResponse:
        off = "" if error.off_s is None else f"; WeChat's clock is {error.off_s:.0f} s off ours"
        self._complain(f"a request was refused: {error.code}{off}", key=error.code)
        return text(error.code, status=403)

    def _complain(self, what: str, key: str = "") -> None:
        """Says something once a minute; whoever knocks at the address must not fill the disk with it."""
        now = time.monotonic()
        if now - self._complained.get(key or what, float("-inf")) >= _COMPLAIN_EVERY_S:
            self._complained[key or what] = now
            logger.warning("%s: %s", self.name(), what)

    # --- a push -----------------------------------------------------------------------------------

    async def _reply(self, app: Sanic, opened: Opened) -> str:
        """The text to reply; "" for ``success``."""
        assert self.account is not None
        push = opened.push
        conversation = self._residents.conversation(push.sender)
        if silent(push):
            await self._take_note(app, push, conversation)
            return ""
        key = self._residents.message(push.identity)
        letter = Letter(key, conversation, self._residents.request(*opened.request), quoted(push), push.created)
        turn = Turn(push, conversation, key[:32], self.account.region,
                    partial(self._ask, app, push.sender, conversation), partial(self._note_place, conversation))
        sender = self._sending
        late = partial(self._send_late, sender, push.sender) if sender is not None else None
        return await self._tries.take(letter, partial(self._work, turn), late, partial(self._in_order, turn))

    @property
    def _sending(self) -> Sender | None:
        """What may be sent through outside of replies; None where nothing is set up, or the account has no right."""
        assert self.account is not None
        return self._sender if "service" in self.account.rights else None

    async def _work(self, turn: Turn, state: State) -> Answer:
        """Answers; never raises."""
        try:
            answer = await worked(self._answering.answer(turn, state))
            self._send_article(turn.push, answer)
            return answer
        except Exception as error:
            log_failure("A turn of WeChat", error)
            return self._answering.broken("bot_failure")

    async def _in_order(self, turn: Turn, state: State, settle: Settle) -> Answer:
        """Has a message worked and stored in its conversation's order."""
        self._tell_sender(turn.push)
        if await self._limiter.retry_after(turn.conversation):
            limited(self.name())
            return await settle(self._answering.too_many())
        try:
            answer: Answer = await self._turns.run(
                turn.conversation, turn.message_id, lambda: settle(None),
                without=partial(self._urgently, turn, state, settle), patience_s=self._timing.wait * self._timing.tries)
            return answer
        except WebError as error:
            # The resident's queue is full; or the order could not be found out for as long as WeChat asks.
            full = error.code != "no_order"
            return await settle(self._answering.too_many() if full else self._answering.broken("bot_failure"))

    async def _urgently(self, turn: Turn, state: State, settle: Settle) -> Answer | None:
        """The answer to a message whose turn cannot be found out, if it is urgent; the bot remembers nothing of it."""
        with self._store.aside():
            answer = await self._answering.answer(turn, state)
        return await worked(settle(answer)) if answer.urgent else None

    def _send_article(self, push: inbound.Inbound, answer: Answer) -> None:
        """An answer with a page of its own is shown as an article, too, behind the reply, where the account may."""
        sender = self._sending
        if answer.link is None or sender is None:
            return
        title, description, address = answer.link

        async def send() -> None:
            await asyncio.sleep(ARTICLE_AFTER_S)
            await sender.news(push.sender, title, description, address)

        self._aside(send())

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something that no reply waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _tell_sender(self, push: inbound.Inbound) -> None:
        """Lets the sender know that something may be sent now, without waiting for it."""
        sender = self._sending
        if sender is not None:
            self._aside(sender.heard(push.sender, _heard(push)))

    async def _ask(self, app: Sanic, openid: str, conversation: str, said: Said) -> tuple[list[Message], bool]:
        """The bot's messages; where they say that all was deleted, it is, before anybody hears of it."""
        agent = ready_agent(app)
        if agent is None:
            return [error_message("starting", said.region)], False
        with self._store.turn() as unit:
            replies = await self._asker.ask(self._on_new_message, said)
            if unit.failed and not any(urgent(reply) for reply in replies):
                # The conversation could not be read: whatever the bot made of the message alone may be wrong.
                return [error_message("bot_failure", said.region)], False
        if not any(forgets(reply) for reply in replies):
            return replies, False
        if await self._forget(app, openid, conversation):
            return replies, True
        return [error_message("not_deleted", said.region)], False

    async def _take_note(self, app: Sanic, push: inbound.Inbound, conversation: str) -> None:
        """What asks for no answer, but for something to be done."""
        if isinstance(push, inbound.Report) and push.point is not None:
            await self._note_place(conversation, Place(*push.point, "wgs84", self._now()))
        elif isinstance(push, inbound.Unsubscribe) and not await self._forget_in_turn(app, push.sender, conversation):
            await asyncio.sleep(self._timing.hold)  # so that WeChat tries again

    async def _forget_in_turn(self, app: Sanic, openid: str, conversation: str) -> bool:
        """Deletes in the conversation's queue: a turn under way would write it back. False where it failed."""
        try:
            done: bool = await self._turns.run(
                conversation, "forget", partial(self._forget, app, openid, conversation))
            return done
        except WebError:  # the queue is full
            return False

    async def _note_place(self, conversation: str, place: Place) -> None:
        try:
            await self._store.note_place(conversation, place)
        except StateDown as error:
            log_failure("Noting a place", error)

    async def _forget(self, app: Sanic, openid: str, conversation: str) -> bool:
        """Deletes the conversation; False where that failed."""
        agent = getattr(app.ctx, "agent", None)
        try:
            if agent is None:
                raise CannotForget("no agent")
            with self._store.turn():
                await forget_tracker(agent.tracker_store, conversation)
                if self._sender is not None:
                    await self._sender.forget(openid)
                if self._forget_pages is not None:
                    await self._forget_pages(conversation)
                # Commits all of it as one.
                await self._store.forget(conversation)
        except Exception as error:  # whatever it was, nobody is told of a deletion that was none
            log_failure("Deleting a conversation", error)
            with self._store.turn() as unit:
                unit.spare()
            return False
        return True

    async def _send_late(self, sender: Sender, openid: str, kept: Kept, reply: Reply) -> bool:
        """Sends what no reply can carry any more; False where that did not work."""
        assert self.account is not None
        try:
            offered = kept.answer.choices if kept.answer is not None else ()
            if kept.answer is not None and "msgmenu" in self.account.rights and offered and not reply.state.rest \
                    and size(kept.answer.body) <= MAX_TEXT_BYTES // 2:
                items = [(str(reply.state.serial * 100 + number), title) for number, (title, _) in
                         enumerate(offered, 1) if str(number) in reply.state.choices]
                if await sender.menu_buttons(openid, kept.answer.body, items, ""):
                    return True
            return await sender.text(openid, reply.text)
        except Exception as error:  # a sender never raises; if one does, the answer must not be lost
            log_failure("Sending a message", error)
            return False


class WeComInput(WeChatInput):
    """``/webhooks/wecom/`` for an app in WeCom (企业微信): always encrypted, for the CorpID."""

    @classmethod
    def name(cls) -> str:
        """The channel's name and the last part of its address."""
        return "wecom"

    @classmethod
    def configured(cls) -> Account | None:
        """The app of the environment. Raises CannotServe for a wrong value."""
        return wecom_app()


def doors() -> list[WeChatInput]:
    """The WeChat channels that the environment has an account for. Raises CannotServe for a wrong value."""
    both = [kind.from_credentials(None) for kind in (WeChatInput, WeComInput)]
    return [door for door in both if door.account is not None]


def _heard(push: inbound.Inbound) -> Heard:
    # A tap on a line of a msgmenu counts as one on the menu, though it comes as a text.
    if isinstance(push, inbound.Click) or (isinstance(push, inbound.Text) and push.menu_id):
        return "click"
    if isinstance(push, inbound.Subscribe):
        return "subscribe"
    return "scan" if isinstance(push, inbound.Scan) else "message"


def _query(request: Request) -> Query:
    return Query(**{name: request.args.get(name) or "" for name in
                    ("signature", "msg_signature", "timestamp", "nonce", "echostr")})


async def _body(request: Request) -> bytes | None:
    """The body; None where it is larger than any push."""
    assert request.stream is not None
    declared = request.headers.get("content-length", "0")
    if len(declared) > 18 or (declared.isascii() and declared.isdigit() and int(declared) > MAX_BYTES):
        return None
    read = b""
    while chunk := await request.stream.read():
        read += chunk
        if len(read) > MAX_BYTES:
            return None
    return read
