"""Causes come before consequences, and what follows from a file that did not load is counted, not listed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.assemble import assemble
from knowledge.check import serving_problems
from knowledge.findings import Findings, findings
from knowledge.loader import load_parts

SMALL = Path(__file__).parent / "small_content"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def found(content: Path) -> Findings:
    parts = load_parts(content)
    return findings(parts, serving_problems(parts, assemble(parts)))


def test_sound_content_has_none() -> None:
    assert found(SMALL) == Findings(())


@pytest.mark.parametrize(("file", "hidden"), [
    ("100000/sources.yml", "E022"), ("topics/all.yml", "E020"), ("regions.yml", "E021"), ("facts.yml", "E030"),
    ("sites/categories.yml", "E071"), ("320100/policies/rental-subsidy.yml", "E025"),
    ("320100/policies/rental-subsidy.households.yml", "E031"), ("texts/all.yml", "E080"),
])
def test_what_follows_from_a_broken_file_is_not_listed(file: str, hidden: str, content: Path) -> None:
    (content / file).write_text("broken: [", encoding="utf-8")
    result = found(content)
    assert [(item.code, item.path) for item in result.errors] == [("E001", content / file)]
    assert hidden not in {item.code for item in result.problems}
    assert result.consequences > 0 or hidden == "E080"  # which texts there would be is not even asked


def test_other_mistakes_are_still_listed_behind_it(content: Path) -> None:
    path = content / "100000/rental-subsidy.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("topic: rental-subsidy", "topic: rent"), encoding="utf-8")
    (content / "320100/sources.yml").write_text("sources: [{id: nj-rent, trust: offical}]", encoding="utf-8")
    codes = [(item.code, item.path.relative_to(content).as_posix()) for item in found(content).errors]
    assert codes[:3] == [("E011", "320100/sources.yml")] * 2 + [("E012", "320100/sources.yml")]
    assert ("E020", "100000/rental-subsidy.yml") in codes[3:]
    assert "E022" not in {code for code, _ in codes}
