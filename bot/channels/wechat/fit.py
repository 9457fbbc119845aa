"""Fits answers into replies of one text: what was kept first, then the answer, its numbers, and 更多 for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Protocol

from bot.channels.wechat.cut import MAX_BYTES, clip, pages, size
from bot.channels.wechat.state import Answer, Choices, Kept, Reply, State

#: A question is quoted no longer than this, bytes.
_QUOTE = 60
#: A button's title is no longer than this, bytes.
_TITLE = 120
#: More lines to choose from than these nobody reads.
MOST_CHOICES = 9
#: So many kept answers go before one reply, the oldest first; the others wait for the next.
_MOST_KEPT = 3


class Say(Protocol):
    """Gives the staff's wording for a key of ``knowledge/content/texts``."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence with its blanks filled in."""


class Fitter:
    """Makes replies in the staff's words."""

    def __init__(self, say: Say) -> None:
        self._words = Words(say)

    def fit(self, answer: Answer, kept: Sequence[Kept], state: State) -> Reply:
        """The reply to a message; before it goes what came too late before, unless the answer is urgent."""
        if answer.page_of is not None:
            return self._further_page(answer, state)
        if answer.urgent or not answer.body.strip():
            kept = ()
        before = [self._words.late(item) for item in kept[:_MOST_KEPT]]
        return replace(self._reply(answer, before, state), took=len(before))

    def fit_late(self, kept: Kept, state: State) -> Reply:
        """A message of its own for an answer that came too late."""
        answer = kept.answer or Answer(self._words.late(kept), urgent=True)
        if answer.page_of is not None:
            return self._further_page(answer, state)
        if not answer.body.strip():
            return Reply("", state)
        body = answer.body if answer.urgent else self._words.late(kept)
        return self._reply(replace(answer, body=body), [], state)

    def _reply(self, answer: Answer, before: list[str], state: State) -> Reply:
        if not answer.body.strip():
            return Reply("", state)
        offered = list(enumerate(answer.choices[:MOST_CHOICES], 1))
        numbers = {**answer.numbered, **{title: payload for _, (title, payload) in offered},
                   **{str(number): payload for number, (_, payload) in offered}}
        tail = [self._words.link(answer.link)] if answer.link is not None else []
        if offered:
            tail += [self._words.line(number, clip(title, _TITLE)) for number, (title, _) in offered]
        parts = pages("\n\n".join([*before, answer.body]), MAX_BYTES - size(self._words.more()) - 2)
        if tail:
            listed = "\n".join(tail)
            if size(parts[-1]) + size(listed) + 2 <= MAX_BYTES:
                parts[-1] = f"{parts[-1]}\n\n{listed}"
            else:
                parts.append(clip(listed, MAX_BYTES))
        # Only lists are counted: a state that stays as it is need not be written.
        return self._page(parts, numbers, replace(state, asked=answer.asked, serial=state.serial + bool(numbers)))

    def _further_page(self, answer: Answer, state: State) -> Reply:
        """更多: the page itself, and the rest stays for the next one."""
        return self._page([answer.body, *(answer.page_of or ())], dict(answer.numbered), state)

    def _page(self, parts: list[str], numbers: Choices, state: State) -> Reply:
        first, rest = parts[0], tuple(parts[1:])
        if not rest:
            return Reply(first, replace(state, rest=(), choices=numbers, waiting={}))
        # Numbers count from the page on that shows them, which is the last.
        return Reply(f"{first}\n\n{self._words.more()}", replace(state, rest=rest, choices={}, waiting=numbers))


class Words:
    """The sentences that replies are made of."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def more(self) -> str:
        """回复“更多”继续"""
        return self.say("wechat_more")

    def line(self, number: int, title: str) -> str:
        """回复 1：要带什么材料"""
        return self.say("wechat_choice", number=number, title=title)

    def link(self, link: tuple[str, str, str]) -> str:
        """A line to tap that opens the page with more."""
        title, _, address = link
        return f'<a href="{escape(address)}">{escape(title)}</a>'

    def late(self, kept: Kept) -> str:
        """您刚才问的…… before an answer that came too late."""
        question = clip(kept.question, _QUOTE)
        if kept.answer is None:
            return self.say("wechat_lost", question=question) if question else self.say("wechat_lost_unsaid")
        lead = self.say("wechat_late", question=question) if question else self.say("wechat_late_unsaid")
        return f"{lead}\n{kept.answer.body}"
