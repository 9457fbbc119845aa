"""Pinyin keys: names that sound the same, also to those who do not tell n from l or zh from z."""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin

_BLUR = ((re.compile("^(zh|ch|sh)"), lambda m: m.group(1)[0]), (re.compile("^n"), lambda m: "l"),
         (re.compile("([aei]n)g$"), lambda m: m.group(1)))  # fmt: skip


def _syllables(text: str) -> list[str]:
    return lazy_pinyin(text, style=Style.NORMAL, errors="ignore")


def sound(text: str) -> str:
    """Toneless pinyin, one key for all names that sound the same."""
    return "'".join(_syllables(text))


def blurred(key: str) -> str:
    """A key of ``sound`` with the sounds merged that southern speakers merge."""
    syllables = key.split("'")
    for pattern, replace in _BLUR:
        syllables = [pattern.sub(replace, syllable) for syllable in syllables]
    return "'".join(syllables)
