"""Owning a home and housing aid: 没房, 名下有一套房, 没房但有车, 卖了三年, 房贷扣除, 人均15平."""

from __future__ import annotations

import datetime as dt
import re
from typing import Iterator

from bot.nlu.parsers.dates import find_dates, span_of
from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.numbers import NUMERAL, between, hedged, read_numeral
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

# 房 that is a home, not a room, a landlord, a loan or a home on offer.
_HOME = (
    r"(?:(?:老|售后)?公房|房改房|自建房|自有住房|自住房|自有房产?|商品房|安置房|产权房|住房|房产证?|房子|房屋|房)(?!间|东|租|贷|补|型|源|管|卡|客"
    r"|改|屋中介|子?(?:可以?|能|出|要|来)?租|子?(?:漏|坏|小|住不"
    r"|太|塌|旧|破|年久|出了|有问题|安全)|有?困难|保障|公积|补贴|租赁|可住|住(?![的着]|在)|要求|条件|地?产税|地产)"
)
_CITY = r"(?:在?(?:成都|上海|南京|苏州|保定|杨浦|本地|本市|这边|这里|当地|城里|市里|全市|老家以外)(?:市|市区|这边)?)"
_OWN = r"(?:自己的|自己|属于自己的|任何|其他|别的|一套|1套|啥子?|什么|产权|像样的|固定|一间|半间)"
_NO = Spotter(
    rf"(?<!有)(?<!是不是)(?:没得|莫得|没有?|冇|无|还没有?|都没有?|也没有?|未|木有)(?:在)?{_CITY}?(?:买得起|买过"
    rf"|买上?|购买?|置办|购买过|置)?(?:过|到"
    rf"|起)?{_CITY}?{_OWN}{{0,3}}{_HOME}"
    rf"|买不起{_HOME}|有{_HOME}[,，]?(?:但|但是|可|不过|就是)?(?:在)?{_CITY}(?:这边)?(?:倒|却|还|就|是|也)?(?:没有?|没得|莫得|冇|无)(?=[,，。啊呀嘛呢哦的]|\Z)"
    rf"|(?:名下|我们|家里|我|本地|成都|上海|南京|苏州|保定|这边)(?:也|都"
    rf"|在本市)?(?:一?套)?{_HOME}(?:都|也|就)?(?:还)?(?:没有?|没得|莫得"
    rf"|冇)(?![装住人钱])"
    rf"|{_HOME}(?:也|都)?(?:没有?|没得|莫得|冇)(?:一|半)(?:间|套|处|片瓦)"
    rf"|一[套间]{_HOME}?(?:都|也)(?:没有?|没得|莫得)|{_HOME}(?:都|也|是|倒是?)(?:没有?|没得|莫得|还没买|没买)(?!装|问题"
    rf"|电|人)|(?:名下|手上|手里)(?:也|都|啥"
    rf"|什么){{0,8}}(?:无|没有?|没得|莫得)(?:任何)?(?:的)?(?:不动产|房)|住房(?:我|也|都)?(?:没有|没得|莫得)"
)
_YES = Spotter(
    rf"(?<!没)(?<!没有)(?<!有没)(?<!是不是)(?:有|还有|也有|住的是|住在|住)(?:个|一|[一两二三四五1-9])?(?:套|个|处"
    rf"|间)?(?:[\d一二两三四五六七八九十百多来]{{1,5}}个?(?:平方米|平方|平米|平|室[\d一二两三]厅|居室|室)的?)?{_OWN}{{0,2}}(?:的)?(?:老|小|新"
    rf"|旧|二手)?{_HOME}(?<!住住房)(?<!住房子)(?<!住房)"
    rf"|(?:有)(?:自己的|自有|一套|两套|三套|套|几套|自住的?|一套自己的|一套自住的?|套小的?|个|点)?(?:住房"
    rf"|自有住房)(?!困难|保障|补贴|公积|租赁)"
    rf"|(?<!没)(?<!没有)(?<!想)(?<!要)(?<!打算)(?<!准备)(?<!能)(?:买了|已买|买好了?|已经买了?|刚买了?|有买)(?:一?套"
    rf"|个|自己的|了){{0,8}}{_HOME}"
    rf"|(?<!没)(?<!不)(?<!想)(?<!要)(?<!打算)买房了|{_HOME}(?:是)?(?:我|我们|自己|家里|自家)(?:自己)?(?:的"
    rf"|买的)(?!工资)|住(?:的)?(?:是)?自己(?:的"
    rf"|买的)?(?:房子|房)|(?:名下)(?:有|就|还|是|在|也|本市|只|了)+(?:一|[两二三1-9])?(?:套|处)|名下(?:[一两二三四五1-9])(?:套|处)(?=房|住|[,，。\s]|\Z)"
)
_AWAY = re.compile(
    r"(?:老家|外地|乡下|农村|县城|县里|别的城市|外省|村里|镇上|老屋)(?:那边|里头?|那里)?(?:倒|才|是|也|只|还|虽然"
    r"|都|自己){0,8}\Z"
)
#: 老家有房成都没有: begins at the home elsewhere, and speaks of this city after all.
_BUT_HERE = re.compile(rf"有.{{1,8}}{_CITY}.{{0,3}}[没莫冇无]")
_LEASE_AREA = re.compile(
    r"(?:本区|租房(?:的)?(?:这|那)个?区|这个区|那个区|租房(?:的)?(?:那|这)?个?(?:区|区域|地方)|同一个区|区里|这个区域|在区内)(?:里|内|也|都"
    r"|就|也都|范围内|我们?|自己|本人|名下|家){0,8}\Z"
)
_SOLD = Spotter(
    r"(?:房子|房|住房|房产|一套房)(?:已经|早就|是|都)?(?:卖|过户|转给|给)(?:了|掉|给)?[^,，。\d]{0,5}?|(?:卖"
    r"|过户)(?:了|掉)?(?:那套|一套|的)?(?:房子?|房产)"
)
_SINCE = re.compile(rf"(?:已经|有|差不多|快){{0,8}}(?P<num>{NUMERAL})(?:多)?年(?:了|多了?|前)?")
#: 把唯一一套房子: the home that went, named before the verb.
_IT = (
    r"(?:把|将)?(?:自己的?|我的?|我们的?|名下的?|家里的?|老家的?|唯一的?|仅有的?|那|这|原来的?|以前的?|老"
    r"|一套|一处|两套|套|个|处){0,6}"
)
_GONE = rf"(?:{_IT}(?:房子?|房产|住房|屋)(?:都|就|也|给|全)?)?(?:卖|过户|转让?|出手)"
_AGO = Spotter(
    rf"(?P<num>{NUMERAL})(?:多)?年(?:之|以)?前(?:就|把|才|我|我们|已经){{0,8}}{_GONE}(?:了|掉|脱|给"
    rf"|的)?[^,，。]{{0,3}}?(?:房|那套)?"
)
_ON_A_DAY = re.compile(rf"(?:就|把|才|刚|我|我们|已经|年底|底|的时候){{0,8}}{_GONE}(?:了|掉|脱|的|给)?")
_AID = (
    r"(?:租赁补贴|住房补贴|租房补贴|保障房|公租房|廉租房|廉租补贴|住房保障|经适房|经济适用房|共有产权房|房改房"
    r"|安居房|购房补贴|人才公寓)"
)
_AID_YES = Spotter(
    rf"(?<!没)(?<!没有)(?<!未)(?<!不)(?:已经|正在|现在|在|之前|目前)?(?:在)?(?:享受|领|拿|住|申请到|分到|享有)(?:了"
    rf"|着|过|到|的有|上|起)(?:别的|其他|其它|一?套"
    rf"|政府的?|单位的?|了){{0,8}}{_AID}|(?<!没)(?<!没有)(?:正在|在|已经在)(?:享受|领|拿)(?:别的|其他|其它)?{_AID}"
)
_AID_NO = Spotter(
    rf"(?:没有?|没得|从没|从来没有?|莫得|未|都没|也没)(?:享受|领|拿|住|申请|享有)?(?:过|到|上)?(?:别的|其他|其它"
    rf"|任何|啥子?|什么|政府的?|一天){{0,8}}{_AID}"
)
_LOAN_YES = Spotter(
    r"(?<!没)(?<!没有)(?<!未)(?:已经|在|正在|每年|也|都|老公|老婆|对象|现在)?(?:在)?(?:享受|抵扣|扣|报|申报|填报?"
    r"|抵|用)(?:了|着|过|的是"
    r"|上)(?:首套)?房贷(?:利息)?(?:的)?(?:专项|附加|扣除|抵扣|个税|抵税){0,8}|房贷(?:利息)?(?:专项|附加"
    r"|个税|的){0,8}(?:扣除|抵扣|抵税)?(?:已经|正|都|我|也|一直|每年|每个?月"
    r"|现在){0,8}(?:(?:扣|抵|享受|报|用|填)(?:扣|税)?(?:了|着|起)|在(?:个税(?:里|上|APP|app)?)?(?:扣|抵|享受|报|用)(?:扣|税)?(?:了|着)?)(?!吗|没|不)|(?:正在|在)(?:抵扣|扣|享受|报)房贷(?:利息)?(?:扣除)?"
)
_LOAN_NO = Spotter(
    r"(?:没有?|没得|莫得|未|从没|没在)(?:享受|抵扣|扣|报|申报|填报?|抵|用)?(?:过)?(?:首套)?房贷(?:利息)?(?:专项"
    r"|附加|扣除|抵扣){0,8}|房贷(?:利息)?(?:扣除"
    r"|抵扣)?(?:也|都|我){0,8}(?:没有?|没得|没扣|没抵|没报|没享受)(?:过|扣|享受|报|抵)?"
)
_PER_PERSON = Spotter(
    rf"人均(?:住房|居住)?(?:建筑)?(?:面积)?(?:大概|只有|是|才|有|差不多"
    rf"|也就){{0,8}}(?P<below>不到|不足|没到|没有)?(?P<num>{NUMERAL})(?:多)?(?:个)?(?:平方米|平方|平米|平|㎡|方)"
)


#: 住的地方人均12平: what is lived in may be rented; only an own home counts.
_LIVED_IN = re.compile(r"住的|租的|住着|租着|租房|现在住|合租")
#: 我爱人在浦东有一套: a home, without the word, of one whose home counts with the speaker's.
_SPOUSES = Spotter(
    r"(?:爱人|老公|老婆|媳妇儿?|妻子|丈夫|配偶|先生|太太|对象|我俩|我们)(?:名下|那边|自己|也|倒是|还|就|婚前"
    r"|在[^,，。老外乡]{2,5}){0,4}(?:有|买了|还有)(?:过)?(?:一|两|二|三|1|2|3)套(?=[,，。了啊呢的房]|\Z)"
)
#: 是我爸名下, 我爸妈的: whose home it is stands behind it.
_OF_OTHERS = re.compile(
    r"[,，]?(?:但|但是|不过|可|可是)?(?:房子|房产证|房本)?(?:都|全)?(?:是|在|写的|写){1,4}(?:我|俺|他|她)?"
    r"(?:爸妈?|妈|父母|爷爷|奶奶|外公|外婆|哥|弟|姐|妹|公公|婆婆|岳父|岳母|公婆|亲戚|朋友|别人|父亲|母亲|老人)"
)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about own homes and housing aid."""
    text = heard.text
    if not any(word in text for word in ("房", "名下", "不动产", "人均", "补贴", "套")):
        return
    yield from _owns(heard)
    yield from _transfer(text, heard.today)
    for match in _AID_YES.finditer(text):
        if not _AID_NO.search(text, max(0, match.start() - 3), match.end()):
            yield Candidate("household.has_other_housing_aid", True, match.start(), match.end(), strong=True)
    for match in _AID_NO.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate("household.has_other_housing_aid", False, match.start(), match.end())
    if "房贷" in text:
        for match in _LOAN_NO.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] != "有":
                yield Candidate("household.claims_mortgage_deduction", False, match.start(), match.end())
        for match in _LOAN_YES.finditer(text):
            yield Candidate("household.claims_mortgage_deduction", True, match.start(), match.end(), strong=True)
    for match in _PER_PERSON.finditer(text):
        area = hedged(match["num"], before="不到" if match["below"] else None)
        if _LIVED_IN.search(heard.clause(match.start(), match.end())[0]):
            continue
        if area is not None and (isinstance(area, Range) or area <= 1000):
            yield Candidate("household.home_area_per_person", area, match.start(), match.end())


def _owns(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    spans: list[tuple[int, int]] = []
    for pattern, value in ((_NO, False), (_YES, True)):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in spans):
                continue
            if value and text[max(0, match.start() - 1) : match.start()] in ("没", "未", "无", "冇"):
                continue
            before, after = heard.clause(match.start(), match.end())
            if re.match(r"(?:子)?(?:出租|可租|租|住吗|源)", after) or (
                value and re.search(r"(?:你们|政府|社区|街道|公租|哪里|哪儿|附近|还|给)\Z", before)
            ):
                continue
            spans.append(match.span())
            if _AWAY.search(before) and not _BUT_HERE.match(match.group()):
                continue  # a home elsewhere says nothing about this city
            if value and _OF_OTHERS.match(text, match.end()):
                continue
            slug = "household.owns_home_in_lease_area" if _LEASE_AREA.search(before) else "household.owns_home_in_city"
            own = "名下" in match.group() or "名下" in before or "买了" in match.group() or "买房了" in match.group()
            yield Candidate(slug, value, match.start(), match.end(), strong=own)
    for match in _SPOUSES.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in spans):
            yield Candidate("household.owns_home_in_city", True, match.start(), match.end(), strong=True)


_WITHIN_YEARS = Spotter(
    r"(?P<years>[一二两三四五六七八九十\d]{1,2})年(?:之|以)?内(?:有|是)?(?:卖|转让|过户|出售|买卖)"
)


#: 三年内卖房的能申请吗: whoever sold.
_ANYBODY = re.compile(r"(?:过|了)?(?:房子?|房产)?(?:过|了)?的(?:人|家庭|都|还|也)?(?:能|可|行|算|有)")


def _transfer(text: str, today: dt.date) -> Iterator[Candidate]:
    slug = "household.years_since_home_transfer"
    for match in _WITHIN_YEARS.finditer(text):
        years = read_numeral(match["years"])
        if isinstance(years, int):
            rule = _ANYBODY.match(text, match.end()) is not None
            yield Candidate(slug, Range(0, years), match.start(), match.end(), strong=not rule)
    if "卖" not in text and "过户" not in text and "转给" not in text:
        return
    for match in _AGO.finditer(text):
        years = read_numeral(match["num"])
        if years is not None and not isinstance(years, float) and "房" in text:
            yield Candidate(slug, years, match.start(), match.end(), strong=True)
            return
    for match in _SOLD.finditer(text):
        if re.search(r"(?:没|想|要|打算|准备|不)\Z", text[max(0, match.start() - 2) : match.start()]):
            continue
        since = _SINCE.match(text, match.end())
        if since:
            years = read_numeral(since["num"])
            if years is not None and not isinstance(years, float) and (isinstance(years, Range) or years < 100):
                yield Candidate(slug, years, match.start(), since.end(), strong=True)
                return
    for found in find_dates(text, today=today):
        if (
            _ON_A_DAY.match(text, found.end)
            and "房" in text
        ):
            first, last = span_of(found.value)
            if first <= today:
                last = min(last, today)
                low = today.year - last.year - ((today.month, today.day) < (last.month, last.day))
                high = today.year - first.year - ((today.month, today.day) < (first.month, first.day))
                value = between(low, high)
                if value is not None:
                    yield Candidate(slug, value, found.start, found.end, strong=True)
                return
