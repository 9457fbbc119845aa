"""The receipt: a code that gives the same verdict again, and that nobody mistypes unnoticed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import statistics
from typing import Any, Optional, Union

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.assemble import Assembled, assemble
from knowledge.base import CONTENT
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.eligibility.engine import PolicyRules, Verdict, compile_policy, evaluate
from knowledge.eligibility.facts import FactCatalogue
from knowledge.eligibility.values import OneOf, Range, Value
from knowledge.loader import load_parts
from knowledge.receipt import (
    FIRST_DAY,
    ReceiptError,
    policy_digest,
    read_receipt,
    rules_digest,
    used_facts,
    write_receipt,
)
from knowledge.receipt_symbols import ALPHABET, CodeError, from_code, to_code
from knowledge.regions import cities_of, city_of
from knowledge.schema import Benefit, Condition, Implication, Policy
from tests.knowledge.rules_world import fact

SHIPPED: Assembled = assemble(load_parts(CONTENT))
DAY = HOUSEHOLD_DAY
CITY = "510100"
CATALOGUE = FactCatalogue([
    fact("a.yes", "bool"), fact("a.kind", "choice", values=("x", "y", "z", 3)),
    fact("a.city", "choice", values="adcode of a city"), fact("a.age", "int", minimum=0, maximum=120),
    fact("a.count", "int"), fact("a.money", "money", minimum=0), fact("a.paid", "months", minimum=0),
    fact("a.day", "date"), fact("a.other", "bool"),
])
#: One condition for each fact of the catalogue but ``a.other``, which is no concern of the policy.
RULES: dict[str, dict[str, Any]] = {
    "a.yes": {"is": True}, "a.kind": {"in": ["x", 3]}, "a.city": {"is": CITY}, "a.age": {"at_least": 18},
    "a.count": {"at_most": 5}, "a.money": {"at_most": 5000}, "a.paid": {"at_least": 12},
    "a.day": {"on_or_after": "2025-01-01"},
}


def world(order: Optional[list[str]] = None, **changes: Any) -> PolicyRules:
    """A policy with every type of fact; ``order`` of its conditions, ``changes`` of its fields."""
    conditions = tuple(Condition(id=slug, text=slug, rule={"fact": slug, **RULES[slug]}) for slug in order or RULES)
    fields: dict[str, Any] = {"policy": "510100/all", "topic": "all", "region": CITY, "name": "全部", "summary": "。",
                              "sources": (), "conditions": conditions, **changes}
    return compile_policy(Policy(**fields), CATALOGUE)


ALL = world()


def code_of(rules: PolicyRules, facts: dict[str, Value], day: dt.date = DAY, city: str = CITY) -> str:
    return write_receipt(rules, facts, day=day, city=city,
                         outcome=evaluate(rules, facts, day=day, city=city).outcome)


def essence(verdict: Verdict) -> tuple[Any, ...]:
    """All that a resident is told of a verdict."""
    return (verdict.outcome, verdict.amount, verdict.reasons, verdict.missing, verdict.route, verdict.eligible_from,
            verdict.day)


def households() -> list[tuple[PolicyRules, dict[str, Value], dt.date, str]]:
    """Every test household of the content: rules, facts, day and city."""
    return [(SHIPPED.policies[name], SHIPPED.policies[name].catalogue.read(item.facts), item.on or DAY,
             city_of(SHIPPED.policies[name].policy.region))
            for name, (file, _) in sorted(SHIPPED.households.items()) for item in file.households]


HOUSEHOLDS = households()


def typed(value: Value) -> Any:
    """The value with its types: 5 is not 5.0, and True is not 1."""
    if isinstance(value, Range):
        return ("range", type(value.low), value.low, type(value.high), value.high)
    return type(value), value


# --- values ------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(0, 200), st.integers(0, 10 ** 12), st.integers(0, 500).map(lambda n: n * 1000),
    st.floats(0, 1e15, allow_nan=False), st.integers(0, 10 ** 6).map(lambda n: n / 100),
    st.integers(0, 9999).map(float), st.integers(0, 99).map(lambda n: n / 10))
SIGNED = st.one_of(NUMBERS, st.integers(-10 ** 9, -1), st.floats(allow_nan=False, allow_infinity=False))
AGES = st.one_of(st.integers(0, 120), st.floats(0, 120, allow_nan=False))
DAYS = st.one_of(st.dates(), st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)))
CITIES = sorted(cities_of("510000") | cities_of("320000"))
PLACES = st.one_of(
    st.sampled_from([*CITIES, "elsewhere", CITY]), st.integers(0, 999999).map(lambda n: f"{n:06}"),
    st.sampled_from(["510100-gaoxin", "320500-park", "510100-", "51010", "510100-天府", ""]), st.text(max_size=12))


def ranges(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[Range]:
    pairs = st.tuples(ends, ends).map(sorted)
    return st.one_of(pairs.map(lambda pair: Range(*pair)), ends.map(lambda low: Range(low, None)),
                     ends.map(lambda high: Range(None, high)), st.just(Range()))


PARTS_OF_PROVINCE = st.tuples(st.sampled_from(["510000", "320000"]), st.sets(st.integers(0, 30), max_size=4),
                              st.booleans()).map(
    lambda made: OneOf(frozenset([*(code for number, code in enumerate(sorted(cities_of(made[0])))
                                    if number not in made[1]), *(["elsewhere"] if made[2] else [])])))
KINDS: st.SearchStrategy[Union[int, str]] = st.sampled_from(["x", "y", "z", 3])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a.yes": st.booleans(),
    "a.kind": st.one_of(st.sampled_from(["x", "y", "z", 3]),
                        st.sets(KINDS, min_size=1).map(lambda s: OneOf(frozenset(s)))),
    "a.city": st.one_of(PLACES, st.sets(PLACES, min_size=1, max_size=5).map(lambda s: OneOf(frozenset(s))),
                        PARTS_OF_PROVINCE),
    "a.age": st.one_of(AGES, ranges(AGES)), "a.count": st.one_of(SIGNED, ranges(SIGNED)),
    "a.money": st.one_of(NUMBERS, ranges(NUMBERS)), "a.paid": st.one_of(NUMBERS, ranges(NUMBERS)),
    "a.day": st.one_of(DAYS, ranges(DAYS)),
}
FACTS = st.fixed_dictionaries({}, optional=VALUES)


@given(FACTS, st.dates(FIRST_DAY, dt.date(2050, 1, 1)), st.sampled_from([CITY, "310000", "310110", "", "320100"]))
def test_every_value_of_every_type_comes_back(facts: dict[str, Value], day: dt.date, city: str) -> None:
    receipt = read_receipt(code_of(ALL, facts, day, city), {"510100/all": ALL})
    assert (receipt.policy, receipt.day, receipt.city, receipt.unchanged) == ("510100/all", day, city, True)
    assert receipt.facts is not None
    assert {slug: typed(value) for slug, value in receipt.facts.items()} == {
        slug: typed(value) for slug, value in facts.items()}


@pytest.mark.parametrize("value", [
    Range(4000, 5000), Range(4000, None), Range(None, 4999.99), 0, 0.0, -0.0, 5000, 5000.0, 1 / 3, 2 ** 300, 1e300])
def test_sums_that_are_known_in_part_and_odd_ones_come_back(value: Value) -> None:
    receipt = read_receipt(code_of(ALL, {"a.money": value}), {"x": ALL, "510100/all": ALL})
    assert receipt.facts is not None and repr(receipt.facts["a.money"]) == repr(value)


@pytest.mark.parametrize("facts", [{"a.money": 2 ** 600}, {"a.yes": "x"}, {"a.kind": "q"}, {"a.day": 5},
                                   {"a.money": "x"}, {"a.money": float("nan")}])
def test_what_no_code_can_hold_is_said_so(facts: dict[str, Any]) -> None:
    with pytest.raises(ReceiptError):
        write_receipt(ALL, facts, day=DAY, city=CITY, outcome="undetermined")


# --- the verdict comes back --------------------------------------------------------------------------


def test_every_household_gets_the_same_verdict_again() -> None:
    wrong = []
    for rules, facts, day, city in HOUSEHOLDS:
        receipt = read_receipt(code_of(rules, facts, day, city), SHIPPED.policies)
        assert receipt.facts is not None and receipt.policy == rules.policy.policy and receipt.unchanged
        again = evaluate(rules, receipt.facts, day=receipt.day, city=receipt.city)
        if essence(again) != essence(evaluate(rules, facts, day=day, city=city)):
            wrong.append((rules.policy.policy, facts))
    assert len(HOUSEHOLDS) > 900 and wrong == []


@given(st.data())
def test_real_policies_say_the_same_of_half_known_people(data: st.DataObject) -> None:
    rules, facts, day, city = data.draw(st.sampled_from(HOUSEHOLDS))
    facts = {slug: value for slug, value in facts.items() if data.draw(st.integers(0, 3)) > 0}
    for slug, value in facts.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and data.draw(st.integers(0, 3)) == 0 \
                and rules.catalogue.facts[slug].type != "choice":
            facts[slug] = Range(value, value * 2)
    city = data.draw(st.sampled_from([city, "510100", "310000"]))
    receipt = read_receipt(code_of(rules, facts, day, city), SHIPPED.policies)
    assert receipt.facts is not None
    assert essence(evaluate(rules, receipt.facts, day=receipt.day, city=receipt.city)) == essence(
        evaluate(rules, facts, day=day, city=city))


def test_facts_of_no_concern_stay_out() -> None:
    assert code_of(ALL, {"a.yes": True, "a.other": True}) == code_of(ALL, {"a.yes": True})
    assert "a.other" not in used_facts(ALL)


def test_what_followed_from_other_facts_is_in_the_code() -> None:
    known = FactCatalogue([
        fact("a.yes", "bool"), fact("b.yes", "bool", implies=(Implication(value=True, then={"a.yes": True}),))])
    policy = Policy(policy="510100/all", topic="all", region=CITY, name="全部", summary="。", sources=(),
                    conditions=(Condition(id="a", text="a", rule={"fact": "a.yes", "is": True}),))
    rules = compile_policy(policy, known)
    receipt = read_receipt(code_of(rules, {"b.yes": True}), {"510100/all": rules})
    assert receipt.facts == {"a.yes": True} and receipt.outcome == "eligible"


# --- rules that change -------------------------------------------------------------------------------

SAID: dict[str, Value] = {"a.yes": True, "a.money": 4800, "a.kind": "x", "a.day": dt.date(2025, 6, 1)}


def test_the_order_in_yaml_and_the_wording_do_not_matter() -> None:
    turned = world(list(reversed(RULES)))
    assert code_of(turned, SAID) == code_of(ALL, SAID)
    said = dataclasses.replace(ALL, policy=msgspec.structs.replace(
        ALL.policy, name="又叫别的", notes=("新的话",), documents=("身份证",)))
    assert code_of(said, SAID) == code_of(ALL, SAID)
    first = {"any": [{"fact": "a.yes", "is": True}, {"fact": "a.kind", "in": ["x", "y"]}]}
    second = {"any": [{"in": ["y", "x"], "fact": "a.kind"}, {"is": True, "fact": "a.yes"}]}
    digests = {rules_digest(world(conditions=(Condition(id="a", text=text, rule=rule),)))
               for text, rule in (("一", first), ("二", second))}
    assert len(digests) == 1


@pytest.mark.parametrize("changes", [
    {"benefit": Benefit(formula_text="。")},
    {"conditions": (*ALL.policy.conditions[:-1],
                    Condition(id="a.day", text="a.day", rule={"fact": "a.day", "before": "2025-01-01"}))},
    {"in_force": msgspec.convert({"until": "2026-11-20"}, type(ALL.policy.in_force))},
])
def test_a_changed_rule_shows_and_the_facts_are_read_all_the_same(changes: dict[str, Any]) -> None:
    receipt = read_receipt(code_of(ALL, SAID), {"510100/all": world(**changes)})
    assert not receipt.unchanged and receipt.facts == SAID
    assert receipt.outcome == "undetermined" and receipt.rules == rules_digest(ALL)


def test_an_end_after_the_day_of_the_receipt_changes_nothing() -> None:
    ended = world(in_force=msgspec.convert({"until": "2026-11-21"}, type(ALL.policy.in_force)))
    assert read_receipt(code_of(ALL, SAID), {"510100/all": ended}).unchanged


def test_other_facts_asked_than_then_cannot_be_read_as_those() -> None:
    fewer = world(["a.yes", "a.kind", "a.money"])
    receipt = read_receipt(code_of(ALL, SAID), {"510100/all": fewer})
    assert not receipt.unchanged and receipt.facts is None
    assert (receipt.day, receipt.outcome) == (DAY, "undetermined")


def test_each_shipped_policy_has_a_fingerprint_of_its_own() -> None:
    assert len({policy_digest(name) for name in SHIPPED.policies}) == len(SHIPPED.policies)
    assert len({(policy_digest(name), rules_digest(rules)) for name, rules in SHIPPED.policies.items()}) == len(
        SHIPPED.policies)


def test_a_policy_that_is_gone_is_told() -> None:
    with pytest.raises(ReceiptError, match="政策现在没有"):
        read_receipt(code_of(ALL, SAID), SHIPPED.policies)


# --- typing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [
    str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "),
    lambda code: code.replace("0", "O").replace("1", "l"), lambda code: code.replace("0", "o").replace("1", "I"),
    lambda code: code.replace("-", "－"), lambda code: "".join(
        chr(ord(c) + 0xFEE0) if c != "-" else "—" for c in code), lambda code: f"  {code}\n",
])
def test_a_code_is_read_however_it_is_typed(written: Any) -> None:
    for rules, facts, day, city in HOUSEHOLDS[::40]:
        code = code_of(rules, facts, day, city)
        assert read_receipt(written(code), SHIPPED.policies) == read_receipt(code, SHIPPED.policies)


@pytest.mark.parametrize(("code", "said"), [
    ("", "还没有输入"), ("   ", "还没有输入"), ("ABCD-EFGU", "没有“U”"), ("您好", "没有“您”"), ("0", "抄错"),
    ("000", "抄错"), ("A" * 5000, "太长"), ("A" * 500, "抄错"), ("AB\x00C", "看不见"),
])
def test_what_is_no_code_is_refused_in_one_sentence(code: str, said: str) -> None:
    with pytest.raises(ReceiptError) as caught:
        read_receipt(code, SHIPPED.policies)
    assert said in str(caught.value) and str(caught.value).endswith("。") and "\n" not in str(caught.value)


def symbols_of(code: str) -> str:
    return code.replace("-", "")


def is_sound(symbols: str) -> bool:
    try:
        from_code(symbols)
    except CodeError:
        return False
    return True


def test_one_wrong_symbol_and_a_swap_of_neighbours_are_always_caught() -> None:
    tried = passed = 0
    for rules, facts, day, city in HOUSEHOLDS[::25]:
        code = symbols_of(code_of(rules, facts, day, city))
        for place, symbol in enumerate(code):
            wrong = [code[:place] + other + code[place + 1:] for other in ALPHABET if other != symbol]
            if place and code[place - 1] != symbol:
                wrong.append(code[:place - 1] + symbol + code[place - 1] + code[place + 1:])
            tried += len(wrong)
            passed += sum(is_sound(item) for item in wrong)
    assert tried > 20_000 and passed == 0


@given(st.integers(1, 2 ** 145 - 1), st.data())
def test_two_wrong_symbols_are_caught_in_a_code_of_usual_length(number: int, data: st.DataObject) -> None:
    code = [*symbols_of(to_code(number))]
    places = data.draw(st.lists(st.integers(0, len(code) - 1), min_size=1, max_size=2, unique=True))
    for place in places:
        code[place] = data.draw(st.sampled_from([symbol for symbol in ALPHABET if symbol != code[place]]))
    assert not is_sound("".join(code))


def test_of_other_mistakes_hardly_one_in_a_thousand_is_read() -> None:
    chance = random.Random(7)
    codes = [symbols_of(code_of(*case)) for case in HOUSEHOLDS]
    read = 0
    for _ in range(20_000):
        code = [*chance.choice(codes)]
        for place in chance.sample(range(len(code)), 3):
            code[place] = chance.choice(ALPHABET)
        if "".join(code) in codes:
            continue
        read += _reads("".join(code))
    assert read <= 40


def _reads(code: str) -> bool:
    try:
        read_receipt(code, SHIPPED.policies)
    except ReceiptError:
        return False
    return True


@given(st.integers(1, 2 ** 200))
def test_numbers_come_back(number: int) -> None:
    assert from_code(to_code(number)) == number


@given(st.text(ALPHABET, min_size=3, max_size=40))
def test_any_sound_word_is_read_or_refused_but_never_breaks(symbols: str) -> None:
    number = sum(ALPHABET.index(symbol) << 5 * place for place, symbol in enumerate(symbols))
    head = policy_digest("510100/all") | rules_digest(ALL) << 20
    for whole in (number + 1, head | number << 32):
        try:
            receipt = read_receipt(to_code(whole), {"510100/all": ALL})
        except ReceiptError:
            continue
        assert receipt.facts is None or set(receipt.facts) <= set(used_facts(ALL))


def test_the_code_is_short_enough_to_copy() -> None:
    made = [(symbols_of(code_of(*case)), read_receipt(code_of(*case), SHIPPED.policies).facts) for case in HOUSEHOLDS]
    lengths = [len(code) for code, _ in made]
    assert statistics.mean(lengths) <= 21 and max(lengths) <= 40
    six = [len(code) for code, facts in made if facts is not None and len(facts) == 6]
    assert len(six) >= 30 and max(six) <= 30 and statistics.mean(six) <= 25


def test_a_code_names_nobody_and_nothing_in_plain_words() -> None:
    code = code_of(ALL, {**SAID, "a.city": "510100-gaoxin"})
    assert not any(word in code.lower() for word in ("gaoxin", "510100", "all-", "4800", "2025"))
