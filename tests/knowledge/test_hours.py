"""Opening hours: published Chinese in, open / closed / not known out."""

import contextlib
import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from knowledge.hours import CHINA, HoursError, parse_hours
from knowledge.hours_model import DAY_MINUTES, Day, Group, Schedule, Span, schedule_text
from knowledge.hours_text import parse

OFFICE = "周一至周五 9:00-12:00、13:30-17:30（法定节假日除外）"
FRIDAY, SATURDAY = "2026-11-20", "2026-11-21"
NATIONAL_DAY, MAKEUP_SATURDAY, UNKNOWN_TUESDAY = "2026-10-01", "2026-10-10", "2027-03-02"


def at(day: str, clock: str = "10:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}")


@pytest.mark.parametrize(
    "text, when, expected",
    [
        (OFFICE, at(FRIDAY), True),
        (OFFICE, at(FRIDAY, "12:30"), False),
        (OFFICE, at(SATURDAY), False),
        (OFFICE, at(NATIONAL_DAY), False),
        (OFFICE, at(MAKEUP_SATURDAY), True),
        (OFFICE, at(UNKNOWN_TUESDAY), None),
        (OFFICE, at(UNKNOWN_TUESDAY, "20:00"), False),
        ("工作日8:30-12:00、14:00-18:00", at(MAKEUP_SATURDAY), True),
        ("工作日8:30-12:00、14:00-18:00", at(NATIONAL_DAY), False),
        ("每天 10:30-13:00", at(NATIONAL_DAY, "11:00"), True),
        ("每天 10:30-13:00", at(UNKNOWN_TUESDAY, "11:00"), True),
        ("周一至周五 9:00-17:00", at(NATIONAL_DAY), None),  # holidays not spoken of
        ("周一至周五 9:00-17:00", at(NATIONAL_DAY, "20:00"), False),
        ("周一至周五 9:00-17:00（节假日照常开放）", at(NATIONAL_DAY), True),
        ("9:00-17:00", at(FRIDAY), True),
        ("9:00-17:00", at(SATURDAY), None),  # days not spoken of
        ("9:00-17:00", at(SATURDAY, "18:00"), False),
        ("周末 9:00-11:30", at(SATURDAY), True),
        ("周末 9:00-11:30", at(FRIDAY), False),
        ("节假日 9:00-11:00", at(NATIONAL_DAY), True),
        ("午、晚，到20:00", at(FRIDAY, "18:00"), None),
        ("午、晚，到20:00", at(FRIDAY, "20:30"), False),
        ("午10:30起", at(FRIDAY, "9:00".zfill(5)), False),
        ("午10:30起", at(FRIDAY, "11:00"), None),
        ("全天", at(NATIONAL_DAY, "03:00"), True),
        ("24小时", at(UNKNOWN_TUESDAY, "03:00"), True),
        ("早6:30-9:00；午10:30-13:00；晚16:30-19:30", at(FRIDAY, "17:00"), True),
        ("上午九点半到下午五点", at(FRIDAY, "16:59"), True),
        ("周六 下午2:00-4:30", at(SATURDAY, "14:00"), True),
        ("每天 中午11:30-1:30", at(FRIDAY, "13:00"), True),
        ("每天 晚上6点到12点", at(FRIDAY, "23:59"), True),
        ("每天22:00-次日6:00", at(FRIDAY, "05:00"), True),
        ("周五22:00-次日6:00", at(SATURDAY, "05:00"), True),
        ("周五22:00-次日6:00", at(FRIDAY, "05:00"), False),
        ("周二、四 9:00-11:00", at("2026-11-19"), True),
        ("周一、三、五 9:00-11:00", at(FRIDAY), True),
        ("周一三五 9:00-11:00", at(FRIDAY), True),
        ("9:00-17:00，周五休息", at(FRIDAY), False),
        ("除周五外 9:00-17:00", at(FRIDAY), False),
        ("周二至周日 9:00-17:00（周一闭馆，法定节假日除外）", at("2026-11-23"), False),
        ("周二至周日 9:00-17:00（周一闭馆，法定节假日除外）", at("2026-10-05"), True),  # a Monday in the holiday
        ("周末及法定节假日休息，周一至周五9:00-17:00", at(NATIONAL_DAY), False),
        ("7:00-9:00、10:30-13:00、17:00-20:00（周一至周日）", at(SATURDAY, "08:00"), True),
        ("周一至周五9:00-17:00（中午不休息）", at(FRIDAY, "12:30"), True),
        ("周一至周五（时刻未载）", at(FRIDAY), None),
        ("周一至周五（时刻未载）", at(SATURDAY), False),
        ("供应午餐、晚餐，最晚到20:00（当时为试运营）", at(FRIDAY, "21:00"), False),
        ("周一至周五 9:00-12:00、13:30（夏季14:30）-17:30", at(FRIDAY, "14:00"), True),
        ("周一至周五 9:00-12:00、13:30（夏季14:30）-17:30", at("2026-07-03", "14:00"), False),
        ("周一至周五 9:00-12:00、13:30（夏季14:30）-17:30", at("2026-05-15", "14:00"), None),  # summer yet?
        ("夏季（5月1日-9月30日）每天8:30-12:00；冬季（10月1日-次年4月30日）每天9:00-12:00", at(FRIDAY, "08:45"), False),
        (
            "夏季（5月1日-9月30日）每天8:30-12:00；冬季（10月1日-次年4月30日）每天9:00-12:00",
            at("2026-05-15", "08:45"),
            True,
        ),
        ("每天 夏季（5月1日-9月30日）8:30-12:00；冬季9:00-12:00", at("2026-10-01", "08:45"), False),
    ],
)
def test_open_at(text, when, expected):
    assert parse_hours(text).open_at(when) is expected


@pytest.mark.parametrize(
    "text, plain",
    [
        ("周一~周五：09：00—12：00，13：30—17：30 （法定节假日除外）", OFFICE),
        ("工作日8:30-12:00、14:00-18:00", "工作日 8:30-12:00、14:00-18:00"),
        ("午、晚，到20:00", "午、晚到20:00"),
        ("午餐（时刻未载）", "午餐（时间不详）"),
        ("中餐10:00-14:00、晚餐16:00-20:00（2025-06-14起）", "午餐10:00-14:00、晚餐16:00-20:00（2025-06-14起）"),
    ],
)
def test_text_is_plain_and_uniform(text, plain):
    assert parse_hours(text).text == plain


@pytest.mark.parametrize(
    "text, part",
    [
        ("", "空"),
        ("随便", "看不懂"),
        ("周一至周五", "没写几点"),
        ("周末休息", "没有写几点"),
        ("休息 9:00-17:00", "没写哪几天休息"),
        ("9:00-5:00", "24小时制"),
        ("25:00-26:00", "没有"),
        ("9:70-10:00", "没有"),
        ("9:00-17:00（春节休息）", "看不懂"),
        ("9:00-17:00（周一", "括号"),
        ("夏季（13月1日-9月30日）9:00-12:00", "13月"),
        ("午餐、晚餐", "几点"),
        ("9:00-17:00" * 100, "太长"),
    ],
)
def test_what_cannot_be_understood_says_what_to_write(text, part):
    with pytest.raises(HoursError, match=part) as caught:
        parse_hours(text)
    assert "周一至周五 9:00-12:00" in str(caught.value)


def test_next_change_skips_lunch_weekend_and_holidays():
    hours = parse_hours(OFFICE)
    assert hours.next_change(at(FRIDAY)) == dt.datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)
    assert hours.next_change(at(FRIDAY, "18:00")) == dt.datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
    assert hours.next_change(at("2026-09-30", "18:00")) == dt.datetime(2026, 10, 8, 9, 0, tzinfo=CHINA)


def test_what_is_always_open_never_changes():
    assert parse_hours("每天全天").next_change(at(FRIDAY)) is None


def test_times_with_a_zone_are_read_in_china():
    hours = parse_hours("每天 9:00-17:00")
    assert hours.open_at(dt.datetime(2026, 11, 20, 1, 30, tzinfo=dt.timezone.utc)) is True
    assert hours.open_at(dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.timezone.utc)) is False


def test_osm_string_is_what_others_read():
    assert parse_hours(OFFICE).osm == "Mo-Fr 09:00-12:00,13:30-17:30; PH off"
    assert parse_hours("每天 10:30-13:00").osm == "Mo-Su 10:30-13:00"
    assert parse_hours("每天22:00-次日6:00").osm == "Mo-Su 22:00-30:00"


@given(st.text(max_size=60))
@example("周" * 40)
@example("(((((")
def test_any_text_gives_hours_or_hours_error(text):
    with contextlib.suppress(HoursError):
        parse_hours(text)


_WORDS = st.sampled_from(
    """
    周一 周五 至 到 - 、 ， ； ： ( ) （ ） 9:00 17:30 24:00 12点 半 下午 晚 早 午餐 
    工作日 周末 每天 节假日 法定节假日 除外 休息 夏季 冬季
    5月1日 9月30日 次日 起 全天 24小时 时刻未载 营业时间 照常 不 周日 二 四 除 外 星期
    """.split()  # noqa: SIM905
)


@given(st.lists(_WORDS, max_size=14).map("".join))
def test_words_of_hours_in_any_order_give_hours_or_hours_error(text):
    try:
        hours = parse_hours(text)
    except HoursError:
        return
    OpeningHours(hours.osm)
    assert hours.open_at(at(FRIDAY)) in (True, False, None)


def _spans() -> st.SearchStrategy[tuple[Span, ...]]:
    points = st.lists(st.integers(0, DAY_MINUTES - 1), min_size=2, max_size=6, unique=True).map(sorted)
    plain = points.map(lambda m: tuple(Span(a, b) for a, b in zip(m[::2], m[1::2], strict=False)))
    late = st.tuples(st.integers(18 * 60, 1439), st.integers(1, 359)).map(lambda p: (Span(p[0], p[1] + DAY_MINUTES),))
    ends = st.integers(1, 1439).flatmap(
        lambda m: st.sampled_from([(Span(m, None),), (Span(None, m),), (Span(None, None),)])
    )
    return st.one_of(plain, late, ends)


_DAYS: st.SearchStrategy[frozenset[Day]] = st.one_of(
    st.frozensets(st.integers(0, 6), min_size=1, max_size=6),
    st.sampled_from(
        [frozenset({"every"}), frozenset({"working"}), frozenset({"working", 5}), frozenset({5, "holiday"})]
    ),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    groups = [Group(days, draw(_spans())) for days in draw(st.lists(_DAYS, min_size=1, max_size=3, unique=True))]
    summer = winter = None
    if draw(st.booleans()):
        days = draw(_DAYS)
        groups += [Group(days, draw(_spans()), "summer"), Group(days, draw(_spans()), "winter")]
        summer, winter = draw(st.sampled_from([(None, None), (((5, 1), (9, 30)), ((10, 1), (4, 30)))]))
    closed = draw(st.frozensets(st.integers(0, 6), max_size=2))
    return Schedule(tuple(groups), closed, draw(st.sampled_from([None, "off", "open"])), summer, winter)


@given(schedules())
def test_written_schedules_are_read_back(schedule):
    assert parse(schedule_text(schedule)) == schedule


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1438).flatmap(lambda a: st.tuples(st.just(a), st.integers(a + 1, 1439))),
    st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2026, 12, 31)),
)
def test_open_on_ordinary_days_exactly_within_the_times(days, span, when):
    from knowledge.calendar import day_kind

    hours = parse_hours(schedule_text(Schedule((Group(days, (Span(*span),)),))))
    minute = when.hour * 60 + when.minute
    if day_kind(when.date()) == "normal":
        assert hours.open_at(when) is (when.weekday() in days and span[0] <= minute < span[1])
    elif not span[0] <= minute < span[1]:
        assert hours.open_at(when) is False


@settings(max_examples=40, deadline=None)
@given(schedules(), st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 6, 1)))
def test_next_change_is_a_change(schedule, when):
    hours = parse_hours(schedule_text(schedule))
    change = hours.next_change(when)
    if change is not None:
        assert change > when.replace(tzinfo=CHINA)
        assert hours.open_at(change) != hours.open_at(when)
        assert hours.open_at(change - dt.timedelta(seconds=1)) == hours.open_at(when)
