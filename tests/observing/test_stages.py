"""An agent whose parts are timed is kept by nothing but those who use it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from types import SimpleNamespace

from bot.observing.stages import observe_agent
from bot.observing.turn import arrive


class Processor:
    """As much of Rasa's processor as is timed."""

    action_endpoint = None

    async def parse_message(self, text: str) -> dict[str, dict[str, object]]:
        """What was understood."""
        await asyncio.sleep(0.01)
        return {"intent": {"name": text, "confidence": 0.9}}


def test_one_that_was_replaced_is_gone_with_its_last_turn() -> None:
    agent = SimpleNamespace(processor=Processor(), tracker_store=None)
    observe_agent(agent)
    observe_agent(agent)
    gone = weakref.ref(agent.processor)

    async def turn() -> None:
        with arrive("web") as seen:
            under_way = asyncio.ensure_future(agent.processor.parse_message("greet"))
            await asyncio.sleep(0)
            agent.processor = None
            assert (await under_way)["intent"]["name"] == "greet"
            assert seen.intent == "greet" and seen.stages["nlu"] >= 0.009

    gc.disable()
    try:
        asyncio.run(turn())
        assert gone() is None, "without being collected as garbage"
    finally:
        gc.enable()
