"""What a system under measurement offers."""

from __future__ import annotations

from typing import Protocol

from benchmarks.doors import Door
from benchmarks.processes import Running


class System(Protocol):
    """A bot that can be trained and started."""

    #: Short key in reports.
    name: str
    #: What readers of the report call it.
    label: str

    def has_model(self) -> bool:
        """True when an earlier run left a model that fits the present data."""
        ...

    def train(self) -> float:
        """Trains from nothing; gives seconds. Raises CannotMeasure."""
        ...

    def start(self, running: Running) -> Door:
        """Starts all its programs into ``running`` without waiting; gives the door to speak to them."""
        ...

    def whole(self) -> bool:
        """Whether, having answered once, it serves with all it has. Nothing is measured under load before."""
        ...
