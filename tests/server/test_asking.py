"""``ask`` and the tests' Chat hold every reply to the contract, as the web channel does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot import asking
from bot.asking import Chat
from bot.contract import ContractError
from tests.channels.messages import message


class Agent:
    """Says the given messages."""

    def __init__(self, *said: dict[str, Any]) -> None:
        self._said = said

    async def handle_message(self, heard: Any) -> None:
        for item in self._said:
            await heard.output_channel.send_response(heard.sender_id, item)


def test_sound_replies_come_through() -> None:
    replies = asyncio.run(Chat(Agent(message("faq"), message("ack"))).say("问", sender="s", region="510100"))
    assert [reply["custom"]["kind"] for reply in replies] == ["faq", "ack"]


def test_a_reply_that_breaks_the_contract_is_not_passed_on() -> None:
    broken = message("faq")
    broken["custom"]["sources"] = []
    with pytest.raises(ContractError, match="sources"):
        asyncio.run(Chat(Agent(message("ack"), broken)).say("问", sender="s", region="510100"))


def test_ask_shows_the_breach_and_goes_on(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    broken = message("faq")
    del broken["custom"]["record"]
    said = iter([Agent(broken), Agent(message("ack"))])

    class Changing:
        async def handle_message(self, heard: Any) -> None:
            await next(said).handle_message(heard)

    async def load() -> Chat:
        return Chat(Changing())

    monkeypatch.setattr(asking, "load_chat", load)
    assert asking.run_ask(["一", "二"], region="510100", why=False) == 1
    shown = capsys.readouterr()
    assert "不合约定" in shown.err and "record" in shown.err
    assert message("ack")["text"] in shown.out
