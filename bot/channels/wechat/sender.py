"""What the channel asks of WeChat's API: messages that no request is waiting for any more (客服消息)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

#: What a resident did; each lets something be sent to them for a while.
Heard = Literal["message", "click", "subscribe", "scan"]


class Sender(Protocol):
    """Sends to one resident outside of a reply. A call that sends gives False where it could not, and never raises."""

    async def heard(self, openid: str, what: Heard) -> None:
        """The resident did something just now. Never raises."""

    async def forget(self, openid: str) -> None:
        """Deletes what is kept of the resident."""

    async def text(self, openid: str, text: str) -> bool:
        """One text of at most 2,048 bytes."""

    async def news(self, openid: str, title: str, description: str, url: str) -> bool:
        """One article."""

    async def menu_buttons(self, openid: str, head: str, items: Sequence[tuple[str, str]], tail: str) -> bool:
        """A msgmenu: ``items`` are (id, text); a tap comes back as a text with ``bizmsgmenuid``."""

