"""A small world of facts with random rules over it, and the truth about them by trying every completion."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from hypothesis import strategies as st

from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Constant, Rule, Truth
from knowledge.eligibility.values import Value
from knowledge.schema import Derived, Fact

DAY = dt.date(2026, 11, 21)


def fact(slug: str, kind: str, **more: Any) -> Fact:
    """A fact of which only the type matters."""
    return Fact(slug=slug, type=kind, name=slug, question="？", why="。", **more)  # type: ignore[arg-type]


CATALOGUE = FactCatalogue(
    [
        fact("a.yes", "bool"), fact("b.yes", "bool", prior={"true": 0.9, "false": 0.1}),
        fact("c.yes", "bool", effort=2), fact("a.kind", "choice", values=("x", "y", "z")),
        fact("a.age", "int", minimum=0, maximum=120), fact("a.money", "money", minimum=0),
        fact("a.day", "date"), fact("a.city", "choice", values="adcode of a city"),
        fact("h.income", "money", effort=2), fact("h.size", "int", minimum=1, maximum=5),
    ],
    [Derived(slug="h.per_head", name="人均", expr="h.income / h.size")],
)

#: Values of each fact that between them show every side of every bound the random rules use.
GRID: dict[str, list[Value]] = {
    "a.yes": [True, False], "b.yes": [True, False], "c.yes": [True, False], "a.kind": ["x", "y", "z"],
    "a.age": [17, 18, 30, 59, 60, 61], "a.money": [0, 999, 1000, 1000.5, 1001, 5000],
    "a.day": [dt.date(2024, 12, 31), dt.date(2025, 1, 1), dt.date(2025, 1, 2)],
    "a.city": ["510100", "320100", "110000"],
}

_LEAVES = st.one_of(
    st.builds(lambda slug, value: {"fact": slug, "is": value},
              st.sampled_from(["a.yes", "b.yes", "c.yes"]), st.booleans()),
    st.builds(lambda operator, values: {"fact": "a.kind", operator: sorted(values)},
              st.sampled_from(["in", "not_in"]), st.sets(st.sampled_from("xyz"), min_size=1, max_size=3)),
    st.builds(lambda operator, bound: {"fact": "a.age", operator: bound},
              st.sampled_from(["at_least", "at_most", "less_than", "more_than"]), st.sampled_from([18, 60])),
    st.builds(lambda operator, bound: {"fact": "a.money", operator: bound},
              st.sampled_from(["at_least", "at_most", "less_than", "more_than"]), st.sampled_from([1000, 1001])),
    st.builds(lambda operator: {"fact": "a.day", operator: "2025-01-01"},
              st.sampled_from(["before", "after", "on_or_before", "on_or_after"])),
    st.builds(lambda city: {"fact": "a.city", "is": city}, st.sampled_from(["510100", "320100"])),
    st.just({"always": True}),
)


def counts(members: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A count over ``members`` in its YAML form, with every bound that it may have."""
    size = len(members)
    least, most = st.integers(1, size), st.integers(0, size - 1)
    bounds = st.one_of(
        least.map(lambda number: {"at_least": number}), most.map(lambda number: {"at_most": number}),
        st.integers(0, size).map(lambda number: {"exactly": number}),
        st.tuples(least, most).filter(lambda pair: pair[0] <= pair[1]).map(
            lambda pair: {"at_least": pair[0], "at_most": pair[1]}),
    )
    return bounds.map(lambda chosen: {"count": {"of": members, **chosen}})


def rules(*, leaves: int = 6) -> st.SearchStrategy[dict[str, Any]]:
    """Rules in their YAML form, with at most ``leaves`` comparisons."""
    return st.recursive(
        _LEAVES,
        lambda inner: st.one_of(
            st.builds(lambda key, members: {key: members}, st.sampled_from(["all", "any"]),
                      st.lists(inner, min_size=1, max_size=4)),
            st.builds(lambda member: {"not": member}, inner),
            st.lists(inner, min_size=2, max_size=5, unique_by=repr).flatmap(counts),
        ),
        max_leaves=leaves,
    )


def partial_facts() -> st.SearchStrategy[dict[str, Value]]:
    """What may be known: some of the facts, each at one of its values."""
    return st.dictionaries(st.sampled_from(sorted(GRID)), st.integers(0, 5)).map(
        lambda chosen: {slug: GRID[slug][number % len(GRID[slug])] for slug, number in chosen.items()})


def settled(rule: Rule, known: Mapping[str, Value]) -> Truth:
    """What the engine says: True, False, or None for "not known yet"."""
    simple = simplify(rule, known, CATALOGUE.facts)
    return simple.value if isinstance(simple, Constant) else None


def completions(rule: Rule, known: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """``known`` with every combination of values for the facts of ``rule`` that it lacks."""
    unknown = [slug for slug in rule.facts if slug not in known]
    for values in itertools.product(*(GRID[slug] for slug in unknown)):
        yield {**known, **dict(zip(unknown, values, strict=True))}


def by_brute_force(rule: Rule, known: Mapping[str, Value]) -> Truth:
    """The truth that all completions agree on, None if they do not."""
    truths = {rule.truth(full) for full in completions(rule, known)}
    return truths.pop() if len(truths) == 1 else None


def decisive_facts(rule: Rule, known: Mapping[str, Value]) -> set[str]:
    """The unknown facts that, all others being the same, can change the truth."""
    found: set[str] = set()
    for slug in (slug for slug in rule.facts if slug not in known):
        seen: dict[tuple[tuple[str, Value], ...], Optional[bool]] = {}
        for full in completions(rule, known):
            truth = rule.truth(full)
            others = tuple(item for item in full.items() if item[0] != slug)
            if seen.setdefault(others, truth) != truth:
                found.add(slug)
                break
    return found
