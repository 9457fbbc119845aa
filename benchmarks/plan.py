"""How much is measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """The sizes of one run. Each round starts both systems anew, one after the other."""

    mode: str
    #: Epochs of the stock bot's DIET, ResponseSelector, TED and UnexpecTED; they change its training time only. All its
    #: 100 take more than two hours on our training sentences (85 s an epoch, measured).
    epochs: int
    rounds: int
    #: Messages sent before anything is timed.
    warm_up: int
    #: Messages of one resident alone, for the latency of a turn.
    alone: int
    #: Residents who write at the same time, and the messages of each.
    residents: int
    messages_each: int
    #: After so many messages a resident begins a new conversation.
    conversation_turns: int = 10
    #: Length of the one long conversation, turns.
    long_turns: int = 200
    #: Turns in the window at either end of the long conversation.
    window: int = 10

    @property
    def sentences(self) -> int:
        """How many different sentences one round needs."""
        return self.warm_up + self.alone + self.residents * self.messages_each + self.long_turns

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return {**asdict(self), "sentences_per_round": self.sentences}


FULL = Plan(mode="full", epochs=5, rounds=3, warm_up=16, alone=200, residents=16, messages_each=32)
QUICK = Plan(mode="quick", epochs=1, rounds=3, warm_up=8, alone=40, residents=16, messages_each=10)
