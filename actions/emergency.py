"""Skill: danger to life, fire, crime, thoughts of suicide — the number at once, before anything else."""

from __future__ import annotations

from actions.say import message
from actions.turn import Turn
from knowledge.schema import EmergencyKind


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


def _kind(turn: Turn) -> EmergencyKind | None:
    kinds = turn.knowledge.emergencies
    number = turn.reading.emergency_number
    if 0 <= number < len(kinds) and kinds[number].kind == turn.reading.emergency:
        return kinds[number]
    medical = [kind for kind in kinds if kind.kind == "medical"]
    return medical[0] if medical else None
