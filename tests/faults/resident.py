"""A resident who does not give up: sends a message until it is answered, from an address of their own."""

from __future__ import annotations

import itertools
import time
import uuid
from typing import Any

import requests

from tests.faults.conftest import ADDRESS
from tests.server.process import Server

_numbers = itertools.count(1)


class Resident:
    """``answered``: what was acknowledged, by message id."""

    def __init__(self, server: Server, region: str = "310110") -> None:
        number = next(_numbers)
        self._server = server
        self.headers = {ADDRESS: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        self.answered: dict[str, list[dict[str, Any]]] = {}
        self.said: dict[str, str] = {}
        self.token = str(self._post("session", {"region": region}).json()["token"])

    def _post(self, call: str, body: dict[str, Any], timeout: float = 60.0) -> requests.Response:
        return requests.post(
            f"{self._server.url}/webhooks/web/{call}", json=body, headers=self.headers, timeout=timeout
        )

    def send(self, text: str, message_id: str = "") -> requests.Response:
        """One try."""
        message_id = message_id or uuid.uuid4().hex
        self.said[message_id] = text
        answer = self._post("message", {"token": self.token, "message_id": message_id, "text": text})
        if answer.status_code == 200:
            self.answered[message_id] = answer.json()["messages"]
        return answer

    def insist(self, text: str, patience_s: float = 240.0) -> list[dict[str, Any]]:
        """Tries the same message again until it is answered."""
        message_id, ends = uuid.uuid4().hex, time.monotonic() + patience_s
        while time.monotonic() < ends:
            try:
                if self.send(text, message_id).status_code == 200:
                    return self.answered[message_id]
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise AssertionError(f"never answered: {text}")

    def history(self) -> list[dict[str, Any]]:
        """What the server has of the conversation."""
        answer = requests.get(
            f"{self._server.url}/webhooks/web/history",
            timeout=60,
            headers={**self.headers, "Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()["messages"]
        return entries

    def check(self) -> int:
        """That all that was acknowledged is there, once, in order, as it was told; gives how many messages."""
        entries = self.history()
        asked = [entry["message_id"] for entry in entries if entry["from"] == "resident"]
        assert len(asked) == len(set(asked)), "a message stands there twice"
        assert [name for name in asked if name in self.answered] == list(self.answered), "lost, or out of order"
        for name, replies in self.answered.items():
            kept = [entry["message"] for entry in entries if entry["from"] == "bot" and entry["message_id"] == name]
            assert [item["text"] for item in kept] == [item["text"] for item in replies], self.said[name]
        return len(asked)
