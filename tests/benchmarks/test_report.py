"""The report's table, its words and its JSON."""

import dataclasses
import json
from pathlib import Path

import pytest

from benchmarks.figures import Figure, Spread
from benchmarks.plan import FULL, QUICK
from benchmarks.report import Report, as_json, bounds, markdown, number, span, table, write

LABELS = {"stock": "stock Rasa", "ours": "邻里通"}
LATENCY = Figure("latency_p50", "turn latency", "ms", False, {"stock": [40.0, 30.0, 50.0], "ours": [10.0, 10.0, 10.0]})
TRAINING = Figure("training", "training", "s", False, {"stock": [250.0], "ours": [12.5]})


def a_report(**changes) -> Report:
    machine = {"cores": 2, "cpu": "a processor", "memory_gib": 8.0, "system": "Linux 6", "load_before": 0.1,
               "measured_at": "2026-01-01T00:00Z", "python": "3.10.13", "packages": {"rasa": "3.6.21"}}
    given = {"plan": FULL, "environment": machine, "labels": LABELS, "figures": [LATENCY, TRAINING],
             "failures": {"stock": [], "ours": []}, "curves": {"stock": [[1.0, 2.0]], "ours": [[1.0, 1.0]]},
             "others": {"stock": [0.01, 0.02], "ours": [0.0, 0.03]}}
    return Report(**{**given, **changes})


@pytest.mark.parametrize(("value", "shown"), [(0.1234, "0.12"), (3.14159, "3.14"), (28.04, "28.0"), (1148.6, "1149")])
def test_numbers_have_about_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_single_value_is_shown_once() -> None:
    assert span(Spread(2.0, 2.0, 2.0)) == "2.00"
    assert span(Spread(1.0, 2.0, 3.0)) == "1.00 / 2.00 / 3.00"


def test_the_table_has_a_row_a_figure_and_the_ratio() -> None:
    lines = table([LATENCY, TRAINING], LABELS).splitlines()
    assert lines[0] == "| figure | unit | stock Rasa | 邻里通 | 邻里通: times better |"
    assert lines[2] == "| turn latency | ms | 30.0 / 40.0 / 50.0 | 10.0 | **4.00×** (3.00–5.00) |"
    assert lines[3] == "| training | s | 250 | 12.5 | **20.0×** |"


def test_a_third_system_gets_its_own_columns() -> None:
    figure = Figure("t", "t", "ms", False, {"stock": [40.0], "ours": [10.0], "two": [5.0]})
    lines = table([figure], {**LABELS, "two": "two processes"}).splitlines()
    assert lines[2] == "| t | ms | 40.0 | 10.0 | 5.00 | **4.00×** | **8.00×** |"
    assert {line.count("|") for line in lines} == {8}


@pytest.mark.parametrize(("stock", "ours", "holds"), [(5.0, 30.0, "yes"), (5.0, 29.0, "**no**")])
def test_each_bound_is_said_to_hold_or_not(stock: float, ours: float, holds: str) -> None:
    throughput = Figure("throughput", "throughput", "answers/s", True, {"stock": [stock], "ours": [ours]})
    row = next(line for line in bounds(a_report(figures=[throughput])).splitlines() if line.startswith("| throughput"))
    assert row == f"| throughput | 邻里通 | ≥ 6.00× | {ours / stock:.2f}× | {holds} |"


def test_growth_is_bounded_by_itself_and_not_beside_the_stock_bot() -> None:
    growth = Figure("growth", "growth", "×", False, {"stock": [1.0, 1.0, 1.0], "ours": [1.0, 1.19, 3.0]})
    assert "| growth | 邻里通 | ≤ 1.20 | 1.19 | yes |" in markdown(a_report(figures=[growth]))


def test_a_figure_without_a_bound_has_no_row() -> None:
    assert bounds(a_report(figures=[LATENCY])) == ""


def test_the_quick_mode_says_what_it_cannot_tell() -> None:
    for plan in (QUICK, FULL):
        assert f"{plan.epochs} of their 100 epochs" in markdown(a_report(plan=plan))


def test_a_run_without_training_says_so() -> None:
    assert "training was not timed" in markdown(a_report(figures=[LATENCY]))


def test_messages_without_an_answer_are_counted_by_kind() -> None:
    text = markdown(a_report(failures={"stock": [("no answer", "一"), ("no answer", "二"), ("status 500", "三")],
                                       "ours": []}))
    assert "**without an answer: 3** (2 × no answer, 1 × status 500;" in text
    assert "邻里通: every message was answered" in text


def test_a_machine_that_was_not_quiet_is_said() -> None:
    assert "not quiet" not in markdown(a_report())
    assert "not quiet" in markdown(a_report(others={"stock": [0.4], "ours": [0.0]}))


def test_the_method_tells_the_numbers_of_the_plan() -> None:
    text = markdown(a_report(plan=dataclasses.replace(FULL, residents=5, messages_each=9)))
    assert "9 from each of 5 residents" in text


def test_the_json_has_every_value(tmp_path: Path) -> None:
    write(a_report(), tmp_path)
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told == json.loads(as_json(a_report()))
    assert told["figures"][0]["values"]["stock"] == [40.0, 30.0, 50.0]
    assert told["figures"][0]["times_better"]["ours"] == {"low": 3.0, "middle": 4.0, "high": 5.0}
    assert told["plan"]["sentences_per_round"] == FULL.sentences
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == markdown(a_report())
