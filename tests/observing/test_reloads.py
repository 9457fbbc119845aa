"""An edit that is taken, and one that is refused, are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.observing.metrics import Metrics
from bot.watching import Watcher, signature
from tests.observing.test_metrics import value


class Base:
    """As much of a knowledge base as the watcher knows."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.refused: tuple[Any, ...] = ()
        self.takes = True

    def reload(self) -> bool:
        self.refused = () if self.takes else ("E001",)
        return self.takes


def test_edits_are_counted_by_what_became_of_them(tmp_path: Path, counting: Metrics) -> None:
    base: Any = Base(tmp_path)
    watcher = Watcher(base, signature(tmp_path))

    def edit(number: int) -> None:
        (tmp_path / f"{number}.yml").write_text("a: 1")
        watcher.look()
        watcher.look()

    edit(1)
    base.takes = False
    edit(2)
    edit(3)
    watcher.look()
    assert (value(counting, "reloads_total", result="ok"), value(counting, "reloads_total", result="refused")) == (1, 2)
