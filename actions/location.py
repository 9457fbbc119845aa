"""Where the resident is: asked for, taken from a named place, and as the contract and the search want it."""

from __future__ import annotations

from typing import Literal, Optional

from actions.answers import cannot_answer
from actions.say import button, join, message
from actions.turn import Turn
from bot.memory import OpenQuestion, Spot
from knowledge.places import Resolution
from knowledge.regions import city_of
from knowledge.schema import Place

#: So often a place that was not recognised is asked for again.
ATTEMPTS = 2


def ask_location(turn: Turn, *, again: bool = False) -> None:
    """Ask where the resident is; a place not understood twice is given up with the hotline."""
    attempts = turn.memory.open.attempts if turn.memory.open is not None and turn.memory.open.kind == "location" else 0
    attempts += 1 if again else 0
    shown = turn.memory.shown_sites or {}
    topic = str(shown.get("topic") or "")
    if attempts > ATTEMPTS:
        turn.memory.open = None
        turn.replies.append(cannot_answer(turn, topic))
        return
    turn.memory.open = OpenQuestion(kind="location", attempts=attempts)
    text = turn.say("ask_location_again" if again else "ask_location")
    turn.replies.append(message(
        "question", text, knowledge=turn.knowledge, region=turn.region, topic=topic, fact="location",
        why=turn.say("why_location"), options=[], policy="", remaining_at_most=1,
    ))


def take_named_place(turn: Turn) -> bool:
    """Move the spot to a place named in the sentence; False if the bot had to ask which one."""
    if not turn.reading.places:
        return True
    district = turn.region if turn.region[4:] != "00" else None
    found = turn.knowledge.gazetteer.resolve(turn.reading.text, city=turn.region, prefer_district=district,
                                             asked=turn.memory.open is not None and turn.memory.open.kind == "location")
    if found.ambiguous and len(found.candidates) > 1:
        _ask_which(turn, found)
        return False
    place = found.place or (found.candidates[0] if found.candidates else None)
    if place is None or place.level == "city":
        return True
    turn.memory.spot = _spot(place)
    return True


def _ask_which(turn: Turn, found: Resolution) -> None:
    names = [turn.knowledge.gazetteer.describe(place) for place in found.candidates[:3]]
    options = [button(name) for name in names]
    text = turn.say("which_place", place=found.candidates[0].name)
    turn.memory.open = OpenQuestion(kind="location")
    shown = turn.memory.shown_sites or {}
    turn.replies.append(message("clarify", join(text, *(f"{number}. {name}" for number, name in enumerate(names, 1))),
                                knowledge=turn.knowledge, region=turn.region, topic=str(shown.get("topic") or ""),
                                buttons=options, options=options))


def _spot(place: Place) -> Spot:
    return Spot(name=place.name, lng=place.lng, lat=place.lat, precision_m=place.precision_m,
                district=place.code if place.level in ("district", "area") else place.district,
                street=place.name if place.level == "street" else place.street,
                community=place.name if place.level == "community" else "", city=city_of(place.city))


def as_place(spot: Spot) -> Place:
    """The remembered spot as a place of the gazetteer."""
    level: Literal["community", "street", "district", "landmark"] = \
        "community" if spot.community else "street" if spot.street and spot.name == spot.street else \
        "district" if spot.district and spot.lng is None else "landmark"
    return Place(name=spot.name, level=level, city=spot.city, district=spot.district, street=spot.street,
                 code=spot.district if level == "district" else "",
                 lng=spot.lng, lat=spot.lat, precision_m=spot.precision_m)


def center_json(spot: Spot) -> Optional[dict[str, object]]:
    """The spot as the contract's point; None where only its area is known."""
    if spot.lng is None or spot.lat is None:
        return None
    return {"name": spot.name, "lng": spot.lng, "lat": spot.lat, "crs": "gcj02"}


def distance_text(metres: float) -> str:
    """约350米; 约1.2公里"""
    tens = max(round(metres / 10) * 10, 10)
    return f"约{tens}米" if tens < 1000 else f"约{metres / 1000:.1f}公里"
