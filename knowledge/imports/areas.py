"""In which district, street and community a row lies: from its own columns, and from how its address begins.

Stricter than the reading of what residents say: only full names count (武侯区, 玉林街道, 某某社区), only before
the first number or bracket of the address, and only where they fit together. Otherwise the field stays empty, which a
search by containment can stand; a wrong one it cannot.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from knowledge.imports.cells import CellError
from knowledge.place_cues import is_road
from knowledge.place_index import CityIndex, PlaceMatch
from knowledge.place_names import core_name
from knowledge.places import Gazetteer
from knowledge.regions import city_named
from knowledge.schema import Place

#: Up to the last name of an area before the first number or bracket.
_ADMINISTRATIVE = re.compile(r"[^0-9(（\[【]*(?:区|县|市|城|街道|镇|乡|村|居委会)")
_CITY = re.compile(r"(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区))?([\u4e00-\u9fff]{2,5}?市)")
_SUFFIXES = {"district": ("区", "县", "市"), "area": ("区", "城"), "street": ("街道", "镇", "乡"),
             "community": ("社区", "村", "居委会", "委会")}
_OFFICE = re.compile(r"(?:街道办事处|街道办|办事处|人民政府|政府)\Z")
_CODE = re.compile(r"\d{6}(?:-[a-z]+)?\Z")
_MUNICIPALITIES = ("北京市", "上海市", "天津市", "重庆市")
_LIKE_ENOUGH = 60


@dataclass(frozen=True)
class Area:
    """What a row lies in, as a site file has it, and what staff should know of how it was found."""

    district: str = ""
    street: str = ""
    community: str = ""
    remarks: tuple[str, ...] = ()


@dataclass
class _Draft:
    district: str = ""
    street: str = ""
    community: str = ""
    remarks: list[str] = field(default_factory=list)


class AreaReader:
    """Reads the areas of one city's rows."""

    def __init__(self, places: Sequence[Place], city: str, gazetteer: Gazetteer) -> None:
        """``gazetteer`` knows the development zones that a street is counted to."""
        own = [place for place in places if place.city == city]
        self.city = city
        self.name = next((place.name for place in own if place.level == "city"), city)
        self._gazetteer = gazetteer
        self._index = CityIndex(own)
        self._names: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
        for place in own:
            for name in {place.name, core_name(place), *place.aliases}:
                self._names[place.level][name].append(place)
        self._streets = {(place.district, place.name) for place in own if place.level == "street"}
        self._known: dict[tuple[str, str, str, str], Area | CellError] = {}

    def read(self, address: str, district: str = "", street: str = "", community: str = "") -> Area:
        """The area of a row by its cells ("" where the list has no such column).

        Raises:
            CellError: where a cell names what is not known here, or cells contradict each other.
        """
        key = (_administrative(address), district, street, community)
        known = self._known.get(key)
        if known is None:
            try:
                known = self._read(*key)
            except CellError as error:
                known = error
            self._known[key] = known
        if isinstance(known, CellError):
            raise known
        return known

    def _read(self, address: str, district: str, street: str, community: str) -> Area:
        self._check_city(address)
        found = [match for match in self._index.exact(address) if _is_full(match, address)]
        draft = _Draft()
        named = self._district_cell(district) if district else ""
        said = self._districts_of(found)
        self._district(draft, named, said)
        self._street(draft, street, found)
        self._community(draft, community, found)
        return Area(draft.district, draft.street, draft.community, tuple(draft.remarks))

    def _check_city(self, address: str) -> None:
        match = _CITY.match(address)
        if not match or match[1] == self.name:
            return
        other = city_named(match[1])
        if match[1] in _MUNICIPALITIES or (other is not None and other != self.city):
            raise CellError(f"地址写的是{match[1]}，不是{self.name}", "改地址，或改这一行的城市")

    # --- districts ------------------------------------------------------------------------------

    def _district_cell(self, text: str) -> str:
        known = [*self._names["district"].get(text, ()), *self._names["area"].get(text, ())]
        if _CODE.match(text):
            known = [place for places in (*self._names["district"].values(), *self._names["area"].values())
                     for place in places if place.code == text]
        codes: list[str] = list(dict.fromkeys(place.code for place in known))
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise CellError(f"“{text}”在{self.name}不止一处", "写全名，或写代码")
        names = [name for level in ("district", "area") for name in self._names[level]]
        raise CellError(f"{self.name}没有“{text}”这个区县{_like(text, names)}", "写区县的全名，例如 某某区")

    def _districts_of(self, found: Iterable[PlaceMatch]) -> list[str]:
        return list(dict.fromkeys(match.place.code for match in found if match.place.level in ("district", "area")))

    def _district(self, draft: _Draft, named: str, said: list[str]) -> None:
        draft.district = named
        if named and said and named not in said and not self._may_overlap(named, said):
            raise CellError(f"区县一栏是{self._name_of(named)}，地址里是{self._name_of(said[0])}", "核对后改其中一处")
        if not named:
            if len(said) == 1:
                draft.district = said[0]
            elif said:
                draft.remarks.append("地址里有两个区县的名字，没有填区县")

    def _may_overlap(self, named: str, said: list[str]) -> bool:
        """A development zone lies in districts, so that both names may be right."""
        return "-" in named or any("-" in code for code in said)

    def _name_of(self, code: str) -> str:
        return self._gazetteer.district_name(code) or code

    # --- streets and communities ----------------------------------------------------------------

    def _street(self, draft: _Draft, cell: str, found: Iterable[PlaceMatch]) -> None:
        if cell:
            streets = self._street_cell(cell, draft.district)
        else:
            named = [match for match in found if match.place.level == "street"]
            if not draft.district:  # 某某镇 and 某某街道 may both be there; in its own district either form is heard
                named = [match for match in named if match.how == "exact"] or named
            streets = _distinct(match.place for match in named)
            inside = [place for place in streets if self._inside(place, draft.district)]
            if streets and not inside:
                draft.remarks.append(f"地址里的{streets[0].name}不在{self._name_of(draft.district)}，没有填街道")
            streets = inside
        if len(streets) == 1:
            draft.district, draft.street = streets[0].district, streets[0].name
        elif streets:
            draft.remarks.append("街道有两个可能，没有填")

    def _street_cell(self, text: str, district: str) -> list[Place]:
        bare = _OFFICE.sub("", text)
        names = (text, text.removesuffix("办事处"), text + "街道", bare + "街道", bare, bare + "镇", bare + "乡")
        for name in dict.fromkeys(names):
            inside = _distinct(place for place in self._names["street"].get(name, ())
                               if self._inside(place, district))
            if inside:
                return inside
        where = self._name_of(district) if district else self.name
        known = [name for name, places in self._names["street"].items()
                 if any(self._inside(place, district) for place in places) and name.endswith(_SUFFIXES["street"])]
        raise CellError(f"{where}没有“{text}”这个街道（镇、乡）{_like(text, known)}",
                        "写街道的全名；对方的叫法和地名表不同，就在对照文件的 translate 里换")

    def _inside(self, place: Place, district: str) -> bool:
        return not district or place.district == district or (
            district in self._gazetteer.areas_of(place.district, place.street or place.name))

    def _community(self, draft: _Draft, cell: str, found: Iterable[PlaceMatch]) -> None:
        if cell:
            draft.community = self._community_cell(cell, draft)
            return
        if not (draft.street or draft.district):
            return  # names of communities repeat too much to tell a district by
        named = (match.place for match in found if match.place.level == "community" and match.how == "exact")
        inside = _distinct(place for place in named if self._holds(draft, place))
        if len(inside) == 1:
            self._take(draft, inside[0])

    def _community_cell(self, text: str, draft: _Draft) -> str:
        """The community's name in the gazetteer; as the list has it where the gazetteer has none."""
        for name in (text, text + "社区", text.removesuffix("居委会") + "社区"):
            inside = _distinct(place for place in self._names["community"].get(name, ()) if self._holds(draft, place))
            if len(inside) == 1 and (draft.street or draft.district):
                self._take(draft, inside[0])
                return inside[0].name
        return text

    def _holds(self, draft: _Draft, place: Place) -> bool:
        if draft.street:
            return (place.district, place.street) == (draft.district, draft.street)
        return self._inside(place, draft.district)

    def _take(self, draft: _Draft, place: Place) -> None:
        draft.community = place.name
        if place.street and (place.district, place.street) in self._streets:
            draft.district, draft.street = place.district, place.street


def _administrative(address: str) -> str:
    """What of an address names areas. Where that ends in the name of a road (马村路), 路 is left to show it."""
    match = _ADMINISTRATIVE.match(address)
    if not match:
        return ""
    return match[0] + "路" if is_road(address, match.end()) and address[match.end() - 1] == "村" else match[0]


def _is_full(match: PlaceMatch, text: str) -> bool:
    """Whether the name stands in full: 光华街道, not the 光华 of 光华大道."""
    if match.how not in ("exact", "alias") or (match.place.level == "community" and is_road(text, match.end)):
        return False
    return text[match.start:match.end].endswith(_SUFFIXES.get(match.place.level, ("\0",)))


def _distinct(places: Iterable[Place]) -> list[Place]:
    return list(dict.fromkeys(places))


def _like(text: str, names: Iterable[str]) -> str:
    best = process.extractOne(text, list(names), scorer=fuzz.ratio, score_cutoff=_LIKE_ENOUGH)
    return f"（是不是“{best[0]}”？）" if best else ""
