"""The real server takes a newer model while residents go on asking, and refuses what is no good."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import settings
from bot.training import ensure_model
from tests.server.models import repacked
from tests.server.process import PROJECT, Server, within

#: How long a load is waited for; it takes a second.
LOADED_S = 120.0
SAID = ("你好", "附近哪里有老年食堂", "五角场", "人才公寓打几折", "谢谢")


class Resident(threading.Thread):
    """Asks one thing after the other until told to stop. ``answered``: what was said, with the answers."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._talk = server.converse("310110")
        self.answered: list[tuple[str, str, list[dict[str, Any]]]] = []
        self.failed: list[BaseException] = []
        self.stopping = False

    def run(self) -> None:
        try:
            while not self.stopping:
                text, message_id = SAID[len(self.answered) % len(SAID)], uuid.uuid4().hex
                self.answered.append((message_id, text, self._talk.say(text, message_id)))
        except BaseException as error:
            self.failed.append(error)

    def stop(self) -> None:
        self.stopping = True
        self.join(60)
        assert not self.failed, self.failed

    def check(self) -> None:
        """Everything was answered, once, in order, and never by an apology."""
        expected = [line for message_id, text, replies in self.answered
                    for line in ((message_id, text), *((message_id, reply["text"]) for reply in replies))]
        found = [(entry["message_id"], entry["text"] if "text" in entry else entry["message"]["text"])
                 for entry in self._talk.history()]
        # The page is shown the end of a long conversation.
        assert found and found == expected[-len(found):]
        assert all(replies for _, _, replies in self.answered)
        assert not [reply for _, _, replies in self.answered for reply in replies if reply["custom"]["kind"] == "error"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with a models folder of its own; ``folder/trained``: the model that it was started with."""
    model = ensure_model()
    (tmp_path / "models").mkdir()
    (tmp_path / "cache").mkdir()
    shutil.copy(model, tmp_path / "models")
    shutil.copy(model, tmp_path / "trained")
    for vectors in settings().cache.glob("vectors-*"):
        if vectors.is_dir():
            shutil.copytree(vectors, tmp_path / "cache" / vectors.name)
    running = Server(tmp_path, PROJECT / "knowledge" / "content", {"LINLITONG_MODELS": str(tmp_path / "models")})
    try:
        running.start()
        yield running
    finally:
        running.kill()


def test_a_newer_model_is_taken_and_a_bad_one_refused_while_residents_ask(server: Server) -> None:
    models, trained = server.folder / "models", server.folder / "trained"
    residents = [Resident(server) for _ in range(2)]

    def hang_up() -> None:
        os.kill(server.pid, signal.SIGHUP)

    def health() -> dict[str, Any]:
        answer = server.get("/health")
        assert answer.status_code == 200
        state: dict[str, Any] = answer.json()
        return state

    def serves(model_id: str) -> bool:
        return health()["model"] == model_id

    def answers_go_on() -> None:
        counts = [len(resident.answered) for resident in residents]
        within(LOADED_S, lambda: all(len(resident.answered) > count + len(SAID)
                                     for resident, count in zip(residents, counts, strict=True)) or None)

    def refused(name: str) -> None:
        hang_up()
        told = within(LOADED_S, lambda: name in health().get("model_refused", "") and health()["model_refused"])
        assert str(server.folder) not in told and "不完整" in told
        assert health()["status"] == "ok" and serves("second"), "the old one serves on"
        answers_go_on()

    for resident in residents:
        resident.start()
    answers_go_on()
    before = health()["model"]

    repacked(trained, models / "linlitong-second.tar.gz", "second")
    hang_up()
    within(LOADED_S, lambda: serves("second") or None)
    assert before != "second" and "model_refused" not in health()
    answers_go_on()

    whole = (models / "linlitong-second.tar.gz").read_bytes()
    (models / "linlitong-half.tar.gz").write_bytes(whole[:len(whole) // 2])
    refused("linlitong-half.tar.gz")
    time.sleep(0.05)  # two files of one instant are told apart by their names alone
    (models / "linlitong-bytes.tar.gz").write_bytes(os.urandom(100_000))
    refused("linlitong-bytes.tar.gz")

    repacked(trained, models / "linlitong-third.tar.gz", "third")
    for _ in range(3):
        hang_up()
    within(LOADED_S, lambda: serves("third") or None)
    assert "model_refused" not in health()
    answers_go_on()

    for resident in residents:
        resident.stop()
        resident.check()
    code, _ = server.stop(signal.SIGTERM)
    assert code in (0, 143, -signal.SIGTERM)
    told = [line for line in server.printed().splitlines() if "bot.model_reload" in line]
    taken, refusals = ([line for line in told if f" {level} " in line] for level in ("INFO", "ERROR"))
    assert len(refusals) == 2 and all("继续用 linlitong-second.tar.gz" in line for line in refusals)
    assert sum("模型换成了" in line for line in taken) == 2, "each is taken once, however often it is asked for"
    assert "Traceback" not in server.printed() and "你好" not in server.printed()
