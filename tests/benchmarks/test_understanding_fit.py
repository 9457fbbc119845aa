"""The conditional logit finds weights that are known, and says how sure it may be."""

import numpy as np
import pytest

from benchmarks.understanding.fit import short, told
from benchmarks.understanding.logit import Items, cross_validated, fit, judge
from knowledge.topic_rank import LEARNT

TRUE = np.array([2.0, -1.0])


def toy(items: int, weights: np.ndarray = TRUE, seed: int = 0) -> Items:
    """Items of 3 to 6 candidates, of which one is drawn as right with the chance that the weights give it."""
    rng = np.random.default_rng(seed)
    tables, right = [], []
    for _ in range(items):
        table = rng.normal(size=(int(rng.integers(3, 7)), len(weights)))
        shares = np.exp(table @ weights)
        chosen = rng.choice(len(table), p=shares / shares.sum())
        tables.append(table)
        right.append([place == chosen for place in range(len(table))])
    return Items.of(tables, right)


def test_known_weights_are_found() -> None:
    assert fit(toy(4000), strength=0) == pytest.approx(TRUE, abs=0.15)


def test_the_scale_of_a_feature_is_made_up_for() -> None:
    items = toy(2000)
    scaled = Items(items.features * [1, 100], items.right, items.starts)
    assert fit(scaled) == pytest.approx(fit(items) / [1, 100], rel=1e-3)


def test_chances_add_up_to_one_in_each_item() -> None:
    items = toy(50)
    assert np.add.reduceat(items.chances(TRUE), items.starts) == pytest.approx(np.ones(50))


def test_any_of_several_right_candidates_will_do() -> None:
    items = Items.of([np.array([[3.0], [0.0], [3.0]])], [[True, False, True]])
    found = judge(items, np.array([1.0]))
    assert found.hit.all() and found.of_right[0] > 0.95
    assert found.first[0] == pytest.approx(found.of_right[0] / 2)


def test_chances_hold_what_they_promise() -> None:
    found = cross_validated(toy(2000))
    for chance in (0.4, 0.6, 0.8):
        covered, wrong = found.at(chance)
        assert 0 < covered < 1 and wrong < 1 - chance
    assert found.at(1.1) == (0.0, 0.0)


def test_what_is_told_can_be_pasted() -> None:
    text = told(toy(300, np.ones(len(LEARNT))), 2)
    assert "WEIGHTS = np.array([" in text and "(2 more" in text
    assert all(name in text for name in LEARNT)
    assert (short(13.84), short(0.4851), short(250.0)) == ("13.8", "0.485", "250")
