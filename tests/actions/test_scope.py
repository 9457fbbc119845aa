"""What is none of our business: each sign weighs in its own direction, and what goes on is never declined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.scope import INTENT, OUTSIDE, is_outside, outside
from actions.topic_choice import Choice
from actions.turn import Turn
from bot.nlu.reading import ReadTopic

Turns = Callable[..., Turn]
SCORES = np.zeros(0, dtype=np.float32)
_shares = st.floats(0, 1)
_pairs = st.tuples(_shares, _shares).map(sorted)
any_sign = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def said(turn: Turns, *, heard: float = 0.5, named: float = 0.0, kind: bool = False) -> Turn:
    """A sentence that the classifier takes for none of ours with the chance ``heard``."""
    topics = [ReadTopic(topic="elderly-meal", alias="老年食堂", start=0, end=4, weight=named)] if named else []
    made = turn("老年食堂怎么样", topics=topics, categories=["canteen"] if kind else [])
    made.chances = {INTENT: heard}
    return made


def near(best: float = 0.5, chance: float = 0.5, *, own: bool = True, **more: Any) -> Choice:
    return Choice("elderly-meal", (), SCORES, own=own, best=best, chance=chance, **more)


@any_sign
@given(_pairs, _shares, _shares)
def test_the_more_it_is_heard_the_likelier(turn: Turns, heard: list[float], best: float, chance: float) -> None:
    less, more = (outside(said(turn, heard=item), near(best, chance)) for item in heard)
    assert less <= more


@any_sign
@given(_pairs, _shares, _shares)
def test_the_nearer_a_service_the_less_likely(turn: Turns, best: list[float], heard: float, chance: float) -> None:
    far, close = (outside(said(turn, heard=heard), near(item, chance)) for item in best)
    assert close <= far


@any_sign
@given(_pairs, _shares, _shares)
def test_the_likelier_a_service_the_less_likely(turn: Turns, chance: list[float], heard: float, best: float) -> None:
    low, high = (outside(said(turn, heard=heard), near(best, item)) for item in chance)
    assert high <= low


@any_sign
@given(_pairs, _shares, _shares)
def test_the_surer_a_name_the_less_likely(turn: Turns, named: list[float], heard: float, best: float) -> None:
    low, high = (outside(said(turn, heard=heard, named=item), near(best)) for item in named)
    assert high <= low


@any_sign
@given(_shares, _shares, _shares)
def test_a_kind_of_place_makes_it_less_likely(turn: Turns, heard: float, best: float, chance: float) -> None:
    without, with_it = (outside(said(turn, heard=heard, kind=kind), near(best, chance)) for kind in (False, True))
    assert with_it < without


@any_sign
@given(_shares, _shares, _shares, _shares, st.booleans())
def test_it_is_a_chance(turn: Turns, heard: float, best: float, chance: float, named: float, kind: bool) -> None:
    assert 0 < outside(said(turn, heard=heard, named=named, kind=kind), near(best, chance)) < 1


@any_sign
@given(_shares, _shares, _shares)
def test_what_goes_on_about_the_service_at_hand_is_never_declined(turn: Turns, heard: float, best: float,
                                                                  chance: float) -> None:
    assert not is_outside(said(turn, heard=heard), near(best, chance, own=False))


def test_all_signs_together_settle_it(turn: Turns) -> None:
    assert is_outside(said(turn, heard=1.0), near(0.2, 0.1))
    assert not is_outside(said(turn, heard=0.0, named=1.0, kind=True), near(0.9, 0.95))


def test_a_sentence_that_nobody_heard_as_strange_and_near_a_service_is_ours(turn: Turns) -> None:
    made = said(turn)
    made.chances = {}
    assert made.chance(INTENT) == 0 and outside(made, near(0.7, 0.8)) < OUTSIDE / 10


def test_it_is_declined_from_the_bound_on(turn: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, declined in ((OUTSIDE - 0.001, False), (OUTSIDE, True)):
        monkeypatch.setattr("actions.scope.outside", lambda *_, value=value: value)
        assert is_outside(said(turn), near()) is declined


def test_a_name_that_is_denied_or_told_as_a_fact_is_no_sign(turn: Turns) -> None:
    name = ReadTopic(topic="public-rental-housing", alias="公租房", start=3, end=6, weight=1.0)
    denied, plain = turn("不是说公租房", topics=[name]), turn("想问下公租房", topics=[name])
    fact = turn("又不是公租房", topics=[name])
    for made in (denied, plain, fact):
        made.chances = {INTENT: 0.5}
    assert outside(fact, near()) > outside(plain, near()) == outside(denied, near())
