"""Bins of chances."""

import pytest

from benchmarks.understanding.calibration import bins, choices, error
from tests.benchmarks.test_understanding_samples import asked, wrong


def test_bins_are_equally_wide_and_empty_ones_left_out() -> None:
    found = bins([(0.0, False), (0.05, False), (0.1, True), (0.95, True), (1.0, False)])
    assert [(one.low, one.high, one.count) for one in found] == [(0.0, 0.1, 2), (0.1, 0.2, 1), (0.9, 1.0, 2)]
    assert found[0].chance == pytest.approx(0.025) and found[0].right == 0
    assert found[2].chance == pytest.approx(0.975) and found[2].right == 0.5


def test_the_error_counts_bins_by_their_sentences() -> None:
    found = bins([(0.5, True), (0.5, False), (0.9, True), (0.9, True), (0.9, True), (0.9, True)])
    assert error(found) == pytest.approx((2 * 0.0 + 4 * 0.1) / 6)
    assert error([]) == 0


def test_only_sentences_that_ask_for_a_topic_have_a_choice() -> None:
    several = [asked(chance=0.8), wrong(chance=0.6), asked(topic=None), asked(topic=["a", None]),
               asked(likeliest="", chance=0.0)]
    assert choices(several) == [(0.8, True), (0.6, False)]
