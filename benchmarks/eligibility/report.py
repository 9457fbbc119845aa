"""The figures as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The most the medians may be.
VERDICT_US, QUESTION_MS, MANY_MS = 50, 2, 20


def markdown(found: Mapping[str, Any]) -> str:
    """A page with three tables."""
    machine, many = found["machine"], found["many"]
    rows = [
        _row("one verdict (reasons, amount, what is missing)", found["verdict_us"], "µs", VERDICT_US),
        _row("the next question of one policy, nothing kept", found["question_ms"], "ms", QUESTION_MS),
        _row(f"the next question over {many['policies']} policies", many["question_ms"], "ms", MANY_MS),
    ]
    lines = [
        f"# Eligibility: {found['policies']} policies", "",
        f"{machine['measured_at']}, {machine['cpu']}, {machine['cores']} cores, load {machine['load_before']} before, "
        f"Python {machine['python']}. Times are the processor's.", "",
        "| figure | measured | median | 95% | most | median at most |", "|---|---:|---:|---:|---:|---:|", *rows, "",
        f"{many['policies']} policies are compiled for it in {many['compile_s']:.2f} s. A conversation about one "
        f"policy takes {found['questions_mean']:.2f} questions on average, amount included.", "",
        "## One question that serves many", "",
        "Until all policies of a city are settled, by made-up residents who know the facts of 12 test households:", "",
        "| city | policies | questions, chosen | questions, policy after policy | settled after 5 / 8 / 12, chosen "
        "| settled after 5 / 8 / 12, policy after policy |", "|---|---:|---:|---:|---:|---:|",
        *(_city(city) for city in found["cities"]), "",
    ]
    return "\n".join([*lines, *_openfisca(found.get("openfisca"))]) + "\n"


def _row(title: str, times: Mapping[str, float], unit: str, most: float) -> str:
    above = "" if times["median"] <= most else " **(above)**"
    return (f"| {title} | {times['count']} | {times['median']:.3g} {unit} | {times['p95']:.3g} {unit} "
            f"| {times['worst']:.3g} {unit} | {most} {unit}{above} |")


def _city(city: Mapping[str, Any]) -> str:
    def after(how: str) -> str:
        settled = city[how]["settled_after"]
        return " / ".join(f"{settled[number]:.1f}" for number in sorted(settled))

    return (f"| {city['city']} | {city['policies']} | {city['chosen']['questions']:.1f} "
            f"| {city['in_turn']['questions']:.1f} | {after('chosen')} | {after('in_turn')} |")


def _openfisca(beside: Any) -> list[str]:
    if beside is None:
        return []
    if "cannot_measure" in beside:
        return ["## Beside OpenFisca", "", f"Not measured: {beside['cannot_measure']}"]
    ours = beside["ours_us"]
    return [
        "## Beside OpenFisca", "",
        f"OpenFisca-Core {beside['version']} with the same three policies on the {beside['households']} test "
        f"households that tell everything ({beside['eligible']} of them eligible). Same verdict: {beside['agreed']} of "
        f"{beside['households']}. OpenFisca gives yes or no; ours the reasons, the amount and what is missing too.", "",
        "| verdict | µs | by ours |", "|---|---:|---:|",
        f"| ours | {ours:.1f} | 1 |",
        f"| OpenFisca, one household (as in a conversation) | {beside['one_us']:.1f} | {beside['one_us'] / ours:.1f} |",
        f"| OpenFisca, all households of a policy in one simulation, each | {beside['together_us']:.1f} "
        f"| {beside['together_us'] / ours:.1f} |",
    ]
