"""Lists, mappings and a small content folder for the tests of the importer. All places are 示例."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from knowledge.imports.plan import Options, PlanRow
from knowledge.imports.trial import Trial, carry_out, try_out
from knowledge.tables import read_sites

SMALL = Path(__file__).parent / "small_content"
CITY = "320100"
TODAY = dt.date(2026, 11, 27)
HEADER = ("名称", "地址", "电话")
MAPPING = """\
source: {title: 示例名单, publisher: 示例单位, trust: secondary}
city: "320100"
category: window
columns: {name: 名称, address: 地址, phone: 电话}
"""
#: More of Nanjing than the small content has, so that districts can be told apart; names are the gazetteer's.
PLACES = """\
秦淮区,district,320100,,320104,320104,,118.79476,32.039113,8000,list
示例新区,area,320100,,320100-shili,,320104/示例街道,118.79,32.03,8000,list
示例街道,street,320100,,,320104,示例街道,118.79,32.03,1500,list
示例镇,street,320100,,,320102,示例镇,118.79,32.06,1500,list
示范街道,street,320100,,,320104,示范街道,118.79,32.03,1500,list
示例一社区,community,320100,,,320104,示例街道,118.79,32.03,500,list
示例二村,community,320100,,,320104,示例街道,118.79,32.03,500,list
"""


def content_folder(tmp_path: Path) -> Path:
    """A sound content folder that a test may change."""
    root = Path(shutil.copytree(SMALL, tmp_path / "content"))
    places = root / "places" / f"{CITY}.csv"
    places.write_text(places.read_text(encoding="utf-8").rstrip() + "\n" + PLACES, encoding="utf-8")
    return root


def csv_list(path: Path, rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> Path:
    """A list as a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def excel_list(path: Path, rows: Iterable[Sequence[Any]], merged: Iterable[str] = (), sheet: str = "名单") -> Path:
    """A list as an Excel file, with some cells merged."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    book.save(path)
    return path


class Desk:
    """A clerk's desk: a content folder, and lists that are imported into it."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.root = content_folder(tmp_path)
        self.site_file = self.root / "sites" / f"{CITY}.csv"
        self._count = 0

    def mapping(self, text: str = MAPPING) -> Path:
        path = self.tmp_path / "list.mapping.yml"
        path.write_text(text, encoding="utf-8")
        return path

    def list(self, rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER) -> Path:
        self._count += 1
        return csv_list(self.tmp_path / f"list{self._count}.csv", [header, *rows])

    def trial(
        self, rows: Iterable[Sequence[Any]], mapping: str = MAPPING, header: Sequence[str] = HEADER, **options: Any
    ) -> Trial:
        """What importing these rows would do."""
        return try_out(self.list(rows, header), self.mapping(mapping), self.root, Options(**options), today=TODAY)

    def take(
        self, rows: Iterable[Sequence[Any]], mapping: str = MAPPING, header: Sequence[str] = HEADER, **options: Any
    ) -> Trial:
        """Import these rows."""
        trial = self.trial(rows, mapping, header, **options)
        carry_out(trial)
        return trial

    def row(self, *cells: Any, mapping: str = MAPPING, header: Sequence[str] = HEADER) -> PlanRow:
        """What becomes of a list of one row."""
        (row,) = self.trial([cells], mapping, header).plan.rows
        return row

    def sites(self) -> dict[str, Any]:
        return {site.name: site for site in read_sites(self.site_file)}


def wrongs(row: PlanRow) -> list[tuple[str, str]]:
    """The columns for which a row is refused, and why."""
    assert row.row is not None
    return [(wrong.column, wrong.reason) for wrong in row.row.wrong]


def kinds(trial: Trial) -> list[str]:
    return [row.kind for row in trial.plan.rows]


def new_cells(row: PlanRow) -> dict[str, str]:
    """The cells that a row of a plan writes."""
    return {change.field: change.new for change in row.changes}
