"""What is only told: a film, a tale in the teahouse, old times, a joke. Nobody in it needs help now."""

from __future__ import annotations

import re

_FICTION = re.compile(
    r"[男女]?主角|大结局|剧情|演到|[那哪]一?集|凶手|(剧|电影|小说|故事|评书|相声|戏|歌|梦)里|电视剧|连续剧|说书先生|评书|相声"
    r"|(唱|讲|说|演)到[^，。]{0,8}[那这]一?段|追了?[^，。]{0,6}剧|做了?个?梦|梦见|梦到")
#: Who sits together and tells, and that something is told.
_TALE = re.compile(
    r"(龙门阵|摆古|拉呱|闲话|冲壳子|吹牛|茶馆|茶铺|唠嗑|讲故事|讲古)[^。]*"
    r"(摆到|说起|讲起|说到|讲到|说哪|讲哪|说当年|讲当年|年轻时候|当年|年前|哪家|哪个|啥人)")
_OLD_TIMES = re.compile(
    r"(小时候|年轻的?时候|当年|旧社会|[几0-9一二三四五六七八九十]+十年前|[五六七]几年)[^。]*"
    r"(想起|说起|讲起|回忆|故事|好笑|有意思|后怕|笑|编的|精彩)")
_JOKE = re.compile(r"哈哈|嘿嘿|笑死|笑得|逗死|好笑|岔气|开玩笑")
#: Nobody jokes like this whom one may leave alone.
_LIFE = re.compile(r"死(?!党)|活(?!动|儿)|药|跳(?!舞)|遗|解脱|消失|割")
#: Words of the teller's own: then it is no tale.
_OWN = re.compile(
    r"(我|俺|阿拉|他|她|伊)(也|就|都)?(想|要|真想|打算)(死|走|跳|消失|那样|这样|学)|不想活|活不|遗书|解脱|下辈子"
    r"|歪(下|倒|了)|倒(下|了|地)|晕|噎|卡(住|到)|(?<!小时候)(现在|这会儿|刚刚|刚才|正在|突然|忽然)")


def only_told(text: str) -> bool:
    """Whether what sounds like danger in ``text`` (normal form) is a tale, a film, old times or a joke."""
    if _OWN.search(text):
        return False
    told = _FICTION.search(text) or _TALE.search(text) or _OLD_TIMES.search(text)
    return bool(told) or (_JOKE.search(text) is not None and _LIFE.search(text) is None)
