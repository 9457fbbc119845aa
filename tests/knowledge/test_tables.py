"""Staff's tables: what is read, and how mistakes are told."""

import time
from pathlib import Path

import pytest

import knowledge
from knowledge.schema import Place, Site
from knowledge.tables import TableError, read_places, read_sites, write_table

CONTENT = Path(knowledge.__file__).parent / "content"
SITE_HEAD = "id,name,category,city,district,lng,lat,precision_m,hours,status,source_url,source_date,trust\n"


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def mistakes(path: Path, read=read_sites) -> list[tuple[int, str, str]]:
    with pytest.raises(TableError) as caught:
        read(path)
    assert caught.value.errors[0] is caught.value and caught.value.path == path
    return [(error.line, error.column, error.message) for error in caught.value.errors]


def test_reads_sites(tmp_path):
    path = written(tmp_path, SITE_HEAD + "a-1,食堂,canteen,510100,510104,104.06,30.65,100,每天 9:00-12:00,,,2026-01,\n")
    assert read_sites(path) == [
        Site(id="a-1", name="食堂", category="canteen", city="510100", district="510104", lng=104.06, lat=30.65,
             precision_m=100, hours="每天 9:00-12:00", source_date="2026-01")
    ]  # fmt: skip


def test_reads_places_with_aliases(tmp_path):
    path = written(tmp_path, "name,level,city,aliases\n郫都区,district,510100,郫县| 郫筒 \n")
    assert read_places(path) == [Place(name="郫都区", level="district", city="510100", aliases=("郫县", "郫筒"))]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-8"])
def test_reads_what_a_chinese_excel_saves(tmp_path, encoding):
    path = written(tmp_path, "name,level,city\r\n犀浦,station,510100\r\n", encoding)
    assert read_places(path)[0].name == "犀浦"


def test_all_mistakes_are_told_at_once(tmp_path):
    path = written(
        tmp_path,
        SITE_HEAD
        + "a-1,,canteen,510100,,,,,,,,,\n"
        + "a-2,食堂,canteen,成都,,104,,,随时,开着,gov.cn,去年,真\n"
        + "\n"
        + "a-1,食堂,canteen,510100,5101,30.65,104.06,1.5,,,,,\n"
        + "a-3,食堂\n",
    )
    found = mistakes(path)
    assert {(line, column) for line, column, _ in found} == {
        (2, "name"), (3, "city"), (3, "lat"), (3, "hours"), (3, "status"), (3, "source_url"), (3, "source_date"),
        (3, "trust"), (5, "id"), (5, "district"), (5, "lng"), (5, "precision_m"), (6, ""),
    }  # fmt: skip
    assert "写反了" in next(message for line, column, message in found if (line, column) == (5, "lng"))
    assert "周一至周五" in next(message for _, column, message in found if column == "hours")


def test_the_error_names_file_line_and_column(tmp_path):
    path = written(tmp_path, "name,level,city\n某地,village,510100\n")
    with pytest.raises(TableError) as caught:
        read_places(path)
    assert str(caught.value).startswith(f"{path}:2：“level”栏：“village”不行")


def test_lines_are_counted_through_cells_of_several_lines(tmp_path):
    path = written(tmp_path, 'name,level,city,source\n甲,street,510100,"一\n二"\n乙,nonsense,510100,\n')
    assert [(line, column) for line, column, _ in mistakes(path, read_places)] == [(4, "level")]


@pytest.mark.parametrize(
    "head, column",
    [
        ("name,level\n", "city"),
        ("name,level,city,colour\n", "colour"),
        ("name,name,level,city\n", "name"),
    ],
)
def test_wrong_columns(tmp_path, head, column):
    assert column in {found for _, found, _ in mistakes(written(tmp_path, head), read_places)}


def test_undecodable_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"name\xff\xff\xff")
    with pytest.raises(TableError) as caught:
        read_sites(path)
    assert "编码" in caught.value.message and "CSV UTF-8" in caught.value.write


def test_written_tables_are_read_back(tmp_path):
    place = Place(
        name="春熙路", level="station", city="510100", aliases=("甲", "乙"), lng=104.1, lat=30.5, precision_m=300
    )
    write_table(tmp_path / "p.csv", [place], Place)
    assert read_places(tmp_path / "p.csv") == [place]


def test_shipped_tables_load_fast_and_are_small():
    start = time.perf_counter()
    places = [place for path in (CONTENT / "places").glob("*.csv") for place in read_places(path)]
    sites = [site for path in (CONTENT / "sites").glob("*.csv") for site in read_sites(path)]
    assert time.perf_counter() - start < 1.5
    assert len(places) > 15_000 and len(sites) > 200
    assert all(path.stat().st_size < 1_400_000 for path in CONTENT.glob("*/*.csv"))


def test_shipped_streets_are_live_and_communities_lie_in_one():
    for path in (CONTENT / "places").glob("*.csv"):
        places = read_places(path)
        streets = {(place.district, place.name) for place in places if place.level == "street"}
        assert not any("撤销" in place.name for place in places)
        for place in places:
            if place.level == "community" and place.street:
                assert (place.district, place.street) in streets, place


@pytest.mark.parametrize(("text", "line", "said", "write"), [
    ("", 1, "第一行不是表头", "表头"),
    ("name;level;city\n某地;street;510100\n", 1, "分号", "逗号分隔"),
    ("name\tlevel\tcity\n某地\tstreet\t510100\n", 1, "Tab", "逗号分隔"),
    ("name，level，city\n某地，street，510100\n", 1, "全角逗号", "逗号分隔"),
    ("某地,street,510100\n", 1, "第一行不是表头", "表头"),
    ("name,level,city\n", 1, "只有表头", "删掉这个文件"),
    ("name,level,city\n\n,,\n", 1, "只有表头", "删掉这个文件"),
    ('name,level,city\n甲,street,510100\n"乙,street,510100\n丙,street,510100\n', 3, "引号没有关上", "补上英文引号"),
    ('name,level,city\n甲,street,510100\n乙,street,"510100\n丙,street,510100\n', 3, "引号没有关上", "补上英文引号"),
    ('name,level,city\n"甲"乙,street,510100\n', 2, "引号后面不能直接跟字", "引号"),
    ("name,level,city\n甲,street,510100\n乙\0,street,510100\n", 3, "空字符", "CSV UTF-8"),
    ("name,level,city\n甲,street,510100\n" + "乙" * 200_000 + ",street,510100\n", 3, "有一格太长", "引号"),
])
def test_a_table_that_is_none_is_told_once_where_and_what_to_do(tmp_path, text, line, said, write):
    with pytest.raises(TableError) as caught:
        read_places(written(tmp_path, text))
    error, = caught.value.errors
    assert (error.line, error.column) == (line, "")
    assert said in error.message and write in error.write


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e999", "1_000", "abc", "１２", "0x10"])
@pytest.mark.parametrize("column", ["lng", "lat", "precision_m"])
def test_only_finite_plain_numbers_are_numbers(tmp_path, number, column):
    cells = {"lng": "104.06", "lat": "30.65", "precision_m": "100", column: number}
    path = written(tmp_path, f"name,level,city,lng,lat,precision_m\n甲,street,510100,{','.join(cells.values())}\n")
    assert (2, column, f"“{number}”不是数字") in mistakes(path, read_places)


@pytest.mark.parametrize(("day", "fine"), [
    ("2026-02-28", True), ("2026-12", True), ("2026", True), ("2026-13-01", False), ("2026-02-30", False),
    ("2026年1月", False), ("2026-1-1", False),
])
def test_a_date_is_one_of_the_calendar(tmp_path, day, fine):
    path = written(tmp_path, SITE_HEAD + f"a-1,食堂,canteen,510100,,,,,,,,{day},\n")
    if fine:
        assert read_sites(path)[0].source_date == day
    else:
        assert [column for _, column, _ in mistakes(path)] == ["source_date"]
