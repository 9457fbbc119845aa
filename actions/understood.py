"""What was understood so far, fact by fact, each with what to send to have it asked again (改一下：年龄)."""

from __future__ import annotations

from actions import suggest
from actions.turn import Turn

#: More than these no screen holds; any fact can be put right in words.
MOST_SHOWN = 12


def understood(turn: Turn, person: str) -> list[dict[str, str]]:
    """The facts told of ``person`` and their home: ``{"text": 年龄75岁, "payload": 改一下：您母亲的年龄}``.

    Of more than ``MOST_SHOWN`` the ones that became known last.
    """
    told = [(said, wording_of(turn, slug, owner)) for owner in (turn.memory.household_of(person), person)
            for slug, value in turn.memory.facts.get(owner, {}).items()
            if (said := suggest.fact_in_words(turn, slug, value))]
    return [{"text": said, "payload": payload} for said, payload in told[-MOST_SHOWN:]]


def wording_of(turn: Turn, slug: str, owner: str) -> str:
    """改一下：您母亲的年龄 — what the button to have a told fact asked again sends."""
    name = plain_name(turn, slug)
    kind, _, person = owner.partition(":")
    whose = person if kind == "household" else owner
    return f"改一下：{turn.address(whose)}的{name}" if whose not in ("", "self") else f"改一下：{name}"


def plain_name(turn: Turn, slug: str) -> str:
    """有残疾人证, of 是否有残疾人证."""
    return turn.knowledge.catalogue.facts[slug].name.replace("是否", "")
