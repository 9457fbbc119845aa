"""The household: 我俩带个娃 (3), 一家三口, 五口人, 单身, 独居, 低保户, 两个娃."""

from __future__ import annotations

import re
from itertools import islice
from typing import Iterator, Optional

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.numbers import ends, hedged, read_numeral, whole
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,2}|俩|仨)"
_CHILD = r"(?:娃儿|娃娃|娃|孩子|小孩子?|小孩儿?|宝宝|崽崽?|女儿|儿子|闺女|小朋友|囡囡|小囡|幺儿|孙子|孙女|外孙女|外孙)"
_ELDER = r"(?:老人|老的|老妈|老爸|妈|爸|婆婆|奶奶|爷爷|外婆|岳母|岳父|我妈|我爸|老母亲|母亲|父亲|老父亲)"
_PLUS = re.compile(
    rf"\A(?:还|,|，|又|再){{0,8}}(?:带着?|加上?|和|跟|养着?|有)(?P<n>{_N})?个?(?:小)?(?:{_CHILD}|{_ELDER})"
)

_MEMBERS = Spotter(
    rf"(?:(?:我们?家|我们?屋头|俺们?家|阿拉屋里厢?|屋里厢|一家门|家里|屋头|全家|一家|我们一家|家中|家庭人口|家庭|一大家子?|我家|户口本上|户口上|咱家)(?:里|老小|老老小小|上下|大小|老的小的|总共"
    rf"|一共|现在|就|有|是|共|才|人口|都|只有|拢共|也|,|，"
    rf"|:){{0,8}}(?:大概|差不多)?(?P<a>{_N})(?:个人|口人?|人|口子|个(?=[,，。\s]|\Z))(?!一间|住房困难)"
    rf"|(?<![\d第])(?P<b>{_N})口(?:之家|人)|(?P<c>{_N})个人(?:一起)?(?:住|生活|过|的家)|(?:我们|咱们|咱|我们家|我"
    rf"|就)(?:就)?(?P<d>俩|仨"
    rf"|{_N}个人?)(?:一起)?(?=[,，。\s]|\Z|住|过|租|相依))(?!一间)"
)
_COUPLE_WITH = Spotter(
    rf"(?:我俩|我们俩|咱俩|俺俩|夫妻(?:俩|二人|两个|两人)?|两口子|小两口|老两口|我(?:和|跟|与)(?:我)?(?:老公|老婆"
    rf"|爱人|媳妇|对象|妻子|丈夫)(?:俩|两个人|两个)?|俩人"
    rf"|两个人)(?:就|还|都|,|，|现在|一起|租房|在这边|一直|要|再){{0,8}}(?:带着?|养着?|有|拖着?"
    rf"|加上?)(?:了)?(?P<n>{_N})?个?(?:小)?(?:的)?{_CHILD}"
)
_ALONE_WITH = Spotter(
    rf"(?:我(?:自己)?一个人|单亲(?:妈妈|爸爸)?|离异|离了?婚(?:了|后)?|丧偶(?:后)?|我自己|一个人)(?:还|,|，|就|要){{0,8}}(?:带着?|养着?"
    rf"|拉扯)(?:了)?(?P<n>{_N})?个?(?:小)?{_CHILD}"
)
_COUPLE = Spotter(
    r"(?:就|只有|才)?(?:我俩|我们俩|老两口|小两口|夫妻俩|我(?:和|跟)(?:我)?(?:老公|老婆|爱人|老伴儿?|媳妇|我妈|妈"
    r"|我爸|老妈)(?:俩|两个)?)(?:一起)?(?:两个人|两口人|两人"
    r"|俩|住|过|生活|相依为命)|(?:我们|就|家里|屋头)(?:就|只有|是)?(?:小|老)?两口子?(?=[,，。\s]|\Z)"
    r"|(?:就|只)(?:有|剩)?(?:下)?我(?:和|跟|与)(?:我|俺)?(?:妈|爸|老伴儿?|老公|老婆|爱人|儿子|女儿|娃儿?|孩子|奶奶|爷爷|外婆)(?:俩|两个人?)?(?:了)?(?=[,，。\s]|\Z)"
)
_ALONE = Spotter(
    r"(?:单身(?:汉|狗|的)?|未婚|没结婚|没成家|离异|离了婚|丧偶|光棍)(?:就|还是|也是|我)?(?:一个人|独自一人|1个人)(?=[,，。\s住过的]|\Z)|(?:就|只有|只剩|剩)(?:我|她|他|我妈|我爸|老人|老妈)?(?:自己)?一个人(?:了|住|生活|过)?|(?:我|她|他|我妈|我爸"
    r"|老妈|老人|妈|爸|奶奶|爷爷|外婆)?(?:自己|现在"
    r"|一直)?一个人(?:住|过|生活|租房)|独居|孤寡|一人户|单人户|我一人户"
)
#: 母子俩, 祖孙三个, 我们娘儿仨: kin that are counted together.
_KIN = Spotter(
    r"(?P<own>(?:家里|家头|屋头|就|只有|我们?|俺们?|阿拉|咱们?|剩)(?:就|只有|只剩|是)?)?"
    r"(?:祖孙|爷孙|婆孙|母子|母女|父子|父女|娘儿|娘母|娘|爷儿|(?<!大)爷|婆媳)"
    rf"(?:总共|一共|就|是)?(?P<n>俩|仨|{_N}(?=个|口|人))(?:个人|口人|口|个|人)?(?![\d一二三四五六七八九十]|代|岁|年|个?月|家|个?[小娃孩])"
)
_TWO_AT_HOME = re.compile(r"(?:和|跟|与)[^,，。]{1,6}\Z")
_SINGLE = Spotter(
    r"单身(?!公寓|宿舍)|未婚|没结婚|还没结婚|没对象|没成家|单身狗|离异单身|离婚了|丧偶|一个人申请|光棍|(?:(?<=[,，。\s])|\A)(?:我|我们|俺)?(?:早就?|已经|都|也|去年|前年|今年|前几年){0,4}离(?:了|脱了|咯)(?:婚)?(?=[,，。\s]|\Z)"
)
_NOT_SINGLE = Spotter(
    r"(?<!没)(?<!未)(?:已婚|结了婚|结婚了|已经结婚|成家了|已成家|(?:结婚证(?:早就?|都|也|已经|刚){0,4}(?:扯|领|打|拿|办)|(?<![\u4e00-\u9fff])证(?:早就?|都|也|已经|刚){0,4}(?:扯|领))(?:了|过)(?!吗|没|不)|扯了?(?:结婚)?证了?|(?<!没)(?<!没有)(?:领|打|办)了?结婚证了?|结婚\d年|结婚[一二三四五六七八九十两]年)|不是单身"
)
_CATEGORY = Spotter(
    r"(?P<low_income_margin>低保边缘(?:户|家庭)?|低边户?|低保边缘人口)|(?P<low_income>低保户|低保家庭|低保对象"
    r"|低保人员|吃(?:着|的是|了)?低保|拿(?:着|了"
    r"|的是)?低保|领(?:着|了)?低保|有低保|享受(?:了|着)?低保|是低保|低保(?:已经|也|都|刚|才){0,8}(?:批了|批下来了?|批准了|办下来了?|评上了?|评到了?|办好了)|(?:(?<![\u4e00-\u9fff])|(?<=[我妈爸们家奶爷婆公爹娘岁了十一二三四五六七八九\d]))低保(?=[,，。\s]|\Z))(?!边)"
    r"|(?P<extreme_poverty>特困(?:供养)?(?:人员|户|供养|老人|家庭)|五保户?|是特困)"
    r"|(?P<rigid_expense>刚性支出(?:困难)?(?:家庭|户)?|支出型困难(?:家庭)?"
    r"|支出型贫困)|(?P<severe_disability_no_job>重残无业(?:人员)?)"
    r"|(?P<none>(?:就是)?(?:普通|一般|正常)(?:家庭|人家)|不是困难家庭|不是困难户)"
)
_NOT_CATEGORY = re.compile(
    r"(?:不是|不算|没有?|没得|想|要|申请|办|怎么|能|不能|可以|没|未|评不上|够不上|评)(?:吃|办|申请|评|领|上|当|成"
    r"|拿|享受)?\Z"
)
_TWO_CHILDREN = Spotter(
    r"(?:有|带|养|生了|家里|我们|俩|两口子|还有|拉扯)(?:着|了|有)?(?P<n>两|俩|2|三|仨|3|四|4)个?(?:小|未成年的?"
    r"|年幼的?|上学的?|上小学的?){0,8}(?:娃儿|娃娃|娃"
    r"|小孩子?|小朋友|宝宝|崽|孩子(?=都?(?:还小|在?上|在?读|没成年|未成年|都小)))|(?:两个|俩|三个)(?:未成年"
    r"|小)(?:的)?(?:孩子|子女|儿女|娃)|(?:刚生|生了|有"
    r"|家里有)(?:了|个)?(?:二宝|二胎|老二|三胎|三宝|二娃|二孩)"
)
#: 两个娃，大的上初中: grown-up children are counted no more, so how old they are must be said.
_STILL_YOUNG = Spotter(
    r"(?:两|俩|三|2|3|四)个?(?:小|细)?(?:娃儿|娃娃|娃|孩子|小孩子?|崽)[,，]?(?:大的|老大|小的|老二|一个|都|最小的)(?:个)?(?:还|才|刚|也|都|在|就)*"
    r"(?:(?:上|读|念|在)(?:小学|初中|高中|初[一二三]|高[一二三]|幼儿园|托班|[一二三四五六]年级)|小得很|没成年|未成年|(?:[1-9]|1[0-7]|[一二两三四五六七八九]|十[一二三四五六七]?)岁)"
)
_ONE_CHILD = Spotter(
    rf"(?:只有|就|只生了?|就生了?|只|才)(?:有)?(?:一|1)个(?:独)?{_CHILD}|独生子女(?:家庭)?|独生(?:儿子|女儿|子|女)"
    rf"|就一个{_CHILD}"
)


#: More than one message tells of; keeps what is compared with each other small.
_MOST_HOUSEHOLDS = 10


def _count(word: Optional[str]) -> Optional[int]:
    if not word:
        return 1
    value = read_numeral(word)
    return value if isinstance(value, int) else None


def _with_more(text: str, end: int, size: int) -> tuple[int, int]:
    """一家三口加个老人: (new size, new end)."""
    more = _PLUS.match(text[end : end + 14])
    if more:
        count = _count(more["n"])
        if count is not None:
            return size + count, end + more.end()
    return size, end


def _sizes(text: str) -> Iterator[Candidate]:
    slug = "household.size"
    taken: list[tuple[int, int]] = []
    for pattern, base in ((_COUPLE_WITH, 2), (_ALONE_WITH, 1)):
        for match in pattern.finditer(text):
            count = _count(match["n"])
            if count is None or count > 9 or any(a < match.end() and match.start() < b for a, b in taken):
                continue
            if re.match(r"(?:去|来|看|出去|上学|回|到)", text[match.end() : match.end() + 1]):
                continue
            size, end = _with_more(text, match.end(), base + count)
            taken.append((match.start(), end))
            yield Candidate(slug, size, match.start(), end, strong=True)
    for match in _MEMBERS.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        word = (match["a"] or match["b"] or match["c"] or match["d"]).rstrip("人").rstrip("个")
        read = hedged(word)
        if isinstance(read, Range):
            value = whole(*ends(read))
            if value is None:
                continue
            taken.append(match.span())
            yield Candidate(slug, value, match.start(), match.end(), strong=True)
        elif isinstance(read, int) and 1 <= read <= 20:
            size, end = _with_more(text, match.end(), read)
            taken.append((match.start(), end))
            yield Candidate(slug, size, match.start(), end, strong="之家" not in match.group())
    for match in islice(_KIN.finditer(text), _MOST_HOUSEHOLDS):
        count = _count(match["n"])
        if count is not None and 2 <= count <= 9 and not any(a < match.end() and match.start() < b for a, b in taken):
            taken.append(match.span())
            yield Candidate(slug, count, match.start(), match.end(), strong=bool(match["own"]))
    for match in _COUPLE.finditer(text):
        if not any(a < match.end() and match.start() < b for a, b in taken):
            taken.append(match.span())
            yield Candidate(slug, 2, match.start(), match.end(), strong=True)
    for match in _ALONE.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in taken) or _TWO_AT_HOME.search(
            text[max(0, match.start() - 7) : match.start()]
        ):
            continue
        if re.match(r"(?:带|养|挣|上班|能|可以|申请)", text[match.end() : match.end() + 2]):
            continue
        own = not match.group().startswith(("独居", "孤寡", "一人户", "单人户"))
        yield Candidate(slug, 1, match.start(), match.end(), strong=own and "家" not in match.group())


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about the household's size, status and kind."""
    text = heard.text
    yield from _sizes(text)
    for match in _NOT_SINGLE.finditer(text):
        yield Candidate("household.single", False, match.start(), match.end())
    for match in _SINGLE.finditer(text):
        if text[max(0, match.start() - 2) : match.start()] != "不是":
            yield Candidate("household.single", True, match.start(), match.end())
    for match in _CATEGORY.finditer(text):
        kind = match.lastgroup or ""
        before = text[max(0, match.start() - 4) : match.start()]
        if kind != "none" and _NOT_CATEGORY.search(before):
            continue
        yield Candidate(
            "household.category",
            kind,
            match.start(),
            match.end(),
            strong=match.group().startswith(("吃着", "拿着", "领着", "吃了")),
        )
    for match in _ONE_CHILD.finditer(text):
        yield Candidate("household.minor_multi_child", False, match.start(), match.end())
    for match in _STILL_YOUNG.finditer(text):
        yield Candidate("household.minor_multi_child", True, match.start(), match.end(), strong=True)
    for match in _TWO_CHILDREN.finditer(text):
        yield Candidate("household.minor_multi_child", True, match.start(), match.end(), strong=True)
