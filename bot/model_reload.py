"""Takes a newly trained model into service while the old one answers, which it goes on doing if the new one is no good.

All the work is done in a thread (about a second while residents are answered); the loop only puts one agent in the
place of the other. A turn holds the agent it began with, so it ends with that one, which then goes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Optional

from bot.model_trial import root
from bot.observing.metrics import metrics
from bot.settings import CannotServe
from bot.training import MODELS, code

logger = logging.getLogger(__name__)


class Stamp(NamedTuple):
    """A file as it was; another file under its name, or a change in it, makes another stamp."""

    name: str
    changed_ns: int
    size: int
    inode: int


def stamp_of(model: Path) -> Optional[Stamp]:
    """The file's stamp; None where there is no such file."""
    try:
        state = model.stat()
    except OSError:
        return None
    return Stamp(model.name, state.st_mtime_ns, state.st_size, state.st_ino) if model.is_file() else None


def newest(folder: Path) -> Optional[Stamp]:
    """The stamp of the model that was changed last; None where ``folder`` holds none."""
    stamps = [stamp for stamp in map(stamp_of, folder.glob(MODELS)) if stamp is not None]
    return max(stamps, key=lambda stamp: (stamp.changed_ns, stamp.name), default=None)


class ModelReload:
    """Does one load at a time, in the loop that calls ``wish``.

    Args:
        folder: where models lie.
        serving: the file that serves, not loaded yet.
        load: gives what may serve, or raises CannotServe; runs in a thread.
        ready: is given it when it is sure to serve in a moment; runs in that thread, too.
        put: puts it in the place of what serves; runs in the loop.
    """

    def __init__(self, folder: Path, serving: Path, load: Callable[[Path], Any], ready: Callable[[Any], None],
                 put: Callable[[Any], None]) -> None:
        self._folder = folder.absolute()  # so that it is found again in what is told
        self._name = serving.name
        self._serving = stamp_of(serving)
        self._load = load
        self._ready = ready
        self._put = put
        #: As this process has loaded it, or is about to.
        self._code = code()
        self._refused = ""
        self._wished = False
        self._task: Optional[asyncio.Task[None]] = None
        self._ended = False

    @property
    def name(self) -> str:
        """The name of the file that serves, without its ending."""
        return self._name.split(".")[0]

    def health(self) -> dict[str, str]:
        """What ``/health`` says: ``model_refused``, why the last wish was not fulfilled; empty where it was."""
        return {"model_refused": self._refused} if self._refused else {}

    def wish(self) -> None:
        """Take the newest model; while one is being loaded, look once more after that."""
        self._wished = not self._ended
        if self._wished and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Nothing is put into service any more."""
        self._ended, self._wished = True, False
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while self._wished:
            self._wished = False
            began = time.monotonic()
            try:
                found = await asyncio.get_running_loop().run_in_executor(None, self._look)
                if found is not None:
                    self._take(*found, began)
                self._refused = ""
            except Exception as error:
                self._refuse(error)

    def _look(self) -> Optional[tuple[Stamp, Any]]:
        """The newest model, loaded; None where it serves already. Raises CannotServe."""
        stamp = newest(self._folder)
        if stamp is None:
            raise CannotServe(f"{self._folder} 里没有模型（{MODELS}）：请先训练（make train）再发一次 HUP")
        if stamp == self._serving:
            logger.info("没有更新的模型，继续用 %s（按修改时间它最新；要换成别的，先 touch 那个文件）", stamp.name)
            return None
        changed = [name for name, digest in code().items() if self._code.get(name) != digest]
        if changed:
            raise CannotServe(f"{changed[0]} 在启动以后改过，模型 {stamp.name} 可能是新程序训练的，"
                              "正在运行的还是旧程序：请重启，不要只换模型")
        loaded = self._load(self._folder / stamp.name)
        if stamp_of(self._folder / stamp.name) != stamp:
            raise CannotServe(f"模型 {stamp.name} 在装的时候变了：等它拷完再发一次 HUP")
        self._ready(loaded)
        return stamp, loaded

    def _take(self, stamp: Stamp, loaded: Any, began: float) -> None:
        self._put(loaded)
        before, self._name, self._serving = self._name, stamp.name, stamp
        logger.info("模型换成了 %s，原来是 %s（用了 %.1f 秒）", stamp.name, before, time.monotonic() - began)
        self._count("ok")

    def _refuse(self, error: Exception) -> None:
        foreseen = isinstance(error, CannotServe)
        why = str(error) if foreseen else f"换模型时出了意料之外的错误（{type(error).__name__}），请交给维护人员"
        # Anybody may read ``/health``: names of files, no paths.
        self._refused = why.replace(f"{self._folder}/", "").replace(str(self._folder), "模型文件夹")
        cause = root(error) if error.__cause__ is not None or not foreseen else None
        logger.error("没有换模型，继续用 %s：%s", self._name, why, exc_info=cause)
        self._count("refused")

    def _count(self, result: str) -> None:
        counting = metrics()
        if counting is not None:
            counting.model_reloaded(result)
