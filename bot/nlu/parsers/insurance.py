"""Social insurance, provident fund, medical and care insurance: paid or not, how long, with gaps or without."""

from __future__ import annotations

import re
from typing import Iterator, Optional

from bot.nlu.parsers.dates import find_dates, span_of
from bot.nlu.parsers.durations import Duration, has_gap, is_rate, months_since, of_another_year
from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

_SOCIAL = r"(?:社保|社会保险|五险一金|五险|职工保险)"
_MEDICAL = r"(?:(?:居民|职工|城乡居民|城镇职工|城镇居民|新农合|农村)?医保|医疗保险|新农合|新型农村合作医疗|合疗)"
_KINDS = re.compile(
    r"(?P<fund>住房公积金|公积金)|(?P<both>五险一金)|(?P<unemployment>失业保险|失业险|失业金)|(?P<care>长护险"
    r"|长期护理保险|长期护理险|护理险)"
    r"|(?P<medical>医保|医疗保险|新农合)|(?P<pension>养老保险|商业保险|养老险)|(?P<social>社保|社会保险|五险)"
)
_SLUGS = {
    "fund": ("person.housing_fund_months",),
    "both": ("person.social_insurance_months", "person.housing_fund_months"),
    "unemployment": ("person.unemployment_insurance_months",),
    "care": ("person.care_insurance_months",),
    "social": ("person.social_insurance_months",),
}
_VERB = re.compile(
    r"(?P<verb>断断续续(?:也)?(?:交|缴)|交纳|缴纳|缴存|参保|交|缴|买|存|上|有|满)(?P<aspect>了|满|够|过|得有|着|有"
    r"|到|起){0,8}(?:快要|大概|已经|差不多|一共|总共"
    r"|都|有|才|也就|就|连续|满){0,8}\Z"
)
_BEFORE_SOCIAL = re.compile(r"\A(?:多)?(?:的)?(?:成都|上海|本地|南京|苏州|保定|这边的?|职工|住房)?(?:的)?")
_DIRECT = re.compile(
    r"(?:社保|公积金|失业保险|长护险|五险一金)(?:已经|都|差不多|快|连续|大概|一共|满|也|才|有|就|我|大约){0,8}\Z"
)
_PAID_FAR = 26
_GAP_VERB = re.compile(r"(?:断|停|中断|缺|漏|少交|没交|没缴)(?:缴|交|保|档|了|过|开|有){0,8}(?:大概|差不多|快)?\Z")

_NO = r"(?:没有?|没得|莫得|未|还没有?|从没|从来没|一直没|不给(?:我们?)?|没给(?:我们?)?|没人给|没有人给|没地方)"
_PAY = r"(?:交|缴|买|上|办|参加|交过|缴过|买过|上过|缴纳|参保)"
_HERE = r"(?:本地的?|这边的?|成都的?|上海的?|南京的?|苏州的?|保定的?|在这边|在本地|在成都|在上海|在南京|在苏州|职工)?"
#: 交社保没房子, 有社保没得娃儿: what is lacking is named behind, and is another thing.
_OTHER = (
    r"(?!自己的?|[^,，。\s]{0,2}(?:房|住处|车|孩|娃|崽|合同|居住证|公积金|医保|户口|对象|结婚|成家|领过|享受|存款"
    r"|低保))"
)
_NONE = Spotter(
    rf"{_NO}{_HERE}(?:跟着单位|自己)?(?:{_PAY})?(?:过|到)?{_HERE}{_SOCIAL}(?!断|中断|停)|{_SOCIAL}(?:也|都|还|就"
    rf"|一直|从来|我|现在|目前|公司"
    rf"|单位|老板|已经|是|暂时){{0,8}}(?:(?:没有?(?!有|断|停|中断|间断)|没得|莫得){_OTHER}|未缴|未交|断了|断缴|断交|停了|停缴|停交"
    rf"|断过|断开|中断|没人)(?:交|缴|买|上|给)?"
    rf"|(?:公司|单位|老板)(?:也|都|一直|就|又|根本)?(?:没|不)(?:给|帮)?(?:我们?|大家)?(?:交|缴|买|上){_SOCIAL}"
)
_AWAY = Spotter(
    rf"(?:外地|老家|别的城市|外省|原来单位|老家那边)(?:交|买|缴|缴纳|上|参)(?:的|了|着)?{_SOCIAL}|{_SOCIAL}(?:是|还"
    rf"|一直|都|也|现在){{0,8}}(?:在|交在|买在"
    rf"|缴在)(?:外地|老家|别的城市|外省|外面)|{_SOCIAL}(?:不在|没在)(?:本地|这边|成都|上海|南京|苏州|保定)"
)
_GAP = Spotter(r"(?<!没)(?<!没有)(?<!不)(?<!未)(?<!不断)(?:断缴|断交|断过|断了|中断|停缴|停过|断档)(?:过|了)?")
_STEADY = Spotter(
    rf"{_SOCIAL}[^,，。;；]{{0,8}}?(?:没断过?|没有断过?|从没断|没间断|连续缴|连续交|没停过|正常交|正常缴|一直交"
    rf"|一直在交|一直缴|在交|在缴|交起的|交着|缴着|交起|正常缴纳|连续缴纳"
    rf"|按时交|每个?月都交|每个?月交)|(?:一直|连续|正常|每个?月都?|按时|在|自己(?:在|一直)?|单位(?:一直)?(?:在)?给?"
    rf"|公司(?:一直)?(?:在)?给?|还在|现在)(?:在)?(?:给我"
    rf"|给我们|帮我)?(?:交|缴|买|上)(?:着|起|的有|的)?{_HERE}{_SOCIAL}"
)
_HAVE = Spotter(
    rf"{_SOCIAL}(?:(?:呀|嘛|啊|么|哦|那|是|当然|肯定|必须|一直|都|也|在|公司|单位|老板)[,，]?){{1,6}}(?:在|给|帮|我|我们){{0,3}}"
    rf"(?:交|缴|买)[的滴哒着起]{{1,2}}(?=[,，。\s噻嘛啊呀]|\Z)"
    rf"|(?<!没)(?<!没有)(?:有|交了|缴了|买了|上了|参加了|买的有|交的有|交得有|已交|已缴|也交了)(?:着"
    rf"|个)?{_HERE}{_SOCIAL}|{_SOCIAL}(?:是|都是)?(?:公司"
    rf"|单位)(?:给|帮)?(?:我|我们)?(?:交|买|缴)(?:的|了|起)(?!吗)|{_SOCIAL}(?:也|都|是|我|已经|早就|现在|公司|单位"
    rf"|给|帮|倒|一直|自己){{0,8}}(?:有交|有缴"
    rf"|交了|缴了|买了|上了|有的?|有买)(?!没|断|快|满|多|将近|差不多|大概|有|不|得|[\d一二两三四五六七八九十半几好])"
)
_NOT_BROKEN = Spotter(r"(?:没断过?|没有断过?|从没断过?|从来没断过?|没间断|没停过|未断)")
_MEDICAL_NO = Spotter(
    rf"{_NO}(?:{_PAY})?(?:过)?{_MEDICAL}|{_MEDICAL}(?:也|都|还|就|一直|我|现在|今年|去年|前年|上个?月|早就?|已经|是|给|被){{0,8}}(?:(?:没有?(?!有|断)|没得"
    rf"|莫得){_OTHER}|断起|断着|断掉|断的|停起|停着|断了|断缴|停了|停保|没交"
    rf"|没缴|没买|过期)(?:交|缴|买|上)?"
)
_MEDICAL_YES = Spotter(
    rf"(?<!没)(?<!没有)(?:有|交了|缴了|买了|在交|参加了|每年都?交|一直交|上了|在缴|参了|享受)(?:着)?{_MEDICAL}(?!卡"
    rf"|局|码|报销)|{_MEDICAL}(?:也|都|是|我|已经"
    rf"|早就|现在|每年|年年|一直|单位|今年|都有){{0,8}}(?:有的?|交了|交[的滴]|交起的|缴了|买了|在交|在缴|正常|交着|交起|参保|参了"
    rf"|没断)(?!没|不)"
)


def _kind_near(text: str, start: int, end: int) -> Optional[tuple[str, int, int, Optional[str]]]:
    """The insurance a duration speaks of: right behind it, else the nearest before."""
    lead = _BEFORE_SOCIAL.match(text[end : end + 8])
    behind = _KINDS.match(text, end + (lead.end() if lead else 0))
    if behind:
        return behind.lastgroup or "", behind.start(), behind.end(), None
    last: Optional[re.Match[str]] = None
    second: Optional[re.Match[str]] = None
    for match in _KINDS.finditer(text, max(0, start - _PAID_FAR), start):
        last, second = match, last
    if last is None:
        later = _KINDS.search(text, end, end + 16)  # 交了三年断缴过两个月社保
        broken = later is not None and _GAP.search(text, end, later.start())
        return (later.lastgroup or "", later.start(), later.end(), None) if later and broken else None
    joined = None
    if second is not None and text[second.end() : last.start()] in ("和", "、", "跟", "与", "", "还有"):
        joined = second.lastgroup  # 社保公积金都交了两年
    return last.lastgroup or "", last.start(), last.end(), joined


def _months(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    gap = has_gap(text)
    for duration in heard.durations:
        window = text[max(0, duration.start - 20) : duration.start]
        if _GAP_VERB.search(window) or duration.months == 0 or is_rate(text, duration):
            continue  # 长护险一周上门几次: nothing is paid for days
        verb = _VERB.search(window)
        direct = _DIRECT.search(window)
        near = _kind_near(text, duration.start, duration.end)
        if near is None:
            continue
        kind, kind_start, kind_end, joined = near
        if kind_start < duration.start and not verb and not direct:
            continue
        if kind_start < duration.start and verb and verb["verb"] in ("有", "满") and duration.start - kind_end > 6:
            continue
        start = min(kind_start, duration.start - (len(verb.group()) if verb else 0))
        end = max(kind_end, duration.end)
        slugs = list(_SLUGS.get(kind, ()))
        if joined:
            slugs += [slug for slug in _SLUGS.get(joined, ()) if slug not in slugs]
        own = bool(verb and verb["aspect"]) or text[duration.end : duration.end + 1] == "了"
        for slug in slugs:
            value = _continuous(duration) if gap and slug.endswith("social_insurance_months") else duration.months
            yield Candidate(slug, value, start, end, strong=own)


#: 从去年三月开始交的, 2022年7月起公司给交: paid from a day on.
_FROM_THEN = re.compile(
    r"(?P<then>(?:份|那会儿?|的时候)?(?:就|才|开始|起|以来|一直|我们?|公司|单位|老板|给|帮|在|自己|连续|入职){0,6})(?:交|缴|买|存|参保)(?!到|过|满|不|完)"
)
_FROM = re.compile(r"(?:从|自|打)(?:我)?\Z")
_STOPPED = re.compile(r"(?:断|停|没|不)\Z")


def _since_a_day(heard: Heard) -> Iterator[Candidate]:
    text, today = heard.text, heard.today
    for found in find_dates(text, today=today):
        paid = _FROM_THEN.match(text, found.end)
        if paid is None or _STOPPED.search(paid["then"]):
            continue
        if not _FROM.search(text[max(0, found.start - 3) : found.start]) and not re.search("开始|起|就", paid["then"]):
            continue  # 去年三月交了社保: once, or from then on
        first, last = span_of(found.value)
        near = _kind_near(text, found.start, paid.end())
        if near is None or first > today or of_another_year(text, found):
            continue
        months = months_since(first, min(last, today), today)
        high = months.high if isinstance(months, Range) else months
        for slug in _SLUGS.get(near[0], ()):
            broken = has_gap(text) and slug.endswith("social_insurance_months")
            start, end = min(near[1], found.start), max(near[2], paid.end())
            own = text.startswith(("的", "了"), end)
            yield Candidate(slug, Range(0, high) if broken else months, start, end, strong=own)


def _continuous(duration: Duration) -> Range:
    """With a gap somewhere, only an upper end is known of how long it went without one."""
    months = duration.months
    return Range(0, months.high) if isinstance(months, Range) else Range(0, months)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about insurances and the provident fund."""
    text = heard.text
    if not any(word in text for word in ("保", "公积金", "五险", "新农合", "险")):
        return
    yield from _months(heard)
    yield from _since_a_day(heard)
    if any(word in text for word in ("社保", "社会保险", "五险", "职工保险")):
        yield from _active(text)
    for match in _MEDICAL_NO.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate("person.medical_insurance_active", False, match.start(), match.end())
    for match in _MEDICAL_YES.finditer(text):
        yield Candidate(
            "person.medical_insurance_active",
            True,
            match.start(),
            match.end(),
            strong="了" in match.group() or "在" in match.group(),
        )


def _active(text: str) -> Iterator[Candidate]:
    slug = "person.social_insurance_active"
    for match in _NONE.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate(slug, False, match.start(), match.end(), strong="过" in match.group())
    for match in _AWAY.finditer(text):
        yield Candidate(slug, False, match.start(), match.end(), strong=True)
    for match in _STEADY.finditer(text):
        yield Candidate(slug, True, match.start(), match.end(), strong=True)
    for match in _HAVE.finditer(text):
        yield Candidate(slug, True, match.start(), match.end(), strong="了" in match.group())
    for match in _NOT_BROKEN.finditer(text):
        yield Candidate(slug, True, match.start(), match.end(), strong=True)
    for match in _GAP.finditer(text):
        yield Candidate(slug, False, match.start(), match.end(), strong="过" in match.group())
