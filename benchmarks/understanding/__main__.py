"""``python -m benchmarks.understanding``: how well sentences are understood; writes benchmarks/out/understanding/.

Without a mode the whole bot is run over the test sentences: report.{md,json}, confusion.png, calibration.png.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from benchmarks.errors import CannotMeasure

if TYPE_CHECKING:
    from benchmarks.understanding.asked import Asked

PROJECT = Path(__file__).resolve().parent.parent.parent
OUT = PROJECT / "benchmarks" / "out" / "understanding"
PARTS = ("first", "tuning", "sealed")
CANNOT, INTERRUPTED = 3, 130


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs one mode; gives the exit code: 0 fine, 3 cannot measure, 130 interrupted."""
    options = _options(arguments)
    # Before numpy and Rasa load: one thread, and the day of the test files.
    from benchmarks.understanding.bot_run import fix_the_day
    from bot.serve import configure_logging, quiet_environment

    quiet_environment()
    configure_logging()
    fix_the_day()
    try:
        if options.fit:
            _fit()
        elif options.fit_gates:
            _fit_gates()
        elif options.tune:
            _tune(options.outside)
        elif options.classifiers or options.outside is not None:
            _classifiers(options)
        else:
            _whole_bot(options.parts or PARTS, errors=options.errors, open_sealed=options.open_sealed)
    except CannotMeasure as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return INTERRUPTED
    return 0


def _options(arguments: Optional[list[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--classifiers", action="store_true", help="compare classifiers and features instead")
    mode.add_argument("--tune", action="store_true",
                      help="compare settings on train and develop of the outside set, by cross-validation")
    mode.add_argument("--fit", action="store_true", help="refit the weights of knowledge/topic_rank.py instead")
    mode.add_argument("--fit-gates", action="store_true",
                      help="refit what declines (actions/scope.py) and what alarms (bot/nlu/danger.py) instead")
    whole = parser.add_argument_group("the whole bot")
    whole.add_argument("--parts", nargs="+", choices=PARTS, help="parts of the test set (default: all)")
    whole.add_argument("--errors", action="store_true", help="list each miss, with what stands nearest to it")
    whole.add_argument("--open-sealed", action="store_true",
                       help="list misses of the sealed part too; it is no longer unheard afterwards")
    compared = parser.add_argument_group("classifiers")
    compared.add_argument("--outside", type=Path, metavar="DIR",
                          help="folder of the outside set; means --classifiers, and these are tested on it too")
    compared.add_argument("--no-own", action="store_true", help="leave our own intents out")
    compared.add_argument("--no-stock", action="store_true", help="leave the stock pipeline out, which takes minutes")
    compared.add_argument("--stock-folds", type=int, choices=range(1, 6), default=1, metavar="N",
                          help="train the stock pipeline on so many of the five folds of our own set (default 1)")
    options = parser.parse_args(arguments)
    if options.tune and options.outside is None:
        parser.error("--tune needs --outside DIR")
    if options.open_sealed and not options.errors:
        parser.error("--open-sealed is of use with --errors only")
    if options.no_own and options.outside is None:
        parser.error("--no-own without --outside DIR leaves nothing to compare")
    return options


def _whole_bot(parts: Sequence[str], *, errors: bool, open_sealed: bool) -> None:
    from benchmarks.environment import environment
    from benchmarks.understanding import calibration
    from benchmarks.understanding.bot_run import ask, loaded_bot
    from benchmarks.understanding.pictures import write_calibration, write_confusions
    from benchmarks.understanding.report import Report, markdown, write

    machine = environment()
    with loaded_bot() as bot:
        runs = []
        for part in dict.fromkeys(parts):
            _say(f"asking the sentences of {part}")
            runs.append(ask(bot, part))
    asked = [one for run in runs for one in run.asked]
    report = Report(list(dict.fromkeys(parts)), asked, machine,
                    1000 * sum(run.seconds for run in runs) / len(asked))
    write(report, OUT)
    write_confusions(asked, OUT / "confusion.png")
    write_calibration(calibration.bins(calibration.choices(asked)), OUT / "calibration.png")
    print(markdown(report))
    _say(f"written: {_shown(OUT)}/report.md, report.json, confusion.png, calibration.png")
    if errors:
        _errors(report.asked, open_sealed=open_sealed)


def _errors(asked: Sequence[Asked], *, open_sealed: bool) -> None:
    from benchmarks.understanding.misses import WARNING, listing
    from benchmarks.understanding.neighbours import FromData

    if open_sealed:
        print(WARNING, file=sys.stderr)
    text = listing(asked, FromData(), open_sealed=open_sealed)
    (OUT / "errors.md").write_text(text, encoding="utf-8")
    print(text)
    _say(f"written: {_shown(OUT)}/errors.md")


def _classifiers(options: argparse.Namespace) -> None:
    from benchmarks.understanding.classifiers import compare_on_outside, compare_on_own
    from benchmarks.understanding.comparison import markdown, write

    if options.outside is not None:
        found = write([compare_on_outside(options.outside, stock=not options.no_stock, say=_say)], OUT)
    if not options.no_own:
        found = write([compare_on_own(stock_folds=0 if options.no_stock else options.stock_folds, say=_say)], OUT)
    print(markdown(found))
    _say(f"written: {_shown(OUT)}/classifiers.md, classifiers.json")


def _tune(folder: Path) -> None:
    from benchmarks.understanding.tune import told

    print(told(folder, _say))


def _fit_gates() -> None:
    from benchmarks.understanding.fit_gates import run

    print(run())


def _fit() -> None:
    from benchmarks.understanding.fit import run

    _say("reading the sentences of first and tuning")
    print(run())


def _shown(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
