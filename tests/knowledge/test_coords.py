"""Coordinates: published control values, inverses, distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import coords

Point = tuple[float, float]

inland = st.tuples(st.floats(76.0, 134.0), st.floats(4.0, 53.0))
anywhere = st.tuples(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))


def test_shift_is_361_m_in_chengdu():
    lng, lat = coords.wgs84_to_gcj02(104.065, 30.657)
    assert coords.haversine_m(104.065, 30.657, lng, lat) == pytest.approx(361, abs=2)


def test_agrees_with_points_converted_by_others():
    # A canteen in Yangpu and a hospital in Xindu, both as listed in GCJ-02 and WGS-84.
    assert coords.gcj02_to_wgs84(121.54429, 31.273241) == pytest.approx((121.539989, 31.275352), abs=2e-6)
    assert coords.gcj02_to_wgs84(104.169598, 30.809761) == pytest.approx((104.167126, 30.812165), abs=2e-6)


@given(inland)
def test_gcj02_goes_back_to_wgs84(point: Point) -> None:
    back = coords.gcj02_to_wgs84(*coords.wgs84_to_gcj02(*point))
    assert coords.haversine_m(*point, *back) < 0.001


@given(inland)
def test_bd09_goes_back_to_gcj02(point: Point) -> None:
    back = coords.bd09_to_gcj02(*coords.gcj02_to_bd09(*point))
    assert coords.haversine_m(*point, *back) < 0.001


@given(inland)
def test_shift_is_never_more_than_two_kilometres(point: Point) -> None:
    assert coords.haversine_m(*point, *coords.wgs84_to_gcj02(*point)) < 2000


@given(anywhere.filter(lambda point: not coords.in_china(*point)))
def test_points_outside_china_stay(point: Point) -> None:
    for convert in (coords.wgs84_to_gcj02, coords.gcj02_to_wgs84, coords.bd09_to_gcj02, coords.gcj02_to_bd09):
        assert convert(*point) == point


def test_to_gcj02_names_the_systems_it_knows():
    assert coords.to_gcj02(104.0, 30.0, "gcj02") == (104.0, 30.0)
    assert coords.to_gcj02(104.0, 30.0, "wgs84") == coords.wgs84_to_gcj02(104.0, 30.0)
    assert coords.to_gcj02(104.0, 30.0, "bd09") == coords.bd09_to_gcj02(104.0, 30.0)
    with pytest.raises(ValueError, match="utm"):
        coords.to_gcj02(104.0, 30.0, "utm")


def test_a_degree_of_latitude_is_111_km():
    assert coords.haversine_m(104.0, 30.0, 104.0, 31.0) == pytest.approx(111_195, abs=1)


@given(anywhere, anywhere)
def test_distance_is_symmetric_and_zero_at_home(one: Point, other: Point) -> None:
    assert coords.haversine_m(*one, *other) == pytest.approx(coords.haversine_m(*other, *one), abs=1e-6)
    assert coords.haversine_m(*one, *one) == 0


@given(anywhere, st.lists(anywhere, min_size=1, max_size=5))
def test_many_distances_equal_single_ones(home: Point, others: list[Point]) -> None:
    lngs, lats = (np.array(axis, dtype=float) for axis in zip(*others, strict=True))
    many = coords.haversine_many_m(*home, lngs, lats)
    assert many.shape == (len(others),)
    assert many == pytest.approx([coords.haversine_m(*home, *other) for other in others], rel=1e-7, abs=1e-3)


@given(inland, inland)
def test_straight_distance_on_the_sphere_tells_metres(one: Point, other: Point) -> None:
    chord = float(np.linalg.norm(coords.unit_xyz(*one) - coords.unit_xyz(*other)))
    assert coords.chord_to_m(chord) == pytest.approx(coords.haversine_m(*one, *other), abs=0.5)
    assert coords.chord_to_m(coords.m_to_chord(12_345.0)) == pytest.approx(12_345.0)
