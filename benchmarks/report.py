"""The report: a markdown table for people, JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Spread
from benchmarks.plan import Plan

BASE = "stock"
#: Up to this share of the machine in use by others, it counts as quiet.
QUIET = 0.1
#: How many times better than the stock bot each system is to be (issue 8), by figure.
BOUNDS: dict[str, dict[str, float]] = {
    "ours": {"throughput": 6, "crowd_p95": 8, "rss_process": 1 / 0.6, "start": 5, "training": 5},
    "two": {"throughput": 10, "crowd_p95": 8, "rss_process": 1 / 0.6, "start": 5, "training": 5},
}
#: How much a turn of a long conversation may cost beside an early one.
GROWTH = 1.2


@dataclass(frozen=True)
class Report:
    """Everything a run gave. ``labels`` names the systems, the stock bot first; ``failures`` has what went wrong
    in each and with which test sentence; ``curves`` has each round's long conversation, milliseconds a turn;
    ``others`` has the share of the machine that other programs took in each round."""

    plan: Plan
    environment: dict[str, Any]
    labels: dict[str, str]
    figures: Sequence[Figure]
    failures: dict[str, list[tuple[str, str]]]
    curves: dict[str, list[list[float]]]
    others: dict[str, list[float]]


def number(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def span(value: Spread) -> str:
    """``least / middle / greatest``, or the one number where all are the same."""
    if value.low == value.high:
        return number(value.middle)
    return " / ".join(number(part) for part in (value.low, value.middle, value.high))


def table(figures: Sequence[Figure], labels: dict[str, str]) -> str:
    """A markdown table: a row a figure, a column a system, and how many times better each is than the stock bot."""
    others = [name for name in labels if name != BASE]
    head = ["figure", "unit", *labels.values(), *(f"{labels[name]}: times better" for name in others)]
    lines = [_row(head), _row(["---", "---", *["---:"] * (len(head) - 2)])]
    for figure in figures:
        cells = [span(figure.spread(name)) for name in labels]
        ratios = [f"**{number(ratio.middle)}×**" + ("" if ratio.low == ratio.high else
                                                    f" ({number(ratio.low)}–{number(ratio.high)})")
                  for ratio in (figure.ratio(name, BASE) for name in others)]
        lines.append(_row([figure.title, figure.unit, *cells, *ratios]))
    return "\n".join(lines)


def markdown(report: Report) -> str:
    """The whole report for people."""
    plan, machine = report.plan, report.environment
    parts = [
        "# Benchmarks: ours beside a stock Rasa bot",
        f"Mode: **{plan.mode}**. Cells are least / median / greatest of {plan.rounds} rounds; a ratio is taken within "
        "each round. Only ratios carry over to other machines.",
    ]
    parts.append(f"The stock bot's models were trained for {plan.epochs} of their 100 epochs, so **its training time "
                 "is far too good here** and the ratio of it a lower bound; its answering speed does not depend on "
                 "epochs.")
    if not any(figure.key == "training" for figure in report.figures):
        parts.append("The models of an earlier run were used, so training was not timed.")
    parts += [table(report.figures, report.labels), bounds(report), _failures(report), _others(report),
              "## How it was measured", _method(plan), "## Where", _where(machine)]
    return "\n\n".join(part for part in parts if part) + "\n"


def bounds(report: Report) -> str:
    """Which bounds hold, by the middle of the rounds; "" where no system has any."""
    lines = []
    for figure in report.figures:
        for name in report.labels:
            bound = BOUNDS.get(name, {}).get(figure.key)
            if bound is not None:
                found = figure.ratio(name, BASE).middle
                lines.append(_row([figure.title, report.labels[name], f"≥ {number(bound)}×", f"{number(found)}×",
                                   _held(found >= bound)]))
            elif figure.key == "growth" and name in BOUNDS:
                found = figure.spread(name).middle
                lines.append(_row([figure.title, report.labels[name], f"≤ {number(GROWTH)}", number(found),
                                   _held(found <= GROWTH)]))
    if not lines:
        return ""
    head = ["figure", "system", "bound", "measured", "holds"]
    return "\n".join(["## The bounds", "", _row(head), _row(["---"] * len(head)), *lines])


def _held(held: bool) -> str:
    return "yes" if held else "**no**"


def _failures(report: Report) -> str:
    lines = []
    for name, failed in report.failures.items():
        kinds = Counter(what for what, _text in failed).most_common()
        counted = ", ".join(f"{count} × {what}" for what, count in kinds)
        told = "every message was answered"
        if failed:
            told = f"**without an answer: {len(failed)}** ({counted}; the sentences are in report.json)"
        lines.append(f"- {report.labels[name]}: {told}")
    return "\n".join(lines)


def _others(report: Report) -> str:
    told = ", ".join(f"{report.labels[name]} {max(shares):.0%}" for name, shares in report.others.items())
    worst = max(max(shares) for shares in report.others.values())
    warning = " **The machine was not quiet: take the middle of the ratios, and CPU time before latency.**"
    return f"Other programs took of all cores, in the worst round: {told}." + (warning if worst > QUIET else "")


def _method(plan: Plan) -> str:
    return "\n".join([
        "- The stock bot is made from our training sentences and rules with the pipeline of `rasa init`, Jieba as "
        "tokenizer, a separate action server whose actions say one fixed sentence, REST, trackers in memory. Ours "
        "reads facts, searches the knowledge base, stores conversations and replies on disk.",
        f"- In each round both are started anew, the stock bot first, never both at once, and hear the same "
        f"{plan.sentences} sentences, each of them once: {plan.warm_up} untimed, {plan.alone} from one resident "
        f"alone, {plan.messages_each} from each of {plan.residents} residents at once, {plan.long_turns} in one "
        f"conversation. But for that last one a conversation has {plan.conversation_turns} turns.",
        f"- Long conversation: median of the {plan.window} turns from turn 2, and of the last {plan.window}.",
        "- Two processes share one SQLite file and a Redis on the same machine, which counts as theirs.",
        "- Memory is resident memory of all processes, the stock bot's action server included. CPU time is that of "
        "the system under load, without the client, which runs on the same machine.",
        "- Start: from starting the processes to the first right answer, with a trained model. Training: the whole "
        "command, once, from nothing. Rate limits are off. Nothing is sent under load before both of two processes are "
        "up.",
    ])


def _where(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {found}" for name, found in machine["packages"].items())
    return "\n".join([
        f"- {machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']} GiB, {machine['system']}",
        f"- load before the run: {machine['load_before']}; measured at {machine['measured_at']}",
        f"- Python {machine['python']}, {packages}",
    ])


def as_json(report: Report) -> str:
    """The whole report for programs."""
    return json.dumps({
        "plan": report.plan.as_dict(),
        "environment": report.environment,
        "systems": report.labels,
        "figures": [figure.as_dict(BASE) for figure in report.figures],
        "failures": {name: [{"failure": what, "text": text} for what, text in failed]
                     for name, failed in report.failures.items()},
        "others_share": report.others,
        "long_conversation_ms": report.curves,
    }, ensure_ascii=False, indent=1)


def write(report: Report, folder: Path) -> None:
    """Writes ``report.md`` and ``report.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    (folder / "report.json").write_text(as_json(report), encoding="utf-8")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
