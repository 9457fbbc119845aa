"""A draft changes nothing for residents until it is published, and publishing loses nobody's work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.drafts import DraftError, draft_changes, fingerprints, make_draft, publish_draft, stamp_draft

SMALL = Path(__file__).parent / "small_content"
LOCAL = "320100/rental-subsidy.yml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


@pytest.fixture
def draft(content: Path, tmp_path: Path) -> Path:
    make_draft(content, tmp_path / "var" / "draft")
    return tmp_path / "var" / "draft"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_fresh_draft_is_the_same_and_has_nothing_to_publish(content: Path, draft: Path) -> None:
    assert fingerprints(draft) == fingerprints(content)
    assert not draft_changes(content, draft)


def test_an_edit_of_the_draft_is_not_served_until_it_is_published(content: Path, draft: Path) -> None:
    base = KnowledgeBase(content, meaning=False)
    edit(draft / LOCAL, "每月800元", "每月900元")
    assert base.reload() is False
    changes = draft_changes(content, draft)
    assert (changes.written, changes.gone, changes.clashes) == ((LOCAL,), (), ())
    publish_draft(content, draft, changes)
    assert base.reload() is True
    assert "每月900元" in (content / LOCAL).read_text(encoding="utf-8")
    assert not draft_changes(content, draft)


def test_new_and_deleted_files_go_along(content: Path, draft: Path) -> None:
    (draft / "100000/new.yml").write_text("x", encoding="utf-8")
    (draft / LOCAL).unlink()
    changes = draft_changes(content, draft)
    assert (changes.written, changes.gone) == (("100000/new.yml",), (LOCAL,))
    publish_draft(content, draft, changes)
    assert (content / "100000/new.yml").is_file()
    assert not (content / LOCAL).exists()
    assert not [path for path in content.rglob(".*") if path.is_file()]  # no half-written file is left


def test_what_somebody_else_changed_meanwhile_is_kept(content: Path, draft: Path) -> None:
    edit(draft / LOCAL, "每月800元", "每月900元")
    edit(content / "facts.yml", "家庭月收入", "全家月收入")
    publish_draft(content, draft, draft_changes(content, draft))
    assert "全家月收入" in (content / "facts.yml").read_text(encoding="utf-8")


def test_a_file_that_both_changed_is_not_overwritten(content: Path, draft: Path) -> None:
    edit(draft / LOCAL, "每月800元", "每月900元")
    edit(content / LOCAL, "每月800元", "每月850元")
    changes = draft_changes(content, draft)
    assert changes.clashes == (LOCAL,)
    with pytest.raises(DraftError, match=LOCAL):
        publish_draft(content, draft, changes)
    assert "每月850元" in (content / LOCAL).read_text(encoding="utf-8")
    stamp_draft(content, draft)  # seen and merged
    publish_draft(content, draft, draft_changes(content, draft))
    assert "每月900元" in (content / LOCAL).read_text(encoding="utf-8")


def test_a_file_deleted_in_the_draft_and_changed_by_somebody_else_stays(content: Path, draft: Path) -> None:
    (draft / LOCAL).unlink()
    edit(content / LOCAL, "每月800元", "每月850元")
    with pytest.raises(DraftError):
        publish_draft(content, draft, draft_changes(content, draft))
    assert (content / LOCAL).exists()


def test_unpublished_work_is_not_thrown_away(content: Path, draft: Path) -> None:
    edit(draft / LOCAL, "每月800元", "每月900元")
    with pytest.raises(DraftError, match="--again"):
        make_draft(content, draft)
    assert "每月900元" in (draft / LOCAL).read_text(encoding="utf-8")
    make_draft(content, draft, again=True)
    assert fingerprints(draft) == fingerprints(content)


def test_a_folder_of_something_else_is_left_alone(content: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/a.txt").write_text("x")
    with pytest.raises(DraftError):
        make_draft(content, tmp_path / "letters", again=True)
    assert (tmp_path / "letters/a.txt").exists()


def test_without_a_draft_a_sentence_says_what_to_do(content: Path, tmp_path: Path) -> None:
    for step in (draft_changes, stamp_draft):
        with pytest.raises(DraftError, match="bot draft"):
            step(content, tmp_path / "none")
