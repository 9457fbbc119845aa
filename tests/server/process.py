"""Runs ``python -m bot serve`` as its own process and talks to it as a browser would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, TypeVar

import requests

PROJECT = Path(__file__).resolve().parent.parent.parent
#: Seconds that a start may take; it is some 8 s on two idle cores, minutes on busy ones.
START_S = 300.0
SERVE = (sys.executable, "-m", "bot", "serve")
T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _interruptible() -> None:
    # A shell that starts the tests in the background makes its children deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(port: int, folder: Path, *, content: Path, log: Path, more: Mapping[str, str] = {},
          command: Sequence[str] = SERVE) -> subprocess.Popen[bytes]:
    """The server's process: state in ``folder``/var, everything that it prints appended to ``log``.

    ``more``: of its environment; ``command``: another way to start it.
    """
    environment = {**os.environ, "PORT": str(port), "LINLITONG_CONTENT": str(content), "LINLITONG_STRICT_CONTRACT": "1",
                   "LINLITONG_VAR": str(folder / "var"), "LINLITONG_CACHE": str(folder / "cache"),
                   # Tests ask faster than any resident; the limits have tests of their own (tests/channels).
                   "LINLITONG_SESSION_PER_MINUTE": "0", "LINLITONG_ADDRESS_PER_MINUTE": "0", **more}
    with log.open("ab") as output:
        return subprocess.Popen(list(command), cwd=PROJECT, env=environment, stdout=output,
                                stderr=subprocess.STDOUT, preexec_fn=_interruptible)


def within(seconds: float, look: Callable[[], Optional[T]]) -> T:
    """What ``look`` gives once it gives something; fails after ``seconds``."""
    ends = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < ends, f"nothing came within {seconds} s"
        time.sleep(0.15)


class Server:
    """The real server. ``statuses``: what ``/health`` said while it started; 0 stands for a refused connection."""

    def __init__(self, folder: Path, content: Path, more: Mapping[str, str] = {}, command: Sequence[str] = SERVE
                 ) -> None:
        self.folder = folder
        self._more = more
        self._command = command
        self.content = content
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.statuses: list[int] = []
        self.health: dict[str, Any] = {}
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        """Start it and wait until it can answer."""
        self._process = start(self.port, self.folder, content=self.content, log=self.log, more=self._more,
                              command=self._command)
        self.statuses = []

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.printed()
            try:
                answer = requests.get(f"{self.url}/health", timeout=5)
            except requests.ConnectionError:
                self.statuses.append(0)
                return False
            self.statuses.append(answer.status_code)
            self.health = answer.json()
            return answer.status_code == 200

        within(START_S, ready)

    def settle(self) -> None:
        """Wait until it no longer makes regions ready, which takes the processor."""
        within(START_S, lambda: "ready for every region" in self.printed() or None)

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, float]:
        """Ask it to end; its exit code and the seconds that it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(how)
        code = self._process.wait(30)
        self._process = None
        return code, time.monotonic() - began

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def printed(self) -> str:
        """Everything it ever wrote on the screen."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    # --- the contract's calls -----------------------------------------------------------------

    def get(self, path: str, token: str = "", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.get(self.url + path, headers=headers, timeout=20, **options)

    def converse(self, region: str) -> Conversation:
        """A new session."""
        answer = requests.post(f"{self.url}/webhooks/web/session", json={"region": region}, timeout=20)
        assert answer.status_code == 200
        return Conversation(self, answer.json())


class Conversation:
    """One session; it outlives a restart of the server."""

    def __init__(self, server: Server, session: dict[str, Any]) -> None:
        self._server = server
        self.id = str(session["session"])
        self.token = str(session["token"])

    def say(self, text: str, message_id: str = "", **more: Any) -> list[dict[str, Any]]:
        """The bot's messages to ``text``."""
        body = {"token": self.token, "message_id": message_id or uuid.uuid4().hex, "text": text, **more}
        answer = requests.post(f"{self._server.url}/webhooks/web/message", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def history(self) -> list[dict[str, Any]]:
        """What was said, by both sides."""
        answer = self._server.get("/webhooks/web/history", self.token)
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()["messages"]
        return entries

    def forget(self) -> requests.Response:
        """Delete the conversation."""
        return requests.delete(f"{self._server.url}/webhooks/web/conversation", timeout=20,
                               headers={"Authorization": f"Bearer {self.token}"})
