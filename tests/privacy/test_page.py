"""docs/personal-data.md names everything that is kept: a table or file without a line there is a fault."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.privacy.masking import mask_for_storage
from bot.private_files import EARLIER, STATE
from bot.settings import CannotServe, keep_days
from bot.state.schema import RESIDENTS, metadata
from tests.support.databases import Databases

PAGE = (Path(__file__).parents[2] / "docs" / "personal-data.md").read_text(encoding="utf-8")
#: The lines of its tables: what stands in backquotes at their beginning → the whole line.
LINES = {name: line for line in PAGE.splitlines() if line.startswith("| `")
         for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_every_table_has_a_line() -> None:
    assert set(metadata.tables) <= set(LINES), "a table of bot/state/schema.py is missing in docs/personal-data.md"


def test_every_table_that_a_database_really_has_has_a_line(state: Databases) -> None:
    database = state()

    async def open_and_close() -> None:
        await database.read(lambda db: None)
        await database.close()

    asyncio.run(open_and_close())
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'" if state.embedded else \
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    there = {str(row[0]) for row in state.rows(named)}
    assert there >= set(metadata.tables) and there <= set(LINES)


def test_a_table_of_residents_says_how_it_is_deleted() -> None:
    for table in RESIDENTS:
        cells = [cell.strip() for cell in LINES[table].strip("|").split("|")]
        assert len(cells) == 6 and all(cells), table
        assert any(word in cells[5] for word in ("删除我的记录", "同上")), table


def test_no_line_is_left_of_a_table_that_is_gone() -> None:
    tables = {name for name, line in LINES.items() if line.count("|") == 7}
    assert tables == set(metadata.tables) | {"alembic_version"}


@pytest.mark.parametrize("file", [STATE, f"{STATE}-wal", f"{STATE}-shm", *EARLIER, "secret", "draft"])
def test_every_file_of_the_folder_has_a_line(file: str) -> None:
    assert file in LINES


def test_the_page_says_the_true_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINLITONG_KEEP_HOURS", "LINLITONG_KEEP_DAYS"):
        monkeypatch.delenv(name, raising=False)
    assert f"默认 {keep_days('LINLITONG_KEEP_DAYS'):g} 天" in PAGE and "默认 24 小时" in PAGE


def test_the_page_promises_no_more_than_masking_does() -> None:
    assert mask_for_storage("张三能领吗") == "张三能领吗"  # as the page admits


# --- the two ages as settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "days", "kept"), [("", "", 30), ("48", "", 30), ("1440", "", 60), ("24", "1", 1),
                                                     ("25", "2", 2), ("8760", "365", 365)])
def test_how_long_conversations_are_kept(monkeypatch: pytest.MonkeyPatch, hours: str, days: str, kept: int) -> None:
    monkeypatch.setenv("LINLITONG_KEEP_HOURS", hours)
    monkeypatch.setenv("LINLITONG_KEEP_DAYS", days)
    assert keep_days("LINLITONG_KEEP_DAYS") == kept


@pytest.mark.parametrize(("hours", "days"), [
    ("25", "1"), ("8760", "30"), ("24", "0"), ("24", "366"), ("24", "一"), ("24", "-1")])
def test_conversations_never_go_before_their_facts(monkeypatch: pytest.MonkeyPatch, hours: str, days: str) -> None:
    monkeypatch.setenv("LINLITONG_KEEP_HOURS", hours)
    monkeypatch.setenv("LINLITONG_KEEP_DAYS", days)
    with pytest.raises(CannotServe, match="LINLITONG_KEEP_DAYS"):
        keep_days("LINLITONG_KEEP_DAYS")
