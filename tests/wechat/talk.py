"""Lets a conversation of the test files be had through WeChat: simulator, HTTP, encryption, channel, bot, and back.

What the bot says is judged as the web's tests judge it, by the messages of the contract; what the resident sees is
judged beside it: one bubble for each message, with everything in it that the test says must be told.
"""

from __future__ import annotations

import re
import socket
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from knowledge.coords import wgs84_to_gcj02
from tests.support.driver import Bot, Conversation, play
from tests.support.expectations import Message
from tests.wechat.host import account_for, make_channel
from tools.wechat_simulator import pushes
from tools.wechat_simulator.wechat import Sent, WeChat

Sanic.test_mode = True
#: A reply that has more pages ends with this word in quotes.
MORE = "“更多”"
MOST_PAGES = 12
#: What the web's button for the device's place says.
HERE = "用我现在的位置"


class _Overhearing:
    """The agent, which remembers the messages of the contract that it gave last."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent
        self.said: list[Message] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._agent, name)

    async def handle_message(self, message: UserMessage) -> Any:
        result = await self._agent.handle_message(message)
        self.said = list(cast(Any, message.output_channel).messages)
        return result


class ThroughWeChat:
    """The whole bot behind its WeChat channel, served on the bot's own loop. Use as a context manager."""

    def __init__(self, bot: Bot, var: Path) -> None:
        self._loop = bot._loop
        self._agent = _Overhearing(bot._chat._agent)
        self._door = socket.create_server(("127.0.0.1", 0))
        account = account_for(f"http://127.0.0.1:{self._door.getsockname()[1]}/webhooks/wechat/")
        self.channel = make_channel(account, var)
        self.wechat = WeChat(account)
        self._server: Any = None
        self._talk: _Talk | None = None

    def __enter__(self) -> ThroughWeChat:
        self._loop.run_until_complete(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._stop())

    async def _start(self) -> None:
        app = Sanic(f"wechat_{uuid.uuid4().hex}", configure_logging=False)
        app.ctx.agent = self._agent
        register([self.channel], app, route="/webhooks/")
        self._server = await app.create_server(sock=self._door, return_asyncio_server=True, access_log=False)
        await self._server.startup()
        await self._server.before_start()
        await self._server.start_serving()

    async def _stop(self) -> None:
        await self.wechat.__aexit__()
        await self._server.before_stop()
        self._server.close()
        for connection in list(self._server.connections):
            connection.close_if_idle()

    def play(self, script: dict[str, Any]) -> list[str]:
        """Play one conversation; the failures with the transcript, empty if all went well."""
        self._talk = talk = _Talk(self, str(script["region"]))
        for number, turn in enumerate(script["turns"], 1):
            found = play(cast(Bot, self), {"region": script["region"], "turns": [turn]})
            if found:
                return [f"in turn {number}: {found[0]}", *found[1:]]
            unseen = talk.unseen(turn.get("expect") or {})
            if unseen:
                return [f"in turn {number}: the resident does not see {unseen}", *talk.log]
        return []

    def converse(self, _region: str) -> Conversation:
        """The conversation that is under way; ``play`` asks for it turn by turn."""
        assert self._talk is not None
        return self._talk

    def do(self, user: str, push: pushes.Push) -> tuple[Sent, list[Message]]:
        """Let a user do something; how it went, and what the bot said to it."""
        self._agent.said = []
        sent = self._loop.run_until_complete(self.wechat.do(user, push))
        return sent, self._agent.said

    def region(self, code: str) -> None:
        """The region that the account serves from now on."""
        assert self.channel.account is not None
        self.channel.account = replace(self.channel.account, region=code)


class _Talk(Conversation):
    """One user; ``seen`` is what they saw as the answer to their last message, all pages of it."""

    def __init__(self, through: ThroughWeChat, region: str) -> None:
        super().__init__(cast(Bot, None), region, "")
        self._through = through
        self._user = through.wechat.new_user()
        through.region(region)
        self.seen = ""

    def say(self, text: str, location: Any = None) -> list[Message]:
        push = pushes.text(text)
        if text == HERE and location is not None:
            # What the web's button sends; in WeChat one sends a place of the map.
            lng, lat = wgs84_to_gcj02(location["lng"], location["lat"])
            push = pushes.location(lat, lng)
        elif location is not None:
            # WeChat reports a device's place by itself, before and apart from what is said.
            self._through.do(self._user, pushes.location_report(location["lat"], location["lng"]))
        self.last, self.seen = self._exchange(push)
        for message in self.last:
            head = re.split("[。！？\n]", message["text"], maxsplit=1)[0]
            assert _bare(head) in _bare(self.seen), f"the resident does not see {head!r}"
        return self.last

    def tap(self, title: str) -> list[Message]:
        """Answer as the reply tells to: by the number of a line, or by the words that it offers."""
        numbered = re.search(rf"^回复 ?(\d+)：{re.escape(title)}$", self.seen, re.MULTILINE) or \
            re.search(rf"^ *(\d+)[.、．] *{re.escape(title)}$", self.seen, re.MULTILINE)
        if numbered is not None:
            return self.say(numbered[1])
        assert f"“{title}”" in self.seen, f"the reply does not offer {title!r}"
        return self.say(title)

    def unseen(self, expect: dict[str, Any]) -> list[str]:
        """What the test says must be told, and the last answer does not show."""
        wanted = expect.get("contains", [])
        words = [str(word) for word in (wanted if isinstance(wanted, list) else [wanted])]
        if expect.get("amount") is not None:
            words.append(f"{expect['amount']:g}")
        # Numbers may be grouped by thousands.
        seen = _bare(self.seen)
        return [word for word in words if _bare(word) not in seen]

    def _exchange(self, push: pushes.Push) -> tuple[list[Message], str]:
        sent, said = self._through.do(self._user, push)
        pages = [self._page(sent)]
        while MORE in pages[-1][-30:]:
            assert len(pages) < MOST_PAGES, "the pages do not end"
            pages.append(self._page(self._through.do(self._user, pushes.text("更多"))[0]))
        seen = "\n".join(pages)
        self.log.append(f"居民：{push.shown}")
        self.log += [f"　　　〔{item['custom']['kind']}〕{item['text']}" for item in said]
        self.log.append(f"　微信：{seen}")
        return said, seen

    def _page(self, sent: Sent) -> str:
        bubbles = [bubble for bubble in self._through.wechat.transcript.of(self._user)
                   if bubble.push == sent.id and bubble.who != "user"]
        assert [bubble.via for bubble in bubbles] == ["reply"], f"{[item.text for item in bubbles]} {sent.delivered}"
        return bubbles[0].text


def _bare(text: str) -> str:
    """``text`` without spaces, and with numbers written in one way."""
    return re.sub(r"\s|(?<=\d),(?=\d{3})", "", text)
