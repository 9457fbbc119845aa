"""Points and addresses of sites that contradict the city and district written beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

from knowledge.assemble import Assembled
from knowledge.coords import haversine_m, m_to_chord, unit_xyz
from knowledge.errors import Problem, problem
from knowledge.loader import Part, Parts
from knowledge.schema import Place, Site

#: So many neighbours are asked which district they are in; further than this none of them says anything.
NEIGHBOURS, NEAR_M = 5, 2500
#: No city reaches further than this from its district's centre.
FAR_M = 90_000
#: Points vaguer than this say nothing of districts.
PRECISE_M = 500
#: Tables found sound, by their bytes and those of the places.
_sound: set[tuple[str, ...]] = set()
_DISTRICT_NAME = re.compile(r"[一-龥]{2,6}?(?:区|县|市)")


def point_problems(parts: Parts, joined: Assembled, only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """Points far from their district or among another's places (W113); addresses that name another city or
    district (W112)."""
    places = tuple(sorted(part.digest for part in parts.of_kind("places")))
    atlas: Optional[_Atlas] = None
    for part in parts.of_kind("sites"):
        state = (part.digest, *places)
        if state in _sound or (only is not None and part.path not in only):
            continue
        atlas = atlas or _Atlas(joined.places)
        found = list(_of_table(part, atlas))
        yield from found
        if not found:
            _sound.add(state)


def _of_table(part: Part, atlas: _Atlas) -> Iterator[Problem]:
    elsewhere = atlas.elsewhere(part.record)
    for number, site in enumerate(part.record):
        at = (number + 2, 1)
        if number in elsewhere:
            yield problem("W113", part.path, at, name=site.name, other=elsewhere[number])
        named = atlas.named_elsewhere(site)
        if named:
            yield problem("W112", part.path, at, name=site.name, other=named)


class _Atlas:
    """The known points of each city, and its districts' names and centres."""

    def __init__(self, places: list[Place]) -> None:
        self.cities = {place.city: place.name for place in places if place.level == "city"}
        self.districts = {place.code: place for place in places if place.level == "district"}
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        for code, place in self.districts.items():
            self._names[place.city][place.name] = code
        points: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            if place.lng is not None and place.precision_m is not None and place.precision_m <= PRECISE_M \
                    and place.district:
                points[place.city].append(place)
        self._points = points
        self._trees = {
            city: cKDTree(unit_xyz(np.array([place.lng for place in known]), np.array([place.lat for place in known])))
            for city, known in points.items()
        }

    def elsewhere(self, sites: Sequence[Site]) -> dict[int, str]:
        """Where the points of sites really seem to be, by their number; those without a doubt are left out."""
        found: dict[int, str] = {}
        by_city: dict[str, list[int]] = defaultdict(list)
        for number, site in enumerate(sites):
            if site.lng is None or site.lat is None or "-" in site.district or not site.district:
                continue
            home = self.districts.get(site.district)
            if home is not None and home.lng is not None and home.lat is not None \
                    and haversine_m(site.lng, site.lat, home.lng, home.lat) > FAR_M:
                found[number] = f"离{home.name}90公里以外的地方"
            elif (site.precision_m or 0) <= PRECISE_M and len(self._points.get(site.city, ())) >= NEIGHBOURS:
                by_city[site.city].append(number)
        for city, numbers in by_city.items():
            places = unit_xyz(np.array([sites[number].lng for number in numbers]),
                              np.array([sites[number].lat for number in numbers]))
            _, nearest = self._trees[city].query(places, k=NEIGHBOURS, distance_upper_bound=m_to_chord(NEAR_M))
            for number, row in zip(numbers, nearest, strict=True):
                near = {self._points[city][place].district for place in row if place < len(self._points[city])}
                crowded = row[-1] < len(self._points[city])  # all the neighbours are near enough to say something
                if crowded and len(near) == 1 and sites[number].district not in near:
                    other = self.districts.get(near.pop())
                    if other is not None:
                        found[number] = other.name
        return found

    def named_elsewhere(self, site: Site) -> str:
        """Another city or district that the address begins with; "" if there is none."""
        address = site.address
        city = next((name for code, name in self.cities.items() if address.startswith(name)), "")
        if city and self.cities.get(site.city) not in ("", None, city):
            return city
        rest = address.removeprefix(city)
        match = _DISTRICT_NAME.match(rest)
        named = self._names[site.city].get(match[0]) if match else None
        if named is None or not site.district or "-" in site.district or named == site.district:
            return ""
        return self.districts[named].name
