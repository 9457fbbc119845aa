"""One normal form for every text that is compared: Simplified, half-width, lower case, no stray spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import opencc

_converter = opencc.OpenCC("t2s")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
_SPACE_IN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff，。？！、；：])\s+(?=[\u3400-\u9fff])")
_NOT_WORDS = re.compile(r"[^\w\u3400-\u9fff]+")
#: Characters that OpenCC's t2s leaves although only Traditional writers use them (苧 is what it makes of 薴).
_EXTRA = str.maketrans({"妳": "你", "祂": "他", "牠": "它", "苧": "苎"})


def normalise(text: str) -> str:
    """The normal form of ``text``: NFKC, Traditional → Simplified, lower case, single spaces.

    Chinese punctuation stays (it marks clauses); spaces between Chinese characters go.
    """
    return normalise_with_pauses(text)[0]


def normalise_with_pauses(text: str) -> tuple[str, tuple[int, ...]]:
    """The normal form of ``text``, and where a space between Chinese characters went out of it (rising).

    Who dictates or types on a phone leaves a space where others write a comma: 买不起 没有. Spaces all over the text
    say nothing and are not told.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    plain = _converter.convert(plain).translate(_EXTRA).lower()
    plain = " ".join(plain.translate(_PUNCTUATION).split())
    spaces = [match.start() for match in _SPACE_IN_CHINESE.finditer(plain)]
    joined = _SPACE_IN_CHINESE.sub("", plain)
    if len(spaces) * _LETTERS_A_PAUSE > len(joined):
        return joined, ()
    return joined, tuple(at - number for number, at in enumerate(spaces))


#: Fewer characters than this between two spaces, on average, are single words and no clauses.
_LETTERS_A_PAUSE = 2


def with_commas(text: str, pauses: Sequence[int]) -> str:
    """``text`` (normal form) with a comma at each of its ``pauses``."""
    parts = [text[start:end] for start, end in zip((0, *pauses), (*pauses, len(text)), strict=True)]
    return "，".join(parts)


#: NFKC turns Chinese commas into ASCII ones; one form for both, so that clause rules see one.
_PUNCTUATION = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", "(": "（", ")": "）"})


def bare(text: str) -> str:
    """The normal form without punctuation and spaces, for comparing sentences as such."""
    return _NOT_WORDS.sub("", normalise(text)).replace("_", "")


@lru_cache(maxsize=32_768)
def content_form(text: str) -> str:
    """``normalise`` for phrases of content, remembered from one reload to the next. Never for what residents say."""
    return normalise(text)


@lru_cache(maxsize=32_768)
def content_bare(text: str) -> str:
    """``bare`` for phrases of content, remembered likewise."""
    return bare(text)


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> re.Pattern[str]:
    """``pattern`` of a content file, compiled. The loader's check asks first, so that no resident waits for it.

    Raises:
        re.error: where it is no regular expression.
    """
    return re.compile(pattern)


def touches(text: str, patterns: Iterable[str]) -> bool:
    """Whether any of ``patterns`` (of content files) is found in ``text`` (normal form)."""
    return any(compiled(pattern).search(text) for pattern in patterns)


def distance_text(metres: float) -> str:
    """约350米; 约1.2公里"""
    tens = max(round(metres / 10) * 10, 10)
    return f"约{tens}米" if tens < 1000 else f"约{metres / 1000:.1f}公里"
