"""Beside OpenFisca: the same verdicts on the same households, in an environment of its own.

OpenFisca knows no "not known yet": what is not told has a default. So only households that tell everything the rule
reads are compared. It gives the number; reasons, questions and what is missing are ours alone and are in our time.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import CannotMeasure
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.eligibility.engine import PolicyRules, known_facts
from knowledge.eligibility.facts import CHILD_AGE_MONTHS, CONTEXT_CITY
from knowledge.eligibility.values import Partial, Value
from knowledge.schema import Household

PACKAGE = "openfisca-core"
POLICIES = ("320100/elderly-allowance", "320100/rental-subsidy", "100000/childcare-subsidy")
SIDE = Path(__file__).with_name("fisca_side.py")
_KINDS = {"bool": "bool", "choice": "str", "date": "date"}
_INSTALL_S, _RUN_S = 600, 300


@dataclass(frozen=True)
class Case:
    """A test household all of whose facts are known."""

    rules: PolicyRules
    facts: Mapping[str, Value]
    #: ``facts`` and what follows from them: OpenFisca is told both.
    known: Mapping[str, Value]
    day: dt.date


def cases(policies: Mapping[str, PolicyRules], households: Mapping[str, Sequence[Household]]) -> list[Case]:
    """The households of the three policies that tell all the rule reads."""
    found = []
    for name in POLICIES:
        rules = policies[name]
        for household in households[name]:
            facts = rules.catalogue.read(household.facts)
            day = household.on or HOUSEHOLD_DAY
            known = known_facts(rules, facts, day=day, city=rules.policy.region)
            if all(slug in known and not isinstance(known[slug], Partial) for slug in rules.facts):
                found.append(Case(rules, facts, known, day))
    return found


def compare(found: Sequence[Case], folder: Path) -> dict[str, Any]:
    """What OpenFisca finds (see ``fisca_side``); ``folder`` keeps its environment between runs.

    Raises:
        CannotMeasure: when it cannot be installed or run here.
    """
    python = _environment(folder)
    try:
        done = subprocess.run([str(python), str(SIDE)], input=json.dumps(question(found)), capture_output=True,
                              text=True, timeout=_RUN_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMeasure(f"OpenFisca did not run: {error}") from error
    if done.returncode:
        raise CannotMeasure(f"OpenFisca ended with code {done.returncode}: {done.stderr.strip()[-600:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def question(found: Sequence[Case]) -> dict[str, Any]:
    """What ``fisca_side`` reads."""
    catalogue = found[0].rules.catalogue
    slugs = {slug for case in found for slug in case.rules.facts} - {CHILD_AGE_MONTHS, CONTEXT_CITY}
    return {
        "variables": {_name(slug): _KINDS.get(catalogue.facts[slug].type, "int") for slug in sorted(slugs)},
        "cases": [{"policy": case.rules.policy.policy, "day": case.day.isoformat(),
                   "facts": {_name(slug): value.isoformat() if isinstance(value, dt.date) else value
                             for slug, value in case.known.items() if slug in slugs}} for case in found],
    }


def _name(slug: str) -> str:
    return slug.replace(".", "_")


def _environment(folder: Path) -> Path:
    """The Python of an environment with OpenFisca alone, made at the first run from the package index in use."""
    python = folder / "bin" / "python"
    if python.exists() and not subprocess.run([str(python), "-c", "import openfisca_core"],
                                              capture_output=True).returncode:
        return python
    try:
        venv.create(folder, clear=True, with_pip=True)
        done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", PACKAGE], capture_output=True, text=True,
                              timeout=_INSTALL_S)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotMeasure(f"no environment for {PACKAGE}: {error}") from error
    if done.returncode:
        raise CannotMeasure(f"{PACKAGE} cannot be installed here with {sys.executable}: {done.stderr.strip()[-600:]}")
    return python
