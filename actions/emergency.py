"""Skill: danger to life, fire, crime, thoughts of suicide — the number at once, before anything else."""

from __future__ import annotations

from collections.abc import Mapping

from actions import handoff, topic_choice
from actions.say import button, join, lead, message
from actions.turn import Skill, Turn
from knowledge.schema import EmergencyKind

#: What is answered behind a doubtful call whichever service it is about.
_OF_NO_SERVICE = frozenset({"complain", "find_benefits"})
_USUAL = "ask_service"
#: Behind a doubtful call about life itself so many services are offered: the one that was heard, and people to talk to.
_OFFERED, _ADVICE = 2, "community-centre"


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
    topic = topic_choice.choose(turn, follow_context=False).topic
    if not intent or (topic is None and intent not in _OF_NO_SERVICE):
        return
    if turn.reading.emergency != "suicide":
        said = len(turn.replies)
        skills.get(intent, skills[_USUAL])(turn)
        if len(turn.replies) > said:
            lead(turn.replies[said], turn.say("besides"))
    elif topic is not None:
        # The names alone: with the sentence in them, a tap would call for help again.
        names = [turn.knowledge.topics[slug].name for slug in dict.fromkeys((topic, handoff.TOPIC, _ADVICE))][:_OFFERED]
        text = join(turn.say("besides_asked"), *(f"{number}. {name}" for number, name in enumerate(names, 1)))
        options = [button(name) for name in names]
        turn.replies.append(message("clarify", text, knowledge=turn.knowledge, region=turn.region, buttons=options,
                                    options=options))


def _kind(turn: Turn) -> EmergencyKind | None:
    kinds = turn.knowledge.emergencies
    number = turn.reading.emergency_number
    if 0 <= number < len(kinds) and kinds[number].kind == turn.reading.emergency:
        return kinds[number]
    medical = [kind for kind in kinds if kind.kind == "medical"]
    return medical[0] if medical else None
