"""Verdicts: eligible, ineligible or undetermined, with a reason for each condition.

    rules = compile_policy(policy, catalogue)
    verdict = evaluate(rules, facts, day=day, city="320100")
    fact = next_question(rules, facts, day=day, city="320100", skip=frozenset())

Pure functions over immutable values. ``facts`` maps slugs of ``facts.yml`` to values (or ranges of
values); a fact that is not in it is not known, which is never the same as "no".
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal, Optional, Union

from knowledge.eligibility.arithmetic import ArithmeticSyntaxError, Expression, compile_expression
from knowledge.eligibility.facts import CONTEXT_CITY, FactCatalogue
from knowledge.eligibility.questions import first_fact
from knowledge.eligibility.relevance import deciding_facts, relevant_facts, simplify
from knowledge.eligibility.rules import (
    Comparison,
    Constant,
    Rule,
    RuleError,
    Truth,
    all_of,
    any_of,
    comparisons,
    compile_rule,
)
from knowledge.eligibility.time_mends import Mend, mending
from knowledge.eligibility.values import Partial, Range, Value
from knowledge.eligibility.versions import as_of_versions, holds
from knowledge.schema import AmountCase, Benefit, Condition, Outcome, Policy, Route
from knowledge.text import normalise

Status = Literal["met", "unmet", "unknown"]
IN_FORCE = "in-force"


@dataclass(frozen=True)
class CompiledCondition:
    condition: Condition
    rule: Rule


@dataclass(frozen=True)
class CompiledCase:
    case: AmountCase
    when: Rule
    formula: Optional[Expression]


@dataclass(frozen=True)
class CompiledBenefit:
    benefit: Benefit
    cases: tuple[CompiledCase, ...]
    extra: tuple[CompiledCase, ...]


@dataclass(frozen=True)
class CompiledRoute:
    route: Route
    conditions: tuple[CompiledCondition, ...]
    rule: Rule
    benefit: Optional[CompiledBenefit]


@dataclass(frozen=True)
class PolicyRules:
    """A policy ready to be evaluated."""

    policy: Policy
    catalogue: FactCatalogue
    conditions: tuple[CompiledCondition, ...]
    common: Rule
    routes: tuple[CompiledRoute, ...]
    whole: Rule
    benefit: Optional[CompiledBenefit]
    #: The same policy as it was, or will be, at other times (knowledge.eligibility.versions).
    versions: tuple[PolicyRules, ...] = ()

    def on(self, day: dt.date) -> PolicyRules:
        """The rules of ``day``: the version in force then; these themselves where none is."""
        if not self.versions or holds(self.policy.in_force, day):
            return self
        return next((version for version in self.versions if holds(version.policy.in_force, day)), self)

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact that the verdict may depend on."""
        return self.whole.facts

    @property
    def every_condition(self) -> tuple[CompiledCondition, ...]:
        """The common conditions and those of every route."""
        return (*self.conditions, *(item for route in self.routes for item in route.conditions))

    @property
    def benefits(self) -> tuple[CompiledBenefit, ...]:
        """The policy's benefit and those of its routes, as far as there are any."""
        found = (self.benefit, *(route.benefit for route in self.routes))
        return tuple(benefit for benefit in found if benefit is not None)

    def facts_of_sum(self, benefit: Benefit) -> frozenset[str]:
        """What is asked to know the sum of ``benefit``, the policy's or that of one of its ways."""
        cases = [case for compiled in self.benefits if compiled.benefit == benefit for case in compiled.cases]
        slugs = {*(slug for case in cases for slug in case.when.facts),
                 *(slug for case in cases if case.formula is not None for slug in case.formula.facts)}
        return frozenset(base for slug in slugs for base in self.catalogue.base_facts(slug))

    @functools.cached_property
    def base_facts(self) -> frozenset[str]:
        """Every fact that may be asked for the verdict or the amount, today or by the rules of another day."""
        own = frozenset(base for slug in self.whole.facts for base in self.catalogue.base_facts(slug))
        own = own.union(*(self.facts_of_sum(item.benefit) for item in self.benefits))
        return own.union(*(version.base_facts for version in self.versions))

    @functools.cached_property
    def pointers(self) -> tuple[tuple[str, int], ...]:
        """The name and the hints in normal form, each with its length as written."""
        return tuple((normalise(hint), len(hint)) for hint in (self.policy.name, *self.policy.hints))


@dataclass(frozen=True)
class Reason:
    """One condition and whether it holds. ``route`` is "" for conditions common to all ways."""

    id: str
    text: str
    status: Status
    clause: str
    route: str = ""
    #: Whether ``text`` already says what fails (在南京已有住房) rather than what is required.
    says_failure: bool = False

    @property
    def with_way(self) -> str:
        """The text; the way that it belongs to stands before it."""
        return f"{self.route}：{self.text}" if self.route else self.text


@dataclass(frozen=True)
class Amount:
    """What an eligible person gets. ``value`` is None where no sum may be stated."""

    value: Union[float, Range, None]
    benefit: Benefit
    #: Sentences that go with it (area by class, how a case was chosen).
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    policy: Policy
    outcome: Outcome
    reasons: tuple[Reason, ...]
    #: Facts (askable slugs) that are unknown and can still change the outcome.
    missing: tuple[str, ...]
    day: dt.date
    route: Optional[Route] = None
    amount: Optional[Amount] = None
    #: Reckons ``mend``: most verdicts of a list are never asked for it.
    reckon: Optional[Callable[[], Optional[Mend]]] = field(default=None, repr=False, compare=False)

    @functools.cached_property
    def mend(self) -> Optional[Mend]:
        """How time alone turns a refusal to eligible; None where it does not."""
        return self.reckon() if self.reckon is not None else None

    @property
    def eligible_from(self) -> Optional[dt.date]:
        """The first day on which the verdict turns to eligible by time alone, where that day is known."""
        return self.mend.day if self.mend is not None else None

    @property
    def documents(self) -> tuple[str, ...]:
        """What to bring: what the way says that was taken, else the policy."""
        return (self.route.documents if self.route is not None else ()) or self.policy.documents

    @property
    def where(self) -> str:
        """Where to go: where the way says that was taken, else the policy."""
        return (self.route.where if self.route is not None else "") or self.policy.where

    @property
    def unmet(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.status == "unmet")


# --- compiling -----------------------------------------------------------------------------------


def compile_policy(policy: Policy, catalogue: FactCatalogue) -> PolicyRules:
    """Compile all rules; raises RuleError whose path leads into the policy's YAML."""
    versions = []
    for number, version in enumerate(as_of_versions(policy)):
        try:
            versions.append(compile_policy(version, catalogue))
        except RuleError as error:
            raise RuleError(error.message, ("versions", number, *error.path)) from error
    seen: set[str] = set()
    conditions = _compile_conditions(policy.conditions, catalogue, ("conditions",), seen)
    routes = tuple(
        _compile_route(route, catalogue, ("routes", index), seen) for index, route in enumerate(policy.routes)
    )
    if not conditions and not routes:
        raise RuleError("一条政策至少要有一个条件（conditions 或 routes）", ())
    common = all_of([item.rule for item in conditions])
    whole = all_of([common, any_of([route.rule for route in routes])]) if routes else common
    benefit = _compile_benefit(policy.benefit, catalogue, ("benefit",)) if policy.benefit else None
    return PolicyRules(policy, catalogue, conditions, common, routes, whole, benefit, tuple(versions))


def _compile_conditions(conditions: tuple[Condition, ...], catalogue: FactCatalogue,
                        path: tuple[Union[str, int], ...], seen: set[str]) -> tuple[CompiledCondition, ...]:
    """``seen``: ids of the policy's conditions so far; they are unique over all its routes."""
    compiled = []
    for index, condition in enumerate(conditions):
        if condition.id in seen:
            raise RuleError(f"条件编号“{condition.id}”重复了", (*path, index, "id"))
        seen.add(condition.id)
        rule = compile_rule(condition.rule, (*path, index, "rule"))
        _check_facts(rule, catalogue, (*path, index, "rule"))
        compiled.append(CompiledCondition(condition, rule))
    return tuple(compiled)


def _compile_route(route: Route, catalogue: FactCatalogue, path: tuple[Union[str, int], ...],
                   seen: set[str]) -> CompiledRoute:
    conditions = _compile_conditions(route.conditions, catalogue, (*path, "conditions"), seen)
    benefit = _compile_benefit(route.benefit, catalogue, (*path, "benefit")) if route.benefit else None
    return CompiledRoute(route, conditions, all_of([item.rule for item in conditions]), benefit)


def _compile_benefit(benefit: Benefit, catalogue: FactCatalogue,
                     path: tuple[Union[str, int], ...]) -> CompiledBenefit:
    return CompiledBenefit(
        benefit,
        tuple(_compile_case(case, catalogue, (*path, "cases", index)) for index, case in enumerate(benefit.cases)),
        tuple(_compile_case(case, catalogue, (*path, "extra", index)) for index, case in enumerate(benefit.extra)),
    )


def _compile_case(case: AmountCase, catalogue: FactCatalogue, path: tuple[Union[str, int], ...]) -> CompiledCase:
    when = compile_rule(case.when, (*path, "when")) if case.when is not None else Constant(True)
    _check_facts(when, catalogue, (*path, "when"))
    formula = None
    if case.formula is not None:
        try:
            formula = compile_expression(case.formula)
        except ArithmeticSyntaxError as error:
            raise RuleError(str(error), (*path, "formula")) from error
        for slug in formula.facts:
            if slug not in catalogue:
                raise RuleError(f"没有“{slug}”这个事实", (*path, "formula"))
    return CompiledCase(case, when, formula)


def _check_facts(rule: Rule, catalogue: FactCatalogue, path: tuple[Union[str, int], ...]) -> None:
    for slug in rule.facts:
        if slug not in catalogue:
            raise RuleError(f"没有“{slug}”这个事实", path)
    for leaf in comparisons(rule):
        _check_operand(leaf, catalogue, path)


def _check_operand(leaf: Comparison, catalogue: FactCatalogue, path: tuple[Union[str, int], ...]) -> None:
    """A condition must compare a fact with a value that the fact can take."""
    fact = catalogue.facts.get(leaf.subject) if leaf.expression is None else None
    operands = leaf.operand if isinstance(leaf.operand, frozenset) else (leaf.operand,)
    ordered = leaf.operator not in ("is", "in", "not_in")
    dates = leaf.operator in ("before", "after", "on_or_before", "on_or_after")
    numeric = all(isinstance(operand, (int, float)) and not isinstance(operand, bool) for operand in operands)
    if leaf.expression is None and leaf.subject == CONTEXT_CITY:
        if ordered or not all(isinstance(operand, str) for operand in operands):
            raise RuleError("城市只能用 is、in、not_in，和带引号的代码比较", path)
        return
    if fact is None:
        if dates or not numeric:
            raise RuleError(f"“{leaf.subject}”是算出来的数，请和一个数比较", path)
        return
    if fact.type == "bool" and not all(isinstance(operand, bool) for operand in operands):
        raise RuleError(f"“{fact.name}”是是非题，只能写 is: true 或 is: false", path)
    if fact.type == "choice":
        if ordered:
            raise RuleError(f"“{fact.name}”是选择题，只能用 is、in、not_in", path)
        allowed = fact.values if isinstance(fact.values, tuple) else None
        for operand in operands:
            if allowed is not None and operand not in allowed:
                raise RuleError(f"“{fact.name}”没有“{operand}”这个选项，可以写：{'、'.join(map(str, allowed))}", path)
    if fact.type == "date" and not dates:
        raise RuleError(f"“{fact.name}”是日期，请用 before、after、on_or_before、on_or_after", path)
    if fact.type in ("int", "money", "months") and (dates or not numeric):
        raise RuleError(f"“{fact.name}”是数，请和一个数比较", path)


# --- evaluating ----------------------------------------------------------------------------------


def known_facts(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str = "") -> dict[str, Value]:
    """``facts`` with everything that follows from them, and the city of the conversation."""
    given = dict(facts)
    if city:
        given.setdefault(CONTEXT_CITY, city)
    return rules.catalogue.complete(given, day=day)


def evaluate(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str = "") -> Verdict:
    """The verdict on ``day`` by the rules of that day."""
    rules = rules.on(day)
    known = known_facts(rules, facts, day=day, city=city)
    force = _force_reason(rules.policy, day)
    if force is not None:
        return Verdict(rules.policy, "ineligible", (force,), (), day, reckon=_reckon(rules, known, day))
    settled = simplify(rules.whole, known, rules.catalogue.facts)
    if isinstance(settled, Constant):
        outcome: Outcome = "eligible" if settled.value else "ineligible"
    else:
        outcome = "undetermined"
    route = _deciding_route(rules, known, outcome)
    reasons = _reasons(rules, known, outcome, route)
    missing = _askable(rules, settled, known) if outcome == "undetermined" else ()
    amount = None
    if outcome != "ineligible":
        amount = _amount(_benefit_of(rules, route), known)
    return Verdict(
        rules.policy, outcome, reasons, missing, day,
        route=route.route if route is not None else None,
        amount=amount,
        reckon=_reckon(rules, known, day) if outcome == "ineligible" else None,
    )


def next_question(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str = "",
                  skip: Set[str] = frozenset()) -> Optional[str]:
    """The fact to ask next, or None when the verdict and the amount are as settled as they can be."""
    rules = rules.on(day)
    if _force_reason(rules.policy, day) is not None:
        return None
    known = known_facts(rules, facts, day=day, city=city)
    settled = simplify(rules.whole, known, rules.catalogue.facts)
    if not isinstance(settled, Constant):
        return first_fact(settled, known, rules.catalogue, skip)
    if not settled.value:
        return None
    return next(iter(_amount_facts(rules, known, skip)), None)


def remaining_questions(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str = "",
                        skip: Set[str] = frozenset()) -> int:
    """At most so many questions are still to come (verdict and amount together)."""
    rules = rules.on(day)
    if _force_reason(rules.policy, day) is not None:
        return 0
    known = known_facts(rules, facts, day=day, city=city)
    settled = simplify(rules.whole, known, rules.catalogue.facts)
    open_facts = set(_askable(rules, settled, known)) - set(skip)
    if not (isinstance(settled, Constant) and not settled.value):
        open_facts |= set(_amount_facts(rules, known, skip))
    return len(open_facts)


def amount_missing(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str = "") -> tuple[str, ...]:
    """The facts that keep the amount from being known, once somebody is eligible."""
    rules = rules.on(day)
    return tuple(_amount_facts(rules, known_facts(rules, facts, day=day, city=city), frozenset()))


def condition_of(rules: PolicyRules, fact: str, known: Mapping[str, Value]) -> Optional[CompiledCondition]:
    """The first undecided condition that needs ``fact`` (why it is asked)."""
    for item in rules.every_condition:
        bases = {base for slug in item.rule.facts for base in rules.catalogue.base_facts(slug)}
        if fact in bases and item.rule.truth(known) is None:
            return item
    return None


def _not_yet(policy: Policy, day: dt.date) -> bool:
    return policy.in_force.start is not None and day < policy.in_force.start


def _force_reason(policy: Policy, day: dt.date) -> Optional[Reason]:
    clause = policy.document_number or policy.name
    if _not_yet(policy, day):
        text = f"这项政策从{chinese_day(policy.in_force.start)}起才施行"
    elif policy.in_force.until is not None and day > policy.in_force.until:
        text = f"这项政策已于{chinese_day(policy.in_force.until)}到期"
    else:
        return None
    return Reason(IN_FORCE, text, "unmet", clause, says_failure=True)


def chinese_day(day: Optional[dt.date]) -> str:
    """2026年11月21日; "" for None."""
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else ""


def _status(truth: Truth) -> Status:
    return "unknown" if truth is None else ("met" if truth else "unmet")


def _truth(rule: Rule, known: Mapping[str, Value], rules: PolicyRules) -> Truth:
    settled = simplify(rule, known, rules.catalogue.facts)
    return settled.value if isinstance(settled, Constant) else None


def _deciding_route(rules: PolicyRules, known: Mapping[str, Value], outcome: Outcome) -> Optional[CompiledRoute]:
    """The way that qualifies; of several the one with the higher amount (就高)."""
    if outcome != "eligible":
        return None
    holding = [route for route in rules.routes if _truth(route.rule, known, rules) is True]
    if not holding:
        return None
    return max(holding, key=lambda route: _sum(_amount(_benefit_of(rules, route), known)))


def _sum(amount: Optional[Amount]) -> float:
    return float(amount.value) if amount is not None and isinstance(amount.value, (int, float)) else 0.0


def _reasons(rules: PolicyRules, known: Mapping[str, Value], outcome: Outcome,
             decided: Optional[CompiledRoute]) -> tuple[Reason, ...]:
    reasons = [_reason(item, known, rules) for item in rules.conditions]
    shown = [decided] if decided is not None else list(rules.routes)
    if decided is None and outcome == "undetermined":
        shown = [route for route in rules.routes if _truth(route.rule, known, rules) is not False] or shown
    for route in shown:
        reasons.extend(_reason(item, known, rules, route.route.name) for item in route.conditions)
    return tuple(reasons)


def _reason(item: CompiledCondition, known: Mapping[str, Value], rules: PolicyRules, route: str = "") -> Reason:
    status = _status(_truth(item.rule, known, rules))
    condition = item.condition
    failed = status == "unmet" and bool(condition.failed)
    text = condition.failed if failed else condition.text
    return Reason(condition.id, text, status, condition.clause, route, failed)


def _askable(rules: PolicyRules, rule: Rule, known: Mapping[str, Value]) -> tuple[str, ...]:
    """Relevant facts in the form in which they are asked."""
    return tuple(dict.fromkeys(
        base for slug in deciding_facts(rule, known, rules.catalogue.facts)
        for base in rules.catalogue.base_facts(slug)
        if base not in known or isinstance(known[base], Partial)
    ))


# --- amounts -------------------------------------------------------------------------------------


def _benefit_of(rules: PolicyRules, route: Optional[CompiledRoute]) -> Optional[CompiledBenefit]:
    return route.benefit if route is not None and route.benefit is not None else rules.benefit


def _amount(compiled: Optional[CompiledBenefit], known: Mapping[str, Value]) -> Optional[Amount]:
    if compiled is None:
        return None
    value, notes = _case_value(compiled, known)
    notes = [*notes, *(item.case.text for item in compiled.extra if item.case.text and item.when.truth(known) is True)]
    return Amount(None if compiled.benefit.amount_unknown else value, compiled.benefit, tuple(notes))


def _case_value(compiled: CompiledBenefit, known: Mapping[str, Value]) -> tuple[Union[float, Range, None], list[str]]:
    for item in compiled.cases:
        truth = item.when.truth(known)
        if truth is None:
            return None, []
        if truth:
            notes = [item.case.text] if item.case.text else []
            if item.formula is None:
                return item.case.value, notes
            value = item.formula.value(known)
            if isinstance(value, Range):
                return Range(_rounded(value.low), _rounded(value.high)), notes
            return _rounded(value), notes
    return None, []


def _rounded(value: object) -> Optional[float]:
    return round(float(value), 2) if isinstance(value, (int, float)) else None


def _amount_facts(rules: PolicyRules, known: Mapping[str, Value], skip: Set[str]) -> list[str]:
    """Facts that are still needed to know the amount, in the order to ask them."""
    settled = simplify(rules.whole, known, rules.catalogue.facts)
    eligible = isinstance(settled, Constant) and settled.value
    route = _deciding_route(rules, known, "eligible") if eligible else None
    compiled = _benefit_of(rules, route)
    open_sum = _sum_facts(rules, compiled, known)
    if open_sum or not eligible:  # a sum that nobody can tell is no sum that another way could beat
        return _askable_bases(rules, known, skip, open_sum)
    return _askable_bases(rules, known, skip, _better_way_facts(rules, _sum(_amount(compiled, known)), known))


def _askable_bases(rules: PolicyRules, known: Mapping[str, Value], skip: Set[str], slugs: list[str]) -> list[str]:
    bases = dict.fromkeys(base for slug in slugs for base in rules.catalogue.base_facts(slug))
    return [base for base in bases if base not in skip and (base not in known or isinstance(known[base], Partial))]


def _sum_facts(rules: PolicyRules, compiled: Optional[CompiledBenefit], known: Mapping[str, Value]) -> list[str]:
    """The facts on which the sum of this benefit still hangs."""
    if compiled is None or compiled.benefit.amount_unknown:
        return []
    values = [item.case.value if item.formula is None else None for item in compiled.cases]
    found: list[str] = []
    for index, item in enumerate(compiled.cases):
        truth = item.when.truth(known)
        if truth is False:
            continue
        rest = {value for value in values[index:] if value is not None}
        if truth is None and not (None not in values[index:] and len(rest) == 1 and _covers(compiled, index)):
            found.extend(relevant_facts(item.when, known, rules.catalogue.facts))
        if item.formula is not None:
            found.extend(slug for slug in item.formula.facts if slug not in known)
        if truth is True or found:
            break
    return found


def _better_way_facts(rules: PolicyRules, due: float, known: Mapping[str, Value]) -> list[str]:
    """The facts that decide the ways that are still open and may give more than ``due`` (就高)."""
    found: list[str] = []
    for route in rules.routes:
        if route.benefit is not None and _most(route.benefit, known) > due \
                and _truth(route.rule, known, rules) is None:
            found.extend(relevant_facts(route.rule, known, rules.catalogue.facts))
    return found


def _most(compiled: CompiledBenefit, known: Mapping[str, Value]) -> float:
    """The highest sum that a case still open states; a formula's sum is not known beforehand and counts for nothing."""
    if compiled.benefit.amount_unknown:
        return 0.0
    return max((float(item.case.value) for item in compiled.cases
                if item.formula is None and item.case.value is not None and item.when.truth(known) is not False),
               default=0.0)


def _covers(compiled: CompiledBenefit, index: int) -> bool:
    """Whether the cases from ``index`` on end in one without a condition."""
    return any(isinstance(item.when, Constant) and item.when.value for item in compiled.cases[index:])


# --- time mends it -------------------------------------------------------------------------------


def _reckon(rules: PolicyRules, known: Mapping[str, Value], day: dt.date) -> Callable[[], Optional[Mend]]:
    return functools.partial(mending, rules.whole, rules.policy.in_force, rules.catalogue, known, day)
