"""Which places may be one and the same: by name and address, backed by phone and nearness. Never merged here.

Candidates share a key (a name, a door, a phone, a square of the map), so that the work grows with the list and not with
its square; in a crowded block only neighbours by name are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional

from rapidfuzz import fuzz

from knowledge.coords import haversine_m

NAMES_ALIKE, NAMES_VERY_ALIKE, NAMES_AKIN = 85, 92, 70
ADDRESSES_ALIKE = 90
NEAR_M, SAME_SPOT_M = 100, 30
#: Places further apart than this are two, whatever their names.
FAR_M = 1000
#: A name shorter than this (社区食堂) is many places' name.
_TELLING = 6
#: In a block with more places than this only so many neighbours by name are compared.
CROWDED, NEIGHBOURS = 12, 5
#: Points vaguer than this do not tell places apart.
VAGUE_M = 200
_SQUARE = 0.001
#: A number this short is everybody's.
_HOTLINE = 6
_NOT_WORDS = re.compile(r"[^\w]+|_")
_BRACKETS = re.compile(r"[(（【\[][^)）】\]]{0,200}[)）】\]]")
_ADMINISTRATIVE = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}省)?(?:[\u4e00-\u9fff]{2,4}?市)?(?:[\u4e00-\u9fff]{1,5}?[区县])?"
                             r"(?:[\u4e00-\u9fff]{2,6}?(?:街道|镇|乡))?")
_DOOR = re.compile(r"([\u4e00-\u9fff]{1,12}?(?:路|街|大道|道|巷|弄|里|村|胡同|段))"
                   r"(?:[东西南北中一二三四五六七八九十]*段)?(\d+)(?:弄|号|-|\Z)(?:(\d+)号)?")
_NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十百]+|[东西南北](?=[区院店楼门])|[a-z](?=[区座栋馆])")


@dataclass(slots=True)
class Entry:
    """A place as it is compared. ``key`` names it: ("site", id) or ("row", number of its row)."""

    key: tuple[str, object]
    name: str
    category: str
    city: str
    district: str = ""
    street: str = ""
    address: str = ""
    phones: tuple[str, ...] = ()
    point: Optional[tuple[float, float]] = None
    core: str = field(init=False)
    plain_address: str = field(init=False)
    door: str = field(init=False)
    #: The numbers in its name: 第一食堂 and 第二食堂 are two, however alike their names.
    numbers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.core = plain(self.name)
        self.plain_address = address_key(self.address)
        self.door = _door(self.plain_address)
        self.numbers = _numerals(self.core)


@dataclass(frozen=True, slots=True)
class Pair:
    """``one`` may be ``other``, and what speaks for it."""

    one: Entry
    other: Entry
    why: str


def entry_of(key: tuple[str, object], cells: Mapping[str, str]) -> Entry:
    """A place for comparison, from its cells."""
    point = None
    if cells.get("lng") and cells.get("lat") and float(cells.get("precision_m") or 0) <= VAGUE_M:
        point = (float(cells["lng"]), float(cells["lat"]))
    name, category, city, district, street, address, phones = (
        cells.get(field, "") for field in ("name", "category", "city", "district", "street", "address", "phone"))
    return Entry(key, name, category, city, district, street, address, tuple(filter(None, phones.split("、"))), point)


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """A name or an address without what is written in more than one way."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=65_536)
def address_key(address: str) -> str:
    """An address without its city, district and street, which lists write or leave out as they like."""
    bare = plain(_BRACKETS.sub("", address))
    return bare[_ADMINISTRATIVE.match(bare).end():] or bare  # type: ignore[union-attr]


def _door(address: str) -> str:
    match = _DOOR.search(address)
    return "".join(part or "" for part in match.groups()) if match else ""


def pairs(fresh: Sequence[Entry], others: Sequence[Entry],
          progress: Callable[[Sequence[list[int]]], Iterable[list[int]]] = iter) -> list[Pair]:
    """Places of ``fresh`` that may be one of ``others``, or of those before them in ``fresh``.

    Each is told once, with the likest it has.
    """
    everyone = [*others, *fresh]
    first = len(others)
    best: dict[int, tuple[float, Pair]] = {}
    tried: set[tuple[int, int]] = set()
    for block in progress(_blocks(everyone, first)):
        for low, high in _compared(everyone, block, first):
            if (low, high) in tried:
                continue
            tried.add((low, high))
            found = likeness(everyone[high], everyone[low])
            if found is not None and (high not in best or found[0] > best[high][0]):
                best[high] = (found[0], Pair(everyone[high], everyone[low], found[1]))
    return [best[index][1] for index in sorted(best)]


def _blocks(entries: Sequence[Entry], first: int) -> list[list[int]]:
    """Groups of entries that share a key, with one of ``entries[first:]`` at least, and another."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        for key in _keys(entry):
            whole = (entry.city, entry.category, *key)
            found[whole].append(index)
    return [block for block in found.values() if len(block) > 1 and block[-1] >= first]


def _keys(entry: Entry) -> Iterator[tuple[object, ...]]:
    yield "name", entry.core
    yield "head", entry.core[:4]
    yield "tail", entry.core[-5:]
    if entry.door:
        yield "door", entry.door
    elif entry.plain_address:
        yield "address", entry.plain_address[:6]
    for phone in entry.phones:
        if len(phone) > _HOTLINE:
            yield "phone", phone
    if entry.point is not None:
        x, y = int(entry.point[0] / _SQUARE), int(entry.point[1] / _SQUARE)
        for east in (0, 1):
            for north in (0, 1):
                yield "square", x + east, y + north


def _compared(entries: Sequence[Entry], block: list[int], first: int) -> Iterator[tuple[int, int]]:
    """The pairs of a block that are looked at, the later one of the list second."""
    if len(block) <= CROWDED:
        for place, one in enumerate(block):
            for other in block[place + 1:]:
                if other >= first:
                    yield one, other
        return
    ordered = sorted(block, key=lambda index: (entries[index].core, entries[index].plain_address, index))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1:place + 1 + NEIGHBOURS]:
            low, high = min(one, other), max(one, other)
            if high >= first:
                yield low, high


def likeness(one: Entry, other: Entry) -> Optional[tuple[float, str]]:
    """How like two places are (0–100) and what speaks for their being one; None if nothing much does."""
    if one.city != other.city or one.category != other.category:
        return None
    names = 100.0 if one.core == other.core else _name_likeness(one, other)
    same_door = bool(one.door) and one.door == other.door
    if names < NAMES_AKIN and not (same_door and not _conflict(one.numbers, other.numbers)):
        return None
    address, phone = _same_address(one, other), _same_phone(one, other)
    metres = haversine_m(*one.point, *other.point) if one.point and other.point else None
    if metres is not None and metres > FAR_M and not address:
        return None
    reasons = [reason for reason in (address, phone, _near(metres)) if reason]
    said = "名称一样" if names == 100 else f"名称像（{names:.0f}%）"
    if names >= NAMES_ALIKE and reasons:
        return names + 10 * len(reasons), "、".join([said, *reasons])
    if names >= NAMES_VERY_ALIKE and (_bare(one) or _bare(other)) and _may_share(one.district, other.district):
        return names, f"{said}，有一处没有写地址"
    if names == 100 and len(one.core) >= _TELLING and one.district == other.district \
            and _may_share(one.street, other.street):
        return names, f"{said}，在同一个区县，地址不同"
    if metres is not None and metres <= SAME_SPOT_M and names >= NAMES_AKIN:
        return names, f"{said}、{_near(metres)}"
    if same_door and phone and not _conflict(one.numbers, other.numbers) and _may_share(one.district, other.district):
        return names, "地址和电话都一样，名称不同"
    return None


def _name_likeness(one: Entry, other: Entry) -> float:
    if _conflict(one.numbers, other.numbers):
        return 0.0
    return fuzz.ratio(one.core, other.core, score_cutoff=NAMES_AKIN)


def _conflict(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both have numbers, and others."""
    return bool(one) and bool(other) and one != other


def _numerals(text: str) -> tuple[str, ...]:
    return tuple(_NUMERALS.findall(text))


def _same_address(one: Entry, other: Entry) -> str:
    if not (one.plain_address and other.plain_address) or not _may_share(one.district, other.district):
        return ""
    if one.door and other.door:
        return "门牌一样" if one.door == other.door else ""
    if _conflict(_numerals(one.plain_address), _numerals(other.plain_address)):
        return ""
    return "地址像" if fuzz.ratio(one.plain_address, other.plain_address) >= ADDRESSES_ALIKE else ""


def _same_phone(one: Entry, other: Entry) -> str:
    for phone in one.phones:
        if phone in other.phones and len(phone) > _HOTLINE:
            return "电话一样"
    return ""


def _near(metres: Optional[float]) -> str:
    return f"相距{metres:.0f}米" if metres is not None and metres <= NEAR_M else ""


def _bare(entry: Entry) -> bool:
    return not entry.plain_address


def _may_share(one: str, other: str) -> bool:
    return not one or not other or one == other
