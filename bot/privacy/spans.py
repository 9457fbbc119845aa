"""What the finders of personal data share: a span of a text, and digits in whatever way they are written."""

from __future__ import annotations

import string
from collections.abc import Iterable
from typing import NamedTuple

#: Stands where something was hidden. In every Chinese font, on no keyboard, and no word to whoever reads the sentence.
HIDDEN = "■■■"


class Span(NamedTuple):
    """``text[start:end]`` is personal; ``instead`` is what stands there afterwards."""

    start: int
    end: int
    instead: str = HIDDEN


def replaced(text: str, spans: Iterable[Span]) -> str:
    """``text`` with each span replaced; of spans that overlap, all of what they cover is."""
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        if span.end <= at:
            continue
        if span.start >= at:
            parts += [text[at:span.start], span.instead]
        at = span.end
    return "".join([*parts, text[at:]])


def as_digits(text: str) -> str:
    """``text`` with every way of writing a digit or an e-mail's signs as the plain one; of the same length."""
    return text if text.isascii() else text.translate(_PLAIN)


_DIGITS = {
    "0": "０零〇○Ｏ", "1": "１一壹幺么①❶", "2": "２二贰貳②❷", "3": "３三叁參③❸", "4": "４四肆④❹",
    "5": "５五伍⑤❺", "6": "６六陆陸⑥❻", "7": "７七柒⑦❼", "8": "８八捌⑧❽", "9": "９九玖⑨❾",
}
_PLAIN = {ord(written): digit for digit, ways in _DIGITS.items() for written in ways}
#: Digits of other alphabets, and bold ones from whoever writes beautifully.
_PLAIN |= {first + value: str(value) for first in (0x660, 0x6F0, *range(0x1D7CE, 0x1D7FF, 10)) for value in range(10)}
_PLAIN |= {ord(sign): plain for sign, plain in zip(
    "＠．－＿＋　—–﹣：（）×✕ⅹⅩ叉", "@.-_+ ---:()XXXXX", strict=True)}
#: Full-width letters stand as far from plain ones as full-width digits; Ｏ is a nought above.
_PLAIN |= {code + 0xFEE0: chr(code) for code in map(ord, string.ascii_letters) if chr(code) != "O"}
