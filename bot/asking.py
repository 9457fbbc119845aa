"""``ask``: one conversation in the terminal, with the whole bot but no server and nothing kept."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Optional

from bot.channels.bodies import spoken
from bot.channels.collect import Collector, checked
from bot.contract import ContractError
from bot.training import ensure_model


class Chat:
    """A conversation with the bot in this process. Used by ``ask``, tests and benchmarks."""

    def __init__(self, agent: Any) -> None:
        self._agent = agent
        self._count = 0

    async def say(self, text: str, *, sender: str, region: str, location: Optional[dict[str, Any]] = None
                  ) -> list[dict[str, Any]]:
        """The bot's messages to ``text``; ``location`` is a device's ``{lng, lat, crs}``.

        Raises:
            ContractError: where the web channel would withhold a reply, so that the defect is seen.
        """
        from rasa.core.channels.channel import UserMessage

        self._count += 1
        collector = Collector()
        metadata: dict[str, Any] = {"region": region, "message_id": f"{sender}-{self._count}"}
        if location is not None:
            metadata["location"] = location
        await self._agent.handle_message(
            UserMessage(spoken(text), collector, sender, input_channel="web", metadata=metadata))
        return [checked(message, strict=True) for message in collector.messages]

    async def parse(self, text: str) -> dict[str, Any]:
        """What the bot reads in ``text`` at the start of a conversation."""
        parsed: dict[str, Any] = await self._agent.parse_message(text)
        return parsed


async def load_chat() -> Chat:
    """The bot with conversations kept in memory only."""
    from rasa.core.utils import AvailableEndpoints

    from bot.in_process import InProcessActions
    from bot.serve import load_agent
    from bot.tuning import tune

    tune()
    return Chat(await load_agent(ensure_model(), AvailableEndpoints(action=InProcessActions())))


def run_ask(texts: list[str], *, region: str, why: bool) -> int:
    """Say each text in turn and print the answers; 1 if one of them breaks the contract."""
    from bot.knowledge_access import snapshot
    from bot.serve import check_region

    check_region(region, snapshot())
    return asyncio.run(_converse(texts, region, why))


async def _converse(texts: list[str], region: str, why: bool) -> int:
    chat = await load_chat()
    code = 0
    for text in texts:
        print(f"\n问：{text}")
        if why:
            parsed = await chat.parse(text)
            shown = {key: parsed.get(key) for key in ("intent", "intent_ranking", "reading")}
            print(json.dumps(shown, ensure_ascii=False, indent=1))
        try:
            replies = await chat.say(text, sender="ask", region=region)
        except ContractError as error:
            print(f"这条回答不合约定（网页上只会显示一句道歉）：{error}", file=sys.stderr)
            code = 1
            continue
        for reply in replies:
            _print(reply, why)
    return code


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
