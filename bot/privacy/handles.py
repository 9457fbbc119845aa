"""Finds how a person is reached on the network: e-mail addresses, and WeChat and QQ ids that are said to be such."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.spans import Span

#: Begins where a name begins and not in its middle: then a text without any @ is walked through once.
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,200}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5}")
_ID_SAID = re.compile(
    r"(?:微信|威信|薇信|(?<![A-Za-z])(?:[Vv][Xx]|[Ww][Xx]|[Ww]e[Cc]hat|[Qq]{2}))(?!公众|公眾|小程序|群|支付)"
    r"(?:号码|號碼|号|號|[Ii][Dd])?[是为叫加 :\t，,]{0,4}"
    r"(?P<id>(?!(?:[Aa]pp|[Pp]ay)(?![A-Za-z0-9_\-]))[A-Za-z][A-Za-z0-9_\-]{5,19}|[0-9]{6,11})(?![A-Za-z0-9_\-])")


def handles(plain: str) -> Iterator[Span]:
    """Spans of addresses and ids in ``plain``, a text as ``spans.as_digits`` gives it."""
    if "@" in plain:
        for match in _EMAIL.finditer(plain):
            yield Span(match.start(), match.end())
    for match in _ID_SAID.finditer(plain):
        yield Span(match.start("id"), match.end("id"))
