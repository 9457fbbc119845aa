"""A bar on the terminal while something takes long; nothing at all where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
#: Less than this is over before a bar could be read.
_LONG = 2_000


def shown(items: Iterable[T], what: str, count: int) -> Iterable[T]:
    """``items``, with a bar on standard error where that is a terminal and their ``count`` is large."""
    if count < _LONG or not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    bar: Iterable[T] = tqdm(items, total=count, desc=what, unit="", file=sys.stderr, leave=False, mininterval=0.2)
    return bar
