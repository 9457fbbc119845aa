"""Hides personal data in what residents write: in two steps, for two moments.

``mask_ids`` is for the door: numbers that say who somebody is never come further. ``mask_for_storage`` is for whatever
is kept: there names and the exact part of an address go too, which the turn itself may still need to find what is near.
Both leave a text that was masked before as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.privacy.addresses import addresses
from bot.privacy.handles import handles
from bot.privacy.names import names
from bot.privacy.numbers import numbers, plates
from bot.privacy.spans import HIDDEN, Span, as_digits, replaced

#: Without four digits there is no number to be found; most of what residents say has fewer.
_MAY_IDENTIFY = re.compile(r"[0-9](?:[^0-9]*[0-9]){3}")
_DIGIT = re.compile("[0-9]")
#: What was hidden may bring together what was apart; then it is looked at again, at most so often.
_MOST_PASSES = 8


def mask_ids(text: str) -> str:
    """``text`` without numbers and addresses that identify a person; what stood there is ``HIDDEN``.

    Hotlines, amounts, dates, ages, sizes, codes of regions and numbers of documents stay.
    """
    return _until_stable(text, ids_in)


def mask_for_storage(text: str) -> str:
    """``text`` as it may be kept: without numbers, without names that are told as such, addresses up to the street."""
    return _until_stable(text, lambda said: [*ids_in(said), *names(said), *addresses(said)])


def hides_something(text: str) -> bool:
    """Whether ``mask_ids`` took something out of ``text``."""
    return HIDDEN in text


def only_hidden(text: str) -> bool:
    """Whether ``text`` (masked) says nothing beside what was hidden, such as 我妈身份证号是■■■."""
    return hides_something(text) and _NOTHING_ELSE.fullmatch(text) is not None


#: Said around a number without asking anything.
_NOTHING_ELSE = re.compile(
    r"(?:我|俺|他|她|老人|妈|爸|爷|奶|公|婆|儿子|女儿|孩子|老伴|的|家|这是|这个|身份证|证件|手机|电话|社保|医保|卡|银行|护照|微信|邮箱"
    r"|车牌|座机|账|号|码|是|为|在这|给你|您|你|记一下|哈|嗯|啊|■{3}|[\s，。,.:：;；、！!()（）])+")


def _until_stable(text: str, find: Callable[[str], list[Span]]) -> str:
    for _ in range(_MOST_PASSES):
        spans = find(text)
        if not spans:
            break
        text = replaced(text, spans)
    return text


def ids_in(text: str) -> list[Span]:
    """Spans of numbers and addresses that identify a person."""
    plain = as_digits(text)
    found = [*handles(plain)]
    if _DIGIT.search(plain) is not None:
        found += plates(plain)
        if _MAY_IDENTIFY.search(plain) is not None:
            found += numbers(plain)
    return found
