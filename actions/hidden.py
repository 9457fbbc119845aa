"""Skill: saying, once, that a number which identifies a person was not kept; the channel hid it already."""

from __future__ import annotations

from typing import Optional

from actions import eligibility
from actions.say import ack
from actions.turn import Skill, Turn
from bot.privacy.masking import hides_something, only_hidden

OF = "hidden"


def instead(turn: Turn) -> Optional[Skill]:
    """Answers a message with nothing in it but a number; None for any other."""
    return _nothing_else if turn.intent != "emergency" and only_hidden(turn.text) else None


def tell(turn: Turn) -> None:
    """Put it before the answer, unless it was said before or something more urgent is said."""
    if not hides_something(turn.text) or turn.memory.told_of_hiding:
        return
    said = [reply["custom"] for reply in turn.replies]
    if any(custom["kind"] == "emergency" or custom.get("of") in (OF, "forget") for custom in said):
        return
    turn.memory.told_of_hiding = True
    turn.replies.insert(0, ack(turn, turn.say("hidden"), of=OF))


def _nothing_else(turn: Turn) -> None:
    turn.memory.told_of_hiding = True
    asked = turn.memory.open
    waits = asked is not None and asked.kind == "fact"
    turn.replies.append(ack(turn, turn.say("hidden" if waits else "hidden_only"), of=OF))
    if waits:
        eligibility.ask_again(turn)
