"""What staff read of a plan: a table on the screen, and the whole of it as a CSV file."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from knowledge.imports.plan import KINDS, Change, Kind, Plan, PlanRow, counts
from knowledge.imports.understanding import LABELS

HEADER = ("行", "结果", "名称", "编号", "栏", "读到的", "现有的", "要写的", "说明")
#: So many rows of a kind are shown on the screen.
MOST_SHOWN = 30
_WIDTH = {"要写的": 60, "说明": 400}
_OTHERWISE = 36
#: Field → what its cells mean: 510104 is 锦江区.
Words = Mapping[str, Mapping[str, str]]
_SHOWN: tuple[Kind, ...] = ("refused", "duplicate", "missing", "changed", "new", "skipped", "heading")
_STATUS = {"active": "可用", "unchecked": "没有核实", "closed": "已关闭"}
#: Cells of these fields are told on the screen only if they were read otherwise than they stand in the list.
_SELF_EVIDENT = ("id", "city", "status", "source_title", "source_publisher", "source_url", "trust")


@dataclass(frozen=True)
class Line:
    """One line of the report; its fields are the columns of ``HEADER``."""

    number: str
    kind: str
    name: str
    site_id: str
    column: str = ""
    read: str = ""
    old: str = ""
    new: str = ""
    said: str = ""


def lines_of(row: PlanRow, words: Words, *, brief: bool = False) -> Iterator[Line]:
    """A row of the plan as lines: one a cell or a mistake. ``brief`` leaves out what needs no look."""
    number = str(row.row.number) if row.row is not None else ""
    first = (number, KINDS[row.kind], row.name, row.site_id or (row.site.id if row.site is not None else ""))
    said = "；".join(filter(None, (row.reason, *(row.row.remarks if row.row is not None else ()))))
    if row.row is not None and row.kind == "refused":
        for wrong in row.row.wrong:
            yield Line(*first, wrong.column, wrong.read, "", "", f"{wrong.reason}。{wrong.write}"
                       + (f"（{said}）" if said else ""))
            said = ""
        return
    shown = [change for change in row.changes if not brief or _worth_a_look(row, change)]
    if brief and row.kind == "new":
        summary = " ".join(filter(None, (row.row.cells.get(name, "") for name in ("address", "phone", "hours")))
                           ) if row.row is not None else ""
        yield Line(*first, new=summary, said=said)
        said = ""
    elif not shown:
        yield Line(*first, said=said)
    for change in shown:
        yield Line(*first, LABELS[change.field], _read(row, change), _word(change.field, change.old, words),
                   _word(change.field, change.new, words) or "（空）", said)
        said = ""


def _read(row: PlanRow, change: Change) -> str:
    if row.row is None:
        return ""
    seen = row.row.read
    return seen.get(change.field) or (seen.get("lnglat", "") if change.field in ("lng", "lat") else "")


def _worth_a_look(row: PlanRow, change: Change) -> bool:
    if row.kind != "new":
        return True
    if change.field in _SELF_EVIDENT:
        return False
    read = _read(row, change)
    return read != change.new if read else change.field in ("district", "street", "community")


def _word(field: str, value: str, words: Words) -> str:
    if field == "status":
        return _STATUS.get(value, value)
    meaning = words.get(field, {}).get(value, "")
    return f"{value} {meaning}" if meaning else value


def screen(plan: Plan, words: Words) -> str:
    """The table for the screen: what hinders first, then what changes; what stays the same is only counted."""
    parts: list[str] = []
    for kind in _SHOWN:
        rows = [row for row in plan.of(kind) if not (kind == "changed" and row.only_source)]
        if not rows:
            continue
        lines = [line for row in rows[:MOST_SHOWN] for line in lines_of(row, words, brief=True)]
        table = _table(lines)
        rest = len(rows) - MOST_SHOWN
        more = f"\n  另有{rest}行没有列出，用 --report 文件名.csv 看全部" if rest > 0 else ""
        parts.append(f"【{KINDS[kind]}】{len(rows)}处\n{table}{more}")
    return "\n\n".join(parts)


def summary(plan: Plan, empty_rows: int) -> str:
    """The counts in one line."""
    said = [f"{KINDS[kind]}{number}" for kind, number in counts(plan).items()]
    dated = sum(row.only_source for row in plan.of("changed"))
    tail = f"（有变化的里面，{dated}处只是来源的日期或标题变了）" if dated else ""
    return "、".join(said or ["没有一行内容"]) + tail + (f"；跳过空行{empty_rows}" if empty_rows else "")


def write_report(path: Path, plan: Plan, words: Words) -> None:
    """The whole plan as a CSV file that table programs open."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in plan.rows:
            for line in lines_of(row, words):
                writer.writerow(map(_harmless, astuple(line)))


def _harmless(cell: str) -> str:
    """A table program would reckon with what begins like a formula."""
    return "'" + cell if cell.startswith(("=", "+", "@", "-")) and len(cell) > 1 else cell


def _table(lines: Sequence[Line]) -> str:
    columns = [index for index, name in enumerate(HEADER)
               if name != "结果" and any(astuple(line)[index] for line in lines)]
    rows = [[HEADER[index] for index in columns]]
    before: tuple[str, str, str] | None = None
    for line in lines:
        cells = list(astuple(line))
        same = before == (line.number, line.name, line.site_id)
        before = (line.number, line.name, line.site_id)
        if same:
            cells[0] = cells[2] = cells[3] = ""
        rows.append([_short(cells[index], HEADER[index]) for index in columns])
    widths = [max(_wide(row[place]) for row in rows) for place in range(len(columns))]
    return "\n".join("  " + "  ".join(_padded(row, widths)).rstrip() for row in rows)


def _padded(row: Iterable[str], widths: Sequence[int]) -> list[str]:
    return [cell + " " * (width - _wide(cell)) for cell, width in zip(row, widths, strict=True)]


def _short(text: str, column: str) -> str:
    text, most = text.replace("\n", " "), _WIDTH.get(column, _OTHERWISE)
    if _wide(text) <= most:
        return text
    kept, used = "", 0
    for character in text:
        used += _wide(character)
        if used > most - 2:
            break
        kept += character
    return kept + "…"


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
