"""Skill: places near the resident. Asks where that is if it does not know, then names what is close and open."""

from __future__ import annotations

import datetime as dt
import re
from difflib import SequenceMatcher
from typing import Optional

from actions.answers import cannot_answer, card_answer, topic_answer, which_one
from actions.life_circle import life_circle_message
from actions.location import (
    as_place,
    ask_location,
    center_json,
    is_area,
    take_named_place,
    unknown_near,
)
from actions.say import Message, ack, button, join, message, site_sources, trust_sentence
from actions.topic_choice import Choice, choose
from actions.turn import Turn
from bot.memory import Spot
from knowledge.hours import HoursError, parse_hours
from knowledge.regions import within
from knowledge.schema import Site
from knowledge.sites import SiteHit, map_url
from knowledge.text import distance_text

#: How many places are named at once.
PAGE = 5
#: Places further away than this are not "near".
RADIUS_M = 5000
#: Aspects of a service that no list of places answers.
_NOT_PLACES = ("amount", "documents", "how", "time", "rules", "cost", "hours", "status")
#: So few places in a region are named at once, without asking where the resident is.
FEW = 4
#: A run of so many characters of a place's own name calls it by name.
OWN_NAME = 3
#: Words of somebody who looks for a place and not for a service.
_SEEKS = re.compile(r"附近|在哪|哪里有|哪儿有|哪有|旁边|最近的|靠|地址|周边|近点|近的")
_NEAR = re.compile(r"附近|旁边|周边|周围|边上|一带|最近的|近点|近的")
#: 阿拉屋里厢老头子: at home in Shanghainese, where it is not a canteen's name.
_AT_HOME = re.compile(r"屋里厢(?!食堂|那家|那个)")
_MONEY = re.compile(r"(有|给|发|领|拿|享受)[^，。]{0,3}(补贴|补助|津贴)")
_VERDICT = re.compile(r"申请|够格|够条件|够不够|符不?符?合|资格"
                      r"|[办领享拿]不[办领享拿]得到|[办领享拿]得到[吗不伐么嘛没]")
#: What a thing is, rather than what there is.
_IS_WHAT = re.compile(r"是(做|干|搞)(什么|啥子?)的|(是|叫)个?(什么|啥子?|哪样)(东西|意思|地方|[，。？啊呀嘛哦]|$)"
                      r"|有(些|点)?(啥子?|什么|哪些)(服务|项目|功能|内容)|(多少|好多|几多)公里|作数|作废|老黄历|还算数")
#: A service so likely is meant, whatever kind of place is named beside it.
BEYOND_DOUBT = 0.9
#: From narrow to wide.
AREAS = ("community", "street", "district")


def asks_no_place(turn: Turn) -> bool:
    """租房提取每月多少; 运动角是啥子: no list of places answers it, though the sentence sounds like looking for one."""
    asked = turn.reading.aspect in _NOT_PLACES or asks_what_it_is(turn)
    return asked and not turn.reading.places and "附近" not in turn.reading.text


def asks_what_it_is(turn: Turn) -> bool:
    """邻里人家是做啥的."""
    return _IS_WHAT.search(turn.reading.text) is not None


def asks_for_money(turn: Turn) -> bool:
    """那她在食堂吃饭有补贴没得: it is the subsidy that is asked for, not where the canteen is."""
    return _MONEY.search(turn.reading.text) is not None and not turn.reading.places \
        and _SEEKS.search(turn.reading.text) is None


def wants_a_verdict(turn: Turn) -> bool:
    """我想申请松江区的老年助餐，看看行不行: where somebody lives, and no place that is looked for."""
    return _VERDICT.search(turn.reading.text) is not None and _SEEKS.search(turn.reading.text) is None \
        and not turn.reading.categories and turn.reading.aspect is None


def find_sites(turn: Turn, about: str = "") -> None:
    """Answer "where is one near me" for the service or kind of place that was named, or for the topic ``about``."""
    categories, topic = (list(turn.knowledge.topics[about].site_categories), about) if about else _wanted(turn)
    if topic is None and not categories:
        return
    if topic is not None:
        turn.memory.topic = topic
    if not categories:
        if topic is not None and not about and turn.reading.aspect != "where" and not _SEEKS.search(turn.reading.text):
            turn.replies.append(topic_answer(turn, choose(turn), topic))
            return
        _no_site_kind(turn, topic or "")
        return
    turn.memory.shown_sites = {"categories": categories, "topic": topic or "", "offset": 0}
    if not take_named_place(turn):
        return
    named = _named_sites(turn, categories)
    if named:
        turn.replies.append(_message(turn, named, None))
        return
    road = unknown_near(turn)
    if road:
        at_unknown(turn, road)
        return
    if turn.memory.spot is None:
        everything = turn.knowledge.sites.near(categories, None, limit=FEW + 1, city=turn.region)
        if not everything and topic is not None and turn.knowledge.card(topic, turn.region) is not None:
            turn.replies.append(topic_answer(turn, choose(turn), topic))
            return
        if len(everything) <= FEW or turn.reading.aspect == "contact":
            # So few need no place to start from; of none nothing better can be said.
            turn.replies.append(_message(turn, everything, None))
            return
        ask_location(turn)
        return
    turn.replies.append(sites_message(turn))


def _named_sites(turn: Turn, categories: list[str]) -> list[SiteHit]:
    """Places that the sentence calls by their own name (八宝街那个老年食堂)."""
    text = _AT_HOME.sub("\n", turn.reading.text)
    if _NEAR.search(text):
        return []  # 江浦路地铁站附近的食堂: near that place, not the canteen of its name
    for word in sorted({word for slug in categories for word in _category_words(turn, slug)}, key=len, reverse=True):
        text = text.replace(word, "\n")
    for item in turn.reading.places:
        if item.level in ("city", "district", "area"):
            text = text.replace(item.name, "\n")
    called = _named_in_its_area(turn, categories)
    if called:
        return called
    generic = "\n".join(name for topic in turn.knowledge.topics.values() for name in (topic.name, *topic.aliases))
    runs: dict[str, list[SiteHit]] = {}
    for hit in turn.knowledge.sites.near(categories, None, limit=500, city=turn.city):
        name = hit.site.name.replace(hit.site.street, "") if hit.site.street else hit.site.name
        for word in _category_words(turn, hit.site.category):
            name = name.replace(word, "\n")
        run = _shared_run(text, name)
        if len(run) >= OWN_NAME and run not in generic:
            runs.setdefault(run, []).append(hit)
    # A run that many names share is a kind of place, not a name.
    return next((hits for run, hits in sorted(runs.items(), key=lambda item: -len(item[0])) if len(hits) <= FEW), [])


def _named_in_its_area(turn: Turn, categories: list[str]) -> list[SiteHit]:
    """新都妇幼: what stands right behind an area's name and is part of the names of few places there."""
    text = turn.reading.text
    kinds = tuple({word for slug in turn.knowledge.categories for word in _category_words(turn, slug)}
                  | {name for topic in turn.knowledge.topics.values() for name in (topic.name, *topic.aliases)})
    for item in sorted(turn.reading.places, key=lambda place: place.start - place.end):
        if item.level not in ("district", "area", "street"):
            continue
        behind = _RUN.match(text, item.end)
        said = _ENDS.sub("", behind.group()) if behind is not None else ""
        if said.startswith(kinds):
            continue  # 武侯区的文化馆: what it is, not what it is called
        short = item.name.rstrip("区县市镇街道")
        there = [hit for hit in turn.knowledge.sites.near(categories, None, limit=500, city=turn.city)
                 if short in hit.site.name or short in hit.site.address]
        for length in range(len(said), SHORT_NAME - 1, -1):
            word = said[:length]
            hits = [hit for hit in there if word in hit.site.name]
            if hits and len(hits) <= FEW and len(hits) < len(there):
                return hits
    return []


#: From so many characters on a word behind an area's name calls a place there by name.
SHORT_NAME = 2
_RUN = re.compile(r"[区县市镇]?的?(?P<name>[\u3400-\u9fff]{2,12})")
_ENDS = re.compile(
    r"^[区县市镇]?的?|(那个|那家|这家|哪个|在哪|在啥|怎么|咋|电话|地址|几点|多少|有没有|开门|号码|离|远).*$"
)


def _category_words(turn: Turn, slug: str) -> tuple[str, ...]:
    category = turn.knowledge.categories[slug]
    return (*category.name.split("、"), *category.aliases)


def _shared_run(first: str, second: str) -> str:
    """The longest run that both texts share."""
    match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    run = first[match.a:match.a + match.size]
    return "" if "\n" in run else run


def take_place(turn: Turn) -> None:
    """The answer to "where are you"."""
    if not take_named_place(turn):
        return
    if turn.memory.spot is None:
        ask_location(turn, again=True)
        return
    turn.memory.open = None
    if turn.memory.shown_sites is None:
        turn.replies.append(ack(turn, turn.say("inform_place", place=turn.memory.spot.name), of="inform"))
        return
    if turn.memory.shown_sites.get("circle"):
        turn.replies.append(life_circle_message(turn))
        return
    turn.memory.shown_sites["offset"] = 0  # another place begins another list
    turn.replies.append(sites_message(turn))


def at_unknown(turn: Turn, road: str) -> None:
    """A road that the gazetteer does not know: what has it in its address, else another place is asked for."""
    categories = list((turn.memory.shown_sites or {}).get("categories") or ())
    there = [hit for hit in turn.knowledge.sites.near(categories, None, limit=500, city=turn.city)
             if road in hit.site.address] if categories else []
    if not there or turn.memory.shown_sites is None:
        ask_location(turn, again=True, name=road)
        return
    turn.memory.open = None
    turn.memory.shown_sites["offset"] = 0
    turn.replies.append(_message(turn, there, None))


def more(turn: Turn) -> None:
    """The next places of the list."""
    shown = turn.memory.shown_sites
    if shown is None or turn.memory.spot is None:
        if turn.memory.open is not None:
            return  # the open question is asked again
        turn.replies.append(ack(turn, turn.say("more_none"), of="more"))
        return
    shown["offset"] += PAGE
    turn.replies.append(sites_message(turn))


def _wanted(turn: Turn) -> tuple[list[str], Optional[str]]:
    """The site categories asked for and the topic they serve; says what is unclear and returns nothing."""
    choice = choose(turn)
    named = turn.reading.categories
    topic = choice.topic if choice.own or not named else None
    if named and (topic is None or not (turn.reading.topics or _serves(turn, topic, named) or _meant(turn, choice))):
        served = turn.knowledge.categories[named[0]].topics
        topic = topic if topic in served else (served[0] if served else None)
    if topic is None:
        if not named:
            turn.replies.append(which_one(turn, choice))
        return named, None
    serving = turn.knowledge.topics[topic].site_categories
    first = [slug for slug in named if slug in serving]
    return first + [slug for slug in serving if slug not in first], topic


def _meant(turn: Turn, choice: Choice) -> bool:
    """唐氏的孩子有没有老师上门教: the service is beyond doubt, and 学校 is no place that is looked for near by."""
    return choice.own and choice.chance >= BEYOND_DOUBT and _NEAR.search(turn.reading.text) is None


def _serves(turn: Turn, topic: str, categories: list[str]) -> bool:
    return any(slug in turn.knowledge.topics[topic].site_categories for slug in categories)


def _no_site_kind(turn: Turn, topic: str) -> None:
    """A service without places of its own: where to go for it, as far as the card knows."""
    card = turn.knowledge.card(topic, turn.region)
    if card is None:
        turn.replies.append(cannot_answer(turn, topic))
        return
    where = card.card.where
    part = turn.say("no_site_kind", where=where) if where else ""
    turn.replies.append(card_answer(turn, card, part))


def sites_message(turn: Turn) -> Message:
    """``sites`` of the contract for what is remembered to be looked for."""
    shown, spot = turn.memory.shown_sites or {}, turn.memory.spot
    assert spot is not None
    categories = list(shown["categories"])
    hits = turn.knowledge.sites.near(categories, as_place(spot), limit=200, city=turn.city)
    close = _close(hits)
    if close:
        return _message(turn, close, spot)
    # Nothing is known to be near; what is nearest, or what the city has, is still worth knowing.
    measured = [hit for hit in hits if hit.distance_m is not None]
    if measured and measured[0].site.trust != "sample":
        return _message(turn, measured, spot, none_near=True)
    everything = turn.knowledge.sites.near(categories, None, limit=200, city=turn.city)
    return _message(turn, _in_region_first(everything, turn.region), None, none_near=True)


def _none_near(turn: Turn, categories: list[str]) -> str:
    """八宝街附近没有查到…"""
    spot = turn.memory.spot
    if spot is None:
        return ""
    return turn.say("sites_none_in" if is_area(spot) else "sites_none_near", place=spot.name,
                    category=turn.knowledge.categories[categories[0]].name)


def _message(turn: Turn, hits: list[SiteHit], spot: Optional[Spot], *, none_near: bool = False) -> Message:
    """``none_near``: none of the ``hits`` lies near the resident's spot, which is said first."""
    shown = turn.memory.shown_sites or {}
    categories, topic, offset = list(shown["categories"]), str(shown["topic"]), int(shown["offset"])
    page = hits[offset:offset + PAGE]
    category = turn.knowledge.categories[page[0].site.category if page else categories[0]].name
    missing = _none_near(turn, categories) if none_near and not offset else ""
    if not page:
        if offset:
            return ack(turn, turn.say("more_none"), of="more")
        where = spot.name if spot is not None else turn.region_name
        return message("cannot_answer", turn.say("no_sites", region=where, category=category, phone=turn.hotline),
                       knowledge=turn.knowledge, region=turn.region, topic=topic, phone=turn.hotline,
                       nearest_topics=[topic] if topic else [])
    if turn.memory.shown_sites is not None:
        turn.memory.shown_sites["ids"] = [hit.site.id for hit in page]
    sources = site_sources([hit.site for hit in page])
    lines = [_line(turn, number, hit) for number, hit in enumerate(page, offset + 1)]
    text = join(
        missing + _headline(turn, hits, page[0], category, spot, none_near) if not offset else turn.say("sites_next"),
        *lines,
        turn.say("sites_more", count=len(hits)) if len(hits) > offset + PAGE else "",
        turn.say("sites_price") if any(slug in ("canteen", "community-canteen") for slug in categories) else "",
        trust_sentence(sources, turn.knowledge, turn.today),
    )
    return message(
        "sites", text, knowledge=turn.knowledge, region=turn.region, topic=topic, sources=sources,
        buttons=[button("还有吗")] if len(hits) > offset + PAGE else [],
        items=[site_item(turn, hit) for hit in page],
        center=center_json(spot) if spot is not None else None, radius_m=RADIUS_M, total=len(hits),
    )


def _close(hits: list[SiteHit]) -> list[SiteHit]:
    """Within reach, or in the same area where no distance can be said."""
    return [hit for hit in hits if (hit.distance_m is not None and hit.distance_m <= RADIUS_M)
            or (hit.distance_m is None and hit.same_area)]


def _in_region_first(hits: list[SiteHit], region: str) -> list[SiteHit]:
    """Those of the district spoken of if there are any."""
    return [hit for hit in hits if not hit.site.district or within(hit.site.district, region)] or hits


def _headline(turn: Turn, hits: list[SiteHit], first: SiteHit, category: str, spot: Optional[Spot],
              none_near: bool = False) -> str:
    if none_near and first.distance_m is not None:
        return turn.say("sites_nearest", name=first.site.name, distance=distance_text(first.distance_m))
    if spot is not None and first.same_area == "district" and is_area(spot):
        count = sum(hit.same_area is not None for hit in hits)
        return turn.say("sites_listed", region=spot.name, count=count, category=category, name=first.site.name)
    if spot is not None and first.distance_m is not None:
        return turn.say("sites_near", place=spot.name, category=category, name=first.site.name,
                        distance=distance_text(first.distance_m))
    if spot is not None and first.same_area is not None:
        area = {"community": "社区", "street": "街道", "district": "区"}[first.same_area]
        count = sum(hit.same_area is not None and AREAS.index(hit.same_area) <= AREAS.index(first.same_area)
                    for hit in hits)
        return turn.say("sites_area", place=spot.name, area=area, count=count, category=category,
                        name=first.site.name)
    return turn.say("sites_listed", region=turn.region_name, count=len(hits), category=category, name=first.site.name)


def _line(turn: Turn, number: int, hit: SiteHit) -> str:
    site = hit.site
    distance = f"，{distance_text(hit.distance_m)}" if hit.distance_m is not None else (
        f"，{turn.say('same_' + hit.same_area)}" if hit.same_area else "")
    state = open_now(site, turn.now)
    opened = "" if state is None else f"，{turn.say('open_now' if state else 'closed_now')}"
    phone = f"，电话{site.phone}" if site.phone else ""
    return turn.say("site_line", number=number, name=site.name, address=site.address or turn.say("address_unknown"),
                    distance=distance, open=opened, phone=phone)


def site_item(turn: Turn, hit: SiteHit) -> dict[str, object]:
    site = hit.site
    return {
        "id": site.id, "name": site.name, "address": site.address, "phone": site.phone,
        "distance_m": round(hit.distance_m) if hit.distance_m is not None else None,
        "same_area": hit.same_area is not None, "area": hit.same_area,
        "open_now": open_now(site, turn.now), "hours_text": site.hours or turn.say("hours_unknown"),
        "lng": site.lng, "lat": site.lat, "crs": "gcj02", "map_url": map_url(site), "cost": site.cost,
        "note": site.note, "category": site.category, "trust": site.trust,
    }


def open_now(site: Site, moment: dt.datetime) -> Optional[bool]:
    """Whether the place is open; None where its hours are not known."""
    if not site.hours:
        return None
    try:
        return parse_hours(site.hours).open_at(moment)
    except HoursError:
        return None
