"""Cells of other people's tables: phones, dates, coordinates and plain texts, read without inventing anything."""

from __future__ import annotations

import datetime as dt
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.check_contacts import fault_of_phone
from knowledge.coords import gcj02_to_bd09, gcj02_to_wgs84, haversine_m, in_china, to_gcj02
from knowledge.imports.cells import CellError, check, clean, letters, one_line, text_of
from knowledge.imports.dates import read_date
from knowledge.imports.phones import read_phone
from knowledge.imports.points import read_coordinate, read_point, split_pair
from knowledge.schema import real_date

CELLS = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(),
)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


# --- texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        ("  示例　食堂 ", "示例食堂"),
        ("示 例 食 堂", "示例食堂"),
        ("示例Ａ座１２号", "示例A座12号"),
        (86911012.0, "86911012"),
        (8.6e9, "8600000000"),
        (12.5, "12.5"),
        (True, "是"),
        (3, "3"),
        (dt.datetime(2026, 10, 23), "2026-10-23"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.time(9, 0), "9:00"),
        (dt.timedelta(hours=13, minutes=30), "13:30"),
        ('="02886911012"', "02886911012"),
        ("'02886911012", "02886911012"),
        ("第一行\r\n第二行", "第一行\n第二行"),
        ("Example  Hall", "Example Hall"),
        ("示\u200b例\ufeff", "示例"),
    ],
)
def test_a_cell_as_text(value: object, text: str) -> None:
    assert text_of(value) == text


@given(CELLS)
def test_every_cell_has_a_text_that_is_clean_already(value: object) -> None:
    text = text_of(value)
    assert text == text.strip() and "\r" not in text and "\t" not in text
    assert clean(text) == text or text.startswith(("=", "'"))


@pytest.mark.parametrize(
    ("text", "line"), [("成都市\n示例路", "成都市示例路"), ("9:00-12:00\n14:00", "9:00-12:00 14:00"), ("一", "一")]
)
def test_lines_of_a_cell_are_joined_as_they_are_read(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize("text", ["#N/A", "=A1", "同上", "〃", "@sum"])
def test_what_is_no_word_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        check(text)


def test_columns_are_lettered_as_a_table_program_does() -> None:
    assert [letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- phones -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("", ""),
        ("028-86911012", "028-86911012"),
        ("02886911012", "028-86911012"),
        ("(028)86911012", "028-86911012"),
        ("028 8691 1012", "028-86911012"),
        ("０２８－８６９１１０１２", "028-86911012"),
        ("86911012.0", "86911012"),
        ("2886911012", "028-86911012"),
        ("2886911012.0", "028-86911012"),
        ("1086911012", "010-86911012"),
        ("51286911012", "0512-86911012"),
        ("3125888888", "0312-5888888"),
        ("8.6911012E7", "86911012"),
        ("2.886911012e+09", "028-86911012"),
        ("13800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("+86-28-86911012", "028-86911012"),
        ("12345", "12345"),
        ("028-12345", "028-12345"),
        ("4008208820", "400-820-8820"),
        ("400-820-8820", "400-820-8820"),
        ("86911012转8001", "86911012转8001"),
        ("028-86911012-801", "028-86911012转801"),
        ("联系电话：86911012", "86911012"),
        ("028-86911012/13800138000", "028-86911012、13800138000"),
        ("86911012 86911013", "86911012、86911013"),
        ("86911012\n86911013", "86911012、86911013"),
        ("86911012，86911012", "86911012"),
        ("座机86911012手机13800138000", "86911012、13800138000"),
    ],
)
def test_a_phone_is_read_in_one_form(text: str, phone: str) -> None:
    assert read_phone(text) == phone
    assert not fault_of_phone(phone)


@pytest.mark.parametrize(
    ("text", "code", "phone"),
    [
        ("86911012", "028", "028-86911012"),
        ("86911012.0", "028", "028-86911012"),
        ("13800138000", "028", "13800138000"),
        ("12345", "028", "12345"),
        ("5888888", "0312", "0312-5888888"),
        ("025-52204794", "028", "025-52204794"),
    ],
)
def test_the_area_code_of_the_mapping_goes_before_local_numbers(text: str, code: str, phone: str) -> None:
    assert read_phone(text, code) == phone


@pytest.mark.parametrize(
    "text",
    [
        "8.6E+09",
        "8.69E+07",
        "8600000000",
        "8691101",
        "138001380001",
        "138****8000",
        "张三13800138000",
        "86911012/3",
        "无电话",
        "028-8691101",
        "0",
        "00000000000",
        "12",
        "028",
    ],
)
def test_what_is_not_the_whole_of_a_phone_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_phone(text, "028")


def test_digits_that_a_table_has_thrown_away_are_told() -> None:
    with pytest.raises(CellError, match="科学计数"):
        read_phone("8.69E+09")


@given(st.text(alphabet="0123456789-－/、 ()（）转+.eE电话\n张", max_size=40), st.sampled_from(["", "028", "0512"]))
def test_no_digit_of_a_phone_is_invented_or_lost(text: str, code: str) -> None:
    try:
        phone = read_phone(text, code)
    except CellError:
        return
    assert not fault_of_phone(phone)
    assert read_phone(phone, code) == phone
    for number in filter(None, phone.split("、")):
        own = digits(number).removeprefix(code).removeprefix("0")
        assert own in digits(text).replace("000000000000", "") or "e" in text.lower()


@given(st.integers(20_000_000, 89_999_999), st.sampled_from(["010", "021", "025", "028", "0512"]))
def test_a_landline_comes_through_a_table_program(local: int, code: str) -> None:
    right = f"{code}-{local}"
    lost_zero = float(f"{code}{local}".lstrip("0"))
    assert read_phone(text_of(lost_zero)) == read_phone(right) == right == read_phone(text_of(float(local)), code)


# --- dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (None, ""),
        ("2026-10-23", "2026-10-23"),
        ("2026/1/5", "2026-01-05"),
        ("2026.10.23", "2026-10-23"),
        ("2026年10月23日", "2026-10-23"),
        ("２０２６年１０月", "2026-10"),
        ("2026年", "2026"),
        ("2026", "2026"),
        (2026, "2026"),
        ("20261023", "2026-10-23"),
        (20261023.0, "2026-10-23"),
        (46318, "2026-10-23"),
        (46318.0, "2026-10-23"),
        ("46318", "2026-10-23"),
        (dt.datetime(2026, 10, 23, 8, 30), "2026-10-23"),
        (dt.date(2026, 10, 23), "2026-10-23"),
        ("2026-10-23 08:30:00", "2026-10-23"),
        ("2026年 10月 23日", "2026-10-23"),
        ("2026-10", "2026-10"),
    ],
)
def test_a_date_is_as_exact_as_it_stands(value: object, date: str) -> None:
    assert read_date(value) == date


@pytest.mark.parametrize(
    "value",
    [
        "2026.1",
        2026.1,
        "去年",
        "2026-02-30",
        "2026-13",
        "10/23/2026",
        "26-10-23",
        12,
        "0",
        -5,
        "18991231",
        99_999_999,
        True,
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused(value: object) -> None:
    with pytest.raises(CellError):
        read_date(value)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_comes_through_every_form(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    forms = [
        day,
        serial,
        float(serial),
        str(serial),
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
    ]
    assert {read_date(form) for form in forms} == {day.isoformat()}


@given(CELLS)
def test_a_date_is_real_or_refused(value: object) -> None:
    try:
        date = read_date(value)
    except CellError:
        return
    assert date == "" or (re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", date) and real_date(date))


# --- points -----------------------------------------------------------------------------------------

LNGS, LATS = st.floats(97, 122).map(lambda x: round(x, 6)), st.floats(22, 45).map(lambda x: round(x, 6))


@given(LNGS, LATS, st.sampled_from(["wgs84", "gcj02", "bd09"]))
def test_points_are_converted_as_the_knowledge_base_does(lng: float, lat: float, crs: str) -> None:
    point = read_point(repr(lng), repr(lat), crs=crs, precision_m=50)
    there = to_gcj02(lng, lat, crs)
    assert haversine_m(point.lng, point.lat, *there) < 0.2


@given(LNGS, LATS)
def test_a_door_comes_back_from_other_maps(lng: float, lat: float) -> None:
    for crs, (other_lng, other_lat) in {"bd09": gcj02_to_bd09(lng, lat), "wgs84": gcj02_to_wgs84(lng, lat)}.items():
        point = read_point(f"{other_lng:.7f}", f"{other_lat:.7f}", crs=crs, precision_m=50)
        assert haversine_m(point.lng, point.lat, lng, lat) < 0.5


@given(LNGS, LATS, st.integers(1, 3000), st.integers(0, 6))
def test_a_point_is_never_more_precise_than_it_is_written(lng: float, lat: float, stated: int, decimals: int) -> None:
    lng_text, lat_text = f"{lng:.{decimals}f}", f"{lat:.{decimals}f}"
    if not in_china(float(lng_text), float(lat_text)):
        return
    point = read_point(lng_text, lat_text, crs="gcj02", precision_m=stated)
    assert point.precision_m >= stated
    assert haversine_m(point.lng, point.lat, lng, lat) <= point.precision_m * math.sqrt(2) + 1


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("104.06", 104.06),
        ("１０４．０６", 104.06),
        ("104.06°", 104.06),
        ("E104.06", 104.06),
        ("东经104.06", 104.06),
        ("104°3′36″", 104.06),
        ("104°3'36\"", 104.06),
        ("104°3.6′", 104.06),
        ("104度3分36秒", 104.06),
        ("30", 30.0),
    ],
)
def test_an_angle_in_many_forms(text: str, degrees: float) -> None:
    assert read_coordinate(text).degrees == pytest.approx(degrees)


@pytest.mark.parametrize("text", ["", "abc", "W104.06", "104,06", "11584000.5", "1e2", "nan", "inf", "104°75′"])
def test_what_is_no_angle_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_coordinate(text)


@pytest.mark.parametrize("text", ["104.06,30.65", "30.65，104.06", "104.06 30.65", "（104.06、30.65）", "104.06/30.65"])
def test_a_pair_in_one_cell_is_told_apart_whichever_comes_first(text: str) -> None:
    assert [float(part) for part in split_pair(text)] == [104.06, 30.65]


@pytest.mark.parametrize("text", ["104.06", "104.06,30.65,500", "2.35,48.85", "某处"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        split_pair(text)


def test_swapped_angles_are_told() -> None:
    with pytest.raises(CellError, match="写反"):
        read_point("30.65", "104.06", crs="gcj02", precision_m=50)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_point_is_in_china_or_refused(lng: str, lat: str) -> None:
    try:
        point = read_point(lng, lat, crs="gcj02", precision_m=50)
    except CellError:
        return
    assert in_china(point.lng, point.lat)
