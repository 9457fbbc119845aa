"""Our bot as the system under measurement: ``python -m bot``, with folders of its own for model and state."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Optional

from benchmarks.doors import Door, WebDoor
from benchmarks.errors import CannotMeasure
from benchmarks.processes import Program, Running, free_port, run_timed
from bot.training import fingerprint


class Ours:
    """``python -m bot serve``: bot, actions and page in one process, conversations in SQLite."""

    name = "ours"
    label = "邻里通"

    def __init__(self, project: Path, out: Path) -> None:
        self._project = project
        self._out = out / "ours"
        self._trained: Optional[str] = None
        self._training_s: Optional[float] = None

    def has_model(self) -> bool:
        return any((self._out / "models").glob(f"*{fingerprint()}*"))

    @property
    def trained_s(self) -> float:
        """How long the training of this run took, seconds."""
        assert self._training_s is not None
        return self._training_s

    def train(self) -> float:
        # Everything that training makes goes first: a first training is timed, the vectors of the content included.
        for name in ("models", "cache"):
            shutil.rmtree(self._out / name, ignore_errors=True)
        self._trained = fingerprint()
        self._training_s = run_timed("training 邻里通", [sys.executable, "-m", "bot", "train", "--force"],
                                     self._project, self._env(), self._out / "train.log")
        return self._training_s

    def start(self, running: Running) -> Door:
        if self._trained is None:
            self._trained = fingerprint()
        # A stale model would be trained anew inside the start, and the start would be timed wrongly.
        if self._trained != fingerprint() or not self.has_model():
            raise CannotMeasure("the bot's sources or training data changed while it was measured: run again")
        # A fresh store each round, as the stock bot's memory is fresh too.
        shutil.rmtree(self._out / "var", ignore_errors=True)
        port = free_port()
        self._start_beside(running)
        running.add(Program("邻里通", [sys.executable, "-m", "bot", "serve"], self._project,
                            {**self._env(), "PORT": str(port)}, self._out / "serve.log"))
        return WebDoor(f"http://127.0.0.1:{port}")

    def whole(self) -> bool:
        return True

    def _start_beside(self, running: Running) -> None:
        """Start what it needs beside itself: nothing."""

    def _env(self) -> dict[str, str]:
        """The environment of its programs."""
        return {
            "HOST": "127.0.0.1",
            "LINLITONG_VAR": str(self._out / "var"),
            "LINLITONG_CACHE": str(self._out / "cache"),
            "LINLITONG_MODELS": str(self._out / "models"),
            # All residents come from one address here; the limit would measure itself. The stock bot has none.
            "LINLITONG_SESSION_PER_MINUTE": "0",
            "LINLITONG_ADDRESS_PER_MINUTE": "0",
            "PYTHONUNBUFFERED": "1",
        }


class OursOnTwo(Ours):
    """The same with ``WORKERS=2`` and Redis between the processes; the model is that of ``one``."""

    name = "two"
    label = "邻里通, two processes"

    def __init__(self, project: Path, out: Path, one: Ours) -> None:
        super().__init__(project, out)
        self._one = one
        self._redis = 0

    def train(self) -> float:
        self._trained = fingerprint()
        return self._one.trained_s

    def whole(self) -> bool:
        # The second process is started when the first one answers.
        return "2 个进程" in (self._out / "serve.log").read_text(encoding="utf-8", errors="replace")

    def _start_beside(self, running: Running) -> None:
        self._redis = free_port()
        # Nothing of it is kept: conversations are in the database, and a lock is worth nothing after the run.
        running.add(Program("Redis", ["redis-server", "--port", str(self._redis), "--bind", "127.0.0.1", "--save", "",
                                      "--appendonly", "no"], self._out, {}, self._out / "redis.log"))

    def _env(self) -> dict[str, str]:
        beside = {"WORKERS": "2", "REDIS_URL": f"redis://127.0.0.1:{self._redis}/0"} if self._redis else {}
        return {**super()._env(), **beside}
