"""Content that lost what the bot cannot live without is never served, however it was lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase, build
from knowledge.errors import ContentError
from knowledge.required import REQUIRED

SMALL = Path(__file__).parent / "small_content"
LOCAL = "320100/rental-subsidy.yml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


@pytest.fixture
def base(content: Path) -> KnowledgeBase:
    return KnowledgeBase(content, meaning=False)


def refused(base: KnowledgeBase) -> dict[str, list[Path]]:
    """The paths of each code after a reload, which must not have been taken."""
    before = base.snapshot
    assert base.reload() is False
    assert base.snapshot is before
    found: dict[str, list[Path]] = {}
    for item in base.refused:
        found.setdefault(item.code, []).append(item.path)
    return found


def test_a_folder_that_is_moved_away_leaves_the_old_snapshot_and_comes_back(base: KnowledgeBase, content: Path) -> None:
    content.rename(content.with_name("away"))
    assert refused(base) == {"E008": [content]}
    content.mkdir()
    assert refused(base) == {"E008": [content]}
    content.rmdir()
    content.with_name("away").rename(content)
    base.reload()
    assert base.refused == ()


@pytest.mark.parametrize("make", [lambda _: None, Path.mkdir, Path.touch], ids=["missing", "empty", "a file"])
def test_it_does_not_start_without_content(make: object, tmp_path: Path) -> None:
    root = tmp_path / "nope"
    assert callable(make)
    make(root)
    with pytest.raises(ContentError) as stopped:
        build(root, meaning=False)
    problem, = stopped.value.problems
    assert (problem.code, problem.path) == ("E008", root)
    assert "没有找到内容" in str(stopped.value) and "LINLITONG_CONTENT" in str(stopped.value)


@pytest.mark.parametrize(("kind", "lost"), [
    ("emergencies", "emergencies.yml"), ("limits", "limits.yml"), ("hotlines", "hotlines.yml"), ("facts", "facts.yml"),
    ("regions", "regions.yml"), ("texts", "texts"), ("topics", "topics"), ("places", "places"),
    ("categories", "sites/categories.yml"), ("sites", "sites/320100.csv"), ("policy", "320100/policies"),
])
def test_a_kind_of_content_that_is_gone_is_named_once(kind: str, lost: str, base: KnowledgeBase, content: Path) -> None:
    path = content / lost
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    name, file = REQUIRED[kind]
    assert set(refused(base)) == {"E009"}
    assert name in base.refused[0].message and file in base.refused[0].remedy


def test_every_answer_gone_is_refused_and_every_source_too(base: KnowledgeBase, content: Path) -> None:
    for path in content.glob("*/rental-subsidy.yml"):
        path.unlink()
    for path in content.glob("*/sources.yml"):
        path.unlink()
    assert set(refused(base)) == {"E009"}
    assert len(base.refused) == 2


@pytest.mark.parametrize(("file", "empty"), [
    ("emergencies.yml", "emergencies: []"), ("hotlines.yml", "hotlines: []"), ("limits.yml", "limits: []"),
    ("texts/all.yml", "texts: {}"), ("facts.yml", "facts: []"), ("topics/all.yml", "topics: []"),
    ("320100/policies/rental-subsidy.households.yml", "policy: 320100/rental-subsidy\nhouseholds: []"),
])
def test_a_file_that_lists_nothing_is_refused(file: str, empty: str, base: KnowledgeBase, content: Path) -> None:
    (content / file).write_text(empty, encoding="utf-8")
    assert refused(base) == {"E012": [content / file]}
    assert "至少要写一项" in base.refused[0].message


def test_an_empty_table_is_said_to_be_empty(base: KnowledgeBase, content: Path) -> None:
    (content / "sites/320100.csv").write_text("\n", encoding="utf-8")
    assert refused(base) == {"E006": [content / "sites/320100.csv"]}


@pytest.mark.parametrize("name", ["rental-subsidy.yml.bak", "rental-subsidy.yml~", "rental-subsidy.yml.txt",
                                  "rental-subsidy.yml.2026-11-21", "rental-subsidy.yml 副本"])
def test_a_file_that_was_renamed_is_not_taken_for_one_deleted_on_purpose(name: str, base: KnowledgeBase,
                                                                        content: Path) -> None:
    (content / LOCAL).rename(content / "320100" / name)
    assert refused(base) == {"E028": [content / "320100" / name]}
    assert "rental-subsidy.yml" in base.refused[0].remedy
    shutil.copy(content / "320100" / name, content / LOCAL)  # a copy beside the original is nobody's business
    base.reload()
    assert base.refused == ()


def test_a_topic_or_a_region_may_go_on_purpose(base: KnowledgeBase, content: Path) -> None:
    (content / LOCAL).unlink()
    assert base.reload() is True
    shutil.rmtree(content / "100000" / "policies", ignore_errors=True)
    (content / "100000/rental-subsidy.yml").unlink()
    shutil.copy(SMALL / LOCAL, content / LOCAL)
    assert base.reload() is True
    assert {record.region for record in base.snapshot.faqs} == {"320100"}


def test_a_text_that_is_missing_is_named_with_its_blanks_and_the_likely_slip(base: KnowledgeBase,
                                                                             content: Path) -> None:
    path = content / "texts/all.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("  eligible:", "  eligibel:"), encoding="utf-8")
    assert base.reload() is False
    missing, = [item for item in base.refused if item.code == "E080"]
    assert "“eligible”" in missing.message and "是不是想写“eligibel”" in missing.message
    assert "{policy}、{who}" in missing.remedy


def test_a_text_that_nothing_says_is_only_warned_of(base: KnowledgeBase, content: Path) -> None:
    path = content / "texts/all.yml"
    path.write_text(path.read_text(encoding="utf-8") + "  hello: 您好{name}\n", encoding="utf-8")
    assert base.reload() is True
    assert [item.code for item in base.snapshot.warnings] == ["W105"]


def test_a_mistake_of_the_program_is_told_of_the_file_that_showed_it(base: KnowledgeBase, content: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OverflowError

    monkeypatch.setattr("knowledge.loader.read_sites", broken)
    path = content / "sites/320100.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("1号", "2号"), encoding="utf-8")
    assert refused(base) == {"E099": [path]}
