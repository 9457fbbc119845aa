"""Draws messages of the contract as one text for WeChat: what a card shows is said in words, buttons become numbers.

When is a number a button? Only where it can mean nothing else:

* A question for a number, a date or a place has no options but 不清楚: "75" is the age. Nothing is numbered; the word
  不清楚 is offered.
* A question whose options or wording count things (一级, 二级; 有两个孩子吗; 几口人): "2" may mean what is counted. The
  options are offered as words.
* Another question (是, 不是, 不清楚; 公租房, 自己的房子): numbered.
* A list of places is numbered already, and so is asking back (1. 公租房): "2" means the second of it, and that is what
  the bot is told. Buttons beside such a list are offered as words.
* Any other list of numbers in the text (steps, a plan): "2" would be unclear; buttons are offered as words.
* An emergency offers nothing.

Numbers hold for the list that was shown last, and end with the next reply, whatever it says (``state``).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.channels.wechat.cut import clip
from bot.channels.wechat.fit import MOST_CHOICES, Say
from bot.channels.wechat.state import Answer, Choices
from knowledge.text import distance_text

Message = dict[str, Any]
Button = tuple[str, str]
#: (title, description, address) of a page with more.
Link = tuple[str, str, str]
#: The page of a conversation's message, if it has one. Never raises.
LinkFor = Callable[[str, Message], Awaitable["Link | None"]]

UNSURE = "不清楚"
_LISTED = re.compile(r"^[ 　]*([0-9]{1,2})[.、．]", re.MULTILINE)
_NUMERAL = re.compile("[0-9０-９一二两三四五六七八九十百]")
#: A question that asks to count, or speaks of a count that "2" might be.
_COUNTS = re.compile("几|多少|多大|多高|多久|第[一二三四五六七八九十]"
                     "|[1-9１-９一二两三四五六七八九][个套口人级年月次岁位处]")
#: Reasons, steps and sources beyond these are on the page and in the bot's next answers.
_MOST_REASONS, _MOST_STEPS, _MOST_SOURCES = 4, 6, 2
_SOURCE_BYTES = 90


class Drawer:
    """Draws in the staff's words.

    Args:
        say: gives a wording.
    """

    def __init__(self, say: Say) -> None:
        self._words = DrawnWords(say)

    def draw(self, messages: Sequence[Message], said: str = "", link: Link | None = None) -> Answer:
        """One answer of all messages of a turn. ``said``: the resident's question, which may wait for a place now."""
        urgent = any(message["custom"]["kind"] == "emergency" for message in messages)
        texts = [self._text(message) for message in messages]
        sources = self._sources(messages)
        offered, numbers, words = ((), {}, []) if urgent else self._offers(messages, texts)
        tail = [self._words.offered(words)] if words else []
        last = messages[-1]["custom"]
        waits = last["kind"] == "question" and last["fact"] == "location"
        return Answer("\n\n".join([*texts, *tail, *sources]), offered, numbers, urgent, said if waits else "",
                      link=link)

    # --- the text ---------------------------------------------------------------------------------

    def _text(self, message: Message) -> str:
        custom, text = message["custom"], message["text"].strip()
        adds: list[str] = []
        if custom["kind"] == "emergency":
            first = re.split("[。！\n]", text, maxsplit=1)[0]
            return text if custom["phone"] in first else f"{self._words.call(custom['phone'])}\n{text}"
        if custom["kind"] == "sites":
            adds = self._sites(custom["items"], text)
        elif custom["kind"] == "verdict":
            adds = self._verdict(custom, text)
        elif custom["kind"] == "service":
            adds = self._service(custom, text)
        return "\n".join([text, *adds])

    def _sites(self, items: Sequence[dict[str, Any]], text: str) -> list[str]:
        """The places that the text does not name itself; all or none, so that they are numbered in order."""
        if all(item["name"] in text for item in items) and _LISTED.search(text):
            return []
        if len(items) == 1 and items[0]["name"] in text:
            return [self._words.phone(items[0]["phone"])] \
                if items[0]["phone"] and items[0]["phone"] not in text else []
        return [self._words.site(number, item) for number, item in enumerate(items[:MOST_CHOICES], 1)]

    def _verdict(self, custom: dict[str, Any], text: str) -> list[str]:
        open_ = [reason["text"] for reason in custom["reasons"] if reason["status"] != "met"]
        reasons = _unsaid(open_, text)[:_MOST_REASONS]
        steps = _unsaid(custom["next_steps"], text)[:_MOST_STEPS]
        adds = [self._words.reasons(reasons)] if reasons else []
        adds += [self._words.steps(steps)] if steps else []
        if custom["receipt"] and custom["receipt"] not in text:
            adds.append(self._words.receipt(custom["receipt"]))
        return adds

    def _service(self, custom: dict[str, Any], text: str) -> list[str]:
        steps = _unsaid(custom["steps"], text)[:_MOST_STEPS]
        documents = _unsaid(custom["documents"], text)
        contacts = [f"{item['name']} {item['phone']}" for item in custom["contacts"]
                    if item["phone"] and item["phone"] not in text]
        adds = [self._words.steps(steps)] if steps else []
        adds += [self._words.documents(documents)] if documents else []
        return adds + ([self._words.contacts(contacts)] if contacts else [])

    def _sources(self, messages: Sequence[Message]) -> list[str]:
        """Where it is from, in one line, each publication once; what is not official is said to be none."""
        found: dict[tuple[str, str], str] = {}
        for message in messages:
            for source in message["custom"].get("sources") or ():
                found.setdefault((source["publisher"], source["title"]), self._words.source(source))
        lines = list(found.values())
        if not lines or all(message["custom"]["kind"] == "question" for message in messages):
            return []
        return [self._words.sources(lines[:_MOST_SOURCES], more=len(lines) > _MOST_SOURCES)]

    # --- what is offered --------------------------------------------------------------------------

    def _offers(self, messages: Sequence[Message],
                texts: Sequence[str]) -> tuple[tuple[Button, ...], Choices, list[str]]:
        """What is offered by number, what numbers and words mean beside that, and what is offered as words."""
        last = messages[-1]
        if last["custom"]["kind"] == "question":
            return self._for_question(last)
        buttons = list({button["title"]: (button["title"], button["payload"])
                        for message in messages for button in message["buttons"]}.values())[:MOST_CHOICES]
        titles = dict(buttons)
        text = "\n".join(texts)
        if last["custom"]["kind"] == "clarify" and all(
                re.search(rf"^{number}[.、．] *{re.escape(title)}$", last["text"], re.MULTILINE)
                for number, (title, _) in enumerate(buttons, 1)):
            return (), {**titles, **{str(number): payload for number, (_, payload) in enumerate(buttons, 1)}}, []
        shown = [title for title in titles if f"“{title}”" not in text]
        if last["custom"]["kind"] == "sites" and last["custom"]["items"]:
            places = {number: f"第{number}家" for number in _LISTED.findall(texts[-1])}
            return (), {**titles, **places}, shown
        if _LISTED.search(text):
            return (), titles, shown
        return tuple(buttons), {}, []

    def _for_question(self, message: Message) -> tuple[tuple[Button, ...], Choices, list[str]]:
        buttons = [(button["title"], button["payload"]) for button in message["buttons"]][:MOST_CHOICES]
        real = [title for title, _ in buttons if title != UNSURE]
        unclear = any(_NUMERAL.search(title) for title in real) or _COUNTS.search(message["text"]) is not None
        if len(real) >= 2 and not unclear and not _LISTED.search(message["text"]):
            return tuple(buttons), {}, []
        return (), dict(buttons), [title for title, _ in buttons if f"“{title}”" not in message["text"]]


def _unsaid(items: Sequence[str], text: str) -> list[str]:
    """What the text does not say already."""
    plain = _bare(text)
    return [item.rstrip("。；") for item in items if item and _bare(item) not in plain]


def _bare(text: str) -> str:
    """``text`` without what separates words: a list is joined one way here and another there."""
    return re.sub(r"[\s，。；、：:,.;]|带齐|^去|^要带", "", text)


class DrawnWords:
    """The sentences that drawings are made of."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def call(self, phone: str) -> str:
        """马上打120！"""
        return self.say("wechat_emergency", phone=phone)

    def offered(self, words: Sequence[str]) -> str:
        """也可以回复：是、不是"""
        return self.say("wechat_words", words="、".join(f"“{word}”" for word in words))

    def phone(self, phone: str) -> str:
        """电话"""
        return self.say("contacts", items=phone)

    def site(self, number: int, item: dict[str, Any]) -> str:
        """1. 名称，约350米，现在开着，地址，电话"""
        parts = [item["name"]]
        if item["distance_m"] is not None:
            parts.append(distance_text(item["distance_m"]))
        if item["open_now"] is not None:
            parts.append(self.say("open_now" if item["open_now"] else "closed_now"))
        parts += [part for part in (item["address"], item["phone"]) if part]
        return f"{number}. {'，'.join(parts)}"

    def reasons(self, items: Sequence[str]) -> str:
        """没达到或者还不清楚的"""
        return self.say("wechat_reasons", items="；".join(items))

    def steps(self, items: Sequence[str]) -> str:
        """怎么办"""
        return self.say("automatic", items="；".join(items))

    def documents(self, items: Sequence[str]) -> str:
        """要带"""
        return self.say("documents", items="、".join(items))

    def contacts(self, items: Sequence[str]) -> str:
        """电话"""
        return self.say("contacts", items="、".join(items))

    def receipt(self, code: str) -> str:
        """回执码"""
        return self.say("receipt", code=code)

    def source(self, source: dict[str, str]) -> str:
        """杨浦区民政局《通知》2024-03-11（转述）"""
        trust = source["trust"]
        word = f"（{self.say(f'wechat_trust_{trust}')}）" if trust != "official" else ""
        return f"{source['publisher']}《{clip(source['title'], _SOURCE_BYTES)}》{source['date']}{word}"

    def sources(self, items: Sequence[str], *, more: bool) -> str:
        """来源"""
        return self.say("wechat_sources", items="；".join(items) + ("等" if more else ""))

