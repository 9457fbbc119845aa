"""What the resident told, in words: person by person, as summary and export say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from actions import suggest
from actions.turn import Turn


class Told(NamedTuple):
    """``whose``: 您; 您公公. ``words``: slug → 年龄75岁. ``owner``: as the memory has it, "" for one set aside."""

    whose: str
    words: dict[str, str]
    owner: str = ""


def told(turn: Turn) -> Iterator[Told]:
    """What is remembered of those who are spoken of, and of namesakes that were spoken of before."""
    for owner, facts in turn.memory.facts.items():
        if words := _in_words(turn, facts):
            yield Told(_whose(turn, owner), words, owner)
    for name, kept in turn.memory.namesakes.items():
        if words := _in_words(turn, {**kept.get("home", {}), **kept.get("facts", {})}):
            yield Told(name.partition(" ")[2], words)


def all_told(turn: Turn) -> Iterator[Told]:
    """``told``, and what is kept beside it: answers for one policy alone, children set aside, places."""
    yield from told(turn)
    for key, facts in turn.memory.own.items():
        policy, _, person = key.partition(" ")
        if words := _in_words(turn, facts):
            yield Told(f"{turn.address(person)}（只用于{_name_of(turn, policy)}）", words)
    for name, facts in turn.memory.children.items():
        if words := _in_words(turn, facts):
            yield Told(f"另一个孩子{f'（{name}）' if name else ''}", words)
    spots = [spot.name for spot in (turn.memory.spot, *turn.memory.spots.values()) if spot is not None]
    if spots:
        yield Told("地点", {name: name for name in spots})


def _in_words(turn: Turn, facts: dict[str, Any]) -> dict[str, str]:
    """Each fact that can be said, in words."""
    return {slug: said for slug, value in facts.items() if (said := suggest.fact_in_words(turn, slug, value))}


def _whose(turn: Turn, owner: str) -> str:
    """您; 您公公; 家里; 您母亲家 — whose facts these are."""
    kind, _, person = owner.partition(":")
    if kind != "household":
        return turn.address(owner)
    return f"{turn.address(person)}家" if person else "家里"


def _name_of(turn: Turn, policy: str) -> str:
    known = turn.knowledge.policies.get(policy)
    return known.policy.name if known is not None else policy
