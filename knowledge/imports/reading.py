"""Reads a list (CSV, .xlsx, .xls) into a table of cells, whatever stands around it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from knowledge.errors import SAVE_AS_CSV, ContentError, problem, table_reason
from knowledge.imports.cells import header_key, letters, one_line, text_of
from knowledge.imports.header import LOOK_AT, find_header
from knowledge.records import suggestion

if TYPE_CHECKING:
    import pandas as pd

EXCEL = (".xlsx", ".xlsm", ".xls")
TABLES = (".csv", ".txt", ".tsv", *EXCEL)
LARGEST = 200_000_000
#: A list of all places of a province, unpacked, is some 100 MB.
LARGEST_UNPACKED = 500_000_000
_SAVE_AS_XLSX = "用表格软件打开，另存为“Excel 工作簿（.xlsx）”"
_DELIMITERS = ",\t;"


@dataclass(frozen=True)
class Sheet:
    """A list as a table of cells.

    ``frame``: a column for each of the header's, in order; its index holds the numbers of the rows, counted as the
    table's program does.
    """

    path: Path
    name: str
    header_row: int
    columns: tuple[str, ...]
    frame: pd.DataFrame
    #: What stands above the header: the title, who made the list.
    above: tuple[str, ...] = ()
    #: Rows that one merged cell fills: headings between the places.
    headings: frozenset[int] = frozenset()
    empty_rows: int = 0


@dataclass
class _Grid:
    """All cells of a sheet, as they come, with row 0 for the first row."""

    name: str
    frame: pd.DataFrame
    headings: set[int] = field(default_factory=set)


def read_list(path: Path, *, sheet: str = "", header_row: Optional[int] = None,
              wanted: Sequence[str] = (), any_sheet: bool = False) -> Sheet:
    """The list in ``path``. ``wanted``: the columns a mapping names, by which the header is found.

    ``any_sheet``: of several sheets take the first with something on it, where ``sheet`` names none.

    Raises:
        ContentError: where it cannot be read, or its header not be found.
    """
    if path.suffix.lower() not in TABLES:
        raise _refused(path, "E090", detail=f"“{path.name}”不是表格", write="名单要是 .xlsx、.xls 或 .csv 文件")
    size = path.stat().st_size
    if not size or size > LARGEST:
        raise _refused(path, "E090", detail="文件是空的" if not size else "文件太大", write="换一份名单")
    grid = _excel(path, sheet, any_sheet) if path.suffix.lower() in EXCEL else _csv(path)
    return _sheet(path, grid, header_row, wanted)


def _refused(path: Path, code: str, *, detail: str, write: str) -> ContentError:
    return ContentError([problem(code, path, detail=detail, write=write)])


# --- Excel ------------------------------------------------------------------------------------------


def _excel(path: Path, wanted: str, any_sheet: bool) -> _Grid:
    import pandas as pd
    from python_calamine import CalamineError, PasswordError

    _check_excel(path)
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            name = _sheet_name(path, book, wanted, any_sheet)
            frame = book.parse(name, header=None, dtype=object, na_filter=False)
            merged = book.book.get_sheet_by_name(name).merged_cell_ranges or []
    except PasswordError:
        raise _refused(path, "E090", detail="文件有密码", write="用表格软件打开，去掉密码再保存") from None
    except (CalamineError, ValueError) as error:
        raise _refused(path, "E090", detail=f"这个 Excel 文件坏了（{type(error).__name__}）",
                       write=_SAVE_AS_XLSX) from None
    grid = _Grid(name, frame)
    _unmerge(grid, merged)
    return grid


def _check_excel(path: Path) -> None:
    """Web pages and text files that are only called .xls are told as what they are."""
    head = path.open("rb").read(512).lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"PK") and _unpacked(path) > LARGEST_UNPACKED:
        raise _refused(path, "E090", detail="文件太大（解开以后）", write="换一份名单，一张表只留需要的行和列")
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return
    kind = "网页" if head.lower().startswith((b"<html", b"<!doc", b"<table", b"<?xml", b"<meta")) else "文本"
    raise _refused(path, "E090", detail=f"它叫 {path.suffix}，其实是一个{kind}文件", write=_SAVE_AS_XLSX)


def _unpacked(path: Path) -> int:
    """How many bytes an .xlsx says it holds; a few kilobytes can hold gigabytes. 0 where it is no archive."""
    try:
        with zipfile.ZipFile(path) as packed:
            return sum(item.file_size for item in packed.infolist())
    except (OSError, zipfile.BadZipFile):
        return 0


def _sheet_name(path: Path, book: pd.ExcelFile, wanted: str, any_sheet: bool) -> str:
    names = [str(name) for name in book.sheet_names]
    if wanted:
        if wanted in names:
            return wanted
        raise _refused(path, "E091", detail=f"没有“{wanted}”这张工作表{suggestion(wanted, names)}",
                       write=f"把对照文件的 sheet 改成：{'、'.join(names)} 中的一个")
    filled = [name for name in names if book.book.get_sheet_by_name(name).total_height]
    if len(filled) == 1 or (filled and any_sheet):
        return filled[0]
    if not filled:
        raise _refused(path, "E090", detail="里面什么也没有", write="换一份名单")
    raise _refused(path, "E091", detail=f"有几张工作表：{'、'.join(filled)}", write="在对照文件里用 sheet 写明用哪一张")


def _unmerge(grid: _Grid, merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A cell that was merged downwards speaks for each of its rows; one merged across fills only its first cell."""
    frame = grid.frame
    for (top, left), (bottom, right) in merged:
        if top >= len(frame) or left >= frame.shape[1]:
            continue
        if bottom > top:
            frame.iloc[top + 1:bottom + 1, left] = frame.iat[top, left]
        if right - left >= 2:
            grid.headings.update(range(top, bottom + 1))


# --- CSV --------------------------------------------------------------------------------------------


def _csv(path: Path) -> _Grid:
    import pandas as pd

    text = _decoded(path)
    delimiter = _delimiter(text)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        detail, write = table_reason(str(error))
        raise _refused(path, "E090", detail=f"第{len(rows) + 1}行，{detail}", write=write) from None
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return _Grid("", pd.DataFrame(rows, dtype=object))


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused(path, "E090", detail="它叫 .csv，其实是 Excel 文件",
                       write="把名字改成 .xlsx（旧的改成 .xls）再试")
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(path, "E090", detail="文件的文字编码认不出来", write=SAVE_AS_CSV)


def _delimiter(text: str) -> str:
    """What most of the first lines are separated by."""
    lines = [line for line in text[:20_000].splitlines()[:LOOK_AT] if line.strip()]
    return max(_DELIMITERS, key=lambda sign: sum(sign in line for line in lines))


# --- the table in the sheet -------------------------------------------------------------------------


def _sheet(path: Path, grid: _Grid, header_row: Optional[int], wanted: Sequence[str]) -> Sheet:
    frame = grid.frame
    top = [(number, [one_line(text_of(cell)) for cell in frame.iloc[number]])
           for number in range(min(LOOK_AT, len(frame)))]
    if header_row is None:
        found = find_header(top, wanted)
        if found is None and wanted:
            found = find_header(top)  # the mapping's mistake is told by its columns
    else:
        found = header_row - 1 if header_row <= len(frame) else None
    if found is None:
        raise _refused(path, "E091", detail="找不到表头" if header_row is None else f"没有第{header_row}行",
                       write="在对照文件里用 header_row 写明表头在第几行")
    names = _names([one_line(text_of(cell)) for cell in frame.iloc[found]])
    body = frame.iloc[found + 1:]
    used = [index for index in range(len(names)) if names[index] or _filled(body.iloc[:, index])]
    columns = [names[index] or f"{letters(index)}栏" for index in used]
    body = body.iloc[:, used].apply(lambda column: column.map(text_of))
    body.columns = columns
    body.index = range(found + 2, len(frame) + 1)
    empty = (body == "").all(axis=1)
    above = tuple(dict.fromkeys(cell for number, cells in top if number < found for cell in cells if cell))
    return Sheet(path, grid.name, found + 1, tuple(columns), body[~empty], above,
                 frozenset(number + 1 for number in grid.headings if number > found), int(empty.sum()))


def _filled(column: Any) -> bool:
    return any(text_of(cell) for cell in column)


def _names(texts: Sequence[str]) -> list[str]:
    """The columns' names; a name that stands there again gets its number: 电话、电话(2)."""
    seen: dict[str, int] = {}
    names = []
    for text in texts:
        key = header_key(text)
        seen[key] = seen.get(key, 0) + 1
        names.append(f"{text}({seen[key]})" if key and seen[key] > 1 else text)
    return names
