"""Income: 一个月挣六千五 (of one person), 家里一年四五万 (of all), 年薪12万, 退休金三千."""

from __future__ import annotations

import re
from typing import Iterator, Optional

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.money import Money, scale
from bot.nlu.parsers.numbers import NUMERAL, Number, ends
from bot.nlu.parsers.spotting import Spotter

_CUE = Spotter(
    r"收入|加起来|合起来|税前|税后|工资|底薪|月薪|年薪|薪水|薪资|挣|赚|到手|进账|退休金|养老金|退休工资|社保金|月入"
    r"|年入|打工|开(?:给我|到|了)?(?=\d|[一二三四五六七八九十])|拿"
)
_STRONG = re.compile(r"挣|赚|到手|工资|月薪|年薪|薪水|退休金|养老金|拿")
_BEHIND = re.compile(
    r"(?:左右|上下|多|的|块钱?|元)?(?:一个?月|每个?月|一年|每年|/月|/年)?(?:的)?(?:收入|工资|退休金|养老金|月薪"
    r"|年薪|到手|薪水)(?!以)"
)
_NOT = re.compile(
    r"补贴|津贴|补助|低保金|标准|房租|租金|月租|租房|公积金|社保费|押金|房贷|补\Z|领\Z|奖|花|费|药|看病|存款|贷款"
    r"|扣|借|欠|学费|餐|饭|平均工资|最低工资"
)
_HOUSE = Spotter(
    r"家庭|全家|一家|我们家|咱家|我家|家里|屋头|两口子|夫妻|我俩|我们俩|咱俩|俩人|两个人|加起来|加一起|合起来|合计"
    r"|老两口|父母俩|一家人|双职工|我们两个|我和[^,，。]{1,4}(?:一共|加|两)|一家门|屋里厢"
    rf"|{NUMERAL}口(?:人|之家)|(?:家里|屋头|我们|总共|全部)有?{NUMERAL}个人"
)
#: 一家三口,我工资五千: what is said of one of them is not what all have.
_ONE_OF_THEM = re.compile(
    r"(?<!就)(?<!有)(?<!靠)(?:我|俺|他|她|老公|老婆|爱人|媳妇|老伴儿?|爸|妈|儿子|女儿)(?:自己|一个人|本人)?(?:的)?(?:每个?月|一个?月|每年|一年|现在|年|月)?(?:的)?"
    r"(?:工资|退休|养老金|收入|挣|赚|薪|月薪|年薪|拿)(?![^,，。]{0,6}(?:加起来|一共|合起来))"
)
#: 屋头四口人，每个月总共五千二: all of them, and nothing but the sum behind.
_ALL_TOGETHER = re.compile(
    r"(?:\A|(?<=[,，。;；\s]))(?:一个?月|每个?月|一年|每年|月|年|全部|家里)?(?:大概|差不多)?(?:总共|一共|拢共|合共|统共|共总|合到|总的)(?:一个?月|每个?月|一年|每年)?"
    r"(?:有|也就|就|才|只有|大概|差不多|是|得){0,3}\Z"
)
_PERSON = re.compile(r"人均")
_NONE = Spotter(
    r"(?:没有?|没得|莫得|无|冇|木有)(?:任何|啥子?|什么|固定|稳定)?(?:收入|工资|退休金|养老金|收入来源"
    r"|经济来源)(?!证明|要求|限制|线|标准)"
)
_LOOK = 22
_LIKELY_MONTH, _LIKELY_YEAR = 25_000, 40_000


def _window(text: str, start: int) -> str:
    """What was said before the sum in this sentence, commas included: 全家一起,一个月八千."""
    return re.split(r"[。;；!！?？\n]", text[max(0, start - _LOOK) : start])[-1]


def _period(money: Money) -> Optional[str]:
    if money.period:
        return money.period
    low, high = ends(money.value)
    number = low if low is not None else high or 0
    return "month" if number < _LIKELY_MONTH else "year" if number >= _LIKELY_YEAR else None


def _is_households(before: str) -> bool:
    """Whether the sum behind ``before`` is what all have together."""
    house = next(reversed(list(_HOUSE.finditer(before))), None)
    if house is None or re.search(r"家里(?:就|只有|靠)?我(?!们)[^,，。]{0,2}(?:收入|工资|退休)", before):
        return False
    one = _ONE_OF_THEM.search(before, house.end())
    return one is None or re.search(r"加起来|合起来|一共|总共|合计", before[one.start() :]) is not None


def _slug(household: bool, period: str) -> str:
    return f"household.income_{period}" if household else "person.income_year"


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about income. One person's monthly pay is given as the year's (× 12): that is the fact there is."""
    text = heard.text
    if not _CUE.search(text) and not _HOUSE.search(text):
        return
    for money in heard.sums:
        before = _window(text, money.start)
        behind = _BEHIND.match(text, money.end)
        cues = list(_CUE.finditer(before))
        last = cues[-1] if cues else None
        if last is None and _HOUSE.search(before) and money.period:
            last = _ALL_TOGETHER.search(before)
        if last is None and not behind:
            continue
        gap = before[last.end() :] if last else ""
        if last is not None and not behind and (_NOT.search(gap) or len(gap) > 14):
            continue
        if behind is None and last is not None and _NOT.search(before[max(0, last.start() - 3) : last.start()]):
            continue
        if _PERSON.search(before):
            continue
        period = _period(money)
        if period not in ("month", "year"):
            continue
        household = _is_households(before)
        value: Number = money.value
        if not household and period == "month":
            value = scale(value, 12)
        start = money.start - (len(before) - last.start() if last else 0)
        strong = bool(_STRONG.search(before[last.start() :] if last else (behind.group() if behind else "")))
        # 工资过万还能申请吗 asks of everybody who earns so; nobody knows his own pay as "more than".
        strong = strong and None not in ends(value)
        yield Candidate(
            _slug(household, period), value, start, behind.end() if behind and not last else money.end, strong=strong
        )
    for match in _NONE.finditer(text):
        household = bool(_HOUSE.search(_window(text, match.start())))
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate(
                "household.income_month" if household else "person.income_year", 0, match.start(), match.end()
            )
