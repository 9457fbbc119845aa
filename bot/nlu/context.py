"""What a sentence means after the bot has asked something.

An open question for a fact takes the sentence if it answers it; an open question for a place takes a place
name. Danger, leaving and questions of the resident's own always come first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Optional

from bot.memory import Memory
from bot.nlu.aspects import nothing_but_a_verdict
from bot.nlu.danger import KIND_OF_DANGER, together
from bot.nlu.parsers.aftermath import over_or_usual
from bot.nlu.parsers.answers import read_answer, says_too_little, words_of
from bot.nlu.parsers.hukou import residence
from bot.nlu.parsers.places import holds_places
from bot.nlu.parsers.replies import read_reply
from bot.nlu.parsers.stories import only_told
from bot.nlu.parsers.yesno import asks, echoes, tells_other_act
from bot.nlu.reading import ReadFact, Reading
from knowledge.base import Snapshot
from knowledge.eligibility.values import to_json
from knowledge.text import touches
from knowledge.topic_rank import rank

#: Intents that the classifier never gives: they mean "this answers what you asked".
ANSWER_FACT = "answer_fact"
ANSWER_PLACE = "answer_place"
EMERGENCY = "emergency"
#: Intents that leave the open question alone even if the words could be an answer.
_OWN_WAY = frozenset({"cancel", "start_over", "repeat", "why_asked", "forget_me", "summary", "human"})
#: From this confidence on an intent of _OWN_WAY is believed.
_SURE = 0.5
#: The classifier's own kinds of danger: ``emergency_medical``, ``emergency_fire`` …
_DANGER = KIND_OF_DANGER
#: From this sum of all kinds on, danger is believed without a pattern. By 4-fold cross-validation: 75 % of the
#: training dangers are seen by the classifier alone, at 0.4 % false alarms (0.8 % at 0.5). On sentences of others the
#: step from 0.6 to 0.5 finds 5 % more of the dangers and costs 0.3 % more false alarms.
EMERGENCY_SURE = 0.5
#: The same for the chance that both opinions give together, weighed against what a service may be asked for.
SURE_TOGETHER = 0.15
#: Below this chance the danger is doubtful, and what the sentence asks is answered behind the call for help: of what
#: no pattern saw in the open test sentences it is this sure of 68 dangers and of none that is none, less sure of 17
#: and 25. Where a pattern saw it the bound is lower (below it 13 dangers and 20 that are none). 2026-11-28.
DOUBTED, DOUBTED_PATTERN = 0.8, 0.3
#: Below this sum nothing is weighed.
HEARD = 0.08
#: From this sum on words of benefits, weeks and the past take nothing off what happens now (刚刚水流出来了).
_VERY_SURE = 0.85
#: Below this sum a pattern's danger is a way of speaking. Of 670 single dangers in the tests none is below 0.06.
NO_DANGER = 0.03
#: It happens now: no classifier may rule that out.
_NOW = re.compile(
    r"突然|忽然|一下子|一记头|刚刚|刚才|正在|正(?=[打砸撬捅砍追烧冒着])|还在|马上|立刻|快来|快点|赶紧"
    r"|救(命|人|我|他|她)|叫不|喊不|不醒|没反应|没气|断气|昏|晕倒|不动了|起不来|着火了|起火了|冒烟|漏气|流血|止不住"
    r"|120|119|110|救护车|报警|不见了|还没回|拿刀|持刀|今[天早晚]|现在(?!瘫)|割(腕|手|脉)|农药|安眠药|毒|吞(了|下)"
    r"|喘不|好多血|出血|打我|砍|捅|掐|抢劫|淹|触电|掉(进|到|下)")
#: A view on people or a doubtful call is asked for; nobody's life is spoken of.
_WANTS_A_VIEW = re.compile(
    r"^(?!.*(死|活|消失|解脱|遗|傻事|下辈子|来世|想不开|打(我|他|她|人|老|孩)|刀|转了|汇了|打了钱))"
    r".*(你说.{0,20}(是不是|该不该|要不要|到底|算不算|能赢)|是不是骗(子|人)|能赢几成|会不会坐牢|谁来养|归谁养|没(有)?着落|叫(一)?辆(出租)?车)")
#: Something else is asked as well: that would drown the danger for the classifier.
_BESIDES = re.compile(r"另外|还有|对了|顺便|顺带|再问|同时")


#: 请转工作人员: whatever else is told, a person is wanted.
PUT_ME_THROUGH = re.compile(r"(转|找|接|换|叫)(到|个|你们|你们的|一下|一个)*(人工|真人|客服|工作人员|活人|专员)")
_OWN_CLAUSE = re.compile(r"([^，。 ]{1,12})[，。 ]")
_TAKEN_BACK = re.compile(r"不对|说错|错了|不是我|哦不|等等|等一下")
#: A sentence has at least one of these; emoji and bare numbers mean nothing unless something was asked.
_WORDS = re.compile(r"[\u3400-\u9fffa-z]")
#: Intents that forget something, go on with a list, or greet are believed only with the words for it.
_WORDED = {
    "cancel": re.compile(r"取消|算了|算球|不(?:问|办|要|用|查|想|聊|弄|搞|申请|看|需要|整|说)|先不|停|退出|拉倒|罢|作废"
                         r"|别(?:问|查|办|弄)|覅|勿要|甭|放下|到此|结束|撤"),
    "life_circle": re.compile(r"圈|附近|周边|周围|四周|旁边|身边|边上|一带|门口|楼下|这(?:边|片|里|儿|块|搭)|走路|分钟"
                              r"|步行|脚程|配套|跟前"),
    "find_benefits": re.compile(r"补|贴|政策|享受|福利|待遇|好处|优惠|优待|领|拿|帮|救|扶|照顾|申请|减免|资格|符合|够格"
                                r"|支持|惠|几样|哪些|什么钱|啥钱|给(?:点|些)?(?:啥|什么)"),
    "more": re.compile(r"往下|往后|展开|详细|全部|余下|还有|更多|多(几|点|来|说)|其他|其它|别的|别家|另外"
                       r"|下一?(页|批|家|个|处)|后面|剩"
                       r"|再(来|给|说|列|找|看)|继续|接着|换"),
    "greet": re.compile(r"好|在|嗨|hi|hey|hello|哈喽|喂|早|安|节|年|拜|有人|发财|嚎|您|号|哈罗|吼"),
    "goodbye": re.compile(r"再见|再会|拜|走|先这样|回头|下次|88|bye|不聊|不问|就这|到这|明天"
                          r"|没(有)?(别的|其他|啥|什么)?(事|问题)|晚安|撤|结束|好了|谢|够了|退下|下线|忙"
                          r"|改天|回见|挂了|下回"),
    "start_over": re.compile(r"重(新|来|头|启|置|开)|从头|再来|清(空|零|除)|另(外|起)|归零|推倒|从第一|起点"
                             r"|restart|reset"),
    "human": re.compile(r"人工|真人|活人|接线员|领导|大活人|客服|转|坐席|座席|专员|人员|机器"
                        r"|(?:找|叫|让|换|要|接|跟|和|有|个|是)"
                        r"(?:一?个|一?位|你们|你|的)*[^，。]{0,3}(?<!老)(?<!本)人(?!才|均|口)"),
    "forget_me": re.compile(r"删|清|忘|抹|保存|存(?:我|着|起|下)|销毁|移除|留(?:我|着|底|下)|莫记"
                            r"|注销|别(记|存|留)|不(要|许|准)(记|存|留)|隐私"),
}

#: … and for these there are so many words that the classifier is believed from this confidence on without them.
_MANY_WORDS, _BELIEVED = frozenset({"life_circle", "find_benefits"}), 0.75
#: What takes the place of an intent without its words must be so likely itself.
_LIKELY = 0.1


def read_in_context(reading: Reading, intent: dict[str, Any], memory: Memory, snapshot: Snapshot,
                    today: dt.date, ranking: Sequence[dict[str, Any]] = (),
                    second: Optional[float] = None) -> dict[str, Any]:
    """The intent in context; fills ``reading.answer`` when the sentence answers the open question.

    ``ranking``: the classifier's best intents with their chances, best first (``intent`` alone if empty). Danger that
    only the classifier sees is believed when it is sure, and written into ``reading.emergency``. ``second``: the chance
    of danger by the second opinion (``bot.nlu.danger``), if there is one.
    """
    chances = list(ranking) or [intent]
    seen = reading.emergency is not None and not (ranking and _only_sounds_alarming(reading, ranking))
    heard = danger_of(chances)
    weighed = None
    if second is not None and (seen or heard >= HEARD):
        weighed = _weighed(reading, heard, second, snapshot, reading.region or memory.region)
    sure: Optional[float] = 1.0
    if not seen:
        reading.emergency, reading.emergency_number = None, -1
        sure = _classified_danger(reading, chances, snapshot, weighed, goes_on=bool(memory.topic and reading.facts))
    if sure is not None:
        if weighed is not None and memory.open is None and weighed < (DOUBTED_PATTERN if seen else DOUBTED):
            reading.besides = str(_first_without_danger(intent, chances)["name"])
        return {"name": EMERGENCY, "confidence": sure}
    intent = _first_without_danger(intent, chances)
    if memory.open is None and _asked_for_the_situation(memory) and _BARE_NUMBER.fullmatch(reading.text):
        fact = snapshot.catalogue.facts.get(_AGE)
        years = read_answer(fact, reading.text, today=today) if fact is not None else None
        if years is not None and years.value is not None:
            _add_fact(reading, _AGE, to_json(years.value))
            return {"name": "inform", "confidence": 1.0}
    if PUT_ME_THROUGH.search(reading.text):
        return {"name": "human", "confidence": 1.0}
    if not _WORDS.search(reading.text) and memory.open is None:
        return {"name": "unclear", "confidence": 1.0}
    if intent.get("name") in _WORDED and not _WORDED[str(intent["name"])].search(reading.text) \
            and not (intent["name"] in _MANY_WORDS and float(intent.get("confidence") or 0.0) >= _BELIEVED):
        intent = next((item for item in chances if item.get("name") not in _WORDED
                       and not str(item.get("name")).startswith(EMERGENCY)
                       and float(item.get("confidence") or 0.0) >= _LIKELY), {"name": "unclear", "confidence": 1.0})
    intent = _short_about_what_was_said(reading, intent, memory)
    name, confidence = str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)
    if name == "human" and memory.open is not None and memory.open.kind == "fact" and _counts_people(reading):
        name, confidence = "inform", 0.0  # 两个人, asked how many live there
    if memory.open is None or (name in _OWN_WAY and confidence >= _SURE):
        return intent
    if memory.open.kind == "fact":
        answer = _only_the_exception(reading, memory, snapshot) or _home_by_place(reading, memory, snapshot) \
            or _fact_answer(reading, memory, snapshot, today) or _echo(reading, memory, snapshot) \
            or (None if reading.facts else _plain_yes_or_no(reading.text, snapshot, memory.open.fact, name, confidence))
        if answer is not None and (_only_a_name(reading) or not _asks_something_else(reading, name, confidence)):
            reading.answer = answer
            return {"name": ANSWER_FACT, "confidence": 1.0}
        told = len(reading.facts)
        _take_for_another(reading, memory, snapshot, today)
        if len(reading.facts) > told:
            return {"name": "inform", "confidence": 1.0}
    if memory.open.kind == "location" and reading.places and not _asks_something_else(reading, name, confidence):
        return {"name": ANSWER_PLACE, "confidence": 1.0}
    return intent


#: What keeps a conversation going; below this confidence it may be a short question about what was just said.
_SMALL = frozenset({"affirm", "deny", "unsure", "refuse", "greet", "goodbye", "thanks", "help", "identity", "human",
                    "more", "feedback_bad", "feedback_good", "summary", "repeat", "resume", "why_asked", "out_of_scope",
                    "find_benefits", "emergency", "unclear"})
_DOUBTED, _GUESSED, _A_FEW = 0.5, 0.25, 8
#: Below this confidence a short question behind an answer is none of another world.
_STRANGE = 0.75
_ASKING = ("多大", "多少", "好多", "多久", "几个", "几年", "吗", "不", "伐", "呢", "么", "没", "没得", "哪里", "哪儿")
#: 好，接着说保租房: back to what was asked before.
_BACK = re.compile(r"(接着|继续|回到|回去|说回)(再)?(说|问|讲|来|刚才|前面|那个)")
_MAY_THEY = re.compile(r"(能不能|可不可以|可以|能)(享受|领|申请|办|拿)(到)?(吗|不|伐|么)?$")
_STEERING = frozenset({"resume", "summary", "repeat", "more"})


def _short_about_what_was_said(reading: Reading, intent: dict[str, Any], memory: Memory) -> dict[str, Any]:
    """电话呢, 条件, 雨花台呢, behind an answer: too short for the classifier, but they go on about it."""
    confidence = float(intent.get("confidence") or 0.0)
    name = intent.get("name")
    if memory.open is None and memory.topic and name == "out_of_scope" and confidence < _STRANGE \
            and len(reading.text) <= _A_FEW and reading.text.endswith(_ASKING):
        return {"name": "ask_service", "confidence": _DOUBTED}  # E类能买多大, after 人才公寓
    small = name == "unclear" or (intent.get("name") in _SMALL and confidence < _DOUBTED)
    if memory.open is not None and small and _BACK.search(reading.text):
        return {"name": "resume", "confidence": _DOUBTED}
    if memory.open is not None and intent.get("name") in _STEERING and confidence < _GUESSED:
        return {"name": "inform", "confidence": confidence}
    if memory.open is not None or not memory.topic or len(reading.text) > _A_FEW or not small:
        return intent
    if nothing_but_a_verdict(reading.text) or _MAY_THEY.search(reading.text):
        return {"name": "check_eligibility", "confidence": _DOUBTED}
    if reading.aspect is not None or reading.topics:
        return {"name": "ask_service", "confidence": _DOUBTED}
    if reading.places and memory.shown_sites is not None:
        return {"name": "find_place", "confidence": _DOUBTED}
    return {"name": "inform", "confidence": _DOUBTED} if reading.text.endswith("呢") else intent


_PEOPLE = re.compile(r"[一两二三四五六七八九十0-9]+(?:个|口)(?:人|大人)?")


def _counts_people(reading: Reading) -> bool:
    return _PEOPLE.fullmatch(reading.text) is not None


def _asked_for_the_situation(memory: Memory) -> bool:
    """先说说您的情况 was said last: a bare number can only be an age."""
    last = memory.last_said
    return last.get("kind") == "suggestions" and not last.get("items")


def danger_of(chances: Sequence[dict[str, Any]]) -> float:
    """The classifier's summed chance of danger."""
    return sum(float(item.get("confidence") or 0.0) for item in chances if str(item.get("name")).startswith(_DANGER))


def _only_sounds_alarming(reading: Reading, ranking: Sequence[dict[str, Any]]) -> bool:
    """Whether the classifier rules out what a pattern took for danger: 累得吐血，社保都不给交.

    Never where life is not wanted any more, nor where a word says that it happens now.
    """
    return (reading.emergency != "suicide" and danger_of(ranking) < NO_DANGER
            and _NOW.search(reading.text) is None and _BESIDES.search(reading.text) is None)


def _classified_danger(reading: Reading, chances: Sequence[dict[str, Any]], snapshot: Snapshot,
                       weighed: Optional[float], *, goes_on: bool) -> Optional[float]:
    """How sure the classifier is of danger if it may be believed (then it stands in ``reading``), else None.

    ``weighed``: the chance of both opinions together, None where there is no second one. ``goes_on``: whether the
    sentence tells a fact where a service is talked of (那我屋头还有个老大六岁).
    """
    dangers = [item for item in chances if str(item.get("name")).startswith(_DANGER)]
    total = danger_of(chances)
    if not dangers or reading.limit >= 0 or total < HEARD:
        return None
    if weighed is None:
        if total < EMERGENCY_SURE:
            return None
    elif weighed < (DOUBTED if goes_on else SURE_TOGETHER):
        return None
    kind = str(dangers[0]["name"])[len(_DANGER):]
    # The records of a kind go from the special to the general: only the last one fits whatever has happened.
    numbers = [number for number, record in enumerate(snapshot.emergencies) if record.kind == kind]
    if not numbers:
        return None
    guards = (*snapshot.emergencies[numbers[-1]].unless, *snapshot.all_clear)
    if over_or_usual(reading.text, kind) or _tells_of_work(reading):
        return None
    if total < EMERGENCY_SURE and len(reading.text) <= _A_WORD:
        return None
    if total < _VERY_SURE and (only_told(reading.text) or _WANTS_A_VIEW.search(reading.text)):
        return None
    now = total >= _VERY_SURE and _NOW.search(reading.text) is not None
    if touches(reading.text, snapshot.all_clear if now else guards) \
            or _is_a_question_we_answer(reading.text, snapshot, needs=total < _VERY_SURE):
        return None
    reading.emergency, reading.emergency_number = kind, numbers[-1]
    return total


def _weighed(reading: Reading, heard: float, second: float, snapshot: Snapshot, region: str) -> float:
    """The chance of danger, weighed against how near a service is."""
    region = region or next(iter(snapshot.regions), "")
    scores = snapshot.index.scores(reading.text, region)
    ranked = rank(snapshot.index, reading.text, scores, region=region, pointed={},
                  named={item.topic: item.weight for item in reading.topics})
    nearest = max((item.score for item in ranked), default=0.0)
    return together(heard, second, nearest=nearest, chance=ranked[0].chance if ranked else 0.0)


def _tells_of_work(reading: Reading) -> bool:
    """被厂里撵走了: a lost job in so many words, which sounds like violence."""
    return any(found.slug == _LOST_JOB and len(reading.text) - (found.end - found.start) <= _FEW
               for found in reading.facts)


#: Of so few characters the classifier guesses (天上飞, asked for an age); words of danger that short are patterns.
_A_WORD = 4
_LOST_JOB, _FEW = "person.involuntary_unemployment", 4
#: From this score on a sentence is so near a question of the knowledge base that the classifier's fear is mistaken.
KNOWN_QUESTION = 0.62
#: The same for what residents say who need a service: no danger in the tests is nearer than 0.61 to such a phrase.
KNOWN_NEED = 0.7


def _is_a_question_we_answer(text: str, snapshot: Snapshot, *, needs: bool) -> bool:
    """Whether ``text`` is one of our questions in other words, or (``needs``) anything that a service is needed for."""
    index = snapshot.index
    for region in snapshot.regions:
        scores = index.scores(text, region)
        if any(hit.score >= KNOWN_QUESTION for hit in index.faqs(scores, region=region, limit=1)):
            return True
        if needs and any(hit.score >= KNOWN_NEED for hit in index.topics(scores, region=region, limit=1)):
            return True
    return False


def _first_without_danger(intent: dict[str, Any], chances: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the sentence means if it is no danger after all."""
    for item in (intent, *chances):
        if not str(item.get("name") or "").startswith(EMERGENCY):
            return item
    return {"name": "unclear", "confidence": 0.0}


def _fact_answer(reading: Reading, memory: Memory, snapshot: Snapshot, today: dt.date) -> Optional[dict[str, Any]]:
    assert memory.open is not None
    slug, person = memory.open.fact, memory.case.person if memory.case is not None else None
    fact = snapshot.catalogue.facts.get(slug)
    if fact is None:
        return None
    for found in reading.facts:
        if found.slug == slug:
            exact = read_answer(fact, reading.text, today=today, person=person) if _is_range(found.value) else None
            said = exact.value if exact is not None and exact.value is not None else found.value
            return {"kind": "value", "value": to_json(said)}  # 满79了 is a rule's bound, but an age to who asked for it
        for rule in snapshot.catalogue.facts[found.slug].implies if found.slug in snapshot.catalogue.facts else ():
            if rule.value in ("*", found.value) and slug in rule.then:
                return {"kind": "value", "value": rule.then[slug]}
        if (slug, found.slug, found.value) == ("household.home_area_per_person", "household.owns_home_in_city", False):
            return {"kind": "value", "value": 0}
    if holds_places(fact) and reading.places and reading.places[0].level in ("city", "district", "area"):
        return {"kind": "value", "value": reading.places[0].name}
    text = reading.clauses()
    if fact.type in ("int", "money") and reading.facts:
        text = re.split("[，。 ]", text)[-1]
    if fact.type == "bool" and reading.facts and read_reply(slug, text) is None:
        # Something else was told: only a clause of its own said before it can be the answer.
        lead = _OWN_CLAUSE.match(reading.clauses(min(found.start for found in reading.facts)))
        text = lead.group(1) if lead is not None and not _TAKEN_BACK.search(lead.group(1)) else ""
    answer = read_answer(fact, text, today=today, person=person) if text else None
    if answer is None and reading.pauses and not reading.facts:
        # 老家有房 成都莫得: only together do they say it
        answer = read_answer(fact, reading.text, today=today, person=person)
    if answer is None:
        return None
    return {"kind": answer.kind, "value": to_json(answer.value) if answer.value is not None else None}


def _is_range(value: Any) -> bool:
    return isinstance(value, dict) and "low" in value


_HAS_THERE = re.compile(r"(?:区|市|县|那边|这边|里)?(?:也|都|还|是)?(?P<no>没得?|没有|莫得|无|冇)?(?P<yes>有)?")


_EXCEPTED = re.compile(r"除了(?P<what>[^，。？]{2,8})")
_ONLY = re.compile(r"(只|就|光|仅|单)(是|有|只|领|拿|享受|住)*(在)?(领|拿|享受|有|住|补)?(着|起|了|的)*$")


def _only_the_exception(reading: Reading, memory: Memory, snapshot: Snapshot) -> Optional[dict[str, Any]]:
    """就只领租赁补贴, asked what there is besides the rental subsidy: nothing."""
    rules = snapshot.policies.get(memory.case.policy) if memory.case is not None else None
    asked = memory.open.fact if memory.open is not None else ""
    excepted = _EXCEPTED.search(rules.policy.questions.get(asked, "")) if rules is not None else None
    if excepted is None:
        return None
    names = [excepted["what"], *(item.alias for item in reading.topics)] if reading.topics else [excepted["what"]]
    for name in names:
        at = reading.text.find(name)
        if at >= 0 and _ONLY.search(reading.text[:at]) and len(reading.text) - at - len(name) <= 4:
            return {"kind": "value", "value": False}
    return None


def _echo(reading: Reading, memory: Memory, snapshot: Snapshot) -> Optional[dict[str, Any]]:
    """在职的: an answer in the words with which the policy asks."""
    rules = snapshot.policies.get(memory.case.policy) if memory.case is not None else None
    asked = snapshot.catalogue.facts.get(memory.open.fact) if memory.open is not None else None
    wording = rules.policy.questions.get(asked.slug, "") if rules is not None and asked is not None else ""
    if asked is None or asked.type != "bool" or not wording or reading.facts:
        return None
    said = echoes(reading.text, wording)
    return None if said is None else {"kind": "value", "value": said}


def _home_by_place(reading: Reading, memory: Memory, snapshot: Snapshot) -> Optional[dict[str, Any]]:
    """高新没有，双流有: whether there is a home where one rents, once it is known where that is."""
    if memory.open is None or memory.open.fact != "household.owns_home_in_lease_area" or memory.case is None:
        return None
    rented = memory.known(memory.case.person).get("lease.district")
    place = snapshot.gazetteer.district(rented) if isinstance(rented, str) else None
    names = {part.rstrip("区县市") for part in (place.name, *place.aliases)} if place is not None else set()
    for name in names:
        at = reading.text.find(name) if len(name) >= 2 else -1
        said = _HAS_THERE.match(reading.text, at + len(name)) if at >= 0 else None
        if said is not None and (said["no"] or said["yes"]):
            return {"kind": "value", "value": said["no"] is None}
    return None


#: Where somebody lives is read as a fact only for a policy that asks: elsewhere it is where they look for a place.
RESIDENCE = "person.residence_district"
_AGE = "person.age"
#: 七十八, 今年七十八了: a number that can only be an age where no other number was asked for.
_BARE_NUMBER = re.compile(
    r"(今年|都|已经|快|刚)?(\d{2,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|一百[零一二三四五六七八九十]*)(岁|了|啦)*"
)


def _take_for_another(reading: Reading, memory: Memory, snapshot: Snapshot, today: dt.date) -> None:
    """二级, asked about the certificate; 在交, asked about a home: what answers another question of the case."""
    rules = snapshot.policies.get(memory.case.policy) if memory.case is not None else None
    said = reading.text.strip("，。！ 的")
    if rules is None or reading.facts or memory.open is None or len(said) < 2:
        return
    asked = snapshot.catalogue.facts.get(memory.open.fact)
    others = [fact for slug in sorted(rules.base_facts - {memory.open.fact})
              if (fact := snapshot.catalogue.facts.get(slug)) is not None]
    lives = residence(reading.text)
    if lives is not None and any(fact.slug == RESIDENCE for fact in others):
        _add_fact(reading, RESIDENCE, lives)
        return
    for fact in others:
        for option in fact.options:
            if option.value != "none" and said in (option.title, *option.words):
                _add_fact(reading, fact.slug, option.value)
                return
    age = snapshot.catalogue.facts.get(_AGE)
    years = read_answer(age, said, today=today) if age in others and _BARE_NUMBER.fullmatch(said) and (
        asked is None or asked.type in ("bool", "choice")) else None
    if years is not None and years.value is not None:
        _add_fact(reading, _AGE, to_json(years.value))
        return
    if re.search("断|停", said):
        return  # 断过两个月: of what, and how it is now, is not said
    told = {fact.slug: read_reply(fact.slug, said) for fact in others if fact.type == "bool"}
    if all(value is None for value in told.values()):
        told = {slug: echoes(said, rules.policy.questions.get(slug, "")) for slug in told}
    fitting = [slug for slug, value in told.items() if value is not None]
    if len(fitting) == 1:
        _add_fact(reading, fitting[0], told[fitting[0]])


def _add_fact(reading: Reading, slug: str, value: Any) -> None:
    """Put down a fact that the whole sentence tells."""
    reading.facts.append(ReadFact(slug=slug, value=value, start=0, end=len(reading.text)))


def _plain_yes_or_no(text: str, snapshot: Snapshot, slug: str, name: str, confidence: float
                     ) -> Optional[dict[str, Any]]:
    """What the classifier is sure of, where the words themselves were not understood."""
    fact = snapshot.catalogue.facts.get(slug)
    if fact is None or confidence < _SURE or asks(text) or says_too_little(slug, text):
        return None
    if name in ("unsure", "refuse"):
        return {"kind": "unknown" if name == "unsure" else "refused", "value": None}
    if fact.type == "bool" and name in ("affirm", "deny") and not tells_other_act(text, words_of(fact)):
        return {"kind": "value", "value": name == "affirm"}
    return None


#: So few characters beside a service's name ask nothing.
_FEW_BESIDE = 2


def _only_a_name(reading: Reading) -> bool:
    """保租房, asked what is rented: a name alone asks nothing of the service."""
    named = sum(item.end - item.start for item in reading.topics)
    return reading.aspect is None and named > 0 and len(reading.text) - named <= _FEW_BESIDE


def _asks_something_else(reading: Reading, name: str, confidence: float) -> bool:
    """A sentence that names a service and asks about it is a question of its own, whatever words it holds."""
    asking = name in ("ask_service", "find_place", "check_eligibility", "find_benefits")
    return asking and (bool(reading.topics) or reading.aspect is not None) and confidence >= _SURE
