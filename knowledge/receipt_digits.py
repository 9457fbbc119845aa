"""Values of facts as digits of one whole number, each digit in a base of its own, so that no bit is wasted.

    writer.put(2, 3); writer.put(7, 10)          # 2 of three possibilities, then 7 of ten
    reader = Reader(writer.whole()); reader.take(3); reader.take(10)

Digits at the end that are 0 take no room at all: a fact that nobody knows costs nothing there.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from typing import Any, Optional, Union

from knowledge.eligibility.values import OneOf, Range, Value
from knowledge.regions import cities_of
from knowledge.schema import Fact

Number = Union[int, float]
#: Days from here on that a receipt writes shortly (to 2079): births, contracts, moves.
_FIRST_DAY = dt.date(1900, 1, 1).toordinal()
_NEAR_DAYS = 1 << 16
#: How many bits a natural number takes, by its class; the last class counts bytes.
_WIDTHS = (4, 7, 10, 14, 18, 24, 32)
_MOST_BYTES = 64
#: Forms of a number: 0-4 a whole number times a power of ten, then these.
_MOST_ZEROS = 4
_NEGATIVE, _TENTHS, _HUNDREDTHS, _WHOLE_FLOAT, _DOUBLE, _FORMS = 5, 6, 7, 8, 9, 10
#: A fact with no more values than this is written as one of them.
_MOST_BOUNDED = 512
ELSEWHERE = "elsewhere"
#: Forms of a place: the city of the conversation, anywhere else, a city, a district of this province, another one,
#: an area of a city ("510100-gaoxin"), other words.
_HERE, _ELSEWHERE, _CITY, _NEAR, _DISTRICT, _AREA, _WORDS, _PLACES = range(8)
_AN_AREA = re.compile(r"(\d{6})-([a-z]+)", re.ASCII)


class Unwritable(ValueError):
    """A value that has no digits here."""


class Writer:
    """Collects digits; ``whole`` is the number they make, the first one lowest."""

    def __init__(self) -> None:
        self._digits: list[tuple[int, int]] = []

    def put(self, digit: int, base: int) -> None:
        """``digit`` of ``base`` possibilities. Raises Unwritable for one that is none of them."""
        if not 0 <= digit < base:
            raise Unwritable
        self._digits.append((digit, base))

    def natural(self, number: int) -> None:
        """A whole number of 0 or more; small ones take less room."""
        for kind, width in enumerate(_WIDTHS):
            if number < 1 << width:
                self.put(kind, len(_WIDTHS) + 1)
                self.put(number, 1 << width)
                return
            number -= 1 << width
        length = (number.bit_length() + 7) // 8
        self.put(len(_WIDTHS), len(_WIDTHS) + 1)
        self.put(length, _MOST_BYTES)
        self.put(number, 1 << 8 * length)

    def whole(self) -> int:
        number = 0
        for digit, base in reversed(self._digits):
            number = number * base + digit
        return number


class Reader:
    """Takes the digits out again, in the order in which they were put."""

    def __init__(self, number: int) -> None:
        self.rest = number

    def take(self, base: int) -> int:
        self.rest, digit = divmod(self.rest, base)
        return digit

    def natural(self) -> int:
        kind, passed = self.take(len(_WIDTHS) + 1), 0
        for number, width in enumerate(_WIDTHS):
            if number == kind:
                return passed + self.take(1 << width)
            passed += 1 << width
        return passed + self.take(1 << 8 * self.take(_MOST_BYTES))


def put_value(writer: Writer, fact: Fact, value: Optional[Value], city: str) -> None:
    """``value`` of ``fact``, None where it is not known. ``city``: the conversation's, which is short to write.

    Raises:
        Unwritable: for a value that the fact cannot have.
    """
    if fact.type == "bool":
        if value is not None and not isinstance(value, bool):
            raise Unwritable
        writer.put(0 if value is None else 1 + value, 3)
    elif fact.type == "choice":
        if isinstance(fact.values, str):
            _put_place_fact(writer, value, city)
        else:
            _put_choice(writer, choices(fact), value)
    elif fact.type == "date":
        _put_day_fact(writer, value)
    else:
        _put_number_fact(writer, fact, value)


def take_value(reader: Reader, fact: Fact, city: str) -> Optional[Value]:
    """What ``put_value`` put. Raises ValueError (or OverflowError) where it put no such thing."""
    if fact.type == "bool":
        return (None, False, True)[reader.take(3)]
    if fact.type == "choice":
        return _take_place_fact(reader, city) if isinstance(fact.values, str) else _take_choice(reader, choices(fact))
    return _take_day_fact(reader) if fact.type == "date" else _take_number_fact(reader, fact)


# --- choices and places ----------------------------------------------------------------------------


def choices(fact: Fact) -> list[Union[int, str]]:
    """The values of a choice, in an order that does not hang on how they stand in YAML."""
    return sorted(fact.values, key=str)


def _put_choice(writer: Writer, values: list[Union[int, str]], value: Optional[Value]) -> None:
    base = len(values) + 2
    if value is None:
        writer.put(0, base)
    elif isinstance(value, OneOf):
        if not value.values <= set(values):
            raise Unwritable
        writer.put(len(values) + 1, base)
        writer.put(sum(1 << place for place, item in enumerate(values) if item in value.values), 1 << len(values))
    elif isinstance(value, (int, str)) and value in values:
        writer.put(1 + values.index(value), base)
    else:
        raise Unwritable


def _take_choice(reader: Reader, values: list[Union[int, str]]) -> Optional[Value]:
    digit = reader.take(len(values) + 2)
    if digit <= len(values):
        return values[digit - 1] if digit else None
    chosen = reader.take(1 << len(values))
    return OneOf(frozenset(item for place, item in enumerate(values) if chosen >> place & 1))


def _put_place_fact(writer: Writer, value: Optional[Value], city: str) -> None:
    """0 unknown, 1-7 one place, 8 one of several, 9 one of a province's cities but for a few."""
    base = 1 + _PLACES + 2
    if value is None:
        writer.put(0, base)
    elif isinstance(value, OneOf):
        places = sorted(str(item) for item in value.values)
        province = _province_of(places)
        writer.put(1 + _PLACES + (province is not None), base)
        if province is not None:
            _put_province(writer, province, places)
        else:
            writer.natural(len(places))
            for place in places:
                _put_place(writer, place, city, _PLACES, 0)
    elif isinstance(value, str):
        _put_place(writer, value, city, base, 1)
    else:
        raise Unwritable


def _take_place_fact(reader: Reader, city: str) -> Optional[Value]:
    form = reader.take(1 + _PLACES + 2)
    if form == 0:
        return None
    if form <= _PLACES:
        return _take_place(reader, form - 1, city)
    if form == _PLACES + 1:
        return OneOf(frozenset(_take_place(reader, reader.take(_PLACES), city) for _ in range(_count(reader))))
    cities = sorted(cities_of(f"{reader.take(100):02}0000"))
    elsewhere = [ELSEWHERE] if reader.take(2) else []
    without = {cities[reader.take(len(cities))] for _ in range(_count(reader))}
    return OneOf(frozenset([*(code for code in cities if code not in without), *elsewhere]))


def _count(reader: Reader) -> int:
    """How many follow; a number that no code has room for is a mistake, not work for hours."""
    count = reader.natural()
    if count > reader.rest.bit_length() + 1:
        raise ValueError
    return count


def _put_place(writer: Writer, place: str, city: str, base: int, first: int) -> None:
    digits = len(place) == 6 and place.isascii() and place.isdigit()
    if place == city:
        writer.put(first + _HERE, base)
    elif place == ELSEWHERE:
        writer.put(first + _ELSEWHERE, base)
    elif digits and place.endswith("00"):
        writer.put(first + _CITY, base)
        writer.put(int(place) // 100, 10_000)
    elif digits and place[:2] == city[:2]:
        writer.put(first + _NEAR, base)
        writer.put(int(place[2:]), 10_000)
    elif digits:
        writer.put(first + _DISTRICT, base)
        writer.put(int(place), 1_000_000)
    elif area := _AN_AREA.fullmatch(place):
        writer.put(first + _AREA, base)
        writer.put(int(area[1] != city), 2)
        if area[1] != city:
            writer.put(int(area[1]), 1_000_000)
        writer.natural(len(area[2]))
        for letter in area[2]:
            writer.put(ord(letter) - ord("a"), 26)
    else:
        raw = place.encode()
        writer.put(first + _WORDS, base)
        writer.natural(len(raw))
        writer.put(int.from_bytes(raw, "little"), 1 << 8 * len(raw))


def _take_place(reader: Reader, form: int, city: str) -> str:
    if form == _HERE:
        return city
    if form == _ELSEWHERE:
        return ELSEWHERE
    if form == _CITY:
        return f"{reader.take(10_000):04}00"
    if form == _NEAR:
        return f"{city[:2]}{reader.take(10_000):04}"
    if form == _DISTRICT:
        return f"{reader.take(1_000_000):06}"
    if form == _AREA:
        head = f"{reader.take(1_000_000):06}" if reader.take(2) else city
        return f"{head}-{''.join(chr(ord('a') + reader.take(26)) for _ in range(_count(reader)))}"
    length = _count(reader)
    return reader.take(1 << 8 * length).to_bytes(length, "little").decode()


def _province_of(places: list[str]) -> Optional[str]:
    """The province that these are most cities of (or all); None where they are a few, or of several."""
    codes = [place for place in places if place != ELSEWHERE]
    province = f"{codes[0][:2]}0000" if codes else ""
    cities = cities_of(province)
    return province if set(codes) <= cities and 2 * len(codes) > len(cities) else None


def _put_province(writer: Writer, province: str, places: list[str]) -> None:
    cities = sorted(cities_of(province))
    writer.put(int(province[:2]), 100)
    writer.put(ELSEWHERE in places, 2)
    without = [number for number, code in enumerate(cities) if code not in places]
    writer.natural(len(without))
    for number in without:
        writer.put(number, len(cities))


# --- days ------------------------------------------------------------------------------------------


def _put_day_fact(writer: Writer, value: Optional[Value]) -> None:
    """0 unknown, 1 a day, then the four forms of a range: open on both sides, from, until, between."""
    if value is None:
        writer.put(0, 6)
    elif isinstance(value, Range):
        low, high = value.low, value.high
        writer.put(2 + (low is not None) + 2 * (high is not None), 6)
        if low is not None:
            _put_day(writer, low)
        if high is not None and low is not None:
            writer.natural(_day(high).toordinal() - _day(low).toordinal())
        elif high is not None:
            _put_day(writer, high)
    else:
        writer.put(1, 6)
        _put_day(writer, value)


def _take_day_fact(reader: Reader) -> Optional[Value]:
    form = reader.take(6)
    if form == 0:
        return None
    if form == 1:
        return _take_day(reader)
    low = _take_day(reader) if form in (3, 5) else None
    if form == 5 and low is not None:
        return Range(low, dt.date.fromordinal(low.toordinal() + reader.natural()))
    return Range(low, _take_day(reader) if form == 4 else None)


def _day(value: Any) -> dt.date:
    if not isinstance(value, dt.date):
        raise Unwritable
    return value


def _put_day(writer: Writer, value: Any) -> None:
    number = _day(value).toordinal()
    near = 0 <= number - _FIRST_DAY < _NEAR_DAYS
    writer.put(0 if near else 1, 2)
    writer.put(number - _FIRST_DAY if near else number, _NEAR_DAYS if near else dt.date.max.toordinal() + 1)


def _take_day(reader: Reader) -> dt.date:
    if reader.take(2):
        return dt.date.fromordinal(reader.take(dt.date.max.toordinal() + 1))
    return dt.date.fromordinal(_FIRST_DAY + reader.take(_NEAR_DAYS))


# --- numbers ---------------------------------------------------------------------------------------


def _put_number_fact(writer: Writer, fact: Fact, value: Optional[Value]) -> None:
    """0 unknown, 1 a range, 2 any number, 3 one of the few that the fact can have."""
    if value is None:
        writer.put(0, 3 + _bounded(fact))
    elif isinstance(value, Range):
        writer.put(1, 3 + _bounded(fact))
        for end in (value.low, value.high):
            if end is None:
                writer.put(0, 2 + _bounded(fact))
            else:
                _put_number(writer, fact, end, 2 + _bounded(fact), 1)
    else:
        _put_number(writer, fact, value, 3 + _bounded(fact), 2)


def _take_number_fact(reader: Reader, fact: Fact) -> Optional[Value]:
    form = reader.take(3 + _bounded(fact))
    if form == 0:
        return None
    if form == 1:
        forms = []
        for _ in range(2):
            end = reader.take(2 + _bounded(fact))
            forms.append(_take_number(reader, fact, end - 1) if end else None)
        return Range(*forms)
    return _take_number(reader, fact, form - 2)


def _few(fact: Fact) -> range:
    """The whole numbers that the fact can have, if they are few; else none."""
    if fact.minimum is None or fact.maximum is None or fact.maximum - fact.minimum >= _MOST_BOUNDED:
        return range(0)
    return range(fact.minimum, fact.maximum + 1)


def _bounded(fact: Fact) -> bool:
    return len(_few(fact)) > 0


def _put_number(writer: Writer, fact: Fact, value: Any, base: int, first: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Unwritable
    few = _few(fact)
    if isinstance(value, int) and value in few:
        writer.put(first + 1, base)
        writer.put(value - few.start, len(few))
        return
    writer.put(first, base)
    form, *naturals = _form_of(value)
    writer.put(form, _FORMS)
    for number in naturals:
        if form == _DOUBLE:
            writer.put(number, 1 << 64)
        else:
            writer.natural(number)


def _take_number(reader: Reader, fact: Fact, bounded: int) -> Number:
    few = _few(fact)
    if bounded:
        return few.start + reader.take(len(few))
    form = reader.take(_FORMS)
    if form == _DOUBLE:
        read: float = struct.unpack("<d", reader.take(1 << 64).to_bytes(8, "little"))[0]
        if not math.isfinite(read):
            raise ValueError
        return read
    number = reader.natural()
    if form <= _MOST_ZEROS:
        return int(number * 10 ** form)
    return {_NEGATIVE: -number, _TENTHS: number / 10, _HUNDREDTHS: number / 100, _WHOLE_FLOAT: float(number)}[form]


def _form_of(value: Number) -> tuple[int, int]:
    """The form that is shortest for sums and shares as people say them, and the number that goes with it.

    Whole numbers stay ``int`` and floats ``float``: some rules tell them apart.
    """
    if isinstance(value, int):
        if value < 0:
            return _NEGATIVE, -value
        zeros = 0
        while value and zeros < _MOST_ZEROS and value % 10 == 0:
            value //= 10
            zeros += 1
        return zeros, value
    if math.copysign(1, value) > 0 and value < 2 ** 50:
        if value.is_integer():
            return _WHOLE_FLOAT, int(value)
        for form, parts in ((_TENTHS, 10), (_HUNDREDTHS, 100)):
            if round(value * parts) / parts == value:
                return form, round(value * parts)
    return _DOUBLE, int.from_bytes(struct.pack("<d", value), "little")
