"""Skill: answers what a service is and how to get it; declines kindly what is none of the bot's business."""

from __future__ import annotations

import re
from typing import Optional

from actions.answers import decline, topic_answer, which_one
from actions.handoff import TOPIC, to_person
from actions.nearby import find_sites
from actions.say import message
from actions.scope import is_outside
from actions.topic_choice import Choice, choose
from actions.turn import Turn
from knowledge.regions import chain

#: A trouble that the classifier only half takes for a complaint, so near a service of ours, is a question about that.
MEANT_OF_IT, COMPLAINS, CLEARLY_MEANT = 0.5, 0.6, 0.8
#: From this confidence on it is a complaint whatever it is near; below the other, a service that is near is asked for.
NOTHING_ELSE, HARDLY = 0.9, 0.4
#: Where residents' suggestions are collected.
SUGGESTIONS = "suggestions"


def answer_service(turn: Turn, choice: Optional[Choice] = None) -> None:
    """Answer a question about a service, ask which one is meant, or say that it is not known."""
    choice = choice or choose(turn)
    if is_outside(turn, choice):
        turn.replies.append(decline(turn))
    elif choice.topic is None:
        turn.replies.append(which_one(turn, choice))
    elif _only_places(turn, choice.topic):
        find_sites(turn)
    else:
        turn.replies.append(topic_answer(turn, choice, choice.topic))


def _only_places(turn: Turn, topic: str) -> bool:
    """Whether all that is known of the service here is where it is, and that was asked."""
    if turn.reading.aspect not in ("where", "contact"):
        return False
    known = turn.knowledge.card(topic, turn.region) is not None or any(
        record.topic == topic and record.region in chain(turn.region) for record in turn.knowledge.faqs)
    return not known and bool(turn.knowledge.topics[topic].site_categories)


def out_of_scope(turn: Turn) -> None:
    """Decline kindly what is none of the bot's business; a service that is clearly meant is answered after all."""
    choice = choose(turn, follow_context=False)
    if is_outside(turn, choice) or (choice.topic is None and not choice.options):
        turn.replies.append(decline(turn))
        return
    answer_service(turn, choice)


def complain(turn: Turn) -> None:
    """A complaint goes to the hotline; a wish that only sounded like one is answered."""
    named = {item.topic for item in turn.reading.topics} - {TOPIC, SUGGESTIONS}
    if named and not _COMPLAINING.search(turn.reading.text):
        answer_service(turn)
        return
    choice = choose(turn, follow_context=False)
    if turn.confidence < COMPLAINS and is_outside(turn, choice):
        turn.replies.append(decline(turn))  # 帮我找一篇朗诵的稿子
        return
    wants_it_taken_down = _TO_COMPLAIN.search(turn.reading.text) is not None
    likely = turn.confidence < HARDLY or (choice.best >= MEANT_OF_IT and turn.confidence < COMPLAINS) \
        or (choice.chance >= CLEARLY_MEANT and turn.confidence < NOTHING_ELSE)
    if choice.topic not in (None, TOPIC, SUGGESTIONS) and likely and not wants_it_taken_down:
        answer_service(turn, choice)
        return
    if choice.topic == SUGGESTIONS and choice.chance >= CLEARLY_MEANT \
            and (turn.confidence < HARDLY or _SUGGESTS.search(turn.reading.text)):
        answer_service(turn, choice)  # 我想提个建议，往哪儿提
        return
    if choice.topic is None and choice.options and turn.confidence < HARDLY and not wants_it_taken_down:
        turn.replies.append(which_one(turn, choice))
        return
    to_person(turn, "complain")


#: Words of somebody who wants it taken down.
_TO_COMPLAIN = re.compile(r"投诉|举报|反映|反应|建议|意见|差评|报修")
#: Words of somebody who has an idea, and no grievance: it is asked where such things are collected.
_SUGGESTS = re.compile(r"建议|点子|主意|想法|献(个)?计|献策|不是投诉|观察员|征集"
                       r"|往(哪|哪儿|哪里|啥地方)(寄|递|投|送|交|提)|投(到|给)?哪")
_COMPLAINING = re.compile(r"投诉|举报|反映|建议|意见|坏|没人管|不管|不理|吵|臭|脏|漏|堵|乱|欠|骗|扰"
                          r"|停电|停水|不热|差评|态度")


def limited(turn: Turn) -> None:
    """What the bot never answers, in the words that staff gave it (limits.yml)."""
    limit = turn.knowledge.limits[turn.reading.limit]
    turn.replies.append(message("out_of_scope", limit.text, knowledge=turn.knowledge, region=turn.region,
                                limit=limit.kind))
