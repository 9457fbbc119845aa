"""Site files are written whole or not at all, and only where the content after it would pass its checks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from knowledge.assemble import assemble
from knowledge.check import serving_problems
from knowledge.findings import findings
from knowledge.imports.trial import Trial, carry_out
from knowledge.imports.writing import Edited, patched
from knowledge.loader import load_parts
from knowledge.tables import read_sites
from tests.knowledge.import_lists import CITY, MAPPING, Desk, kinds

ROWS = [["示例甲窗口", "玄武区示例路1号", "025-86911012"], ["示例乙窗口", "秦淮区示例街道示例路22号", ""]]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_content_is_sound_after_an_import_and_other_files_are_untouched(desk: Desk) -> None:
    before = snapshot(desk.root)
    desk.take(ROWS)
    after = snapshot(desk.root)
    parts = load_parts(desk.root)
    assert findings(parts, serving_problems(parts, assemble(parts))).errors == []
    assert set(after) == set(before)
    assert [name for name in after if after[name] != before[name]] == [f"sites/{CITY}.csv"]


def test_a_trial_writes_nothing(desk: Desk) -> None:
    before = snapshot(desk.root)
    assert desk.trial(ROWS).files
    assert snapshot(desk.root) == before


def test_lines_that_the_list_does_not_touch_keep_their_bytes(desk: Desk) -> None:
    before = desk.site_file.read_text(encoding="utf-8").splitlines()
    desk.take(ROWS)
    after = desk.site_file.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before) + 2
    # Columns that the file did not have are added at the end.
    assert all(
        new.startswith(old) and not new[len(old) :].strip(",") for old, new in zip(before[1:], after[1:], strict=False)
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_that_a_table_program_saved_is_read_and_keeps_its_line_ends(desk: Desk, encoding: str) -> None:
    text = desk.site_file.read_text(encoding="utf-8").replace("\n", "\r\n")
    desk.site_file.write_bytes(text.encode(encoding))
    desk.take(ROWS)
    raw = desk.site_file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert b"\r\n" in raw and b"\r\r" not in raw and "示例甲窗口" in raw.decode("utf-8-sig")
    assert len(read_sites(desk.site_file)) == 3


def test_a_city_that_had_no_sites_gets_its_file(desk: Desk) -> None:
    desk.site_file.rename(desk.root / "sites" / "510100.csv")
    desk.take(ROWS)
    assert {site.name for site in read_sites(desk.site_file)} == {"示例甲窗口", "示例乙窗口"}


def test_a_site_is_changed_in_the_file_it_is_in(desk: Desk) -> None:
    desk.take(ROWS)
    other = desk.site_file.with_name(f"{CITY}.more.csv")
    header, first, *rest = desk.site_file.read_text(encoding="utf-8").splitlines()
    other.write_text("\n".join([header, *rest]) + "\n", encoding="utf-8")
    desk.site_file.write_text("\n".join([header, first]) + "\n", encoding="utf-8")
    trial = desk.take([["示例甲窗口", "玄武区示例路1号", "025-86911099"], ROWS[1]])
    assert list(trial.files) == [other] and len(read_sites(desk.site_file)) == 1
    assert [site.phone for site in read_sites(other)] == ["025-86911099", ""]


def test_a_new_file_has_all_columns_that_are_needed_and_reads_back() -> None:
    assert patched(None, []).decode().startswith("id,name,category,city")


# --- all or nothing ---------------------------------------------------------------------------------


def test_errors_of_the_content_hinder_and_are_told_as_older_than_the_list(desk: Desk) -> None:
    (desk.root / "hotlines.yml").write_text("hotlines: []\n", encoding="utf-8")
    before = snapshot(desk.root)
    trial = desk.trial(ROWS)
    assert trial.errors and not trial.at_fault and not trial.sound
    with pytest.raises(ValueError):
        carry_out(trial)
    assert snapshot(desk.root) == before


def test_a_check_that_fails_after_the_import_leaves_the_file_as_it_was(desk: Desk) -> None:
    # The table was broken before: what is written would be broken too.
    text = desk.site_file.read_text(encoding="utf-8")
    desk.site_file.write_text(
        text + "320102-window-009,示例破窗口,window,320100,320102,,,,,随便,,,official\n", encoding="utf-8"
    )
    before = snapshot(desk.root)
    trial = desk.trial(ROWS)
    assert trial.errors and trial.at_fault
    with pytest.raises(ValueError):
        carry_out(trial)
    assert snapshot(desk.root) == before


def sound_trial(desk: Desk) -> Trial:
    trial = desk.trial(ROWS)
    assert trial.sound
    return trial


def test_a_file_that_somebody_saved_meanwhile_is_not_overwritten(desk: Desk) -> None:
    trial = sound_trial(desk)
    desk.site_file.write_bytes(desk.site_file.read_bytes() + b"\n")
    before = snapshot(desk.root)
    with pytest.raises(Edited, match="别人改过"):
        carry_out(trial)
    assert snapshot(desk.root) == before


def test_a_disk_that_fills_up_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    trial, before = sound_trial(desk), snapshot(desk.root)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        carry_out(trial)
    monkeypatch.undo()
    assert snapshot(desk.root) == before


def test_of_two_files_both_are_written_or_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take(ROWS)
    header, first, *rest = desk.site_file.read_text(encoding="utf-8").splitlines()
    desk.site_file.with_name(f"{CITY}.more.csv").write_text("\n".join([header, *rest]) + "\n", encoding="utf-8")
    desk.site_file.write_text("\n".join([header, first]) + "\n", encoding="utf-8")
    trial = desk.trial(
        [["示例甲窗口", "玄武区示例路1号", "025-86911099"], ROWS[1], ["示例丙窗口", "玄武区示例路3号", ""]]
    )
    assert trial.sound and len(trial.files) == 2
    before, replace, calls = snapshot(desk.root), os.replace, []

    def second_fails(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(OSError):
        carry_out(trial)
    monkeypatch.undo()
    assert snapshot(desk.root) == before
    carry_out(trial)
    assert (
        kinds(
            desk.trial(
                [["示例甲窗口", "玄武区示例路1号", "025-86911099"], ROWS[1], ["示例丙窗口", "玄武区示例路3号", ""]]
            )
        )
        == ["same"] * 3
    )


def test_the_file_keeps_its_rights(desk: Desk) -> None:
    desk.site_file.chmod(0o664)
    desk.take(ROWS)
    assert desk.site_file.stat().st_mode & 0o777 == 0o664


def test_five_thousand_rows_are_taken_over_and_again_change_nothing(desk: Desk) -> None:
    rows = [
        [f"示例{number:04}窗口", f"玄武区示例{number % 90}路{number}号", str(2_580_000_000 + number)]
        for number in range(5000)
    ]
    assert kinds(desk.take(rows, MAPPING)) == ["new"] * 5000
    before = desk.site_file.read_bytes()
    assert set(kinds(desk.take(rows, MAPPING))) == {"same"} and desk.site_file.read_bytes() == before
