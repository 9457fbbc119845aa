"""Distances, opening hours, lists that need no place, and sites called by their own name."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any, Optional

import pytest

from actions.location import ATTEMPTS
from actions.nearby import FEW, PAGE, more, open_now, take_place
from actions.rasa_actions import ActionFindSites
from actions.turn import Turn
from bot.contract import validate
from bot.memory import Spot
from bot.nlu.reading import ReadTopic
from knowledge.base import Snapshot
from knowledge.schema import Site
from knowledge.sites import SiteIndex
from knowledge.text import distance_text

Turns = Callable[..., Turn]
CITY = "510100"
HERE = Spot(name="天府广场", lng=104.0634, lat=30.6595, precision_m=100, city=CITY)
MEAL = ReadTopic(topic="elderly-meal", alias="老年食堂", start=0, end=4, weight=1.0)


def site(number: int, name: str = "", **fields: Any) -> Site:
    """A canteen; the higher its number, the farther east of HERE."""
    given = {"id": f"s-{number}", "name": name or f"第{number}食堂", "category": "canteen", "city": CITY,
             "district": "510104", "lng": 104.0634 + 0.004 * number, "lat": 30.6595, "precision_m": 50,
             "address": f"某路{number}号", "source_title": "名单", "source_publisher": "某区民政局",
             "source_date": "2026-01-01", "source_url": "", "trust": "official"}
    return Site(**{**given, **fields})


@pytest.fixture
def town(knowledge: Snapshot) -> Callable[..., Snapshot]:
    """The real content with these sites instead of its own."""

    def build(*sites: Site) -> Snapshot:
        index = SiteIndex(sites, knowledge.categories.values())
        return dataclasses.replace(knowledge, sites=index)

    return build


def ask(turns: Turns, snapshot: Snapshot, text: str = "老年食堂在哪", spot: Optional[Spot] = None, **read: Any) -> Turn:
    turn = turns(text, region=CITY, snapshot=snapshot, **{"topics": [MEAL], "categories": ["canteen"], **read})
    turn.memory.spot = spot
    ActionFindSites.skill(turn)
    for reply in turn.replies:
        validate(reply)
    return turn


# --- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metres", "said"), [
    (0, "约10米"), (4, "约10米"), (14, "约10米"), (346, "约350米"), (949, "约950米"), (950, "约950米"),
    (994, "约990米"), (995, "约1.0公里"), (1000, "约1.0公里"), (1249, "约1.2公里"), (12345, "约12.3公里"),
])
def test_distances_in_words(metres: float, said: str) -> None:
    assert distance_text(metres) == said


@pytest.mark.parametrize(("hours", "moment", "is_open"), [
    ("周一至周五 9:00-17:00", "2026-11-20T10:00", True),  # a Friday
    ("周一至周五 9:00-17:00", "2026-11-21T10:00", False),  # a Saturday
    ("周一至周五 9:00-17:00", "2026-11-20T08:59", False),
    ("每天 0:00-24:00", "2026-11-21T03:00", True),
    ("", "2026-11-20T10:00", None),
    ("看门口的牌子", "2026-11-20T10:00", None),
])
def test_open_now(hours: str, moment: str, is_open: Optional[bool]) -> None:
    assert open_now(site(1, hours=hours), dt.datetime.fromisoformat(moment)) is is_open


def test_every_site_of_the_content_answers_open_now(knowledge: Snapshot) -> None:
    hits = knowledge.sites.near(list(knowledge.categories), None, limit=10_000, city="310110")
    assert hits
    assert {open_now(hit.site, dt.datetime(2026, 11, 21, 11, 0)) for hit in hits} <= {True, False, None}


# --- lists -----------------------------------------------------------------------------------------


def test_without_a_place_it_asks_for_one(turn: Turns, town: Callable[..., Snapshot]) -> None:
    asked = ask(turn, town(*(site(number) for number in range(1, FEW + 2))))
    assert [reply["custom"]["kind"] for reply in asked.replies] == ["question"]
    assert asked.replies[0]["custom"]["fact"] == "location"
    assert asked.memory.open is not None and asked.memory.open.kind == "location"


def test_few_sites_are_named_at_once(turn: Turns, town: Callable[..., Snapshot]) -> None:
    asked = ask(turn, town(*(site(number) for number in range(1, FEW + 1))))
    (reply,) = asked.replies
    assert reply["custom"]["kind"] == "sites" and len(reply["custom"]["items"]) == FEW
    assert reply["custom"]["center"] is None
    assert all(item["distance_m"] is None for item in reply["custom"]["items"])
    assert "公里" not in reply["text"] and "米" not in reply["text"].replace("平方米", "")


def test_of_none_nothing_is_invented(turn: Turns, town: Callable[..., Snapshot]) -> None:
    (reply,) = ask(turn, town()).replies  # what is known of the service is told instead
    assert reply["custom"]["kind"] in ("faq", "service") and reply["custom"]["topic"] == "elderly-meal"
    (reply,) = ask(turn, town(), spot=HERE).replies
    assert reply["custom"]["kind"] == "cannot_answer" and reply["custom"]["phone"] in reply["text"]


def test_nearest_first_five_at_a_time(turn: Turns, town: Callable[..., Snapshot]) -> None:
    asked = ask(turn, town(*(site(number) for number in (7, 3, 1, 5, 2, 6, 4))), spot=HERE)
    (reply,) = asked.replies
    items = reply["custom"]["items"]
    assert [item["id"] for item in items] == [f"s-{number}" for number in range(1, PAGE + 1)]
    assert [item["distance_m"] for item in items] == sorted(item["distance_m"] for item in items)
    assert reply["custom"]["total"] == 7 and "7处" in reply["text"]
    assert distance_text(items[0]["distance_m"]) in reply["text"].split("\n")[0]

    asked.replies.clear()
    more(asked)
    assert [item["id"] for item in asked.replies[0]["custom"]["items"]] == ["s-6", "s-7"]
    assert "6. " in asked.replies[0]["text"] and asked.replies[0]["buttons"] == []
    asked.replies.clear()
    more(asked)
    assert asked.replies[0]["custom"]["kind"] == "ack"


def test_far_ones_are_left_out_while_there_are_near_ones(turn: Turns, town: Callable[..., Snapshot]) -> None:
    (reply,) = ask(turn, town(site(1), site(2), site(40)), spot=HERE).replies
    assert [item["id"] for item in reply["custom"]["items"]] == ["s-1", "s-2"]
    (reply,) = ask(turn, town(site(40)), spot=HERE).replies
    assert [item["id"] for item in reply["custom"]["items"]] == ["s-40"]


def test_a_rough_point_gets_no_distance(turn: Turns, town: Callable[..., Snapshot]) -> None:
    rough = Spot(name="青羊区", district="510105", city=CITY)
    (reply,) = ask(turn, town(site(1), site(2, district="510105")), spot=rough).replies
    assert all(item["distance_m"] is None for item in reply["custom"]["items"])
    assert reply["custom"]["items"][0]["id"] == "s-2" and reply["custom"]["items"][0]["same_area"]
    assert reply["custom"]["center"] is None


def test_a_site_called_by_its_name(turn: Turns, town: Callable[..., Snapshot]) -> None:
    snapshot = town(*(site(number) for number in range(1, 9)), site(9, "八宝街社区老年食堂"),
                    site(10, "草市街老年食堂"))
    (reply,) = ask(turn, snapshot, "八宝街那个老年食堂在哪").replies
    assert [item["id"] for item in reply["custom"]["items"]] == ["s-9"]
    assert ask(turn, snapshot, "社区老年食堂在哪").replies[0]["custom"]["kind"] == "question"


def test_a_name_that_many_share_is_none(turn: Turns, town: Callable[..., Snapshot]) -> None:
    snapshot = town(*(site(number, f"幸福里食堂{number}店") for number in range(1, FEW + 3)))
    assert ask(turn, snapshot, "幸福里的食堂在哪").replies[0]["custom"]["kind"] == "question"


def test_trust_is_said_in_words(turn: Turns, town: Callable[..., Snapshot]) -> None:
    (reply,) = ask(turn, town(site(1, trust="secondary", source_publisher="某报")), spot=HERE).replies
    assert "转述" in reply["text"] and "某报" in reply["text"]
    assert [source["trust"] for source in reply["custom"]["sources"]] == ["secondary"]


def test_unknown_hours_are_said_to_be_unknown(turn: Turns, town: Callable[..., Snapshot]) -> None:
    (reply,) = ask(turn, town(site(1), site(2, hours="每天 0:00-24:00")), spot=HERE).replies
    first, second = reply["custom"]["items"]
    assert first["open_now"] is None and "没有公布" in first["hours_text"]
    assert second["open_now"] is True
    lines = reply["text"].split("\n")
    assert "现在" not in lines[1] and "现在开着" in lines[2]


def test_another_aspect_is_no_question_for_places(turn: Turns, knowledge: Snapshot) -> None:
    asked = ask(turn, knowledge, "老年食堂要带什么材料", aspect="documents")
    assert asked.replies[0]["custom"]["kind"] in ("faq", "service", "cannot_answer")


# --- the place that is named -------------------------------------------------------------------------


def test_a_place_not_recognised_is_asked_for_again_and_then_given_up(
        turn: Turns, town: Callable[..., Snapshot]) -> None:
    asked = ask(turn, town(*(site(number) for number in range(1, 9))))
    kinds = []
    for _ in range(ATTEMPTS + 1):
        asked.replies.clear()
        take_place(asked)
        kinds.append(asked.replies[0]["custom"]["kind"])
    assert kinds == ["question"] * ATTEMPTS + ["cannot_answer"]
    assert asked.memory.open is None


def test_more_without_a_list_says_so(turn: Turns) -> None:
    asked = turn("还有吗")
    more(asked)
    assert asked.replies[0]["custom"]["of"] == "more"
