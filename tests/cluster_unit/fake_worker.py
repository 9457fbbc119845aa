"""A worker in name only: it announces itself, and ends as its orders say.

Arguments: the folder. What stands in ``<folder>/orders-<number>`` is done: ``refuse`` (exit code 3), ``stubborn`` (deaf
to SIGTERM), else it serves. Each SIGHUP that it hears is one more file ``wish-<process>-<how many>``.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Optional

from bot.cluster.worker import NUMBER, inherited


def main(folder: Path) -> int:
    number = os.environ[NUMBER]
    path = folder / f"orders-{number}"
    orders = path.read_text() if path.exists() else ""
    if orders == "refuse":
        return 3
    worker = inherited()
    assert worker is not None
    worker.door.listen()

    def end(_number: int, _frame: Optional[FrameType]) -> None:
        time.sleep(0.3)  # a drain
        (folder / f"drained-{number}").write_text("")
        os._exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if orders == "stubborn" else end)
    signal.signal(signal.SIGINT, end)
    wishes = itertools.count(1)
    signal.signal(signal.SIGHUP, lambda *_: (folder / f"wish-{os.getpid()}-{next(wishes)}").touch())
    (folder / f"pid-{number}").write_text(str(os.getpid()))
    worker.announce()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
