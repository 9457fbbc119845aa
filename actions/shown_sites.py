"""Skill: more about one of the places just listed — 第二家电话, 它开到几点, 走过去要多久."""

from __future__ import annotations

import re
from typing import Optional

from actions.location import as_place, distance_text
from actions.nearby import open_now, site_item
from actions.say import join, message, site_sources, trust_sentence
from actions.turn import Turn
from knowledge.schema import Site
from knowledge.sites import SiteHit

_ORDER = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_WHICH = re.compile(r"(?:就|那|问)?第(?P<number>[一二两三四五六七八九十]|\d{1,2})(?:家|个|处|所|间|那家)?"
                    r"|(?P<last>最后(?:一)?(?:家|个|处))|(?P<same>它|(?:这|那)(?:一)?(?:家|个食堂|个医院|个店|个地方)|这儿|那儿)")
_ASKED = {
    "contact": re.compile(r"电话|号码|联系"),
    "hours": re.compile(r"几点|开门|关门|营业|开着|开到|开不开|开没开|上班|时间表|周末|星期|礼拜|周[一二三四五六日天]"),
    "distance": re.compile(r"多远|好远|远不远|走(?:路|过去|去)|过去要|要走|公里|多少米"),
    "cost": re.compile(r"多少钱|好多钱|价格|贵不贵|收费|打折|优惠|便宜|几折"),
    "where": re.compile(r"在哪|地址|哪(?:儿|里|个位置)|位置|怎么(?:走|去)|咋(?:走|去)|咋个(?:走|去)"),
}
#: A sentence so long asks for more than one place's particulars.
LONGEST = 18
#: Metres a minute at an elder's walk, and how much longer streets are than the line.
WALK_M, DETOUR = 60, 1.3


def asks_about_one(turn: Turn) -> bool:
    """Whether the sentence asks for a particular of one of the places shown last."""
    return len(turn.reading.text) <= LONGEST and _chosen(turn) is not None and _asked(turn) != ""


#: Said of one place so that nothing but the place is named: then all of it is told.
_ALL = "all"
#: Asked without saying of which place: the one told of last, or the first.
_GOING_THERE = re.compile(r"^(那|那么|我|从这|从我家)*(走路|走过去|走去|过去)(要|得|大概)*"
                          r"(多久|好久|几分钟|多少分钟|多长时间|几多时间)"
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
    if number is None or not 0 <= number < len(ids):
        return None
    return turn.knowledge.sites.get(ids[number])


def _number(said: re.Match[str], offset: int, count: int) -> Optional[int]:
    if said["last"]:
        return count - 1
    if said["same"]:
        return 0
    number = _ORDER.get(said["number"]) or int(said["number"])
    return number - 1 - offset if number > offset else number - 1


def _asked(turn: Turn) -> str:
    text = turn.reading.text
    said = _WHICH.match(text)
    if said is not None and not said["same"] and len(text) - said.end() <= 1:
        return _ALL
    return next((name for name, pattern in _ASKED.items() if pattern.search(text)), "")


def tell_about_one(turn: Turn) -> None:
    """Say what was asked of the place, or that it is not known."""
    site = _chosen(turn)
    assert site is not None
    hit = _hit(turn, site)
    sources = site_sources([site])
    text = join(_particular(turn, hit, _asked(turn)), site.note, trust_sentence(sources, turn.knowledge, turn.today))
    shown = turn.memory.shown_sites or {}
    if site.id in (shown.get("ids") or ()):
        shown["told"] = list(shown["ids"]).index(site.id)
    turn.replies.append(message(
        "sites", text, knowledge=turn.knowledge, region=turn.region, topic=str(shown.get("topic") or ""),
        sources=sources, items=[site_item(turn, hit)], center=None, radius_m=0, total=1,
    ))


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
        minutes = max(1, round(hit.distance_m * DETOUR / WALK_M))
        return turn.say("site_distance", name=site.name, distance=distance_text(hit.distance_m), minutes=minutes)
    return turn.say("site_where", name=site.name, address=address)
