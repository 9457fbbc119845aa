"""In which district, street and community a row lies: only what the list says, only where it fits together."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.base import CONTENT
from knowledge.imports.areas import AreaReader
from knowledge.imports.cells import CellError
from knowledge.imports.world import World, load_world
from knowledge.places import Gazetteer
from knowledge.tables import read_places, read_sites
from tests.knowledge.import_lists import CITY, content_folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return load_world(content_folder(tmp_path_factory.mktemp("areas")))


@pytest.fixture(scope="module")
def reader(world: World) -> AreaReader:
    return world.area_reader(CITY)


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("南京市玄武区示例路1号", ("320102", "", "")),
        ("江苏省南京市秦淮区示例街道示例路1号", ("320104", "示例街道", "")),
        ("秦淮区示例街道示例一社区3栋", ("320104", "示例街道", "示例一社区")),
        ("秦淮区示例一社区3栋", ("320104", "示例街道", "示例一社区")),
        ("示例街道示例路1号", ("320104", "示例街道", "")),
        ("示例新区示例路1号", ("320100-shili", "", "")),
        ("示例新区示例街道示例路1号", ("320104", "示例街道", "")),
        ("示例路1号（玄武区政府对面）", ("", "", "")),
        ("示例路12号秦淮区大厦", ("", "", "")),
        ("示例一社区3栋", ("", "", "")),
        ("秦淮区示例二村路12号", ("320104", "", "")),
        ("秦淮区示例二村12号", ("320104", "示例街道", "示例二村")),
        ("玄武区示范街道1号", ("320102", "", "")),
        ("玄武区示例街道1号", ("320102", "示例镇", "")),
        ("玄武区和秦淮区交界处", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_areas_come_from_how_an_address_begins(reader: AreaReader, address: str, area: tuple[str, str, str]) -> None:
    found = reader.read(address)
    assert (found.district, found.street, found.community) == area


def test_what_does_not_fit_together_is_told(reader: AreaReader) -> None:
    assert "不在玄武区" in reader.read("玄武区示范街道1号").remarks[0]
    assert "两个区县" in reader.read("玄武区和秦淮区交界处").remarks[0]


@pytest.mark.parametrize(
    ("cells", "area"),
    [
        ({"district": "秦淮区"}, ("320104", "", "")),
        ({"district": "秦淮"}, ("320104", "", "")),
        ({"district": "320104"}, ("320104", "", "")),
        ({"district": "示例新区", "street": "示例街道"}, ("320104", "示例街道", "")),
        ({"street": "示例"}, None),
        ({"district": "秦淮区", "street": "示例"}, ("320104", "示例街道", "")),
        ({"street": "示例街道办事处"}, ("320104", "示例街道", "")),
        ({"street": "示例街道", "community": "示例一"}, ("320104", "示例街道", "示例一社区")),
        ({"street": "示例街道", "community": "新的社区"}, ("320104", "示例街道", "新的社区")),
    ],
)
def test_areas_come_from_the_lists_own_columns(
    reader: AreaReader, cells: dict[str, str], area: tuple[str, str, str] | None
) -> None:
    found = reader.read("示例路1号", **cells)
    if area is None:  # 示例街道 in one district and 示例镇 in another
        assert not found.street and "两个可能" in found.remarks[0]
    else:
        assert (found.district, found.street, found.community) == area


@pytest.mark.parametrize(
    ("address", "cells", "words"),
    [
        ("上海市示例路1号", {}, "上海市"),
        ("四川省成都市示例路1号", {}, "成都市"),
        ("示例路1号", {"district": "秦准区"}, "是不是“秦淮区”"),
        ("秦淮区示例路1号", {"district": "玄武区"}, "区县一栏是玄武区，地址里是秦淮区"),
        ("示例路1号", {"street": "无名街道"}, "没有“无名街道”"),
        ("玄武区示例路1号", {"street": "示范街道"}, "玄武区没有“示范街道”"),
    ],
)
def test_contradictions_and_unknown_names_are_refused(
    reader: AreaReader, address: str, cells: dict[str, str], words: str
) -> None:
    with pytest.raises(CellError, match=words):
        reader.read(address, **cells)


@pytest.mark.parametrize("path", sorted((CONTENT / "sites").glob("*.csv")), ids=lambda path: path.stem)
def test_areas_of_our_own_sites_are_never_contradicted(path: Path) -> None:
    city = path.name[:6]
    places = read_places(CONTENT / "places" / f"{city}.csv")
    reader = AreaReader(places, city, Gazetteer(places))
    for site in read_sites(path):
        found = reader.read(site.address)
        if "-" not in site.district and site.district and found.district:
            assert found.district == site.district, site
        if site.street and found.street:
            assert found.street == site.street, site
