"""The content that is shipped: it loads, it passes every check, and every household gets the verdict it expects."""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
FLAGSHIPS = (
    "rental-subsidy", "public-rental-housing", "talent-apartment", "youth-talent-station", "elderly-meal",
    "elderly-allowance", "childcare-subsidy", "nursery", "long-term-care-insurance", "community-health",
    "hotline-12345",
)


def test_it_loads_without_an_error() -> None:
    assert [str(item) for item in (*PARTS.problems, *SHIPPED.problems) if item.is_error] == []


def test_the_deep_check_is_clean(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    if not shared_encoder().size:
        pytest.skip("no sentence encoder installed")
    cache = getattr(pytestconfig, "cache", None)  # kept between runs: 6000 sentences take a few seconds to encode
    kept = CachedEncoder(shared_encoder(), Path(cache.mkdir("vectors")) if cache is not None else tmp_path)
    index = FaqIndex(SHIPPED.faqs, extra_phrases(SHIPPED), content=kept, residents=kept)
    found = deep_problems(PARTS, today=HOUSEHOLD_DAY, assembled=SHIPPED, index=index)
    # A fact may wait for its policy, and a rule that ends soon is told of, to residents too.
    assert [str(item) for item in found if item.code not in ("W103", "W101")] == []
    ending = {item.message.split("“")[1].split("”")[0].split("#")[0] for item in found if item.code == "W101"}
    assert {"510100/long-term-care-insurance", "310000/flexible-worker-rights"} <= ending


def test_the_whole_catalogue_has_its_place() -> None:
    """Every topic of the contract with a card and FAQs, rules for every region, samples in every field."""
    contract = {topic for topic in SHIPPED.topics if topic != "family-tax-deduction"}  # one topic is ours
    assert len(contract) == 58
    cards = {topic for _, topic in SHIPPED.cards}
    assert set(SHIPPED.topics) <= cards
    asked = Counter(record.topic for record in SHIPPED.faqs)
    in_chengdu = Counter(record.topic for record in SHIPPED.faqs if record.region in chain("510100"))
    assert {topic: asked[topic] for topic in SHIPPED.topics if asked[topic] < 6} == {}
    assert {topic: in_chengdu[topic] for topic in FLAGSHIPS if in_chengdu[topic] < 15} == {}
    assert len(SHIPPED.policies) >= 50
    regions = {rules.policy.region for rules in SHIPPED.policies.values()}
    assert regions >= {"100000", "510000", "510100", "310000", "310110", "320000", "320100", "320500", "130600"}
    samples = {SHIPPED.categories[site.category].field for site in SHIPPED.sites if site.trust == "sample"}
    assert samples == set(SHIPPED.fields)
    assert len({site.district for site in SHIPPED.sites if site.trust == "sample"}) == 1


def test_every_policy_says_where_it_is_written() -> None:
    for name, rules in SHIPPED.policies.items():
        policy = rules.policy
        conditions = [*policy.conditions, *(item for route in policy.routes for item in route.conditions)]
        assert policy.sources, name
        assert [item.id for item in conditions if not item.clause] == [], name
        assert policy.steps or policy.where or policy.contacts, name


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
