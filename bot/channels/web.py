"""The web channel: the contract's calls over HTTP. It checks, queues, stores and draws nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy.exc
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from bot.channels import bodies
from bot.channels.asking import Asker, Said, forgets, ready_agent, urgent
from bot.channels.collect import Collector, Message, checked, error_message
from bot.channels.door import Door, address_of
from bot.channels.errors import WebError, json_response, log_failure, no_order, storage_down, too_many
from bot.channels.forget import CannotForget, LastWords, forget_tracker
from bot.channels.limits import RateLimiter
from bot.channels.origins import Origins
from bot.channels.outbox import EXPIRY_S, Outbox, StateOutbox, Turn
from bot.channels.regions import regions_to_choose
from bot.channels.script import HANS, written
from bot.channels.session import DEFAULT_LIFETIME_S, Session, Sessions, load_secret
from bot.channels.streams import CATCH_UP, Streams, encode
from bot.channels.turns import Turns
from bot.cluster.joining import cluster as joined_cluster
from bot.draining import seconds_left
from bot.knowledge_access import snapshot
from bot.observing.arrivals import observed, session_begun
from bot.observing.turn import note_stored, worked
from bot.privacy.export import Ages, export, facts_of
from bot.privacy.keeping import Quotes
from bot.privacy.masking import mask_for_storage
from bot.settings import settings, whole_number
from bot.state.database import StateDown, database_of
from knowledge.schema import Region

if TYPE_CHECKING:
    from bot.cluster.environment import Cluster

logger = logging.getLogger(__name__)

COOKIE = "linlitong_session"
#: 邻里通记录.json, where a browser saves it.
EXPORT_NAME = "attachment; filename*=UTF-8''%E9%82%BB%E9%87%8C%E9%80%9A%E8%AE%B0%E5%BD%95.json"
FORGOTTEN = "您的对话记录，还有对话里说到的个人情况，都已经删除了。"
#: Below this much room on the disk the next conversations would not be kept.
LEAST_FREE_BYTES = 1_000_000
#: Conversations that one address may begin in a minute: an office behind one address, not a machine.
NEW_PER_MINUTE = 30.0
#: How long a browser may keep the list of regions, seconds: staff may add one any day.
REGIONS_KEPT_S = 300
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class WebInput(InputChannel):
    """``/webhooks/web/…`` for the widget, on our own pages and on other sites.

    Args:
        var: folder for the secret and the outbox.
        lifetime_s: how long a token is good for, seconds.
        turn_timeout_s: how long the bot may take over one message, seconds.
        session_per_minute: messages a minute from one session; 0 for no limit.
        address_per_minute: requests a minute from one address; 0 for no limit.
        new_per_minute: conversations a minute that one address may begin; 0 for no limit, None for the usual one
            (for none where ``address_per_minute`` is 0).
        origins: other sites whose pages may call, see ``Origins``.
        regions: gives the regions that residents may choose from; those of the knowledge base by default.
        strict: raise where a reply breaks the contract, instead of an apology (for tests).
        ping_s: seconds of silence after which an event stream sends a sign of life.
        keep_s: how long replies are kept for duplicates, replay and the history, seconds; so long, too, may a token
            that has ended still delete.
        facts_s: how long the facts of a silent conversation are kept, seconds; as long as the replies by default.
        outbox: another store than the embedded one.
        cluster: shared with other processes; None for one on its own.
    """

    def __init__(
        self,
        var: Path | str = "var",
        lifetime_s: int = DEFAULT_LIFETIME_S,
        turn_timeout_s: float = 30.0,
        session_per_minute: float = 60.0,
        address_per_minute: float = 600.0,
        new_per_minute: float | None = None,
        origins: Sequence[str] = (),
        regions: Callable[[], list[Region]] | None = None,
        strict: bool = False,
        ping_s: float = 15.0,
        keep_s: float = EXPIRY_S,
        facts_s: float | None = None,
        outbox: Outbox | None = None,
        cluster: Cluster | None = None,
    ) -> None:
        self._var = Path(var)
        self._sessions = Sessions(load_secret(self._var), lifetime_s)
        self._outbox: Outbox = outbox or StateOutbox(database_of(self._var), keep_s)
        self._cluster = cluster
        shared = cluster.rates if cluster is not None else None
        self._turns = Turns(order=cluster.locks if cluster is not None else None)
        self._streams = Streams(cluster.news if cluster is not None else None)
        self._last_words = LastWords()
        self._by_session = RateLimiter(
            session_per_minute, burst=int(session_per_minute / 3), shared=shared, limit="session")
        self._door = Door(Origins(origins), address_per_minute, shared)
        fresh = new_per_minute if new_per_minute is not None else NEW_PER_MINUTE if address_per_minute else 0.0
        self._new = RateLimiter(fresh, burst=int(fresh / 2), shared=shared, limit="new")
        self._regions = regions or (lambda: regions_to_choose(snapshot(), settings().region))
        self._asker = Asker(self.name(), turn_timeout_s, strict)
        self._lifetime = lifetime_s
        self._ages = Ages(keep_s if facts_s is None else facts_s, keep_s)
        self._strict = strict
        self._ping = ping_s
        self._on_new_message: Callable[[UserMessage], Awaitable[Any]]

    @classmethod
    def name(cls) -> str:
        """The channel's name and the last part of its address."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebInput:
        """Builds the channel from its entry in ``credentials.yml``; the environment wins over the file."""
        given = credentials or {}
        env = os.environ
        return cls(
            var=env.get("LINLITONG_VAR") or given.get("var") or settings().var,
            lifetime_s=int(float(given.get("token_lifetime_hours", DEFAULT_LIFETIME_S / 3600)) * 3600),
            turn_timeout_s=float(given.get("turn_timeout_s", 30.0)),
            session_per_minute=_a_minute("LINLITONG_SESSION_PER_MINUTE", given.get("session_per_minute", 60)),
            address_per_minute=_a_minute("LINLITONG_ADDRESS_PER_MINUTE", given.get("address_per_minute", 600)),
            new_per_minute=_a_minute("LINLITONG_NEW_PER_MINUTE", given.get("new_per_minute")),
            origins=settings().origins,
            keep_s=settings().keep_days * 86400,
            facts_s=settings().keep_hours * 3600,
            strict=env.get("LINLITONG_STRICT_CONTRACT", "") == "1",
            cluster=joined_cluster(),
        )

    def get_output_channel(self) -> OutputChannel:
        """The way for messages that no resident's message called for, such as news of a ticket."""
        return _Push(self)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The calls of the contract as a Sanic blueprint."""
        self._on_new_message = on_new_message
        web = Blueprint("web")
        for path, method, handler in (
            ("session", "POST", self._session),
            ("message", "POST", self._message),
            ("feedback", "POST", self._feedback),
            ("events", "GET", self._events),
            ("history", "GET", self._history),
            ("export", "GET", self._export),
            ("regions", "GET", self._choice),
            ("conversation", "DELETE", self._forget),
        ):
            others = _METHODS - {method}
            # stream=True lets the body be read, and refused, piece by piece.
            guarded = self._door.guard(handler)
            if path == "message":
                guarded = observed(self.name(), guarded)
            web.add_route(guarded, f"/{path}", [method], name=path, stream=method == "POST")
            web.add_route(self._door.preflight(method), f"/{path}", ["OPTIONS"], name=f"ask_{path}")
            web.add_route(self._door.wrong_method(method), f"/{path}", others, name=f"wrong_{path}", stream=True)
        web.middleware("response")(self._door.let_read)
        web.listener("before_server_start")(self._begin)
        web.listener("before_server_stop")(self._stop)
        web.listener("after_server_stop")(self._close)
        return web

    async def _begin(self, _app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        if self._cluster is not None:
            await self._cluster.open()

    async def _stop(self, app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        self._streams.close_all()
        await self._turns.drain(timeout_s=seconds_left(app))

    async def _close(self, _app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        # Not before the last connection has gone: what it asked for is stored like everything else.
        await self._outbox.close()
        if self._cluster is not None:
            await self._cluster.close()

    # --- for the server around it -------------------------------------------------------------------

    async def sweep(self) -> int:
        """Deletes replies and judgements that have expired; gives how many there were."""
        return await self._outbox.sweep()

    async def storage_trouble(self) -> str:
        """Why conversations cannot be kept (or deleted) at the moment, in words; "" while all is well."""
        try:
            if shutil.disk_usage(self._var).free < LEAST_FREE_BYTES:
                return "磁盘满了，对话存不进去，也删不掉"
            await self._outbox.probe()
        except (OSError, StateDown) as error:
            log_failure("Trying the storage", error)
            return "存对话的数据库写不进去"
        return ""

    def turns_waiting(self) -> int:
        """How many messages are answered at the moment, or wait for it."""
        return len(self._turns)

    def streams_open(self) -> int:
        """How many event streams are open."""
        return len(self._streams)

    # --- the calls --------------------------------------------------------------------------------

    async def _session(self, request: Request) -> HTTPResponse:
        body = await bodies.read_json(request, optional=True)
        wait = await self._new.retry_after(address_of(request))
        if wait:
            raise too_many("too_many", wait)
        session, token = self._sessions.issue(bodies.region_of(body))
        session_begun()
        answer = json_response({"session": session.id, "token": token, "expires_at": session.expires_at})
        self._set_cookie(request, answer, token, self._lifetime)
        return answer

    async def _message(self, request: Request) -> HTTPResponse:
        body = await bodies.read_json(request)
        # First of all: whatever is refused below is told in the resident's script.
        request.ctx.script = script = bodies.script_of(body.get("script"))
        session = self._sessions.verify(bodies.token_of(body))
        incoming = bodies.incoming_of(body)
        wait = await self._by_session.retry_after(session.id)
        if wait:
            raise too_many("too_many", wait)
        replies = await self._turns.run(
            session.id, f"message {incoming.message_id}", lambda: worked(self._turn(request.app, session, incoming)),
            without=lambda: worked(self._aside(request.app, session, incoming)),
        )
        return json_response({"messages": written(replies, script)})

    async def _events(self, request: Request) -> HTTPResponse | None:
        session = self._sessions.verify(self._token(request, bodies.bearer_of(request) or request.cookies.get(COOKIE)))
        last, script = bodies.event_id_of(request), request.ctx.script
        stream = self._streams.open(session.id)
        try:
            await self._streams.hear(session.id)
            # Looked up after the stream is open: what is answered meanwhile waits in the stream.
            missed = [] if last is None else await self._outbox.after(session.id, last)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            answer = await request.respond(content_type="text/event-stream; charset=utf-8", headers=headers)
            await answer.send(": 邻里通\nretry: 3000\n\n")
            for message in missed:
                await answer.send(encode(("message", written(message, script))))
            sent = replayed = missed[-1]["id"] if missed else last or 0
            while time.time() < session.expires:
                try:
                    event = await asyncio.wait_for(stream.get(), self._ping)
                except asyncio.TimeoutError:
                    await answer.send(": ping\n\n")
                    continue
                if event is None:
                    break
                if event == CATCH_UP:
                    for message in await self._outbox.after(session.id, sent):
                        await answer.send(encode(("message", written(message, script))))
                        sent = replayed = message["id"]
                elif event[0] != "message" or event[1]["id"] > replayed:
                    await answer.send(encode(written(event, script)))
                    sent = max(sent, event[1]["id"] if event[0] == "message" else 0)
            await answer.eof()
        finally:
            self._streams.close(session.id, stream)
        return None

    async def _history(self, request: Request) -> HTTPResponse:
        session = self._sessions.verify(self._token(request, bodies.bearer_of(request)))
        turns = await self._outbox.history(session.id)
        ids = [reply["id"] for turn in turns for reply in turn.replies]
        entries = [entry for turn in turns for entry in _entries(turn, request.ctx.script)]
        return json_response({"messages": entries, "last_event_id": max(ids, default=0)})

    async def _choice(self, request: Request) -> HTTPResponse:
        """What a page says before there is a session: the regions to choose from, and how long what is kept."""
        told = [{"region": region.code, "name": region.name} for region in self._regions()]
        kept = {"Cache-Control": f"max-age={REGIONS_KEPT_S}"}
        told = written(told, request.ctx.script)
        return json_response({"regions": told, **self._ages.told}, headers=kept)

    async def _export(self, request: Request) -> HTTPResponse:
        """Everything that is kept of the session, for the resident."""
        session = self._sessions.verify(self._token(request, bodies.bearer_of(request)))
        wait = await self._by_session.retry_after(session.id)
        if wait:
            raise too_many("too_many", wait)
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None:
            raise WebError("starting")
        tracker = await agent.tracker_store.retrieve(session.id)
        turns = await self._outbox.history(session.id)
        entries = [{**entry, "at_s": turn.at} for turn in turns for entry in _entries(turn, HANS)]
        told = export(
            now=time.time(), ages=self._ages, facts=facts_of(tracker), entries=entries,
            last_word=tracker.events[-1].timestamp if tracker is not None and tracker.events else None,
            judgements=await self._outbox.judgements(session.id))
        return json_response(written(told, request.ctx.script), headers={"Content-Disposition": EXPORT_NAME})

    async def _forget(self, request: Request) -> HTTPResponse:
        # Whoever can no longer talk may still delete what is kept longer than that.
        session = self._sessions.verify(self._token(request, bodies.bearer_of(request)), self._ages.messages_s)
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None:
            raise WebError("starting")

        async def forget() -> tuple[int, int]:
            with self._outbox.turn():
                events = await forget_tracker(agent.tracker_store, session.id)
                return events, await self._outbox.forget(session.id)

        try:
            # In the session's queue: a turn under way would write the conversation back.
            events, replies = await self._turns.run(session.id, "forget", forget)
        except (StateDown, sqlalchemy.exc.SQLAlchemyError) as error:
            log_failure("Deleting a conversation", error)
            raise WebError("not_deleted") from None
        self._streams.publish(session.id, [("forgotten", {})])
        said = written(FORGOTTEN, request.ctx.script)
        answer = json_response({"deleted": {"events": events, "replies": replies}, "message": said})
        self._set_cookie(request, answer, "", 0)
        return answer

    async def _feedback(self, request: Request) -> HTTPResponse:
        body = await bodies.read_json(request)
        session = self._sessions.verify(bodies.token_of(body))
        answer_id, helpful, comment = bodies.feedback_of(body)
        wait = await self._by_session.retry_after(session.id)
        if wait:
            raise too_many("too_many", wait)
        if not await self._outbox.feedback(session.id, answer_id, helpful, comment):
            raise WebError("bad_answer_id")
        return empty()

    # --- a turn -----------------------------------------------------------------------------------

    async def _aside(self, app: Sanic, session: Session, incoming: bodies.Incoming) -> list[Message]:
        """A message whose turn cannot be found out: it is answered if it is urgent, and the bot remembers nothing."""
        if ready_agent(app) is None:
            raise no_order()
        region = incoming.region or session.region
        with self._outbox.turn() as unit:
            unit.fail(StateDown("no order"))  # nothing is read for it
            replies = await self._asker.ask(self._on_new_message, Said(
                session.id, incoming.message_id, incoming.text, region, incoming.location))
        if not any(urgent(reply) for reply in replies):
            raise no_order()
        kept = Quotes(incoming.text).taken_out_of(replies)
        return await self._deliver(session.id, incoming.message_id, mask_for_storage(incoming.text), kept)

    async def _turn(self, app: Sanic, session: Session, incoming: bodies.Incoming) -> list[Message]:
        said = self._last_words.find(session.id, incoming.message_id)
        if said is not None:
            return said
        with self._outbox.turn() as unit:
            try:
                done = await self._outbox.find(session.id, incoming.message_id)
            except StateDown as error:
                log_failure("Looking for a duplicate", error)
                # Answered all the same: it may be an emergency. Anything else is refused in the end.
                unit.fail(error)
                done = None
            return list(done.replies) if done is not None else await self._answer(app, session, incoming)

    async def _answer(self, app: Sanic, session: Session, incoming: bodies.Incoming) -> list[Message]:
        """Answers a message that was not answered before; what the bot remembers of it is stored with the replies."""
        region = incoming.region or session.region
        agent = ready_agent(app)
        if agent is None:
            # Not stored: the same message may be sent again in a minute and then be answered.
            return [error_message("starting", region)]
        replies = await self._asker.ask(self._on_new_message, Said(
            session.id, incoming.message_id, incoming.text, region, incoming.location))
        if any(forgets(reply) for reply in replies):
            return await self._forget_and_say(agent.tracker_store, session.id, incoming.message_id, replies, region)
        # The page shows what is kept: a message sent twice gets the same answer twice.
        kept = Quotes(incoming.text).taken_out_of(replies)
        return await self._deliver(session.id, incoming.message_id, mask_for_storage(incoming.text), kept)

    async def _deliver(self, session: str, message_id: str, text: str, replies: list[Message]) -> list[Message]:
        try:
            turn = await self._outbox.record(session, message_id, text, replies)
        except StateDown as error:
            log_failure("Storing a reply", error)
            if any(urgent(reply) for reply in replies):
                return replies  # the number must reach the resident, whatever the disk does
            # Unanswered, so that the page sends it again: an answer that the bot does not remember, or that a
            # second try would not find, could turn out wrong or double.
            raise storage_down() from None
        note_stored()
        self._streams.publish(session, [("message", reply) for reply in turn.replies])
        return list(turn.replies)

    async def _forget_and_say(
        self, tracker_store: Any, session: str, message_id: str, replies: list[Message], region: str
    ) -> list[Message]:
        """The resident asked in words to be forgotten: it is done before the bot's "done" is passed on."""
        try:
            await forget_tracker(tracker_store, session)
            last = await self._outbox.farewell(session, message_id, replies)
        except (StateDown, CannotForget, sqlalchemy.exc.SQLAlchemyError) as error:
            log_failure("Deleting a conversation", error)
            # Not stored: the same message sent again tries again.
            return [error_message("not_deleted", region)]
        self._last_words.keep(session, message_id, last)
        # First the event on which a page empties itself, then what is to be read on the empty page.
        self._streams.publish(session, [("forgotten", {}), *(("message", reply) for reply in last)])
        return last

    async def push(self, session: str, message: Message) -> None:
        """Sends one contract message that no message of the resident called for."""
        await self._deliver(session, f"push:{os.urandom(8).hex()}", "", [checked(message, self._strict)])

    # --- helpers ----------------------------------------------------------------------------------

    def _token(self, request: Request, token: str | None) -> str:
        if not token:
            raise WebError("no_token")
        return token

    def _set_cookie(self, request: Request, answer: HTTPResponse, token: str, seconds: int) -> None:
        # For the event stream alone: EventSource cannot send an Authorization header.
        answer.cookies[COOKIE] = token
        cookie = answer.cookies[COOKIE]
        cookie["path"] = request.path.rsplit("/", 1)[0] + "/events"
        cookie["max-age"] = seconds
        cookie["httponly"] = True
        cookie["samesite"] = "Strict"
        if request.scheme == "https":
            cookie["secure"] = True


class _Push(Collector):
    """Sends each utterance to the resident at once."""

    def __init__(self, channel: WebInput) -> None:
        super().__init__()
        self._channel = channel

    async def keep(self, recipient_id: str, message: Message) -> None:
        await self._channel.push(recipient_id, message)


def _a_minute(name: str, default: Any) -> Any:
    """A rate of the environment, of credentials.yml otherwise (None where that has none either)."""
    if os.environ.get(name):
        return float(whole_number(name, 0, least=0, most=1_000_000))
    return None if default is None else float(default)


def _entries(turn: Turn, script: str) -> list[dict[str, Any]]:
    at = datetime.fromtimestamp(turn.at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    common = {"message_id": turn.message_id, "at": at}
    asked = [{"from": "resident", **common, "message": {"text": turn.text}}] if turn.text else []
    return asked + [{"from": "bot", **common, "message": written(reply, script)} for reply in turn.replies]
