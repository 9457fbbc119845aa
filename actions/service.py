"""Skill: answers what a service is and how to get it; declines kindly what is none of the bot's business."""

from __future__ import annotations

import re
from typing import Optional

from actions.answers import decline, topic_answer, which_one
from actions.handoff import TOPIC, to_person
from actions.nearby import find_sites
from actions.say import message
from actions.topic_choice import NAMED, Choice, choose
from actions.turn import Turn
from knowledge.regions import chain

#: An out-of-scope verdict of the classifier is believed below this topic score.
UNRELATED = 0.60
#: From this confidence on even a sentence that names a service is none of ours (a film about a nursing home).
OUTSIDE = 0.6
#: With so much chance of being none of ours, a topic that only meaning suggests is not believed …
LIKELY_OUTSIDE = 0.3
#: … and with so much, a sentence near no topic is declined rather than "not known".
DOUBTED = 0.12
OURS = 0.5
#: A trouble that the classifier only half takes for a complaint, so near a service of ours, is a question about that.
MEANT_OF_IT, COMPLAINS = 0.5, 0.6


def answer_service(turn: Turn, choice: Optional[Choice] = None) -> None:
    """Answer a question about a service, ask which one is meant, or say that it is not known."""
    choice = choice or choose(turn)
    if choice.topic is not None and choice.own and choice.best < UNRELATED and not turn.reading.topics \
            and turn.chance("out_of_scope") >= LIKELY_OUTSIDE:
        turn.replies.append(decline(turn))
    elif choice.topic is not None:
        if _only_places(turn, choice.topic):
            find_sites(turn)
            return
        turn.replies.append(topic_answer(turn, choice, choice.topic))
    elif _nothing_of_ours(turn, choice):
        turn.replies.append(decline(turn))
    else:
        turn.replies.append(which_one(turn, choice))


def _nothing_of_ours(turn: Turn, choice: Choice) -> bool:
    """No service is near, and the classifier half thinks that it is none of our business."""
    return not turn.reading.topics and choice.best < OURS and turn.chance("out_of_scope") >= DOUBTED


def _only_places(turn: Turn, topic: str) -> bool:
    """Whether all that is known of the service here is where it is, and that was asked."""
    if turn.reading.aspect not in ("where", "contact"):
        return False
    known = turn.knowledge.card(topic, turn.region) is not None or any(
        record.topic == topic and record.region in chain(turn.region) for record in turn.knowledge.faqs)
    return not known and bool(turn.knowledge.topics[topic].site_categories)


def out_of_scope(turn: Turn) -> None:
    """Decline kindly what is none of the bot's business; a topic that is clearly meant is answered after all."""
    choice = choose(turn, follow_context=False)
    named = any(item.weight >= NAMED for item in turn.reading.topics) and turn.confidence < OUTSIDE
    if choice.topic is not None and (named or choice.best >= UNRELATED):
        turn.replies.append(topic_answer(turn, choice, choice.topic))
        return
    turn.replies.append(decline(turn))


def complain(turn: Turn) -> None:
    """A complaint goes to the hotline; a wish that only sounded like one is answered."""
    named = {item.topic for item in turn.reading.topics} - {TOPIC, "suggestions"}
    if named and not _COMPLAINING.search(turn.reading.text):
        answer_service(turn)
        return
    choice = choose(turn, follow_context=False)
    if choice.topic not in (None, TOPIC, "suggestions") and choice.best >= MEANT_OF_IT \
            and turn.confidence < COMPLAINS and not _TO_COMPLAIN.search(turn.reading.text):
        answer_service(turn, choice)
        return
    to_person(turn, "complain")


#: Words of somebody who wants it taken down.
_TO_COMPLAIN = re.compile(r"投诉|举报|反映|反应|建议|意见|差评|报修")
_COMPLAINING = re.compile(r"投诉|举报|反映|建议|意见|坏|没人管|不管|不理|吵|臭|脏|漏|堵|乱|欠|骗|扰"
                          r"|停电|停水|不热|差评|态度")


def limited(turn: Turn) -> None:
    """What the bot never answers, in the words that staff gave it (limits.yml)."""
    limit = turn.knowledge.limits[turn.reading.limit]
    turn.replies.append(message("out_of_scope", limit.text, knowledge=turn.knowledge, region=turn.region,
                                limit=limit.kind))
