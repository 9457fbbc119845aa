"""How well the bot understands sentences it never saw (tests/understanding): floors a little under what is measured.

The figures of the run are written to ``.cache/understanding.md``, with every sentence that went wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import settings
from tests.support.driver import Bot
from tests.support.understanding import Report, Result, ask_all

#: Measured on 2026-11-21: 0.948 right, 0.031 wrong and sure of it.
RIGHT = 0.933
WRONG_AND_SURE = 0.041
THEMES = {"emergencies": 0.95, "out_of_scope": 0.93}
#: No theme and no way of speaking may be sacrificed for the others (stories are the hardest by far).
ANY_THEME = 0.80
ANY_STYLE = 0.82
STYLES = {"story": 0.45}


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
    yield f"- sentences: {len(report.results)}"
    yield f"- right: {report.share():.1%} (floor {RIGHT:.1%})"
    yield f"- wrong and sure of it: {report.wrong_and_sure:.1%} (ceiling {WRONG_AND_SURE:.1%})"
    for key in ("theme", "style"):
        yield f"\n## By {key}\n\n| {key} | right | of | share |\n|---|---:|---:|---:|"
        yield from (f"| {name} | {right} | {all_} | {right / all_:.1%} |"
                    for name, (right, all_) in report.counts(key).items())
    for title, sure in (("Wrong and sure of it", True), ("Wrong, but it asked back or declined", False)):
        yield f"\n## {title}\n"
        yield from (_line(item) for item in report.results if not item.right and item.wrong_and_sure == sure)


def _line(result: Result) -> str:
    return f"- [{result.theme}, {result.item['style']}] {result.item['text']}\n  - {'; '.join(result.problems)}"


def test_most_sentences_are_answered_right(report: Report) -> None:
    assert len(report.results) >= 950
    assert report.share() >= RIGHT


def test_few_answers_are_wrong_and_sure(report: Report) -> None:
    assert report.wrong_and_sure <= WRONG_AND_SURE


@pytest.mark.parametrize("theme", THEMES)
def test_where_it_matters_most(report: Report, theme: str) -> None:
    assert report.share(theme=theme) >= THEMES[theme]


def test_no_theme_is_left_behind(report: Report) -> None:
    assert {theme: counts for theme, counts in report.counts("theme").items()
            if counts[0] / counts[1] < ANY_THEME} == {}


def test_no_way_of_speaking_is_left_behind(report: Report) -> None:
    assert {style: counts for style, counts in report.counts("style").items()
            if counts[0] / counts[1] < STYLES.get(style, ANY_STYLE)} == {}
