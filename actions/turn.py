"""One turn of a conversation as the skills see it: what was said, what is remembered, what is known."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

import msgspec
import numpy as np
import numpy.typing as npt

from bot import clock
from bot.knowledge_access import snapshot
from bot.memory import SLOT, Case, Memory, Spot, read_memory, write_memory
from bot.nlu.parsers.people import word_of_subject
from bot.nlu.parsers.places import KINDS, OTHER, holds_places
from bot.nlu.reading import Reading
from bot.settings import settings
from knowledge.base import Snapshot
from knowledge.coords import wgs84_to_gcj02
from knowledge.eligibility.facts import FactError
from knowledge.eligibility.values import OneOf, Value, from_json
from knowledge.regions import NATIONWIDE, chain, cities_of, city_named, city_of, within
from knowledge.schema import Place, Policy

#: How the person is addressed whom a question is about.
WHO = {
    "self": "您", "mother": "您母亲", "father": "您父亲", "parents": "您父母", "spouse": "您爱人", "child": "您孩子",
    "grandmother": "您家老人", "grandfather": "您家老人", "elder": "您家老人", "sibling": "您的兄弟姐妹",
    "neighbour": "这位邻居", "friend": "您朋友", "other": "这位",
}


@dataclass
class Turn:
    """Everything a skill needs. Skills change ``memory`` and append to ``replies``."""

    text: str
    intent: str
    confidence: float
    reading: Reading
    memory: Memory
    knowledge: Snapshot
    today: dt.date
    now: dt.datetime
    #: The classifier's chances by intent, before the conversation was taken into account.
    chances: dict[str, float] = field(default_factory=dict)
    #: The service that this part of a message is surely about (``bot.nlu.parts``); empty for a whole message.
    given_topic: str = ""
    #: The region, the person, the facts, the child and the check of the conversation before this sentence.
    region_before: str = ""
    person_before: str = "self"
    facts_before: dict[str, dict[str, Any]] = field(default_factory=dict)
    child_before: str = ""
    case_before: Optional[Case] = None
    #: Whether somebody else who goes by the same wide word (公公, then 婆婆) is spoken of from this sentence on.
    namesake: bool = False
    replies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def region(self) -> str:
        """The region this turn is about."""
        return self.memory.region

    @property
    def someone_else(self) -> bool:
        """Whether this sentence went over to another person."""
        return self.namesake or self.memory.subject != self.person_before

    @property
    def city(self) -> str:
        return city_of(self.region)

    @property
    def region_name(self) -> str:
        return self.knowledge.region_name(self.region)

    @property
    def who(self) -> str:
        """How the person in question is addressed."""
        return self.address(self.memory.subject)

    def address(self, person: str) -> str:
        """您; 您母亲; 您哥哥"""
        return self.memory.called.get(person) or WHO.get(person, "您")

    def scores(self, text: str) -> npt.NDArray[np.float32]:
        """How well ``text`` fits each phrase of the base that holds in this turn's region."""
        return self.knowledge.index.scores(text, self.region)

    @property
    def hotline(self) -> str:
        region = self.knowledge.regions.get(self.region)
        return region.hotline if region is not None else "12345"

    def known(self, person: str, policy: Policy) -> dict[str, Value]:
        """What a verdict about ``person`` under ``policy`` may use."""
        return self.memory.known(person, policy.policy, policy.own_answers)

    def chance(self, intent: str) -> float:
        """How likely the classifier takes the sentence for ``intent``."""
        return self.chances.get(intent, 0.0)

    def say(self, key: str, /, **values: object) -> str:
        """A sentence of ``texts/``; wordings alternate with the answers given so far."""
        return self.knowledge.text(key, len(self.text), **values)


#: What answers a turn.
Skill = Callable[[Turn], None]


def begin(latest: dict[str, Any], slots: dict[str, Any], *, now: Optional[dt.datetime] = None) -> Turn:
    """The turn in a tracker's latest message and slots; takes in region, device location, person and facts."""
    knowledge = snapshot()
    moment = now or clock.now()
    memory = read_memory(slots.get(SLOT))
    metadata = latest.get("metadata") or {}
    intent = latest.get("intent") or {}
    raw = latest.get("reading")
    reading = msgspec.convert(raw, Reading) if isinstance(raw, dict) else Reading(text=str(latest.get("text") or ""))
    turn = Turn(str(latest.get("text") or ""), str(intent.get("name") or ""), float(intent.get("confidence") or 0),
                reading, memory, knowledge, moment.date(), moment, _chances(latest))
    turn.region_before, turn.person_before = memory.region, memory.subject
    turn.facts_before, turn.child_before = copy.deepcopy(memory.facts), memory.child
    turn.case_before = copy.deepcopy(memory.case)
    _take_region(turn, metadata)
    _take_location(turn, metadata)
    _take_person_and_facts(turn)
    return turn


def apart(turn: Turn, said: dict[str, Any]) -> Turn:
    """A turn of its own for what is to be answered as if it had been ``said`` (a tracker's message) just now."""
    return begin({**said, "metadata": {}}, {SLOT: write_memory(turn.memory)}, now=turn.now)


def rejoin(turn: Turn, alone: Turn) -> None:
    """Go on with what the turn ``alone`` answered and remembers."""
    turn.replies += alone.replies
    turn.memory = alone.memory


def _chances(latest: dict[str, Any]) -> dict[str, float]:
    return {str(item["name"]): float(item["confidence"]) for item in latest.get("intent_ranking") or ()}


def _take_region(turn: Turn, metadata: dict[str, Any]) -> None:
    given = str(metadata.get("region") or "")
    memory = turn.memory
    if not memory.region or (given and memory.given_region and given != memory.given_region):
        _move_to(memory, _region_of(turn, given))
    memory.given_region = given or memory.given_region
    named = turn.reading.region
    if named is None or _only_answers(turn):
        return
    if named == NATIONWIDE or not within(memory.region, named):
        _move_to(memory, named)


def _region_of(turn: Turn, given: str) -> str:
    """The region to answer for: what the channel gave, the whole country for one of which nothing is known."""
    if not given:
        return settings().region
    return given if turn.knowledge.knows(given) else NATIONWIDE


def _move_to(memory: Memory, region: str) -> None:
    """Speak of another region from now on; a spot in another city and a check by another city's rules are left."""
    if memory.region and city_of(memory.region) != city_of(region):
        memory.case = memory.open = None
        if memory.spot is not None and memory.spot.city != city_of(region):
            memory.spot = None
    memory.region = region


def _only_answers(turn: Turn) -> bool:
    """绵阳, asked where the hukou is: the check goes on about the city at hand."""
    asked = turn.memory.open
    if turn.memory.case is None or asked is None:
        return False
    fact = turn.knowledge.catalogue.facts.get(asked.fact)
    of_places = fact is not None and holds_places(fact)
    return turn.reading.region_is_hukou or (of_places and turn.reading.answer is not None)


def _take_location(turn: Turn, metadata: dict[str, Any]) -> None:
    location = metadata.get("location")
    if not isinstance(location, dict):
        return
    try:
        lng, lat = float(location["lng"]), float(location["lat"])
    except (KeyError, TypeError, ValueError):
        return
    if location.get("crs", "wgs84") != "gcj02":
        lng, lat = wgs84_to_gcj02(lng, lat)
    near = turn.knowledge.gazetteer.nearest_district(lng, lat)
    if near is None or near[1] > SERVED_M:
        return  # nothing is known around there: the resident is asked for a place instead
    if city_of(near[0].city) != turn.city and turn.reading.region is None:
        _move_to(turn.memory, _region_at(turn, near[0]))
    if city_of(near[0].city) == turn.city:
        turn.memory.spot = Spot(name="您的位置", lng=lng, lat=lat, precision_m=200, city=turn.city)


#: Further than this from every district's centre a device is in no city that we know, metres.
SERVED_M = 60_000


def _region_at(turn: Turn, district: Place) -> str:
    """The most local region that we know around a district."""
    return next((code for code in chain(district.code or district.city) if code in turn.knowledge.regions), NATIONWIDE)


def _take_person_and_facts(turn: Turn) -> None:
    reading, memory = turn.reading, turn.memory
    if reading.subject is None and memory.case is None and memory.subject == "self" and _SHE.search(reading.text):
        others = [person for person in memory.facts if person != "self" and person in WHO]
        if len(others) == 1:  # 那她能领高龄津贴不, of the only one who was told of
            memory.subject = others[0]
    only_where = reading.subject == "self" and bool(reading.places) and not (reading.facts or reading.topics)
    if reading.subject is not None and not only_where and _is_meant(reading, memory):
        memory.subject = reading.subject
        if memory.case is not None and memory.case.person != reading.subject:
            # "不是我，是我妈": the check goes on for the person who is meant.
            memory.case = memory.case.of(reading.subject)
    child = _CHILD.search(reading.text)
    if child is not None:
        memory.speak_of_child("大" if child["older"] else "小")
    if reading.subject is not None:
        _take_name(turn, reading.subject)
    for found in reading.facts:
        person = found.person or memory.subject
        take_fact(turn, found.slug, found.value, person)


def _take_name(turn: Turn, person: str) -> None:
    """What the person is called; 那我婆婆呢, after the 公公, speaks of another one whose facts are apart."""
    memory, word = turn.memory, word_of_subject(turn.reading.text)
    called = next((name for slug, pattern, name in _CALLED if slug == person and pattern.search(word)), "")
    if not called:
        return
    couple = any({called, memory.called.get(person, "")} <= pair for pair in _COUPLES)
    turn.namesake = memory.speak_of_namesake(person, called, same_home=couple)
    if not turn.namesake:
        return
    for owner in (person, memory.household_of(person)):
        turn.facts_before[owner] = copy.deepcopy(memory.facts.get(owner, {}))
    if memory.case is not None and memory.case.person == person:
        memory.case = memory.case.of(person)


_SHE = re.compile(r"(?<!其)[她他伊](?!们|人|拉)")
#: Which child is spoken of, where there are two.
_CHILD = re.compile(r"(?P<older>老大|大宝|大娃|大的那?个|大女儿|大儿子)"
                    r"|老二|二宝|二娃|二胎|小的那?个|小宝|小女儿|小儿子")
#: How relatives are addressed whom the fact parsers call by a wider name.
_CALLED = tuple((slug, re.compile(pattern), name) for slug, pattern, name in (
    ("sibling", "哥", "您哥哥"), ("sibling", "弟", "您弟弟"), ("sibling", "姐", "您姐姐"), ("sibling", "妹", "您妹妹"),
    ("grandmother", "外婆|姥姥|家婆|嘎嘎|外祖母", "您外婆"), ("grandmother", "奶奶|阿奶|祖母", "您奶奶"),
    ("grandfather", "外公|姥爷|家公(?!司)|外祖父", "您外公"), ("grandfather", "爷爷|阿爷|祖父", "您爷爷"),
    ("elder", "舅妈|舅婆", "您舅妈"), ("elder", "舅", "您舅舅"), ("elder", "公公|公爹", "您公公"),
    ("elder", "(?<!老)婆婆|婆子妈|老人婆", "您婆婆"), ("elder", "岳父|(?<!丈母)丈人|丈老汉", "您岳父"),
    ("elder", "岳母|丈母", "您岳母"), ("elder", "姑姑|姑妈|嬢嬢|孃孃", "您姑姑"),
    ("elder", "姨妈|[我俺大二三四]姨", "您姨妈"),
    ("elder", "叔", "您叔叔"), ("elder", "伯母", "您伯母"), ("elder", "伯", "您伯伯"),
))
#: Who lives together, so that what is told of the home of one holds for the other.
_COUPLES = (frozenset({"您公公", "您婆婆"}), frozenset({"您岳父", "您岳母"}), frozenset({"您舅舅", "您舅妈"}),
            frozenset({"您伯伯", "您伯母"}))
#: 不是我，是我妈; 那我妈呢; 帮邻居问问
_ANOTHER = re.compile(r"不是我|(帮|替|给).{0,5}(问|查|看)|(那|换)(我|俺|阿拉).{0,4}(呢|咧|嘞|能|可以|有)|^.{0,7}呢$"
                      r"|也(能|可以|行|有)")
_WANTS = re.compile(r"不是我|(再|也|想|帮|替|给)[^，。]{0,3}(问|查|看)|^.{0,7}(呢|喃|咧|嘞)$"
                    r"|能|可以|得行|申请|领|享受|补|办|有没有|够|算|也|拿")
_APPLIES = re.compile(r"(能不能|可不可以|能|可以|得行|够|有没有)[^，。]{0,3}(申请|领|享受|拿|办|吃|有|评)"
                      r"|(申请|领|享受|拿|吃)得到")
_MYSELF = re.compile(r"我(自己|本人|个人)")
#: People whose mention in the middle of a check only adds to the speaker's own case.
_BYSTANDERS = frozenset({"spouse", "parents", "child", "friend", "sibling"})


def _is_meant(reading: Reading, memory: Memory) -> bool:
    """Whether the person named is the one the question is about, not just somebody who is spoken of."""
    if reading.subject != "self" and _MYSELF.search(reading.text):
        return False
    told_of = any(found.slug.startswith("person.") for found in reading.facts)
    if memory.case is None:
        # 娃儿再生一个四个人呢, after a verdict: the child is no applicant.
        asked_for = bool(reading.topics) or told_of or _WANTS.search(reading.text) is not None
        return not memory.last_policy or reading.subject not in _BYSTANDERS or asked_for
    if reading.subject == memory.case.person or _ANOTHER.search(reading.text):
        return True
    if reading.topics and reading.subject not in _BYSTANDERS | {"self"} and _APPLIES.search(reading.text):
        return True  # 邻居老人一个人，能申请低保不: asked in the middle of one's own check
    return told_of and (reading.subject not in _BYSTANDERS or reading.text.startswith("那"))


def take_fact(turn: Turn, slug: str, raw: Any, person: str, *, only_for: str = "") -> bool:
    """Remember a fact that was said (for the policy ``only_for`` alone); False if its value cannot be."""
    value: Any = raw
    if isinstance(raw, dict) and raw.get("low") is not None and raw.get("low") == raw.get("high"):
        value = raw["low"]
    fact = turn.knowledge.catalogue.facts.get(slug)
    if fact is not None and holds_places(fact) and isinstance(value, str) \
            and (isinstance(fact.values, str) or value not in fact.values):
        code = _place_code(turn, slug, value)
        if code is None:
            return False
        value = code if _surely_elsewhere(value) and not cities_of(code) else _partly_known(turn, slug, code)
        if OTHER in fact.values and value not in fact.values:
            value = OTHER
    try:
        typed = turn.knowledge.catalogue.read_value(slug, value if not isinstance(value, dict) else _untag(value))
    except FactError:
        return False
    if only_for:
        turn.memory.remember_for(only_for, slug, typed, person)
    else:
        turn.memory.remember(slug, typed, person)
    return True


def _untag(value: dict[str, Any]) -> Any:
    read = from_json(value)
    return read if isinstance(read, (dt.date, OneOf)) else value


#: Stands for "some other place than here".
ELSEWHERE = "elsewhere"


def _surely_elsewhere(said: str) -> bool:
    """重庆, 安徽: a city or province by name that is in none of the provinces spoken of here."""
    return KINDS.get(said.rstrip("市省")) in ("city", "province") and city_named(said) is None


def _partly_known(turn: Turn, slug: str, code: str) -> Any:
    """四川户口 is one of its cities; 外地 may still be another city of this province."""
    if slug != "person.hukou_city":
        return code
    if cities_of(code):
        return {"one_of": sorted(cities_of(code))}
    neighbours = cities_of(f"{turn.region[:2]}0000") - {turn.city}
    return {"one_of": sorted({*neighbours, ELSEWHERE})} if code == ELSEWHERE and neighbours else code


def _place_code(turn: Turn, slug: str, said: str) -> Optional[str]:
    """The adcode of what was said: "local", "elsewhere", a code, a city or a district."""
    if said in (ELSEWHERE, "local"):
        if slug == "person.hukou_city":
            return turn.city if said == "local" else ELSEWHERE
        return None if said == "local" else ELSEWHERE
    head = said.split("-")[0]
    if head.isdigit() and len(head) == 6:
        return city_of(said) if slug == "person.hukou_city" else said
    for code, region in turn.knowledge.regions.items():
        if code != NATIONWIDE and said in (region.name, region.short, *region.aliases):
            if slug == "person.hukou_city":
                return city_of(code) if not cities_of(code) else code
            return code if code[4:] != "00" else None
    for match in turn.knowledge.gazetteer.find(said, city=turn.region):
        place = match.place
        if slug == "person.hukou_city":
            return city_of(place.code or place.district or place.city)
        if place.level in ("district", "area"):
            return place.code
        if place.district:
            return place.district
    return (city_named(said) or ELSEWHERE) if slug == "person.hukou_city" else None
