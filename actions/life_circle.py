"""Skill: what is within a quarter of an hour on foot, by field of the contract."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Any, Optional

from actions.answers import only_the_name, topic_answer
from actions.location import as_place, ask_location, center_json, is_area, take_named_place
from actions.say import Message, join, listed, message, site_sources, trust_sentence
from actions.topic_choice import Choice
from actions.turn import Turn
from knowledge.faq import SURE
from knowledge.places import PRECISE_M
from knowledge.schema import Site
from knowledge.text import distance_text

TOPIC = "life-circle"
MINUTES = 15
#: Metres a minute on foot, and how much longer streets are than the line.
WALK_M, DETOUR = 80, 4 / 3
#: As the crow flies.
RADIUS_M = round(MINUTES * WALK_M / DETOUR)

#: Where nothing is known within it, so many of the nearest services outside are told, up to so far away.
SHOWN, WIDER_M = 3, 5000


def walking_minutes(metres: float) -> int:
    """Minutes on foot to what lies so far away in a straight line."""
    return max(1, round(metres * DETOUR / WALK_M))


def life_circle(turn: Turn) -> None:
    """Answer "what is around me", asking where that is if need be."""
    turn.memory.topic = TOPIC
    if _about_itself(turn):
        choice = Choice(TOPIC, (), turn.scores(turn.reading.text))
        turn.replies.append(topic_answer(turn, choice, TOPIC))
        return
    turn.memory.shown_sites = {"categories": [], "topic": "life-circle", "offset": 0, "circle": True}
    named = bool(turn.reading.places)
    if named:
        if not take_named_place(turn):
            return
        turn.memory.open = None
    if turn.memory.spot is None or is_area(turn.memory.spot):
        # Nobody walks through a district in a quarter of an hour: where in it is asked.
        ask_location(turn, again=named and turn.memory.spot is None)
        return
    turn.replies.append(life_circle_message(turn))


#: Words of somebody who wants to know what is around them.
_AROUND = re.compile(r"附近|周边|周围|旁边|身边|边上|一带|我家|我们家|我们小区|家门口|楼下|门口|这(边|里|儿|片)|走路")


#: 生活圈里有啥: what there is in one's own, unless it is what there has to be.
_INSIDE = re.compile(r"(里(面|头|边)?|圈)(都|到底)?有(些|点)?(啥|什么|哪些|多少)")
_LOOKS = re.compile(r"看|查|数|找|帮我|打开")


def _about_itself(turn: Turn) -> bool:
    """什么是15分钟生活圈: a question about the circle as such, or its bare name where no place is known."""
    text = turn.reading.text
    if all(item.topic != TOPIC for item in turn.reading.topics) or _AROUND.search(text):
        return False
    if any(place.level not in ("city", "district") for place in turn.reading.places):
        return False
    if _INSIDE.search(text):
        return False
    if turn.reading.aspect is not None or only_the_name(turn):
        return turn.memory.spot is None or not only_the_name(turn)
    hits = turn.knowledge.index.faqs(turn.scores(text), region=turn.region, topics=[TOPIC], limit=1)
    return (bool(hits) and hits[0].score >= SURE) or _LOOKS.search(text) is None


def life_circle_message(turn: Turn) -> Message:
    """``life_circle`` of the contract around the remembered spot."""
    spot = turn.memory.spot
    assert spot is not None
    precise = spot.precision_m is not None and spot.precision_m <= PRECISE_M
    fields: list[dict[str, Any]] = []
    named: list[Site] = []
    outside: list[tuple[float, Site]] = []
    for field in turn.knowledge.fields:
        categories = [slug for slug, item in turn.knowledge.categories.items() if item.field == field]
        hits = turn.knowledge.sites.near(categories, as_place(spot), limit=50, city=turn.city)
        inside = [hit for hit in hits if (hit.distance_m is not None and hit.distance_m <= RADIUS_M)
                  or (not precise and hit.same_area in ("community", "street"))]
        nearest = inside[0] if inside else None
        named += [nearest.site] if nearest is not None else []
        outside += [(hit.distance_m, hit.site) for hit in hits[:1] if nearest is None and hit.distance_m is not None
                    and hit.distance_m <= WIDER_M and hit.site.trust != "sample"]
        fields.append({
            "field": field, "name": turn.knowledge.fields[field], "count": len(inside),
            "nearest": None if nearest is None else {
                "id": nearest.site.id, "name": nearest.site.name, "address": nearest.site.address,
                "distance_m": round(nearest.distance_m) if nearest.distance_m is not None else None},
        })
    found = [item for item in fields if item["count"]]
    items = listed(f"{item['name']}{item['count']}处（{_nearest_text(item['nearest'])}）" for item in found)
    if found:
        text = turn.say("life_circle", place=spot.name, items=items)
    else:
        text = turn.say("life_circle_none", place=spot.name, phone=turn.hotline)
        beyond = sorted(outside, key=itemgetter(0))[:SHOWN]
        if not beyond:
            return message("cannot_answer", text, knowledge=turn.knowledge, region=turn.region, topic=TOPIC,
                           phone=turn.hotline, nearest_topics=[TOPIC])
        named = [site for _, site in beyond]
        text = join(text, turn.say("life_circle_beyond", items=listed(
            f"{site.name}，{distance_text(metres)}" for metres, site in beyond)))
    sources = site_sources(named)
    return message(
        "life_circle", join(text, trust_sentence(sources, turn.knowledge, turn.today)), knowledge=turn.knowledge,
        region=turn.region, topic="life-circle", sources=sources, center=center_json(spot), minutes=MINUTES,
        radius_m=RADIUS_M, mode="walk", fields=fields, gaps=[item["field"] for item in fields if not item["count"]],
    )


def _nearest_text(nearest: Optional[dict[str, Any]]) -> str:
    if nearest is None:
        return ""
    metres = nearest["distance_m"]
    return f"{nearest['name']}{'，' + distance_text(metres) if metres is not None else ''}"
