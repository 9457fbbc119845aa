"""Skill: may a relative do it? 可以喊我老公去办不, 叫我女儿去代领好伐 — asked of the service at hand."""

from __future__ import annotations

import re
from typing import Optional

from actions.answers import cannot_answer, faq_answer
from actions.turn import Skill, Turn
from bot.nlu.parsers.people import find_people
from bot.nlu.parsers.yesno import asks

#: The question as an FAQ asks it, beside the resident's own words.
_PLAINLY = "可以让家里人代办吗"
#: Words of an FAQ that speaks of it.
_SPEAKS_OF_IT = re.compile(r"代|替|家里人|家人|家属|亲属|亲戚|子女|儿女|监护人|委托")
#: From this score on an FAQ of the service is about that.
MEANT = 0.5
LONGEST = 20


def may_do_it(turn: Turn) -> Optional[Skill]:
    """The skill that answers whether the one who would be sent may do it; None if that is not asked."""
    text, topic = turn.reading.text, turn.memory.topic
    if not topic or turn.reading.topics or turn.reading.facts or len(text) > LONGEST or not asks(text):
        return None
    if not any(mention.errand and mention.person != "self" for mention in find_people(text)):
        return None
    return _answer


def _answer(turn: Turn) -> None:
    """The service's FAQ on it, else an honest "not known"; an open question comes again by itself."""
    topic = turn.memory.topic
    hits = [hit for said in (turn.reading.text, _PLAINLY)
            for hit in turn.knowledge.index.faqs(turn.scores(said), region=turn.region, topics=[topic], limit=3)
            if _SPEAKS_OF_IT.search(hit.record.faq.question + hit.record.faq.answer)]
    best = max(hits, key=lambda hit: hit.score, default=None)
    if best is not None and best.score >= MEANT:
        turn.replies.append(faq_answer(turn, best))
        return
    reply = cannot_answer(turn, topic)
    reply["text"] = turn.say("relative_unknown", topic=turn.knowledge.topics[topic].name, phone=turn.hotline)
    turn.replies.append(reply)
