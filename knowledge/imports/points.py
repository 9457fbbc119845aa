"""Coordinates as lists have them, converted to GCJ-02 with a precision that is no better than what is written."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from knowledge.coords import in_china, to_gcj02
from knowledge.imports.cells import CellError

_DECIMAL = re.compile(r"([东西南北ENSW]?)(?:经|纬)?:?\s{0,9}(-?\d{1,3}(?:\.(\d+))?)\s{0,9}°?\s{0,9}([ENSW东西南北]?)\Z",
                      re.IGNORECASE)
_DEGREES = re.compile(r"[东北EN]?(?:经|纬)?:?\s*(\d{1,3})[°度]\s*(\d{1,2}(?:\.(\d+))?)[′'分]\s*"
                      r"(?:(\d{1,2}(?:\.(\d+))?)(?:[″\"秒]|'')\s*)?[EN东北]?\Z", re.IGNORECASE)
_PAIR = re.compile(r"[,，;；、|/\s]+")
_WRITE = "写成十进制的度，如 104.065735 和 30.659462；不知道就空着"
_METRES_A_DEGREE = 111_320
#: Decimals that a site file keeps: a tenth of a metre.
DECIMALS = 6


@dataclass(frozen=True)
class Coordinate:
    """An angle in degrees, and how far (degrees) the true one may be from it by the way it is written."""

    degrees: float
    half_step: float


@dataclass(frozen=True)
class ReadPoint:
    """A GCJ-02 point as a site file has it."""

    lng: float
    lat: float
    precision_m: int


def read_coordinate(text: str) -> Coordinate:
    """An angle in decimal degrees or in degrees, minutes and seconds.

    Raises:
        CellError
    """
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("”", '"').replace("′", "'")
    plain = plain.strip()
    match = _DECIMAL.match(plain)
    if match:
        degrees = float(match[2])
        if {match[1].upper(), match[4].upper()} & {"W", "S", "西", "南"}:
            raise CellError(f"“{text}”不在中国境内", _WRITE)
        return Coordinate(degrees, 0.5 * 10 ** -len(match[3] or ""))
    match = _DEGREES.match(plain)
    if match and float(match[2]) < 60 and float(match[4] or 0) < 60:
        degrees = int(match[1]) + float(match[2]) / 60 + float(match[4] or 0) / 3600
        step = 10.0 ** -len(match[5] or "") / 3600 if match[4] else 10.0 ** -len(match[3] or "") / 60
        return Coordinate(degrees, step / 2)
    raise CellError(f"“{text}”不是经纬度", _WRITE)


def split_pair(text: str) -> tuple[str, str]:
    """Longitude and latitude of one cell, whichever stands first: in China they cannot be confused.

    Raises:
        CellError
    """
    parts = [part for part in _PAIR.split(unicodedata.normalize("NFKC", text).strip(" ()[]（）")) if part]
    if len(parts) != 2:
        raise CellError(f"“{text}”不是一个经度和一个纬度", _WRITE)
    first, second = (read_coordinate(part).degrees for part in parts)
    if in_china(first, second):
        return parts[0], parts[1]
    if in_china(second, first):
        return parts[1], parts[0]
    raise CellError(f"“{text}”不在中国境内", _WRITE)


def read_point(lng_text: str, lat_text: str, *, crs: str, precision_m: int) -> ReadPoint:
    """The point in GCJ-02. ``precision_m`` is what the list's makers say; fewer decimals than that make it worse.

    Raises:
        CellError
    """
    lng, lat = read_coordinate(lng_text), read_coordinate(lat_text)
    if not in_china(lng.degrees, lat.degrees):
        swapped = "，经度和纬度可能写反了" if in_china(lat.degrees, lng.degrees) else ""
        raise CellError(f"{lng_text}、{lat_text} 不在中国境内{swapped}", _WRITE)
    there = to_gcj02(lng.degrees, lat.degrees, crs)
    # A table program drops zeros at the end, so that only both angles together tell how they were rounded.
    rounding = min(lng.half_step, lat.half_step) * _METRES_A_DEGREE
    return ReadPoint(round(there[0], DECIMALS), round(there[1], DECIMALS), max(precision_m, math.ceil(rounding)))
