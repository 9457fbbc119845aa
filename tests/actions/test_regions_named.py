"""A city's name inside a longer name moves nobody to another city."""

from __future__ import annotations

import datetime as dt
from typing import Optional

import pytest

from bot.nlu.reading import read
from knowledge.base import Snapshot


@pytest.mark.parametrize(("text", "region", "named"), [
    ("广济南大食堂有没有优惠", "320500", None),
    ("广济南路附近的食堂", "320500", None),
    ("南京西路有社区食堂吗", "310000", None),
    ("四川北路的老年食堂", "310000", None),
    ("苏州河边上的活动中心", "310000", None),
    ("济南的长护险怎么申请", "320500", "100000"),
    ("我在济南，能领高龄津贴吗", "320500", "100000"),
    ("我妈在南京，高龄津贴多少", "310000", "320100"),
    ("成都租房补贴", "310000", "510100"),
    ("苏州长护险", "510100", "320500"),
    ("南京街道办能办低保吗", "510100", "320100"),
])
def test_region(text: str, region: str, named: Optional[str], knowledge: Snapshot) -> None:
    assert read(text, snapshot=knowledge, region=region, today=dt.date(2026, 11, 21)).region == named
