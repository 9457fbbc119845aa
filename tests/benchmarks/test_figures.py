"""Statistics of the benchmarks."""

import pytest

from benchmarks.figures import Figure, Spread, early, late, make_figures, milliseconds, percentile, spread
from benchmarks.load import Load, Turn
from benchmarks.measure import Round
from benchmarks.plan import QUICK


def turns(*seconds: float) -> list[Turn]:
    return [Turn(number, "您好", value, "") for number, value in enumerate(seconds, start=1)]


@pytest.mark.parametrize(("share", "expected"), [(0, 1), (0.5, 3), (0.95, 4.8), (1, 5)])
def test_percentile_interpolates_between_neighbours(share: float, expected: float) -> None:
    assert percentile([5, 1, 4, 2, 3], share) == pytest.approx(expected)


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.95) == 7.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_percentile_refuses_what_it_cannot_answer(values: list[float], share: float) -> None:
    with pytest.raises(ValueError):
        percentile(values, share)


def test_spread_has_the_median_in_the_middle() -> None:
    assert spread([9.0, 1.0, 2.0]) == Spread(1.0, 2.0, 9.0)


def test_ratio_is_taken_within_each_round() -> None:
    # The machine was twice as slow in the second round, for both alike: the ratio does not move.
    figure = Figure("t", "t", "ms", False, {"stock": [40.0, 80.0], "ours": [10.0, 20.0]})
    assert figure.ratio("ours", "stock") == Spread(4.0, 4.0, 4.0)


def test_above_one_is_better_whichever_way_the_figure_goes() -> None:
    time = Figure("t", "t", "ms", False, {"stock": [40.0], "ours": [10.0]})
    rate = Figure("r", "r", "answers/s", True, {"stock": [20.0], "ours": [80.0]})
    assert time.ratio("ours", "stock").middle == rate.ratio("ours", "stock").middle == 4.0


def test_failed_turns_are_not_timed_as_answers() -> None:
    assert milliseconds([Turn(1, "一", 0.5, ""), Turn(2, "二", 0.001, "no answer")]) == [500.0]


def test_throughput_counts_answers_only() -> None:
    load = Load([Turn(1, "一", 0.5, ""), Turn(2, "二", 0.5, "no answer")], seconds=2.0)
    assert load.per_second == 0.5


def test_both_ends_of_a_long_conversation_leave_out_its_first_turn() -> None:
    long = turns(9.0, 0.001, 0.002, 0.003, 0.5, 0.004, 0.005, 0.006)
    assert early(long, 3) == pytest.approx(2.0)
    assert late(long, 3) == pytest.approx(5.0)


def a_round(seconds: float) -> Round:
    return Round(start_s=seconds, idle_mb=1.0, peak_mb=2.0, cpu_s_per_message=seconds, alone=turns(seconds, seconds),
                 together=Load(turns(seconds, seconds), 2 * seconds), long=turns(*[seconds] * 40), others=0.0,
                 process_mb=1.5)


def test_every_figure_has_a_value_for_each_system_and_round() -> None:
    rounds = {"stock": [a_round(0.4), a_round(0.5)], "ours": [a_round(0.1), a_round(0.1)]}
    figures = make_figures({"stock": 90.0, "ours": 9.0}, rounds, QUICK)
    assert [figure.key for figure in figures][-1] == "training"
    for figure in figures[:-1]:
        assert {name: len(values) for name, values in figure.values.items()} == {"stock": 2, "ours": 2}


def test_training_is_no_figure_when_nothing_was_trained() -> None:
    figures = make_figures({}, {"stock": [a_round(1)], "ours": [a_round(1)]}, QUICK)
    assert "training" not in {figure.key for figure in figures}
