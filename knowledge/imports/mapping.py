"""The mapping file: which column of a list is what. Read, and checked against the list and the content."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Union

from knowledge.errors import ContentError, Problem, problem
from knowledge.imports.cells import header_key, known_names
from knowledge.imports.reading import Sheet
from knowledge.imports.world import World
from knowledge.records import convert, suggestion
from knowledge.schema import ImportColumns, ImportMapping, real_date
from knowledge.yamlfile import Path_, YamlFile, read_yaml

_PREFIX = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_AREA_CODE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\Z")
_MOST_METRES = 100_000


@dataclass(frozen=True)
class MappingFile:
    """A mapping as read; ``yaml`` knows where everything stands."""

    path: Path
    yaml: YamlFile
    mapping: ImportMapping

    def problem(self, code: str, at: Path_, **details: object) -> Problem:
        """A problem of this file at ``at``."""
        return problem(code, self.path, self.yaml.position(at), **details)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it takes."""
        return tuple(name for names in columns_of(self.mapping.columns).values() for name in names)


def columns_of(columns: ImportColumns) -> dict[str, tuple[str, ...]]:
    """Field → the columns that make it up, without the fields that have none."""
    found: dict[str, tuple[str, ...]] = {}
    for field in ImportColumns.__struct_fields__:
        value: Union[str, tuple[str, ...]] = getattr(columns, field)
        names = tuple(filter(None, (value,) if isinstance(value, str) else value))
        if names:
            found[field] = names
    return found


def read_mapping(path: Path) -> MappingFile:
    """The mapping in ``path``.

    Raises:
        ContentError: with every mistake that the file shows by itself.
    """
    read = read_yaml(path, path.read_bytes())
    if isinstance(read, Problem):
        raise ContentError([read])
    record, problems = convert(read, ImportMapping)
    if record is None or problems:
        raise ContentError(sorted(problems, key=lambda item: item.place))
    file = MappingFile(path, read, record)
    found = list(_own_problems(file))
    if found:
        raise ContentError(found)
    return file


def _own_problems(file: MappingFile) -> Iterator[Problem]:
    mapping, columns = file.mapping, file.mapping.columns
    if not (mapping.city or columns.city):
        yield file.problem("E093", (), detail="没有写城市",
                           write="写 city: \"510100\" 这样的代码，或在 columns 里写城市那一栏")
    if not (mapping.category or columns.category):
        yield file.problem("E093", (), detail="没有写类别", write="写 category，或在 columns 里写类别那一栏")
    if bool(columns.lng) != bool(columns.lat):
        yield file.problem("E093", ("columns", "lng" if columns.lng else "lat"), detail="经度和纬度要一起写",
                           write="补上另一栏，或两栏都不写")
    if columns.lnglat and columns.lng:
        yield file.problem("E093", ("columns", "lnglat"), detail="lnglat 和 lng、lat 只能写一样", write="删掉一样")
    if columns.lnglat or columns.lng:
        if mapping.crs is None:
            yield file.problem(
                "E093", ("columns",), detail="有经纬度，没有写坐标系（crs）",
                write="问清楚再写：高德、腾讯地图是 gcj02，百度地图是 bd09，GPS、天地图是 wgs84；问不到就不要经纬度")
        if mapping.precision_m is None and not columns.precision_m:
            yield file.problem(
                "E093", ("columns",), detail="有经纬度，没有写误差米数（precision_m）",
                write="按门牌查到的写 100，只查到路或村的写 1000 以上；问不到就不要经纬度")
    if mapping.precision_m is not None and not 1 <= mapping.precision_m <= _MOST_METRES:
        yield file.problem("E093", ("precision_m",), detail=f"误差米数“{mapping.precision_m}”不行",
                           write=f"写 1 到 {_MOST_METRES} 的整数")
    if mapping.header_row is not None and mapping.header_row < 1:
        yield file.problem("E093", ("header_row",), detail="表头的行号从 1 数起", write="写表格软件里看到的行号")
    if mapping.area_code and not _AREA_CODE.match(mapping.area_code):
        yield file.problem("E093", ("area_code",), detail=f"区号“{mapping.area_code}”不对",
                           write="写成 \"028\"，加引号")
    if mapping.id_prefix and not _PREFIX.match(mapping.id_prefix):
        yield file.problem("E093", ("id_prefix",), detail=f"编号的开头“{mapping.id_prefix}”不行",
                           write="只用小写字母、数字和横线，如 510104-canteen")
    if columns.id and not mapping.id_prefix:
        yield file.problem("E093", ("columns", "id"), detail="用对方的编号时要写 id_prefix",
                           write="写上编号的开头，如 510104-canteen，免得和别的名单重复")
    if not real_date(mapping.source.date):
        yield file.problem("E012", ("source", "date"), detail=f"日历上没有“{mapping.source.date}”这一天")
    if mapping.if_unreadable.point == "note" or mapping.if_unreadable.source_date == "note":
        yield file.problem("E093", ("if_unreadable",), detail="坐标和日期读不懂时不能写进备注",
                           write="写 refuse（这一行不导入）或 empty（空着）")


def check_mapping(file: MappingFile, sheet: Sheet, world: World) -> list[Problem]:
    """What of the mapping fits neither the list nor the content."""
    site_ids = {site.id for site in world.sites}
    return [*_column_problems(file, sheet), *_content_problems(file, world), *_decision_problems(file, site_ids)]


def _decision_problems(file: MappingFile, site_ids: Collection[str]) -> list[Problem]:
    """The decisions that call a row the same as a site that is not there: taken for new, it would be there twice."""
    return [file.problem("E093", ("decisions", number, "other"), detail=f"没有编号是“{decision.other}”的地点"
                         f"{suggestion(decision.other, site_ids)}", write="写已有地点的编号，例如 510104-canteen-001")
            for number, decision in enumerate(file.mapping.decisions)
            if decision.decision == "same" and decision.other not in site_ids]


def _column_problems(file: MappingFile, sheet: Sheet) -> Iterator[Problem]:
    known = {header_key(name) for name in sheet.columns}
    listed = known_names(sheet.columns)

    def lost(name: str, at: Path_) -> Iterator[Problem]:
        if header_key(name) not in known:
            yield file.problem("E092", at, name=name, hint=suggestion(name, sheet.columns), known=listed)

    for field, names in columns_of(file.mapping.columns).items():
        for number, name in enumerate(names):
            value = getattr(file.mapping.columns, field)
            yield from lost(name, ("columns", field) if isinstance(value, str) else ("columns", field, number))
    for name in file.mapping.translate:
        yield from lost(name, ("translate", name))


def _content_problems(file: MappingFile, world: World) -> Iterator[Problem]:
    mapping = file.mapping
    if mapping.city and mapping.city not in world.cities:
        yield file.problem("E093", ("city",), detail=f"内容里没有城市“{mapping.city}”的地名表",
                           write=f"写这几个代码中的一个，加引号：{_cities(world)}")
    if mapping.category and mapping.category not in world.categories:
        yield file.problem("E071", ("category",), name=mapping.category,
                           hint=suggestion(mapping.category, world.categories))
    for word, slug in _category_words(mapping).items():
        if slug not in world.categories:
            yield file.problem("E071", ("translate", mapping.columns.category, word), name=slug,
                               hint=suggestion(slug, world.categories))


def _category_words(mapping: ImportMapping) -> Mapping[str, str]:
    return mapping.translate.get(mapping.columns.category, {}) if mapping.columns.category else {}


def _cities(world: World) -> str:
    return "、".join(f"{code} {name}" for code, name in world.cities.items())
