"""``python -m benchmarks [--quick]``: measures, prints the table, writes benchmarks/out/report.{md,json,png}."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import importlib.util
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from benchmarks.errors import CannotMeasure
from benchmarks.plan import FULL, QUICK, Plan

if TYPE_CHECKING:
    from benchmarks.measure import Round
    from benchmarks.report import Report
    from benchmarks.systems import System

PROJECT = Path(__file__).resolve().parent.parent
OUT = PROJECT / "benchmarks" / "out"
_NEEDED = ("rasa", "jieba", "psutil", "aiohttp", "matplotlib", "yaml")
CANNOT, INTERRUPTED = 3, 130


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs everything; gives the exit code: 0 fine, 3 cannot measure, 130 interrupted."""
    # SIGTERM takes the way of Ctrl-C, so that it leaves no processes behind either.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        plan, reuse = _options(arguments)
        _check_packages()
        _run(plan, reuse)
    except CannotMeasure as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("interrupted: all processes were ended, no report was written", file=sys.stderr)
        return INTERRUPTED
    return 0


def _interrupt(_number: int, _frame: Any) -> None:
    # A second Ctrl-C would break off the ending of the processes; it ends within seconds anyway.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _options(arguments: Optional[list[str]]) -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few sentences, one epoch for the stock bot")
    parser.add_argument("--rounds", type=_positive, help="rounds of both systems")
    parser.add_argument("--residents", type=_positive, help="residents who write at the same time")
    parser.add_argument("--long-turns", type=_positive, help="turns of the long conversation")
    parser.add_argument("--reuse-models", action="store_true", help="do not train where a fitting model is left over")
    options = parser.parse_args(arguments)
    given = {name: value for name in ("rounds", "residents", "long_turns") if (value := getattr(options, name))}
    plan = dataclasses.replace(QUICK if options.quick else FULL, **given)
    if plan.long_turns <= 2 * plan.window:
        parser.error(f"--long-turns must be more than {2 * plan.window}")
    return plan, options.reuse_models


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _check_packages() -> None:
    if shutil.which("redis-server") is None:
        raise CannotMeasure("redis-server is missing, which two processes need between them: install redis-server")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotMeasure(f"these packages are missing: {', '.join(missing)}. `make bench` installs them")


def _run(plan: Plan, reuse: bool) -> None:
    from benchmarks.environment import environment
    from benchmarks.ours import Ours, OursOnTwo
    from benchmarks.plot import write_plot
    from benchmarks.report import BASE, markdown, write
    from benchmarks.sentences import draw, read_sentences
    from benchmarks.stock.system import Stock

    sentences = read_sentences(PROJECT / "tests" / "understanding")
    draws = [draw(sentences, plan, seed) for seed in range(plan.rounds)]
    where = environment()
    ours = Ours(PROJECT, OUT)
    systems: list[System] = [Stock(PROJECT, OUT, plan.epochs), ours, OursOnTwo(PROJECT, OUT, ours)]
    assert systems[0].name == BASE
    training = _train(systems, reuse)
    from benchmarks.measure import measure

    rounds: dict[str, list[Round]] = {system.name: [] for system in systems}
    for number, drawn in enumerate(draws, start=1):
        for system in systems:
            _say(f"round {number} of {plan.rounds}: {system.label}")
            rounds[system.name].append(asyncio.run(measure(system, drawn, plan)))
            _say(_summary(rounds[system.name][-1]))
    report = _report(plan, where, systems, training, rounds)
    write(report, OUT)
    write_plot(report, OUT / "report.png")
    print(markdown(report))
    _say(f"written: {(OUT / 'report.md').relative_to(PROJECT)}, report.json, report.png")


def _train(systems: list[System], reuse: bool) -> dict[str, float]:
    seconds = {}
    for system in systems:
        if reuse and system.has_model():
            _say(f"{system.label}: the model of an earlier run fits")
            continue
        _say(f"training {system.label}")
        seconds[system.name] = system.train()
        _say(f"trained {system.label} in {seconds[system.name]:.1f} s")
    # Half a comparison is none.
    return seconds if len(seconds) == len(systems) else {}


def _report(plan: Plan, where: dict[str, Any], systems: list[System], training: dict[str, float],
            rounds: dict[str, list[Round]]) -> Report:
    from benchmarks.figures import make_figures
    from benchmarks.report import Report

    return Report(
        plan=plan,
        environment=where,
        labels={system.name: system.label for system in systems},
        figures=make_figures(training, rounds, plan),
        failures={name: [(turn.failure, turn.text) for one in several for turn in one.failures]
                  for name, several in rounds.items()},
        curves={name: [[turn.seconds * 1000 for turn in one.long] for one in several]
                for name, several in rounds.items()},
        others={name: [one.others for one in several] for name, several in rounds.items()},
    )


def _summary(one: Round) -> str:
    return (f"  up in {one.start_s:.1f} s, {one.together.per_second:.1f} answers/s, peak {one.peak_mb:.0f} MiB, "
            f"{len(one.failures)} without an answer")


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
