"""``python -m benchmarks.eligibility``: how fast verdicts and questions are, how many questions; beside OpenFisca.

Prints a table and writes ``benchmarks/out/eligibility.{md,json}``. ``--no-openfisca`` leaves OpenFisca out; it is
otherwise installed from the package index in use into an environment of its own below ``benchmarks/out``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Optional

from benchmarks.eligibility import fisca, measure
from benchmarks.eligibility.report import markdown
from benchmarks.eligibility.varied import varied_policies
from benchmarks.environment import environment
from benchmarks.errors import CannotMeasure
from knowledge.base import CONTENT, build

OUT = Path(__file__).resolve().parent.parent / "out"
FISCA = OUT / "openfisca"
#: A city with the regions above it.
CITIES = {"510100": ("510100", "510000", "100000"), "310110": ("310110", "310000", "100000"),
          "320100": ("320100", "320000", "100000")}


def main(arguments: Optional[list[str]] = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eligibility", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policies", type=int, default=5000, help="policies for the question that serves many")
    parser.add_argument("--no-openfisca", action="store_true", help="leave OpenFisca out")
    options = parser.parse_args(arguments)
    if options.policies < 1:
        parser.error("--policies must be 1 or more")
    found = run(options.policies, openfisca=not options.no_openfisca)
    text = markdown(found)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "eligibility.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    (OUT / "eligibility.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def run(policies: int, *, openfisca: bool) -> dict[str, Any]:
    """All figures, as they are written to ``eligibility.json``."""
    machine = environment()
    _say("loading the content")
    content = build(CONTENT, meaning=False)
    _say("verdicts")
    verdict = measure.verdict_times(content)
    _say("questions")
    question, mean_questions = measure.question_times(content)
    _say(f"making {policies} policies and asking over all of them")
    many, compiled = measure.many_times(varied_policies(list(content.policies.values()), policies), content)
    _say("questions that serve many")
    cities = [measure.questions_for_many(content, city, regions) for city, regions in CITIES.items()]
    found: dict[str, Any] = {
        "machine": machine, "policies": len(content.policies), "verdict_us": vars(verdict),
        "question_ms": vars(question), "questions_mean": mean_questions,
        "many": {"policies": policies, "compile_s": compiled, "question_ms": vars(many)}, "cities": cities,
    }
    if openfisca:
        _say("beside OpenFisca")
        try:
            found["openfisca"] = _beside(content)
        except CannotMeasure as error:
            found["openfisca"] = {"cannot_measure": str(error)}
    return found


def _beside(content: Any) -> dict[str, Any]:
    cases = fisca.cases(content.policies, content.households)
    theirs = fisca.compare(cases, FISCA)
    ours, ours_us = measure.ours_for_fisca(cases)
    agreed = sum(one == another for one, another in zip(ours, theirs["verdicts"], strict=True))
    return {"version": theirs["version"], "households": len(cases), "eligible": sum(ours), "agreed": agreed,
            "ours_us": ours_us, "one_us": theirs["one_us"], "together_us": theirs["together_us"]}


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
