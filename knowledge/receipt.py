"""The receipt of a verdict: a code that holds the policy, its rules' version, the day, the city and the facts.

    code = write_receipt(rules, facts, day=day, city="510100", outcome=verdict.outcome)
    receipt = read_receipt(code, policies)
    evaluate(policies[receipt.policy], receipt.facts, day=receipt.day, city=receipt.city)   # the same verdict

Nothing is stored anywhere and no name is in it; but it holds what a person told, so it must never be logged.
The facts are those that the policy may use, with what followed from the others: facts of no concern stay out. Rules
that have changed since show in the version; facts can then be read only if the same ones are asked in the same form.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, get_args

import msgspec

from knowledge.eligibility.engine import CompiledBenefit, PolicyRules, known_facts
from knowledge.eligibility.facts import CONTEXT_CITY
from knowledge.eligibility.values import Value
from knowledge.eligibility.versions import holds
from knowledge.receipt_digits import Reader, Unwritable, Writer, choices, put_value, take_value
from knowledge.receipt_symbols import CodeError, from_code, to_code
from knowledge.regions import cities_of, city_of
from knowledge.schema import Condition, Outcome

#: Goes into every fingerprint: a receipt in another form than this never looks as if its rules were still the same.
FORM = "receipt-1"
#: How many bits a policy's name, its rules, and the form of its facts take.
POLICY_BITS, RULES_BITS, LAYOUT_BITS = 20, 12, 12
FIRST_DAY = dt.date(2010, 1, 1)
#: Receipts can be written for so many days from ``FIRST_DAY`` on (to 2054).
_DAYS = 1 << 14
_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_OWN_CITY, _CITY, _OTHER, _NO_CITY, _CITIES = 0, 1, 2, 3, 4
_UNREADABLE = "回执码读不出来，请对照回执单再输一遍。"


class ReceiptError(ValueError):
    """The code is no receipt that can be read here; the message says why in one Chinese sentence."""


class UnknownPolicy(ReceiptError):
    """The receipt is of a policy that is not there."""


@dataclass(frozen=True)
class Receipt:
    """What a code holds. ``outcome`` is what was said on ``day``; ``code`` is as it was given out."""

    code: str
    policy: str
    day: dt.date
    city: str
    outcome: Outcome
    #: The version of the policy's rules when the receipt was written, and whether they are still the same.
    rules: int
    unchanged: bool
    #: None where the policy now asks for other facts than then, so that they cannot be read any more.
    facts: Optional[Mapping[str, Value]]


def write_receipt(rules: PolicyRules, facts: Mapping[str, Value], *, day: dt.date, city: str, outcome: Outcome) -> str:
    """The code of a verdict; the same case gives the same code. Raises ReceiptError for what no code can hold."""
    known = known_facts(rules, facts, day=day, city=city)
    city = str(known.get(CONTEXT_CITY, city))
    writer = Writer()
    try:
        writer.put(policy_digest(rules.policy.policy), 1 << POLICY_BITS)
        writer.put(rules_digest(rules.on(day), day), 1 << RULES_BITS)
        writer.put(_layout_digest(rules), 1 << LAYOUT_BITS)
        writer.put((day - FIRST_DAY).days, _DAYS)
        writer.put(_OUTCOMES.index(outcome), len(_OUTCOMES))
        _put_city(writer, city, city_of(rules.policy.region))
        for slug in used_facts(rules):
            put_value(writer, rules.catalogue.facts[slug], known.get(slug), city)
    except Unwritable as error:
        raise ReceiptError("这种情况写不成回执码。") from error
    return to_code(writer.whole())


def read_receipt(code: str, policies: Mapping[str, PolicyRules]) -> Receipt:
    """What a code holds that somebody typed. Raises ReceiptError, UnknownPolicy where the policy is not there."""
    try:
        number = from_code(code)
    except CodeError as error:
        raise ReceiptError(str(error)) from error
    reader = Reader(number)
    name, version, layout = (reader.take(1 << bits) for bits in (POLICY_BITS, RULES_BITS, LAYOUT_BITS))
    rules = _policy_of(name, version, layout, policies)
    day = FIRST_DAY + dt.timedelta(days=reader.take(_DAYS))
    outcome = _OUTCOMES[reader.take(len(_OUTCOMES))]
    city = _take_city(reader, city_of(rules.policy.region))
    unchanged = version == rules_digest(rules.on(day), day)
    facts = _facts_of(reader, rules, city) if layout == _layout_digest(rules) else None
    receipt = Receipt(to_code(number), rules.policy.policy, day, city, outcome, version, unchanged, facts)
    if unchanged and not _is_written_so(receipt, rules):
        raise ReceiptError(_UNREADABLE)
    return receipt


def used_facts(rules: PolicyRules) -> tuple[str, ...]:
    """Every fact that verdict, amount and the sentences beside it may depend on, in the order of their slugs."""
    slugs = {*rules.base_facts, *(slug for benefit in rules.benefits for slug in _facts_of_extras(benefit))}
    bases = {base for slug in slugs for base in rules.catalogue.base_facts(slug)}
    return tuple(sorted(bases & rules.catalogue.facts.keys()))


def policy_digest(policy: str) -> int:
    """The policy's name in ``POLICY_BITS`` bits."""
    return _digest(policy, POLICY_BITS)


def rules_digest(rules: PolicyRules, day: Optional[dt.date] = None) -> int:
    """What decides: conditions, ways, sums, first day, and the facts they use; wording does not count.

    ``rules``: those of the day (``PolicyRules.on``), so that a receipt holds while its version is kept; without a
    ``day``, of one on which they are in force.
    """
    policy = rules.policy
    used = used_facts(rules)
    whole = {
        "conditions": _conditions(policy.conditions),
        "routes": [[route.id, _conditions(route.conditions), _benefit(route.benefit)] for route in policy.routes],
        "benefit": _benefit(policy.benefit),
        # Not how long: a version that was replaced later is still the same.
        "holds": day is None or holds(policy.in_force, day),
        "implied": {slug: msgspec.to_builtins(rules.catalogue.facts[slug].implies) for slug in used},
        "derived": {slug: expression.text for slug, expression in sorted(rules.catalogue.derived.items())
                    if set(expression.facts) <= set(used)},
        "facts": _layout(rules),
    }
    return _digest(_canonical(whole), RULES_BITS)


# --- parts of a receipt ----------------------------------------------------------------------------


def _policy_of(name: int, version: int, layout: int, policies: Mapping[str, PolicyRules]) -> PolicyRules:
    """The policy meant; of several with the same fingerprint the one whose rules fit."""
    named = [policies[key] for key in sorted(policies) if policy_digest(key) == name]
    if not named:
        raise UnknownPolicy("回执码上的政策现在没有：可能已经撤下，也可能是别的版本出的码，请对照回执单再查。")
    return max(named, key=lambda rules: (any(version == rules_digest(one) for one in (rules, *rules.versions)),
                                             layout == _layout_digest(rules)))


def _facts_of(reader: Reader, rules: PolicyRules, city: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    try:
        for slug in used_facts(rules):
            value = take_value(reader, rules.catalogue.facts[slug], city)
            if value is not None:
                found[slug] = value
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ReceiptError(_UNREADABLE) from None
    if reader.rest:
        raise ReceiptError(_UNREADABLE)
    return found


def _is_written_so(receipt: Receipt, rules: PolicyRules) -> bool:
    """Whether these facts would give this very code: there is one way only to write a case."""
    if receipt.facts is None:
        return False
    try:
        again = write_receipt(rules, receipt.facts, day=receipt.day, city=receipt.city, outcome=receipt.outcome)
    except ReceiptError:
        return False
    return again == receipt.code


def _put_city(writer: Writer, city: str, own: str) -> None:
    known = len(city) == 6 and city.isascii() and city.isdigit()
    if city == own:
        writer.put(_OWN_CITY, _CITIES)
    elif known and city.endswith("00"):
        writer.put(_CITY, _CITIES)
        writer.put(int(city) // 100, 10_000)
    elif known:
        writer.put(_OTHER, _CITIES)
        writer.put(int(city), 1_000_000)
    elif not city:
        writer.put(_NO_CITY, _CITIES)
    else:
        raise Unwritable


def _take_city(reader: Reader, own: str) -> str:
    form = reader.take(_CITIES)
    if form == _CITY:
        return f"{reader.take(10_000):04}00"
    if form == _OTHER:
        return f"{reader.take(1_000_000):06}"
    return own if form == _OWN_CITY else ""


# --- fingerprints ----------------------------------------------------------------------------------


def _facts_of_extras(benefit: Optional[CompiledBenefit]) -> Iterable[str]:
    for item in benefit.extra if benefit is not None else ():
        yield from item.when.facts
        yield from item.formula.facts if item.formula is not None else ()


def _layout(rules: PolicyRules) -> list[Any]:
    """The form in which the facts are written."""
    facts = [rules.catalogue.facts[slug] for slug in used_facts(rules)]
    return [[fact.slug, fact.type, _cities() if isinstance(fact.values, str) and fact.values else choices(fact),
             fact.minimum, fact.maximum] for fact in facts]


@functools.lru_cache(maxsize=1)
def _cities() -> list[list[str]]:
    """The cities by province, by which places are written."""
    return [sorted(cities_of(f"{province:02}0000")) for province in range(100)]


def _layout_digest(rules: PolicyRules) -> int:
    return _digest(_canonical(_layout(rules)), LAYOUT_BITS)


def _conditions(conditions: Iterable[Condition]) -> list[Any]:
    return sorted([item.id, _unordered(item.rule)] for item in conditions)


def _benefit(benefit: Any) -> Any:
    """What of a benefit decides the sum; its sentences do not."""
    if benefit is None:
        return None
    made = msgspec.to_builtins(benefit)
    cases = [{**case, "when": _unordered(case["when"]), "text": ""} for case in made["cases"]]
    return {**made, "cases": cases, "extra": [_unordered(case["when"]) for case in made["extra"]], "formula_text": ""}


def _unordered(rule: Any) -> Any:
    """A rule whose parts stand in one order, however YAML has them: none of its lists means an order."""
    if isinstance(rule, dict):
        return {key: _unordered(value) for key, value in rule.items()}
    return sorted((_unordered(item) for item in rule), key=_canonical) if isinstance(rule, list) else rule


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _digest(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{FORM}\0{text}".encode()).digest()[:8], "big") >> (64 - bits)
