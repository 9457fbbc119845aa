"""A whole number as a code that people copy by hand: base 32 in groups of four, with two check symbols.

The alphabet is Crockford's: no I, L, O and U, and whoever writes O for 0 or I and L for 1 is understood. The symbols
(data, then two checks) are a Reed-Solomon word over GF(32): any one or two wrong symbols in a code of up to 31, and
any swap of neighbours in one of any length, are caught for certain; of everything else 1023 in 1024.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
CHECKS = 2
#: Longer codes are none of ours; an answer of a few thousand characters is not worth reading.
MOST_SYMBOLS = 400
_VALUES = {**{symbol: value for value, symbol in enumerate(ALPHABET)}, "O": 0, "I": 1, "L": 1}
#: Whatever people put between the groups: spaces, and every kind of dash that an input method makes.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−_·.]+")


class CodeError(ValueError):
    """No code of ours; the message says in one Chinese sentence what is wrong with it."""


def _field() -> tuple[list[int], list[int]]:
    """Powers of the primitive element of GF(32) (x⁵ + x² + 1), and their exponents."""
    powers, logs, value = [0] * 31, [0] * 32, 1
    for exponent in range(31):
        powers[exponent], logs[value] = value, exponent
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return powers, logs


_POWERS, _LOGS = _field()


def _times(first: int, exponent: int) -> int:
    """``first`` times the primitive element to the ``exponent``, in GF(32)."""
    return _POWERS[(_LOGS[first] + exponent) % 31] if first else 0


def _sums(symbols: Sequence[int]) -> tuple[int, int]:
    """The two sums that are 0 for a sound word."""
    once = twice = 0
    for place, value in enumerate(symbols):
        once ^= _times(value, place)
        twice ^= _times(value, 2 * place)
    return once, twice


def _checks(symbols: Sequence[int]) -> tuple[int, int]:
    """The two symbols that make the word sound when they follow ``symbols``."""
    once, twice = _sums(symbols)
    place = len(symbols)
    near, far = _times(once, -place), _times(twice, -2 * place)  # c + a·d and c + a²·d, for the checks c and d
    last = _times(near ^ far, -_LOGS[_POWERS[1] ^ _POWERS[2]])
    return near ^ _times(last, 1), last


def to_code(number: int) -> str:
    """``number`` (1 or more) in symbols, the lowest five bits first, so that its low parts stand at fixed places."""
    symbols = []
    while number:
        symbols.append(number & 31)
        number >>= 5
    text = "".join(ALPHABET[value] for value in (*symbols, *_checks(symbols)))
    return "-".join(text[start:start + GROUP] for start in range(0, len(text), GROUP))


def from_code(code: str) -> int:
    """The number in a code as somebody typed it. Raises CodeError."""
    if len(code) > 4 * MOST_SYMBOLS:
        raise CodeError("这不是回执码：太长了，请照着回执单重新输入。")
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", code)).upper()
    if not text:
        raise CodeError("还没有输入回执码，请照着回执单输入。")
    strange = next((character for character in text if character not in _VALUES), None)
    if strange is not None:
        shown = strange if strange.isprintable() else "看不见的字符"
        raise CodeError(f"回执码里没有“{shown}”，只有数字和字母（没有 U），请对照回执单再输一遍。")
    symbols = [_VALUES[character] for character in text]
    # The last data symbol is never 0, so that a number has one code only.
    if not CHECKS < len(symbols) <= MOST_SYMBOLS or not symbols[-CHECKS - 1] or any(_sums(symbols)):
        raise CodeError("回执码抄错了或者没有抄全，请对照回执单再输一遍。")
    return sum(value << 5 * place for place, value in enumerate(symbols[:-CHECKS]))
