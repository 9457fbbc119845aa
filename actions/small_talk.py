"""Skill: greetings, thanks, help and what people say about the answers."""

from __future__ import annotations

from actions.say import ack, button
from actions.turn import Turn

EXAMPLES = ("附近哪里有老年食堂", "租房子政府补不补钱", "我能享受哪些补贴")


def acknowledge(turn: Turn, of: str) -> None:
    """A friendly sentence for ``of``: greet, thanks, goodbye, help, identity, feedback_good, feedback_bad."""
    key = of
    if of == "greet":
        key = "greet_again" if turn.memory.greeted else "greet"
        turn.memory.greeted = True
    buttons = [button(example) for example in EXAMPLES] if of in ("greet", "help", "identity") else []
    text = turn.say(key, region=turn.region_name)
    turn.replies.append(ack(turn, text, of=of, buttons=buttons))
