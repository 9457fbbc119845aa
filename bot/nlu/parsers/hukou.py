"""Household registration and living here: 外地户口, 郫都的, 成都户口, 农村户口, 居住证, 在这边住了三年, 积分."""

from __future__ import annotations

import re
from typing import Iterator, Optional

from bot.nlu.parsers.dates import find_dates, span_of
from bot.nlu.parsers.durations import months_since, of_another_year
from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.numbers import NUMERAL, between, read_numeral
from bot.nlu.parsers.places import place_at, place_before
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

#: Special values of person.hukou_city; the caller, who knows the city, resolves them.
LOCAL, ELSEWHERE = "local", "elsewhere"

_NO = r"(?:不是|不属于|没有?|没得|莫得|并非|还没有?|非|无|不算|算不上|哪(?:里)?(?:是|算)|未)"
_ELSEWHERE = Spotter(
    r"外地(?:的)?(?:户口|户籍|农村户口|城镇户口|农业户口|人|来的)|外省(?:的)?(?:户口|户籍|人|来的)?|外来(?:人口"
    r"|务工|户口)|外市(?:户口|户籍|的|人)|异地户口|(?:户口"
    r"|户籍)(?:还|都|也)?(?:是|在)?(?:外地|外省|老家|乡下老家|别的(?:城市|地方))"
    r"|老家(?:的)?户口|(?:户口|户籍)(?:都|还|也)?(?:还)?(?:没有?|未)(?:迁|转|落)(?:过来|过到|到|来"
    r"|过)?(?=[,，。\s了]|\Z)|(?:户口|户籍)(?:都|还"
    r"|也)?(?:不在|没在|没迁|还没迁|没转|没落|不是)(?:这|本地|本市|成都|上海|南京|苏州|保定|当地|这边|这里|过来"
    r"|到这)[边里儿市]?|非本[地市](?:户口|户籍)|非[沪京川蓉宁]籍"
    r"|(?:新市民)(?!服务|中心|卡)"
    rf"|{_NO}(?:本地|本市|当地|这边的?|这里的?|沪|上海|成都|南京|苏州|保定)(?:市)?(?:的)?(?:户口|户籍|人(?!民|社|才"
    rf"|工|力|家|均))|外地(?=,|，|。|\s|\Z)(?<=是外地)|(?<![去在到往])外地的(?=[,，。\s]|\Z)"
)
_LOCAL = Spotter(
    r"(?<!非)(?<!不是)(?:本地|本市|当地|咱这儿?的?|这边的?|这里的?)(?:的)?(?:农村|城镇|城市|居民|农业|常住)?(?:户口"
    r"|户籍|户籍人口)"
    r"|(?<!不是)(?<!不算)(?<!找)本地人(?!才|均|社|力|家里)|(?:户口|户籍)(?:也|都|就|还)?(?:是|在)(?:本地|本市|这边"
    r"|这里|当地|这儿)(?:的)?"
    r"|(?<!不是)(?<!非)沪籍|老成都人?|老上海人?|老南京人?"
)
_WORD = Spotter(r"(?:农村|农业|城镇|城市|居民|非农|集体|常住|的){0,8}(?:户口本?|户籍|籍贯)")
_BEHIND = Spotter(
    r"(?:户口本?|户籍)(?:也|都|就|还|现在|一直|早就|已经){0,8}(?:是|在|迁到了?|迁来了?|迁进了?|落在了?|落到了?|转到了?|上到了?|落户在?|属于"
    r"|:)?(?:的)?"
)
#: 户口在绵阳农村, 户口是达州乡下的
_VILLAGE = re.compile(r"(?:市|县|那边|下面|底下|的)?(?:农村|乡下|乡里|村里|村上|农业)(?!信用|商业)的?")
_STAYS = re.compile(r"(?:这边|那边)?(?:上班|工作|打工|租|住|生活|读书|上学|找|做|干)")
_FROM = Spotter(r"是|来自")
# 是郫都的, 是绵阳人; 公司是成都的 says nothing of a person.
_OF_THERE = re.compile(r"的(?=[,，。;；!！\s了能可呢我]|户口|\Z)|人(?!才|社|民)")
_NOT_PERSONS = ("不", "说", "就", "房", "保", "司")
_MY_PLACE = Spotter(r"(?<=[我妈爸们家公婆])(?=[\u4e00-\u9fff]{2,4}(?:区|县)?的(?:[,，。\s]|\Z))")
_NEGATION = re.compile(rf"{_NO}(?:我们?)?\Z")
_RURAL = Spotter(
    r"农村(?:的)?(?:户口|户籍)|农业(?:户口|户籍)|农村的(?=[,，。\s]|\Z)|农民户口|乡下户口|农村人(?!口|才)|(?:户口"
    r"|户籍)(?:本)?(?:是|还是|性质是?|在|还在|都在|都是"
    r"|也是|也在)?(?:农村|农业|农民|乡下)(?:里|的)?|农户(?=[,，。\s]|\Z)"
)
_URBAN = Spotter(
    r"城镇(?:的)?(?:户口|户籍|居民户口|居民)(?!医保|养老|医疗)|城市(?:的)?(?:户口|户籍)|城里(?:的)?户口"
    r"|非农(?:业)?(?:户口|户籍)?|居民户口|(?:户口|户籍)(?:是"
    r"|性质是?)?(?:城镇|城市|非农)(?:的)?"
)
_PERMIT_NO = Spotter(
    r"(?:没有?|没得|莫得|无|还没有?|还未|未|从来没|一直没)(?:去)?(?:办|办过|办理|领|拿到?|持有"
    r"|申请)?(?:过)?(?:这边的?|本地的?|成都的?|上海的?|个)?居住证|居住证(?:我|也"
    r"|都|还|一直|从来|现在){0,8}(?:没有?|没得|莫得|未|过期了?|到期了?|没办)(?:办|拿|领|下来)?"
)
_PERMIT_YES = Spotter(
    r"(?<!没)(?<!没有)(?:有|办了|办好了?|办过|办到了|拿到了?|持有|领了|刚办了?|办得有|申请到了?|持)(?:这边的?"
    r"|本地的?|成都的?|上海的?|一?个|一?张|了|着"
    r"|市){0,8}居住证(?!积分)|居住证(?:我|也|都|早就|已经|是|倒|刚|也有|上周|上个?月|去年|今年|前年|前几天){0,8}(?:有的?|办了|办好了?|办下来了?"
    r"|拿到了?|下来了|办过|在手)"
)
_PERMIT_SINCE = re.compile(
    r"居住证(?:已经|都|也|我|办理|持有){0,8}(?:办了|办|满|拿了|有了|持有|领了|满了)(?:有)?\Z|(?:办了|办|拿了"
    r"|持有?)居住证(?:已经|都|有|满){0,8}\Z"
)
_POINTS = Spotter(
    rf"积分(?:我|现在|一共|总共|大概|是|有|够|到了?|满|已经|才|只有"
    rf"|差不多){{0,8}}(?P<num>{NUMERAL})分?(?![年月天岁元块])|(?P<num2>{NUMERAL})(?:个)?积分"
)
_HERE = r"(?:这边|这里|这儿|本地|当地|此地|这个城市|这座城|这|蓉|沪|成都|上海|南京|苏州|保定|杨浦)"
_LIVES = Spotter(
    rf"常住(?:在)?{_HERE}|(?:一直|长期|平时|平常|现在|常年|从小|都)(?:就|都|也)?(?:是)?住(?:在)?{_HERE}|(?:一直"
    rf"|长期|平时|常年|从小)(?:就"
    rf"|都)?在{_HERE}(?:这边)?(?:住|生活)|住{_HERE}(?=[,，。\s]|\Z)|住在(?:这边|这里|这儿|本地|当地)"
)
_LIVES_NOT = Spotter(
    rf"(?:不|没有?)(?:常|怎么)?(?:住在|住){_HERE}(?!户口)|(?:不|没有?)(?:常)?在{_HERE}(?:这边)?(?:住|生活)|(?:平时"
    rf"|一直|长期|现在|常年)(?:都"
    rf"|就)?(?:住|生活)?在(?:外地|国外|老家|外省|乡下)(?:住|生活)?"
)
_STAY = re.compile(
    rf"(?:(?:在|来|到){_HERE}(?:市|这边|这里)?(?:已经|都|差不多|有|也|就)?(?:住|生活|呆|待|居住|打工|做生活|做事|上班|工作"
    rf"|定居)?(?:了|满|过)?(?:有|已经|快要|才|刚)?|(?:住|居住"
    rf"|(?:跟|和|同)(?:着)?(?:我们?|儿子|女儿|闺女|孩子)(?:一起)?住(?:在)?{_HERE}(?:这边)?(?:已经|都|有|快)?|住{_HERE}(?:这边)?(?:已经|都|有|快)?"
    rf"|租住|搬来|搬到这边?|住这儿|住在{_HERE})(?:了|满|过)?(?:有)?)\Z"
)
#: 去年九月来的成都
_CAME_THEN = re.compile(
    rf"(?:份)?(?:就|才|刚)?(?:来|到|搬来|搬到|搬过来|过来)(?P<told>的|了)?{_HERE}(?P<told2>的)?(?!出差|玩|旅|看|治)"
)
_NEW_HERE = Spotter(rf"(?:刚刚?|才|新)(?:来|到|搬来|搬到){_HERE}")


def _named(heard: Heard) -> Iterator[Candidate]:
    """成都户口, 户口在郫都, 我是郫都的."""
    text = heard.text

    def candidate(name: str, kind: str, start: int, end: int) -> Iterator[Candidate]:
        slug = "person.hukou_district" if kind == "district" else "person.hukou_city"
        if _NEGATION.search(text[max(0, start - 6) : start]):
            if kind != "district":
                yield Candidate("person.hukou_city", ELSEWHERE, start, end)
            return
        yield Candidate(slug, name, start, end)

    for match in _WORD.finditer(text):
        place = place_before(text, match.start())
        if place:
            yield from candidate(place[0], place[1], place[2], match.end())
    for match in _BEHIND.finditer(text):
        place = place_at(text, match.end())
        if (
            place
            and match.group().endswith("在")
            and place_before(text, match.start())
            and (place[1] != "district" or _STAYS.match(text, place[2]))
        ):
            continue  # 四川户口在苏州上班
        if place and not re.search(r"(?:不|没)[在是]?\Z", match.group()):
            name, kind, end = place
            inner = place_at(text, end)
            if inner and (inner[1] == "district" or kind == "province"):  # 户口在成都郫都, 在四川成都
                name, kind, end = inner
            yield from candidate(name, kind, match.start(), end)
            village = _VILLAGE.match(text, end)
            if village:
                yield Candidate("person.hukou_type", "rural", match.start(), village.end())
    for match in _FROM.finditer(text):
        place = place_at(text, match.end())
        if place and place[1] in ("city", "province"):
            place = place_at(text, place[2]) or place  # 我是成都郫都的
        if (
            place
            and _OF_THERE.match(text, place[2])
            and text[max(0, match.start() - 1) : match.start()] not in _NOT_PERSONS
        ):
            yield from candidate(place[0], place[1], match.start(), place[2] + 1)
    for match in _MY_PLACE.finditer(text):
        place = place_at(text, match.start())
        if place and place[1] == "district":
            yield from candidate(place[0], place[1], match.start(), place[2] + 1)


def _permit(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    if "居住证" not in text:
        return
    for match in _PERMIT_NO.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate("person.has_residence_permit", False, match.start(), match.end())
    for match in _PERMIT_YES.finditer(text):
        yield Candidate("person.has_residence_permit", True, match.start(), match.end(), strong="了" in match.group())


def _stay(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    if not any(word in text for word in ("住", "来", "到", "在", "待", "呆")):
        return
    for match in _LIVES_NOT.finditer(text):
        yield Candidate("person.lives_here", False, match.start(), match.end())
    for match in _LIVES.finditer(text):
        yield Candidate("person.lives_here", True, match.start(), match.end())
    for duration in heard.durations:
        window = text[max(0, duration.start - 16) : duration.start]
        permit = _PERMIT_SINCE.search(window)
        if permit:
            low = duration.months.low if isinstance(duration.months, Range) else duration.months
            start = duration.start - len(permit.group())
            yield Candidate("person.has_residence_permit", True, start, duration.end, strong=True)
            yield Candidate("person.residence_months", Range(low, None), start, duration.end, strong=True)
            continue
        stay = _STAY.search(window)
        if stay and not re.search(r"社保|公积金|医保|合同", window[-8:]):
            start = duration.start - len(stay.group())
            own = "了" in text[start : duration.end + 1] or "已经" in window
            yield Candidate("person.residence_months", duration.months, start, duration.end, strong=own)
            if re.search(_HERE, stay.group()):
                yield Candidate("person.lives_here", True, start, duration.end, strong=own)
    for day in find_dates(text, today=heard.today):
        came = _CAME_THEN.match(text, day.end)
        first, last = span_of(day.value)
        if came and first <= heard.today and not of_another_year(text, day):
            months = months_since(first, min(last, heard.today), heard.today)
            own = bool(came["told"] or came["told2"])
            yield Candidate("person.residence_months", months, day.start, came.end(), strong=own)
            yield Candidate("person.lives_here", True, day.start, came.end(), strong=own)
    for match in _NEW_HERE.finditer(text):
        if not any(d.start == match.end() for d in heard.durations):
            yield Candidate("person.residence_months", between(0, 3) or 0, match.start(), match.end())


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about registration, permit, points and residence."""
    text = heard.text
    for match in _ELSEWHERE.finditer(text):
        yield Candidate("person.hukou_city", ELSEWHERE, match.start(), match.end())
    for match in _LOCAL.finditer(text):
        yield Candidate("person.hukou_city", LOCAL, match.start(), match.end())
    yield from _named(heard)
    for match in _RURAL.finditer(text):
        negated = bool(_NEGATION.search(text[max(0, match.start() - 4) : match.start()]))
        yield Candidate("person.hukou_type", "urban" if negated else "rural", match.start(), match.end())
    for match in _URBAN.finditer(text):
        negated = bool(_NEGATION.search(text[max(0, match.start() - 4) : match.start()]))
        yield Candidate("person.hukou_type", "rural" if negated else "urban", match.start(), match.end())
    yield from _permit(heard)
    if "积分" in text:
        for match in _POINTS.finditer(text):
            points = read_numeral(match["num"] or match["num2"])
            if points is not None and not isinstance(points, float):
                yield Candidate("person.residence_points", points, match.start(), match.end())
    yield from _stay(heard)


#: Where somebody lives, and nothing of how or since when they rent there.
_RESIDES = Spotter(r"(?:住在?|居住在?|家在|搬到了?)(?:上海|成都|南京|苏州|保定)?市?的?")
_NOT_HOME = re.compile(r"(?:不|没有?|以前|原来|想|要|打算)(?:再|是|去|现在|一直|都|就)*\Z")


def residence(text: str) -> Optional[str]:
    """The district that somebody says to live in (我住普陀); None if none is named so."""
    for match in _RESIDES.finditer(text):
        place = place_at(text, match.end())
        if place and place[1] == "district" and not _NOT_HOME.search(text[: match.start()]):
            return place[0]
    return None
