"""The content that is shipped: it loads, it passes every check, and every household gets the verdict it expects."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from knowledge.assemble import Assembled, assemble
from knowledge.base import CONTENT, extra_phrases
from knowledge.check import deep_problems
from knowledge.check_households import HOUSEHOLD_DAY, differences, run_household
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.faq import FaqIndex
from knowledge.loader import Parts, load_parts
from knowledge.regions import chain

PARTS: Parts = load_parts(CONTENT)
SHIPPED: Assembled = assemble(PARTS)


def test_it_loads_without_an_error() -> None:
    assert [str(item) for item in (*PARTS.problems, *SHIPPED.problems) if item.is_error] == []


def test_the_deep_check_is_clean(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    if not shared_encoder().size:
        pytest.skip("no sentence encoder installed")
    cache = getattr(pytestconfig, "cache", None)  # kept between runs: 6000 sentences take a few seconds to encode
    kept = CachedEncoder(shared_encoder(), Path(cache.mkdir("vectors")) if cache is not None else tmp_path)
    index = FaqIndex(SHIPPED.faqs, extra_phrases(SHIPPED), content=kept, residents=kept)
    found = deep_problems(PARTS, today=HOUSEHOLD_DAY, assembled=SHIPPED, index=index)
    assert [str(item) for item in found if item.code != "W103"] == []


def test_no_pattern_can_be_stopped_by_a_sentence() -> None:
    assert [item for item in SHIPPED.problems if item.code in ("E060", "E061")] == []


@pytest.mark.parametrize("policy", sorted(SHIPPED.policies))
def test_every_household_gets_its_verdict(policy: str) -> None:
    file, _ = SHIPPED.households[policy]
    wrong = {}
    for household in file.households:
        found = differences(run_household(SHIPPED.policies[policy], household))
        if found:
            wrong[household.name] = found
    assert wrong == {}


@pytest.mark.parametrize("policy", sorted(SHIPPED.policies))
def test_every_amount_and_every_way_has_a_household(policy: str) -> None:
    rules = SHIPPED.policies[policy]
    runs = [run_household(rules, household) for household in SHIPPED.households[policy][0].households]
    ways = {run.verdict.route.id for run in runs if run.verdict.route is not None}
    assert ways == {route.route.id for route in rules.routes}
    reached = {run.verdict.amount.value for run in runs
               if run.verdict.outcome == "eligible" and run.verdict.amount is not None}
    for benefit in (rules.benefit, *(route.benefit for route in rules.routes)):
        if benefit is not None and not benefit.benefit.amount_unknown:
            assert {case.case.value for case in benefit.cases if case.case.value is not None} <= reached


def test_every_region_of_a_record_has_its_parents() -> None:
    used = {record.region for record in SHIPPED.faqs} | {region for region, _ in SHIPPED.cards}
    assert {code for region in used for code in chain(region) if code in SHIPPED.regions} >= used


def test_what_is_not_known_is_said_with_a_phone() -> None:
    silent = [record.key for record in SHIPPED.faqs if record.faq.unknown and not any(
        character.isdigit() for character in record.faq.phone + record.faq.answer)]
    assert silent == []


def test_residents_are_given_only_web_addresses_and_true_days() -> None:
    for source in SHIPPED.sources.values():
        assert source.url == "" or source.url.startswith(("https://", "http://")), source.id
        if source.date:
            padded = (source.date + "-01-01")[:10]
            assert dt.date.fromisoformat(padded) <= HOUSEHOLD_DAY, source.id
