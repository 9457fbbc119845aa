"""What may go wrong between WeChat and the server, drawn by a seed so that a run can be repeated."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tools.wechat_simulator.pushes import Push


@dataclass(frozen=True)
class PushFaults:
    """What goes wrong with one push."""

    #: Seconds before the first try: a push that is overtaken by later ones.
    delay_s: float = 0.0
    #: How often the first try goes out, all at once.
    copies: int = 1
    #: So many of the first answers are written by the server but never reach WeChat, which then tries again.
    lost_replies: int = 0

    @property
    def names(self) -> list[str]:
        """The kinds of fault in it: delay, duplicate, lost reply."""
        return [name for name, there in (("delay", self.delay_s > 0), ("duplicate", self.copies > 1),
                                         ("lost reply", self.lost_replies > 0)) if there]


NO_FAULTS = PushFaults()


class Chaos:
    """Draws faults for each push; call it with the push.

    Args:
        seed: the same seed gives the same faults to the same sequence of pushes.
        delay, duplicate, lost_reply: shares of pushes, 0 to 1, each drawn by itself.
        longest_delay_s: delays are even between 0 and this.
    """

    def __init__(self, seed: int, *, delay: float = 0.0, duplicate: float = 0.0, lost_reply: float = 0.0,
                 longest_delay_s: float = 1.0) -> None:
        self._random = random.Random(seed)
        self._delay, self._duplicate, self._lost_reply = delay, duplicate, lost_reply
        self._longest_delay_s = longest_delay_s

    def __call__(self, push: Push) -> PushFaults:
        draw = self._random.random
        return PushFaults(
            delay_s=draw() * self._longest_delay_s if draw() < self._delay else 0.0,
            copies=2 if draw() < self._duplicate else 1,
            lost_replies=1 if draw() < self._lost_reply else 0,
        )
