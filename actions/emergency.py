"""Skill: danger to life, fire, crime, thoughts of suicide — the number at once, before anything else."""

from __future__ import annotations

from collections.abc import Mapping

from actions import handoff, topic_choice
from actions.answers import clarify
from actions.say import lead, message
from actions.several import USUAL
from actions.turn import Skill, Turn
from knowledge.schema import EmergencyKind

#: What is answered behind a doubtful call whichever service it is about.
_OF_NO_SERVICE = frozenset({"complain", "find_benefits"})
#: Offered beside the hotline where the hotline is what was heard.
_COMMUNITY = "community-centre"


def call_for_help(turn: Turn) -> None:
    """Say whom to call. Without a clear kind the medical number is given with the others."""
    kind = _kind(turn)
    if kind is None:
        return
    sources = turn.knowledge.source_list(kind.sources)
    turn.memory.open = None
    turn.replies.append(message(
        "emergency", kind.text, knowledge=turn.knowledge, region=turn.region, sources=sources,
        phone=kind.phone, danger=kind.kind,
    ))


def answer_besides(turn: Turn, skills: Mapping[str, Skill]) -> None:
    """Behind a doubtful call for help: what the sentence asks, as if it told of no danger (``skills``: by intent).

    Who may be tired of life is only asked whether something else was meant: no list of places follows such a call.
    """
    intent = turn.reading.besides
    if not intent:
        return
    topic = topic_choice.choose(turn, follow_context=False).topic
    if topic is None and intent not in _OF_NO_SERVICE:
        return
    if turn.reading.emergency != "suicide":
        said = len(turn.replies)
        skills.get(intent, skills[USUAL])(turn)
        if len(turn.replies) > said:
            lead(turn.replies[said], turn.say("besides"))
    elif topic is not None:
        other = _COMMUNITY if topic == handoff.TOPIC else handoff.TOPIC
        # The names alone: with the sentence in them, a tap would call for help again.
        turn.replies.append(clarify(turn, (topic, other), asking="besides_asked", repeats=False))


def _kind(turn: Turn) -> EmergencyKind | None:
    kinds = turn.knowledge.emergencies
    number = turn.reading.emergency_number
    if 0 <= number < len(kinds) and kinds[number].kind == turn.reading.emergency:
        return kinds[number]
    medical = [kind for kind in kinds if kind.kind == "medical"]
    return medical[0] if medical else None
