"""The parts of the eligibility benchmark: its policies, its figures, its page, and what OpenFisca is told."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.eligibility import fisca, measure
from benchmarks.eligibility.__main__ import FISCA
from benchmarks.eligibility.report import markdown
from benchmarks.eligibility.varied import varied_policies
from benchmarks.errors import CannotMeasure
from knowledge.base import CONTENT, Snapshot, build
from knowledge.eligibility.rules import comparisons

#: Conversations about these are measured here; the benchmark takes all.
FEW = ("320100/elderly-allowance", "320100/rental-subsidy")


@pytest.fixture(scope="module")
def content() -> Snapshot:
    return build(CONTENT, meaning=False)


@pytest.fixture(scope="module")
def small(content: Snapshot) -> Snapshot:
    return dataclasses.replace(content, households={name: content.households[name] for name in FEW})


# --- policies made from real ones ----------------------------------------------------------------


def test_varied_policies_have_the_same_conditions_with_other_bounds(content: Snapshot) -> None:
    real = list(content.policies.values())
    made = varied_policies(real, 2 * len(real) + 1)
    assert len(made) == 2 * len(real) + 1
    moved = 0
    for number, item in enumerate(made):
        before, after = comparisons(real[number % len(real)].whole), comparisons(item.whole)
        assert [(leaf.subject, leaf.operator) for leaf in before] == [(leaf.subject, leaf.operator) for leaf in after]
        moved += sum(one.operand != another.operand for one, another in zip(before, after, strict=True))
    assert moved > len(made) / 2
    assert len({item.policy.policy for item in made}) == len(made)


def test_they_are_the_same_each_time(content: Snapshot) -> None:
    real = list(content.policies.values())[:20]
    once, again = (varied_policies(real, 40) for _ in range(2))
    assert [item.policy for item in once] == [item.policy for item in again]


# --- figures -------------------------------------------------------------------------------------


def test_quantiles_are_in_the_unit_asked_for() -> None:
    times = measure.Times.of([number / 1000 for number in range(1, 101)], 1e-3)
    assert times.count == 100
    assert [times.median, times.worst] == pytest.approx([50.5, 100])
    assert times.p95 == pytest.approx(95)


def test_every_household_is_judged_and_asked(small: Snapshot) -> None:
    households = sum(map(len, small.households.values()))
    verdicts = measure.verdict_times(small)
    assert verdicts.count == households
    assert 0 < verdicts.median <= verdicts.p95 <= verdicts.worst
    questions, mean = measure.question_times(small)
    assert questions.count == round(mean * households) + households  # the last time nothing is left to ask
    assert 1 < mean < 5


def test_the_question_over_many_is_measured_until_nothing_is_left(content: Snapshot) -> None:
    made = varied_policies(list(content.policies.values()), 180)
    times, compiled = measure.many_times(made, content, conversations=2, questions=3)
    assert times.count == 6
    assert compiled > 0


# --- OpenFisca -----------------------------------------------------------------------------------


def test_only_households_that_tell_everything_are_compared(content: Snapshot) -> None:
    found = fisca.cases(content.policies, content.households)
    assert {case.rules.policy.policy for case in found} == set(fisca.POLICIES)
    assert all(slug in case.known for case in found for slug in case.rules.facts)
    verdicts, spent = measure.ours_for_fisca(found)
    assert set(verdicts) == {True, False}
    assert spent > 0


def test_what_openfisca_is_told_has_a_variable_for_each_fact(content: Snapshot) -> None:
    asked: Any = json.loads(json.dumps(fisca.question(fisca.cases(content.policies, content.households))))
    assert all(case["facts"].keys() <= asked["variables"].keys() for case in asked["cases"])
    assert asked["variables"]["child_birth_date"] == "date"
    assert asked["variables"]["person_age"] == "int"


def test_without_openfisca_nothing_is_measured(content: Snapshot, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fisca, "_environment", lambda folder: Path(sys.executable))  # ours: it is not in there
    with pytest.raises(CannotMeasure, match="openfisca_core"):
        fisca.compare(fisca.cases(content.policies, content.households), tmp_path)


@pytest.mark.skipif(not (FISCA / "bin" / "python").exists(), reason="python -m benchmarks.eligibility makes it")
def test_openfisca_agrees(content: Snapshot) -> None:
    found = fisca.cases(content.policies, content.households)
    theirs = fisca.compare(found, FISCA)
    assert theirs["verdicts"] == measure.ours_for_fisca(found)[0]


# --- the page ------------------------------------------------------------------------------------


def _figures() -> dict[str, Any]:
    times = {"count": 3, "median": 1.0, "p95": 2.0, "worst": 3.0}
    way = {"questions": 7.0, "settled_after": {5: 1.0, 8: 2.0, 12: 3.0}}
    return {
        "machine": {"measured_at": "2026-11-28T01:00Z", "cpu": "cpu", "cores": 2, "load_before": 0.5,
                    "python": "3.10"},
        "policies": 90, "verdict_us": times, "question_ms": {**times, "median": 2.5}, "questions_mean": 3.0,
        "many": {"policies": 5000, "compile_s": 1.0, "question_ms": times},
        "cities": [{"city": "510100", "policies": 42, "chosen": way, "in_turn": way}],
    }


def test_the_page_marks_what_is_above_its_bound() -> None:
    page = markdown(_figures())
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    assert "**(above)**" in lines["the next question of one policy, nothing kept"]
    assert page.count("**(above)**") == 1
    assert "1.0 / 2.0 / 3.0" in lines["510100"]
    assert "OpenFisca" not in page


def test_the_page_says_why_openfisca_was_not_measured() -> None:
    assert "Not measured: no index" in markdown({**_figures(), "openfisca": {"cannot_measure": "no index"}})


def test_the_page_gives_openfisca_by_ours() -> None:
    beside = {"version": "45", "households": 20, "eligible": 11, "agreed": 20, "ours_us": 20.0, "one_us": 500.0,
              "together_us": 200.0}
    page = markdown({**_figures(), "openfisca": beside})
    assert "| 500.0 | 25.0 |" in page
    assert "Same verdict: 20 of 20" in page
