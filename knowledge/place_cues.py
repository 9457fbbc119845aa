"""How a sentence shows that a word in it is a place: 住在…, …附近, …社区, or nothing but the word."""

from __future__ import annotations

import re

from knowledge.place_names import Strength, words

#: A text this short, asked or answered, may be nothing but a place name.
SHORT_TEXT = 8


_BEFORE = re.compile(r"(?:住|在|到|去|离|从|往|回|来|靠近|挨着|隔壁|搬|位于|属于|我是|叫)$")
_AFTER = re.compile(
    r"社区|村|小区|街道|地铁站|站|附近|旁边|那边|这边|那里|这里|那儿|这儿|周边|周围|一带|这一带|片区|街上|边上|居委会"
)
#: These words say of what kind the place before them is, and it is no community.
_OTHER_KIND = re.compile(r"街道|地铁|站")
_END = re.compile(r"$|[\s，。,.！!？?；;、]|[这那附旁边周近最有找哪吃要想呢吗嘛啊吧跟怎办我住]|的(?!$)")
_ORDINARY_END = re.compile(r"$|[\s，。,.！!？?；;、]|[这那附旁周近最有找哪吃要想呢吗吧怎办我]")
_LEFT_END = re.compile(r"(?:^|[\s，。,.！!？?；;、]|[在住到去离从往回来近是和跟的我家里])$")
#: 南京路, 玉林中学's road: a longer name we do not know, not the place itself.
_ROAD = re.compile(r"[东南西北中]?[一二三四五]?(?:路|街|大道|巷|弄)(?!道)")

_LEAD = re.compile(r"^(?:我们?|俺|咱们?|人|家|现在|就|是|住|在|到|去|来|老家|位置|地址|嗯|哦|那个)+")
_TAIL = re.compile(
    r"(?:地铁站|地铁口|站|附近|那边|那里|那儿|那块|这边|这里|这儿|旁边|周边|周围|一带|边上|街上|"
    r"街道办事处|街道办|街道|社区居委会|居委会|社区|小区|片区|的|嘛|呢|吧|啊|哦|哈|噻|了){1,12}$"
)
_CUED = re.compile(
    r"(?:住在|住|在|到|去|靠近|离)(?P<after>[\u4e00-\u9fff]{2,10})|"
    r"(?P<before>[\u4e00-\u9fff]{2,10}?)(?:附近|那边|旁边|地铁站)"
)
_CUE = re.compile("[住在站]|附近|[那这旁周]边|一带|街道|社区")
_PUNCTUATION = re.compile(r"[\s，。,.！!？?；;、~～…]+")

#: Words for things that every city has; never near enough to a name.
_GENERIC = re.compile(
    "(?:馆|中心|医院|食堂|学校|公司|补贴|津贴|公寓|驿站|小区|农村|乡下|热线|[费证卡钱么吗呢几饭课房险]|多少|几天|几个|"
    "高新区|地方|政策|材料|[居村]委会|街坊)$"
)

#: Short answers that sound or look like some village's name.
_REPLIES = words(
    """
    不是 是的 没有 可以 好的 对的 谢谢 你好 您好 不用 不要 知道 不知道 不晓得 明白 什么 哪里 怎么 怎么办 多少
    家里 附近 继续 取消 重来 再见 返回 确定 本人 自己 父亲 母亲 老人 小孩 爸妈 妈妈 爸爸 不清楚 不清 清楚 有的
    没得 没事 好吧 再说 单身 已婚 离婚 本科 硕士 博士 专科 大专 高中 初中 小学 公司 单位 医院 食堂 学校 市区
    城里 农村 乡下 老家 城市 中国 市中心 早上 中午 晚上
    """
)


def is_named(text: str, start: int, end: int, strength: Strength, *, adjacent: bool) -> bool:
    """True if the name at ``text[start:end]`` is meant as a place; ``adjacent``: right behind another one."""
    name, before = text[start:end], text[:start]
    if stripped(text) == name:
        return True
    cue_before = bool(_BEFORE.search(before))
    cue_after = bool(_AFTER.match(text, end))
    if strength == "strong":
        return cue_after or len(name) > 2 or not is_road(text, end)
    if strength == "weak":
        return cue_after or (cue_before and bool(_END.match(text, end)))
    left_end = adjacent or bool(_LEFT_END.search(before))
    return (cue_after and left_end) or (cue_before and bool(_ORDINARY_END.match(text, end)))


def ends_well(text: str, end: int) -> bool:
    """True if what follows a name does not go on with a longer one."""
    return bool(_END.match(text, end) or _AFTER.match(text, end))


def is_road(text: str, end: int) -> bool:
    """True if the name goes on as a road's: 南京路 is not Nanjing."""
    return bool(_ROAD.match(text, end))


def is_other_kind(text: str, end: int) -> bool:
    """True if the name is said to be a street's or a station's."""
    return bool(_OTHER_KIND.match(text, end))


def stripped(text: str) -> str:
    """A short answer without "我住在", "附近", "那边" and punctuation around the name."""
    bare = _PUNCTUATION.sub("", text)
    return _TAIL.sub("", _LEAD.sub("", bare)) or bare


def pieces(text: str, asked: bool) -> list[str]:
    """The parts of ``text`` that plainly name a place: all of a short text, or what follows 住在."""
    bare = _PUNCTUATION.sub("", text)
    found = []
    core = stripped(text)
    # Two characters sound like too much else to be taken for a place without a word beside them.
    if len(bare) <= SHORT_TEXT and (len(core) >= 3 or asked or _CUE.search(bare)):
        found.append(core)
    for match in _CUED.finditer(text):
        piece = match.group("after") or match.group("before")
        cut = re.search("附近|那边|旁边|地铁站|这边|有没有|有|哪|找|的|想|要|怎|最近|近", piece)
        piece = _TAIL.sub("", piece[: cut.start()] if cut else piece)
        if len(piece) >= 3:
            found.append(piece)
    return [
        p for p in dict.fromkeys(found) if 2 <= len(p) <= SHORT_TEXT and p not in _REPLIES and not _GENERIC.search(p)
    ]


def cue_score(text: str, start: int, end: int) -> int:
    """How plainly the resident says that this is where they are."""
    score = 2 if re.search("(?:住|家)(?:在|是)?$", text[:start]) else 0
    return score + (1 if re.match("附近|旁边|那边|这边|周边|一带", text[end:]) else 0)
