"""From a row of a list to the cells of a site file: what was understood, and what was not, and why."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional

from knowledge.coords import haversine_m
from knowledge.hours import HoursError, parse_hours
from knowledge.imports.areas import Area, AreaReader
from knowledge.imports.cells import CellError, check, clean, header_key, one_line
from knowledge.imports.dates import read_date
from knowledge.imports.mapping import columns_of
from knowledge.imports.phones import read_phone
from knowledge.imports.points import read_point, split_pair
from knowledge.imports.reading import Sheet
from knowledge.imports.world import World
from knowledge.records import suggestion
from knowledge.regions import city_of
from knowledge.schema import ImportMapping

#: What the fields of a site are called, for staff.
LABELS: dict[str, str] = {
    "id": "编号", "name": "名称", "category": "类别", "city": "城市", "district": "区县", "street": "街道",
    "community": "社区", "address": "地址", "lng": "经度", "lat": "纬度", "lnglat": "经纬度",
    "precision_m": "误差米数", "hours": "开放时间", "phone": "电话", "cost": "价格", "serves": "服务对象",
    "accessibility": "无障碍", "status": "状态", "note": "备注", "source_title": "来源标题",
    "source_publisher": "发布单位", "source_url": "网址", "source_date": "来源日期", "trust": "可信度",
}
POINT = ("lng", "lat", "precision_m")
_JOINTS = {"address": "", "phone": "、", "hours": "；", "note": "；"}
_PLAIN = ("cost", "serves", "accessibility", "note")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{1,2}:\d{2})?\Z")
_FRACTION = re.compile(r"0?\.\d+\Z")
_TIME = re.compile(r"\d{1,2}:\d{2}\Z")
_METRES = re.compile(r"(\d{1,6})(?:\.0+)?\s*(?:m|米)?\Z", re.IGNORECASE)
_OWN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
#: A row with more cells than this tells of a place.
_FEW = 2
#: Words that mean "empty" are short.
_LONGEST_EMPTY = 12
#: How the rows below a table begin.
_REMARK = re.compile(r"(?:注|备注|说明|合计|总计|小计|共计|填表|制表|填报|审核|单位负责|联系人|以上|数据来源|来源)"
                     r"(?:[:：人单日]|\s|\Z|共|数)")
#: No city reaches further than this from the centre of its district (as ``check_points`` has it).
FAR_M = 90_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a row is refused: the column, what stands there, what to do."""

    column: str
    read: str
    reason: str
    write: str


@dataclass(slots=True)
class ReadRow:
    """A row of the list. ``cells`` are those of the site file, as far as the list says anything."""

    number: int
    name: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    #: What stood in the list, by the field of the site.
    read: dict[str, str] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    #: A heading or a remark, no place.
    heading: bool = False


class RowReader:
    """Reads the rows of one list by its mapping."""

    def __init__(self, mapping: ImportMapping, sheet: Sheet, world: World) -> None:
        self._mapping, self._sheet, self._world = mapping, sheet, world
        index = {header_key(name): number for number, name in enumerate(sheet.columns)}
        self._at = {field: tuple(index[header_key(name)] for name in names)
                    for field, names in columns_of(mapping.columns).items()}
        self._translate = {index[header_key(column)]: {clean(old): new for old, new in words.items()}
                           for column, words in mapping.translate.items()}
        self._empty = {"", *mapping.empty_words, *map(_form, mapping.empty_words)}
        self._labels = {field: "、".join(sheet.columns[number] for number in numbers)
                        for field, numbers in self._at.items()}
        source = mapping.source
        self._fixed = {
            "source_title": source.title, "source_publisher": source.publisher, "source_url": source.url,
            "source_date": source.date, "trust": source.trust,
        }
        self._plain_fields = [name for name in _PLAIN if name in self._at]
        self._areas: dict[str, AreaReader] = {}

    @property
    def unused(self) -> list[str]:
        """Columns of the list that the mapping neither takes nor leaves out."""
        taken = {number for numbers in self._at.values() for number in numbers} | set(self._translate)
        ignored = {header_key(name) for name in self._mapping.ignore}
        return [name for number, name in enumerate(self._sheet.columns)
                if number not in taken and header_key(name) not in ignored]

    def __iter__(self) -> Iterator[ReadRow]:
        for number, *cells in self._sheet.frame.itertuples(name=None):
            yield self._row(number, cells)

    # --- one row --------------------------------------------------------------------------------

    def _row(self, number: int, cells: list[str]) -> ReadRow:
        row = ReadRow(number)
        if self._is_heading(number, cells):
            row.heading = True
            row.name = next(one_line(cell, " ") for cell in cells if cell)
            return row
        row.cells = dict(self._fixed)
        self._name(row, cells)
        self._plain(row, cells)
        self._category(row, cells)
        self._phone(row, cells)
        self._hours(row, cells)
        self._date(row, cells)
        city = self._city(row, cells)
        if city:
            self._area(row, cells, city)
            self._point(row, cells)
        self._own_id(row, cells)
        if not row.wrong and not (row.cells.get("address") or row.cells.get("phone")):
            self._refuse(row, "address", "", "没有地址，也没有电话", "补上一样；真的没有，就不要导入这一行")
        return row

    def _is_heading(self, number: int, cells: list[str]) -> bool:
        if len(cells) - cells.count("") > _FEW:
            return False
        filled = [cell for cell in cells if cell]
        if len(set(filled)) != 1:
            return bool(_REMARK.match(filled[0]))
        return number in self._sheet.headings or not cells[self._at["name"][0]] or bool(_REMARK.match(filled[0]))

    def _text(self, cells: list[str], name: str) -> str:
        """What the list says in the columns of a field; words that mean "empty" count as nothing.

        Raises:
            CellError: for a formula, or an error of the table's program.
        """
        parts = [self._cell(number, cells[number]) for number in self._at.get(name, ()) if cells[number]]
        if name == "hours":
            return _hours_text([part for part in parts if part])
        return parts[0] if len(parts) == 1 else _JOINTS.get(name, "").join(filter(None, parts))

    def _cell(self, number: int, text: str) -> str:
        """One cell, translated; "" for a word that means "empty"."""
        words = self._translate.get(number)
        if words is not None:
            text = words.get(text, text)
        if text in self._empty or (len(text) <= _LONGEST_EMPTY and not text.isalnum() and _form(text) in self._empty):
            return ""
        return check(text)

    def _seen(self, row: ReadRow, cells: list[str], name: str) -> str:
        """What stands in the columns of a field, as it is; kept for the report."""
        numbers = self._at.get(name, ())
        text = cells[numbers[0]] if len(numbers) == 1 else " ".join(filter(None, (cells[at] for at in numbers)))
        if text:
            row.read[name] = text = one_line(text, " ")
        return text

    def _refuse(self, row: ReadRow, name: str, read: str, reason: str, write: str) -> None:
        row.wrong.append(Wrong(self._labels.get(name) or LABELS[name], read, reason, write))

    def _try(self, row: ReadRow, cells: list[str], name: str, reader: Callable[[str], str]) -> Optional[str]:
        """A cell read by ``reader``; None (and why in ``row``) where it cannot be."""
        seen = self._seen(row, cells, name) if name in self._at else ""
        try:
            return reader(self._text(cells, name) if seen else "")
        except CellError as error:
            self._unreadable(row, name, seen, error)
            return None

    def _unreadable(self, row: ReadRow, name: str, seen: str, error: CellError) -> None:
        choice = getattr(self._mapping.if_unreadable, name, "refuse")
        if choice == "refuse":
            self._refuse(row, name, seen, str(error), error.write)
            return
        row.remarks.append(f"{error}，{'写进了备注' if choice == 'note' else '这一格空着'}")
        if choice == "note":
            note = f"{LABELS[name]}：{seen}"
            row.cells["note"] = "；".join(filter(None, (row.cells.get("note", ""), note)))

    # --- fields ---------------------------------------------------------------------------------

    def _name(self, row: ReadRow, cells: list[str]) -> None:
        def name(text: str) -> str:
            text = one_line(text)
            if not text:
                raise CellError("没有名称", "补上名称；不是一个地点，就删掉这一行")
            if _DATE_LIKE.match(text) or not re.search(r"[^\W\d_]", text):
                raise CellError(f"“{text}”不像一个名称", "改成名称")
            return text

        row.name = self._try(row, cells, "name", name) or ""
        row.cells["name"] = row.name

    def _plain(self, row: ReadRow, cells: list[str]) -> None:
        def address(text: str) -> str:
            if _DATE_LIKE.match(text):
                raise CellError(f"地址“{text}”是一个日期，表格软件可能把门牌改成了日期", "从原件重新填地址")
            return one_line(text)

        row.cells["address"] = self._try(row, cells, "address", address) or ""
        for name in self._plain_fields:
            row.cells[name] = self._try(row, cells, name, one_line) or ""

    def _category(self, row: ReadRow, cells: list[str]) -> None:
        def category(text: str) -> str:
            slug = one_line(text) or self._mapping.category
            if not slug:
                raise CellError("没有写类别", "补上这一格，或在对照文件里写 category")
            if slug not in self._world.categories:
                raise CellError(f"类别“{slug}”没有对照{suggestion(slug, self._world.categories)}",
                                "在对照文件的 translate 里给这一栏加上：原文: 我们的类别")
            return slug

        row.cells["category"] = self._try(row, cells, "category", category) or ""

    def _phone(self, row: ReadRow, cells: list[str]) -> None:
        row.cells["phone"] = self._try(
            row, cells, "phone", lambda text: read_phone(text, self._mapping.area_code)) or ""

    def _hours(self, row: ReadRow, cells: list[str]) -> None:
        def hours(text: str) -> str:
            text = one_line(text, "；")
            if text:
                try:
                    parse_hours(text)
                except HoursError as error:
                    said, _, example = str(error).partition("。")
                    write = example or "写成 周一至周五 9:00-17:00"
                    raise CellError(f"开放时间“{text}”读不懂：{said}", write) from None
            return text

        row.cells["hours"] = self._try(row, cells, "hours", hours) or ""

    def _date(self, row: ReadRow, cells: list[str]) -> None:
        found = self._try(row, cells, "source_date", _date_of)
        if found:
            row.cells["source_date"] = found

    def _city(self, row: ReadRow, cells: list[str]) -> str:
        def city(text: str) -> str:
            named = self._world.city_names.get(one_line(text)) if text else self._mapping.city
            if not named:
                known = "、".join(self._world.cities.values())
                raise CellError(f"没有“{text}”这个城市的地名表" if text else "没有写城市", f"能导入的城市：{known}")
            return named

        row.cells["city"] = self._try(row, cells, "city", city) or ""
        return row.cells["city"]

    def _area(self, row: ReadRow, cells: list[str], city: str) -> None:
        city = city_of(city)
        reader = self._areas.get(city)
        if reader is None:
            reader = self._areas[city] = self._world.area_reader(city)
        named: dict[str, str] = {}
        for name, fixed in (("district", self._mapping.district), ("street", self._mapping.street), ("community", "")):
            text = self._try(row, cells, name, one_line)
            if text is None:
                return
            named[name] = text or fixed
        try:
            area = reader.read(row.cells["address"], **named)
        except CellError as error:
            blamed = next((name for name in ("community", "street", "district") if row.read.get(name)), "address")
            self._refuse(row, blamed, row.read.get(blamed, row.cells["address"]), str(error), error.write)
            return
        self._take_area(row, area)

    @staticmethod
    def _take_area(row: ReadRow, area: Area) -> None:
        row.cells |= {"district": area.district, "street": area.street, "community": area.community}
        row.remarks += area.remarks
        if not area.district:
            row.remarks.append("没有认出在哪个区县，只有问全市时才列得出来")

    def _own_id(self, row: ReadRow, cells: list[str]) -> None:
        if "id" not in self._at:
            return

        def own(text: str) -> str:
            plain = re.sub(r"[\s_/.]+", "-", one_line(text).lower()).strip("-")
            if not plain:
                raise CellError("没有编号", "补上编号，或在对照文件里不用编号那一栏")
            if not _OWN_ID.match(plain):
                raise CellError(f"编号“{text}”里只能有字母、数字和横线", "改编号，或在对照文件里不用编号那一栏")
            return f"{self._mapping.id_prefix}-{plain}"

        row.cells["id"] = self._try(row, cells, "id", own) or ""

    # --- points ---------------------------------------------------------------------------------

    def _point(self, row: ReadRow, cells: list[str]) -> None:
        names = ("lnglat",) if "lnglat" in self._at else ("lng", "lat")
        if names[0] not in self._at:
            return
        seen = "、".join(filter(None, (self._seen(row, cells, name) for name in names)))
        try:
            texts = [self._text(cells, name) for name in names]
            if all(not text.strip("0. ,，") for text in texts):
                if any(texts):
                    row.remarks.append("坐标是 0，当作没有")
                return
            lng, lat = split_pair(texts[0]) if len(texts) == 1 else texts
            if not (lng and lat):
                raise CellError("经度和纬度只有一个", "补上另一个，或两个都空着")
            stated = self._precision(cells)
            point = read_point(lng, lat, crs=self._mapping.crs or "", precision_m=stated)
            self._check_far(row, point.lng, point.lat)
            if point.precision_m > stated:
                row.remarks.append(f"坐标的小数位少，误差记{point.precision_m}米")
        except CellError as error:
            row.read["point"] = seen
            choice = self._mapping.if_unreadable.point
            if choice == "refuse":
                self._refuse(row, names[0], seen, str(error), error.write)
            else:
                row.remarks.append(f"{error}，没有用坐标")
            return
        row.cells |= {"lng": number_text(point.lng), "lat": number_text(point.lat),
                      "precision_m": str(point.precision_m)}

    def _precision(self, cells: list[str]) -> int:
        text = one_line(self._text(cells, "precision_m")) if "precision_m" in self._at else ""
        if not text:
            if self._mapping.precision_m is None:
                raise CellError("有坐标，没有写误差米数", "补上误差米数，或去掉坐标")
            return self._mapping.precision_m
        match = _METRES.match(text)
        if not match or not 1 <= int(match[1]) <= 100_000:
            raise CellError(f"误差“{text}”不是米数", "写整数米，如 50")
        return int(match[1])

    def _check_far(self, row: ReadRow, lng: float, lat: float) -> None:
        home = self._world.gazetteer.district(row.cells.get("district", ""))
        near: Optional[tuple[float, float]] = None
        if home is not None and home.lng is not None and home.lat is not None:
            near = (home.lng, home.lat)
            name = home.name
        else:
            found = self._world.gazetteer.nearest_district(lng, lat)
            if found is None or found[0].lng is None or found[0].lat is None:
                return
            near, name = (found[0].lng, found[0].lat), self._world.cities[row.cells["city"]]
            if found[0].city != row.cells["city"]:
                raise CellError(f"坐标离{found[0].name}最近，不在{name}", "核对坐标和坐标系")
        if haversine_m(lng, lat, *near) > FAR_M:
            raise CellError(f"坐标离{name}{FAR_M // 1000}公里以上", "核对坐标和坐标系")


@lru_cache(maxsize=4096)
def _date_of(text: str) -> str:
    """``read_date``, remembered: a list has few dates."""
    return read_date(text)


@lru_cache(maxsize=4096)
def _form(text: str) -> str:
    """The form in which words for "empty" are compared."""
    return unicodedata.normalize("NFKC", clean(text)).lower()


def number_text(value: float) -> str:
    """A number as a site file has it."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _hours_text(parts: list[str]) -> str:
    """Opening hours of one or more cells; two times are a span, fractions of a day are times."""
    texts = [_time(part) for part in parts]
    if len(texts) == 2 and all(map(_TIME.match, texts)):
        return "-".join(texts)
    return "；".join(texts)


def _time(text: str) -> str:
    if not _FRACTION.match(text):
        return text
    minutes = round(float(text) * 24 * 60)
    return f"{minutes // 60}:{minutes % 60:02}"
