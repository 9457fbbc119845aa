"""An edit remakes what it touches and nothing else, and the result is that of a start from nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.scale.world import Size, make_world
from knowledge.base import KnowledgeBase, Snapshot, build
from knowledge.loader import load_parts

SMALL = Path(__file__).parent / "small_content"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    root = tmp_path_factory.mktemp("country") / "content"
    return root, make_world(root, Size(faqs=700, policies=30, sites=300))


@pytest.fixture
def world(country: tuple[Path, list[str]], tmp_path: Path) -> tuple[Path, list[str]]:
    return Path(shutil.copytree(country[0], tmp_path / "content")), country[1]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def asks(snapshot: Snapshot, text: str, region: str) -> list[tuple[str, float]]:
    hits = snapshot.index.faqs(snapshot.index.scores(text, region), region=region, limit=5)
    return [(hit.record.key, round(hit.score, 5)) for hit in hits]


def test_an_edit_of_one_city_leaves_the_others_as_they_are(world: tuple[Path, list[str]]) -> None:
    root, cities = world
    assert len(cities) > 1
    base = KnowledgeBase(root, meaning=False)
    before = base.snapshot
    edit(root / cities[0] / "nursery.yml", "（示例", "（改过的示例")
    assert base.reload() is True
    after, other = base.snapshot, cities[1]
    mine = {record.key: record for record in after.faqs if record.region == other}
    assert all(mine[record.key] is record for record in before.faqs if record.region == other)
    assert all(after.policies[key] is rules for key, rules in before.policies.items())
    assert any("改过的示例" in record.faq.answer for record in after.faqs)


def test_an_edited_table_rebuilds_its_own_city_only(world: tuple[Path, list[str]]) -> None:
    root, cities = world
    base = KnowledgeBase(root, meaning=False)
    before = base.snapshot.sites
    edit(root / "sites" / f"{cities[0]}.csv", "示例路1号", "示例路1号甲")
    assert base.reload() is True
    after = base.snapshot.sites
    same = {city: after._cities[city] is old for city, old in before._cities.items()}
    assert same == {city: city != cities[0] for city in cities}


@pytest.mark.parametrize("number", range(6))
def test_whatever_was_edited_the_result_is_that_of_a_fresh_start(world: tuple[Path, list[str]], number: int) -> None:
    root, cities = world
    base = KnowledgeBase(root, meaning=False)
    city = cities[0]
    if number == 0:
        edit(root / city / "nursery.yml", "哪些人能办", "究竟是哪些人才能办")
    elif number == 1:
        (root / city / "nursery.yml").unlink()
    elif number == 2:
        shutil.copy(root / cities[1] / "hospital.yml", root / city / "hospital.yml")
        edit(root / city / "hospital.yml", f'"{cities[1]}"' if f'"{cities[1]}"' in
             (root / city / "hospital.yml").read_text(encoding="utf-8") else f"'{cities[1]}'", f"'{city}'")
        edit(root / city / "hospital.yml", f"s{cities[1]}", f"s{city}")
    elif number == 3:
        edit(root / city / "sources.yml", "title: 示例", "title: 别的示例")
    elif number == 4:
        policy = next((root / city / "policies").glob("*[!s].yml"))
        policy.unlink()
        policy.with_name(policy.name.replace(".yml", ".households.yml")).unlink()
    else:
        edit(root / "facts.yml", "question: ", "question: 请问，")
    base.reload()
    assert base.refused == ()
    fresh = build(root, meaning=False)
    served = base.snapshot
    assert served.version == fresh.version
    assert {record.key: record.faq for record in served.faqs} == {record.key: record.faq for record in fresh.faqs}
    assert {key: rules.policy for key, rules in served.policies.items()} == \
        {key: rules.policy for key, rules in fresh.policies.items()}
    assert served.sources == fresh.sources and served.catalogue.facts == fresh.catalogue.facts
    for text in ("我想问托育哪些人能办", "医院去哪里办", "低保一个月多少钱"):
        for region in (city, cities[1], "100000"):
            assert asks(served, text, region) == asks(fresh, text, region)


def test_a_file_written_again_at_once_with_as_many_bytes_is_seen(tmp_path: Path) -> None:
    """Size and time are the same within one tick of the clock: then the bytes decide."""
    content = Path(shutil.copytree(SMALL, tmp_path / "content"))
    path = content / "320100/rental-subsidy.yml"
    parts = load_parts(content)
    for digit in "123456789":
        text = path.read_text(encoding="utf-8")
        at = text.index("硕士每月") + len("硕士每月")
        path.write_text(text[:at] + digit + text[at + 1:], encoding="utf-8")
        parts = load_parts(content, parts)
        assert f"每月{digit}00元" in str(parts.by_path[path].record)
