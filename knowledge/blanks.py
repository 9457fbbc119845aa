"""The blanks of sentences, ``{who}``, and whether the code fills them in.

Stricter than ``str.format``: a name in braces and nothing else, so that no wording of staff can stop an answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from knowledge.records import suggestion

#: ``{{`` and ``}}`` are plain braces; a single one without its partner comes last.
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fault(text: str, allowed: Collection[str]) -> str:
    """What is wrong with the braces of ``text``, where ``allowed`` are filled in; "" if nothing is."""
    for token in _TOKEN.finditer(text):
        if token[0] in ("{", "}"):
            return f"第{token.start() + 1}个字“{token[0]}”没有成对"
        if token[1] is not None and token[1] not in allowed:
            return f"没有“{token[0]}”这个空{suggestion(token[1], allowed)}"
    return ""


def names(text: str) -> Iterator[str]:
    """The blanks of a sound ``text``."""
    return (token[1] for token in _TOKEN.finditer(text) if token[1] is not None)


def listed(allowed: Collection[str]) -> str:
    """What may be filled in, for a remedy."""
    return "能填的空：" + "、".join(f"{{{name}}}" for name in sorted(allowed)) if allowed else "这里没有可填的空"
