"""The mapping file: mistakes are told at their place, in words that staff can act on; a first one is suggested."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from knowledge.errors import ContentError, Problem
from knowledge.imports.mapping import check_mapping, columns_of, read_mapping
from knowledge.imports.reading import read_list
from knowledge.imports.suggesting import suggested
from knowledge.imports.world import World, load_world
from knowledge.schema import ImportMapping
from tests.knowledge.import_lists import HEADER, MAPPING, content_folder, csv_list, excel_list

POINT = MAPPING.replace("电话}", "电话, lng: 经度, lat: 纬度}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return load_world(content_folder(tmp_path_factory.mktemp("mapping")))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.yml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(tmp_path: Path, text: str) -> list[Problem]:
    with pytest.raises(ContentError) as caught:
        read_mapping(written(tmp_path, text))
    return caught.value.problems


def test_a_mapping_that_says_no_more_than_it_must(tmp_path: Path) -> None:
    mapping = read_mapping(written(tmp_path, MAPPING)).mapping
    assert columns_of(mapping.columns) == {"name": ("名称",), "address": ("地址",), "phone": ("电话",)}
    assert mapping.status == "active" and mapping.if_unreadable.phone == "refuse" and "无" in mapping.empty_words


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "words"),
    [
        ("trust: secondary", "trust: sure", "E012", 1, "official"),
        ("title: 示例名单, ", "", "E011", 1, "title"),
        ("title: 示例名单", "title: ''", "E012", 1, "不能空着"),
        ("publisher: 示例单位", "publisher: 示例单位, date: 去年", "E012", 1, "2025-10-23"),
        ("publisher: 示例单位", "publisher: 示例单位, date: '2026-02-30'", "E012", 1, "日历"),
        ("publisher: 示例单位", "publisher: 示例单位, url: shili.cn", "E012", 1, "http"),
        ('city: "320100"', "city: 320100", "E012", 2, "文字"),
        ('city: "320100"\n', "", "E093", 1, "没有写城市"),
        ("category: window\n", "", "E093", 1, "没有写类别"),
        ("name: 名称, ", "", "E011", 4, "name"),
        ("phone: 电话", "telephone: 电话", "E010", 4, "telephone"),
        ("phone: 电话", "lng: 经度", "E093", 4, "一起写"),
        ("phone: 电话", "lnglat: 坐标, lng: 经度, lat: 纬度", "E093", 4, "只能写一样"),
        ("phone: 电话", "id: 编号", "E093", 4, "id_prefix"),
        ("category: window", "category: window\narea_code: '28'", "E093", 4, "区号"),
        ("category: window", "category: window\nid_prefix: 示例", "E093", 4, "小写字母"),
        ("category: window", "category: window\nheader_row: 0", "E093", 4, "从 1 数起"),
        ("category: window", "category: window\nif_unreadable: {point: note}", "E093", 4, "备注"),
        (
            "category: window",
            "category: window\ndecisions: [{name: 甲, other: 乙, decision: merge}]",
            "E012",
            4,
            "different",
        ),
    ],
)
def test_each_mistake_is_told_at_its_line(tmp_path: Path, old: str, new: str, code: str, line: int, words: str) -> None:
    assert old in MAPPING
    found = mistakes(tmp_path, MAPPING.replace(old, new))
    assert any(item.code == code and item.line == line and words in f"{item.message}{item.remedy}" for item in found), (
        found
    )


def test_points_need_their_system_and_their_precision(tmp_path: Path) -> None:
    said = " ".join(map(str, mistakes(tmp_path, POINT)))
    assert "crs" in said and "gcj02" in said and "precision_m" in said
    read_mapping(written(tmp_path, POINT + "crs: wgs84\nprecision_m: 100\n"))
    assert "误差米数" in str(mistakes(tmp_path, POINT + "crs: wgs84\nprecision_m: 0\n")[0])
    assert mistakes(tmp_path, POINT + "crs: mars\nprecision_m: 100\n")[0].code == "E012"


def test_yaml_slips_are_told_as_in_content(tmp_path: Path) -> None:
    assert mistakes(tmp_path, MAPPING + "sheet：甲\n")[0].code == "E001"
    assert mistakes(tmp_path, "")[0].code == "E006"


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "words"),
    [
        ("phone: 电话", "phone: 联系电话", "E092", 4, "名称、地址、电话"),
        ("phone: 电话", "phone: [电话, 座机]", "E092", 4, "座机"),
        ('city: "320100"', 'city: "510100"', "E093", 2, "320100 南京市"),
        ("category: window", "category: windows", "E071", 3, "是不是想写“window”"),
        ("category: window", "category: window\ntranslate: {类型: {甲: window}}", "E092", 4, "类型"),
        (
            "category: window\ncolumns: {",
            "translate: {地址: {甲: windows}}\ncolumns: {category: 地址, ",
            "E071",
            3,
            "windows",
        ),
    ],
)
def test_what_fits_neither_list_nor_content_is_told(
    tmp_path: Path, world: World, old: str, new: str, code: str, line: int, words: str
) -> None:
    file = read_mapping(written(tmp_path, MAPPING.replace(old, new)))
    found = check_mapping(file, read_list(csv_list(tmp_path / "l.csv", [HEADER, ["示例", "路", ""]])), world)
    assert any(item.code == code and item.line == line and words in f"{item.message}{item.remedy}" for item in found), (
        found
    )


def test_columns_are_named_without_care_for_width_and_spaces(tmp_path: Path, world: World) -> None:
    file = read_mapping(written(tmp_path, MAPPING.replace("电话}", "联系电话（1）}")))
    sheet = read_list(csv_list(tmp_path / "l.csv", [["名 称", "地址*", "联系电话(１)"], ["示例", "路", ""]]))
    assert check_mapping(file, sheet, world) == []


# --- suggestions ------------------------------------------------------------------------------------


def test_a_suggestion_guesses_what_it_can_and_leaves_open_what_it_cannot(tmp_path: Path, world: World) -> None:
    path = excel_list(tmp_path / "示例窗口.xlsx", [
        ["南京市示例办事窗口名单"],
        ["序号", "机构名称", "机构类型", "详细地址", "座机", "联系电话", "服务时间", "经度", "纬度", "负责人", "颜色"],
        [1, "示例窗口一", "办事窗口", "玄武区示例路1号", "", "", "", 118.79, 32.05, "某", "红"],
        [2, "示例窗口二", "未见过: 的", "玄武区示例路2号", "", "", "", "", "", "某", ""],
    ])  # fmt: skip
    target = tmp_path / "示例窗口.mapping.yml"
    text = suggested(read_list(path), world, target)
    data = yaml.safe_load(text)
    assert text.splitlines()[0].startswith("# yaml-language-server: $schema=")
    assert data["columns"] == {
        "name": "机构名称",
        "category": "机构类型",
        "address": "详细地址",
        "phone": ["座机", "联系电话"],
        "hours": "服务时间",
        "lng": "经度",
        "lat": "纬度",
    }
    assert data["translate"] == {"机构类型": {"办事窗口": "window", "未见过: 的": ""}}
    assert (data["city"], data["sheet"], data["header_row"], data["ignore"]) == (
        "320100",
        "名单",
        2,
        ["序号", "负责人"],
    )
    assert data["source"]["title"] == "南京市示例办事窗口名单" and data["source"]["trust"] == "secondary"
    # Nobody but the list's makers can know these.
    assert data["crs"] is None and data["precision_m"] is None and data["source"]["publisher"] == ""
    target.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_mapping(target)
    assert any("不能空着" in item.message for item in caught.value.problems)


def test_a_suggestion_that_is_filled_in_is_a_mapping(tmp_path: Path, world: World) -> None:
    path = csv_list(
        tmp_path / "办事窗口.csv", [["名称", "地址", "电话"], ["示例窗口一", "南京市玄武区示例路1号", "86911012"]]
    )
    text = suggested(read_list(path), world, tmp_path / "m.yml").replace('title: ""', "title: 示例名单")
    file = read_mapping(written(tmp_path, text.replace('publisher: ""', "publisher: 示例单位")))
    assert isinstance(file.mapping, ImportMapping) and check_mapping(file, read_list(path), world) == []
    assert file.mapping.category == "window" and file.mapping.status == "unchecked" and file.mapping.area_code == "025"
