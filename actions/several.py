"""Several needs in one message: each is answered, or kept, aloud, until the question that came first is settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

from actions.say import Message, lead
from actions.turn import Skill, Turn, apart

#: What answers a part whose intent has no skill here.
USUAL = "ask_service"
#: A check of somebody's case asks questions: what can be answered at once goes first.
ASKING = "check_eligibility"
#: The skill that a sentence has whatever its intent is, if any: a life event that it begins.
First = Callable[[Turn], Optional[Skill]]


def answer_parts(turn: Turn, parts: Sequence[dict[str, Any]], skills: Mapping[str, Skill],
                 first: First = lambda _: None) -> None:
    """Answer the parts of the message (``bot.nlu.parts``); ``skills``: what answers an intent, if not ``first``.

    A part that asks the resident something ends the turn; what is left then waits in the memory.
    """
    ordered = sorted(parts, key=lambda part: _asks(turn, part))
    while ordered and turn.memory.open is None:
        part = ordered.pop(0)
        said = len(turn.replies)
        _answer(turn, part, skills, first)
        if part is parts[0] and not part.get("topic") and ordered and _only_declined(turn.replies[said:]):
            del turn.replies[said:]  # 我得过几个国际奖，能住那个公寓吗: what leads up to the question asks nothing
    if ordered and turn.replies:
        turn.memory.waiting = [*turn.memory.waiting, *ordered]
        _say_that_it_waits(turn, turn.replies[-1])


def _asks(turn: Turn, part: Mapping[str, Any]) -> bool:
    """Whether the part is about somebody's own case, or begins a life event: both ask the resident something."""
    return part["intent"]["name"] == ASKING \
        or turn.knowledge.life_events.meant(str(part["text"])) is not None


def go_on(turn: Turn, skills: Mapping[str, Skill], first: First = lambda _: None) -> None:
    """Answer what waits as soon as no question is open any more; behind a call for help nothing else is said."""
    if any(reply["custom"]["kind"] == "emergency" for reply in turn.replies):
        return
    while turn.memory.waiting and turn.memory.open is None:
        part, *turn.memory.waiting = turn.memory.waiting
        said = len(turn.replies)
        _answer(turn, part, skills, first)
        if len(turn.replies) > said:
            lead(turn.replies[said], turn.say("waited", question=part["text"]))


def _answer(turn: Turn, part: dict[str, Any], skills: Mapping[str, Skill], first: First) -> None:
    """Let the skill for one part speak, as if it had been said by itself, and go on with what it remembers."""
    if part.get("topic"):
        turn.memory.topic = ""  # it has a service of its own and does not go on about the last one
    alone = apart(turn, part)
    alone.given_topic = str(part.get("topic") or "")
    (first(alone) or skills.get(alone.intent, skills[USUAL]))(alone)
    known = {reply["text"] for reply in turn.replies}
    turn.replies += [reply for reply in alone.replies if reply["text"] not in known]
    turn.memory = alone.memory


def _only_declined(replies: Sequence[Message]) -> bool:
    return bool(replies) and all(reply["custom"]["kind"] == "out_of_scope" for reply in replies)


def _say_that_it_waits(turn: Turn, reply: Message) -> None:
    waiting = turn.memory.waiting
    reply["custom"]["queued"] = [part["topic"] for part in waiting if part["topic"]]
    asked = "；".join(str(part["text"]) for part in waiting)
    reply["text"] = f"{reply['text']}\n{turn.say('waits', question=asked)}"
