"""Sentences that are nothing but a place, or ask for places without saying of what.

平凉路附近的, 附近哪里有, 去哪吃, 想给她找个吃饭的地方; 我住八宝街; 那上海呢.
"""

from __future__ import annotations

import re
from typing import Any, Optional

import msgspec

from actions import eligibility, nearby, shown_sites
from actions.location import HOME, WORK, meant_spot, remember_told, told_spots, unknown_name
from actions.say import ack, lead
from actions.topic_choice import choose
from actions.turn import Skill, Turn, apart, rejoin
from bot.nlu.reading import read
from knowledge.regions import NATIONWIDE

_LOOKS_FOR = re.compile(r"找(个|一个|家|一家)?[^，。]{0,6}(地方|地儿)|(哪里|哪儿|啥地方|什么地方)(有|能|可以)")
_NEAR = re.compile(r"附近|周边|旁边|周围|边上|一带")
_NEARBY = re.compile(
    r"(那|那么|我|我们|咱|阿拉|俺|妈|爸|老妈|老爸|家|屋头|屋里|屋里厢|单位|公司|厂|厂里|上班|的|地方|这|那边|这边|离|在)*(附近|周边|旁边|周围|边上|一带)(的|有|都)*(哪里|哪儿|哪|啥地方|什么地方)?"
    r"(有|有没有|有得)*(的|呢|吗|么|没|不|没得|嘛|啊)*[？?]?"
)
_GO_THERE = re.compile(
    r"(那|那么|她|他|我|要|该|能|可以)*(去|到|上|在)(哪里|哪儿|哪个地方|啥地方|什么地方|哪)(去|能|可以)*"
    r"(吃|吃饭|用餐|就餐|切饭|吃得到)(呢|啊|嘛|好|的)*[？?]?"
)

#: Intents of questions that may be asked again of another region.
_QUESTIONS = frozenset({"ask_service", "state_need", "check_eligibility", "find_place"})
#: A sentence of which no more than this is kept to be asked again.
KEPT = 60
#: Acts that a name of a place said alone is never taken from, with an open question for a place.
_ACTS = frozenset({"emergency", "cancel", "thanks", "greet", "goodbye", "affirm", "deny", "unsure", "refuse", "help",
                   "repeat", "forget_me", "start_over", "summary", "why_asked", "identity", "feedback_good",
                   "feedback_bad", "more", "human", "resume"})


def first(turn: Turn) -> Optional[Skill]:
    """The skill for a sentence that only names a place or a region, or asks about a place just listed.

    Asked before anything else but danger: a street's name alone sounds like whatever the classifier likes.
    """
    if turn.intent in ("emergency", "answer_fact"):
        return None
    remember_told(turn)
    there = _of_another_region(turn)
    if there is not None:
        return there
    _keep_the_question(turn)
    if _MEANS_THE_DEVICE.fullmatch(turn.reading.text):
        return nearby.take_place
    if turn.memory.open is not None and turn.memory.open.kind == "location":
        return _where_they_are(turn)
    if shown_sites.asks_about_one(turn):
        return shown_sites.tell_about_one
    return _near_their_own(turn) or _only_a_place(turn) or _unknown_road(turn)


#: 用我现在的位置: where the phone is, which comes beside the message. Without it the resident is asked for a place.
_MEANS_THE_DEVICE = re.compile(
    r"(就|那|用|按|照|以|拿|是|在|我|现在|目前|手机|的|这个|当前|请|帮我|根据|把|，)*(位置|定位)(发给你|发你|来|找|查|吧|嘛|哈|就行|就是|了|，)*"
)


# --- a region --------------------------------------------------------------------------------------

_REGION = "\n"
#: 那上海呢, 换成成都, 苏州咋个说: nothing but a region (here a line break).
_ONLY_A_REGION = re.compile(
    r"(那|那么|如果|要是|换|换成|改|改成|转到|在|到|去|问|问下|是|说|的话|我|人|想|看看|再|还有|另外"
    r"|不对|说错了|，|、)*"
    rf"{_REGION}(市|区|省|这边|那边|那里|这里|的|本地|当地)*"
    r"(呢|喃|嘞|咧|哪|呐|嘛|啊|哦|哈|吗|么|吧|伐|怎样|咋个|咋|怎么|啷个|哪能|说|讲|办|算|弄"
    r"|有得没得|有没得|有|没有|也|一样|不|是|多少|好多|啥|什么|样|规定|政策|情况|的|好了|，|？)*"
)


def _of_another_region(turn: Turn) -> Optional[Skill]:
    """那上海呢, after an answer: the same question for that region."""
    reading, memory = turn.reading, turn.memory
    named = reading.region is not None and not reading.region_is_hukou
    if not named or not memory.topic or memory.open is not None or memory.case is not None \
            or reading.topics or reading.categories or reading.facts:
        return None
    if _ONLY_A_REGION.fullmatch(_region_masked(turn, reading.text)) is None:
        return None
    kinds = _last_kinds(turn)
    return (lambda again: _ask_there(again, kinds)) if kinds else None


def _region_masked(turn: Turn, text: str) -> str:
    """``text`` with a line break for each name of a region."""
    names = {name for code, item in turn.knowledge.regions.items() if code != NATIONWIDE
             for name in (item.name, item.short, *item.aliases)} | {turn.reading.foreign_city}
    for name in sorted(names - {""}, key=len, reverse=True):
        text = text.replace(name, _REGION)
    return re.sub(f"{_REGION}+", _REGION, text)


def _last_kinds(turn: Turn) -> list[str]:
    return [str(item["custom"]["kind"]) for item in turn.memory.last_messages]


def _ask_there(turn: Turn, kinds: list[str]) -> None:
    """Answer the question asked last for the region at hand."""
    memory, topic = turn.memory, turn.memory.topic
    if memory.shown_sites is not None and memory.shown_sites.get("topic") == topic and kinds[-1] == "sites":
        nearby.find_sites(turn, topic)
        return
    rules = eligibility.choose_policy(turn, topic) if {"verdict", "question"} & set(kinds) else None
    if rules is not None:
        eligibility.start(turn, rules)
    else:
        _ask_again(turn, topic)
    _say_where(turn)


def _ask_again(turn: Turn, topic: str) -> None:
    memory = turn.memory
    asked = _region_masked(turn, memory.asked).replace(_REGION, "") or turn.knowledge.topics[topic].name
    reading = read(asked, snapshot=turn.knowledge, region=turn.region, today=turn.today)
    reading.region, reading.foreign_city, reading.facts, reading.places = None, "", [], []
    said: dict[str, Any] = {"text": asked, "intent": {"name": memory.asked_as or "ask_service", "confidence": 1.0},
                            "intent_ranking": [], "reading": msgspec.to_builtins(reading)}
    alone = apart(turn, said)
    alone.given_topic, alone.memory.topic = topic, topic
    (eligibility.check_eligibility if memory.asked_as == "check_eligibility" else eligibility.answer_or_judge)(alone)
    rejoin(turn, alone)


def _say_where(turn: Turn) -> None:
    """The region before an answer that does not begin with it."""
    if not turn.replies:
        return
    reply, name = turn.replies[0], turn.region_name
    if turn.reading.foreign_city:
        lead(reply, turn.say("region_unknown", city=turn.reading.foreign_city))
    elif name not in reply["text"][:BEGINS] and reply["custom"].get("region") != NATIONWIDE:
        reply["text"] = turn.say("region_answer", region=name) + reply["text"]


#: Where a region is named in so many characters, it need not be said again.
BEGINS = 12


def _keep_the_question(turn: Turn) -> None:
    if turn.intent in _QUESTIONS or (turn.reading.aspect is not None and turn.intent not in _ACTS):
        turn.memory.asked = turn.reading.text[:KEPT]
        turn.memory.asked_as = turn.intent if turn.intent in _QUESTIONS else "ask_service"


# --- a place ---------------------------------------------------------------------------------------

#: What stands around a place's name where somebody only says where they are.
_AROUND = (r"(那|那么|就|是|在|我|咱|俺|阿拉|家|屋头|屋里|屋里厢|人|现在|这会儿|住|到|靠"
           r"|离|近|嗯|哦|噢|啊|单位|公司"
           r"|上班|妈|爸|爷爷|奶奶|外婆|外公|老人|他|她|们|的|，|、)*",
           r"(这边|那边|这里|那里|这儿|那儿|这块|那块|这一片|那一片|附近|旁边|边上|周边|上|里|里头|一带|对面|门口|站"
           r"|住|上班|的|呢|喃|嘛|嘞|咧|啊|哦|哈|吧|撒|噻|住起的|，|。)*")
_AROUND_IT = re.compile(f"(?:{_AROUND[0]}{_REGION}{_AROUND[1]}){{1,6}}")


def _is_only_a_place(turn: Turn) -> bool:
    """八宝街, 我们在曹家巷, 我住控江路这边: where somebody is, and nothing asked."""
    text = turn.reading.text
    for start, end in sorted({(item.start, item.end) for item in turn.reading.places}, reverse=True):
        text = text[:start] + _REGION + text[end:]
    return bool(turn.reading.places) and _AROUND_IT.fullmatch(re.sub(f"{_REGION}+", _REGION, text)) is not None


def _only_a_place(turn: Turn, *, districts: bool = False) -> Optional[Skill]:
    """A place said by itself: after a list or a service that has places, those near there; else it is noted."""
    reading, memory = turn.reading, turn.memory
    exact = any(item.level not in ("city", "district", "area") for item in reading.places)
    if memory.open is not None or memory.case is not None or not (exact or districts) or not _is_only_a_place(turn) \
            or reading.topics or reading.categories or reading.facts:
        return None
    if len(told_spots(turn)) > 1:
        return _note
    kinds = _last_kinds(turn)
    if {"verdict", "question", "suggestions", "clarify"} & set(kinds):
        return None
    shown = memory.shown_sites
    if shown is not None and (shown.get("topic") or memory.topic) == memory.topic:
        return nearby.take_place
    topic = turn.knowledge.topics.get(memory.topic)
    if topic is not None and topic.site_categories:
        return lambda again: nearby.find_sites(again, topic.slug)
    return _note if topic is None and memory.spot is not None else None


def _note(turn: Turn) -> None:
    """我家在草市街，上班在春熙路: both are said back."""
    told = told_spots(turn)
    if len(told) > 1:
        text = turn.say("noted_spots", places="，".join(_in_words(turn, key, spot.name) for key, spot in told.items()))
    else:
        assert turn.memory.spot is not None
        text = turn.say("inform_place", place=turn.memory.spot.name)
    turn.replies.append(ack(turn, text, of="inform"))


def _in_words(turn: Turn, key: str, place: str) -> str:
    if key in (HOME, WORK):
        return turn.say("spot_home" if key == HOME else "spot_work", place=place)
    return turn.say("spot_other", who=turn.address(key.partition(":")[2] or "self"), place=place)


def _near_their_own(turn: Turn) -> Optional[Skill]:
    """单位附近呢, 屋头附近有没得, after a list: the same near another place of theirs."""
    shown = turn.memory.shown_sites or {}
    topic = str(shown.get("topic") or "")
    if not topic or shown.get("circle") or not meant_spot(turn) or turn.reading.topics or turn.reading.categories \
            or _NEARBY.fullmatch(turn.reading.text) is None:
        return None
    return lambda again: nearby.find_sites(again, topic)


# --- the answer to "where are you" ------------------------------------------------------------------

def _where_they_are(turn: Turn) -> Optional[Skill]:
    """The answer to "where are you": an option, a place that is known, or one that is not."""
    reading, picked = turn.reading, _picked_place(turn)
    if picked:
        return lambda again: _say_instead(again, picked)
    walk = (turn.memory.shown_sites or {}).get("walk")
    if walk and shown_sites.asks_about_one(turn):
        return shown_sites.tell_about_one
    if reading.places and not (reading.topics or reading.categories) and (
            turn.intent == "answer_place" or _is_only_a_place(turn)):
        return shown_sites.walk_from_here if walk else nearby.take_place
    return _unknown_road(turn)


def _unknown_road(turn: Turn) -> Optional[Skill]:
    """红星路, where a place was asked for or places were listed: never anything but a place, known or not."""
    reading, asked = turn.reading, turn.memory.open is not None and turn.memory.open.kind == "location"
    if reading.places or reading.topics or reading.categories or reading.facts:
        return None
    if not asked and _last_kinds(turn)[-1:] != ["sites"]:
        return None
    name = unknown_name(reading.text, asked=asked and reading.aspect is None and turn.intent not in _ACTS)
    return (lambda again: nearby.at_unknown(again, name)) if name else None


_NUMBERED = re.compile(r"(?:就|是|选|要|那|我|说|的|嗯|对|，)*第?(?P<number>[一二三123])(?:个|处|那个|号)?"
                       r"(?:的|吧|嘛|呢|啊|哈)*")
_NUMBERS = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3}


def _picked_place(turn: Turn) -> str:
    """The title of the place that is picked of those asked back: 第一个, 是的, 简阳那个; empty where none is."""
    last = turn.memory.last_said
    placed = last.get("kind") == "clarify" or last.get("fact") == "location"
    titles = [str(option["title"]) for option in last.get("options", ())] if placed else []
    text = turn.reading.text
    if not titles or text in titles:
        return ""
    if len(titles) == 1 and (turn.intent == "affirm" or text in ("是", "是的", "对", "对的", "嗯")):
        return titles[0]
    said = _NUMBERED.fullmatch(text)
    if said is not None and _NUMBERS[said["number"]] <= len(titles):
        return titles[_NUMBERS[said["number"]] - 1]
    areas = [item.name.rstrip("区县市") for item in turn.reading.places if item.level in ("district", "area", "street")]
    fitting = [title for title in titles if any(area in title for area in areas)]
    return fitting[0] if len(fitting) == 1 else ""


def _say_instead(turn: Turn, title: str) -> None:
    """Go on as if the place had been named in full."""
    reading = read(title, snapshot=turn.knowledge, region=turn.region, today=turn.today, asked_place=True)
    turn.reading = reading
    walk = (turn.memory.shown_sites or {}).get("walk")
    (shown_sites.walk_from_here if walk else nearby.take_place)(turn)


# --- places of the service at hand ------------------------------------------------------------------


def of_the_service(turn: Turn) -> Optional[Skill]:
    """The skill that lists places of the service at hand, or of the one that is meant; None if none are asked for."""
    reading, topic = turn.reading, turn.memory.topic
    if reading.categories or reading.topics:
        return None
    here = [place for place in reading.places if place.level not in ("city", "district")]
    if here and _LOOKS_FOR.search(reading.text) and not nearby.asks_no_place(turn):
        meant = choose(turn).topic
        if meant is not None and turn.knowledge.topics[meant].site_categories:
            return lambda again: nearby.find_sites(again, meant)
    if topic and (_only_nearby(turn) or (
            turn.knowledge.topics[topic].site_categories and _GO_THERE.fullmatch(reading.text))):
        return lambda again: nearby.find_sites(again, topic)
    return _only_a_place(turn, districts=True)


def _only_nearby(turn: Turn) -> bool:
    """附近哪里有, 平凉路附近的: nothing but that it is to be near, and perhaps where."""
    rest = turn.reading.text
    for start, end in sorted({(place.start, place.end) for place in turn.reading.places}, reverse=True):
        rest = rest[:start] + rest[end:]
    return _NEAR.search(rest) is not None and _NEARBY.fullmatch(rest) is not None
