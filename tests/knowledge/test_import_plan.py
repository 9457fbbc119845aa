"""What becomes of each row beside the sites that are there: matched, changed, doubtful, missing; never merged."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from knowledge.errors import ContentError
from knowledge.imports.report import HEADER, screen, summary, write_report
from tests.knowledge.import_lists import MAPPING, Desk, kinds

ROWS = [
    ["示例甲窗口", "玄武区示例路1号", "025-86911012"],
    ["示例乙窗口", "秦淮区示例街道示例路22号", ""],
    ["示例丙窗口", "", "025-86911013"],
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_second_import_changes_nothing(desk: Desk) -> None:
    desk.take(ROWS)
    before = desk.site_file.read_bytes()
    again = desk.take(ROWS)
    assert kinds(again) == ["same"] * 3 and not again.files and desk.site_file.read_bytes() == before


def test_ids_stay_whatever_the_order_and_new_ones_come_after_the_last(desk: Desk) -> None:
    desk.take(ROWS)
    ids = {name: site.id for name, site in desk.sites().items()}
    assert ids["示例甲窗口"] == "320102-window-002"  # 001 is in the small content
    desk.take([ROWS[2], ["示例丁窗口", "玄武区示例路4号", ""], ROWS[1], ROWS[0]])
    after = {name: site.id for name, site in desk.sites().items()}
    assert {name: after[name] for name in ids} == ids and after["示例丁窗口"] == "320102-window-003"


def test_what_the_list_says_anew_is_changed_and_what_it_does_not_say_stays(desk: Desk) -> None:
    desk.take(ROWS)
    trial = desk.take(
        [["示例甲窗口", "玄武区示例路1号", ""], ["示例乙窗口", "秦淮区示例街道示例路22号", "025-86911099"], ROWS[2]]
    )
    assert kinds(trial) == ["same", "changed", "same"]
    (change,) = trial.plan.rows[1].changes
    assert (change.field, change.old, change.new) == ("phone", "", "025-86911099")
    assert desk.sites()["示例甲窗口"].phone == "025-86911012"


def test_what_staff_wrote_stays(desk: Desk) -> None:
    desk.take(ROWS)
    text = desk.site_file.read_text(encoding="utf-8").replace("active,示例名单", "unchecked,示例名单")
    desk.site_file.write_text(text, encoding="utf-8")
    assert kinds(desk.take(ROWS)) == ["same"] * 3


def test_a_new_address_takes_the_old_point_and_area_away(desk: Desk) -> None:
    header = ("名称", "地址", "电话", "经度", "纬度")
    mapping = MAPPING.replace("电话}", "电话, lng: 经度, lat: 纬度}") + "crs: gcj02\nprecision_m: 50\n"
    desk.take([["示例甲窗口", "秦淮区示例街道示例路1号", "", "118.790001", "32.030001"]], mapping, header)
    desk.take([["示例甲窗口", "玄武区新路9号", "", "", ""]], mapping, header)
    site = desk.sites()["示例甲窗口"]
    assert (site.district, site.street, site.lng, site.lat, site.precision_m) == ("320102", "", None, None, None)


def test_the_same_address_written_otherwise_keeps_the_point(desk: Desk) -> None:
    header = ("名称", "地址", "电话", "经度", "纬度")
    mapping = MAPPING.replace("电话}", "电话, lng: 经度, lat: 纬度}") + "crs: gcj02\nprecision_m: 50\n"
    desk.take([["示例甲窗口", "秦淮区示例街道示例路1号", "", "118.790001", "32.030001"]], mapping, header)
    desk.take([["示例甲窗口", "南京市秦淮区示例路1号", "", "", ""]], mapping, header)
    assert desk.sites()["示例甲窗口"].lng == 118.790001


def test_rows_of_one_name_are_told_apart_by_their_address(desk: Desk) -> None:
    rows = [["社区窗口", "玄武区示例路1号", ""], ["社区窗口", "玄武区别的路2号", ""]]
    desk.take(rows)
    assert kinds(desk.take(rows[::-1])) == ["same", "same"]


def test_another_offices_number_matches_a_place_that_was_renamed(desk: Desk) -> None:
    header = ("名称", "地址", "电话", "编号")
    mapping = MAPPING.replace("电话}", "电话, id: 编号}") + "id_prefix: 320100-shili\n"
    desk.take([["示例甲窗口", "玄武区示例路1号", "", "A1"]], mapping, header)
    trial = desk.take([["示例新名窗口", "玄武区示例路1号", "", "A1"]], mapping, header)
    assert kinds(trial) == ["changed"] and desk.sites()["示例新名窗口"].id == "320100-shili-a1"


def test_a_new_title_of_the_list_is_known_by_its_earlier_ones(desk: Desk) -> None:
    desk.take(ROWS)
    newer = MAPPING.replace("title: 示例名单", "title: 示例名单（2027年）")
    assert "duplicate" in kinds(desk.trial(ROWS, newer))
    trial = desk.take(ROWS, newer.replace("（2027年）,", "（2027年）, earlier_titles: [示例名单],"))
    assert kinds(trial) == ["changed"] * 3 and all(row.only_source for row in trial.plan.rows)


# --- duplicates -------------------------------------------------------------------------------------

TWIN = ["示例甲窗口（新）", "南京市玄武区示例路1号", "025-86911012"]
DECISION = "decisions: [{{name: 示例甲窗口（新）, other: {other}, decision: {decision}}}]\n"


def test_a_possible_duplicate_hinders_and_both_are_named(desk: Desk) -> None:
    row = desk.trial([*ROWS, TWIN]).plan.rows[3]
    assert row.kind == "duplicate" and row.blocks and not row.changes
    assert "第2行“示例甲窗口”（玄武区示例路1号）" in row.reason and "电话一样" in row.reason
    with pytest.raises(ValueError):
        desk.take([*ROWS, TWIN])


def test_a_possible_duplicate_of_a_site_that_is_there(desk: Desk) -> None:
    row = desk.row("玄武区办事窗口", "玄武区某路1号", "")
    assert row.kind == "duplicate" and "320102-window-001" in row.reason and "玄武区办事窗口" in row.reason


@pytest.mark.parametrize(("choice", "kind", "count"), [("keep", "new", 4), ("skip", "skipped", 3)])
def test_a_flag_decides_on_all_duplicates(desk: Desk, choice: str, kind: str, count: int) -> None:
    trial = desk.take([*ROWS, TWIN], duplicates=choice)
    assert kinds(trial)[3] == kind and f"--duplicates {choice}" in trial.plan.rows[3].reason
    assert sum(name.startswith("示例") for name in desk.sites()) == count
    before = desk.site_file.read_bytes()
    desk.take([*ROWS, TWIN], duplicates=choice)
    assert desk.site_file.read_bytes() == before


@pytest.mark.parametrize(("decision", "kind"), [("different", "new"), ("skip", "skipped")])
def test_a_line_of_the_mapping_decides_on_one(desk: Desk, decision: str, kind: str) -> None:
    mapping = MAPPING + DECISION.format(other="示例甲窗口", decision=decision)
    assert kinds(desk.take([*ROWS, TWIN], mapping)) == ["new", "new", "new", kind]


def test_staff_may_say_that_a_row_tells_of_a_site_that_is_there(desk: Desk) -> None:
    desk.take(ROWS)
    site_id = desk.sites()["示例甲窗口"].id
    trial = desk.take([*ROWS[1:], TWIN], MAPPING + DECISION.format(other=site_id, decision="same"))
    assert kinds(trial) == ["same", "same", "changed"] and desk.sites()["示例甲窗口（新）"].id == site_id


def test_a_decision_about_nothing_is_told(desk: Desk) -> None:
    with pytest.raises(ContentError) as caught:
        desk.trial([*ROWS, TWIN], MAPPING + DECISION.format(other="320102-window-099", decision="same"))
    assert "没有编号是“320102-window-099”的地点" in str(caught.value)
    trial = desk.trial(ROWS, MAPPING + DECISION.format(other="示例甲窗口", decision="skip"))
    assert trial.plan.remarks == ["对照文件的 decisions 里有“示例甲窗口（新）”，名单里没有"]


def test_a_row_that_is_there_twice_is_told(desk: Desk) -> None:
    assert kinds(desk.trial([ROWS[0], ROWS[0]])) == ["new", "duplicate"]


# --- refused rows, missing sites --------------------------------------------------------------------

BAD = ["示例丁窗口", "玄武区示例路4号", "138"]


def test_one_refused_row_hinders_all_unless_staff_leave_it_out(desk: Desk) -> None:
    with pytest.raises(ValueError):
        desk.take([*ROWS, BAD])
    assert "示例甲窗口" not in desk.sites()
    trial = desk.take([*ROWS, BAD], skip_refused=True)
    assert kinds(trial) == ["new", "new", "new", "refused"] and "示例丁窗口" not in desk.sites()


def test_sites_that_are_no_longer_listed_are_told_and_closed_only_when_asked(desk: Desk) -> None:
    desk.take(ROWS)
    trial = desk.take(ROWS[:2])
    assert kinds(trial) == ["same", "same", "missing"] and trial.plan.rows[2].name == "示例丙窗口"
    assert desk.sites()["示例丙窗口"].status == "active"
    desk.take(ROWS[:2], close_missing=True)
    assert desk.sites()["示例丙窗口"].status == "closed"
    assert desk.sites()["玄武区办事窗口"].status == "active"  # another source's
    assert kinds(desk.take(ROWS[:2], close_missing=True)) == ["same", "same"]


def test_a_closed_site_that_is_listed_again_is_reopened_only_when_asked(desk: Desk) -> None:
    desk.take(ROWS)
    desk.take(ROWS[:2], close_missing=True)
    row = desk.take(ROWS).plan.rows[2]
    assert row.kind == "same" and "--reopen" in row.reason and desk.sites()["示例丙窗口"].status == "closed"
    desk.take(ROWS, reopen=True)
    assert desk.sites()["示例丙窗口"].status == "active"


def test_a_row_that_is_refused_is_in_the_list_all_the_same(desk: Desk) -> None:
    desk.take([*ROWS, ["示例丁窗口", "玄武区示例路4号", ""]])
    trial = desk.take([*ROWS, BAD], skip_refused=True, close_missing=True)
    assert "missing" not in kinds(trial) and desk.sites()["示例丁窗口"].status == "active"


def test_nothing_is_closed_where_a_name_cannot_be_read(desk: Desk) -> None:
    desk.take(ROWS)
    trial = desk.trial([*ROWS[:2], ["", "玄武区示例路3号", "025-86911013"]], skip_refused=True, close_missing=True)
    assert not trial.sound and "名称都读不出" in trial.plan.remarks[0]


def test_a_site_behind_a_skipped_duplicate_is_not_closed(desk: Desk) -> None:
    desk.take(ROWS)
    trial = desk.take([TWIN, *ROWS[1:]], duplicates="skip", close_missing=True)
    assert kinds(trial) == ["skipped", "same", "same"] and desk.sites()["示例甲窗口"].status == "active"


# --- what staff read --------------------------------------------------------------------------------


def test_the_screen_tells_each_row_with_line_column_what_was_read_and_what_is_written(desk: Desk) -> None:
    trial = desk.trial([*ROWS, TWIN, BAD, ["合计", "", ""], ["示例戊窗口", "秦淮区示例街道5号", "2586911012.0"]])
    text = screen(trial.plan, trial.world.words)
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("【")] == [
        "【读不懂】1处",
        "【可能重复】1处",
        "【新增】4处",
        "【说明行】1处",
    ]
    refused = next(line for line in lines if "示例丁窗口" in line)
    assert refused.split()[:4] == ["6", "示例丁窗口", "电话", "138"] and "不是完整的号码" in refused
    assert any(line.split() == ["电话", "2586911012.0", "025-86911012"] for line in lines)
    assert any("320104 秦淮区" in line for line in lines)
    assert summary(trial.plan, 2) == "读不懂1、可能重复1、新增4、说明行1；跳过空行2"


def test_the_report_has_everything_and_opens_in_a_table_program(desk: Desk, tmp_path: Path) -> None:
    trial = desk.trial([*ROWS, BAD, ["+示例己窗口", "玄武区示例路7号", ""]], skip_refused=True)
    write_report(tmp_path / "r.csv", trial.plan, trial.world.words)
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert tuple(lines[0]) == HEADER and {line["行"] for line in lines} == {"2", "3", "4", "5", "6"}
    assert any(line["结果"] == "读不懂" and line["栏"] == "电话" and line["读到的"] == "138" for line in lines)
    assert any(line["栏"] == "名称" and line["要写的"] == "'+示例己窗口" for line in lines)  # no formula for the reader
