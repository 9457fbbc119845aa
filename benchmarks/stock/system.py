"""The stock bot as the system under measurement: ``rasa train``, ``rasa run`` and ``rasa run actions``."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import yaml

from benchmarks.doors import Door, RestDoor
from benchmarks.processes import Program, Running, free_port, run_timed
from benchmarks.stock.project import ACTIONS_MODULE, write_project

_ENV = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONUNBUFFERED": "1"}
_INPUTS = ("config.yml", "domain.yml", "data")


class Stock:
    """Rasa as its tutorial has it: DIET and TED, a separate action server, REST, trackers in memory."""

    name = "stock"
    label = "stock Rasa"

    def __init__(self, project: Path, out: Path, epochs: int) -> None:
        self._out = out / "stock"
        self._out.mkdir(parents=True, exist_ok=True)
        write_project(project, self._out, epochs)

    @property
    def _model(self) -> Path:
        return self._out / "models" / f"stock-{_digest(self._out)}.tar.gz"

    def has_model(self) -> bool:
        return self._model.exists()

    def train(self) -> float:
        # Without its cache Rasa trains everything, as for the first time.
        for name in ("models", ".rasa"):
            shutil.rmtree(self._out / name, ignore_errors=True)
        name = self._model.name[: -len(".tar.gz")]
        return run_timed("training the stock bot",
                         [sys.executable, "-m", "rasa", "train", "--force", "--fixed-model-name", name],
                         self._out, _ENV, self._out / "train.log")

    def start(self, running: Running) -> Door:
        bot, actions = free_port(), free_port()
        endpoints = {"action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"}}
        (self._out / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        rasa = [sys.executable, "-m", "rasa", "run"]
        server = [*rasa, "actions", "--actions", ACTIONS_MODULE, "--port", str(actions)]
        running.add(Program("the stock action server", server, self._out, _ENV, self._out / "actions.log"))
        bot_server = [*rasa, "--interface", "127.0.0.1", "--port", str(bot), "--model", str(self._model)]
        running.add(Program("the stock bot", bot_server, self._out, _ENV, self._out / "serve.log"))
        return RestDoor(f"http://127.0.0.1:{bot}")

    def whole(self) -> bool:
        return True


def _digest(root: Path) -> str:
    whole = hashlib.sha256()
    for name in _INPUTS:
        part = root / name
        for path in sorted(part.rglob("*.yml")) if part.is_dir() else [part]:
            whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:12]
