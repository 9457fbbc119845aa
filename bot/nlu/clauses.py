"""The sentences that one message is looked up by: itself, the questions in it, and the clauses of a long story."""

from __future__ import annotations

import re

from bot.nlu.parts import MOST_PARTS, asking_parts
from knowledge.text import normalise_with_pauses, with_commas

#: From this length on a message is a story whose clauses are looked at one by one.
STORY = 30
_SHORTEST = 6
_MOST = 8
_CLAUSES = re.compile(r"[，。？！；,.?!;]|嗯|那个|就是说")


def story_clauses(text: str) -> list[str]:
    """The last clauses of a long ``text`` (normal form); empty where it is short or one clause."""
    if len(text) < STORY:
        return []
    clauses = [clause for clause in _CLAUSES.split(text) if len(clause) >= _SHORTEST][-_MOST:]
    return clauses if len(clauses) > 1 else []


def looked_up(said: str) -> list[str]:
    """What a turn will probably look up for a resident's words, in normal form; the message itself comes first."""
    text, pauses = normalise_with_pauses(said)
    asking = asking_parts(with_commas(text, pauses))
    parts = asking if 2 <= len(asking) <= MOST_PARTS else []
    return list(dict.fromkeys((text, *parts, *story_clauses(text))))
