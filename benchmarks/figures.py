"""From rounds to figures: percentiles, spreads over the rounds, ratios against the stock bot."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.load import Turn
from benchmarks.measure import Round
from benchmarks.plan import Plan


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of one value a round."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Figure:
    """One row of the report. ``values`` has a list a system, one value a round."""

    key: str
    title: str
    unit: str
    more_is_better: bool
    values: dict[str, list[float]]

    def spread(self, system: str) -> Spread:
        """The spread of one system's values."""
        return spread(self.values[system])

    def ratio(self, system: str, base: str) -> Spread:
        """How many times better ``system`` is than ``base``, round by round, so that what slows the machine for a
        while counts for both. Above 1 is better, whichever way the figure goes."""
        pairs = zip(self.values[system], self.values[base], strict=True)
        return spread([a / b if self.more_is_better else b / a for a, b in pairs])

    def as_dict(self, base: str) -> dict[str, Any]:
        """For the JSON report."""
        return {
            "key": self.key, "title": self.title, "unit": self.unit, "more_is_better": self.more_is_better,
            "values": self.values,
            "spread": {name: asdict(self.spread(name)) for name in self.values},
            "times_better": {name: asdict(self.ratio(name, base)) for name in self.values if name != base},
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie, interpolated between neighbours.

    Raises:
        ValueError: without values, or for a share outside 0 to 1.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError("a percentile needs values and a share between 0 and 1")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(values: Sequence[float]) -> Spread:
    """Least, median and greatest."""
    return Spread(min(values), statistics.median(values), max(values))


def milliseconds(turns: Sequence[Turn]) -> list[float]:
    """The times of the answered turns. All of them when none was answered: the report counts failures apart."""
    answered = [turn.seconds * 1000 for turn in turns if not turn.failure]
    return answered or [turn.seconds * 1000 for turn in turns]


def early(turns: Sequence[Turn], window: int) -> float:
    """Median of the first turns of a long conversation from turn 2 on (turn 1 opens it), milliseconds."""
    return statistics.median(milliseconds(turns[1:1 + window]))


def late(turns: Sequence[Turn], window: int) -> float:
    """Median of its last turns, milliseconds."""
    return statistics.median(milliseconds(turns[-window:]))


def make_figures(training_s: dict[str, float], rounds: dict[str, list[Round]], plan: Plan) -> list[Figure]:
    """All rows of the report, in its order. ``training_s`` is empty when nothing was trained in this run."""
    crowd, end = plan.residents, plan.long_turns

    def row(key: str, title: str, unit: str, of: Callable[[Round], float], more_is_better: bool = False) -> Figure:
        values = {name: [of(one) for one in several] for name, several in rounds.items()}
        return Figure(key, title, unit, more_is_better, values)

    figures = [
        row("latency_p50", "turn latency, one resident, p50", "ms", lambda r: percentile(milliseconds(r.alone), 0.5)),
        row("latency_p95", "turn latency, one resident, p95", "ms", lambda r: percentile(milliseconds(r.alone), 0.95)),
        row("throughput", f"throughput, {crowd} residents", "answers/s", lambda r: r.together.per_second, True),
        row("crowd_p50", f"turn latency, {crowd} residents, p50", "ms",
            lambda r: percentile(milliseconds(r.together.turns), 0.5)),
        row("crowd_p95", f"turn latency, {crowd} residents, p95", "ms",
            lambda r: percentile(milliseconds(r.together.turns), 0.95)),
        row("cpu", "CPU time a message", "ms", lambda r: r.cpu_s_per_message * 1000),
        row("rss_idle", "memory after the start, all processes", "MiB", lambda r: r.idle_mb),
        row("rss_peak", "memory at its peak, all processes", "MiB", lambda r: r.peak_mb),
        row("rss_process", "memory at its peak, largest process", "MiB", lambda r: r.process_mb),
        row("start", "start to first answer", "s", lambda r: r.start_s),
        row("long_early", "long conversation, from turn 2", "ms", lambda r: early(r.long, plan.window)),
        row("long_late", f"long conversation, up to turn {end}", "ms", lambda r: late(r.long, plan.window)),
        row("growth", f"growth of a turn, turn {end} / turn 2", "×",
            lambda r: late(r.long, plan.window) / early(r.long, plan.window)),
    ]
    if training_s:
        figures.append(Figure("training", "training", "s", False, {name: [s] for name, s in training_s.items()}))
    return figures
