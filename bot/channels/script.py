"""Simplified or Traditional: what a resident reads, in the script of their choice. Everything kept stays Simplified."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import opencc

#: The scripts a widget may ask for; the first is how we write.
HANS, HANT = "hans", "hant"
#: Fields of a message that programs read, or that are sent back or dialled as they are: never rewritten, nor is
#: anything inside them.
FIXED = frozenset({
    "answer_id", "at", "channel", "code", "condition", "created_at", "crs", "date", "day", "deleted_at",
    "eligible_from", "exported_at", "fact", "field", "gaps", "id", "in_reply_to", "kind", "knowledge_version",
    "map_url", "message_id", "missing", "mode", "nearest_topics", "of", "outcome", "payload", "period", "phone",
    "policy", "receipt", "record", "region", "status", "ticket", "topic", "trust", "url",
})


def written(value: Any, script: str) -> Any:
    """``value`` (a text, a message, a list of them) in ``script``; what it is made of is left as it was."""
    if script != HANT:
        return value
    if isinstance(value, str):
        return traditional(value)
    if isinstance(value, dict):
        return {key: item if key in FIXED else written(item, script) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(item, script) for item in value]
    return value


def traditional(text: str) -> str:
    """``text`` in Traditional signs; one that is Traditional already stays as it is."""
    # Back first: of 鄰里 alone OpenCC no longer knows the word 邻里 and would write 鄰裡.
    to_hans, to_hant = _converters()
    said = str(to_hant.convert(to_hans.convert(text)))
    for wrong, right in _MENDED:
        said = wrong.sub(right, said)
    return said


#: Where OpenCC takes the wrong one of two signs, in what we say all day.
_MENDED = tuple((re.compile(wrong), right) for wrong, right in (
    (r"(?<![抽標書牙竹求中])籤", "簽"),  # 签合同, 签协议; but 抽签, 标签
    (r"隻(?=[能有要是剩給管在會讓可用領看算收發租賣補按認好求差想填對])", "只"),  # 还是只能租
    (r"齣(?=[門任車診國事來去])", "出"),  # 一出门, 周几出诊
    (r"周(?=幾)", "週"),
    ("傢俱體", "家具體"),  # 您家具体多少
    ("么", "幺"),  # 幺儿; 什么 is 什麼 by now
))


@lru_cache(maxsize=1)
def _converters() -> tuple[Any, Any]:
    # s2tw writes the signs that people use (吃, 裡, 為), s2t those of a dictionary (喫, 裏, 爲).
    return opencc.OpenCC("t2s"), opencc.OpenCC("s2tw")
