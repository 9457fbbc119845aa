"""What was parsed once is not parsed again, and what the cache gives is what the file says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge import loader
from knowledge.assemble import assemble
from knowledge.base import CONTENT, build
from knowledge.check import serving_problems
from knowledge.loader import Part, Parts, load_parts
from knowledge.part_cache import PartCache

SMALL = Path(__file__).parent / "small_content"
LOCAL = "320100/rental-subsidy.yml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


@pytest.fixture
def cache(tmp_path: Path) -> PartCache:
    return PartCache(tmp_path / "cache")


def records(parts: Parts) -> dict[str, object]:
    return {path.relative_to(parts.root).as_posix(): part.record for path, part in parts.by_path.items()}


def test_a_second_start_parses_nothing(content: Path, cache: PartCache, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_parts(content, cache=cache)
    monkeypatch.setattr(loader, "_loaded", lambda *_: pytest.fail("parsed again"))
    second = load_parts(content, cache=cache)
    assert records(second) == records(first)
    assert all(part.kept for part in second.by_path.values())


def test_the_shipped_content_is_the_same_from_the_cache(tmp_path: Path) -> None:
    cache = PartCache(tmp_path)
    first = load_parts(CONTENT, cache=cache)
    assert records(load_parts(CONTENT, cache=cache)) == records(first)


def test_an_edit_is_parsed_and_its_mistakes_have_their_lines(content: Path, cache: PartCache) -> None:
    load_parts(content, cache=cache)
    path = content / LOCAL
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[nj-rent, guide]", "[nj-rent, giude]"), encoding="utf-8")
    for _ in range(2):  # the second time from the cache
        parts = load_parts(content, cache=cache)
        wrong = [item for item in serving_problems(parts, assemble(parts)) if item.code == "E022"]
        assert [(item.path, item.line) for item in wrong] == [(path, 7)]


def test_a_broken_file_is_not_kept(content: Path, cache: PartCache) -> None:
    (content / LOCAL).write_text("topic: [", encoding="utf-8")
    for _ in range(2):
        found = load_parts(content, cache=cache).by_path[content / LOCAL]
        assert found.record is None and [item.code for item in found.problems] == ["E001"]


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x80", b"\x81\xa1a\x01"])
def test_a_damaged_entry_is_parsed_again(content: Path, tmp_path: Path, damage: bytes) -> None:
    expected = records(load_parts(content, cache=PartCache(tmp_path / "cache")))
    for entry in (tmp_path / "cache").rglob("*"):
        if entry.is_file():
            entry.write_bytes(damage)
    assert records(load_parts(content, cache=PartCache(tmp_path / "cache"))) == expected


def test_a_cache_that_cannot_be_written_changes_nothing(content: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert records(load_parts(content, cache=PartCache(tmp_path / "file"))) == records(load_parts(content))


def test_old_entries_go_where_there_are_far_too_many(content: Path, tmp_path: Path) -> None:
    cache = PartCache(tmp_path / "cache")
    for number in range(400):
        cache.put(f"{number}", "topic", {"number": number})
    cache.tidy(10)
    assert len([entry for entry in (tmp_path / "cache").rglob("*") if entry.is_file()]) == 300


def test_a_snapshot_from_the_cache_is_the_same(content: Path, tmp_path: Path) -> None:
    first = build(content, meaning=False, cache=tmp_path / "cache")
    second = build(content, meaning=False, cache=tmp_path / "cache")
    assert second.version == first.version and second.faqs == first.faqs
    assert second.parts is not None
    assert all(isinstance(part, Part) and part.kept for part in second.parts.by_path.values())
