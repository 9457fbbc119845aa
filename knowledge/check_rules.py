"""Rules that nobody can meet, amounts nobody can get, facts nobody can be asked for, sums in the wrong unit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Optional, Union

from knowledge.assemble import Assembled
from knowledge.check_households import placed_conditions
from knowledge.eligibility.engine import CompiledBenefit, CompiledCondition, PolicyRules
from knowledge.eligibility.relevance import simplify
from knowledge.eligibility.rules import Comparison, Constant, Not, Rule, all_of, comparisons
from knowledge.errors import Problem
from knowledge.loader import Part
from knowledge.schema import Benefit, Condition, Fact
from knowledge.yamlfile import Path_

#: Policies found sound, by the bytes of their file and of the facts: an edit elsewhere reads none of them again.
_sound: set[tuple[str, str]] = set()
#: Nobody's yearly or monthly money is below this: it was written in units of 10,000 yuan.
_LEAST_MONEY = {"year": 1000, "month": 100}
_YEARS = re.compile(r"((?<!\d)\d+|[一二两三四五六七八九十])\s*年(?!级|龄)")
_WAN = re.compile(r"((?<!\d)\d+(?:\.\d+)?)\s*万")
_CHINESE = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)} | {"两": 2}


def rule_problems(joined: Assembled, only: Optional[Collection[Path]] = None) -> Iterator[Problem]:
    """E036–E039, W109 and W110 of every policy that compiles (of the files ``only``, where given)."""
    for name, rules in sorted(joined.policies.items()):
        part = joined.policy_parts[name]
        if only is not None and part.path not in only:
            continue
        state = (part.digest, joined.facts_digest)
        if state in _sound:
            continue
        found = [*_impossible(part, rules), *_unreachable(part, rules), *_unaskable(part, rules), *_units(part, rules)]
        yield from found
        if not found:
            _sound.add(state)


# --- what nobody can meet --------------------------------------------------------------------------


def _never(rule: Rule, rules: PolicyRules) -> bool:
    """Whether no answers at all make ``rule`` true."""
    settled = simplify(rule, {}, rules.catalogue.facts)
    return isinstance(settled, Constant) and not settled.value


def _impossible(part: Part, rules: PolicyRules) -> Iterator[Problem]:
    if any(_says_never(item.rule) for item in rules.conditions):
        return  # the policy is closed on purpose
    culprits = _culprits(rules.conditions, rules)
    if culprits is not None:
        yield part.problem("E036", ("conditions", culprits[-1]), name=rules.policy.policy,
                           items="”和“".join(rules.conditions[place].condition.text for place in culprits))
        return
    common = [item.rule for item in rules.conditions]
    for place, route in enumerate(rules.routes):
        if _never(all_of([*common, route.rule]), rules):
            yield part.problem("E037", ("routes", place), name=route.route.id)


def _culprits(conditions: tuple[CompiledCondition, ...], rules: PolicyRules) -> Optional[list[int]]:
    """The place of a condition that cannot hold, or of two that cannot hold together."""
    for place, item in enumerate(conditions):
        if _never(item.rule, rules):
            return [place]
        for earlier in range(place):
            if set(conditions[earlier].rule.facts) & set(item.rule.facts) and \
                    _never(all_of([conditions[earlier].rule, item.rule]), rules):
                return [earlier, place]
    return None


def _says_never(rule: Rule) -> bool:
    return isinstance(rule, Constant) and not rule.value


def _unreachable(part: Part, rules: PolicyRules) -> Iterator[Problem]:
    """Amounts that an earlier case always takes first."""
    benefits: list[tuple[CompiledBenefit, Path_]] = [(rules.benefit, ("benefit",))] if rules.benefit else []
    benefits += [(route.benefit, ("routes", place, "benefit"))
                 for place, route in enumerate(rules.routes) if route.benefit is not None]
    for benefit, at in benefits:
        for place, case in enumerate(benefit.cases):
            earlier: list[Rule] = [Not(item.when, item.when.facts) for item in benefit.cases[:place]]
            if _never(all_of([case.when, *earlier]), rules):
                yield part.problem("E038", (*at, "cases", place), name=rules.policy.policy, number=place + 1)


# --- what nobody can be asked, what nobody needs ------------------------------------------------------


def _unaskable(part: Part, rules: PolicyRules) -> Iterator[Problem]:
    used = set(facts_used(rules))
    for item, at in placed_conditions(rules):
        for leaf in comparisons(item.rule):
            fact = rules.catalogue.facts.get(leaf.subject)
            lacking = _no_option(leaf, fact) if fact is not None else []
            if fact is not None and lacking:
                yield part.problem("E039", at, name=fact.slug, values="、".join(lacking))
    for slug in rules.policy.questions:
        if slug in rules.catalogue and slug not in used:
            yield part.problem("W109", ("questions", slug), name=slug)
    for number, slug in enumerate(rules.policy.own_answers):
        if slug in rules.catalogue and slug not in used:
            yield part.problem("W109", ("own_answers", number), name=slug)


def facts_used(rules: PolicyRules) -> Iterator[str]:
    """The facts behind a policy's conditions and amounts."""
    slugs = [*rules.facts]
    for benefit in rules.benefits:
        slugs += _benefit_facts(benefit)
    for slug in slugs:
        yield from rules.catalogue.base_facts(slug)


def _benefit_facts(benefit: CompiledBenefit) -> list[str]:
    found: list[str] = []
    for case in (*benefit.cases, *benefit.extra):
        found += case.when.facts
        found += case.formula.facts if case.formula is not None else ()
    return found


def _no_option(leaf: Comparison, fact: Fact) -> list[str]:
    """The values a condition waits for that no button gives (where a fact has buttons, they are all its answers)."""
    if fact.type != "choice" or not isinstance(fact.values, tuple):
        return []
    wanted = leaf.operand if isinstance(leaf.operand, frozenset) else frozenset({leaf.operand})
    offered = {option.value for option in fact.options}
    return sorted(str(value) for value in wanted if value not in offered)


# --- units -----------------------------------------------------------------------------------------


def _units(part: Part, rules: PolicyRules) -> Iterator[Problem]:
    for item, at in placed_conditions(rules):
        for leaf in comparisons(item.rule):
            fact = rules.catalogue.facts.get(leaf.subject)
            wrong = _wrong_unit(leaf, fact, item.condition) if fact is not None else ""
            if wrong:
                yield part.problem("W110", (*at, "rule"), detail=wrong)
    benefits: list[tuple[Optional[Benefit], Path_]] = [(rules.policy.benefit, ("benefit",))]
    benefits += [(route.benefit, ("routes", place, "benefit")) for place, route in enumerate(rules.policy.routes)]
    for benefit, path in benefits:
        for place, case in enumerate(benefit.cases if benefit is not None else ()):
            wrong = _wrong_sum(case.value, case.text)
            if benefit is not None and benefit.unit == "元" and wrong:
                yield part.problem("W110", (*path, "cases", place), detail=wrong)


def _wrong_unit(leaf: Comparison, fact: Fact, condition: Condition) -> str:
    bound = leaf.operand
    if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not bound:
        return ""
    if fact.type == "months":
        years = {_CHINESE.get(sign) or int(sign) for sign in _YEARS.findall(condition.text) if _number(sign)}
        if bound in years and bound * 12 not in years and "个月" not in condition.text:
            return f"“{fact.name}”按月算，“{bound:g}年”要写 {bound * 12:g}"
    if fact.type == "money":
        said = {float(number) for number in _WAN.findall(condition.text)}
        period = "year" if fact.slug.endswith("_year") else "month"
        if bound in said or bound < _LEAST_MONEY[period]:
            return f"“{fact.name}”按元算，写的是 {bound:g}；几万元要写全，例如 50000"
    return ""


def _wrong_sum(value: Union[float, None], text: str) -> str:
    """800 said as 800万元 or 0.08 for 800: the sum and its sentence do not fit."""
    if value is None or not text:
        return ""
    if value in {float(number) for number in _WAN.findall(text)}:
        return f"金额按元算，写的是 {value:g}；几万元要写全，例如 50000"
    return ""


def _number(sign: str) -> bool:
    return sign in _CHINESE or sign.isdigit()
