"""Rasa's face of the skills: one action a skill, all alike.

An action reads the turn, lets its skill answer, returns to an open question where the skill left one, and
writes the memory back. They run inside the server process (bot.serve) or behind ``rasa run actions``.
"""

from __future__ import annotations

import logging
import re
import traceback
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import (
    answers,
    benefits,
    control,
    eligibility,
    emergency,
    follow_up,
    handoff,
    hidden,
    life_circle,
    life_events,
    nearby,
    own_data,
    scope,
    service,
    several,
    small_talk,
    to_places,
    topic_choice,
)
from actions.say import message
from actions.turn import Skill, Turn, begin
from bot.memory import SLOT, write_memory
from bot.nlu.context import PUT_ME_THROUGH

logger = logging.getLogger(__name__)
#: Shorter texts are not questions of their own.
SENTENCE = 4
#: Below this confidence a small intent (thanks, help …) may be a misread question.
DOUBTFUL = 0.6
#: A service that only meaning suggests must be so likely against a small intent.
CLEARLY = 0.8
#: … and its nearest phrase so near.
NEAR = 0.45
#: … and so likely where the classifier is sure of the small intent, in a sentence of this length.
BEYOND_DOUBT, LONG = 0.95, 12
#: A small intent that is not sure gives way to declining from so great a chance that it is none of our business, if the
#: classifier itself thinks that so likely.
FAR_OFF, HEARD_AS_SUCH = 0.5, 0.12
#: From this confidence on somebody who asks for a person is believed; from this one on without words for one, too.
BELIEVED, CERTAIN = 0.8, 0.9
_A_PERSON = re.compile(r"人工|真人|活人|客服|坐席|工作人员|专员|机器|人接|人来|当面|打电话|转接"
                       r"|(?:跟|和|同|找|换|叫|请)个?人|有人[吗在么没]")
#: So many other questions in a row are answered with the open question behind them.
PATIENCE = 3
#: Kinds after which an open question for a fact is asked again.
_INTERRUPTIONS = frozenset({"faq", "service", "sites", "life_circle", "cannot_answer", "out_of_scope", "handoff"})


class SkillAction(Action, ABC):
    """Runs one skill. Subclasses set ``skill_name`` and ``skill``."""

    skill_name: ClassVar[str] = ""
    #: Whether the answer is kept for "再说一遍".
    keeps: ClassVar[bool] = True

    def name(self) -> str:
        return self.skill_name

    @staticmethod
    @abstractmethod
    def skill(turn: Turn) -> None:
        """Answer the turn."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        turn = begin(tracker.latest_message, tracker.slots)
        asked, parts = turn.memory.open, tracker.latest_message.get("parts") or ()
        try:
            if turn.reading.limit >= 0 and turn.intent != "emergency":
                service.limited(turn)
            elif parts and turn.memory.open is None and turn.intent != "emergency":
                several.answer_parts(turn, parts, BY_INTENT, _life_event)
            else:
                (hidden.instead(turn) or own_data.instead(turn) or _life_event(turn) or to_places.first(turn)
                 or follow_up.instead(turn) or self.skill)(turn)
            several.go_on(turn, BY_INTENT, _life_event)
        except Exception as error:
            # Rasa would swallow it and say nothing. Only where it happened is logged: values may be a resident's.
            logger.error("%s failed: %s at %s", self.name(), type(error).__name__, _place_of(error))
            turn.replies = [_apology(turn)]
        if asked is not None and asked.kind == "fact" and turn.memory.open is asked \
                and (not turn.replies or turn.replies[-1]["custom"]["kind"] in _INTERRUPTIONS):
            _back_to_the_question(turn)
        if not turn.replies:
            turn.replies.append(answers.cannot_answer(turn))
        answered = list(turn.replies)
        hidden.tell(turn)
        for reply in turn.replies:
            dispatcher.utter_message(text=reply["text"], buttons=reply["buttons"], json_message=reply["custom"])
        if self.keeps:
            turn.memory.last_messages = answered
        return [SlotSet(SLOT, write_memory(turn.memory))]


def _life_event(turn: Turn) -> Optional[Skill]:
    return life_events.first(turn, eligibility.question)


def _back_to_the_question(turn: Turn) -> None:
    """Ask the open question again, unless it was passed over so often that asking on would only be a nuisance."""
    asked = turn.memory.open
    assert asked is not None
    asked.passed_over += 1
    if turn.replies and asked.passed_over > PATIENCE:
        turn.memory.open = None
        return
    eligibility.ask_again(turn)


def _action(name: str, skill: Skill, *, keeps: bool = True) -> type[SkillAction]:
    return type(name.title().replace("_", ""), (SkillAction,),
                {"skill_name": name, "skill": staticmethod(skill), "keeps": keeps, "__module__": __name__})


def _unclear(turn: Turn) -> None:
    """Nothing fits the rules: answer what the sentence is about, or say that it was not understood."""
    service.answer_service(turn)


def _find(turn: Turn) -> None:
    """Places, unless the question is after something that no place answers."""
    shown = turn.memory.shown_sites or {"topic": ""}
    waits = turn.memory.open is not None and turn.memory.open.kind == "location" and not shown.get("circle")
    if waits and shown["topic"] and not (turn.reading.topics or turn.reading.categories):
        nearby.find_sites(turn, shown["topic"])  # 就在我这附近, asked where that is
    elif nearby.asks_for_money(turn):
        told = bool(turn.memory.known(turn.memory.subject))
        (eligibility.check_eligibility if told else eligibility.answer_or_judge)(turn)
    elif nearby.wants_a_verdict(turn):
        eligibility.check_eligibility(turn)
    elif nearby.asks_no_place(turn) or (turn.confidence < topic_choice.SURE_CHANCE and _answered_in_writing(turn)):
        service.answer_service(turn)
    elif turn.memory.open is None and not turn.reading.categories and _means_the_circle(turn):
        life_circle.life_circle(turn)
    else:
        nearby.find_sites(turn)


def _answered_in_writing(turn: Turn) -> bool:
    """我想去邻里书角借书，有啥子要求: staff wrote an answer to just that, and the classifier only guesses a place."""
    if turn.reading.aspect in (None, "where"):
        return False
    choice = topic_choice.choose(turn, follow_context=False)
    if choice.topic is None:
        return False
    found = topic_choice.best_faq(turn, choice, choice.topic)
    return bool(found) and found[0].score >= scope.WRITTEN_OF


def _means_the_circle(turn: Turn) -> bool:
    """我在红牌楼，一刻钟走得到的有哪些: no kind of place is named, and what is around is what is looked for."""
    choice = topic_choice.choose(turn, follow_context=False)
    return choice.own and choice.topic == life_circle.TOPIC


def _more(turn: Turn) -> None:
    """还有吗: more places, or, where none were shown and something is known of somebody, more benefits."""
    if turn.memory.shown_sites is None and turn.memory.open is None and turn.memory.known(turn.memory.subject):
        benefits.find_benefits(turn)
    else:
        nearby.more(turn)


def _unless_service(skill: Skill) -> Skill:
    """``skill``, but a sentence that names a service is a question about it, whatever else it sounds like."""

    def answer(turn: Turn) -> None:
        if turn.memory.open is None and _about_a_service(turn):
            eligibility.answer_or_judge(turn)
        elif _of_another_world(turn):
            service.out_of_scope(turn)
        else:
            skill(turn)

    return answer


def _of_another_world(turn: Turn) -> bool:
    """女儿问我星星为什么会眨眼: the classifier is not sure of the small intent, and nothing of ours is near."""
    if turn.memory.open is not None or turn.memory.topic or turn.confidence >= DOUBTFUL \
            or len(turn.reading.text) < 2 * SENTENCE or turn.chance(scope.INTENT) < HEARD_AS_SUCH:
        return False
    return scope.outside(turn, topic_choice.choose(turn, follow_context=False)) >= FAR_OFF


def _unless_other_service(skill: Skill) -> Skill:
    """人才优租 sounds like 人工: a service other than the hotline that is named or clearly meant is asked for."""

    def answer(turn: Turn) -> None:
        named = {item.topic for item in turn.reading.topics if item.weight >= topic_choice.NAMED}
        meant = topic_choice.choose(turn, follow_context=False)
        clearly = (meant.chance >= CLEARLY and meant.best >= topic_choice.LIKELY and turn.confidence < BELIEVED) \
            or (meant.topic is not None and turn.confidence < (
                topic_choice.SURE_CHANCE if _A_PERSON.search(turn.reading.text) else CERTAIN))
        if (named or ({meant.topic} - {None} if clearly else set())) - {handoff.TOPIC} \
                and PUT_ME_THROUGH.search(turn.reading.text) is None:
            eligibility.answer_or_judge(turn)
        else:
            skill(turn)

    return answer


def _about_a_service(turn: Turn) -> bool:
    """It names one, or it is no short phrase, means one, and the classifier was not sure of its own reading."""
    if len(turn.reading.text) < SENTENCE:
        return False
    if any(item.weight >= topic_choice.NAMED for item in turn.reading.topics):
        return True
    if len(turn.reading.text) < 2 * SENTENCE or (turn.confidence >= DOUBTFUL and len(turn.reading.text) < LONG):
        return False
    choice = topic_choice.choose(turn, follow_context=False)
    likely = CLEARLY if turn.confidence < DOUBTFUL else BEYOND_DOUBT
    return choice.topic is not None and choice.best >= NEAR and choice.chance >= likely


def _circle(turn: Turn) -> None:
    """What is around; a kind of place or a service that is clearly meant is what is looked for."""
    if turn.memory.open is not None and turn.memory.open.kind == "location" and not turn.reading.topics:
        _find(turn)
        return
    choice = topic_choice.choose(turn, follow_context=False)
    other = choice.topic not in (None, life_circle.TOPIC)
    if turn.reading.categories or (other and turn.confidence < DOUBTFUL and choice.chance >= CLEARLY):
        (_find if turn.reading.categories else eligibility.answer_or_judge)(turn)
    elif nearby.asks_what_it_is(turn):
        service.answer_service(turn)
    else:
        life_circle.life_circle(turn)


def _ack(of: str) -> Skill:
    return _unless_service(lambda turn: small_talk.acknowledge(turn, of))


def _call_for_help(turn: Turn) -> None:
    emergency.call_for_help(turn)
    emergency.answer_besides(turn, BY_INTENT)


def _apology(turn: Turn) -> dict[str, Any]:
    # The wording itself may be what is missing: then this one holds.
    written = "error" in turn.knowledge.texts
    said = turn.say("error") if written else "抱歉，没能回答您。急事请拨12345，危急请拨120、110、119。"
    return message("error", said, knowledge=turn.knowledge, region=turn.region, code="action_failed")


def _place_of(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


ActionEmergency = _action("action_emergency", _call_for_help)
ActionAnswerService = _action("action_answer_service", eligibility.answer_or_judge)
ActionFindSites = _action("action_find_sites", _find)
ActionTakePlace = _action("action_take_place", nearby.take_place)
ActionMore = _action("action_more", _unless_service(_more))
ActionCheckEligibility = _action("action_check_eligibility", eligibility.check_eligibility)
ActionTakeAnswer = _action("action_take_answer", eligibility.take_answer)
ActionExplain = _action("action_explain", _unless_service(eligibility.explain))
ActionInform = _action("action_inform", eligibility.inform)
ActionUnplacedAnswer = _action("action_unplaced_answer", _unless_service(eligibility.unplaced_answer))
ActionCorrect = _action("action_correct", _unless_service(eligibility.correct))
ActionResume = _action("action_resume", eligibility.resume)
ActionFindBenefits = _action("action_find_benefits", benefits.find_benefits)
ActionLifeCircle = _action("action_life_circle", _circle)
ActionOutOfScope = _action("action_out_of_scope", service.out_of_scope)
ActionHandoff = _action("action_handoff", _unless_other_service(handoff.to_person))
ActionComplain = _action("action_complain", service.complain)
ActionCancel = _action("action_cancel", _unless_service(control.cancel))
ActionRestart = _action("action_restart_conversation", _unless_service(control.restart))
ActionForget = _action("action_forget", control.forget)
ActionRepeat = _action("action_repeat", _unless_service(control.repeat), keeps=False)
ActionSummary = _action("action_summary", _unless_service(control.summary), keeps=False)
ActionChangeRegion = _action("action_change_region", _unless_service(control.change_region))
ActionUnclear = _action("action_unclear", _unclear)
ActionGreet = _action("action_greet", _ack("greet"))
ActionGoodbye = _action("action_goodbye", _ack("goodbye"))
ActionThanks = _action("action_thanks", _ack("thanks"))
ActionHelp = _action("action_help", _ack("help"))
ActionIdentity = _action("action_identity", _ack("identity"))
ActionFeedbackGood = _action("action_feedback_good", _ack("feedback_good"))
ActionFeedbackBad = _action("action_feedback_bad", _ack("feedback_bad"))

#: What answers a part of a message that asks several things; the same skills as in data/rules.yml.
BY_INTENT: dict[str, Skill] = {
    "ask_service": eligibility.answer_or_judge, "state_need": eligibility.answer_or_judge, "find_place": _find,
    "check_eligibility": eligibility.check_eligibility, "find_benefits": benefits.find_benefits,
    "life_circle": life_circle.life_circle, "complain": service.complain,
    "human": _unless_other_service(handoff.to_person),
}
