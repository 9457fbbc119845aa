"""The report on the whole bot: markdown for people, JSON for programs. No test sentence stands in either."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

from benchmarks.understanding import calibration
from benchmarks.understanding.asked import Asked, Tally, emergencies, out_of_scope
from benchmarks.understanding.tables import percent, table, where

#: Sentences of a part were seen by those who tune the bot, or not.
PARTS_TOLD = {"first": "written with the first version, seen since", "tuning": "written blind, used for tuning",
              "sealed": "written blind, only measures"}
_SHARES = ("right", "wrong_and_sure", "abstained")
_HEAD = ("sentences", "right", "wrong and sure", "abstained")


@dataclass(frozen=True)
class Report:
    """What became of the sentences of some ``parts``, and on what machine."""

    parts: Sequence[str]
    asked: Sequence[Asked]
    environment: dict[str, Any]
    ms_a_message: float

    def tallies(self, key: Callable[[Asked], str]) -> dict[str, Tally]:
        """By part, style, theme, topic; sentences whose key is "" are left out."""
        groups: dict[str, list[Asked]] = {}
        for one in self.asked:
            if key(one):
                groups.setdefault(key(one), []).append(one)
        return {name: Tally.of(groups[name]) for name in sorted(groups)}

    def chosen(self, part: str) -> list[Asked]:
        return [one for one in self.asked if part in ("all", one.part)]

    @property
    def columns(self) -> list[str]:
        """The parts, and all of them together where there are several."""
        return [*self.parts, "all"] if len(self.parts) > 1 else list(self.parts)


def markdown(report: Report) -> str:
    """The whole report for people."""
    return "\n\n".join([
        "# Understanding: the whole bot on the test sentences",
        "Each sentence is the first of a conversation. Right: kind and topic of a message of the reply fit. Wrong and "
        "sure: it claims something about the wrong thing. Abstained: it asked back or declined where it should have "
        "answered.",
        table(["part", *_HEAD], [[f"{name}{_note(name)}", *_cells(Tally.of(report.chosen(name)))]
                                 for name in report.columns]),
        "## Emergencies and limits", _limits(report), "## By style", _by(report, "style", lambda one: one.style),
        "## By theme", _by(report, "theme", lambda one: one.theme),
        "## By topic", "Worst first. A sentence counts for the first of its topics.",
        _by(report, "topic", lambda one: one.topic, worst_first=True),
        "## Choice of topics", _calibration(report),
        "## How it was measured", f"In one process, {report.ms_a_message:.1f} ms a message (everything, conversations "
        "kept in memory). " + where(report.environment),
    ]) + "\n"


def _note(part: str) -> str:
    return f" ({PARTS_TOLD[part]})" if part in PARTS_TOLD else ""


def _cells(tally: Tally) -> list[str]:
    return [str(tally.count), *(percent(tally.share(name)) for name in _SHARES)]


def _by(report: Report, title: str, key: Callable[[Asked], str], *, worst_first: bool = False) -> str:
    rows = report.tallies(key)
    names = sorted(rows, key=lambda name: (rows[name].share("right"), name)) if worst_first else list(rows)
    several = list(report.parts) if len(report.parts) > 1 else []
    parts = {part: Report([part], report.chosen(part), {}, 0).tallies(key) for part in several}
    return table([title, *_HEAD, *(f"right in {part}" for part in several)], [
        [name, *_cells(rows[name]), *(_right(parts[part].get(name)) for part in several)] for name in names])


def _right(tally: Optional[Tally]) -> str:
    return f"{tally.right} of {tally.count}" if tally is not None else ""


_LIMITS = (("emergencies", "recall", "emergencies that get a call for help"),
           ("emergencies", "right_number", "emergencies that get the right number"),
           ("emergencies", "false_alarms_alarming", "false alarms on what only sounds alarming"),
           ("emergencies", "false_alarms_other", "false alarms on everything else"),
           ("out_of_scope", "declined", "beyond the bot, and kindly declined"),
           ("out_of_scope", "wrongly_declined", "declined though it is not beyond the bot"))


def _limits(report: Report) -> str:
    found = {part: {"emergencies": emergencies(report.chosen(part)), "out_of_scope": out_of_scope(report.chosen(part))}
             for part in report.columns}
    return table(["", *report.columns], [[title, *(str(found[part][of][name]) for part in report.columns)]
                                         for of, name, title in _LIMITS])


def _calibration(report: Report) -> str:
    found = calibration.bins(calibration.choices(report.asked))
    rows = [[f"{one.low:.1f}–{one.high:.1f}", str(one.count), f"{one.chance:.3f}", f"{one.right:.3f}"] for one in found]
    return (f"Chances are off by {calibration.error(found):.3f} on average (calibration.png). Topics taken for others: "
            "confusion.png.\n\n" + table(["chance", "sentences", "mean chance", "share right"], rows))


def as_json(report: Report) -> str:
    """The whole report for programs."""
    keys: dict[str, Callable[[Asked], str]] = {
        "part": lambda one: one.part, "style": lambda one: one.style, "theme": lambda one: one.theme,
        "topic": lambda one: one.topic}
    found = calibration.bins(calibration.choices(report.asked))
    return json.dumps({
        "parts": list(report.parts),
        "environment": report.environment,
        "ms_a_message": report.ms_a_message,
        "all": Tally.of(report.asked).as_dict(),
        **{f"by_{name}": {group: tally.as_dict() for group, tally in report.tallies(key).items()}
           for name, key in keys.items()},
        "emergencies": {part: {name: asdict(share) for name, share in emergencies(report.chosen(part)).items()}
                        for part in report.columns},
        "out_of_scope": {part: {name: asdict(share) for name, share in out_of_scope(report.chosen(part)).items()}
                         for part in report.columns},
        "calibration": {"error": calibration.error(found), "bins": [asdict(one) for one in found]},
    }, ensure_ascii=False, indent=1)


def write(report: Report, folder: Path) -> None:
    """Writes ``report.md`` and ``report.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    (folder / "report.json").write_text(as_json(report), encoding="utf-8")
