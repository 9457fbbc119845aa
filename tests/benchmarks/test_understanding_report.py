"""The report on the whole bot: counts, emergencies, and not one test sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.understanding.asked import ASKED_BACK, NONE, Tally, emergencies, out_of_scope
from benchmarks.understanding.calibration import bins, choices
from benchmarks.understanding.pictures import confusions, write_calibration, write_confusions
from benchmarks.understanding.report import Report, as_json, markdown, write
from tests.benchmarks.test_understanding_samples import asked, wrong

MACHINE: dict[str, Any] = {"cores": 2, "cpu": "a processor", "memory_gib": 8.0, "system": "Linux 6", "load_before": 0.1,
                           "measured_at": "2026-01-01T00:00Z", "python": "3.10.13", "packages": {"rasa": "3.6.21"}}
CRY: dict[str, Any] = {"kinds": ("emergency",), "topic": None}
ASKED = [
    asked("甲句", style="sichuan", part="first"), wrong("乙句", topic=["a", "c"]),
    asked("丙句", got=("clarify",), answered=("",), right=False, topic="c"),
    asked("丁句", got=("emergency",), answered=("",), **CRY), asked("戊句", right=False, sure=True, **CRY),
    asked("己句", kinds=("faq",) * 9, theme="limits", got=("emergency",), right=False, sure=True),
    asked("庚句", kinds=("out_of_scope",), topic=None, got=("out_of_scope",), answered=("",)),
    asked("辛句", got=("out_of_scope",), answered=("",), right=False),
]
REPORT = Report(["first", "tuning"], ASKED, MACHINE, 12.3)


def test_right_wrong_and_sure_and_abstained_are_everything() -> None:
    tally = Tally.of(ASKED)
    assert tally == Tally(8, 3, 3, 2)
    assert tally.share("right") == 3 / 8
    assert Tally.of([]).share("right") == 0


def test_sentences_are_counted_by_style_and_topic() -> None:
    assert REPORT.tallies(lambda one: one.style)["sichuan"] == Tally(1, 1, 0, 0)
    # A sentence counts for the first of its topics; without one it is left out.
    by_topic = REPORT.tallies(lambda one: one.topic)
    assert {name: tally.count for name, tally in by_topic.items()} == {"a": 4, "c": 1}


def test_emergencies_are_heard_and_cried_by_the_right_ones() -> None:
    found = emergencies(ASKED)
    assert (found["recall"].found, found["recall"].count) == (1, 2)
    assert (found["false_alarms_alarming"].found, found["false_alarms_alarming"].count) == (1, 1)
    assert found["false_alarms_other"].found == 0
    assert str(found["recall"]) == "1 of 2 (50.0%)"


def test_two_questions_of_the_limits_sound_no_alarm() -> None:
    both = asked(kinds=("faq",) * 10, theme="limits", topic=["a", "b"], both=True)
    assert emergencies([both])["false_alarms_alarming"].count == 0


def test_declining_is_counted_on_both_sides() -> None:
    found = out_of_scope(ASKED)
    assert (found["declined"].found, found["declined"].count) == (1, 1)
    assert (found["wrongly_declined"].found, found["wrongly_declined"].count) == (1, 7)


def test_the_report_has_every_table_and_no_sentence(tmp_path: Path) -> None:
    write(REPORT, tmp_path)
    text, data = (tmp_path / "report.md").read_text(), json.loads((tmp_path / "report.json").read_text())
    assert all(f"## {name}" in text for name in ("By style", "By theme", "By topic", "Choice of topics"))
    assert "| all | 8 | 37.5% | 37.5% | 25.0% |" in text
    assert data["all"] == {"count": 8, "right": 3, "wrong_and_sure": 3, "abstained": 2}
    assert data["emergencies"]["all"]["recall"] == {"found": 1, "count": 2}
    assert not any(one.text in text + as_json(REPORT) for one in ASKED)


def test_a_single_part_needs_no_sum() -> None:
    text = markdown(Report(["tuning"], ASKED, MACHINE, 12.3))
    assert "right in" not in text and "| all |" not in text


def test_worst_topics_stand_first() -> None:
    text = markdown(REPORT).partition("## By topic")[2]
    assert text.index("| c |") < text.index("| a |")


def test_only_confused_topics_are_shown() -> None:
    several = [asked(), wrong(), asked(topic="c", got=("clarify",), answered=("",), right=False),
               asked(got=("faq",), answered=("",), right=False), asked(topic="d", answered=("d",)),
               wrong(topic=["a", "c"])]
    # c was only asked back about, d is always right, and the last one has two topics.
    assert confusions(several) == {("a", "a"): 1, ("a", "b"): 1, ("a", NONE): 1}
    assert asked(got=("clarify",), answered=("",)).answered_topic == ASKED_BACK


def test_a_right_topic_among_the_options_is_no_confusion() -> None:
    assert asked(answered=("b",), mentioned=frozenset({"a"})).answered_topic == "a"


@pytest.mark.parametrize("several", [ASKED, [], [asked()]])
def test_pictures_are_drawn_also_of_nothing(several: list[Any], tmp_path: Path) -> None:
    write_confusions(several, tmp_path / "confusion.png")
    write_calibration(bins(choices(several)), tmp_path / "calibration.png")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("confusion.png", "calibration.png"))
