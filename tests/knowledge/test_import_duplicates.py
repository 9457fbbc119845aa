"""Places that may be one and the same are found by what speaks for it, in time that grows with the list."""

from __future__ import annotations

import random
import time

import pytest

from knowledge.imports.duplicates import Entry, address_key, entry_of, likeness, pairs


def entry(name: str, address: str = "", number: object = 1, **more: str) -> Entry:
    return entry_of(("row", number), {"name": name, "address": address, "category": "window", "city": "320100", **more})


HERE = {"lng": "118.79", "lat": "32.05", "precision_m": "50"}
NEAR = {"lng": "118.7903", "lat": "32.05", "precision_m": "50"}
FAR = {"lng": "118.85", "lat": "32.05", "precision_m": "50"}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (
            entry("示例食堂", "玄武区示例路1号"),
            entry("示例食堂", "南京市玄武区示例街道示例路1号"),
            "名称一样、门牌一样",
        ),
        (entry("示例街道长者食堂", "示例路1号"), entry("示例街道长者食堂（一楼）", "示例路1号"), "门牌一样"),
        (
            entry("示例长者助餐食堂", "", phone="025-86911012"),
            entry("示例长者助餐食堂点", "示例路9号", phone="025-86911012"),
            "电话一样",
        ),
        (entry("示例长者食堂", "示例路1号", **HERE), entry("示例长者食堂", "示例大街10号", **NEAR), "相距28米"),
        (entry("示例长者食堂", ""), entry("示例长者食堂", "示例路1号"), "有一处没有写地址"),
        (
            entry("示例幸福长者食堂", "示例路1号", district="320102"),
            entry("示例幸福长者食堂", "别的路9号", district="320102"),
            "地址不同",
        ),
        (
            entry("甲食堂", "示例路1号", phone="025-86911012"),
            entry("乙饭堂", "示例路1号", phone="025-86911012"),
            "名称不同",
        ),
    ],
)
def test_what_may_be_one_place(one: Entry, other: Entry, why: str) -> None:
    found = likeness(one, other)
    assert found is not None and why in found[1] and likeness(other, one) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (entry("示例长者食堂", "示例路1号"), entry("示例少年食堂", "示例路1号")),
        (entry("示例第一食堂", "示例路1号"), entry("示例第二食堂", "示例路1号")),
        (
            entry("示例食堂1号窗口", "示例路1号", phone="025-86911012"),
            entry("示例食堂2号窗口", "示例路1号", phone="025-86911012"),
        ),
        (entry("示例食堂东区", "示例路1号"), entry("示例食堂西区", "示例路1号")),
        (entry("社区食堂", "示例路1号", district="320102"), entry("社区食堂", "别的路9号", district="320102")),
        (
            entry("示例幸福长者食堂", "示例路1号", district="320102"),
            entry("示例幸福长者食堂", "示例路1号", district="320104"),
        ),
        (entry("示例幸福长者食堂", "示例路1号", **HERE), entry("示例幸福长者食堂", "别的路9号", **FAR)),
        (entry("示例食堂", "示例路1号"), entry("示例食堂", "示例路1号", category="canteen")),
        (entry("示例食堂", "示例路1号"), entry("示例食堂", "示例路1号", city="510100")),
        (entry("甲食堂", "示例路1号", phone="12345"), entry("乙饭堂", "示例路1号", phone="12345")),
    ],
)
def test_what_is_two_places(one: Entry, other: Entry) -> None:
    assert likeness(one, other) is None


def test_a_vague_point_speaks_for_nothing() -> None:
    vague = {**HERE, "precision_m": "1000"}
    assert entry("示例", **vague).point is None and entry("示例", **HERE).point is not None


@pytest.mark.parametrize(
    "address", ["江苏省南京市玄武区示例街道示例路1号", "玄武区示例路1号", "示例路１号（一楼）", "示例路 1号"]
)
def test_an_address_is_compared_without_what_lists_write_as_they_like(address: str) -> None:
    assert address_key(address) == "示例路1号"


def test_each_is_told_once_with_the_likest_and_rows_only_of_those_before_them() -> None:
    others = [entry("示例长者食堂甲", "示例路1号", number="a")]
    fresh = [
        entry("示例长者食堂", "示例路1号", number=2),
        entry("示例长者食堂", "示例路1号", number=3),
        entry("别的食堂", "别的路5号", number=4),
    ]
    found = pairs(fresh, others)
    assert [(pair.one.key[1], pair.other.key[1]) for pair in found] == [(2, "a"), (3, 2)]


def many(count: int, seed: int = 1) -> list[Entry]:
    chance = random.Random(seed)
    words = "阳光和平春晖长青金桂银杏翠竹红梅安康福寿"
    return [
        entry(
            "示例" + "".join(chance.choices(words, k=4)) + "食堂",
            f"示例{chance.choice(words)}路{chance.randint(1, 900)}号",
            number=number,
            phone=f"025-8{chance.randint(1_000_000, 9_999_999)}",
            lng=f"{118.7 + chance.random() / 5:.6f}",
            lat=f"{32 + chance.random() / 5:.6f}",
            precision_m="50",
        )
        for number in range(count)
    ]


def seconds(count: int) -> float:
    entries = many(count)
    began = time.process_time()
    pairs(entries, [])
    return time.process_time() - began


def test_five_thousand_rows_take_time_in_proportion() -> None:
    seconds(500)
    small, large = min(seconds(1250) for _ in range(3)), min(seconds(5000) for _ in range(2))
    assert large < 12 * small + 0.2, (small, large)


def test_a_crowd_with_one_name_and_phone_is_no_square() -> None:
    crowd = [
        entry("示例幸福长者食堂", f"示例路{number}号", number=number, phone="025-86911012", district="320102")
        for number in range(4000)
    ]
    began = time.process_time()
    pairs(crowd, [])
    assert time.process_time() - began < 5


def test_a_true_duplicate_is_found_in_a_crowd() -> None:
    crowd = many(3000)
    again = Entry(("row", "again"), crowd[1234].name, "window", "320100", address=crowd[1234].address)
    assert any(pair.one is again and pair.other is crowd[1234] for pair in pairs([*crowd, again], []))
