"""Regions inherit: Yangpu → Shanghai → nationwide. The chain follows from the adcode."""

from __future__ import annotations

import functools
from typing import Optional

NATIONWIDE = "100000"


@functools.lru_cache(maxsize=4096)
def chain(region: str) -> tuple[str, ...]:
    """``region`` and what it inherits from, most local first: 510105 → 510100 → 510000 → 100000.

    Pseudo codes of functional areas ("510100-gaoxin") belong to the city before the hyphen.
    """
    head = region.split("-")[0]
    codes = [region, head, head[:4] + "00", head[:2] + "0000", NATIONWIDE]
    return tuple(dict.fromkeys(codes))


def city_of(region: str) -> str:
    """The city of a region (510105 → 510100); municipalities are one city (310110 → 310000).

    The first 4 digits are enough.
    """
    head = region.split("-")[0]
    return head[:2] + "0000" if head[:2] in ("11", "12", "31", "50") else head[:4] + "00"


def within(region: str, outer: str) -> bool:
    """Whether ``region`` lies in ``outer`` or is it."""
    return outer in chain(region)


#: The cities of the provinces that we speak of (statistics office, 2023): "四川户口" is one of them, not which.
_CITIES = {
    "510000": (
        "510100=成都 510300=自贡 510400=攀枝花 510500=泸州 510600=德阳 510700=绵阳 "
        "510800=广元 510900=遂宁 511000=内江 511100=乐山 511300=南充 511400=眉山 "
        "511500=宜宾 511600=广安 511700=达州 511800=雅安 511900=巴中 512000=资阳 "
        "513200=阿坝 513300=甘孜 513400=凉山 "
    ),
    "320000": (
        "320100=南京 320200=无锡 320300=徐州 320400=常州 320500=苏州 320600=南通 "
        "320700=连云港 320800=淮安 320900=盐城 321000=扬州 321100=镇江 321200=泰州 "
        "321300=宿迁 "
    ),
    "130000": (
        "130100=石家庄 130200=唐山 130300=秦皇岛 130400=邯郸 130500=邢台 130600=保定 "
        "130700=张家口 130800=承德 130900=沧州 131000=廊坊 131100=衡水 "
    ),
}


def cities_of(province: str) -> frozenset[str]:
    """The adcodes of a province's cities; empty for what is no province or not known."""
    return frozenset(item.split("=")[0] for item in _CITIES.get(province, "").split())


def city_name(code: str) -> str:
    """The name of a city of those provinces by its adcode; "" if it is none of them."""
    listed = (item.partition("=") for cities in _CITIES.values() for item in cities.split())
    return next((name for known, _, name in listed if known == code), "")


def city_named(name: str) -> Optional[str]:
    """The adcode of a city of those provinces by its name (绵阳, 绵阳市); None if it is none of them."""
    plain = name.removesuffix("市")
    for cities in _CITIES.values():
        for item in cities.split():
            code, _, known = item.partition("=")
            if known == plain:
                return code
    return None
