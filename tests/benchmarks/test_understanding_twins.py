"""Near twins, and twins of twins, are in one fold."""

import numpy as np

from benchmarks.understanding.twins import folds, groups


def _at(degrees: list[float]) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_twins_of_twins_are_one_group() -> None:
    # cos 20° is 0.94; 0° and 40° are no twins, but 20° is one of both.
    found = groups(_at([0, 20, 40, 90, 180]))
    assert found[0] == found[1] == found[2]
    assert len({found[0], found[3], found[4]}) == 3


def test_no_group_is_on_both_sides_and_everything_is_tested_once() -> None:
    rng = np.random.default_rng(0)
    grouped = rng.integers(0, 40, 200)
    labels = [f"label{number % 4}" for number in grouped]
    tested: list[int] = []
    for learn, test in folds(labels, grouped):
        assert not set(grouped[learn]) & set(grouped[test])
        tested += test.tolist()
    assert sorted(tested) == list(range(200))
