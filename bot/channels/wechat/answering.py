"""What a push is answered: by the bot, or by the channel itself where the bot cannot be asked."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.asking import Said
from bot.channels.collect import Message, error_message
from bot.channels.limits import MAX_TEXT_CHARS
from bot.channels.wechat import inbound
from bot.channels.wechat.draw import Drawer, Link, LinkFor
from bot.channels.wechat.fit import Say
from bot.channels.wechat.state import Answer, Place, State
from bot.channels.wechat.xml import clean
from bot.privacy.keeping import Quotes
from bot.privacy.masking import mask_for_storage

#: A device's position is where the resident is for so long, seconds.
PLACE_FRESH_S = 1800.0
#: Messages of the contract to what was said, at least one; and whether everything was deleted with it.
Ask = Callable[[Said], Awaitable["tuple[list[Message], bool]"]]
NotePlace = Callable[[Place], Awaitable[None]]

_MORE = re.compile(r"(还有)?(更多|继续|下一页|接着说|往下)[。！!.~～]*")
_NUMBER = re.compile(r"(?:回复|选|按|第)?\s*(?P<number>[0-9]{1,2})\s*(?:[.。、)）号]|个|项)*")
#: Somebody who looks for what is near, and names no place to be near of (the bot puts a named place first anyway).
_NEAR = re.compile("附近|旁边|周边|周围|边上|一带|最近的|近点|近的|离我|离这|这边|这里|哪里有|哪儿有|哪有")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９①②③④⑤⑥⑦⑧⑨", "0123456789123456789")


@dataclass(frozen=True)
class Turn:
    """One push to answer. ``ask``, ``note_place``: ways to the bot and to the store."""

    push: inbound.Inbound
    conversation: str
    message_id: str
    region: str
    ask: Ask
    note_place: NotePlace


class Answering:
    """Answers in the staff's words.

    Args:
        say: gives a wording.
        drawer: draws the bot's messages.
        keep_hours: how long a silent conversation is kept, as the welcome says.
        now: seconds since 1970.
        link_for: the page of a message, if it has one.
    """

    def __init__(self, say: Say, drawer: Drawer, keep_hours: float, now: Callable[[], float],
                 link_for: LinkFor | None = None) -> None:
        self.say = say
        self._link_for = link_for
        self._drawer = drawer
        self._keep_hours = keep_hours
        self._now = now

    def use_links(self, link_for: LinkFor) -> None:
        """Answers have pages from now on."""
        self._link_for = link_for

    async def answer(self, turn: Turn, state: State) -> Answer:
        """The answer to any push that has one; see ``silent`` for the others."""
        push = turn.push
        if isinstance(push, inbound.Text):
            return await self._words(turn, state, push.content, push.menu_id)
        if isinstance(push, inbound.Voice):
            if not re.sub(r"[\s，。？！,.?!]", "", push.heard):
                return Answer(self.say("wechat_voice_unheard"))
            return await self._words(turn, state, push.heard)
        if isinstance(push, inbound.Location):
            return await self._place(turn, state, push)
        if isinstance(push, inbound.Click):
            return await self._words(turn, state, push.event_key)
        if isinstance(push, (inbound.Subscribe, inbound.Scan)):
            return Answer(self.say("wechat_welcome", hours=f"{self._keep_hours:g}"))
        if isinstance(push, inbound.Media):
            return Answer(self.say("wechat_media"))
        if isinstance(push, inbound.Link):
            return Answer(self.say("wechat_link"))
        return Answer(self.say("wechat_unreadable"))

    def broken(self, code: str) -> Answer:
        """An apology of ``collect.APOLOGIES``."""
        return self._drawer.draw([error_message(code)])

    def too_many(self) -> Answer:
        """To a resident who sends faster than we answer."""
        return Answer(self.say("wechat_too_many"))

    async def _words(self, turn: Turn, state: State, raw: str, menu_id: str = "") -> Answer:
        text = clean(raw).strip()
        if not text:
            return Answer(self.say("wechat_empty"))
        if len(text) > MAX_TEXT_CHARS:
            return Answer(self.say("wechat_too_long", most=MAX_TEXT_CHARS))
        if state.rest and _MORE.fullmatch(text):
            return Answer(state.rest[0], numbered=dict(state.waiting), page_of=state.rest[1:])
        meant = self._chosen(state, text, menu_id)
        near = state.place is not None and self._now() - state.place.at <= PLACE_FRESH_S and _NEAR.search(meant)
        return await self._ask(turn, state, meant, state.place if near else None)

    def _chosen(self, state: State, text: str, menu_id: str) -> str:
        """What a number, a tapped line or a button's words stand for; the text itself otherwise."""
        if menu_id.isascii() and menu_id.isdigit() and len(menu_id) < 12:
            serial, number = divmod(int(menu_id), 100)
            # A tap on an older menu says what its line says.
            return state.choices.get(str(number), text) if serial == state.serial else text
        number_said = _NUMBER.fullmatch(text.translate(_WIDE_DIGITS))
        if number_said is not None:
            return state.choices.get(str(int(number_said["number"])), text)
        return state.choices.get(text.rstrip("。！!.？?"), text)

    async def _place(self, turn: Turn, state: State, push: inbound.Location) -> Answer:
        if push.point is None:
            return Answer(self.say("wechat_place_unclear"), asked=state.asked)
        place = Place(*push.point, "gcj02", self._now())
        await turn.note_place(place)
        if state.asked:
            # The bot asked where; the same question again, with the place, is the answer.
            return await self._ask(turn, state, state.asked, place)
        return Answer(self.say("wechat_place_noted"))

    async def _ask(self, turn: Turn, state: State, text: str, place: Place | None) -> Answer:
        said = Said(turn.conversation, turn.message_id, text, turn.region, place.location if place else None)
        messages, forgotten = await turn.ask(said)
        if forgotten:
            return Answer(self._drawer.draw(messages).body, forgotten=True)
        # All of it is kept until WeChat has asked for it often enough: without names and house numbers.
        messages = Quotes(text).taken_out_of(messages)
        # Asked for a place a second time: what is looked for is what was asked at first.
        asked = mask_for_storage(state.asked or text)
        return self._drawer.draw(messages, asked, await self._link(turn.conversation, messages))

    async def _link(self, conversation: str, messages: list[Message]) -> Link | None:
        """The page of the first message that has one."""
        link_for = self._link_for
        if link_for is None:
            return None
        for message in messages:
            link = await link_for(conversation, message)
            if link is not None:
                return link
        return None


def silent(push: inbound.Inbound) -> bool:
    """Whether WeChat takes no answer to it."""
    return isinstance(push, (inbound.Unsubscribe, inbound.Report, inbound.OtherEvent))


def quoted(push: inbound.Inbound) -> str:
    """How a push is quoted to its resident later; kept until then."""
    words: Any = getattr(push, "content", "") or getattr(push, "heard", "") or getattr(push, "event_key", "")
    return mask_for_storage(re.sub(r"\s+", " ", clean(str(words))).strip()[:MAX_TEXT_CHARS])
