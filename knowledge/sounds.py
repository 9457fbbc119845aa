"""How characters sound: toneless pinyin with the sounds that southern speakers and keyboards mix up made one."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65536)
def sound(character: str) -> str:
    """One character's toneless pinyin with the commonly confused sounds made one."""
    return merged(lazy_pinyin(character, style=Style.NORMAL, errors="default")[0] if character else "")


def merged(syllable: str) -> str:
    """A syllable as those hear it who do not tell zh from z, n from l, -ng from -n."""
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable.startswith("n") and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


def sounds(text: str) -> tuple[str, ...]:
    """The sound of each character of ``text``."""
    return tuple(sound(character) for character in text)
