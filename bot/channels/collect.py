"""Turns what Rasa utters into messages of the contract, one for one."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.contract import ContractError, validate

logger = logging.getLogger(__name__)

Message = dict[str, Any]

#: What a resident reads when we cannot answer; the code tells staff why.
APOLOGIES: dict[str, str] = {
    "bot_failure": "抱歉，我们这边出了点问题，刚才的话没有处理好。请再发一次；急事请拨打12345。",
    "timeout": "抱歉，这次查得太久了，没有查出来。请再发一次；急事请拨打12345。",
    "no_reply": "抱歉，我没有想出怎么回答。请换个说法再问一次，或拨打12345。",
    "contract": "抱歉，这条回答没有整理好，为免误导您就不显示了。请换个说法再问一次，或拨打12345。",
    "not_deleted": "抱歉，您的记录这会儿没有删成。请过几分钟再说一次“删除我的记录”，或拨打12345。",
    "starting": "我正在准备，请过一分钟再发一次。急事请拨打12345。",
}


def error_message(code: str, region: str = "") -> Message:
    """A message of kind ``error`` for a key of ``APOLOGIES``."""
    return {
        "text": APOLOGIES[code],
        "buttons": [],
        "custom": {
            "kind": "error",
            "code": code,
            "answer_id": secrets.token_hex(8),
            "topic": "",
            "region": region,
            "sources": [],
            "knowledge_version": "",
        },
    }


def checked(message: Message, strict: bool) -> Message:
    """The message if it keeps the contract, else an apology in its place.

    Raises:
        ContractError: instead, when ``strict``, so that a test fails where the defect is.
    """
    try:
        validate(message)
    except ContractError as error:
        if strict:
            raise
        # Path and rule only: the values may be a resident's.
        logger.error("A reply breaks the contract and was withheld: %s", error)
        return error_message("contract")
    return message


class Collector(OutputChannel):
    """Keeps each bot utterance as one message: text, buttons and custom stay together.

    Rasa's own collector splits one utterance into up to three messages, and texts at blank lines.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name, which Rasa offers to actions as ``latest_input_channel``."""
        return "web"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps one utterance of the bot."""
        await self.keep(
            recipient_id,
            {
                "text": message.get("text") or "",
                "buttons": message.get("buttons") or message.get("quick_replies") or [],
                "custom": message.get("custom") or {},
            },
        )

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Rasa calls this only for texts outside an utterance; they go the same way."""
        await self.send_response(recipient_id, {"text": text, **kwargs})

    async def keep(self, recipient_id: str, message: Message) -> None:
        """Adds a message; a subclass may send it elsewhere."""
        self.messages.append(message)
