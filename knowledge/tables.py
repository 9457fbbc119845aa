"""Staff's tables: ``content/places/*.csv`` and ``content/sites/*.csv``.

The columns are the fields of ``schema.Place`` and ``schema.Site``; a column may be left out where the
field has a default, and lists (aliases) are separated by ``|``. All mistakes of a file are found in
one pass, each with its line and column, in words that staff can act on. Files saved by a Chinese
Excel (GBK, or UTF-8 with a mark) are read as well.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Optional, TypeVar, Union, get_args, get_type_hints

from knowledge import schema
from knowledge.coords import in_china
from knowledge.errors import CELL, SAVE_AS_CSV, table_reason
from knowledge.hours import HoursError, parse_hours
from knowledge.schema import Place, Record, Site

T = TypeVar("T", bound=Record)

_REGION = re.compile(r"\d{6}")
_DISTRICT = re.compile(r"\d{6}(?:-[a-z]+)?")
_SITE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_DATE = re.compile(schema.DATE)
_URL = re.compile(schema.URL)
_DATE_HINT = "日期请写 2026-01-31、2026-01 或 2026"
#: What people save a table with instead of commas.
_SEPARATORS = {";": "分号", "\t": "Tab", "；": "全角分号", "，": "全角逗号", "|": "竖线"}

LEVELS: tuple[str, ...] = get_args(get_type_hints(Place)["level"])
STATUSES: tuple[str, ...] = get_args(get_type_hints(Site)["status"])
TRUSTS: tuple[str, ...] = get_args(get_type_hints(Site)["trust"])


class TableError(ValueError):
    """A mistake in a table. ``errors`` holds every mistake of the file, this one first."""

    def __init__(self, path: Path, line: int, column: str, message: str, write: str = CELL) -> None:
        super().__init__(f"{path}:{line}：{f'“{column}”栏：' if column else ''}{message}")
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        #: What to do about it.
        self.write = write
        self.errors: tuple[TableError, ...] = (self,)


class _Row:
    """One line of a table: typed reading of its cells, noting mistakes instead of raising."""

    def __init__(self, path: Path, line: int, cells: dict[str, str], errors: list[TableError]) -> None:
        self.path, self.line, self.cells, self.errors = path, line, cells, errors

    def wrong(self, column: str, message: str) -> None:
        self.errors.append(TableError(self.path, self.line, column, message))

    def text(self, column: str, *, required: bool = False) -> str:
        value = self.cells.get(column, "")
        if required and not value:
            self.wrong(column, "不能空着")
        return value

    def choice(self, column: str, allowed: Sequence[str], default: str) -> Any:
        value = self.cells.get(column, "") or default
        if value not in allowed:
            self.wrong(column, f"“{value}”不行，只能写：{'、'.join(allowed)}")
        return value

    def matching(self, column: str, pattern: re.Pattern[str], hint: str, *, required: bool = False) -> str:
        value = self.text(column, required=required)
        if value and not pattern.fullmatch(value):
            self.wrong(column, f"“{value}”写得不对，{hint}")
        return value

    def date(self, column: str) -> str:
        value = self.matching(column, _DATE, _DATE_HINT)
        if _DATE.fullmatch(value) and not schema.real_date(value):
            self.wrong(column, f"日历上没有“{value}”这一天，{_DATE_HINT}")
        return value

    def decimal(self, column: str) -> Optional[float]:
        value = self.cells.get(column, "")
        if not value:
            return None
        if not _NUMBER.fullmatch(value) or not math.isfinite(float(value)):
            self.wrong(column, f"“{value}”不是数字")
            return None
        return float(value)

    def point(self) -> dict[str, Any]:
        """lng, lat and precision_m, all or none."""
        lng, lat, precision = self.decimal("lng"), self.decimal("lat"), self.decimal("precision_m")
        given = [bool(self.cells.get(column)) for column in ("lng", "lat", "precision_m")]
        if any(given) and not all(given):
            column = ("lng", "lat", "precision_m")[given.index(False)]
            self.wrong(column, "经度（lng）、纬度（lat）、误差米数（precision_m）要么都填，要么都不填")
        if lng is not None and lat is not None and not in_china(lng, lat):
            swapped = "，经度和纬度可能写反了" if in_china(lat, lng) else ""
            self.wrong("lng", f"{lng},{lat} 不在中国境内{swapped}")
        if precision is not None and (precision < 0 or precision != int(precision)):
            self.wrong("precision_m", "误差请写整数米，如 50")
            precision = None
        return {"lng": lng, "lat": lat, "precision_m": None if precision is None else int(precision)}


def _place(row: _Row) -> Place:
    aliases = row.text("aliases")
    return Place(
        name=row.text("name", required=True),
        level=row.choice("level", LEVELS, ""),
        city=row.matching("city", _REGION, "请写6位城市代码，如 510100", required=True),
        aliases=tuple(filter(None, (alias.strip() for alias in aliases.split("|")))) if aliases else (),
        code=row.text("code"),
        district=row.matching("district", _DISTRICT, "请写6位区县代码，如 510107"),
        street=row.text("street"),
        source=row.text("source"),
        **row.point(),
    )


def _site(row: _Row) -> Site:
    hours = row.text("hours")
    if hours:
        try:
            parse_hours(hours)
        except HoursError as error:
            row.wrong("hours", str(error))
    plain: dict[str, Any] = {column: row.text(column) for column in _PLAIN_SITE_COLUMNS}
    return Site(
        id=row.matching("id", _SITE_ID, "只能用小写字母、数字和横线，如 510104-canteen-001", required=True),
        name=row.text("name", required=True),
        category=row.text("category", required=True),
        city=row.matching("city", _REGION, "请写6位城市代码，如 510100", required=True),
        district=row.matching("district", _DISTRICT, "请写6位区县代码，如 510107"),
        hours=hours,
        status=row.choice("status", STATUSES, "active"),
        source_url=row.matching("source_url", _URL, "网址要以 http:// 或 https:// 开头，中间不能有空格"),
        source_date=row.date("source_date"),
        trust=row.choice("trust", TRUSTS, "secondary"),
        **row.point(),
        **plain,
    )


_PLAIN_SITE_COLUMNS = (
    "street", "community", "address", "phone", "cost", "serves", "accessibility", "note", "source_title",
    "source_publisher",
)  # fmt: skip


def decoded(path: Path, data: bytes) -> str:
    """The text of a table, UTF-8 or GBK. Raises TableError (of ``path``) for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(path, 1, "", "文件的文字编码认不出来", SAVE_AS_CSV)


def _lines(path: Path, text: str, errors: list[TableError]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins at. What the parser cannot read is told at that line."""
    # Excel ends lines in several ways; universal newlines keep line numbers as an editor shows them.
    reader = csv.reader(io.StringIO(text), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        message, write = table_reason(str(error))
        errors.append(TableError(path, line, "", message, write))


def _rows(path: Path, text: str, known: Sequence[str], required: Sequence[str],
          errors: list[TableError]) -> Iterator[_Row]:
    records = _lines(path, text, errors)
    _, header = next(records, (1, []))
    errors.extend(_header_errors(path, header, known, required))
    if errors:
        return
    empty = True
    for line, cells in records:
        if not any(cells):
            continue
        empty = False
        if len(cells) == len(header):
            yield _Row(path, line, dict(zip(header, cells, strict=True)), errors)
        else:
            errors.append(TableError(path, line, "", f"这一行有{len(cells)}格，应有{len(header)}格",
                                     "和表头对齐；内容里有逗号的，整格用一对英文引号包起来"))
    if empty and not errors:
        errors.append(TableError(path, 1, "", "只有表头，没有一行内容", "写上内容；真的一条也没有，就删掉这个文件"))


def _header_errors(path: Path, header: Sequence[str], known: Sequence[str],
                   required: Sequence[str]) -> Iterator[TableError]:
    missing = [column for column in required if column not in header]
    if len(missing) == len(required):
        first = "".join(header[:1])
        name = next((name for sign, name in _SEPARATORS.items() if sign in first), "")
        if name:
            yield TableError(path, 1, "", f"各栏是用{name}隔开的，要用英文逗号", SAVE_AS_CSV)
        else:
            yield TableError(path, 1, "", f"第一行不是表头，表头里要有：{'、'.join(required)}", "把表头加在第一行")
        return
    for column in missing:
        yield TableError(path, 1, column, "缺少这一栏", "在第一行的表头里加上")
    for index, column in enumerate(header):
        if column not in known:
            yield TableError(path, 1, column, f"没有这一栏，能用的栏是：{'、'.join(known)}", "改正，或删掉这一栏")
        elif column in header[:index]:
            yield TableError(path, 1, column, "这一栏写了两次", "删掉一栏")


def _read(path: Path, raw: Optional[bytes], record: type[T], required: Sequence[str],
          build: Callable[[_Row], T]) -> list[T]:
    text = decoded(path, path.read_bytes() if raw is None else raw)
    errors: list[TableError] = []
    records: list[T] = []
    seen: dict[str, int] = {}
    for row in _rows(path, text, record.__struct_fields__, required, errors):
        records.append(build(row))
        identity = row.cells.get("id", "") if "id" in required else ""
        if identity and seen.setdefault(identity, row.line) != row.line:
            row.wrong("id", f"“{identity}”在第{seen[identity]}行已经用过，每个地点的编号不能相同")
    if errors:
        first = errors[0]
        first.errors = tuple(errors)
        raise first
    return records


def read_places(path: Union[Path, str], raw: Optional[bytes] = None) -> list[Place]:
    """The places of one CSV file (``raw``: its bytes, where they were read already).

    Raises:
        TableError: with all mistakes in ``errors``, if anything is wrong.
    """
    return _read(Path(path), raw, Place, ("name", "level", "city"), _place)


def read_sites(path: Union[Path, str], raw: Optional[bytes] = None) -> list[Site]:
    """The sites of one CSV file (``raw``: its bytes, where they were read already).

    Raises:
        TableError: with all mistakes in ``errors``, if anything is wrong.
    """
    return _read(Path(path), raw, Site, ("id", "name", "category", "city"), _site)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(value)
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def cells_of(record: Record) -> dict[str, str]:
    """A record as it stands in a table: column → cell."""
    return {column: _cell(getattr(record, column)) for column in record.__struct_fields__}


def write_table(path: Union[Path, str], records: Iterable[Record], record: type[Record]) -> None:
    """Write records as a CSV file that ``read_places`` or ``read_sites`` reads back."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(record.__struct_fields__)
        for each in records:
            writer.writerow(cells_of(each).values())
