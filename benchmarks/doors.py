"""How to speak to each system: open a conversation, say a sentence, tell an answer from a failure."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

import aiohttp


class Door(Protocol):
    """The channel of one running system."""

    async def open(self, http: aiohttp.ClientSession) -> str:
        """Begins a conversation; gives what ``say`` needs to go on with it."""
        ...

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        """Sends one message and reads the whole answer; gives "" or, in a word, what went wrong."""
        ...


class RestDoor:
    """Rasa's REST channel."""

    def __init__(self, base: str) -> None:
        self._url = f"{base}/webhooks/rest/webhook"

    async def open(self, http: aiohttp.ClientSession) -> str:
        return uuid.uuid4().hex

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        async with http.post(self._url, json={"sender": conversation, "message": text}) as answer:
            if answer.status != 200:
                return f"status {answer.status}"
            return rest_failure(await answer.json())


class WebDoor:
    """The web channel of the contract."""

    def __init__(self, base: str) -> None:
        self._base = f"{base}/webhooks/web"

    async def open(self, http: aiohttp.ClientSession) -> str:
        async with http.post(f"{self._base}/session", json={}) as answer:
            answer.raise_for_status()
            token: str = (await answer.json())["token"]
            return token

    async def say(self, http: aiohttp.ClientSession, conversation: str, text: str) -> str:
        body = {"token": conversation, "message_id": uuid.uuid4().hex, "text": text}
        async with http.post(f"{self._base}/message", json=body) as answer:
            if answer.status != 200:
                return f"status {answer.status}"
            return web_failure(await answer.json())


def rest_failure(messages: Any) -> str:
    """"" for an answer. Rasa's REST channel hides errors as an empty list."""
    return "" if isinstance(messages, list) and any(item.get("text") for item in messages) else "no answer"


def web_failure(body: Any) -> str:
    """"" for an answer. An apology for a fault of ours is not one."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not messages:
        return "no answer"
    errors = [item["custom"].get("code", "error") for item in messages if item["custom"]["kind"] == "error"]
    return f"error {errors[0]}" if errors else ""
