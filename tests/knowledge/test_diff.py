"""Before an edit is published it is known whose answer and whose verdict it changes, and that nobody else's is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.drafting import difference_text
from knowledge.base import Snapshot, build
from knowledge.diff import Difference, difference

SMALL = Path(__file__).parent / "small_content"
LOCAL, POLICY = "320100/rental-subsidy.yml", "320100/policies/rental-subsidy.yml"
HOUSEHOLDS = "320100/policies/rental-subsidy.households.yml"


@pytest.fixture(scope="module")
def before() -> Snapshot:
    return build(SMALL, meaning=False)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def changed(before: Snapshot, content: Path, *edits: tuple[str, str, str]) -> Difference:
    for file, old, new in edits:
        text = (content / file).read_text(encoding="utf-8")
        assert old in text
        (content / file).write_text(text.replace(old, new), encoding="utf-8")
    return difference(before, build(content, meaning=False))


def test_the_same_content_changes_nothing(before: Snapshot, content: Path) -> None:
    found = changed(before, content)
    assert not found
    assert difference_text(found) == "居民得到的回答和结果都没有变。"


def test_another_wording_changes_the_words_of_its_own_question_only(before: Snapshot, content: Path) -> None:
    found = changed(before, content, (LOCAL, "硕士每月800元，本科600元。", "硕士每月800元，学士每月600元。"))
    assert found.records == (("问答", "320100/rental-subsidy#amount", "修改"),)
    assert {(item.kind, item.before.key) for item in found.questions} == {("reworded", "320100/rental-subsidy#amount")}
    assert "南京租房补贴多少钱？" in {item.question for item in found.questions}
    assert {item.region for item in found.questions} == {"320100"}
    assert found.households == ()


def test_a_deleted_faq_leaves_its_askers_to_others(before: Snapshot, content: Path) -> None:
    text = (content / LOCAL).read_text(encoding="utf-8")
    start, end = text.index("  - id: where"), text.index("  - id: amount")
    (content / LOCAL).write_text(text[:start] + text[end:], encoding="utf-8")
    found = changed(before, content)
    assert ("问答", "320100/rental-subsidy#where", "删除") in found.records
    gone = [item for item in found.questions if item.question == "南京租房补贴去哪里办？"]
    assert [item.before.key for item in gone] == ["320100/rental-subsidy#where"]
    assert gone[0].kind in ("moved", "lost")
    assert gone[0].after.key != gone[0].before.key


def test_a_phrase_that_takes_anothers_askers_is_seen(before: Snapshot, content: Path) -> None:
    found = changed(before, content, (LOCAL, "硕士租房补贴多少, ", "硕士租房补贴多少, 我在南京租房补贴去哪申请呀, "))
    moved = {item.question: item.after.key for item in found.questions if item.kind in ("moved", "gained")}
    assert moved.get("我在南京租房补贴去哪申请") == "320100/rental-subsidy#amount"


def test_another_amount_changes_the_households_that_get_it(before: Snapshot, content: Path) -> None:
    found = changed(before, content, (POLICY, "value: 800", "value: 900"), (HOUSEHOLDS, "amount: 800", "amount: 900"))
    assert [(item.household, item.before, item.after) for item in found.households] == [
        ("硕士，有合同，没有房", "符合，800元", "符合，900元")]
    assert "符合，800元 → 符合，900元" in difference_text(found)


def test_a_condition_less_is_told_even_where_no_household_gains(before: Snapshot, content: Path) -> None:
    found = changed(
        before, content,
        (POLICY, "  - id: contract\n    text: 签了劳动合同\n"
                 "    rule: {fact: person.has_labor_contract, is: true}\n", ""),
        (HOUSEHOLDS, "unmet: [contract, no-home]", "unmet: [no-home]"),
        (HOUSEHOLDS, "missing: [person.has_labor_contract, household", "missing: [household"))
    assert {item.household for item in found.households} == set()
    assert [item for item in found.records if item[0] == "政策"] == [("政策", "320100/rental-subsidy", "修改")]


def test_a_retired_policy_is_told_for_every_household(before: Snapshot, content: Path) -> None:
    (content / POLICY).unlink()
    (content / HOUSEHOLDS).unlink()
    (content / "320100/policies").rmdir()
    # Some policy there must be: the folder is not forgotten by accident.
    shutil.copytree(SMALL / "320100/policies", content / "320000/policies")
    for path in (content / "320000/policies").iterdir():
        text = path.read_text(encoding="utf-8").replace("320100", "320000").replace("[nj-rent]", "[guide]")
        path.write_text(text, encoding="utf-8")
    found = changed(before, content)
    assert {item.after for item in found.households if item.policy == "320100/rental-subsidy"} == {""}
    assert {item.before for item in found.households if item.policy == "320000/rental-subsidy"} == {""}
    assert "没有这项政策了" in difference_text(found)
