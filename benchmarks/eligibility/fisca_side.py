"""Three real policies as OpenFisca has them. Runs in the benchmark's own environment, where our code is not.

Reads from stdin ``{"variables": …, "cases": [{"policy", "day", "facts"}]}``, writes ``{"version", "verdicts", "one_us",
"together_us"}``: whether each case is eligible, the microseconds of a verdict with a simulation of its own (median),
and of one among all cases of a policy in one simulation (processor's time).
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import statistics
import sys
import time
from typing import Any

import numpy as np
from openfisca_core.entities import Entity  # type: ignore[import-not-found]
from openfisca_core.periods import DateUnit  # type: ignore[import-not-found]
from openfisca_core.simulations import SimulationBuilder  # type: ignore[import-not-found]
from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # type: ignore[import-not-found]
from openfisca_core.variables import Variable  # type: ignore[import-not-found]

REPEATS = 5
PERSON = Entity("person", "persons", "", "")
TYPES: dict[str, type] = {"int": int, "bool": bool, "str": str, "date": dt.date}


def _input(name: str, kind: str) -> Any:
    more = {"max_length": 32} if kind == "str" else {}  # kept as bytes
    return type(name, (Variable,), {"value_type": TYPES[kind], "entity": PERSON, "definition_period": DateUnit.DAY,
                                    "label": name, **more})


def _formula(name: str, kind: type, formula: Any) -> Any:
    return type(name, (Variable,), {"value_type": kind, "entity": PERSON, "definition_period": DateUnit.DAY,
                                    "label": name, "formula": formula})


def _age_months(person: Any, period: Any) -> Any:
    birth = person("child_birth_date", period).astype("datetime64[D]")
    months = birth.astype("datetime64[M]")
    day_of_birth = (birth - months.astype("datetime64[D]")).astype(int) + 1
    today = period.start
    lived = today.year * 12 + today.month - 1 - (months.astype(int) + 1970 * 12)
    return np.where(today.day < day_of_birth, lived - 1, lived)


def _elderly_allowance(person: Any, period: Any) -> Any:
    return (person("person_hukou_city", period) == b"320100") * (person("person_age", period) >= 80)


def _rental_subsidy(person: Any, period: Any) -> Any:
    degree = np.isin(person("person_education", period), [b"bachelor", b"master", b"doctor"])
    return (degree * person("person_has_labor_contract", period) * person("person_social_insurance_active", period)
            * np.logical_not(person("household_owns_home_in_city", period)))


def _childcare_subsidy(person: Any, period: Any) -> Any:
    in_time = person("child_birth_date", period).astype("datetime64[D]") >= np.datetime64("2025-01-01")
    return ((person("child_age_months", period) < 36) * person("child_registered", period)
            * (in_time + person("child_subsidy_claimed", period)))


POLICIES = {"320100/elderly-allowance": ("elderly_allowance", _elderly_allowance),
            "320100/rental-subsidy": ("rental_subsidy", _rental_subsidy),
            "100000/childcare-subsidy": ("childcare_subsidy", _childcare_subsidy)}


def _system(variables: dict[str, str]) -> Any:
    system = TaxBenefitSystem([PERSON])
    for name, kind in variables.items():
        system.add_variable(_input(name, kind))
    system.add_variable(_formula("child_age_months", int, _age_months))
    for name, formula in POLICIES.values():
        system.add_variable(_formula(name, bool, formula))
    return system


def _verdicts(system: Any, policy: str, day: str, people: list[dict[str, Any]]) -> list[bool]:
    persons = {str(number): {name: {day: value} for name, value in facts.items()}
               for number, facts in enumerate(people)}
    simulation = SimulationBuilder().build_from_entities(system, {"persons": persons})
    return [bool(one) for one in simulation.calculate(POLICIES[policy][0], day)]


def main() -> None:
    asked = json.load(sys.stdin)
    system = _system(asked["variables"])
    verdicts, one = [], []
    for case in asked["cases"]:
        spent = []
        for _ in range(REPEATS):
            start = time.thread_time()
            found = _verdicts(system, case["policy"], case["day"], [case["facts"]])
            spent.append(time.thread_time() - start)
        verdicts += found
        one.append(min(spent))
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for case in asked["cases"]:
        groups.setdefault((case["policy"], case["day"]), []).append(case["facts"])
    together = 0.0
    for (policy, day), people in groups.items():
        spent = []
        for _ in range(REPEATS):
            start = time.thread_time()
            _verdicts(system, policy, day, people)
            spent.append(time.thread_time() - start)
        together += min(spent)
    json.dump({"version": importlib.metadata.version("openfisca-core"), "verdicts": verdicts,
               "one_us": statistics.median(one) * 1e6, "together_us": together / len(verdicts) * 1e6}, sys.stdout)


if __name__ == "__main__":
    main()
