"""Tells a stated condition from one that is asked about or only supposed.

"我有房能申请吗" states that I own a home; "有房能申请吗", "要有社保吗", "80岁以上才能领吗", "如果没房" do not.
"""

from __future__ import annotations

import re
from typing import Optional

from bot.nlu.parsers.found import Candidate
from bot.nlu.parsers.people import Mention

_SPLIT = re.compile(r"[,，。;；!！?？\n ]+")
_SUPPOSED = re.compile(
    r"如果|要是|假如|假设|倘若|万一|假使|若是|要不是|哪怕|即使|就算|倘使|比如|譬如|例如|只要|除非|凡是|不管|无论|谁要"
)
_NEEDED = re.compile(
    r"(?:有没有|有无|有没得|有莫得|是不是|是否|是不|要不要|用不用|需不需要|必须|必需|须|需要|(?<![急])需"
    r"|(?<!主)(?<!快)(?<!只)(?<!就)(?<!重)(?<!还)(?<!不)要(?!得)"
    r"|(?<![觉晓记值懂显变使获取认来舍没莫冇挣])得|要求|只有|只限|限于|限|针对|面向|非要|一定|规定|算不算|属不属于"
    r"|满没满|够不够|多少岁|没有?(?=交|办|签|买|上|领|备))"
    r"(?:要|有|是|得|满|交|办|持|具备|具有|达到|年满|属于|在|签|缴|买|拿|先|个|都|非|我们?|本人|自己|这种|做|到|够"
    r"|的|跟|和|公司|单位|连续|本地|人|先办|提供|凭){0,8}\Z"
)
_THEN = re.compile(
    r"\A(?:了|的)?(?:人|话|老人)?(?:的话|就能|就可以|才|以前|之前|以后|之后|前出|后出|起)|\A[^,，]{0,5}?才(?:能"
    r"|可以|行|有|给|发|免|算|得行|够|会|享受|好|准)"
)
_ASKED_ITSELF = re.compile(
    r"\A(?:了|的|啦|过|着|起|好|到|家庭|户|老人|人|证|费|这种|情况|算|这个|是|保险|合同|备案|登记|户口|住房){0,8}"
    r"(?:吗|么|没有?|不|莫得|没得|不是|没呢|没啊|呀\?|是吧|对吧|算不算|没得哦|没|不嘛|不咯|与否|是不是)?[?？]?\Z"
)
_TAIL_MARK = re.compile(r"(?:吗|么|没有?|不|莫得|没得|对吧|与否|是不是|算不算|没呢|没啊)[?？]?\Z|[?？]\Z")
_GROUP = re.compile(
    r"\A(?:周岁|岁)?(?:及以上|以上|及以下|以下|以内|之间)|\A(?:的)?(?:老年人|老人|老头|老太|老年朋友|人群|人员|高龄"
    r"|低龄|群体|青年|毕业生们|毕业生(?![,，。了]|\Z)|学历的人"
    r"|儿童|幼儿|孩子|小孩|婴幼儿|宝宝|人才|家庭|居民|市民|职工|女性|男性|的人|学生|者)"
)
_WITHIN = re.compile(r"以上|以下|以内|及以上|及以下|开外|之间")
_QUESTION = re.compile(
    r"[?？]|吗|么\Z|咨询|请问|想问|问一下|问下|打听|想了解|想知道|能不能|可不可以|可以不|能不|得不得行|行不行|行不"
    r"|中不中|有没有|有没得|有莫得|有无|多少|好多(?![年个人了])"
    r"|(?<![十好有来了])几(?=[岁个号点年级次天块])|怎么|怎样|咋|啥|什么|哪|如何|是不是|是否|能否|可否"
    r"|要不要|用不用|需不需|呢\Z|[能行领办报享用可以着补得]\w?不\Z|多大|多久|多长|谁|够不够|算不算|够格|给不给"
    r"|发不发|补不补|符合|有资格|条件\Z|材料\Z|标准\Z|流程\Z|电话\Z|政策\Z|手续\Z"
    r"|(?:能|可以|可|好)(?:不可以)?(?:继续|再|直接|也)?(?:申请|申领|领|办|享受|租|进|报|吃|打折|住|拿|补|买|算|免"
    r"|入|用|参加)"
)
_HEARSAY = re.compile(
    r"听说|据说|人家说|别人说|他们说|社区说|网上说|通知说|上面写|政策说|政策写|规定|文件|要求|新闻|都说|说是要|中介说"
)
_TOPIC = re.compile(
    r"补贴|津贴|政策|标准|条件|待遇|公寓|驿站|打折|打几折|优惠|流程|怎么|申领|申请|食堂|助餐|助老|养老院|护理|扣除"
    r"|(?<![住在着是的])(?:公租|廉租|保租房)|补助|救助|机构|材料|电话|服务"
)


class Clauses:
    """The clauses of one message, each with what it is: a question, hearsay, a heading."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[tuple[int, int]] = []
        start = 0
        for match in _SPLIT.finditer(text):
            mark = match.group().strip()
            end = match.start() + (1 if mark[:1] in ("?", "？") and mark else 0)
            if match.start() > start:
                self.spans.append((start, end))
            start = match.end()
        if start < len(text):
            self.spans.append((start, len(text)))
        self._question: dict[int, bool] = {}
        self._at = 0

    def of(self, position: int) -> tuple[int, int]:
        """The clause that holds ``position`` (the whole text where none does). Ask in rising order: then it is fast."""
        if self._at >= len(self.spans) or self.spans[self._at][0] > position:
            self._at = 0
        for index in range(self._at, len(self.spans)):
            start, end = self.spans[index]
            if start <= position < end:
                self._at = index
                return start, end
        return 0, len(self.text)

    def is_question(self, start: int, end: int) -> bool:
        """Whether the clause asks something."""
        if start not in self._question:
            self._question[start] = _QUESTION.search(self.text, start, end) is not None
        return self._question[start]


def is_asked(found: Candidate, clauses: Clauses, *, anchor: Optional[Mention], told_before: bool) -> bool:
    """Whether ``found`` is asked or supposed instead of stated.

    ``anchor`` is the person named before it in its clause (or right behind it), ``told_before`` says that an
    earlier part of the message has already stated something, so that what follows continues it.
    """
    text = clauses.text
    start, end = clauses.of(found.start)
    end = max(end, found.end)
    before, after = text[max(start, found.start - 40) : found.start], text[found.end : min(end, found.end + 40)]
    if _SUPPOSED.search(before) or _NEEDED.search(before) or _THEN.match(after):
        return True
    if _TAIL_MARK.search(after) and _ASKED_ITSELF.match(after):
        return True
    own = anchor is not None
    question = clauses.is_question(start, end)
    if _GROUP.match(after) or _WITHIN.search(text, found.start, found.end):
        return not own or (question and bool(_WITHIN.search(text, found.start, min(end, found.end + 3))))
    if own or found.strong:
        return False
    if question:
        return not told_before
    if _HEARSAY.search(text, start, end):
        return True
    return not told_before and bool(_TOPIC.search(text, start, found.start) or _TOPIC.search(text, found.end, end))
