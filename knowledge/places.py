"""The gazetteer: from "我住五角场那边" to a place, within one city.

Names are looked up only in the city that the conversation is about, unless another one is named.
Exact names come first; what sounds or looks alike is tried only where the resident is plainly naming
a place, and a mere likeness is never taken without asking back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

import msgspec
import numpy as np

from knowledge.coords import haversine_m, haversine_many_m
from knowledge.place_cues import cue_score, is_road
from knowledge.place_index import CityIndex, How, PlaceMatch, overlaps
from knowledge.regions import city_of
from knowledge.schema import Place

__all__ = ["Gazetteer", "How", "PlaceMatch", "Resolution"]

#: A point is good enough to state distances from it.
PRECISE_M = 500
#: Stations of one name closer than this are one place (platforms of two lines).
SAME_SPOT_M = 3000
#: The most candidates to ask back with.
MAX_CANDIDATES = 6


@dataclass(frozen=True)
class Resolution:
    """What place a sentence means.

    ``place``: the one to use. ``ambiguous``: ask back with ``candidates`` (one candidate: "是不是…？").
    """

    place: Optional[Place]
    candidates: tuple[Place, ...] = ()
    ambiguous: bool = False
    how: How = "exact"


class Gazetteer:
    """Finds places by name. Building sorts the places; a city's index is made when first asked for."""

    def __init__(self, places: Iterable[Place]) -> None:
        by_city: dict[str, list[Place]] = defaultdict(list)
        self._areas: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._streets: dict[tuple[str, str], Place] = {}
        self._districts: dict[str, Place] = {}
        for place in places:
            by_city[place.city].append(place)
            if place.level == "area":
                for member in filter(None, place.street.split("|")):
                    district, _, street = member.partition("/")
                    self._areas[district, street].append(place.code)
            elif place.level == "street":
                self._streets[place.district, place.name] = place
            if place.level in ("district", "area"):
                self._districts[place.code] = place
        self._cities = {city: CityIndex(members) for city, members in by_city.items()}
        self._city_names = {
            name: place.city
            for members in by_city.values()
            for place in members
            if place.level == "city"
            for name in (place.name, *place.aliases)
        }
        names = "|".join(sorted(map(re.escape, self._city_names), key=len, reverse=True))
        self._city_pattern = re.compile(names or r"(?!)")

    def warm(self, city: str) -> None:
        """Build a city's indexes now rather than at the first question."""
        scope = self._cities.get(city_of(city))
        if scope:
            _ = scope.automaton, scope.sounds, scope.likeable

    def areas_of(self, district: str, street: str) -> tuple[str, ...]:
        """Codes of the development zones that a street is counted to (``510100-gaoxin``)."""
        return tuple(self._areas.get((district, street), ()))

    def district(self, code: str) -> Optional[Place]:
        """The district or zone with this code; None if unknown."""
        return self._districts.get(code)

    def district_name(self, code: str) -> str:
        """The name of a district or zone, "" if unknown."""
        place = self._districts.get(code)
        return place.name if place else ""

    def nearest_district(self, lng: float, lat: float) -> Optional[tuple[Place, float]]:
        """The district whose centre lies nearest to a point (GCJ-02), and how far that is in metres."""
        known = [place for place in self._districts.values() if place.lng is not None and place.lat is not None]
        if not known:
            return None
        metres = haversine_many_m(lng, lat, np.array([place.lng for place in known], dtype=float),
                                  np.array([place.lat for place in known], dtype=float))
        best = int(metres.argmin())
        return known[best], float(metres[best])

    def describe(self, place: Place) -> str:
        """The place with what it lies in, as asked back: 双流区华阳街道, 春熙路地铁站（锦江区）."""
        district = self.district_name(place.district)
        if place.level == "station":
            name = place.name if place.name.endswith("站") else place.name + "地铁站"
            return f"{name}（{district}）" if district else name
        if place.level == "street":
            return district + place.name
        if place.level in ("community", "landmark"):
            return f"{district}{place.street}{place.name}"
        return place.name

    def find(self, text: str, *, city: str, asked: bool = False) -> list[PlaceMatch]:
        """Places named in ``text``, in order; several of one name share ``start`` and ``end``.

        ``city``: an adcode of 6 digits (a district's stands for its city and is preferred), or its first 4.
        Another city's places count only if that city is named in the text. ``asked``: the text answers
        "where are you", so that even two characters may be a misheard name.
        """
        home = city_of(city)
        matches = self._cities[home].exact(text) if home in self._cities else []
        others = [other for other in self._named_cities(text, matches) if other != home]
        for scope in filter(None, map(self._cities.get, others)):
            matches += scope.exact(text)
        if not any(match.place.level not in ("city",) for match in matches):
            for scope in filter(None, map(self._cities.get, [home, *others])):
                matches += scope.approximate(text, asked)
        if others:
            matches = _prefer_named(matches, others)
        return sorted(matches, key=lambda match: (match.start, -match.end, match.place.district != city))

    def resolve(
        self, text: str, *, city: str, prefer_district: Optional[str] = None, asked: bool = False
    ) -> Resolution:
        """The place that ``text`` means, or candidates to ask back with. For ``city`` and ``asked`` see ``find``.

        ``prefer_district``: of places with one name take the one there (the district of ``city`` by default).
        """
        matches = self.find(text, city=city, asked=asked)
        if not matches:
            return Resolution(None)
        how = matches[0].how
        specific = [match for match in matches if match.place.level not in ("city", "district", "area")]
        regions = [match for match in matches if match.place.level in ("district", "area")]
        if not specific:
            # 苏州高新区, 龙泉: one name may be a city and a district; the narrower one is meant.
            broad = _distinct(match.place for match in regions) or _distinct(match.place for match in matches)
            return _settle(broad, how)
        within = {match.place.code for match in regions}
        spans: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for match in specific:
            spans[match.start, match.end].append(match.place)
        named = {(span, place.name) for span, places in spans.items() for place in places if place.level == "street"}
        prefer = prefer_district or (city if city_of(city) != city else None)
        groups = []
        official = {(match.start, match.end) for match in specific if match.how == "exact"}
        for span, places in spans.items():
            if span in official and all(place.level == "community" for place in places):
                names = {match.place for match in specific if match.how == "exact"}
                places = [place for place in places if place in names]
            same = [match.place for match in regions if (match.start, match.end) == span]
            streets = {name for other, name in named if other != span}
            groups.append((span, self._narrow([*places, *same], within, streets, prefer)))
        groups = _without_parents(groups)
        if len(groups) > 1:
            best = max(cue_score(text, *span) for span, _ in groups)
            groups = [group for group in groups if cue_score(text, *group[0]) == best]
        candidates = _distinct(self._with_street(place) for _, places in groups for place in places)
        settled = _settle(candidates, how)
        if settled.place and settled.place.level == "community" and settled.place.district not in (prefer, *within):
            said = next((text[a:b] for (a, b), places in groups if settled.place in places), "")
            if len(said) <= 3 and said != settled.place.name:
                # 建设路 is a community in one county and a road in many: ask rather than guess.
                return Resolution(None, (settled.place,), True, how)
        return settled

    def _with_street(self, place: Place) -> Place:
        """A station with the street of its name, so that containment works from it."""
        if place.level != "station" or place.street:
            return place
        for suffix in ("街道", "镇", "乡"):
            if (place.district, place.name + suffix) in self._streets:
                return msgspec.structs.replace(place, street=place.name + suffix)
        return place

    def _narrow(self, places: list[Place], within: set[str], streets: set[str], prefer: Optional[str]) -> list[Place]:
        """Of places with one name, those that the rest of the sentence and the region leave."""

        def inside(place: Place) -> bool:
            return place.district in within or any(
                code in within for code in self.areas_of(place.district, place.street)
            )

        places = (
            _choose(places, lambda place: place.level in ("district", "area") or inside(place)) if within else places
        )
        if streets:
            places = _choose(places, lambda place: place.level != "community" or place.street in streets)
        places = _choose(places, lambda place: prefer is not None and place.district == prefer)
        # One street of a common name may not be the one meant; with its district named, or two of them, it is.
        higher = [place for place in places if place.level != "community"]
        if higher and (len(higher) > 1 or within or prefer):
            places = higher
        if any(place.level not in ("district", "area") for place in places):
            # 新都 is a district and a street in it: the wider is safe, unless a station pins it down.
            wide = [place for place in places if place.level in ("district", "area")]
            if wide and not any(place.level in ("station", "landmark") for place in places):
                places = wide
            else:
                places = [place for place in places if place.level not in ("district", "area")]
        return _merge(places, self._streets)

    def _named_cities(self, text: str, matches: list[PlaceMatch]) -> list[str]:
        """Cities named in ``text``, but not as part of a longer name that is among ``matches`` (南京村)."""
        longer = [(match.start, match.end) for match in matches if match.place.level != "city"]
        found = (
            self._city_names[match.group(0)]
            for match in self._city_pattern.finditer(text)
            if not is_road(text, match.end()) and not overlaps(match.start(), match.end(), longer)
        )
        return list(dict.fromkeys(found))


def _prefer_named(matches: list[PlaceMatch], cities: list[str]) -> list[PlaceMatch]:
    """Where another city is named, its place wins over one of the same words at home."""
    foreign = [match for match in matches if match.place.city in cities]
    spans = [(match.start, match.end) for match in foreign]
    return [match for match in matches if match.place.city in cities or not overlaps(match.start, match.end, spans)]


def _choose(places: list[Place], good: object) -> list[Place]:
    """The places that are good, or all of them if none is."""
    assert callable(good)
    return [place for place in places if good(place)] or places


def _merge(places: list[Place], streets: dict[tuple[str, str], Place]) -> list[Place]:
    """One place for a street and its station of one name, and for platforms of one station.

    The one with the better point stays and takes over the street that the other one tells.
    """
    named = {(place.district, place.street) for place in places if place.level == "street"}
    places = [place for place in places if place.level != "community" or (place.district, place.street) not in named]
    merged: list[Place] = []
    for place in sorted(places, key=lambda each: each.precision_m if each.precision_m is not None else 10**9):
        for index, other in enumerate(merged):
            if _same_spot(place, other):
                if place.street and not other.street:
                    merged[index] = msgspec.structs.replace(other, street=place.street)
                break
        else:
            merged.append(place)
    communities = {(place.district, place.street) for place in merged if place.level == "community" and place.street}
    if len(merged) > 1 and len(communities) == 1 and all(place.level == "community" for place in merged):
        # 鞍山四村 is three neighbourhoods of one street: no need to ask which.
        return [streets.get(communities.pop(), merged[0])]
    return merged


def _same_spot(one: Place, other: Place) -> bool:
    if one.district != other.district or one.city != other.city:
        return False
    if one.level == "community" or other.level == "community":
        return False
    if one.level == other.level == "station":
        assert one.lng is not None and one.lat is not None and other.lng is not None and other.lat is not None
        return haversine_m(one.lng, one.lat, other.lng, other.lat) <= SAME_SPOT_M
    return one.level != other.level


def _without_parents(groups: list[tuple[tuple[int, int], list[Place]]]) -> list[tuple[tuple[int, int], list[Place]]]:
    """Drop 新都 where 新都大丰, and 玉林街道 where 玉林街道玉林北路社区 is meant."""
    inner = {(p.district, p.street) for _, places in groups for p in places if p.level in ("community", "landmark")}
    kept = [
        group
        for group in groups
        if not all(
            place.level in ("district", "area") or (place.level == "street" and (place.district, place.name) in inner)
            for place in group[1]
        )
    ]
    return kept or groups


def _distinct(places: Iterable[Place]) -> list[Place]:
    return list(dict.fromkeys(places))


def _settle(candidates: list[Place], how: How) -> Resolution:
    """One candidate is the place, unless it only looks alike; several are asked back."""
    if how == "fuzzy" or len(candidates) > 1:
        return Resolution(None, tuple(candidates[:MAX_CANDIDATES]), True, how)
    return Resolution(candidates[0] if candidates else None, tuple(candidates), False, how)
