"""Skill: what may I be entitled to? Answers a service that is meant, starts a check, or names what may fit."""

from __future__ import annotations

import re

from actions.eligibility import answer_or_judge, choose_policy, start
from actions.say import message
from actions.suggest import COMMON, best_meant, fitting, suggestions_message
from actions.topic_choice import SURE, Choice, choose, names_service
from actions.turn import Turn


def find_benefits(turn: Turn) -> None:
    """我这种情况能享受什么; a service that is named or clearly meant is answered itself."""
    choice = choose(turn, follow_context=False)
    if OVERVIEW.search(turn.reading.text) and not names_service(turn):
        _overview(turn)
        return
    if choice.topic is not None and (
            names_service(turn) or (choice.best >= SURE or choice.chance >= CLEARLY)):
        answer_or_judge(turn)
        return
    if _meant_by_facts(turn, choice):
        return
    _overview(turn)


#: A service that only meaning suggests must be so likely.
CLEARLY = 0.85
#: 我能享受哪些补贴: everything is asked for, not one service.
OVERVIEW = re.compile(r"(能|可以|可)?(享受|领|申请|拿|得到|享)(到|得到)?(些|点)?(哪些|什么|啥子?|哪样|甚么)"
                      r"(样的)?[^，。？]{0,3}(补贴|政策|福利|待遇|好处|补助|优惠)")


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


def _overview(turn: Turn) -> None:
    """What fits what is known; without anything known, ask about the person."""
    found = fitting(turn, turn.memory.subject)
    if found:
        turn.replies.append(suggestions_message(turn, found))
        return
    known = turn.memory.known(turn.memory.subject)
    key = "suggestions_none" if known else "ask_more"
    turn.replies.append(message("suggestions", turn.say(key), knowledge=turn.knowledge, region=turn.region, items=[]))
