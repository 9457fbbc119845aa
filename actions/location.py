"""Where the resident is: asked for, taken from a named place, and as the contract and the search want it."""

from __future__ import annotations

import re
from typing import Literal, Optional

from actions.answers import cannot_answer
from actions.say import button, join, message
from actions.turn import Turn
from bot.memory import OpenQuestion, Spot
from knowledge.places import PRECISE_M, Resolution
from knowledge.regions import city_of
from knowledge.schema import Place

#: So often a place that was not recognised is asked for again.
ATTEMPTS = 2
#: Names under which a place of the resident's own is kept.
HOME, WORK = "home", "work"

_KIN = "[妈亲娘爸爹爷奶公婆子儿娃孙哥弟姐妹舅姑姨叔伯居友人老他她大]"
#: 我家在…, 屋头在…, 我住…: what stands before the name of the place where somebody lives.
_IS_AT = "(?:就|是|也|都|现在)*住?(?:在|到|是)?$"
_TELLS_HOME = re.compile(rf"(?:(?<!{_KIN})家|屋头|屋里(?:头|厢)?|(?<!{_KIN})住){_IS_AT}")
_LIVES_BEHIND = re.compile(r"(?:这边|那边|那里|这里|附近|那块|这块|那一片|里头|里面|上|的)*(?:住|是我家|有套房)")
_TELLS_WORK = re.compile(rf"(?:单位|公司|上班|工作|打工|做工|做事|厂|店|办公室|写字楼)(?:的地方)?{_IS_AT}")
_WORKS_BEHIND = re.compile("(?:这边|那边|那里|这里|附近|那块|这块|那一片|的)*"
                           "(?:上班|工作|打工|做工|做事)(?!的地方|在|是)")
_TELLS_HERE = re.compile("(?:我|我们|咱|咱们|俺|阿拉|人|现在|这会儿?|这阵)(?:就|也|都|现在)*"
                         "(?:在|住|住在|到了|来了|靠近|挨着)$")
#: 我家附近, 离屋头近的, 单位旁边: a place of the resident's own that is meant and not named.
_AT = r"(?:的)?(?:附近|旁边|周边|周围|边上|一带|门口|楼下|对面|跟前|近|这边|那边|这儿|那儿|边边|过去|走)"
_MEANS_HOME = re.compile(rf"(?:(?<![大人国回老])家|屋头|屋里(?:头|厢)?|我住的地方){_AT}"
                         r"|离(?:我|我们|咱|阿拉|俺)?(?:家|屋头|屋里厢?)")
_MEANS_WORK = re.compile(rf"(?:单位|公司|上班的地方|上班那(?:边|里|儿)|上班这边|工作的地方|厂里?|店里?|办公室){_AT}"
                         r"|离(?:我|我们|咱|阿拉|俺)?(?:单位|公司|上班的地方|厂)")
_OWN_HOME = re.compile("(我|我们|咱|咱们|阿拉|俺|自己)(家|屋头|屋里|住)")
_KIN_HOME = re.compile(rf"{_KIN}(?:们)?(?:屋头|屋里|家)")


#: A road, a bridge, an estate: what a place's name ends with that can be nothing else.
_ENDS_A_NAME = ("路|街|巷|桥|塔|村|坊|苑|庄|社区|街道|小区|花园|广场|公园|大道|镇|弄|湾|浜|寺|庙|坝|堰|祠|新村"
                "|地铁站|车站|大厦")
_BEFORE_A_NAME = "(?:我|我们|阿拉|俺|咱|就|是|家|屋头|现在|人|那|嗯|哦|，)*(?:在|住|住在|到|靠)?"
_NAME = rf"(?P<name>(?!社区|小区|附近|旁边|公园|幼儿)[\u3400-\u9fff0-9]{{1,8}}?(?:{_ENDS_A_NAME}))"
_NAMED = re.compile(_BEFORE_A_NAME + _NAME + "(?:这边|那边|这里|那里|附近|旁边|上|里|一带|对面|门口|那儿|这儿"
                    "|的|呢|嘛|哦|啊|吧|喃)*")
_NEAR_NAMED = re.compile(_BEFORE_A_NAME + _NAME + "(?:这边|那边|上|的)*(?:附近|旁边|周边|周围|边上|一带|对面)")
#: No name of a road has these in it.
_SAYS_MORE = re.compile("[坏堵没不要了投诉谁什哪怎咋吗几能给帮查找去家个的最这那有我们咱俺老]")
#: A name without such an end is this short.
_BARE_NAME = re.compile(r"[\u3400-\u9fff]{2,6}")


def unknown_name(text: str, *, asked: bool = False) -> str:
    """红星路, 我在十二桥这边; what can only be a place's name, known or not; where it was asked for, 红照壁 too."""
    said = _NAMED.fullmatch(text)
    name = said["name"] if said is not None else ""
    if not name and asked and _BARE_NAME.fullmatch(text):
        name = text
    return "" if _SAYS_MORE.search(name) else name


def unknown_near(turn: Turn) -> str:
    """红星路附近有食堂没得: the road that something is to be near of, where the gazetteer knows no such place."""
    said = _NEAR_NAMED.match(turn.reading.text) if not turn.reading.places else None
    return said["name"] if said is not None and not _SAYS_MORE.search(said["name"]) else ""


def is_exact(spot: Optional[Spot]) -> bool:
    """Whether distances can be counted from there."""
    return spot is not None and spot.lng is not None and spot.precision_m is not None and spot.precision_m <= PRECISE_M


def is_area(spot: Spot) -> bool:
    """A whole district or zone."""
    return spot.level in ("district", "area")


def told_spots(turn: Turn) -> dict[str, Spot]:
    """The places told as where somebody is, lives or works: 我家在八宝街，单位在天府广场; "" is just where they are."""
    text = turn.reading.text
    found: dict[str, Spot] = {}
    spans = _spans(turn)
    for number, (start, end) in enumerate(spans):
        before = spans[number - 1][1] if number else 0
        behind = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        lead, tail = text[before:start], text[end:behind]
        key = _told_as(turn, lead, tail)
        if key is None:
            continue
        place = _settled(turn, text[start:end])
        if place is not None:
            found.setdefault(key, _spot(place))
    return found


def _spans(turn: Turn) -> list[tuple[int, int]]:
    """Where places are named; what stands side by side (新都三河街道) is one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted({(item.start, item.end) for item in turn.reading.places if item.level != "city"}):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _told_as(turn: Turn, lead: str, tail: str) -> Optional[str]:
    if _TELLS_WORK.search(lead):
        return WORK
    if _TELLS_HOME.search(lead):
        return _whose_home(turn, lead)
    if _WORKS_BEHIND.match(tail):
        return WORK
    if _LIVES_BEHIND.match(tail):
        return _whose_home(turn, lead)
    if _KIN_HOME.search(lead) or (re.search("[住在]$", lead) and turn.reading.subject not in (None, "self")):
        return _whose_home(turn, lead)
    return "" if _TELLS_HERE.search(lead) else None


def _whose_home(turn: Turn, lead: str) -> str:
    """"home" for the resident's own, "home:mother" for the mother's."""
    subject = turn.reading.subject
    own = subject in (None, "self", "spouse", "child") or _OWN_HOME.search(lead)
    return HOME if own else f"{HOME}:{subject}"


def _settled(turn: Turn, name: str) -> Optional[Place]:
    """The one place of this name; None where it would have to be asked back."""
    found = turn.knowledge.gazetteer.resolve(name, city=turn.region, asked=True)
    if found.how == "fuzzy" or len(found.candidates) > 1:
        return None
    place = found.place or (found.candidates[0] if found.candidates else None)
    return None if place is None or place.level == "city" or _to_confirm(turn, found) else place


def remember_told(turn: Turn) -> None:
    """Keep places that are told in passing, so that 附近哪有食堂 starts from there. Called where a turn begins."""
    if turn.intent == "emergency" or not turn.reading.places:
        return
    told = told_spots(turn)
    for key, spot in told.items():
        if key:
            turn.memory.spots[key] = spot
    asking = turn.memory.open is not None and turn.memory.open.kind == "location"
    if not told or asking:
        return
    spot = next(told[key] for key in ("", HOME, *told) if key in told)
    if not _within_the_spot(turn, spot):
        turn.memory.spot = spot


def _within_the_spot(turn: Turn, told: Spot) -> bool:
    """A district is told, and a place in it is known already."""
    now = turn.memory.spot
    return now is not None and told.lng is None and not told.street and now.district == told.district


def meant_spot(turn: Turn) -> str:
    """Under which name the place is kept that is meant by 我家附近, 单位旁边; empty where none is."""
    text = turn.reading.text
    if _MEANS_WORK.search(text):
        return WORK
    said = _MEANS_HOME.search(text)
    if said is None:
        return ""
    return _whose_home(turn, text[max(0, said.start() - 2):said.end()])


def _go_to_meant(turn: Turn) -> None:
    """Move the spot to the resident's home or work if that is meant; forget it if that place is not known."""
    memory, key = turn.memory, meant_spot(turn)
    if not key:
        return
    known = memory.spots.get(key)
    if known is not None and known.city == turn.city:
        memory.spot = known
    elif key != HOME or memory.spot in [spot for name, spot in memory.spots.items() if name != HOME]:
        memory.spot = None  # what is known is another place; only a bare one may well be the home


def ask_location(turn: Turn, *, again: bool = False, name: str = "", text: str = "") -> None:
    """Ask where the resident is; a place not understood twice is given up with the hotline.

    ``name``: the place that was said and is not known. ``text``: asked in these words.
    """
    waiting = turn.memory.open if turn.memory.open is not None and turn.memory.open.kind == "location" else None
    attempts = waiting.attempts if waiting is not None else 0
    place_of = meant_spot(turn) or (waiting.place_of if waiting is not None else "")
    attempts += 1 if again else 0
    shown = turn.memory.shown_sites or {}
    topic = str(shown.get("topic") or "")
    if attempts > ATTEMPTS:
        turn.memory.open = None
        turn.replies.append(cannot_answer(turn, topic))
        return
    turn.memory.open = OpenQuestion(kind="location", attempts=attempts, place_of=place_of)
    if not text:
        text = turn.say("place_unknown", place=name) if name else \
            turn.say("ask_location_again" if again else "ask_location")
    turn.replies.append(message(
        "question", text, knowledge=turn.knowledge, region=turn.region, topic=topic, fact="location",
        why=turn.say("why_location"), options=[], policy="", remaining_at_most=1,
    ))


def take_named_place(turn: Turn) -> bool:
    """Move the spot to a place named in the sentence; False if the bot had to ask which one."""
    if not turn.reading.places:
        _go_to_meant(turn)
        return True
    asked = turn.memory.open if turn.memory.open is not None and turn.memory.open.kind == "location" else None
    district = turn.region if turn.region[4:] != "00" else None
    found = turn.knowledge.gazetteer.resolve(turn.reading.text, city=turn.region, prefer_district=district,
                                             asked=asked is not None)
    unsure = len(found.candidates) > 1 or _to_confirm(turn, found)
    if found.ambiguous and unsure and not _just_offered(turn, found):
        _ask_which(turn, found)
        return False
    place = found.place or (found.candidates[0] if found.candidates else None)
    if place is None or place.level == "city":
        _go_to_meant(turn)
        return True
    turn.memory.spot = _spot(place)
    if asked is not None and asked.place_of:
        turn.memory.spots[asked.place_of] = turn.memory.spot
    return True


def _to_confirm(turn: Turn, found: Resolution) -> bool:
    """A place that only looks like the one said, or a community where a road of its name may lie anywhere.

    八宝街 is not asked back: something is known in that community.
    """
    if not found.ambiguous or not found.candidates:
        return False
    place = found.candidates[0]
    if found.how == "fuzzy" or place.level != "community":
        return found.how == "fuzzy"
    sites = turn.knowledge.sites.near(list(turn.knowledge.categories), place, limit=1, city=turn.city)
    return not (sites and sites[0].same_area == "community")


def _just_offered(turn: Turn, found: Resolution) -> bool:
    """The resident says again, or in full, what was asked back last."""
    last = turn.memory.last_said
    titles = [str(option["title"]) for option in last.get("options", ())]
    return len(found.candidates) == 1 and turn.knowledge.gazetteer.describe(found.candidates[0]) in titles


def _ask_which(turn: Turn, found: Resolution) -> None:
    names = [turn.knowledge.gazetteer.describe(place) for place in found.candidates[:3]]
    options = [button(name) for name in names]
    waiting = turn.memory.open
    place_of = waiting.place_of if waiting is not None and waiting.kind == "location" else meant_spot(turn)
    turn.memory.open = OpenQuestion(kind="location", place_of=place_of)
    topic = str((turn.memory.shown_sites or {}).get("topic") or "")
    if len(names) == 1:
        turn.replies.append(message(
            "question", turn.say("is_it_place", place=names[0]), knowledge=turn.knowledge, region=turn.region,
            topic=topic, buttons=options, fact="location", why=turn.say("why_location"), options=options, policy="",
            remaining_at_most=1,
        ))
        return
    text = join(turn.say("which_place", place=found.candidates[0].name),
                *(f"{number}. {name}" for number, name in enumerate(names, 1)))
    turn.replies.append(message("clarify", text, knowledge=turn.knowledge, region=turn.region, topic=topic,
                                buttons=options, options=options))


def _spot(place: Place) -> Spot:
    return Spot(name=place.name, lng=place.lng, lat=place.lat, precision_m=place.precision_m,
                district=place.code if place.level in ("district", "area") else place.district,
                street=place.name if place.level == "street" else place.street,
                community=place.name if place.level == "community" else "", city=city_of(place.city),
                level=place.level)


def as_place(spot: Spot) -> Place:
    """The remembered spot as a place of the gazetteer."""
    level: Literal["community", "street", "district", "landmark"] = \
        "community" if spot.community else "street" if spot.street and spot.name == spot.street else \
        "district" if spot.district and spot.lng is None and not spot.street else "landmark"
    return Place(name=spot.name, level=level, city=spot.city, district=spot.district, street=spot.street,
                 code=spot.district if level == "district" else "",
                 lng=spot.lng, lat=spot.lat, precision_m=spot.precision_m)


def center_json(spot: Spot) -> Optional[dict[str, object]]:
    """The spot as the contract's point; None where only its area is known."""
    if spot.lng is None or spot.lat is None:
        return None
    return {"name": spot.name, "lng": spot.lng, "lat": spot.lat, "crs": "gcj02"}
