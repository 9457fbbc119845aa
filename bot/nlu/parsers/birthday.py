"""Whether this year's birthday is over: 他1961年的，今年生日还没过 is 64 in 2026, not 64 or 65."""

from __future__ import annotations

import re
from typing import Optional, Union

from bot.nlu.parsers.numbers import ends
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

_TO_COME = Spotter(
    r"生日(?:还|都|也|今年|现在|是|要|在)*(?:没有?|未|莫得|没得|冇)(?:过|到|满|来)|(?:还没有?|还未|没有?|未|没得)(?:过|到|满)(?:今年的?)?生日"
    r"|生日(?:要|还要|得|还得|是|在|要到|要等)*(?:等到?)?(?:下个?月|年底|月底|腊月|冬月|十二月|12月|后头|后面|还有)"
)
_GONE = Spotter(
    r"生日(?:今年|已经|都|早就|早|刚|也)*过(?:了|啦|完|咯|嘞)|(?:今年|已经|刚刚?|才|早就|都){1,6}过(?:了|完)?(?:今年的?)?生日"
    r"|过(?:了|完)(?:今年的?)?生日了?"
)
#: A turn of the head: 生日过了没.
_ASKED = re.compile(r"没(?![几多])|吗|不(?!久)|么|[?？]")


def birthday_over(text: str) -> Optional[bool]:
    """What ``text`` says of this year's birthday; None if nothing, or if it asks."""
    if _TO_COME.search(text):
        return False
    gone = _GONE.search(text)
    if gone is None:
        return None
    return None if _ASKED.match(text, gone.end()) else True


def age_by_birthday(age: Union[int, Range], text: str) -> Union[int, Range]:
    """Of the two ages that a year of birth leaves, the one that ``text`` decides for; else ``age`` as it is."""
    over = birthday_over(text) if isinstance(age, Range) else None
    if over is None:
        return age
    low, high = ends(age)
    if low is None or high is None or high - low != 1:
        return age
    return int(high if over else low)
