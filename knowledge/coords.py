"""Coordinate systems used in China, and distances.

Chinese maps (Amap, Tencent) and phones' map apps use GCJ-02, devices' GPS gives WGS-84, Baidu uses
BD-09. Mixing them costs 361 m in Chengdu, so everything in the knowledge base is GCJ-02 and anything
else is converted at the door. Angles are degrees, distances metres.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Union

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8

#: The Krasovsky 1940 ellipsoid on which GCJ-02's offset is defined: semi-major axis (m), eccentricity².
_SEMI_MAJOR = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943_23

#: Offsets are applied inside this box only (the box every Chinese map maker uses).
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271

_BD_PI = math.pi * 3000.0 / 180.0
#: Stop iterating at 1e-11 degrees (a micrometre).
_TINY = 1e-11


class Point(NamedTuple):
    """A GCJ-02 point; ``precision_m`` is how far the true spot may be from it."""

    lng: float
    lat: float
    precision_m: int = 50


def in_china(lng: float, lat: float) -> bool:
    """True inside the box where GCJ-02 differs from WGS-84."""
    return _WEST <= lng <= _EAST and _SOUTH <= lat <= _NORTH


def _waves(value: float, *terms: tuple[float, float]) -> float:
    """Sum of amplitude · sin(frequency · π · value), scaled as GCJ-02 wants it."""
    return sum(amplitude * math.sin(value * math.pi * frequency) for amplitude, frequency in terms) * 2.0 / 3.0


def _offset(lng: float, lat: float) -> tuple[float, float]:
    """GCJ-02's shift (degrees of longitude, latitude) at a WGS-84 point."""
    x, y = lng - 105.0, lat - 35.0
    root, product = math.sqrt(abs(x)), x * y
    ripple = _waves(x, (20.0, 6.0), (20.0, 2.0))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * product + 0.2 * root + ripple
    north += _waves(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * product + 0.1 * root + ripple
    east += _waves(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    radians = math.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * math.sin(radians) ** 2
    meridian = _SEMI_MAJOR * (1.0 - _ECCENTRICITY_2) / (magic * math.sqrt(magic))
    parallel = _SEMI_MAJOR / math.sqrt(magic) * math.cos(radians)
    return math.degrees(east / parallel), math.degrees(north / meridian)


def wgs84_to_gcj02(lng: float, lat: float) -> tuple[float, float]:
    """(lng, lat) of a GPS point on a Chinese map; unchanged outside China."""
    if not in_china(lng, lat):
        return lng, lat
    east, north = _offset(lng, lat)
    return lng + east, lat + north


def gcj02_to_wgs84(lng: float, lat: float) -> tuple[float, float]:
    """The inverse of ``wgs84_to_gcj02``, by fixed-point iteration; exact to a micrometre."""
    if not in_china(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng, lat
    for _ in range(30):
        east, north = _offset(guess_lng, guess_lat)
        error_lng, error_lat = guess_lng + east - lng, guess_lat + north - lat
        guess_lng, guess_lat = guess_lng - error_lng, guess_lat - error_lat
        if abs(error_lng) < _TINY and abs(error_lat) < _TINY:
            break
    return guess_lng, guess_lat


def gcj02_to_bd09(lng: float, lat: float) -> tuple[float, float]:
    """(lng, lat) of a GCJ-02 point on Baidu's map; unchanged outside China."""
    if not in_china(lng, lat):
        return lng, lat
    radius = math.hypot(lng, lat) + 0.000_02 * math.sin(lat * _BD_PI)
    angle = math.atan2(lat, lng) + 0.000_003 * math.cos(lng * _BD_PI)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def bd09_to_gcj02(lng: float, lat: float) -> tuple[float, float]:
    """The inverse of ``gcj02_to_bd09``, by fixed-point iteration."""
    if not in_china(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng - 0.0065, lat - 0.006
    for _ in range(30):
        there_lng, there_lat = gcj02_to_bd09(guess_lng, guess_lat)
        guess_lng, guess_lat = guess_lng + lng - there_lng, guess_lat + lat - there_lat
        if abs(lng - there_lng) < _TINY and abs(lat - there_lat) < _TINY:
            break
    return guess_lng, guess_lat


def to_gcj02(lng: float, lat: float, crs: str) -> tuple[float, float]:
    """Any known ``crs`` ("wgs84", "gcj02", "bd09") to GCJ-02; ValueError for another one."""
    if crs == "gcj02":
        return lng, lat
    if crs == "wgs84":
        return wgs84_to_gcj02(lng, lat)
    if crs == "bd09":
        return bd09_to_gcj02(lng, lat)
    raise ValueError(f"unknown coordinate system {crs!r}")


def haversine_m(lng1: float, lat1: float, lng2: float, lat2: float) -> float:
    """Great-circle distance in metres between two points of one coordinate system."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((phi2 - phi1) / 2) ** 2
    a += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, a)))


def haversine_many_m(lng: float, lat: float, lngs: Floats, lats: Floats) -> Floats:
    """Distances in metres, shape (n,), from one point to ``lngs`` and ``lats`` of shape (n,)."""
    phi, phis = np.radians(lat), np.radians(lats)
    a = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(np.radians(lngs - lng) / 2) ** 2
    distances: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, a)))
    return distances


def unit_xyz(lngs: Union[Floats, float], lats: Union[Floats, float]) -> Floats:
    """Points on the unit sphere, shape (n, 3), so that straight distance orders as great circles do."""
    lam, phi = np.radians(np.atleast_1d(lngs)), np.radians(np.atleast_1d(lats))
    xyz: Floats = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    return xyz


def chord_to_m(chord: float) -> float:
    """Great-circle metres for a straight distance between points of the unit sphere."""
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, chord / 2))


def m_to_chord(metres: float) -> float:
    """Straight distance on the unit sphere for great-circle metres (at most half round the earth)."""
    return 2 * math.sin(min(metres / (2 * EARTH_RADIUS_M), math.pi / 2))
