"""Skill: what may I be entitled to? Answers a service that is meant, starts a check, or names what may fit."""

from __future__ import annotations

from actions.eligibility import answer_or_judge, choose_policy, start
from actions.say import message
from actions.suggest import COMMON, best_meant, fitting, suggestions_message
from actions.topic_choice import SURE, choose, names_service
from actions.turn import Turn


def find_benefits(turn: Turn) -> None:
    """我这种情况能享受什么; a service that is named or clearly meant is answered itself."""
    choice = choose(turn, follow_context=False)
    if choice.topic is not None and (names_service(turn) or choice.best >= SURE):
        answer_or_judge(turn)
        return
    found = fitting(turn, turn.memory.subject)
    if turn.reading.facts and turn.reading.aspect in ("amount", "how", "where"):
        meant = best_meant(turn)
        if meant is not None:
            start(turn, meant)
            return
    if choice.topic is not None and turn.reading.facts:
        rules = choose_policy(turn, choice.topic)
        told = {item.slug for item in turn.reading.facts} - COMMON
        if rules is not None and (told & rules.base_facts
                                  or rules.policy.policy in {item.rules.policy.policy for item in found}):
            start(turn, rules)
            return
    if found:
        turn.replies.append(suggestions_message(turn, found))
        return
    known = turn.memory.known(turn.memory.subject)
    key = "suggestions_none" if known else "ask_more"
    turn.replies.append(message("suggestions", turn.say(key), knowledge=turn.knowledge, region=turn.region, items=[]))
