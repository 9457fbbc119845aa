"""Lists as they arrive: encodings, Excel files with titles and merged cells, files that are not what they say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import ContentError
from knowledge.imports.header import assign, find_header, guess, is_left
from knowledge.imports.reading import Sheet, read_list
from tests.knowledge.import_lists import csv_list, excel_list

HEADER = ["名称", "地址", "电话"]
ROW = ["示例窗口一", "玄武区示例路1号", "86911012"]
OLD = Path(__file__).parent / "lists" / "old.xls"


def rows(sheet: Sheet) -> dict[int, list[str]]:
    return {number: list(cells) for number, *cells in sheet.frame.itertuples(name=None)}


def said(path: Path, **options: Any) -> str:
    with pytest.raises(ContentError) as caught:
        read_list(path, **options)
    (problem,) = caught.value.problems
    return f"{problem.code} {problem.message}。{problem.remedy}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_in_the_encodings_of_chinese_table_programs(tmp_path: Path, encoding: str) -> None:
    sheet = read_list(csv_list(tmp_path / "l.csv", [HEADER, ROW], encoding))
    assert sheet.columns == tuple(HEADER) and rows(sheet) == {2: ROW}


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_a_csv_with_other_separators(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "l.csv"
    path.write_text("\n".join(sign.join(line) for line in (HEADER, ROW)), encoding="utf-8")
    assert rows(read_list(path)) == {2: ROW}


def test_rows_are_numbered_as_the_table_program_does(tmp_path: Path) -> None:
    cells = ["示例窗口二", "玄武区\n示例路2号", ""]
    sheet = read_list(csv_list(tmp_path / "l.csv", [["示例名单"], [], HEADER, ROW, [], ["", " ", "　"], cells]))
    assert sheet.header_row == 3 and sheet.above == ("示例名单",)
    assert rows(sheet) == {4: ROW, 7: cells} and sheet.empty_rows == 2


def test_an_excel_list_with_titles_above_and_merged_cells(tmp_path: Path) -> None:
    path = excel_list(tmp_path / "l.xlsx", [
        ["示例区示例窗口名单"], ["填报单位：示例单位", None, "2026-10-20"], [],
        ["机构\n名称", "地址", "坐标", None], [None, None, "经度", "纬度"], ["示例窗口一", "示例路1号", 118.79, 32.05],
        ["示例窗口二", None, 118.8, 32.06], ["二、另一片", None, None, None],
        ["示例窗口三", None, None, None],
    ], merged=["A1:D1", "A4:A5", "B4:B5", "C4:D4", "B6:B7", "A8:D8"])  # fmt: skip
    sheet = read_list(path)
    assert sheet.header_row == 5 and sheet.columns == ("机构名称", "地址", "经度", "纬度")
    assert rows(sheet) == {
        6: ["示例窗口一", "示例路1号", "118.79", "32.05"], 7: ["示例窗口二", "示例路1号", "118.8", "32.06"],
        8: ["二、另一片", "", "", ""], 9: ["示例窗口三", "", "", ""],
    }  # fmt: skip
    assert sheet.headings == {8}


def test_numbers_and_dates_of_excel(tmp_path: Path) -> None:
    path = excel_list(
        tmp_path / "l.xlsx",
        [["名称", "电话", "更新日期", "开门"], ["示例窗口", 2886911012.0, dt.datetime(2026, 10, 23), dt.time(9, 0)]],
    )
    assert rows(read_list(path)) == {2: ["示例窗口", "2886911012", "2026-10-23", "9:00"]}


def test_an_old_excel_file() -> None:
    sheet = read_list(OLD)
    assert sheet.name == "示例" and sheet.above == ("示例窗口名单",)
    assert rows(sheet) == {
        3: ["示例窗口一", "玄武区示例路1号", "86911012", "2026-10-23"],
        4: ["示例窗口二", "玄武区示例路2号", "", "46318"],
        5: ["示例窗口三", "玄武区示例路2号", "", ""],
    }


def test_the_sheet_that_is_meant_has_to_be_named(tmp_path: Path) -> None:
    path = excel_list(tmp_path / "l.xlsx", [HEADER, ROW], sheet="甲")
    book = openpyxl.load_workbook(path)
    book.create_sheet("乙").append([*HEADER])
    book["乙"].append(["示例窗口二", "示例路2号", ""])
    book.create_sheet("空")
    book.save(path)
    assert "甲、乙" in said(path) and "sheet" in said(path)
    assert rows(read_list(path, sheet="乙"))[2][0] == "示例窗口二"
    assert read_list(path, any_sheet=True).name == "甲"
    assert "E091" in said(path, sheet="丙")


def test_columns_without_a_name_and_with_the_same_one(tmp_path: Path) -> None:
    sheet = read_list(
        csv_list(tmp_path / "l.csv", [["名称", "地址", "电话", "", "电话 ", ""], ["示例", "路", "1", "x", "2", ""]])
    )
    assert sheet.columns == ("名称", "地址", "电话", "D栏", "电话(2)")


def test_the_header_is_found_by_what_the_mapping_names(tmp_path: Path) -> None:
    path = csv_list(tmp_path / "l.csv", [["名称", "电话", "地址"], ["甲", "乙", "丙"], ["示例", "路", "1"]])
    assert read_list(path, wanted=["甲", "丙"]).header_row == 2
    assert read_list(path, header_row=2).columns == ("甲", "乙", "丙")
    assert "没有第9行" in said(path, header_row=9)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("l.csv", b"", "文件是空的"),
        ("l.docx", b"x", "不是表格"),
        ("l.xls", b"<html><table></table></html>", "网页"),
        ("l.xls", "名称,地址".encode(), "文本"),
        ("l.xlsx", b"PK\x03\x04broken", "坏了"),
        ("l.csv", b"PK\x03\x04zip", "其实是 Excel"),
        ("l.csv", b"name\xff\xff\xff", "编码"),
        ("l.csv", "甲,乙\n丙,丁\n".encode(), "找不到表头"),
        ("l.csv", ("名称,地址\n" + "一" * 140_000).encode(), "第2行"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(tmp_path: Path, name: str, raw: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    text = said(path)
    assert words in text and text.split("。")[1], text


@given(st.binary(max_size=300), st.sampled_from(["l.csv", "l.xlsx", "l.xls"]))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(raw)
    try:
        read_list(path)
    except ContentError as error:
        assert error.problems


# --- headers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("机构名称", "name"),
        ("点位", "name"),
        ("详 细 地 址", "address"),
        ("联系电话（座机）", "phone"),
        ("服务时间", "hours"),
        ("经度", "lng"),
        ("纬度(WGS84)", "lat"),
        ("所属街道", "street"),
        ("区（县）", "district"),
        ("*名称", "name"),
        ("服务中心名称", "name"),
        ("经纬度", "lnglat"),
    ],
)
def test_what_a_column_may_hold(column: str, field: str) -> None:
    found = guess(column)
    assert found is not None and found.field == field


@pytest.mark.parametrize("column", ["序号", "负责人", "负责人电话", "联系人", "法人身份证", "建筑面积"])
def test_columns_that_are_no_business_of_residents_are_left(column: str) -> None:
    assert is_left(column) and guess(column) is None


def test_each_column_is_taken_once_and_only_some_are_joined() -> None:
    assert assign(["名称", "机构名称", "地址", "座机", "电话", "备注"]) == {
        "name": ["名称"],
        "address": ["地址"],
        "phone": ["座机", "电话"],
        "note": ["备注"],
    }


def test_a_title_is_no_header() -> None:
    assert find_header([(0, ["示例名称表", ""]), (1, ["名称", "地址"]), (2, ["示例", "路"])]) == 1
    assert find_header([(0, ["示例", "路"])]) is None
