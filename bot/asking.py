"""``ask``: one conversation in the terminal, with the whole bot but no server and nothing kept."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Optional

from bot.channels.bodies import spoken
from bot.channels.collect import Collector
from bot.settings import settings
from bot.training import ensure_model


class Chat:
    """A conversation with the bot in this process. Used by ``ask``, tests and benchmarks."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent
        self._count = 0

    async def say(self, text: str, *, sender: str, region: str, location: Optional[dict[str, Any]] = None
                  ) -> list[dict[str, Any]]:
        """The bot's messages to ``text``; ``location`` is a device's ``{lng, lat, crs}``."""
        from rasa.core.channels.channel import UserMessage

        self._count += 1
        collector = Collector()
        metadata: dict[str, Any] = {"region": region, "message_id": f"{sender}-{self._count}"}
        if location is not None:
            metadata["location"] = location
        await self._agent.handle_message(
            UserMessage(spoken(text), collector, sender, input_channel="web", metadata=metadata))
        return collector.messages

    async def parse(self, text: str) -> dict[str, Any]:
        """What the bot reads in ``text`` at the start of a conversation."""
        parsed: dict[str, Any] = await self._agent.parse_message(text)
        return parsed


async def load_chat() -> Chat:
    """The bot with conversations kept in memory only."""
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    from bot.in_process import InProcessActions
    from bot.tuning import tune

    tune()
    agent = await load_agent(str(ensure_model()), endpoints=AvailableEndpoints(action=InProcessActions()))
    if not agent.is_ready():
        raise RuntimeError("the model could not be loaded")
    return Chat(agent)


def run_ask(texts: list[str], *, region: Optional[str], why: bool) -> int:
    """Say each text in turn and print the answers."""
    asyncio.run(_converse(texts, region or settings().region, why))
    return 0


async def _converse(texts: list[str], region: str, why: bool) -> None:
    chat = await load_chat()
    for text in texts:
        print(f"\n问：{text}")
        if why:
            parsed = await chat.parse(text)
            shown = {key: parsed.get(key) for key in ("intent", "intent_ranking", "reading")}
            print(json.dumps(shown, ensure_ascii=False, indent=1))
        for reply in await chat.say(text, sender="ask", region=region):
            _print(reply, why)


def _print(reply: dict[str, Any], why: bool) -> None:
    custom = reply["custom"]
    print(f"答〔{custom['kind']}{' ' + custom['topic'] if custom.get('topic') else ''}〕{reply['text']}")
    if reply["buttons"]:
        print("　　" + " ".join(f"[{item['title']}]" for item in reply["buttons"]))
    for source in custom.get("sources", []):
        print(f"　　来源：{source['publisher']}《{source['title']}》{source['date']} {source['trust']}")
    if why:
        json.dump({key: value for key, value in custom.items() if key != "sources"}, sys.stdout, ensure_ascii=False)
        print()
