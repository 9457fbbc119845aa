"""The made-up country passes the same checks as real content, is the same each time, and can be measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import ROWS, markdown
from benchmarks.scale.world import Size, make_world
from bot.settings import PROJECT
from knowledge.base import build
from knowledge.drafts import fingerprints

SMALL = Size(faqs=600, policies=12, sites=400)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    root = tmp_path_factory.mktemp("country") / "content"
    return root, make_world(root, SMALL)


def test_it_holds_as_much_as_was_asked_for(country: tuple[Path, list[str]]) -> None:
    root, cities = country
    snapshot = build(root, meaning=False)  # raises where anything is wrong
    assert (len(snapshot.faqs), len(snapshot.policies), len(snapshot.sites)) == (600, 12, 400)
    assert {record.region for record in snapshot.faqs} == set(cities)
    assert all(site.trust == "sample" and site.name.startswith("示例") for site in snapshot.sites.by_id.values())


def test_it_is_the_same_each_time(country: tuple[Path, list[str]], tmp_path: Path) -> None:
    make_world(tmp_path / "again", SMALL)
    assert fingerprints(tmp_path / "again") == fingerprints(country[0])


def test_every_figure_of_the_table_is_measured(country: tuple[Path, list[str]], tmp_path: Path) -> None:
    root, cities = country
    command = [sys.executable, "-m", "benchmarks.scale.measure", str(root), str(tmp_path), cities[0], "warm"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=PROJECT)
    found = json.loads(done.stdout.decode().strip().splitlines()[-1])
    assert all(value > 0 for value in found.values())
    size = {"faqs": 600, "policies": 12, "sites": 400, "cities": len(cities)}
    text = markdown({**found, "cold_s": 1.0, "warm_s": 1.0, "vectors_mb": 1.0, "size": size})
    assert all(title in text for _, title, _, _ in ROWS)
