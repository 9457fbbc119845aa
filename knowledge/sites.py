"""Places to go, nearest first, with distances only where both ends are known well.

Points lie on the unit sphere in one k-d tree per category and city, so that straight distance orders
them as great circles do. A site without a precise point is found by containment: the same community,
street, or district (or development zone).
"""

from __future__ import annotations

import heapq
import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Optional, Union

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped, unused-ignore]

from knowledge.coords import Point, chord_to_m, m_to_chord, unit_xyz
from knowledge.map_links import map_url
from knowledge.places import PRECISE_M
from knowledge.regions import city_of
from knowledge.schema import Place, Site, SiteCategory

__all__ = ["Point", "SameArea", "SiteHit", "SiteIndex", "map_url"]

SameArea = Literal["community", "street", "district"]
#: A site in the same street whose point is unknown is listed after those nearer than this.
_STREET_WIDTH_M = 1000
_AREA_ORDER: dict[Optional[SameArea], int] = {"community": 0, "street": 1, "district": 2, None: 3}


@dataclass(frozen=True)
class SiteHit:
    """A site with its distance in metres (None: not known well enough) and what it shares with the centre."""

    site: Site
    distance_m: Optional[int]
    same_area: Optional[SameArea]


@dataclass(frozen=True)
class _Where:
    """The centre of a search: its point if it has one, and what it lies in."""

    point: Optional[Point] = None
    district: str = ""
    street: str = ""
    community: str = ""
    #: Codes of the districts and zones that count as "the same district".
    districts: frozenset[str] = frozenset()

    @property
    def precise(self) -> bool:
        return self.point is not None and self.point.precision_m <= PRECISE_M


class _Areas:
    """Sites by what they lie in."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.by_street: dict[tuple[str, str], list[Site]] = defaultdict(list)
        self.by_district: dict[str, list[Site]] = defaultdict(list)
        for site in sites:
            self.by_district[site.district].append(site)
            if site.street:
                self.by_street[site.district, site.street].append(site)


class _Shelf:
    """The sites of one category in one city, of one trust (real ones or samples)."""

    def __init__(self, sites: list[Site]) -> None:
        self.sites = sites
        self.located = [site for site in sites if _is_precise(site)]
        self.all = _Areas(sites)
        self.unlocated = _Areas(site for site in sites if not _is_precise(site))
        self.tree: Optional[cKDTree] = None
        if self.located:
            lngs = np.fromiter((site.lng for site in self.located), dtype=float, count=len(self.located))
            lats = np.fromiter((site.lat for site in self.located), dtype=float, count=len(self.located))
            self.tree = cKDTree(unit_xyz(lngs, lats), compact_nodes=True, balanced_tree=False)

    def nearest(self, point: Point, limit: int, radius_m: Optional[float]) -> list[tuple[float, Site]]:
        """Up to ``limit`` (metres, site) pairs, nearest first."""
        if self.tree is None or limit < 1:
            return []
        bound = np.inf if radius_m is None else m_to_chord(radius_m) * (1 + 1e-12)
        count = min(limit, len(self.located))
        chords, indexes = self.tree.query(unit_xyz(point.lng, point.lat)[0], k=count, distance_upper_bound=bound)
        return [
            (chord_to_m(float(chord)), self.located[index])
            for chord, index in zip(np.atleast_1d(chords), np.atleast_1d(indexes), strict=True)
            if np.isfinite(chord)
        ]


class _Table:
    """The sites of one table by id and by city, made once for as long as the table stays."""

    def __init__(self, sites: Sequence[Site], samples: bool) -> None:
        self.sites = sites
        self.samples = samples
        self.by_id: dict[str, Site] = {}
        self.cities: dict[str, list[Site]] = defaultdict(list)
        for site in sites:
            if samples or site.trust != "sample":
                self.by_id[site.id] = site
                self.cities[site.city].append(site)


class _City:
    """The shelves of one city, and the lists of sites they were made from."""

    def __init__(self, members: list[list[Site]]) -> None:
        self.members = members
        shelved: dict[tuple[str, str, bool], list[Site]] = defaultdict(list)
        for site in (site for part in members for site in part):
            if site.status != "closed":
                shelved[site.category, site.city, site.trust == "sample"].append(site)
        #: By category, city and whether they are samples; closed ones are left out.
        self.shelves = {key: _Shelf(sites) for key, sites in shelved.items()}

    def made_from(self, members: list[list[Site]]) -> bool:
        """Whether these very lists are what it was made from."""
        return len(members) == len(self.members) and all(map(operator.is_, members, self.members))


class SiteIndex:
    """All sites; built once a snapshot, asked often."""

    def __init__(
        self, sites: Iterable[Site], categories: Iterable[SiteCategory], *, areas: Iterable[Place] = (),
    ) -> None:
        """``areas``: as in ``of_tables``."""
        self._build([tuple(sites)], categories, areas, True, None)

    @classmethod
    def of_tables(
        cls, tables: Iterable[Sequence[Site]], categories: Iterable[SiteCategory], *, areas: Iterable[Place] = (),
        samples: bool = True, before: Optional[SiteIndex] = None,
    ) -> SiteIndex:
        """``areas``: the gazetteer's places of level area, for zones that span districts (高新区).

        ``samples``: whether sites of trust ``sample`` are there. Tables and cities of the index ``before`` that are
        the same serve on.
        """
        index = cls.__new__(cls)
        index._build(tables, categories, areas, samples, before)
        return index

    def _build(self, tables: Iterable[Sequence[Site]], categories: Iterable[SiteCategory], areas: Iterable[Place],
               samples: bool, before: Optional[SiteIndex]) -> None:
        self.categories = {category.slug: category for category in categories}
        known = {id(table.sites): table for table in before._tables if table.samples == samples} if before else {}
        self._tables: list[_Table] = [known.get(id(sites)) or _Table(sites, samples) for sites in tables]
        members: dict[str, list[list[Site]]] = defaultdict(list)
        for table in self._tables:
            for city, sites in table.cities.items():
                members[city].append(sites)
        self._cities: dict[str, _City] = {}
        for city, lists in members.items():
            old = before._cities.get(city) if before is not None else None
            self._cities[city] = old if old is not None and old.made_from(lists) else _City(lists)
        self._shelves = {key: shelf for city in self._cities.values() for key, shelf in city.shelves.items()}
        self._members: dict[str, frozenset[tuple[str, str]]] = {}
        for area in areas:
            if area.level == "area":
                pairs = (member.partition("/") for member in area.street.split("|") if member)
                self._members[area.code] = frozenset((district, street) for district, _, street in pairs)

    def __len__(self) -> int:
        return sum(len(table.by_id) for table in self._tables)

    @property
    def by_id(self) -> Mapping[str, Site]:
        """Every site, closed ones included, by its id."""
        return {name: site for table in self._tables for name, site in table.by_id.items()}

    def get(self, site_id: str) -> Optional[Site]:
        """The site with this id, closed ones included; None if there is none."""
        return next((table.by_id[site_id] for table in reversed(self._tables) if site_id in table.by_id), None)

    def for_topic(self, topic: str) -> tuple[str, ...]:
        """Slugs of the categories that answer "where is one near me" for a topic."""
        return tuple(slug for slug, category in self.categories.items() if topic in category.topics)

    def near(
        self,
        categories: Union[str, Sequence[str]],
        center: Union[Place, Point, None],
        *,
        limit: int = 10,
        radius_m: Optional[float] = None,
        city: str,
    ) -> list[SiteHit]:
        """Up to ``limit`` sites of the categories in ``city``, best first, samples after all others.

        ``center``: a place, a GCJ-02 point, or None for all of ``city`` (an adcode; a district's narrows
        the list to it). ``radius_m`` leaves out what is further, and what is known only to be in the
        same district. ValueError for an unknown category.
        """
        slugs = [categories] if isinstance(categories, str) else list(dict.fromkeys(categories))
        unknown = [slug for slug in slugs if slug not in self.categories]
        if unknown:
            raise ValueError(f"unknown site category: {', '.join(unknown)}")
        where = self._where(center, city)
        hits: list[SiteHit] = []
        for sample in (False, True):
            shelves = [self._shelves.get((slug, city_of(city), sample)) for slug in slugs]
            room = limit - len(hits)
            if room > 0:
                hits += self._search([shelf for shelf in shelves if shelf], where, room, radius_m)
        return hits

    def _where(self, center: Union[Place, Point, None], city: str) -> _Where:
        if center is None:
            code = "" if city_of(city) == city else city
            return _Where(district=code, districts=frozenset({code} if code else ()))
        if isinstance(center, Point):
            return _Where(point=center)
        point = None
        if center.lng is not None and center.lat is not None:
            point = Point(center.lng, center.lat, center.precision_m if center.precision_m is not None else 10**6)
        if center.level == "city":
            return _Where()
        if center.level == "area":
            return _Where(point, center.code, "", "", frozenset({center.code}))
        zones = (code for code, members in self._members.items() if (center.district, center.street) in members)
        community = center.name if center.level == "community" else ""
        return _Where(point, center.district, center.street, community, frozenset({center.district, *zones} - {""}))

    def _same_area(self, site: Site, where: _Where) -> Optional[SameArea]:
        if where.street and site.street == where.street and site.district in where.districts:
            return "community" if where.community and site.community == where.community else "street"
        if site.district and (
            site.district in where.districts
            or any((site.district, site.street) in self._members.get(code, ()) for code in where.districts)
        ):
            return "district"
        return None

    def _search(self, shelves: list[_Shelf], where: _Where, limit: int, radius_m: Optional[float]) -> list[SiteHit]:
        if where.precise:
            assert where.point is not None
            return self._by_distance(shelves, where, where.point, limit, radius_m)
        return self._by_containment(shelves, where, limit, radius_m)

    def _by_distance(
        self, shelves: list[_Shelf], where: _Where, point: Point, limit: int, radius_m: Optional[float]
    ) -> list[SiteHit]:
        """Distances, with the sites of unknown point that share the street put where they may belong."""
        found = [pair for shelf in shelves for pair in shelf.nearest(point, limit, radius_m)]
        ranked: list[tuple[float, int, SiteHit]] = []
        for number, (metres, site) in enumerate(heapq.nsmallest(limit, found, key=lambda pair: pair[0])):
            ranked.append((metres, number, SiteHit(site, round(metres), self._same_area(site, where))))
        unlocated = [
            SiteHit(site, None, same)
            for site in self._contained([shelf.unlocated for shelf in shelves], where, limit)
            if (same := self._same_area(site, where)) and (radius_m is None or same != "district")
        ]
        for number, hit in enumerate(unlocated, start=len(ranked)):
            close = hit.same_area in ("community", "street")
            ranked.append((_STREET_WIDTH_M if close else float("inf"), number, hit))
        return [hit for _, _, hit in sorted(ranked, key=lambda item: item[:2])[:limit]]

    def _by_containment(
        self, shelves: list[_Shelf], where: _Where, limit: int, radius_m: Optional[float]
    ) -> list[SiteHit]:
        """Same community, then street, then district; a coarse point only helps to order them."""
        hits = []
        if where.districts:
            sites = self._contained([shelf.all for shelf in shelves], where, limit)
        else:
            sites = [site for shelf in shelves for site in shelf.sites[:limit]]
        for site in sites:
            same = self._same_area(site, where)
            if radius_m is None or same in ("community", "street"):
                hits.append(SiteHit(site, None, same))
        coarse = where.point if where.point is not None and where.street else None

        def order(hit: SiteHit) -> tuple[int, float]:
            site = hit.site
            far = 0.0
            if coarse and site.lng is not None and site.lat is not None:
                far = float(np.linalg.norm(unit_xyz(coarse.lng, coarse.lat) - unit_xyz(site.lng, site.lat)))
            return _AREA_ORDER[hit.same_area], far

        return heapq.nsmallest(limit, hits, key=order)

    def _contained(self, shelves: list[_Areas], where: _Where, limit: int) -> list[Site]:
        """Sites in the same street; if they are fewer than ``limit``, those in the same district or zone too."""
        codes = sorted(where.districts)
        found = {
            site.id: site
            for shelf in shelves
            for code in codes
            if where.street
            for site in shelf.by_street.get((code, where.street), ())
        }
        if len(found) < limit:
            for shelf in shelves:
                for code in codes:
                    groups = [shelf.by_district.get(code, [])]
                    groups += [shelf.by_street.get(member, []) for member in sorted(self._members.get(code, ()))]
                    found.update((site.id, site) for group in groups for site in group)
        return list(found.values())


def _is_precise(site: Site) -> bool:
    return (
        site.lng is not None and site.lat is not None and site.precision_m is not None and site.precision_m <= PRECISE_M
    )
