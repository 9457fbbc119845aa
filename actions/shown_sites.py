"""Skill: more about one of the places just listed — 第二家电话, 它开到几点, 走过去要多久."""

from __future__ import annotations

import re
from typing import Optional

from actions.life_circle import walking_minutes
from actions.location import as_place, ask_location, is_exact, take_named_place
from actions.nearby import open_now, site_item
from actions.say import join, message, site_sources, trust_sentence
from actions.turn import Turn
from knowledge.schema import Site
from knowledge.sites import SiteHit
from knowledge.text import distance_text

_ORDER = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WHICH = re.compile(r"(?:就|那|问)?第(?P<number>[一二两三四五六七八九十]|\d{1,2})(?:家|个|处|所|间|那家)?"
                    r"|(?P<first>[头前](?:一)?(?:家|个|处)|最近的(?:那)?(?:家|个|处)|最上面(?:的)?(?:那)?(?:家|个))"
                    r"|(?P<last>最后(?:面)?(?:的)?(?:那)?(?:一)?(?:家|个|处))|(?P<same>它|(?:这|那)(?:一)?(?:家|个食堂|个医院|个店|个地方)|这儿|那儿)")
_ASKED = {
    "contact": re.compile(r"电话|号码|联系"),
    "hours": re.compile(r"几点|啥辰光|几时|开门|关门|营业|开着|开到|开不开|开没开|开伐|上班|时间表|周末"
                        "|星期|礼拜|周[一二三四五六日天]"),
    "distance": re.compile(r"多远|好远|远不远|走(?:路|过去|起去|去|到)|过去要|要走|公里|多少米"
                           "|(?:几|多少|好多)分钟|走(?:好|多)久"),
    "cost": re.compile(r"多少钱|好多钱|价格|贵不贵|收费|打折|优惠|便宜|几折"),
    "where": re.compile(r"在哪|地址|哪(?:儿|里|个位置)|位置|怎么(?:走|去)|咋(?:走|去)|咋个(?:走|去)"),
}
#: A sentence so long asks for more than one place's particulars.
LONGEST = 18
#: So many minutes nobody walks to lunch.
TOO_FAR = 60


def asks_about_one(turn: Turn) -> bool:
    """Whether the sentence asks for a particular of one of the places shown last, or of all of them."""
    if len(turn.reading.text) > LONGEST:
        return False
    return (_chosen(turn) is not None and _asked(turn) != "") or _beyond(turn) is not None or _of_all(turn) != ""


#: Said of one place so that nothing but the place is named: then all of it is told.
_ALL = "all"
#: Asked without saying of which place: the one told of last, or the first.
_GOING_THERE = re.compile(r"^(那|那么|我|从这|从我家)*(走路|走过去|走去|过去)(要|得|大概|需要|一趟)*"
                          r"(多久|好久|几分钟|多少分钟|好多分钟|多长时间|几多时间|多少时间)"
                          r"|^(那|离我|离这)*(远不远|多远|好远|有多远)[啊呀呢嘛]?$")


def _chosen(turn: Turn) -> Optional[Site]:
    """The place that is meant: by its number in the list, or the first one."""
    shown = turn.memory.shown_sites or {}
    ids = list(shown.get("ids") or ())
    said = _WHICH.search(turn.reading.text)
    if ids and said is None and _GOING_THERE.search(turn.reading.text):
        told = int(shown.get("told") or 0)
        return turn.knowledge.sites.get(ids[told if told < len(ids) else 0])
    if not ids or said is None:
        return None
    number = _number(said, int(shown.get("offset") or 0), len(ids))
    if said["same"] and int(shown.get("told") or 0) < len(ids):
        number = int(shown.get("told") or 0)
    if number is None or not 0 <= number < len(ids):
        return None
    return turn.knowledge.sites.get(ids[number])


def _number(said: re.Match[str], offset: int, count: int) -> Optional[int]:
    if said["last"]:
        return count - 1
    if said["same"] or said["first"]:
        return 0
    number = _ORDER.get(said["number"]) or int(said["number"])
    return number - 1 - offset if number > offset else number - 1


def _asked(turn: Turn) -> str:
    text = turn.reading.text
    said = _WHICH.match(text)
    if said is not None and not said["same"] and len(text) - said.end() <= 1:
        return _ALL
    return next((name for name, pattern in _ASKED.items() if pattern.search(text)), "")


#: 电话呢, 几点关门, 今天开不开 right after places were shown: of the one told of last, or of all of them.
_BARE = {
    "contact": re.compile(r"(联系)?(电话|号码|联系方式)(号码)?"),
    "hours": re.compile(r"(几点钟?|啥辰光|什么时候|啥时候|啥子时候|好久|几时)(钟|才|就|要)*"
                        r"(开门|关门|营业|下班|开饭|开到|关|开)"
                        r"|开到(几点钟?|啥辰光|好久|什么时候)|开不开门?|开没开门?|开门(没|不|伐|吗|没有)?"
                        r"|(开|营业)(伐|吗|不|着)|营业时间|开放时间|开门时间|还开着"),
}
_DAYS = "今天|今朝|今日|明天|明朝|后天|现在|这会儿?|这阵|周末|(?:星期|礼拜|周)[一二三四五六天日]"
_FILLS = re.compile(
    rf"({_DAYS}|上午|下午|中午|早上|早晨|晚上|夜里|那|有|没得|没有|请问|麻烦|把|他们|它们|这几家|那几家|这几处|这些|那些|这里|那里"
    r"|的|都|还|也|是|呢|喃|嘞|咧|呐|啊|嘛|哈|哦|吗|么|不|伐|好多|多少|几多|号|给我|我|说一下|说下|讲一下|发|告诉|一般|，|？|哪|到|在)*")


def _of_all(turn: Turn) -> str:
    """What is asked of the places shown, where nothing says of which."""
    reading, shown = turn.reading, turn.memory.shown_sites or {}
    last = turn.memory.last_said
    at_hand = last.get("kind") == "sites" and turn.memory.open is None
    if not (at_hand or shown.get("walk")) or not shown.get("ids"):
        return ""
    if reading.categories or reading.places or reading.facts or reading.subject not in (None, "self"):
        return ""
    if any(item.topic not in (shown.get("topic"), turn.memory.topic) for item in reading.topics):
        return ""
    for asked, pattern in _BARE.items():
        said = pattern.search(reading.text)
        if said is not None and _FILLS.fullmatch(reading.text[:said.start()]) \
                and _FILLS.fullmatch(reading.text[said.end():]):
            return asked
    return ""


def _beyond(turn: Turn) -> Optional[int]:
    """The number of a place that was not listed: 第二家电话呢, after a list of one."""
    shown = turn.memory.shown_sites or {}
    count, said = len(shown.get("ids") or ()), _WHICH.search(turn.reading.text)
    if not count or said is None or not said["number"] or _asked(turn) == "" or _chosen(turn) is not None:
        return None
    return _ORDER.get(said["number"]) or int(said["number"])


def tell_about_one(turn: Turn) -> None:
    """Say what was asked of the place or the places, or that it is not known."""
    beyond, asked = _beyond(turn), _of_all(turn)
    if (turn.memory.shown_sites or {}).pop("walk", None):
        turn.memory.open = None  # where they start is not asked any more
    if beyond is not None:
        _tell_all(turn, _shown(turn), turn.say("site_number_none", count=len(_shown(turn)), number=beyond))
        return
    site = _chosen(turn)
    if site is not None:
        _tell(turn, site, _asked(turn))
        return
    sites = _shown(turn)
    told = (turn.memory.shown_sites or {}).get("told")
    if told is not None and int(told) < len(sites):
        sites = [sites[int(told)]]
    if len(sites) == 1:
        _tell(turn, sites[0], asked)
        return
    known = [site for site in sites if (site.phone if asked == "contact" else site.hours)]
    none = turn.say("sites_phone_none" if asked == "contact" else "sites_hours_none", phone=turn.hotline)
    text = join(*(_particular(turn, _hit(turn, site), asked) for site in known)) if known else none
    _tell_all(turn, known or sites, text)


def _shown(turn: Turn) -> list[Site]:
    """The places listed last."""
    found = (turn.knowledge.sites.get(number) for number in (turn.memory.shown_sites or {}).get("ids") or ())
    return [site for site in found if site is not None]


def _tell_all(turn: Turn, sites: list[Site], text: str) -> None:
    sources = site_sources(sites)
    turn.replies.append(message(
        "sites", join(text, trust_sentence(sources, turn.knowledge, turn.today)), knowledge=turn.knowledge,
        region=turn.region, topic=str((turn.memory.shown_sites or {}).get("topic") or ""), sources=sources,
        items=[site_item(turn, _hit(turn, site)) for site in sites], center=None, radius_m=0, total=len(sites),
    ))


def walk_from_here(turn: Turn) -> None:
    """The answer to "where do you start": how far the place asked about is from there."""
    if not take_named_place(turn):
        return
    shown = turn.memory.shown_sites or {}
    site = turn.knowledge.sites.get(str(shown.get("walk") or ""))
    if turn.memory.spot is None or site is None:
        ask_location(turn, again=True)
        return
    turn.memory.open = None
    shown.pop("walk", None)
    _tell(turn, site, "distance", ask=False)


def _tell(turn: Turn, site: Site, asked: str, *, ask: bool = True) -> None:
    hit = _hit(turn, site)
    unknown = hit.distance_m is None and site.lng is not None and not is_exact(turn.memory.spot)
    if ask and asked == "distance" and unknown:
        # From a district or from nowhere no minutes can be counted.
        _told(turn, site)
        if turn.memory.shown_sites is not None:
            turn.memory.shown_sites["walk"] = site.id
        address = site.address or turn.say("address_unknown")
        ask_location(turn, text=turn.say("site_walk_from", name=site.name, address=address))
        return
    sources = site_sources([site])
    text = join(_particular(turn, hit, asked), site.note, trust_sentence(sources, turn.knowledge, turn.today))
    _told(turn, site)
    shown = turn.memory.shown_sites or {}
    turn.replies.append(message(
        "sites", text, knowledge=turn.knowledge, region=turn.region, topic=str(shown.get("topic") or ""),
        sources=sources, items=[site_item(turn, hit)], center=None, radius_m=0, total=1,
    ))


def _told(turn: Turn, site: Site) -> None:
    """Remember which place was told of last."""
    shown = turn.memory.shown_sites or {}
    if site.id in (shown.get("ids") or ()):
        shown["told"] = list(shown["ids"]).index(site.id)


def _hit(turn: Turn, site: Site) -> SiteHit:
    center = as_place(turn.memory.spot) if turn.memory.spot is not None else None
    near = turn.knowledge.sites.near([site.category], center, limit=500, city=turn.city)
    return next((hit for hit in near if hit.site.id == site.id), SiteHit(site, None, None))


def _particular(turn: Turn, hit: SiteHit, asked: str) -> str:
    site, phone = hit.site, turn.hotline
    address = site.address or turn.say("address_unknown")
    if asked == _ALL:
        return join(*(_particular(turn, hit, one) for one in ("where", "contact", "hours")))
    if asked == "contact":
        return turn.say("site_phone", name=site.name, phone=site.phone) if site.phone \
            else turn.say("site_phone_unknown", name=site.name, phone=phone)
    if asked == "hours":
        if not site.hours:
            return turn.say("site_hours_unknown", name=site.name, phone=site.phone or phone)
        state = open_now(site, turn.now)
        now = "" if state is None else turn.say("open_now" if state else "closed_now")
        return turn.say("site_hours", name=site.name, hours=site.hours, open=f"，{now}" if now else "")
    if asked == "cost":
        return turn.say("site_cost", name=site.name, cost=site.cost) if site.cost \
            else turn.say("site_cost_unknown", name=site.name, phone=site.phone or phone)
    if asked == "distance":
        if hit.distance_m is None:
            return turn.say("site_distance_unknown", name=site.name, address=address)
        minutes, distance = walking_minutes(hit.distance_m), distance_text(hit.distance_m)
        if minutes > TOO_FAR:
            return turn.say("site_too_far", name=site.name, distance=distance)
        return turn.say("site_distance", name=site.name, distance=distance, minutes=minutes)
    return turn.say("site_where", name=site.name, address=address)
