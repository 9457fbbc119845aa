"""``bot receipt``: what is printed, what is written, and what happens to codes and rules that have changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import receipts
from bot.receipt_sheet import replay, sheet_of, text_of
from bot.settings import PROJECT, settings
from knowledge.base import CONTENT
from knowledge.eligibility.engine import evaluate
from knowledge.eligibility.values import Value
from knowledge.errors import ContentError
from knowledge.receipt import write_receipt
from tests.channels.qr import read_codes

DAY = dt.date(2026, 11, 21)
POLICY = "320100/rental-subsidy"
FITS: dict[str, Value] = {
    "person.education": "master", "person.has_labor_contract": True, "person.social_insurance_active": True,
    "household.owns_home_in_city": False,
}
#: As much of the content as one policy needs.
FILES = ("topics", "facts", "facts.yml", "regions.yml", "320100/sources*.yml", "320100/rental-subsidy.yml",
         "320100/policies/rental-subsidy.yml", "320100/policies/rental-subsidy.households.yml")


@pytest.fixture(scope="module")
def base() -> receipts.Rules:
    return receipts.load_rules(CONTENT)


def made(base: receipts.Rules, facts: dict[str, Value], policy: str = POLICY, city: str = "320100") -> str:
    rules = base.policies[policy]
    return write_receipt(rules, facts, day=DAY, city=city,
                         outcome=evaluate(rules, facts, day=DAY, city=city).outcome)


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small content folder of its own that the command reads."""
    for pattern in FILES:
        for found in CONTENT.glob(pattern):
            for path in [found] if found.is_file() else found.rglob("*.yml"):
                target = tmp_path / "content" / path.relative_to(CONTENT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    monkeypatch.setenv("LINLITONG_CONTENT", str(tmp_path / "content"))
    settings.cache_clear()
    yield tmp_path / "content"
    settings.cache_clear()


def change(content: Path, old: str, new: str) -> None:
    path = content / "320100" / "policies" / "rental-subsidy.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_command_prints_the_sheet(base: receipts.Rules) -> None:
    done = subprocess.run([sys.executable, "-m", "bot", "receipt", *made(base, FITS).lower().split("-")],
                          cwd=PROJECT, capture_output=True, timeout=120)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    heads = re.findall(r"【(.+)】", text)
    assert heads == ["回执", "了解到的情况", "结论", "每个条件", "要带的材料", "怎么办", "窗口还会核对", "地点电话",
                     "来源"]
    assert "每月800元" in text and "□ 劳动合同" in text and "12333" in text and "学历：硕士研究生" in text


def test_a_mistyped_code_is_one_sentence_and_exit_code_2(base: receipts.Rules) -> None:
    code = made(base, FITS)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    done = subprocess.run([sys.executable, "-m", "bot", "receipt", wrong], cwd=PROJECT, capture_output=True,
                          timeout=120)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().strip() == "回执码抄错了或者没有抄全，请对照回执单再输一遍。"


def test_a_page_is_written_that_needs_nothing_else(base: receipts.Rules, tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "清单.html"
    assert receipts.run_receipt([made(base, FITS)], html=page) == 0
    text = page.read_text(encoding="utf-8")
    assert "清单.html" in capsys.readouterr().out
    assert "@page" in text and "@media print" in text
    assert not re.search(r"(src|href)=|@import|url\(", text)
    assert text.count('class="boxes"') == 1 and "<li>劳动合同</li>" in text
    # Nobody knows here where the server is found: the picture says the code alone.
    assert read_codes(text) == [made(base, FITS)]


def test_the_picture_on_paper_leads_to_the_address_that_is_set(
    base: receipts.Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "清单.html"
    public = dataclasses.replace(settings(), public_url="https://linli.example.gov.cn")
    monkeypatch.setattr(receipts, "settings", lambda: public)
    assert receipts.run_receipt([made(base, FITS)], html=page) == 0
    assert read_codes(page.read_text(encoding="utf-8")) == [f"https://linli.example.gov.cn/receipt#{made(base, FITS)}"]


def test_an_amount_that_changed_is_said_and_both_conclusions_stand_there(
        base: receipts.Rules, content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = made(base, FITS)
    change(content, "      value: 800\n", "      value: 900\n")
    assert receipts.run_receipt([code]) == 0
    text = capsys.readouterr().out
    assert "规定在出回执以后改过" in text and "当时的结论是“符合条件”" in text
    assert "每月900元" in text and "后来改过" in text and "和出回执时一样" not in text


def test_words_that_changed_are_no_change_of_rules(base: receipts.Rules, content: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    code = made(base, FITS)
    change(content, "    text: 社保在南京连续缴纳\n", "    text: 社保一直在南京交\n")
    assert receipts.run_receipt([code]) == 0
    text = capsys.readouterr().out
    assert "改过" not in text and "社保一直在南京交" in text


def test_facts_that_cannot_be_read_any_more_are_not_made_up(base: receipts.Rules, content: Path,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    code = made(base, FITS)
    change(content, "{fact: person.social_insurance_active, is: true}", "{fact: person.lives_here, is: true}")
    assert receipts.run_receipt([code]) == 0
    text = capsys.readouterr().out
    assert "读不出来" in text and "当时的结论是“符合条件”" in text
    assert "【结论】" not in text and "【了解到的情况】" not in text and "硕士" not in text.split("【来源】")[0]


def test_a_mistake_elsewhere_in_the_content_is_no_matter_but_one_that_hides_the_policy_is_told(
        base: receipts.Rules, content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = made(base, FITS)
    (content / "hotlines.yml").write_text("hotlines: 5\n", encoding="utf-8")
    assert receipts.run_receipt([code]) == 0
    capsys.readouterr()
    change(content, "policy: 320100/rental-subsidy", "policy: [")
    with pytest.raises(ContentError):
        receipts.run_receipt([code])


def test_another_outcome_by_the_same_rules_is_said(base: receipts.Rules) -> None:
    rules = base.policies[POLICY]
    code = write_receipt(rules, FITS, day=DAY, city="320100", outcome="ineligible")
    text = text_of(sheet_of(replay(code, base), base))
    assert "出回执时的结论是“暂时不符合条件”，现在按同一版规定重算是“符合条件”" in text


def test_somebody_refused_is_told_where_to_ask_but_not_what_to_bring(base: receipts.Rules) -> None:
    text = text_of(sheet_of(replay(made(base, {**FITS, "household.owns_home_in_city": True}), base), base))
    assert "暂时不符合条件" in text and "✗ 没达到：在南京已有自有住房" in text
    assert "【要带的材料】" not in text and "12333" in text and "800" not in text.split("【来源】")[0]
