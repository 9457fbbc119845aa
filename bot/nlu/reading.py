"""Everything that one sentence says, as plain data: danger, services, facts, places, whom it is about.

``read`` knows no conversation; what a sentence means as an answer to the bot's last question is decided
by ``context``. The result travels with the message (``parse_data["reading"]``) to the actions.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Optional, Union

import msgspec

from bot.nlu.aspects import find_aspect
from bot.nlu.parsers.aftermath import over_or_usual
from bot.nlu.parsers.facts import read_facts
from knowledge.base import Snapshot
from knowledge.eligibility.values import to_json
from knowledge.places import PlaceMatch
from knowledge.policy_names import policies_named
from knowledge.regions import NATIONWIDE, chain, city_of
from knowledge.schema import EmergencyKind, Limit
from knowledge.text import touches, with_commas


class ReadFact(msgspec.Struct, kw_only=True):
    """A fact found in the sentence; ``value`` in its JSON form."""

    slug: str
    value: Any
    person: Optional[str] = None
    start: int
    end: int


class ReadTopic(msgspec.Struct, kw_only=True):
    topic: str
    alias: str
    start: int
    end: int
    weight: float


class ReadPlace(msgspec.Struct, kw_only=True):
    """A place named in the sentence (``how`` = exact, alias, homophone or fuzzy)."""

    name: str
    level: str
    city: str
    start: int
    end: int
    how: str


class Reading(msgspec.Struct, kw_only=True):
    """What a sentence says by itself. Spans count characters of ``text`` (the normal form)."""

    text: str
    #: Where in ``text`` the speaker paused (left a space).
    pauses: list[int] = []
    emergency: Optional[str] = None
    #: Which record of the emergencies file it was (several may share a kind).
    emergency_number: int = -1
    #: Filled in by ``context`` where the danger is doubtful: the intent that the sentence has otherwise.
    besides: str = ""
    #: Which record of limits.yml forbids an answer; -1: none.
    limit: int = -1
    topics: list[ReadTopic] = []
    facts: list[ReadFact] = []
    places: list[ReadPlace] = []
    #: An adcode if the sentence names a city or district we know, or NATIONWIDE for a city we do not.
    region: Optional[str] = None
    #: Whether ``region`` was only told as where somebody's hukou is (成都户口).
    region_is_hukou: bool = False
    #: The city's name where ``region`` is NATIONWIDE because nothing local is known.
    foreign_city: str = ""
    subject: Optional[str] = None
    aspect: Optional[str] = None
    #: Site categories named ("食堂", "卫生院").
    categories: list[str] = []
    #: Filled in by ``context``: the value of the fact that the bot asked for.
    answer: Optional[dict[str, Any]] = None

    def clauses(self, end: Optional[int] = None) -> str:
        """``text`` (up to ``end``) with a comma where the speaker paused."""
        text = self.text[:end]
        return with_commas(text, [pause for pause in self.pauses if pause < len(text)])


def read(text: str, *, snapshot: Snapshot, region: str, today: dt.date, asked_place: bool = False,
         pauses: Sequence[int] = ()) -> Reading:
    """Read ``text`` (normal form, with its ``pauses``) said in a conversation about ``region``.

    ``asked_place``: the bot has just asked where the resident is.
    """
    topics = [ReadTopic(topic=item.topic, alias=item.alias, start=item.start, end=item.end, weight=item.weight)
              for item in snapshot.topic_finder.find(text)]
    facts = read_facts(with_commas(text, pauses), today=today)
    told = [ReadFact(slug=fact.slug, value=to_json(fact.value), person=fact.person,
                     start=_without_commas(fact.start, pauses), end=_without_commas(fact.end, pauses))
            for fact in facts.facts]
    told = _outside_names(told, text, snapshot)
    named, foreign, hukou = _region_asked(_without_place_names(text, region, snapshot), told, snapshot)
    matches = snapshot.gazetteer.find(text, city=named or region, asked=asked_place)
    places = [_place(match) for match in matches if not _inside_topic(match, topics)]
    if named is None:
        named = _district_region(matches, snapshot)
    danger = find_emergency(text, snapshot.emergencies, snapshot.all_clear)
    return Reading(
        text=text,
        pauses=list(pauses),
        emergency=snapshot.emergencies[danger].kind if danger is not None else None,
        emergency_number=danger if danger is not None else -1,
        limit=find_limit(text, snapshot.limits),
        topics=topics,
        facts=told,
        places=places,
        region=named,
        region_is_hukou=hukou,
        foreign_city=foreign,
        subject=facts.subject,
        aspect=find_aspect(text),
        categories=_categories(text, snapshot),
    )


def _outside_names(told: list[ReadFact], text: str, snapshot: Snapshot) -> list[ReadFact]:
    """The facts but for those that stand in a policy's name: 残疾儿童康复救助 tells of no child's disability."""
    names = [(start, end) for _, start, end in policies_named(text, snapshot.policies.values(), snapshot.regions)] \
        if told else []
    return [fact for fact in told if not any(
        start <= fact.start and fact.end <= end and fact.end - fact.start < end - start for start, end in names)]


def _without_commas(position: int, pauses: Sequence[int]) -> int:
    """A position in the text with commas as one in the text without them."""
    return position - sum(pause + number < position for number, pause in enumerate(pauses))


def find_emergency(text: str, kinds: tuple[EmergencyKind, ...], all_clear: tuple[str, ...] = ()) -> Optional[int]:
    """The number of the first kind of danger that ``text`` speaks of; None if there is none, or it is over."""
    if touches(text, all_clear):
        return None
    number = _first(text, kinds)
    if number is None:
        # 超市有人持刀抢劫，另外公租房怎么申请: the service asked for besides takes nothing off the danger.
        number = next((found for part in _BESIDES.split(text)[:_MOST_PARTS] if part != text
                       if (found := _first(part, kinds)) is not None), None)
    return None if number is not None and over_or_usual(text, kinds[number].kind) else number


#: Words between which one thing ends and another is asked.
_BESIDES = re.compile(
    r"[，。？！；]?(?:另外|顺便|顺带|对了|还有(?=我|想|请|就是|一个)|我?还?(?:再|想)问(?:一下|问|下)?)")
_MOST_PARTS = 4


def find_limit(text: str, limits: tuple[Limit, ...]) -> int:
    """The number of the first limit that ``text`` touches; -1 if none."""
    found = _first(text, limits)
    return -1 if found is None else found


def _first(text: str, records: Sequence[Union[EmergencyKind, Limit]]) -> Optional[int]:
    for number, record in enumerate(records):
        if touches(text, record.patterns) and not touches(text, record.unless):
            return number
    return None


def _place(match: PlaceMatch) -> ReadPlace:
    place = match.place
    return ReadPlace(name=place.name, level=place.level, city=place.city, start=match.start, end=match.end,
                     how=match.how)


def _inside_topic(match: PlaceMatch, topics: list[ReadTopic]) -> bool:
    return any(topic.start <= match.start and match.end <= topic.end for topic in topics)


def _region_asked(text: str, facts: list[ReadFact], snapshot: Snapshot) -> tuple[Optional[str], str, bool]:
    """The region that is asked about, a foreign city's name, and whether it was only told as a hukou's place.

    达州户口在成都打工 asks about Chengdu. A hukou in a city that we know stands for the region where nothing else does.
    """
    rest = text
    for fact in facts:
        if fact.slug in ("person.hukou_city", "person.hukou_district"):
            rest = rest[:fact.start] + "，" * (fact.end - fact.start) + rest[fact.end:]
    named, foreign = _region(rest, snapshot)
    if named is not None and rest != text and _ELDER.search(text):
        own, elsewhere = _hukou_region(text, facts, snapshot)
        if own is not None and not elsewhere:
            return own, "", True  # 成都户口，人在南京，高龄津贴: that is asked of the hukou's city
    if named is not None or rest == text:
        return named, foreign, False
    named, foreign = _region(text, snapshot)
    return (None, "", False) if foreign else (named, "", named is not None)


def _without_place_names(text: str, region: str, snapshot: Snapshot) -> str:
    """``text`` with commas for the names of cities that only stand inside a longer name: 广济南路, 南京路, 苏州河."""
    cities = {name for code, item in snapshot.regions.items() if code != NATIONWIDE
              if code not in chain(region) for name in (item.name, item.short, *item.aliases)} | set(OTHER_CITIES)
    found = [(match.start(), match.end()) for city in cities if city in text
             for match in re.finditer(re.escape(city), text)]
    if not found:
        return text
    longer = [(match.start, match.end) for match in snapshot.gazetteer.find(text, city=region)
              if match.how in ("exact", "alias") and match.place.level not in ("city", "district", "area")]
    for start, end in found:
        inside = any(a <= start and end <= b and b - a > end - start for a, b in longer)
        if inside or _STREET.match(text, end) or _in_a_site(text[max(0, start - 1):end], end - start, region, snapshot):
            text = text[:start] + "，" * (end - start) + text[end:]
    return text


_STREET = re.compile(r"[东西南北中]?(路|大道|大街|街(?!道|上|头|边)|河|巷)")


def _in_a_site(name: str, length: int, region: str, snapshot: Snapshot) -> bool:
    """Whether a city's name with the character before it (广济南) is part of the name of a place to go in the city."""
    return len(name) > length and name[0] not in _BEFORE_A_CITY and any(
        name in hit.site.name for hit in snapshot.sites.near(list(snapshot.categories), None, limit=MANY,
                                                             city=city_of(region)))


#: What stands before a city that is meant; most sentences end the look-up here.
_BEFORE_A_CITY = "在从到去来是住于回离跟和与的我他她它你您俺咱爸妈们家里，。？！、 个问说查看要想把给对为由往至像叫户"
#: More sites than a city has.
MANY = 100_000
#: Benefits that go by the hukou, wherever the old person lives.
_ELDER = re.compile(r"高龄|津贴|尊老金|老年补贴|残疾")


def _hukou_region(text: str, facts: list[ReadFact], snapshot: Snapshot) -> tuple[Optional[str], str]:
    """The region named where a hukou was told."""
    said = "".join(text[fact.start:fact.end] for fact in facts if fact.slug == "person.hukou_city")
    return _region(said, snapshot)


def _region(text: str, snapshot: Snapshot) -> tuple[Optional[str], str]:
    """The region whose name stands in ``text`` (the longest), or NATIONWIDE and the name of an unknown city."""
    best: tuple[int, Optional[str]] = (0, None)
    for code, region in snapshot.regions.items():
        if code == NATIONWIDE:
            continue
        for name in (region.name, region.short, *region.aliases):
            if len(name) > best[0] and name in text:
                best = (len(name), code)
    if best[1] is not None:
        return best[1], ""
    for city in OTHER_CITIES:
        if city in text and re.search(rf"{_NOT_FROM}{city}(?!({_ORIGIN}|{_NO_CITY}))", text):
            return NATIONWIDE, city
    return None, ""


#: 从绵阳过来, 达州的: where somebody comes from is not where help is asked for. 北京路, 南京人: no city at all.
_NOT_FROM = r"(?<!从)(?<!老家)(?<!来自)(?<!老家在)"
_ORIGIN = r"的[，。]|的$|过来|来的|老家|户"
_NO_CITY = r"路|街|道|大道|巷|弄|站|菜|人|话|烤鸭|热干面"


def _district_region(matches: list[PlaceMatch], snapshot: Snapshot) -> Optional[str]:
    """A district that has a region of its own (杨浦)."""
    for match in matches:
        if match.place.level == "district" and match.place.code in snapshot.regions:
            return match.place.code
    return None


def _categories(text: str, snapshot: Snapshot) -> list[str]:
    found = [(text.find(name), slug) for slug, category in snapshot.categories.items()
             for name in (category.name, *category.aliases) if name in text]
    return list(dict.fromkeys(slug for _, slug in sorted(found)))


#: Large cities of which nothing local is known here; a question about one gets the national rules, said to be so.
OTHER_CITIES = (
    "北京", "天津", "重庆", "广州", "深圳", "杭州", "武汉", "西安", "长沙", "郑州", "青岛", "济南", "沈阳", "大连",
    "哈尔滨", "长春", "石家庄", "太原", "合肥", "南昌", "福州", "厦门", "宁波", "温州", "无锡", "常州", "徐州",
    "南通", "昆明", "贵阳", "南宁", "海口", "兰州", "西宁", "银川", "乌鲁木齐", "呼和浩特", "拉萨", "佛山", "东莞",
    "珠海", "绵阳", "德阳", "乐山", "宜宾", "泸州", "唐山", "廊坊", "沧州", "邯郸",
)
