"""What an import needs to know of the content that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge.assemble import Assembled, assemble
from knowledge.imports.areas import AreaReader
from knowledge.loader import Parts, load_parts
from knowledge.places import Gazetteer
from knowledge.regions import city_of
from knowledge.schema import Place, Site, SiteCategory


@dataclass(frozen=True)
class World:
    """The content folder: its parts, and what of them an import looks at."""

    root: Path
    parts: Parts
    joined: Assembled

    @property
    def categories(self) -> Mapping[str, SiteCategory]:
        return self.joined.categories

    @property
    def places(self) -> Sequence[Place]:
        return self.joined.places

    @property
    def sites(self) -> Sequence[Site]:
        return self.joined.sites

    @cached_property
    def cities(self) -> dict[str, str]:
        """Code → name of the cities that have a gazetteer."""
        return {place.city: place.name for place in self.places if place.level == "city"}

    @cached_property
    def city_names(self) -> dict[str, str]:
        """Every name of those cities, and their codes, → code."""
        named = {name: place.city for place in self.places if place.level == "city"
                 for name in (place.name, *place.aliases)}
        return named | {code: code for code in self.cities}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return Gazetteer(self.places)

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """What the codes in a site's cells mean, by field."""
        return {
            "city": self.cities,
            "district": {place.code: place.name for place in self.places if place.level in ("district", "area")},
            "category": {slug: category.name for slug, category in self.categories.items()},
        }

    def area_reader(self, city: str) -> AreaReader:
        """A reader of areas in ``city``."""
        return AreaReader(self.places, city, self.gazetteer)

    @cached_property
    def _files(self) -> dict[str, Path]:
        return {site.id: part.path for part in self.parts.of_kind("sites") for site in part.record}

    def file_of(self, site: Site) -> Path:
        """The file that a site is in."""
        return self._files[site.id]

    def new_file(self, city: str) -> Path:
        """The file that new sites of ``city`` go into."""
        return self.root / "sites" / f"{city_of(city)}.csv"


def load_world(root: Path) -> World:
    """Read the content folder."""
    parts = load_parts(root)
    return World(root, parts, assemble(parts))
