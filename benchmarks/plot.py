"""The report as a picture: times better for each figure, and a turn's cost along the long conversation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import matplotlib

from benchmarks.report import BASE, Report, number

matplotlib.use("Agg")
from matplotlib import pyplot, ticker

#: Turns over which the curve is smoothed.
SMOOTH = 5
_TICKS = (0.1, 0.2, 0.5, 1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 50, 100)
_COLOURS = ("#b35806", "#2166ac", "#1b7837", "#762a83")


def write_plot(report: Report, path: Path) -> None:
    """Writes the picture as PNG."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 6), gridspec_kw={"width_ratios": [3, 2]})
    others = [name for name in report.labels if name != BASE]
    height = 0.8 / len(others)
    for index, name in enumerate(others):
        ratios = [row.ratio(name, BASE) for row in report.figures]
        places = [place + index * height for place in range(len(ratios))]
        left.barh(places, [ratio.middle - 1 for ratio in ratios], left=1, height=height * 0.9,
                  color=_COLOURS[index + 1],
                  xerr=[[ratio.middle - ratio.low for ratio in ratios],
                        [ratio.high - ratio.middle for ratio in ratios]],
                  ecolor="#444444", capsize=2, label=name)
        for place, ratio in zip(places, ratios, strict=True):
            left.annotate(f"{number(ratio.middle)}×", (ratio.high, place), xytext=(4, 0), va="center", fontsize=8,
                          textcoords="offset points")
    left.set_yticks(range(len(report.figures)), [row.title for row in report.figures])
    left.invert_yaxis()
    left.axvline(1, color=_COLOURS[0], linewidth=1)
    left.set_xscale("log")
    left.xaxis.set_major_locator(ticker.FixedLocator(_TICKS))
    left.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g×"))
    left.xaxis.set_minor_locator(ticker.NullLocator())
    left.margins(x=0.12)
    left.set_xlabel("times better than stock Rasa (log scale; lines: least to greatest round)")
    left.set_title(f"Benchmarks, mode {report.plan.mode}")
    for colour, (name, rounds) in zip(_COLOURS, report.curves.items(), strict=False):
        curve = smooth([statistics.median(turn) for turn in zip(*rounds, strict=True)])
        right.plot(range(1, len(curve) + 1), curve, color=colour, label=name)
    right.set_ylim(bottom=0)
    right.set_xlabel("turn of one conversation")
    right.set_ylabel("ms a turn (median of rounds, smoothed)")
    right.set_title("Long conversation")
    right.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def smooth(values: Sequence[float]) -> list[float]:
    """The running median over ``SMOOTH`` neighbours."""
    half = SMOOTH // 2
    return [statistics.median(values[max(0, place - half):place + half + 1]) for place in range(len(values))]
