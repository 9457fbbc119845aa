"""Cuts texts to what WeChat takes: counted in bytes of UTF-8, at the ends of sentences."""

from __future__ import annotations

#: A passive reply or a customer service message above it is refused.
MAX_BYTES = 2048
#: Where a text may be cut, best first.
_ENDS = ("\n", "。！？!?", "；;", "，,、 ")


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def clip(text: str, most: int) -> str:
    """``text`` of at most ``most`` bytes, the last sign an ellipsis where something was left off."""
    if size(text) <= most:
        return text
    return _longest(text, most - size("…")) + "…"


def pages(text: str, most: int) -> list[str]:
    """``text`` in pieces of at most ``most`` bytes (4 or more), cut where it hurts least; only blanks are lost."""
    found: list[str] = []
    rest = text.strip()
    while size(rest) > most:
        head = _longest(rest, most)
        end = _best_end(head)
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest or not found:
        found.append(rest)
    return found


def _longest(text: str, most: int) -> str:
    """The longest beginning of at most ``most`` bytes, whole characters."""
    return text.encode("utf-8", "surrogatepass")[:max(most, 0)].decode("utf-8", "ignore")


def _best_end(head: str) -> int:
    """Behind the last end of a line, else of a sentence … in the second half; at the very end where there is none."""
    for ends in _ENDS:
        at = max(head.rfind(sign) for sign in ends) + 1
        if at > len(head) // 2:
            return at
    return len(head)
