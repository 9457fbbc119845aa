"""Skill: what may I be entitled to? Answers a service that is meant, starts a check, or names what may fit."""

from __future__ import annotations

import re
from typing import Optional

from actions.answers import clarify, topic_answer
from actions.eligibility import answer_or_judge, choose_policy, question, start
from actions.life_events import OVERVIEW as EVERYTHING
from actions.life_events import ask_on, begin
from actions.suggest import COMMON, best_meant, fitting, suggestions_message
from actions.topic_choice import CHOICES, LIKELY, SURE, Choice, choose, names_service, ranking
from actions.turn import Turn
from bot.nlu.aspects import matter_of


def find_benefits(turn: Turn) -> None:
    """我这种情况能享受什么; a service that is named or clearly meant is answered itself."""
    text = turn.reading.text
    if turn.memory.topic and len(text) < TELLING:  # 补贴, after a service
        answer_or_judge(turn, Choice(turn.memory.topic, (), turn.scores(text), own=False))
        return
    choice = choose(turn, follow_context=False)
    asked = OVERVIEW.search(turn.reading.text)
    general = asked is not None and not names_service(turn)
    heard = turn.confidence if turn.intent == INTENT else 0.0
    everything = heard >= SURELY or (heard >= BELIEVED and _ALL_KINDS.search(text) is not None)
    meant = (names_service(turn) and heard < SURELY) or (
        (choice.best >= SURE or choice.chance >= CLEARLY) and not everything)
    if not general and choice.topic is not None and meant:
        answer_or_judge(turn)
    elif general or everything or not _meant_by_facts(turn, choice):
        # 我能享受哪些补贴 means all there are; what else is said points at some.
        rest = matter_of(turn.reading.text.replace(asked.group(), "")) if asked is not None else turn.reading.text
        _overview(turn, choice if len(rest) >= TELLING and heard < SURELY else None)


#: A service that only meaning suggests must be so likely.
CLEARLY = 0.85
#: From this confidence on no service is meant: 老婆待业、儿子当兵，能沾上哪些光 names some to tell who they are.
SURELY = 0.9
#: From this confidence on …
BELIEVED, INTENT = 0.6, "find_benefits"
#: … words for all that there is are believed, whatever service the person's situation is near.
_ALL_KINDS = re.compile(
    r"(哪些|哪样|什么|啥子?|几样|多少种|都给)[^，。？]{0,4}(待遇|照顾|优惠|优待|政策|福利|补助|补贴|好处|帮助|扶持|享受|支持)"
    r"|享受(到|得到)?(些|点)?(什么|啥|哪些)|有(点|些)?(啥|什么|哪些)(铜钿|钱|钞票)?(可以|能|好)(拿|领)"
    r"|(得|有|给)(点|些)?(啥|什么)(照顾|好处|帮助)?$|都给(啥|什么|哪些)")
#: What has this chance is offered where everything is asked for.
PERHAPS = 0.03
#: So many characters beside the question tell something.
TELLING = 3
#: 我能享受哪些补贴: everything is asked for, not one service.
OVERVIEW = re.compile(r"(能|可以|可)?(享受|领|申请|拿|得到|享)(到|得到)?(些|点)?(哪些|什么|啥子?|哪样|甚么)"
                      r"(样的)?[^，。？]{0,3}(补贴|政策|福利|待遇|好处|补助|优惠)"
                      r"|国家[^，。？]{0,3}给(点|些)?(啥|什么)|沾到?(点|些)?(哪些|什么|啥)|都能(领|享受|拿)(点|些)(什么|啥)")


def _meant_by_facts(turn: Turn, choice: Choice) -> bool:
    """Start the check that the facts told point at; False if they point at none."""
    found = fitting(turn, turn.memory.subject)
    if turn.reading.facts and turn.reading.aspect in ("amount", "how", "where"):
        meant = best_meant(turn)
        if meant is not None:
            start(turn, meant)
            return True
    if choice.topic is not None and turn.reading.facts:
        rules = choose_policy(turn, choice.topic)
        told = {item.slug for item in turn.reading.facts} - COMMON
        if rules is not None and (told & rules.base_facts
                                  or rules.policy.policy in {item.rules.policy.policy for item in found}):
            start(turn, rules)
            return True
    return False


def _overview(turn: Turn, choice: Optional[Choice]) -> None:
    """What fits what is known; else the services that the words point at; else the person is asked about."""
    found = fitting(turn, turn.memory.subject)
    if found:
        turn.replies.append(suggestions_message(turn, found, buttons=[ask_on()]))
        return
    if choice is not None and choice.own and choice.best >= LIKELY and (choice.options or choice.topic is not None):
        near = [item.topic for item in ranking(turn, choice.scores)[:CHOICES] if item.chance >= PERHAPS]
        turn.replies.append(clarify(turn, tuple(near)) if len(near) > 1 or choice.topic is None
                            else topic_answer(turn, choice, choice.topic))
        return
    begin(turn, EVERYTHING, question)
