"""Tells that what is named is denied: 不是低保户, 没吃低保, 又不算本科, 哪有居住证, 低保没评上, 以前是特困.

The area parsers name things; nothing denied may come out of them as the positive fact.
"""

from __future__ import annotations

import re
from typing import Iterable, Optional

# 不是 and its kin; 不仅是, 不光有, 是不是 and 差不多 deny nothing.
_NO = (
    r"(?:(?<![是差])不(?![仅光只但单断过错用要知管论愁同多了动来起下好得])|没(?![想事准错完关])(?:有|得)?|莫得"
    r"|冇得?|木有|未(?!来)|并非|(?<![除双])非(?!常|得|要)"
    r"|无(?!业|论|障)|别说|谈不上|算不上|称不上|够不上|评不上|排不上|轮不到|哪(?![个些家种])(?:里|儿|来)?"
    r"|(?:咋|怎么)(?:个)?(?:可能|会|能)|何曾)"
)
# What may stand between the denial and the thing: verbs, measure words, 什么.
_BETWEEN = (
    r"(?:被|给|去|来|再|曾|想|能|会|可能|打算|肯|愿意?|够|到|达到|满足|具备|属于|属|算|是|有|得|上|评|评上|评为|评定为?"
    r"|认定为?|认定成|定为|纳入|列入|当|当过|做|干|从事|在|吃|拿|领|办|办理|办过|享受|享有|签|签过|签订|持有?"
    r"|取得|获得|申请"
    r"|参加|参保|交|缴|买|住|租|读|念|读到|念到|读过|上过|拿到|过|了|成|着|的|啥子?|什么|任何|租的是|住的是|租的"
    r"|住的|个|一个|一张|一份"
    r"|哪门子|这种|那种|所谓的?|真的?|真正的?|正式的?|完全|全日制|统招|严格意义上的?|我们?家?|我们?|她|他|咱"
    r"|家里|严重到|到那种"
    r"|那么|这么|很|太|大|怎么|咋|特别|生活|自己|人|长期|一直|本地的?|这边的?|成都的?|上海的?)"
)
_BEFORE = re.compile(rf"{_NO}{_BETWEEN}{{0,4}}\Z")
# The thing's own first verb belongs to the denial: 不 + 是低保, 哪 + 有居住证.
_OWN_VERB = re.compile(r"(?:是|有|吃|拿|领|享受|属于|在|当|算|评|认定|有个|住|租|签|来|被)+")
_AFTER = re.compile(
    r"(?:户|家庭|证|生|学历|类|人才|的)?(?:我|我们|她|他|他们|这些|那些|也|都|还|倒|可|目前|现在|暂时|已经|早就"
    r"|早|后来|又|根本"
    r"|就|啥的|什么的|,|，){0,4}"
    r"(?:(?:没有?|没得|莫得|未|冇)(?:评|批|办|吃|领|拿|读|念|上|过|通过|选|够|毕业|享受|申请|认定|给我?[批评办])?"
    r"(?:到|上|下来|过|了|的|成|完|啊|哦|嘛|呢|嘞){0,3}(?=[,，。!！;；]|\Z)"
    r"|不(?:是(?:的|了)?|算|属于|符合|够格|给(?:我|批|办)|批)(?=[啊哦嘛呢,，。!！]|\Z)"
    r"|(?:被)?(?:取消|停|退|注销|撤|清退|断|丢|掉)(?:掉|出)?了)"
)
_PAST = re.compile(r"(?:以前|原来|过去|之前|曾经|从前|原先|早些年|前几年|当年)(?:[^,，。;；现后如今]{0,5})\Z")
_TURNED = re.compile(r"(?:(?<!是)不是|并非|咋(?:个)?|怎么(?:可能|会)?|哪能|哪会|谁说)(?:我|我们|会|可能)?\Z")
_WINDOW = 14


def is_denied(text: str, start: int, end: int, *, behind: bool = True) -> bool:
    """Whether ``text[start:end]`` is denied in its clause: before it, or (``behind``) after it."""
    own = _OWN_VERB.match(text, start, end)
    before = re.split(r"[,，。;；!！?？\n ]", text[max(0, start - _WINDOW) : start])[-1]
    stem = before + (own.group() if own else "")
    if _BEFORE.search(stem) or _BEFORE.search(before):
        return True
    if not behind:
        return False
    return _AFTER.match(text, end) is not None


def is_past(text: str, start: int) -> bool:
    """Whether what begins at ``start`` is told of former times: 以前是低保户."""
    return _PAST.search(text[max(0, start - _WINDOW) : start]) is not None


def is_turned(text: str, start: int) -> bool:
    """Whether a denial that begins at ``start`` is itself denied: 不是没有房, 咋没签."""
    return _TURNED.search(text[max(0, start - 5) : start]) is not None


def denied_word(text: str, words: Iterable[str]) -> Optional[str]:
    """The first of ``words`` that the text denies, None where it denies none of them."""
    for word in sorted(words, key=len, reverse=True):
        at = text.lower().find(word.lower())
        if at >= 0 and is_denied(text, at, at + len(word)):
            return word
    return None
