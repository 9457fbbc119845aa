"""How well the bot understands sentences it never saw (tests/understanding): floors a little under what is measured.

The figures of the run are written to ``.cache/understanding.md``, with every sentence that went wrong but those of the
sealed part, which nobody is to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import settings
from tests.support.driver import Bot
from tests.support.understanding import PARTS, Report, Result, ask_all

SEALED = "sealed"
#: Measured on 2026-11-27: 0.975, 0.915 and 0.882 right; 0.022, 0.054 and 0.087 wrong and sure. The floors leave room
#: for another training run.
RIGHT = {"first": 0.96, "tuning": 0.895, SEALED: 0.86}
WRONG_AND_SURE = {"first": 0.035, "tuning": 0.07, SEALED: 0.11}
#: Emergencies that may be missed, by part: 0, 2 and 5 were.
MISSED_DANGERS = {"first": 0, "tuning": 4, SEALED: 8}
#: No theme and no way of speaking may be sacrificed for the others.
ANY_THEME = 0.80
ANY_STYLE = 0.78


@pytest.fixture(scope="module")
def report(bot: Bot) -> Report:
    return ask_all(bot)


@pytest.fixture(scope="module", autouse=True)
def written(report: Report, request: pytest.FixtureRequest) -> Iterator[None]:
    """Write the report and say where it lies."""
    path = settings().cache / "understanding.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(report)) + "\n", encoding="utf-8")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(f"\nunderstanding: {report.share():.1%} right, report in {_shown(path)}")
    yield


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _lines(report: Report) -> Iterator[str]:
    yield "# How the test sentences were understood\n"
    yield "| part | sentences | right | wrong and sure | dangers |\n|---|---:|---:|---:|---:|"
    for part in PARTS:
        own = report.of(part)
        yield f"| {part} | {len(own.results)} | {own.share():.1%} | {own.wrong_and_sure:.1%} | {own.dangers} |"
    for key in ("theme", "style"):
        yield f"\n## By {key}\n\n| {key} | right | of | share |\n|---|---:|---:|---:|"
        yield from (f"| {name} | {right} | {all_} | {right / all_:.1%} |"
                    for name, (right, all_) in report.counts(key).items())
    for title, sure in (("Wrong and sure of it", True), ("Wrong, but it asked back or declined", False)):
        yield f"\n## {title}\n"
        yield from (_line(item) for item in report.results
                    if item.part != SEALED and not item.right and item.wrong_and_sure == sure)


def _line(result: Result) -> str:
    return f"- [{result.theme}, {result.item['style']}] {result.item['text']}\n  - {'; '.join(result.problems)}"


def test_there_are_enough_sentences(report: Report) -> None:
    assert len(report.results) >= 1200
    assert sum(result.item["style"] in ("indirect", "typo") for result in report.results) >= 300


@pytest.mark.parametrize("part", PARTS)
def test_most_sentences_are_answered_right(report: Report, part: str) -> None:
    assert report.of(part).share() >= RIGHT[part]


@pytest.mark.parametrize("part", PARTS)
def test_few_answers_are_wrong_and_sure(report: Report, part: str) -> None:
    assert report.of(part).wrong_and_sure <= WRONG_AND_SURE[part]


@pytest.mark.parametrize("part", PARTS)
def test_danger_is_heard(report: Report, part: str) -> None:
    heard, told = report.of(part).dangers
    assert told - heard <= MISSED_DANGERS[part]


def test_no_theme_is_left_behind(report: Report) -> None:
    assert {theme: counts for theme, counts in report.counts("theme").items()
            if counts[0] / counts[1] < ANY_THEME} == {}


def test_no_way_of_speaking_is_left_behind(report: Report) -> None:
    assert {style: counts for style, counts in report.counts("style").items()
            if counts[0] / counts[1] < ANY_STYLE} == {}
