"""Skill: a person must take over — by phone, since this bot has no agents and takes no complaints down itself."""

from __future__ import annotations

from actions.say import message
from actions.turn import Turn

#: The service that a handoff leads to.
TOPIC = "hotline-12345"


def to_person(turn: Turn, key: str = "handoff") -> None:
    """Name the hotline; ``key`` is "handoff" or "complain"."""
    phone = turn.hotline
    hotline = turn.knowledge.hotlines.get(phone)
    hours = hotline.hours if hotline is not None and hotline.hours else "各地热线"
    sources = turn.knowledge.source_list(hotline.sources) if hotline is not None else []
    text = turn.say(key, phone=phone, hours=hours)
    turn.replies.append(message("handoff", text, knowledge=turn.knowledge, region=turn.region, topic=TOPIC,
                                sources=sources, channel="phone", phone=phone,
                                ticket=None))
