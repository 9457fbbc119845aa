"""Accuracy, macro F1 and F on a case worked out by hand."""

import pytest

from benchmarks.understanding.metrics import score


def test_a_case_worked_out_by_hand() -> None:
    found = score(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "c", "c"])
    # precision: a 2/2, b 1/2, c 1/2; recall: a 2/3, b 1/2, c 1/1
    precision, recall = (1 + 1 / 2 + 1 / 2) / 3, (2 / 3 + 1 / 2 + 1) / 3
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.f == pytest.approx(2 * precision * recall / (precision + recall))
    assert found.macro_f1 == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)


def test_all_right_is_one_and_all_wrong_is_nothing() -> None:
    assert score(["a", "b"], ["a", "b"]).f == score(["a", "b"], ["a", "b"]).macro_f1 == 1
    assert score(["a", "a"], ["b", "b"]).f == score(["a", "a"], ["b", "b"]).accuracy == 0
