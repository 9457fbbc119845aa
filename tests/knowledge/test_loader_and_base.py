"""Staff's edits, good and bad: a bad one is named by file and line and never served, a good one is live."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.assemble import assemble
from knowledge.base import KnowledgeBase, Snapshot, build
from knowledge.check import serving_problems
from knowledge.errors import MESSAGES, ContentError
from knowledge.findings import findings
from knowledge.loader import kind_of, load_parts

SMALL = Path(__file__).parent / "small_content"
NATIONAL, LOCAL = "100000/rental-subsidy.yml", "320100/rental-subsidy.yml"
POLICY, HOUSEHOLDS = "320100/policies/rental-subsidy.yml", "320100/policies/rental-subsidy.households.yml"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "content"))


@pytest.fixture
def base(content: Path) -> KnowledgeBase:
    return KnowledgeBase(content, meaning=False)


def answer(snapshot: Snapshot, text: str) -> str:
    """What a resident of Nanjing is told."""
    return snapshot.index.faqs(snapshot.index.scores(text), region="320100")[0].record.faq.answer


class Slip(NamedTuple):
    """An edit that goes wrong: in ``file``, ``old`` becomes ``new``; the error is named at the line of ``at``."""

    name: str
    file: str
    old: str
    new: str
    code: str
    at: str


#: The one site of the small content.
_ROW = (SMALL / "sites/320100.csv").read_text(encoding="utf-8").split("\n", 1)[1]
#: Each is what staff do by mistake, and ``bot check`` calls an error: none of it may ever be served.
SLIPS = [
    Slip("half a line", LOCAL, "answer: 硕士每月800元，本科600元。", 'answer: "硕士每月', "E001", ""),
    Slip("a colon without a space", "facts.yml", "name: 学历", "name:学历", "E001", ""),
    Slip("a tab", LOCAL, "  name: 南京租房补贴", "\tname: 南京租房补贴", "E001", "\tname"),
    Slip("an alias of YAML", LOCAL, "sources: [nj-rent]\n", "sources: *same\n", "E003", "*same"),
    Slip("a key twice", LOCAL, "aspect: amount", "aspect: amount\n    aspect: how", "E005", "    aspect: how"),
    Slip("everything deleted", LOCAL, "", "", "E006", ""),
    Slip("a key misspelt", LOCAL, "question: 南京租房补贴多少钱？", "qestion: 南京租房补贴多少钱？", "E010", "qestion"),
    Slip("no answer", LOCAL, "    answer: 向南京市人社部门申请。\n", "", "E011", "- id: where"),
    Slip("a number for a text", "hotlines.yml", 'number: "12345"', "number: 12345", "E012", "number"),
    Slip("an aspect that is none", LOCAL, "aspect: amount", "aspect: price", "E012", "aspect: price"),
    Slip("a trust that is none", "320100/sources.yml", "trust: secondary", "trust: sure", "E012", "trust"),
    Slip("a field that is none", "topics/all.yml", "field: housing\n    aliases: [租房",
         "field: house\n    aliases: [租房", "E012", "field: house"),
    Slip("an unknown topic", LOCAL, "topic: rental-subsidy", "topic: rental-subsidies", "E020", "topic:"),
    Slip("an unknown topic as confusable", "topics/all.yml", "confusable: [public-rental-housing]",
         "confusable: [public-housing]", "E020", "confusable"),
    Slip("an unknown topic in a policy", POLICY, "topic: rental-subsidy", "topic: rent", "E020", "topic:"),
    Slip("an unknown region", LOCAL, 'region: "320100"', 'region: "320101"', "E021", "region:"),
    Slip("an unknown source", LOCAL, "sources: [nj-rent, guide]", "sources: [nj-rent, giude]", "E022",
         "[nj-rent, giude]"),
    Slip("a source of another place", NATIONAL, "card:\n  summary: 给租房的人发的补贴，各地不同。\n  sources: [guide]",
         "card:\n  summary: 给租房的人发的补贴，各地不同。\n  sources: [nj-rent]", "E022", "  sources: [nj-rent]"),
    Slip("no source", POLICY, "sources: [nj-rent]\n", "sources: []\n", "E023", "sources: []"),
    Slip("sources left out", LOCAL, "    answer: 硕士每月800元，本科600元。\n    sources: [nj-rent]\n",
         "    answer: 硕士每月800元，本科600元。\n", "E023", "- id: amount"),
    Slip("an FAQ's id twice", LOCAL, "id: amount", "id: where", "E024",
         "  - id: where\n    question: 南京租房补贴多少钱"),
    Slip("a fact twice", "facts.yml", "slug: household.size", "slug: household.income_month", "E024",
         "slug: household.income_month\n    type: int"),
    Slip("a fact's name with a digit", "facts.yml", "slug: household.size", "slug: household.size_2", "E012",
         "slug: household.size_2"),
    Slip("a region twice", "regions.yml", 'code: "320000"', 'code: "320100"', "E024", 'code: "320100", name: 南京'),
    Slip("households of another policy", HOUSEHOLDS, "policy: 320100/rental-subsidy", "policy: 320100/rent", "E025",
         "policy:"),
    Slip("an unknown fact implied", "facts.yml", "then: {household.owns_home_in_lease_area: false}",
         "then: {household.owns_home_in_leased_area: false}", "E026", "- {value: false"),
    Slip("an unknown fact in a derived one", "facts.yml", "/ household.size", "/ household.people", "E026", "- {slug:"),
    Slip("a question for an unknown fact", POLICY, "  person.education: \"{who}", "  person.school: \"{who}", "E026",
         "person.school"),
    Slip("an unknown fact in a rule", POLICY, "fact: person.has_labor_contract", "fact: person.contract", "E030",
         "rule: {fact: person.contract"),
    Slip("an operator that is none", POLICY, "{fact: person.has_labor_contract, is: true}",
         "{fact: person.has_labor_contract, equals: true}", "E030", "{fact: person.has_labor_contract, equals"),
    Slip("a value that the fact cannot have", POLICY, "in: [bachelor, master]", "in: [bachelor, expert]", "E030",
         "rule:"),
    Slip("a count of more than there are", POLICY, "{fact: person.has_labor_contract, is: true}",
         "{count: {of: [{fact: household.size, at_least: 2}, {fact: household.size, at_least: 4}], at_least: 3}}",
         "E030", "{count: {of"),
    Slip("an unknown fact in a count", POLICY, "{fact: person.has_labor_contract, is: true}",
         "{count: {of: [{fact: person.contract, is: true}, {fact: household.size, at_least: 2}], at_least: 2}}",
         "E030", "{count: {of"),
    Slip("a list in a list of values", POLICY, "in: [bachelor, master]", "in: [bachelor, [master]]", "E030",
         "[bachelor, [master]]"),
    Slip("an amount that cannot be reckoned", POLICY, "value: 800}", 'formula: "household.size *"}', "E030",
         'formula: "household'),
    Slip("code instead of arithmetic", "facts.yml", "expr: household.income_month / household.size",
         "expr: __import__('os').getcwd()", "E030", "derived"),
    Slip("a phrase of two FAQs", LOCAL, "硕士租房补贴多少", "租房补贴去哪里办理", "E044", "- id: amount"),
    Slip("an alias of two topics", LOCAL, "aliases: [宁漂补贴]", "aliases: [公租房]", "E050", "aliases"),
    Slip("an alias of one character", LOCAL, "aliases: [宁漂补贴]", "aliases: [租]", "E051", "aliases"),
    Slip("a pattern that is none", "emergencies.yml", "patterns: [叫不醒]", 'patterns: ["叫(不醒"]', "E060",
         '"叫(不醒"'),
    Slip("a point in the sea", "places/320100.csv", "118.797757", "18.797757", "E070", "玄武区"),
    Slip("a cell too many", "sites/320100.csv", "玄武区某路1号", "玄武区,某路1号", "E070", "320102-window-001"),
    Slip("an unknown category", "sites/320100.csv", ",window,", ",windows,", "E071", "320102-window-001"),
    Slip("a brace without its partner", "texts/all.yml", "eligible。{policy}", "eligible。{policy", "E081",
         "  eligible:"),
    Slip("a blank that nobody fills in", "texts/all.yml", "trust_secondary。{date}{publisher}",
         "trust_secondary。{date}{publishr}", "E081", "  trust_secondary:"),
    Slip("a blank with a format", "texts/all.yml", "eligible。{policy}", "eligible。{policy:>10}", "E081",
         "  eligible:"),
    Slip("a sentence without words", "texts/all.yml", '"all_clear。"', '" "', "E012", "  all_clear:"),
    Slip("a sentence without a wording", "texts/all.yml", '"all_clear。"', "[]", "E012", "  all_clear:"),
    Slip("a sentence that is missing", "texts/all.yml", "  goodbye:", "  good_bye:", "E080", "texts:"),
    Slip("another blank in a question", "facts.yml", '"{who}签劳动合同了吗？"', '"{name}签劳动合同了吗？"', "E081",
         '"{name}签'),
    Slip("a source's date in words", "100000/sources.yml", '"2021-01-06"', "2021年1月6日", "E012", "date:"),
    Slip("a source's date that is none", "100000/sources.yml", '"2021-01-06"', '"2021-02-30"', "E012", "date:"),
    Slip("a source's address that runs", "100000/sources.yml", "https://www.gov.cn/guide", "javascript:alert(1)",
         "E012", "url:"),
    Slip("a pattern that takes for ever", "emergencies.yml", "patterns: [叫不醒]", 'patterns: ["((a+)+)+$"]', "E061",
         "((a+)+)+$"),
    Slip("no patterns", "emergencies.yml", "patterns: [叫不醒]", "patterns: []", "E012", "patterns: []"),
    Slip("division by nothing", POLICY, "{fact: person.has_labor_contract, is: true}", '{expr: "1/0", at_least: 1}',
         "E030", '{expr: "1/0"'),
    Slip("a household that the policy contradicts", HOUSEHOLDS, "amount: 800", "amount: 600", "E032", "amount: 600"),
    Slip("a policy that its households contradict", POLICY, "value: 800", "value: 900", "E032", ""),
    Slip("a condition tried one way only", HOUSEHOLDS, "person.has_labor_contract: false",
         "person.has_labor_contract: true", "E033", ""),
    Slip("a household with a fact that is none", HOUSEHOLDS, "person.education: master", "person.education: doctor",
         "E034", "person.education: doctor"),
    Slip("too few phrases", LOCAL, "[租房补贴去哪里办理, 宁漂补贴在哪办, 南京的租房补贴找谁, ", "[", "E040",
         "paraphrases: [租房补贴网上"),
    Slip("too few tests", LOCAL, "must_win: [南京办租房补贴要去哪里, ", "must_win: [", "E041", "must_win: [我在南京"),
    Slip("a test that is a phrase", LOCAL, "must_win: [南京办租房补贴要去哪里", "must_win: [宁漂补贴在哪办", "E045",
         "must_win: [宁漂补贴"),
    Slip("a header without rows", "sites/320100.csv", _ROW, "", "E070", "id,name"),
    Slip("a precision without end", "sites/320100.csv", ",50,", ",inf,", "E070", "320102-window-001"),
    Slip("a condition nobody can meet", POLICY, "  - id: no-home\n",
         "  - id: no-degree\n    text: 没有学位\n    rule: {fact: person.education, is: below_college}\n"
         "  - id: no-home\n",
         "E036", "- id: no-degree"),
    Slip("a way nobody can go", POLICY, "benefit:\n",
         "routes:\n  - id: owner\n    name: 有房的\n    conditions:\n"
         "      - {id: home, text: 有房, rule: {fact: household.owns_home_in_city, is: true}}\nbenefit:\n",
         "E037", "- id: owner"),
    Slip("an amount nobody can get", POLICY, "    - {when: {fact: person.education, is: bachelor}, value: 600}",
         "    - {value: 600}\n    - {when: {fact: person.education, is: bachelor}, value: 700}", "E038", "value: 700"),
    Slip("an answer that no button gives", POLICY, "in: [bachelor, master]", "in: [below_college, bachelor, master]",
         "E039", "- id: degree"),
    Slip("a conflict that is not there", LOCAL, "    aspect: amount", "    conflict: how-much\n    aspect: amount",
         "E046", "conflict: how-much"),
    Slip("claims from old to new", LOCAL, "faqs:\n",
         "conflicts:\n  - id: sum\n    about: 金额\n    use: 以窗口为准。\n"
         "    claims:\n      - {text: 700元, sources: [guide]}\n      - {text: 800元, sources: [nj-rent]}\nfaqs:\n",
         "E047", "    claims:"),
    Slip("a phone with a digit too few", NATIONAL, 'phone: "12345"', 'phone: "1234"', "E062", 'phone: "1234"'),
    Slip("a phone of a place that cannot be", "sites/320100.csv", "district,address,lng", "district,phone,lng", "E062",
         "320102-window-001"),
    Slip("an end before the beginning", POLICY, "benefit:\n",
         "in_force: {start: 2026-05-01, until: 2026-04-01}\nbenefit:\n", "E063", "in_force"),
    Slip("a brace in a question", "facts.yml", '"{who}签劳动合同了吗？"', '"{who}}签劳动合同了吗？"', "E081",
         '"{who}}签'),
]


@pytest.mark.parametrize("slip", SLIPS, ids=[slip.name for slip in SLIPS])
def test_a_slip_is_named_by_file_and_line_and_the_old_snapshot_serves(slip: Slip, base: KnowledgeBase,
                                                                      content: Path) -> None:
    path, before = content / slip.file, base.snapshot
    text = path.read_text(encoding="utf-8")
    assert slip.old in text
    edited = text.replace(slip.old, slip.new, 1) if slip.old else ""
    path.write_text(edited, encoding="utf-8")

    assert base.reload() is False

    where = {"E032": content / HOUSEHOLDS, "E033": content / POLICY}.get(slip.code, path)
    named = [item for item in base.refused if item.code == slip.code and item.path == where]
    assert named, [str(item) for item in base.refused]
    if slip.at:
        assert slip.at in edited
        assert edited[:edited.index(slip.at)].count("\n") + 1 in {item.line for item in named}, str(named[0])
    assert base.snapshot is before
    assert answer(base.snapshot, "南京租房补贴多少钱") == "硕士每月800元，本科600元。"

    path.write_text(text, encoding="utf-8")
    base.reload()
    assert base.refused == ()
    assert base.snapshot.version == before.version


def test_all_mistakes_are_named_at_once(base: KnowledgeBase, content: Path) -> None:
    for file, old, new in ((LOCAL, "aspect: amount", "aspect: price"), (LOCAL, "answer: 向", "anwser: 向"),
                           (POLICY, "topic: rental-subsidy", "topic: rent"), (NATIONAL, "[guide]", "[giude]")):
        path = content / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    base.reload()
    assert {item.code for item in base.refused} >= {"E012", "E010", "E011", "E020", "E022"}


@pytest.mark.parametrize(("raw", "code"), [
    ("topic: 租房".encode("gbk"), "E004"), (b"\x00\x01\x02", "E001"), (b"a: " + b"x" * 2_000_001, "E002"),
    (b"- " * 200_000, "E001"), (b"[" * 200_000, "E001"), (b"[1, 2]", "E012"), (b"just words", "E012"), (b"5", "E012"),
], ids=["gbk", "binary", "huge", "deep list", "deep brackets", "a list", "words", "a number"])
def test_what_is_no_content_at_all_is_refused(raw: bytes, code: str, base: KnowledgeBase, content: Path) -> None:
    (content / LOCAL).write_bytes(raw)
    assert base.reload() is False
    assert code in {item.code for item in base.refused if item.path == content / LOCAL}


# --- whole files -----------------------------------------------------------------------------------


def test_a_deleted_answer_is_gone_and_the_national_one_speaks(base: KnowledgeBase, content: Path) -> None:
    (content / LOCAL).unlink()
    assert base.reload() is True
    assert answer(base.snapshot, "租房补贴去哪里办") == "各地不同，请拨12345问。"


@pytest.mark.parametrize(("deleted", "code", "named"), [
    ("320100/sources.yml", "E022", LOCAL), (HOUSEHOLDS, "E031", POLICY), ("100000/sources.yml", "E022", "hotlines.yml"),
])
def test_a_deleted_file_that_others_need_is_refused(deleted: str, code: str, named: str, base: KnowledgeBase,
                                                    content: Path) -> None:
    (content / deleted).unlink()
    assert base.reload() is False
    assert (code, content / named) in {(item.code, item.path) for item in base.refused}


@pytest.mark.parametrize(("old", "new"), [
    (LOCAL, "320100/rent.yml"), (LOCAL, "320000/rental-subsidy.yml"), (LOCAL, "rental-subsidy.yml"),
    (LOCAL, "320100/rental-subsidy.yaml"), (LOCAL, "nanjing/rental-subsidy.yml"), (POLICY, "320100/policies/rent.yml"),
    (HOUSEHOLDS, "320100/policies/rent.households.yml"), ("facts.yml", "fact.yml"),
    ("places/320100.csv", "320100/places.csv"), ("sites/320100.csv", "320100.csv"),
    (POLICY, "320100/policies/old/rental-subsidy.yml"),
])
def test_a_file_in_the_wrong_place_or_by_the_wrong_name_is_refused(old: str, new: str, base: KnowledgeBase,
                                                                   content: Path) -> None:
    (content / new).parent.mkdir(exist_ok=True)
    (content / old).rename(content / new)
    assert base.reload() is False
    assert ("E027", content / new) in {(item.code, item.path) for item in base.refused}


@pytest.mark.parametrize("name", ["SOURCES.md", "notes.txt", ".draft.yml", "~$table.csv", "facts.yml.bak", "facts.yml~",
                                  ".git/config.yml", "320100/.rental-subsidy.yml.swp"])
def test_files_that_are_no_content_are_left_alone(name: str, base: KnowledgeBase, content: Path) -> None:
    (content / name).parent.mkdir(exist_ok=True)
    (content / name).write_text("{{{ not yaml")
    assert base.reload() is False
    assert base.refused == ()


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
@pytest.mark.parametrize("file", [LOCAL, POLICY, "facts.yml", "sites/320100.csv", "topics/all.yml"])
def test_a_half_written_file_never_takes_it_down(file: str, share: float, base: KnowledgeBase, content: Path) -> None:
    raw = (content / file).read_bytes()
    (content / file).write_bytes(raw[:int(len(raw) * share)])
    base.reload()
    assert base.snapshot.index.faqs(base.snapshot.index.scores("租房补贴是什么"), region="320100")
    (content / file).write_bytes(raw)
    base.reload()
    assert base.refused == ()
    assert answer(base.snapshot, "南京租房补贴多少钱") == "硕士每月800元，本科600元。"


_PIECES = [
    "", " ", "\n", "\t", ": ", "- ", "[", "]", "{", "}", "'", '"', "#", "&a", "*a", "!!", "|", ">", "%", "~", "\0",
    "null", "true", "0", "9" * 30, "-1", "1e999", "甲", "\ufeff", "fact", "{who",
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([LOCAL, POLICY, HOUSEHOLDS, "facts.yml", "topics/all.yml", "texts/all.yml", "emergencies.yml"]),
       st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(_PIECES)), min_size=1, max_size=3))
def test_no_slip_of_the_hand_raises_anything_but_problems(content: Path, file: str,
                                                          slips: list[tuple[float, int, str]]) -> None:
    text = (SMALL / file).read_text(encoding="utf-8")
    for share, gone, piece in slips:
        at = int(len(text) * share)
        text = text[:at] + piece + text[at + gone:]
    (content / file).write_text(text, encoding="utf-8")
    parts = load_parts(content)
    found = findings(parts, serving_problems(parts, assemble(parts)))
    assert all(item.code in MESSAGES for item in found.problems)
    assert found.errors or all(part.record is not None for part in parts.by_path.values())
    (content / file).write_bytes((SMALL / file).read_bytes())


# --- serving ---------------------------------------------------------------------------------------


def test_a_good_edit_is_served_after_a_reload(base: KnowledgeBase, content: Path) -> None:
    path, before = content / LOCAL, base.snapshot
    path.write_text(path.read_text(encoding="utf-8").replace("每月800元", "每月900元"), encoding="utf-8")
    assert base.reload() is True
    assert answer(base.snapshot, "南京租房补贴多少钱") == "硕士每月900元，本科600元。"
    assert base.snapshot.version != before.version
    assert answer(before, "南京租房补贴多少钱") == "硕士每月800元，本科600元。"


def test_a_new_topic_and_its_answer_need_nothing_but_files(base: KnowledgeBase, content: Path) -> None:
    (content / "topics/more.yml").write_text(
        "topics:\n  - {slug: library, name: 图书馆, field: culture, aliases: [借书的地方]}\n", encoding="utf-8")
    (content / "320100/library.yml").write_text(
        'topic: library\nregion: "320100"\nfaqs:\n  - id: card\n    question: 怎么办借书证？\n'
        "    paraphrases: [办借书证要什么, 借书证怎么弄, 图书馆办证, 办图书证]\n"
        "    must_win: [我要办个借书证, 办图书馆的证]\n    must_not: [图书馆几点开门, 图书馆在哪]\n"
        "    answer: 带身份证就能办。\n    sources: [guide]\n", encoding="utf-8")
    assert base.reload() is True
    assert answer(base.snapshot, "怎么办借书证") == "带身份证就能办。"
    assert base.snapshot.topic_finder.find("借书的地方")[0].topic == "library"


def test_a_reload_without_an_edit_changes_nothing(base: KnowledgeBase) -> None:
    before = base.snapshot
    assert base.reload() is False
    assert base.snapshot is before


def test_an_edit_of_an_answer_builds_no_map_again(base: KnowledgeBase, content: Path) -> None:
    before = base.snapshot
    path = content / LOCAL
    path.write_text(path.read_text(encoding="utf-8").replace("800", "900"), encoding="utf-8")
    base.reload()
    assert base.snapshot.gazetteer is before.gazetteer
    assert base.snapshot.sites is before.sites


@pytest.mark.parametrize(("file", "old", "new", "again"), [
    ("sites/320100.csv", "某路1号", "某路2号", {"sites"}),
    ("sites/categories.yml", "aliases: [窗口]", "aliases: [柜台]", {"sites"}),
    ("places/320100.csv", "118.78,32.05,1500", "118.79,32.05,1500", {"gazetteer", "sites"}),
])
def test_an_edit_of_a_map_is_served(file: str, old: str, new: str, again: set[str], base: KnowledgeBase,
                                    content: Path) -> None:
    path, before = content / file, base.snapshot
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert base.reload() is True
    renewed = {name for name in ("sites", "gazetteer") if getattr(base.snapshot, name) is not getattr(before, name)}
    assert renewed == again


def test_unchanged_files_are_not_read_again(content: Path) -> None:
    before = load_parts(content)
    (content / LOCAL).write_text((content / LOCAL).read_text(encoding="utf-8").replace("800", "900"), encoding="utf-8")
    after = load_parts(content, before)
    changed = [path for path, part in after.by_path.items() if part is not before.by_path[path]]
    assert changed == [content / LOCAL]


def test_residents_are_served_while_staff_edit(base: KnowledgeBase, content: Path) -> None:
    path, text, wrong = content / LOCAL, (content / LOCAL).read_text(encoding="utf-8"), []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            if not answer(base.snapshot, "南京租房补贴多少钱").startswith("硕士每月"):
                wrong.append(base.snapshot.version)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        for number in range(6):
            edited = text.replace("800", str(900 + number)) if number % 2 else f"{text}\n  broken"
            path.write_text(edited, encoding="utf-8")
            base.reload()
    finally:
        done.set()
        for thread in asking:
            thread.join()
    assert wrong == []
    assert "905" in answer(base.snapshot, "南京租房补贴多少钱")


def test_a_bad_folder_is_refused_at_the_start(content: Path) -> None:
    (content / LOCAL).write_text("topic: [", encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        KnowledgeBase(content, meaning=False)
    assert refused.value.problems[0].path == content / LOCAL
    assert str(content / LOCAL) in str(refused.value)


# --- what a snapshot knows -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Iterator[Snapshot]:
    yield build(SMALL, meaning=False)


def test_the_most_local_card_speaks(small: Snapshot) -> None:
    nanjing, elsewhere = small.card("rental-subsidy", "320102"), small.card("rental-subsidy", "510100")
    assert nanjing is not None and nanjing.key == "320100/rental-subsidy"
    assert elsewhere is not None and elsewhere.region == "100000"
    assert small.card("public-rental-housing", "320100") is None


def test_policies_hold_where_their_region_does(small: Snapshot) -> None:
    found = small.policies_for("rental-subsidy", "320102")
    assert [rules.policy.policy for rules in found] == ["320100/rental-subsidy"]
    assert small.policies_for("rental-subsidy", "510100") == []
    assert len(small.all_policies("320100")) == 1


def test_names_and_sentences(small: Snapshot) -> None:
    assert small.region_name("320102") == "南京"
    assert small.region_name("320500") == "江苏"
    assert small.region_name("999999") == "全国"
    assert small.knows("320102") and not small.knows("510100")
    assert small.text("eligible", who="您", policy="补贴") == "eligible。补贴您"
    assert [source.id for source in small.source_list(("nj-rent", "guide"))] == ["nj-rent", "guide"]


@pytest.mark.parametrize(("path", "kind"), [
    ("facts.yml", "facts"), ("320100/sources-housing.yml", "sources"), ("320100/x.yml", "topic"),
    ("320100/policies/x.talent.yml", "policy"), ("320100/policies/x.talent.households.yml", "households"),
    ("places/x.csv", "places"), ("sites/categories.yml", "categories"), ("sites/x.yml", "unknown"),
    ("32010/x.yml", "unknown"), ("x.md", None), ("320100/x.yaml", "unknown"),
])
def test_the_place_of_a_file_says_what_it_is(path: str, kind: str) -> None:
    assert kind_of(Path(path)) == kind
