"""Education and graduation: 本科, 硕士, 大专学历, 毕业两年, 应届, 23年毕业."""

from __future__ import annotations

import datetime as dt
import re
from typing import Iterator, Optional, Union

from bot.nlu.parsers.dates import find_dates, span_of
from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.numbers import ends, whole
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

_STUDYING = re.compile(
    r"在读|读书|还没毕业|没毕业|大[一二三四](?=[,，。\s在的]|\Z)|研[一二三](?=[,，。\s在的]|\Z)|正在读|在念|还在读"
    r"|准备考|想考|考研|考博|备考|报考|要考"
)
_HIGH = Spotter(
    r"(?P<doctor>博士后?|博士研究生|读博毕业)|(?P<master>硕士研究生|硕士|研究生|双硕士|MBA|mba)|(?P<bachelor>专升本"
    r"|大学本科|全日制本科|本科|(?<!本科[（(])学士|(?:一本|二本"
    r"|三本|211|985|双一流)(?:大学|院校|学校)?(?=毕业|的?学历|文凭|的(?=[,，。\s]|\Z)))"
    r"|(?P<college>大专|专科|高职|高专)|(?P<below>(?:没(?:有)?(?:上|读|念)过(?:大学|书|啥书)|没得文化|没(?:有)?文化"
    r"|文盲|不识字))"
)
_LOW = Spotter(
    r"(?P<word>高中|中专|初中|小学|技校|职高|中技)(?:都没|都|就|还|也)?(?:没有?(?:毕业|读完|念完|上完|读毕业)|肄业|辍学|毕业|学历|文化|水平|程度)|(?:没有?|没能)(?:读|念|上)完(?P<word3>高中|中专|初中|小学|技校|职高)|(?:只有|就是|只读了|只读到"
    r"|只念到|读到|念到|读完|念完|学历是?|文化程度是?|学历就|读了个"
    r"|只读过|是)(?P<word2>高中|中专|初中|小学|技校|职高|中技)(?!老师|的老师|门口|附近|学区|家长|教师|对面|旁边|校)"
)
_OTHERS = re.compile(r"(?:学校|院校|招|招聘|读|上|念|进|(?<!自)(?<!成)考|的老师|导师|老师|岗位)\Z")
_NOT = re.compile(r"(?:不是|没有?|(?<!双)非|并非|没得|莫得|没读过?|没上过?|没念过?|不到|未到)(?:全日制)?\Z")
#: 硕士我能领不: the speaker says it of himself. (硕士我们学校多 does not.)
_SPEAKER = re.compile(
    r"(?:生|毕业|学历|毕业生)?(?:的)?(?:(?:租房|租赁|人才|住房)?(?:补贴|津贴|公寓))?(?:我|俺|咱|本人)(?!们|家|妈|爸|儿|女|老|哥|弟|姐|妹|爱"
    r"|朋|同|侄|孙|外|婆|爷|奶|想问|问|看|听)"
)
#: 那租房补贴硕士我能领不: the benefit may be named first.
_LEAD = re.compile(r"\A(?:那|那么|请问)?(?:租房|租赁|人才|住房)?(?:补贴|津贴|公寓)?")
#: 本科去年毕业, 硕士23年毕的业, 硕士刚毕业: a day makes it somebody's own.
_GRADUATED_THEN = re.compile(
    r"(?:学历)?[,，]?(?:是)?(?:今年|去年|前年|上个?月|(?:20)?[0-2]\d年)[^,，。]{0,4}毕(?:业|的业)(?!生)"
    r"|(?:刚刚?|才刚?)毕业(?!生|的)"
)
_GRADUATED = re.compile(r"毕业(?:了|也|都|已经|有|才|快|到现在|至今|满|差不多){0,8}\Z|毕业证(?:拿了|领了)?\Z")
_YEAR_OF = re.compile(
    r"(?:从[^,，。\s]{1,8}|[^,，。\s]{0,6}(?:大学|学院|本科|硕士|博士|大专|研究生))?(?:份|的时候|才|刚刚?|就"
    r"|的)?(?:毕业|毕的业|拿的毕业证|拿到毕业证)"
)
_CLASS_OF = Spotter(
    r"(?<!\d)(?P<year>20\d\d|[0-2]\d)届(?:的)?(?:毕业生|毕业|本科|硕士|博士|大专|研究生)?(?!政府|人大)"
)
_FRESH = Spotter(
    r"(?<!往)应届(?:毕业生?|生|硕士|本科|博士|大专|研究生)?|刚刚?(?:从[^,，。\s]{1,6})?(?:大学|本科|硕士|研究生"
    r"|博士|大专)?毕业|才毕业|今年(?:刚|才|六月|夏天|7月|6月"
    r"|七月)?(?:本科|硕士|研究生|博士|大专|大学)?毕业"
)
_NOT_FRESH = Spotter(r"(?:不是|不算|已经不是|非|早就不是)应届(?:生|毕业生)?|往届(?:生|毕业生)?")
_NEW = Spotter(
    r"(?:新|刚|今年)引进[^,，。\s]{0,8}(?:应届|毕业生)"
    r"|(?:新|刚|今年)(?:刚|才)?(?:被)?引进[^,，。\s]{0,8}[,，\s](?:我)?(?:是)?(?:全日制)?(?:的)?(?:应届|毕业生)"
    r"|全日制(?:的)?应届(?:毕业生|生)?[,，\s]?(?:今年|新|刚)(?:刚|才)?引进"
)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about education and graduation."""
    text = heard.text
    yield from _education(heard)
    if "毕" in text or "届" in text:
        yield from _graduation(heard)


def _education(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    for match in _HIGH.finditer(text):
        before, after = heard.clause(match.start(), match.end())
        if (
            _STUDYING.search(before[-4:])
            or _STUDYING.match(after[:5])
            or after.startswith(("在校", "考试", "录取", "导师", "招生", "岗位", "期间", "学校", "点"))
        ):
            continue
        if _NOT.search(before):
            continue
        if _OTHERS.search(before) and not re.match(r"毕业|出来|的?学历|完", after):
            continue
        level = {"below": "below_college"}.get(match.lastgroup or "", match.lastgroup or "")
        graduate = after.startswith(("毕业", "学历")) and not after.startswith("毕业生")
        yield Candidate(
            "person.education",
            level,
            match.start(),
            match.end(),
            strong=level == "below_college"
            or (graduate and "了" in after[:8])
            or _GRADUATED_THEN.match(after) is not None
            or (_SPEAKER.match(after) is not None and not re.search(r"[一-鿿]", _LEAD.sub("", before))),
        )
    for match in _LOW.finditer(text):
        before, after = heard.clause(match.start(), match.end())
        if not _NOT.search(before) and not re.match(r"报名|入学|学位|招生|以上|及以上", after):
            yield Candidate("person.education", "below_college", match.start(), match.end())


def _years(months: Union[int, Range]) -> Optional[Union[int, Range]]:
    if isinstance(months, Range):
        low, high = ends(months)
        return whole(int(low or 0) // 12, None if high is None else int(high) // 12)
    return months // 12


def _since(first: dt.date, last: dt.date, today: dt.date) -> Optional[Union[int, Range]]:
    """Full years from a graduation between two days to today."""
    if first > today:
        return None

    def full(day: dt.date) -> int:
        return max(0, today.year - day.year - ((today.month, today.day) < (day.month, day.day)))

    return whole(full(min(last, today)), full(first))


def _graduation(heard: Heard) -> Iterator[Candidate]:
    text, today = heard.text, heard.today
    slug = "person.years_since_graduation"
    for duration in heard.durations:
        before = _GRADUATED.search(text[max(0, duration.start - 12) : duration.start])
        if before and not re.match(r"(?:之内|以内|内|以后|之后|后)", text[duration.end : duration.end + 2]):
            value = _years(duration.months)
            if value is not None:
                own = "了" in text[duration.start : duration.end + 1] or "了" in before.group()
                yield Candidate(slug, value, duration.start - len(before.group()), duration.end, strong=own)
    for found in find_dates(text, today=today):
        behind = _YEAR_OF.match(text, found.end)
        if (
            behind
            and not text.startswith(("生去", "前", "以前", "之前", "后", "以后"), behind.end())
            and "年" in text[found.start : found.end]
        ):
            value = _since(*span_of(found.value), today)
            if value is not None:
                yield Candidate(slug, value, found.start, behind.end(), strong=not text.startswith("生", behind.end()))
    for match in _CLASS_OF.finditer(text):
        year = int(match["year"]) if len(match["year"]) == 4 else 2000 + int(match["year"])
        value = _since(dt.date(year, 6, 1), dt.date(year, 7, 31), today)
        if value is not None:
            yield Candidate(slug, value, match.start(), match.end())
    for match in _NOT_FRESH.finditer(text):
        yield Candidate("person.newly_recruited_graduate", False, match.start(), match.end())
    refused = [match.span() for match in _NOT_FRESH.finditer(text)]
    for match in _FRESH.finditer(text):
        if any(start <= match.start() < end for start, end in refused) or re.match(
            r"没多久|不久", text[match.end() : match.end() + 3]
        ):
            continue
        if not any(d.start - match.end() in (0, 1) for d in heard.durations):
            yield Candidate(slug, 0, match.start(), match.end())
    for match in _NEW.finditer(text):
        yield Candidate("person.newly_recruited_graduate", True, match.start(), match.end())
