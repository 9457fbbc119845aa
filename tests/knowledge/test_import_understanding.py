"""Rows of a list: what is understood, what is refused and why, and that nothing is made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.coords import haversine_m, to_gcj02
from knowledge.tables import read_sites
from tests.knowledge.import_lists import MAPPING, Desk, new_cells, wrongs

ADDRESS = "玄武区示例路1号"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def with_columns(**columns: str) -> tuple[str, tuple[str, ...]]:
    """A mapping and a header with more columns."""
    more = "".join(f", {field}: {column}" for field, column in columns.items())
    return MAPPING.replace("电话}", f"电话{more}}}"), ("名称", "地址", "电话", *columns.values())


def test_a_row_becomes_a_site_with_its_source_and_area(desk: Desk) -> None:
    row = desk.row("示例窗口一", "南京市秦淮区示例街道示例一社区1号", "2586911012.0")
    assert row.kind == "new" and new_cells(row) == {
        "id": "320104-window-001", "name": "示例窗口一", "category": "window", "city": "320100", "district": "320104",
        "street": "示例街道", "community": "示例一社区",
        "address": "南京市秦淮区示例街道示例一社区1号",
        "phone": "025-86911012", "status": "active", "source_title": "示例名单", "source_publisher": "示例单位",
        "trust": "secondary",
    }  # fmt: skip


def test_without_points_there_is_no_point(desk: Desk) -> None:
    cells = new_cells(desk.row("示例窗口一", "秦淮区示例街道1号", ""))
    assert not {"lng", "lat", "precision_m"} & set(cells)


@pytest.mark.parametrize("word", ["无", "/", "／", "—", "——", "暂无", "", " ", "-"])
def test_words_that_mean_empty(desk: Desk, word: str) -> None:
    assert "phone" not in new_cells(desk.row("示例窗口一", ADDRESS, word))


@pytest.mark.parametrize(
    ("name", "address", "phone", "column", "reason"),
    [
        ("", ADDRESS, "86911012", "名称", "没有名称"),
        ("12", ADDRESS, "", "名称", "不像一个名称"),
        ("示例", ADDRESS, "138", "电话", "不是完整的号码"),
        ("示例", "", "", "地址", "没有地址，也没有电话"),
        ("示例", "同上", "", "地址", "同上"),
        ("示例", "#REF!", "", "地址", "错误值"),
        ("=A1", ADDRESS, "", "名称", "公式"),
        ("示例", "上海市示例路1号", "", "地址", "上海市"),
        ("示例", "2026-03-02", "", "地址", "日期"),
        ("示例", ADDRESS, "8.69E+09", "电话", "科学计数"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_column_and_reason(
    desk: Desk, name: str, address: str, phone: str, column: str, reason: str
) -> None:
    row = desk.row(name, address, phone)
    assert row.kind == "refused" and row.blocks
    assert any(where == column and reason in said for where, said in wrongs(row)), wrongs(row)


def test_every_mistake_of_a_row_is_told_at_once(desk: Desk) -> None:
    mapping, header = with_columns(hours="时间", source_date="日期")
    row = desk.row("", ADDRESS, "138", "看心情", "去年", mapping=mapping, header=header)
    assert [column for column, _ in wrongs(row)] == ["名称", "电话", "时间", "日期"]


@pytest.mark.parametrize(
    "cells",
    [
        ("合计：3家", "", ""),
        ("注：以上为示例", "", ""),
        ("", "二、示例片", ""),
        ("填表人：", "某", ""),
        ("说明", "", "某"),
    ],
)
def test_headings_and_remarks_are_no_places(desk: Desk, cells: tuple[str, str, str]) -> None:
    row = desk.row(*cells)
    assert row.kind == "heading" and not row.blocks and not row.changes


def test_a_name_alone_is_no_heading_but_refused(desk: Desk) -> None:
    assert desk.row("示例窗口一", "", "").kind == "refused"


@pytest.mark.parametrize(
    ("hours", "read"),
    [
        ("周一至周五 9:00-17:00", "周一至周五 9:00-17:00"),
        ("每天9:00-11:00\n13:00-17:00", "每天9:00-11:00；13:00-17:00"),
        ("全天", "全天"),
    ],
)
def test_hours_are_kept_as_published(desk: Desk, hours: str, read: str) -> None:
    mapping, header = with_columns(hours="时间")
    assert new_cells(desk.row("示例窗口一", ADDRESS, "", hours, mapping=mapping, header=header))["hours"] == read


def test_hours_in_two_columns_and_as_parts_of_a_day(desk: Desk) -> None:
    mapping, header = with_columns(hours="[开门, 关门]")
    row = desk.row("示例窗口一", ADDRESS, "", "0.375", "17:00", mapping=mapping, header=(*header[:3], "开门", "关门"))
    assert new_cells(row)["hours"] == "9:00-17:00"


@pytest.mark.parametrize(("choice", "hours", "note"), [("empty", None, None), ("note", None, "开放时间：看心情")])
def test_staff_choose_what_becomes_of_what_cannot_be_read(
    desk: Desk, choice: str, hours: None, note: str | None
) -> None:
    mapping, header = with_columns(hours="时间")
    row = desk.row(
        "示例窗口一", ADDRESS, "", "看心情", mapping=mapping + f"if_unreadable: {{hours: {choice}}}\n", header=header
    )
    cells = new_cells(row)
    assert (cells.get("hours"), cells.get("note")) == (hours, note)
    assert row.row is not None and "读不懂" in row.row.remarks[0]


def test_categories_are_translated_by_a_table(desk: Desk) -> None:
    mapping = MAPPING.replace("category: window", "translate: {类型: {大厅: window}}").replace(
        "电话}", "电话, category: 类型}"
    )
    header = ("名称", "地址", "电话", "类型")
    assert new_cells(desk.row("示例", ADDRESS, "", "大厅", mapping=mapping, header=header))["category"] == "window"
    row = desk.row("示例", ADDRESS, "", "小厅", mapping=mapping, header=header)
    assert wrongs(row)[0][0] == "类型" and "没有对照" in wrongs(row)[0][1]


def test_cities_of_a_column(desk: Desk) -> None:
    mapping, header = with_columns(city="城市")
    mapping = mapping.replace('city: "320100"\n', "")
    assert new_cells(desk.row("示例", ADDRESS, "", "南京", mapping=mapping, header=header))["city"] == "320100"
    assert "没有“某市”" in wrongs(desk.row("示例", ADDRESS, "", "某市", mapping=mapping, header=header))[0][1]


def test_what_a_list_calls_a_street_can_be_translated(desk: Desk) -> None:
    mapping, header = with_columns(street="街镇")
    assert "没有“老街道”" in wrongs(desk.row("示例", "示例路1号", "", "老街道", mapping=mapping, header=header))[0][1]
    row = desk.row(
        "示例", "示例路1号", "", "老街道", mapping=mapping + "translate: {街镇: {老街道: 示范街道}}\n", header=header
    )
    assert new_cells(row)["street"] == "示范街道" and new_cells(row)["district"] == "320104"


def test_the_other_offices_number_makes_the_id(desk: Desk) -> None:
    mapping, header = with_columns(id="编号")
    mapping += "id_prefix: 320100-shili\n"
    assert desk.row("示例", ADDRESS, "", "NJ_007", mapping=mapping, header=header).site_id == "320100-shili-nj-007"
    assert "编号" in wrongs(desk.row("示例", ADDRESS, "", "七号", mapping=mapping, header=header))[0][1]


def test_dates_of_rows_go_before_the_date_of_the_list(desk: Desk) -> None:
    mapping, header = with_columns(source_date="日期")
    mapping = mapping.replace("示例单位", "示例单位, date: '2026-10'")
    trial = desk.trial(
        [["示例甲窗口", ADDRESS, "", "46318"], ["示例乙窗口", "玄武区示例路2号", "", ""]], mapping, header
    )
    assert [new_cells(row)["source_date"] for row in trial.plan.rows] == ["2026-10-23", "2026-10"]


# --- points -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_points_are_converted_from_the_declared_system(desk: Desk, crs: str) -> None:
    mapping, header = with_columns(lng="经度", lat="纬度")
    row = desk.row(
        "示例",
        ADDRESS,
        "",
        "118.790001",
        "32.050001",
        mapping=f"{mapping}crs: {crs}\nprecision_m: 100\n",
        header=header,
    )
    cells = new_cells(row)
    assert haversine_m(float(cells["lng"]), float(cells["lat"]), *to_gcj02(118.790001, 32.050001, crs)) < 0.2
    assert cells["precision_m"] == "100"


def test_few_decimals_make_a_point_less_precise_and_it_is_said(desk: Desk) -> None:
    mapping, header = with_columns(lnglat="坐标", precision_m="误差")
    row = desk.row("示例", ADDRESS, "", "32.05，118.79", "50米", mapping=mapping + "crs: gcj02\n", header=header)
    assert new_cells(row)["precision_m"] == "557" and row.row is not None and "误差记557米" in row.row.remarks[0]


@pytest.mark.parametrize(
    ("lng", "lat", "reason"),
    [
        ("32.05", "118.79", "写反"),
        ("118.79", "", "只有一个"),
        ("104.06", "30.65", "公里以上"),
        ("2.35", "48.85", "不在中国"),
        ("某", "某", "不是经纬度"),
    ],
)
def test_points_that_cannot_be_are_refused_or_left_out_as_staff_choose(
    desk: Desk, lng: str, lat: str, reason: str
) -> None:
    mapping, header = with_columns(lng="经度", lat="纬度")
    mapping += "crs: gcj02\nprecision_m: 100\n"
    row = desk.row("示例", ADDRESS, "", lng, lat, mapping=mapping, header=header)
    assert reason in wrongs(row)[0][1] and wrongs(row)[0][0] == "经度"
    row = desk.row("示例", ADDRESS, "", lng, lat, mapping=mapping + "if_unreadable: {point: empty}\n", header=header)
    assert row.kind == "new" and "lng" not in new_cells(row)


def test_zero_is_no_point(desk: Desk) -> None:
    mapping, header = with_columns(lng="经度", lat="纬度")
    row = desk.row("示例", ADDRESS, "", "0", "0.0", mapping=mapping + "crs: gcj02\nprecision_m: 100\n", header=header)
    assert row.kind == "new" and "lng" not in new_cells(row)


def test_columns_that_nobody_takes_or_leaves_out_are_told(desk: Desk) -> None:
    header = ("名称", "地址", "电话", "颜色", "序号")
    trial = desk.trial([["示例", ADDRESS, "", "红", "1"]], MAPPING + "ignore: [序号]\n", header)
    assert trial.plan.remarks == ["名单里这些栏没有用到：颜色；不要的写进对照文件的 ignore"]


ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(max_examples=25)
@given(st.lists(st.tuples(*[ANYTHING] * 6), min_size=1, max_size=5))
def test_whatever_stands_there_a_row_is_understood_or_refused_and_sites_stay_readable(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("any"))
    mapping, header = with_columns(hours="时间", lng="经度", lat="纬度")
    trial = desk.trial(
        [["示例窗口", ADDRESS, "", "", "", ""], *rows],
        mapping + "crs: gcj02\nprecision_m: 100\n",
        header,
        skip_refused=True,
        duplicates="keep",
    )
    assert not trial.errors
    for path, raw in trial.files.items():
        assert read_sites(path, raw)
