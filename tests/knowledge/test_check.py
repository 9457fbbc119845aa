"""The deep check finds each kind of mistake it is there for, at its line."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bot.checking import run_check, shown_path
from bot.settings import PROJECT, settings
from knowledge.assemble import assemble
from knowledge.base import extra_phrases
from knowledge.check import deep_problems
from knowledge.check_contacts import fault_of_phone
from knowledge.encoder import shared_encoder
from knowledge.errors import Problem
from knowledge.faq import FaqIndex
from knowledge.loader import load_parts

SMALL = Path(__file__).parent / "small_content"
LOCAL, NATIONAL = "320100/rental-subsidy.yml", "100000/rental-subsidy.yml"
POLICY, HOUSEHOLDS = "320100/policies/rental-subsidy.yml", "320100/policies/rental-subsidy.households.yml"
TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


def deep(content: Path) -> list[Problem]:
    parts = load_parts(content)
    joined = assemble(parts)
    index = FaqIndex(joined.faqs, extra_phrases(joined), content=shared_encoder(), residents=shared_encoder())
    return deep_problems(parts, today=TODAY, assembled=joined, index=index)


def edit(content: Path, file: str, old: str, new: str) -> str:
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.replace(old, new, 1)


def test_sound_content_has_no_deep_errors() -> None:
    found = deep(SMALL)
    assert [str(item) for item in found if item.is_error] == []
    unused = ("household.owns_home_in_lease_area", "household.income_month", "household.size")
    assert {(item.code, item.message.split("“")[1]) for item in found} == {("W103", f"{slug}”") for slug in unused}


_FIRST = "household.owns_home_in_city: false}\n    expect: {outcome: eligible"


@pytest.mark.parametrize(("file", "old", "new", "code", "at"), [
    (HOUSEHOLDS, "outcome: eligible,", "outcome: ineligible,", "E032", "outcome: ineligible, amount"),
    (HOUSEHOLDS, "amount: 800", "amount: 600", "E032", "amount: 600"),
    (HOUSEHOLDS, "amount: 800", "amount: null", "E032", "amount: null"),
    (HOUSEHOLDS, "unmet: [degree]", "unmet: [contract]", "E032", "unmet: [contract]"),
    (HOUSEHOLDS, "missing: []", "route: young", "E032", "route: young"),
    (HOUSEHOLDS, "missing: [person.has_labor_contract, ", "missing: [", "E032", "missing: [household"),
    (HOUSEHOLDS, "missing: []", "missing: [person.eduction]", "E026", "person.eduction"),
    (HOUSEHOLDS, "person.education: master", "person.eduction: master", "E026", "person.eduction"),
    (HOUSEHOLDS, "person.education: master", "person.education: doctor", "E034", "person.education: doctor"),
    (HOUSEHOLDS, "person.has_labor_contract: true", "person.has_labor_contract: ja", "E034", "person.has_labor"),
    (HOUSEHOLDS, "person.has_labor_contract: false", "person.has_labor_contract: true", "E033", "- id: contract"),
    (HOUSEHOLDS, "person.education: below_college", "person.education: bachelor", "E033", "- id: degree"),
    (HOUSEHOLDS, _FIRST, _FIRST.replace("city: false", "city: true").replace("eligible", "ineligible"), "E035",
     "households:"),
    (LOCAL, "paraphrases: [租房补贴一个月几块, 硕士租房补贴多少, ", "paraphrases: [", "E040", "paraphrases: [本科"),
    (LOCAL, "paraphrases: [租房补贴一个月几块", "paraphrases: [南京租房补贴多少钱", "E040",
     "paraphrases: [南京租房补贴多少钱"),
    (LOCAL, "must_win: [南京的租房补贴每月补多少钱, ", "must_win: [", "E041", "must_win: [租房补贴本科"),
    (LOCAL, "must_not: [南京租房补贴多少钱, ", "must_not: [", "E041", "must_not: [租房补贴是什么]"),
    (LOCAL, "must_win: [南京的租房补贴每月补多少钱", "must_win: [硕士租房补贴多少？", "E045",
     "硕士租房补贴多少？"),
    (LOCAL, "must_win: [南京的租房补贴每月补多少钱", "must_win: [说说租房补贴", "E045", "must_win: [说说"),
    (LOCAL, "must_not: [南京租房补贴去哪里办", "must_not: [南京租房补贴补好多", "E045",
     "must_not: [南京租房补贴补好多"),
    (LOCAL, "must_win: [南京的租房补贴每月补多少钱", "must_win: [南京办租房补贴找哪个单位", "W106",
     "must_win: [南京办租房补贴找"),
    (LOCAL, "must_not: [南京租房补贴去哪里办", "must_not: [南京租房补贴每月多少钱", "W107",
     "must_not: [南京租房补贴每月"),
    (LOCAL, "faqs:\n", "conflicts:\n  - id: sum\n    about: 金额\n    use: 以窗口为准。\n    claims:\n"
     "      - {text: 800元, sources: [nj-rent]}\n      - {text: 700元, sources: [guide]}\nfaqs:\n", "W108",
     "- id: sum"),
    (POLICY, "questions:\n", "questions:\n  household.size: 一家几口人？\n", "W109", "household.size: 一家"),
    (POLICY, "benefit:\n", "own_answers: [household.size]\nbenefit:\n", "W109", "own_answers"),
    (POLICY, "  - id: no-home\n", "  - {id: income, text: 家庭月收入不超过2万元, rule: {fact: household.income_month, "
     "at_most: 2}}\n  - id: no-home\n", "W110", "- {id: income"),
    (POLICY, "value: 800}", "value: 0.08, text: 每月0.08万元}", "W110", "value: 0.08"),
    (LOCAL, "  sources: [nj-rent, guide]\n", "  sources: [nj-rent, guide]\n  contacts:\n"
     '    - {name: 窗口, phone: "12345", hours: 随缘}\n', "W114", "- {name: 窗口"),
    (LOCAL, "question: 南京租房补贴多少钱？", "question: 南京的租房补贴去哪里办？", "W115",
     "question: 南京的租房补贴去哪里办？"),
    (LOCAL, "paraphrases: [租房补贴一个月几块", "paraphrases: [什么叫租房补贴", "W116", "paraphrases: [什么叫"),
    ("320100/sources.yml", '    date: "2025-10-23"\n', "", "W117", "- id: nj-rent"),
    ("320100/sources.yml", '"2025-10-23"', '"2026-12-01"', "W118", 'date: "2026-12-01"'),
    ("topics/all.yml", "[租房补助, 房租补贴]", "[租房补助, 租房补助]", "W119", "aliases: [租房补助, 租"),
    ("topics/all.yml", "aliases: [公共租赁住房]", "aliases: [租房布助]", "W120", "aliases: [租房布助]"),
    ("320100/sources.yml", "- id: nj-rent",
     "- {id: nj-old, title: 旧, publisher: 市, trust: official}\n  - id: nj-rent",
     "W104", "- {id: nj-old"),
], ids=lambda value: value if len(value) == 4 else "")
def test_each_mistake_is_found_at_its_line(file: str, old: str, new: str, code: str, at: str, content: Path) -> None:
    text = edit(content, file, old, new)
    where = file
    if code == "E033":
        where, text = POLICY, (content / POLICY).read_text(encoding="utf-8")
    lines = {item.line for item in deep(content) if item.code == code and item.path == content / where}
    assert text[:text.index(at)].count("\n") + 1 in lines


def sites_problems(content: Path, code: str) -> list[str]:
    return [item.message for item in deep(content) if item.code == code and item.path.name == "320100.csv"]


def test_an_address_of_another_district_or_city_is_told(content: Path) -> None:
    places = content / "places/320100.csv"
    more = "秦淮区,district,320100,,320104,320104,,118.794744,32.039133,8000,list\n苏州市,city,320500,,,,,,,,list\n"
    places.write_text(places.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert sites_problems(content, "W112") == []
    edit(content, "sites/320100.csv", "玄武区某路1号", "秦淮区某路1号")
    assert "秦淮区" in sites_problems(content, "W112")[0]
    edit(content, "sites/320100.csv", "秦淮区某路1号", "苏州市秦淮区某路1号")
    assert "苏州市" in sites_problems(content, "W112")[0]


def test_a_point_among_another_districts_places_is_told(content: Path) -> None:
    places, table = content / "places/320100.csv", content / "sites/320100.csv"
    around = [(118.90 + step / 1000, 32.10) for step in range(-3, 4)]
    rows = [f"站{number},station,320100,,,320113,,{lng},{lat},300,list" for number, (lng, lat) in enumerate(around)]
    more = "栖霞区,district,320100,,320113,320113,,118.909153,32.09623,8000,list\n" + "\n".join(rows) + "\n"
    places.write_text(places.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert sites_problems(content, "W113") == []
    table.write_text(table.read_text(encoding="utf-8").replace("118.79,32.05", "118.90,32.10"), encoding="utf-8")
    assert "栖霞区" in sites_problems(content, "W113")[0]
    table.write_text(table.read_text(encoding="utf-8").replace("118.90,32.10", "104.07,30.65"), encoding="utf-8")
    assert "90公里" in sites_problems(content, "W113")[0]


@pytest.mark.parametrize(("days", "code"), [(0, "W101"), (89, "W101"), (90, "W101"), (91, ""), (-1, "W102")])
def test_what_ends_within_90_days_is_told_wherever_it_stands(days: int, code: str, content: Path) -> None:
    until = TODAY + dt.timedelta(days=days)
    edit(content, POLICY, "benefit:\n", f"in_force: {{until: {until}}}\nbenefit:\n")
    edit(content, LOCAL, "  sources: [nj-rent, guide]\n",
         f"  sources: [nj-rent, guide]\n  in_force: {{until: {until}}}\n")
    edit(content, LOCAL, "    aspect: amount\n", f"    aspect: amount\n    in_force: {{until: {until}}}\n")
    found = [(item.code, item.path) for item in deep(content) if item.code in ("W101", "W102")]
    assert found == ([(code, content / POLICY), (code, content / LOCAL), (code, content / LOCAL)] if code else [])


@pytest.mark.parametrize("phone", [
    "12345", "110", "120", "119", "122", "12356", "95598", "028-12345", "021-12333", "02112345", "028-87911012",
    "02887911012",
    "82518637", "0512-65132613", "0312-5061234", "13800138000", "400-100-1234", "4001001234",
    "025-52204794、025-84611766", "028-86267237转8", "021-33193322、55082853",
])
def test_phones_that_can_be(phone: str) -> None:
    assert fault_of_phone(phone) == ""


@pytest.mark.parametrize("phone", [
    "1234", "123456", "028-8791101", "028-879110123", "12800138000", "138001380001", "028-12345678", "86267237.0", "无",
    "028 86267237 张", "02-86267237", "8.6e9",
])
def test_phones_that_cannot_be(phone: str) -> None:
    assert fault_of_phone(phone)


def test_a_household_may_live_on_another_day(content: Path) -> None:
    edit(content, POLICY, "benefit:\n", "in_force: {until: 2026-06-30}\nbenefit:\n")
    assert "E032" in {item.code for item in deep(content)}
    path = content / HOUSEHOLDS
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    facts:", "    on: 2026-06-30\n    facts:"), encoding="utf-8")
    assert [str(item) for item in deep(content) if item.is_error] == []


def test_a_policy_with_ways_needs_each_way_tried(content: Path) -> None:
    edit(content, POLICY, "benefit:\n",
         "routes:\n  - id: any\n    name: 都行\n    conditions:\n"
         "      - {id: small, text: 两口人以下, rule: {fact: household.size, at_most: 2}}\nbenefit:\n")
    named = {(item.code, item.message) for item in deep(content) if item.code == "E033"}
    assert {message.split("“")[1].split("”")[0] for _, message in named} == {"small"}
    assert len(named) == 2


def test_without_an_index_only_the_trials_are_left_out(content: Path) -> None:
    edit(content, LOCAL, "must_win: [南京的租房补贴每月补多少钱", "must_win: [南京办租房补贴找哪个单位")
    edit(content, LOCAL, "must_not: [南京租房补贴去哪里办", "must_not: [南京租房补贴每月多少钱")
    edit(content, HOUSEHOLDS, "amount: 800", "amount: 600")
    assert {item.code for item in deep_problems(load_parts(content), today=TODAY) if item.is_error} == {"E032"}


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def checked(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command's content is this folder."""
    monkeypatch.setenv("LINLITONG_CONTENT", str(content))
    monkeypatch.setenv("LINLITONG_CACHE", str(tmp_path / "cache"))
    settings.cache_clear()
    return content


@pytest.fixture(autouse=True)
def _own_settings() -> object:
    yield
    settings.cache_clear()


@pytest.mark.parametrize("deep_too", [True, False])
def test_sound_content_passes_in_spite_of_warnings(deep_too: bool, checked: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert run_check(stats=False, deep=deep_too) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("内容没有错误（")
    assert "3个事实没有任何条件用到" in lines[-2]
    assert len(lines) == 2


def test_facts_without_a_condition_are_named_with_the_counts(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_check(stats=True, deep=False) == 0
    out = capsys.readouterr().out
    assert out.count(" W103 ") == 3
    assert "内容没有错误，有3处提醒" in out


def test_an_faq_that_takes_another_ones_askers_is_warned_of(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(checked, LOCAL, "must_win: [南京的租房补贴每月补多少钱", "must_win: [南京办租房补贴找哪个单位")
    assert run_check(stats=False, deep=True) == 0
    out = capsys.readouterr().out
    assert " W106 " in out and "内容没有错误，有1处提醒" in out


def test_a_file_that_did_not_load_comes_first_and_hides_what_follows(checked: Path,
                                                                     capsys: pytest.CaptureFixture[str]) -> None:
    edit(checked, "100000/sources.yml", "trust: official", "trust: offical")
    edit(checked, LOCAL, "硕士租房补贴多少", "租房补贴去哪里办理")
    assert run_check(stats=False, deep=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "100000/sources.yml:5:" in lines[0] and "是不是想写“official”" in lines[0]
    assert "official、secondary、plan、sample" in lines[0]
    assert " E044 " in lines[1]
    assert not any(" E022 " in line for line in lines)
    assert lines[2].startswith("另有") and "没读进来" in lines[2]
    assert lines[-1].startswith("内容有2处错误")


def test_broken_content_fails_with_every_problem_on_its_own_line(checked: Path,
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    edit(checked, LOCAL, "aspect: amount", "aspect: price")
    edit(checked, HOUSEHOLDS, "amount: 800", "amount: 600")
    (checked / "topics/all.yml").write_bytes(b"\xff")
    assert run_check(stats=True, deep=True) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(f"{LOCAL}:" in line and " E012 " in line for line in lines)
    assert any(f"{HOUSEHOLDS}:5:" in line and " E032 " in line for line in lines)
    assert any("topics/all.yml: E004" in line for line in lines)
    assert lines[-1].startswith("内容有") and "改好错误才能上线" in lines[-1]


def test_a_folder_without_content_is_said_to_be_empty(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(checked)
    assert run_check(stats=False, deep=False) == 1
    assert "没有找到内容" in capsys.readouterr().out


def test_the_counts_are_those_of_the_folder(checked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_check(stats=True, deep=False) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    for row in (["主题", "2"], ["有服务卡的主题", "1"], ["服务卡", "2"], ["问答", "4"], ["政策", "1"],
                ["测试家庭", "4"], ["租房补贴", "2", "2", "4"], ["办事窗口", "1", "1"], ["街道镇", "1"]):
        assert row in rows


def test_paths_are_shown_from_the_project() -> None:
    assert shown_path(PROJECT / "knowledge" / "content" / "facts.yml") == "knowledge/content/facts.yml"
    assert shown_path(Path("/elsewhere/facts.yml")) == "/elsewhere/facts.yml"
