"""One turn as it is observed: an id, where it came from, how long its parts took, and what kind of answer it got.

A channel calls ``arrive`` when a message comes in, lets ``worked`` run its work, and calls ``note_stored`` once the
answer is committed; what happens in between finds the turn through ``current``. Whoever wants to hear of finished turns
(metrics, the access log) or of stored ones (events for a city) says so by ``listen``. There is no field for a text, a
person, a fact or a place: what is not kept here cannot be told.
"""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Kinds of the contract by which the bot does not answer, and what they are called.
ABSTENTIONS = {"clarify": "clarify", "cannot_answer": "unknown", "out_of_scope": "out_of_scope"}
#: The least confidence of each band; below them all is ``low``.
BANDS = ((0.8, "high"), (0.4, "middle"))


@dataclass
class TurnRecord:
    """A message's way through the bot. Times are seconds of ``time.perf_counter``, lengths are seconds.

    ``result``: ``answered`` by the bot; ``unasked`` (answered without it: sent before, or the channel's own words);
    ``joined`` to another turn with the same message; ``failed``. ``code``: why it failed, a code of the channels'
    errors or the kind of an exception.
    """

    id: str
    channel: str
    arrived: float
    #: How long it waited for the turns before it; None until its own work began.
    waited: float | None = None
    #: Length of each part, by its name; parts of the same name add up.
    stages: dict[str, float] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set, repr=False)
    intent: str = ""
    confidence: float = 0.0
    #: The contract's kinds of the replies, and what the first of them is about.
    kinds: tuple[str, ...] = ()
    topic: str = ""
    region: str = ""
    knowledge: str = ""
    #: The outcomes of the verdicts among the replies.
    outcomes: tuple[str, ...] = ()
    result: str = "unasked"
    code: str = ""
    #: From arrival to the end of the work; None while it lasts.
    took: float | None = None
    #: Whether the answer is committed.
    stored: bool = False

    @property
    def kind(self) -> str:
        """The kind of the first reply; "" where the bot was not asked."""
        return self.kinds[0] if self.kinds else ""

    @property
    def abstained(self) -> str:
        """How the bot declined to answer: ``clarify``, ``unknown``, ``out_of_scope``; "" where it did not."""
        return next((ABSTENTIONS[kind] for kind in self.kinds if kind in ABSTENTIONS), "")

    @property
    def band(self) -> str:
        """How sure the classifier was of the intent: ``high``, ``middle``, ``low``; "" where nothing was read."""
        if not self.intent:
            return ""
        return next((name for least, name in BANDS if self.confidence >= least), "low")

    def replied(self, replies: Sequence[Mapping[str, Any]]) -> None:
        """Note what the bot answered: messages of the contract."""
        customs = [reply["custom"] for reply in replies]
        self.kinds = tuple(str(custom["kind"]) for custom in customs)
        self.outcomes = tuple(str(custom["outcome"]) for custom in customs if custom["kind"] == "verdict")
        self.topic, self.region, self.knowledge = (
            str(customs[0].get(name) or "") for name in ("topic", "region", "knowledge_version"))
        broken = next((str(custom.get("code", "")) for custom in customs if custom["kind"] == "error"), None)
        self.result, self.code = ("answered", "") if broken is None else ("failed", broken)

    def read(self, parsed: Mapping[str, Any]) -> None:
        """Note what the classifier made of the sentence: ``{"intent": {"name", "confidence"}}``."""
        intent = parsed.get("intent") or {}
        self.intent, self.confidence = str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)


Listener = Callable[[TurnRecord], None]
_current: ContextVar[TurnRecord | None] = ContextVar("observed_turn", default=None)
#: Of finished turns, and of those that are stored as well.
_of_ends: list[Listener] = []
_of_stored: list[Listener] = []


def current() -> TurnRecord | None:
    """The turn that this code works for; None outside of one."""
    return _current.get()


def turn_id() -> str:
    """The id of the present turn, "" outside of one."""
    turn = _current.get()
    return turn.id if turn is not None else ""


def listen(listener: Listener, *, stored: bool = False) -> None:
    """Have ``listener`` called with each finished turn; what it raises is logged and harms nobody.

    ``stored``: only with those whose answer is committed, once both has happened.
    """
    listeners = _of_stored if stored else _of_ends
    if listener not in listeners:
        listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """The opposite of ``listen``."""
    for listeners in (_of_ends, _of_stored):
        if listener in listeners:
            listeners.remove(listener)


@contextlib.contextmanager
def arrive(channel: str) -> Iterator[TurnRecord]:
    """A message has come in by ``channel``: within, and in every task begun within, it is the present turn."""
    turn = TurnRecord(secrets.token_hex(8), channel, time.perf_counter())
    token = _current.set(turn)
    try:
        yield turn
    finally:
        _current.reset(token)


async def worked(work: Awaitable[T]) -> T:
    """Await the work of the present turn; its end is the end of the turn, whoever still waits for it."""
    turn = _current.get()
    if turn is None:
        return await work
    turn.waited = time.perf_counter() - turn.arrived
    try:
        return await work
    except BaseException as error:
        turn.result = "failed"
        turn.code = _code_of(error)
        raise
    finally:
        _finish(turn)


def joined(turn: TurnRecord) -> None:
    """The turn ends without work of its own: it was told what another turn with the same message answered."""
    turn.result = "joined"
    _finish(turn)


def _code_of(error: BaseException) -> str:
    """A code of the channels' own where the error has one, its kind otherwise; SQLAlchemy has codes too (``e3q8``)."""
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and re.fullmatch("[a-z_]{3,40}", code) else type(error).__name__


def _finish(turn: TurnRecord) -> None:
    turn.took = time.perf_counter() - turn.arrived
    _tell(_of_ends, turn)
    if turn.stored:
        _tell(_of_stored, turn)


def _tell(listeners: list[Listener], turn: TurnRecord) -> None:
    for listener in list(listeners):
        try:
            listener(turn)
        except Exception as error:
            logger.error("A listener to turns failed: %s", type(error).__name__)


def note_stored() -> None:
    """The answer to the present turn is committed."""
    turn = _current.get()
    if turn is None or turn.stored:
        return
    turn.stored = True
    if turn.took is not None:
        _tell(_of_stored, turn)


def note_replies(replies: Sequence[Mapping[str, Any]]) -> None:
    """The bot's answer to the present turn, messages of the contract."""
    turn = _current.get()
    if turn is not None:
        turn.replied(replies)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Within is the part ``name`` (``nlu``, ``actions``, ``store``) of the present turn; once, if it is in itself."""
    turn = _current.get()
    if turn is None or name in turn.under_way:
        yield
        return
    turn.under_way.add(name)
    began = time.perf_counter()
    try:
        yield
    finally:
        turn.under_way.discard(name)
        turn.stages[name] = turn.stages.get(name, 0.0) + time.perf_counter() - began
