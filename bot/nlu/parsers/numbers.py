"""Numbers as people say them: 六千五, 一万二, 十八九, 四五千, 5k, 小一万, 三千多, 不到五千.

Chinese numerals are read by cn2an ``smart``, and only ever on a captured numeral, never on a sentence.
What is said loosely stays loose: it becomes a ``Range``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Optional, Union

import cn2an

from knowledge.eligibility.values import Range, Value

Number = Union[int, float, Range]

_DIGITS = "零〇一二两三四五六七八九"
_UNITS = {"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "亿": 100_000_000}

#: One numeral, Arabic or Chinese, without hedges. Bounded, so that long digit strings cost nothing.
NUMERAL = (
    r"(?:(?:\d{1,9}(?:\.\d{1,4})?[亿万wW千kK百十]){1,4}\d?(?![\d.])"
    r"|\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,12}(?:\.\d{1,4})?"
    # The 一 of "三千五一个月" and "两千一年" belongs to the month and the year.
    r"|[零〇一二两三四五六七八九十百千万亿廿几](?:(?!(?<=[一二两三四五六七八九百千万亿])一(?:个月|年|天"
    r"|月))[零〇一二两三四五六七八九十百千万亿廿几]){0,17}(?:点[零〇一二两三四五六七八九]{1,4})?|俩|仨)"
)
#: Hedges said before a number.
BEFORE = (
    r"(?:不超过|没超过|不会超过|最多|顶多|至多|不到|不足|不满|没到|未到|没满|未满|还没到|超过|多于|高于|至少|起码"
    r"|最少|将近|接近|快要|快|近"
    # 月入过万, 工资破五千: 过 and 破 are hedges of a sum only behind what is earned or paid.
    r"|(?<=[入薪资金])[过破上]"
    r"|大概|大约|差不多|估计|可能|也就|约|刚满|刚好|刚刚|刚|整整|满|小)"
)
#: Said between number and unit: 三千多块, 七十来岁, 百把块.
INSIDE = r"(?:多|来|把|好几|大几)"
#: Hedges said after the unit.
AFTER = r"(?:左右|上下|的样子|样子|出头|冒头|挂零|开外|\+|及以上|以上|及以下|以下|以内|之内|不到|多)"

_ARABIC = re.compile(r"\d+(?:\.\d+)?\Z")
_MIXED_PART = re.compile(r"((?<!\d)\d+(?:\.\d+)?)([亿万千百十kw])")
_MIXED = re.compile(r"(?:\d+(?:\.\d+)?[亿万千百十kw])+\d?\Z")
_TWO_DIGITS = re.compile(r"([一二两三四五六七八九])([二三四五六七八九])")
_ORDER = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_MOST = ("不超过", "没超过", "不会超过", "最多", "顶多", "至多")
_PAST = ("过", "破", "上")
_BELOW = ("不到", "不足", "不满", "没到", "未到", "没满", "未满", "还没到")
_NEARLY = ("将近", "接近", "快要", "快", "近")
_ROUGHLY = ("左右", "上下", "样子", "的样子")
_ABOUT = ("大概", "大约", "差不多", "估计", "可能", "约")


def _tidy(value: float) -> Union[int, float]:
    """An int where nothing is lost; floating noise of 1.2 × 10000 is rounded away."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def ends(value: Value) -> tuple[Optional[float], Optional[float]]:
    """Lower and upper end of a number or Range of numbers; None where it is open or no number at all."""
    low, high = (value.low, value.high) if isinstance(value, Range) else (value, value)
    return (low if isinstance(low, (int, float)) else None, high if isinstance(high, (int, float)) else None)


def _low(value: Number) -> float:
    low = ends(value)[0]
    return float("-inf") if low is None else float(low)


def _high(value: Number) -> float:
    high = ends(value)[1]
    return float("inf") if high is None else float(high)


def between(low: Optional[float], high: Optional[float]) -> Optional[Number]:
    """A range of tidy numbers, the number itself where both ends are equal, None where they are crossed."""
    if low is not None and high is not None:
        if low > high:
            return None
        if low == high:
            return _tidy(low)
    return Range(None if low is None else _tidy(low), None if high is None else _tidy(high))


def whole(low: Optional[float], high: Optional[float]) -> Optional[Union[int, Range]]:
    """``between`` for whole numbers: ends are cut to ints."""
    value = between(None if low is None else int(low), None if high is None else int(high))
    return int(value) if isinstance(value, float) else value


def _chinese(numeral: str) -> Optional[Union[int, float]]:
    if numeral[0] in "百千万亿":
        numeral = "一" + numeral  # 百二, 万五
    try:
        value = cn2an.cn2an(numeral.replace("〇", "零"), "smart")
    except (ValueError, KeyError, IndexError):
        return None
    return _tidy(value)


def _mixed(numeral: str) -> Union[int, float]:
    """2千5, 1万2, 1.2万, 5k: the last bare digit counts a tenth of the unit before it."""
    total, unit, end = 0.0, 1, 0
    for part in _MIXED_PART.finditer(numeral):
        unit = _UNITS[part.group(2)]
        total += float(part.group(1)) * unit
        end = part.end()
    if end < len(numeral):
        total += int(numeral[end:]) * unit / 10
    return _tidy(total)


def _vague(numeral: str) -> Optional[Number]:
    """十几, 几千, 二十几: 几 stands for 2 to 9 before a unit, for 1 to 9 at the end."""
    if numeral.count("几") != 1 or numeral == "几":
        return None
    at = numeral.index("几")
    last = at == len(numeral) - 1
    low = read_numeral(numeral.replace("几", "一" if last else "二"))
    high = read_numeral(numeral.replace("几", "九"))
    if low is None or high is None or isinstance(low, Range) or isinstance(high, Range):
        return None
    return between(low, high + step(high) - 1)


@lru_cache(maxsize=4096)
def read_numeral(numeral: str) -> Optional[Number]:
    """The value of one numeral (as ``NUMERAL`` captures it); None if it is none."""
    numeral = numeral.strip().lower().replace(",", "")
    if not numeral:
        return None
    if numeral in ("俩", "仨", "半"):
        return {"俩": 2, "仨": 3, "半": 0.5}[numeral]
    if _ARABIC.match(numeral):
        return _tidy(float(numeral)) if "." in numeral else int(numeral)
    if _MIXED.match(numeral):
        return _mixed(numeral)
    if "几" in numeral:
        return _vague(numeral)
    if any(ch not in _DIGITS and ch not in "十百千万亿廿点" for ch in numeral):
        return None
    if all(ch in _DIGITS for ch in numeral) and (len(numeral) > 2 or numeral[0] in "零〇"):
        return int("".join(str(_ORDER[ch]) for ch in numeral))  # 二零二五
    pair = _TWO_DIGITS.search(numeral)
    if pair:
        first, second = _ORDER[pair.group(1)], _ORDER[pair.group(2)]
        if second - first == 1 or (first, second) == (3, 5):  # 十八九, 四五千, 三五个
            head, tail = numeral[: pair.start()], numeral[pair.end() :]
            low, high = read_numeral(head + pair.group(1) + tail), read_numeral(head + pair.group(2) + tail)
            if low is None or high is None or isinstance(low, Range) or isinstance(high, Range):
                return None
            return between(low, high)
        if len(numeral) == 2:
            return first * 10 + second
        return None
    return _chinese(numeral)


def step(value: Union[int, float]) -> int:
    """The place of the last digit that is not 0: 3000 → 1000, 70 → 10, 68 → 1. What 多 may add."""
    if value != int(value) or value == 0:
        return 1
    number, place = abs(int(value)), 1
    while number % 10 == 0:
        number //= 10
        place *= 10
    return place


def _inside(value: Number, word: str) -> Optional[Number]:
    if isinstance(value, Range):
        return between(_low(value), _high(value) + step(_high(value)) - 1) if word == "多" else value
    place = step(value)
    if place == 1:
        return value
    if word == "来":
        return between(value - 0.3 * place, value + 0.3 * place)
    if word == "把":
        return between(value - 0.2 * place, value + 0.3 * place)
    if word in ("好几", "大几"):
        return between(value + 0.5 * place, value + place - 1)
    return between(value, value + place - 1)


def _before(value: Number, word: str) -> Optional[Number]:
    low, high = _low(value), _high(value)
    if word in _BELOW:
        return between(None, high - 1)
    if word in _MOST:
        return between(None, high)
    if word in ("超过", "多于", "高于"):
        return between(low + 1, None)
    if word in ("至少", "起码", "最少", "满", *_PAST):
        return between(low, None)
    if word in _NEARLY:
        return between(low - max(1, int(low * 0.1)), high - 1)
    if word == "小":
        return between(int(low * 0.8), high - 1)
    return value


def _after(value: Number, word: str) -> Optional[Number]:
    low, high = _low(value), _high(value)
    if word in ("以上", "及以上", "开外", "+"):
        return between(low, None)
    if word in ("以下", "及以下", "以内", "之内"):
        return between(None, high)
    if word == "不到":
        return between(None, high - 1)
    if word in ("出头", "冒头", "挂零"):
        return between(low, high + int(0.3 * step(high)))
    if word == "多":
        return _inside(value, "多")
    return value


def _times(value: Number, unit: int) -> Number:
    """二十多万: 20 to 29 of the unit, and up to the next one at the top."""
    if not isinstance(value, Range):
        return _tidy(value * unit)
    low, high = ends(value)
    whole_top = high is not None and high % 10 == 9
    return Range(
        None if low is None else _tidy(low * unit),
        None if high is None else _tidy((high + 1) * unit - 1 if whole_top else high * unit),
    )


def hedged(
    numeral: str,
    *,
    until: Optional[str] = None,
    before: Optional[str] = None,
    inside: Optional[str] = None,
    after: Optional[str] = None,
    big: Optional[str] = None,
    spread: float = 0.1,
) -> Optional[Number]:
    """The value of a numeral with its hedges; ``until`` is the second numeral of "三千到四千".

    ``big`` is the magnitude behind ``inside``: 二十多万, 十来万.
    ``spread`` is what 大概 and 左右 allow on each side, as a share of the value.
    None where the numeral cannot be read or the ends are crossed.
    """
    value = read_numeral(numeral)
    if value is None:
        return None
    if until:
        end = read_numeral(until)
        if end is None:
            return None
        low, high = _low(value), _high(end)
        if low < 10 <= high and numeral[-1] not in "十百千万亿kKwW" and until[-1] in "十百千万亿kKwW":
            low *= _UNITS[until[-1].lower()]  # 三到四千
        return between(low, high)
    if inside:
        loose = _inside(value, inside)
        if loose is None:
            return None
        value = _times(loose, _UNITS[big.lower()]) if big else loose
    about = after in _ROUGHLY or (before in _ABOUT and after is None)
    if about and not isinstance(value, Range):
        margin = int(value * spread)
        return between(value - margin, value + margin)
    if before:
        bounded = _before(value, before)
        if bounded is None or isinstance(bounded, Range):
            return bounded
        value = bounded
    return _after(value, after) if after else value


def quantity(unit: str) -> str:
    """A pattern of one number with hedges and ``unit`` (itself a pattern, may match nothing).

    Groups: before, num, until, inside, big, after; give the match to ``read_quantity``.
    """
    return (
        rf"(?P<before>{BEFORE})?(?<![\d.])(?P<num>{NUMERAL})(?:[到至~—\-](?P<until>{NUMERAL}))?"
        rf"(?:(?P<inside>{INSIDE})(?P<big>[万千百wWkK](?![万千百]))?)?(?:{unit})(?P<after>{AFTER})?"
    )


def read_quantity(match: re.Match[str], *, spread: float = 0.1) -> Optional[Number]:
    """The value of a match of ``quantity``."""
    return hedged(
        match["num"],
        until=match["until"],
        before=match["before"],
        inside=match["inside"],
        big=match["big"],
        after=match["after"],
        spread=spread,
    )
