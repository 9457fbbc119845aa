"""The rented home: 月租1500, 45平, 备案了, 租的是保租房, 房子租在锦江区."""

from __future__ import annotations

import re
from typing import Iterator

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.money import Money, scale
from bot.nlu.parsers.numbers import NUMERAL, ends, quantity, read_quantity
from bot.nlu.parsers.places import place_at
from bot.nlu.parsers.spotting import Spotter
from knowledge.eligibility.values import Range

_RENT_CUE = re.compile(
    r"(?:月租金?|房租|租金|租房子?|租(?:了|的|着|个|一?套|间|到)?(?:个|一?套|一?间|的)?(?:房子?|屋)?|租)(?:现在"
    r"|每个?月|一个?月|每年|一年|都|是|要|大概|差不多|也|才|就"
    r"|已经|涨到了?|涨成|降到|得|花|交|付|给|合|的|:|：|我|有|在|个|到|快|将近|住|,|，| ){0,8}\Z"
    r"|(?:房租|租金|月租)[^,，。]{0,10}(?:涨|降|减|加|调)(?:到|成|至)了?\Z"
)
_NOT_RENT = re.compile(r"补贴|补助|押金|物业|中介费|水电|服务费|扣除|抵扣|提取|收入|工资|补")
#: 半年付一次房租九千: by the half-year or quarter, which is no rent of a month.
_OTHER_SPAN = re.compile(r"半年(?:一)?[付交]|季度|一季|按季|[两三六]个月(?:一)?[付交]")
_RENT_BEHIND = re.compile(r"(?:的)?(?:房租|月租|租金|租的房|租的|租房(?=的|住|\Z)|的房子)")
_AREA = Spotter(quantity(r"个?(?:平方米|平方|平米|㎡|m2|平(?![路时均安常台日原房地静面等衡]))"))
_OWNED = re.compile(
    r"人均|名下|买的|买了|产权|公房|(?<!租)有一?套|老家|自己的房|自有|自住|房龄|够|至少|补|每|店|铺|公司|办公"
)
_LEASED = re.compile(r"租|房子|面积|屋|间|住")
_WISH = re.compile(
    r"(?:想|要|打算|准备|申请|能|可以|申请到|排队|等|分|摇|轮候|怎么|哪里|有没有|能不能|希望|考虑|想要|去"
    r"|报名)[^,，。]{0,3}\Z"
)
_TYPE = Spotter(
    r"(?P<affordable_rental>保租房|保障性租赁住?房|保障性住房|保障租赁房)|(?P<public_rental>公租房|公共租赁住?房"
    r"|廉租房|政府的廉租)"
    r"|(?P<talent_apartment>人才公寓|人才房|人才安居房)"
    r"|(?P<market>市场(?:上|化)?(?:租)?的?(?:房子?|租的|房源)|市场租房|私人(?:的)?(?:房子|房东|出租房|房)|个人房东"
    r"|普通(?:的)?(?:出租房|租房|商品房)|(?:找|通过"
    r"|在)(?:中介|链家|贝壳|自如|58)(?:上|找)?租的?|(?:从|跟|向)房东(?:手上|那里|直接)?租的?|自己(?:在外面|在外头|在外边"
    r"|外面|外头)?租的?(?:是)?(?:普通)?(?:房子?|商品房|民房|私房|小区房|别人的房子?)|租的(?:是)?(?:商品房|民房|农民房|私房|居民房|小区房)|城中村)"
)
#: 公租房租金四百二: whoever knows the rent to the yuan lives there.
_RENT_OF = re.compile(
    rf"(?:的)?(?:月租金?|房租|租金)(?:现在|每个?月|一个?月|一直|才|就|只要|只|是|要|交){{0,4}}{NUMERAL}(?![以之年%])"
)
#: 租公租房，三十六平: said without 了 or 的, it tells of a lease only where nothing is asked.
_RENTS = re.compile(r"(?:\A|[我俺们]|现在|目前|一直)(?:也|都|就|是)?租\Z")
_LIVING = re.compile(
    r"(?:租(?:的|了|着|住的?|住在|的是|的就是|到了?|是)|住(?:的|着|在|的是|进了?|了)|现住|住)(?:的)?(?:是|就是|在"
    r"|一?套|个|政府的?|这边的?|单位的?|了|区里的?|一间){0,8}\Z"
)
_MARKED_OWN = re.compile(r"租的|房东|中介|自己")
_REGISTERED_NO = Spotter(
    r"(?:(?:租房|租赁|房租|房屋租赁)?合同)?(?:也|都|还|一直|从来|我|房东|就){0,8}(?:没有?|没得|莫得|未|不给|没给"
    r"|不肯|不愿意|不让|没去|还没去|没做|还没)(?:去)?(?:做|办"
    r"|登记|办理|网签|搞|弄|给我)?(?:过)?(?:租房|租赁|合同|登记|网签){0,8}备案|备案(?:也|都|还|一直){0,8}(?:没有?"
    r"|没得|莫得|没)(?:办|做|弄|搞|去)"
)
_REGISTERED = Spotter(
    r"(?<!没)(?<!没有)备(?:过|了|好)案了?的?(?!吗|没)|"
    r"(?<!没)(?<!没有)(?:(?:租房|租赁|房屋租赁)?合同|房子|租房|房东|中介)?(?:也|都|已经|早就|我|去|是"
    r"|网签){0,8}(?:登记|网签|做|办|办理|办好)?(?:过|了|好)?(?:租房"
    r"|租赁|登记|合同)?备案(?:好)?(?:过了|过的|过|了|好了|完了|的有)(?!吗|没)|(?:已经|已|早就|都|也)(?:去)?(?:做"
    r"|办)?(?:登记)?备案|(?<!没)(?<!没有)(?:做了|办了"
    r"|办好了?|有|登记了|办过|做过)(?:租房|租赁|登记|网签|合同|房屋){0,8}备案|备案(?:也|都|已经|早就){0,8}(?:办了"
    r"|做了|有|办好了?|做过|弄好了|好了)"
)
_WHERE = Spotter(r"(?:租在|租住在|租的房(?:子)?在|房子租?在|租的是|租房在|租(?:到|了)在?|在)")
_WHERE_BEHIND = re.compile(r"(?:那边|这边|里)?(?:租(?:的|了|着|房|住|个|一?套|间)|的?(?:房子|出租房)(?:里)?(?:租|住)?)")


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about the rented home."""
    text = heard.text
    yield from _rent(heard)
    if "平" in text or "㎡" in text or "m2" in text:
        yield from _area(heard)
    for match in _TYPE.finditer(text):
        before, after = heard.clause(match.start(), match.end())
        kind = match.lastgroup or ""
        alone = kind == "market" and bool(_MARKED_OWN.search(match.group()))
        if (
            _WISH.search(before)
            or re.search(r"(?:不是|没|没有|没住|不住)(?:在|过|租|上)?\Z", before)
            or after.startswith(("补贴", "标准", "政策", "没"))
        ):
            continue
        plainly = alone or bool(_LIVING.search(before)) or (kind == "market" and not before)
        if plainly or _RENTS.search(before) or (kind != "market" and _RENT_OF.match(after)):
            yield Candidate("lease.type", kind, match.start(), match.end(), strong=plainly)
    if "备" in text:
        for match in _REGISTERED_NO.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] != "有":
                yield Candidate("lease.registered", False, match.start(), match.end())
        for match in _REGISTERED.finditer(text):
            yield Candidate("lease.registered", True, match.start(), match.end(), strong="了" in match.group())
    yield from _where(text)


def _rent(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    if "租" not in text:
        return
    for money in heard.sums:
        before = text[max(0, money.start - 16) : money.start]
        cue = _RENT_CUE.search(before)
        behind = _RENT_BEHIND.match(text, money.end)
        near = before[-6:] + text[money.end : money.end + 2]
        told = not (cue or behind) and _flat_price(text, money)
        if not (cue or behind or told or _room_price(text, money.start, money.end, money.period)):
            continue
        asked = _AID_ASKED.match(text, money.end) is not None
        if _NOT_RENT.search(before[-6:] if asked else near) and not behind:
            continue
        if money.period == "day" or _OTHER_SPAN.search(before):
            continue
        yearly = money.period == "year"
        value = scale(money.value, 1 / 12) if yearly else money.value
        if not isinstance(value, Range) and not 50 <= value <= 100_000:
            continue
        start = money.start - (len(cue.group()) if cue else 0)
        yield Candidate(
            "lease.rent_month",
            value,
            start,
            behind.end() if behind and not cue else money.end,
            strong=told or _plainly(text, start),
        )


#: 一个月1800能补好多: the question begins behind the sum.
_AID_ASKED = re.compile(r"(?:的)?[,，]?(?:我)?(?:能|可以|可)(?:够)?(?:补|领|抵|扣|报|拿)")
_ASKS = Spotter(r"[?？]|吗|么\Z|多少|能|可以|怎么|咋|是不是|如果|要是|几|哪|听说|据说")


def _plainly(text: str, start: int) -> bool:
    """保租房租金2400: a flat and its rent in a message that asks nothing."""
    return not _ASKS.search(text) and _FLAT.search(text, max(0, start - 12), start + 2) is not None


_FLAT = Spotter(
    r"保租房|保障性租赁住?房|公租房|公共租赁住房|廉租房|人才公寓|租(?:了|的|着|住|房|个|间|一)|租起|合租|整租"
    r"|单间|租房|一室一厅|两室一厅|一居室"
)
_OTHER_SUM = re.compile(
    r"补|津贴|领|押|物业|水电|收入|工资|挣|赚|薪|退休|养老|低保|交了|社保|公积金|奖|扣|抵|还"
    r"|贷|借|欠|存|花|吃|餐|饭|以下|以上|超过|上限"
)
_AREA_RIGHT_BEFORE = re.compile(
    r"(?:平方米|平方|平米|㎡|m2|平)(?:的)?(?:左右|多|的房子?|房子)?[,，、]?(?:也|都"
    r"|才|就|要|是|大概|差不多)?\Z"
)


def _flat_price(text: str, money: Money) -> bool:
    """保租房六十平,一个月两千四 / 租了个三十平一千块: a sum said of the flat just spoken of."""
    said = re.split(r"[。;；!！?？\n]", text[max(0, money.start - 28) : money.start])[-1]
    flat = next(iter(reversed(list(_FLAT.finditer(said)))), None)
    if flat is None or _WISH.search(said[: flat.start()]) or _OTHER_SUM.search(said[flat.end() :]):
        return False
    asked = _AID_ASKED.match(text, money.end) is not None
    if not asked and _OTHER_SUM.search(re.split(r"[,，。;；!！?？\n]", text[money.end : money.end + 4])[0]):
        return False
    if money.period == "month" or _AREA_RIGHT_BEFORE.search(said) is not None:
        return True
    alone = _BY_ITSELF.search(text[max(0, money.start - 6) : money.start]) and _ENDS.match(text, money.end)
    return money.marked and alone is not None


#: 租的商品房，一千九，没备案: a sum that is a clause of its own.
_BY_ITSELF = re.compile(r"[,，、\s](?:现在|每个?月)?\Z")
_ENDS = re.compile(r"(?:左右|的样子|的|吧)?(?:[,，。;；\s]|\Z)")


def _room_price(text: str, start: int, end: int, period: object) -> bool:
    """租了个单间在玉林一千二一个月: a rented home earlier in the clause and a monthly sum."""
    clause = re.split(r"[,，。;；!！?？\n]", text[max(0, start - 20) : start])[-1]
    return (
        period == "month"
        and bool(re.search(r"租(?:了|的|着)", clause))
        and not re.search(r"挣|工资|收入|赚|薪", clause)
    )


def _area(heard: Heard) -> Iterator[Candidate]:
    text = heard.text
    for match in _AREA.finditer(text):
        before, after = heard.clause(match.start(), match.end())
        if _OWNED.search(before[-10:]) or re.match(r"(?:的)?(?:自己的|产权|自有)|以上|以下|以内", after):
            continue
        value = read_quantity(match)
        if value is None:
            continue
        if isinstance(value, float):
            value = round(value)
        most = ends(value)[1]
        if most is not None and not 3 <= most <= 2000:
            continue
        leased = bool(_LEASED.search(before) or _LEASED.search(after[:6]))
        yield Candidate(
            "lease.area",
            value,
            match.start(),
            match.end(),
            strong=leased and "租" in before[-8:] and "了" in before[-8:],
        )


#: 想租高新区的保租房: where the flat is to be is known, though the lease is still a wish.
_WANTED = Spotter(r"(?:想|要|打算|准备)(?:去|在|到)?租(?:住)?")
_WANTED_BEHIND = re.compile(r"的?(?:保租房|保障性租赁住?房|公租房|人才公寓)")


def _where(text: str) -> Iterator[Candidate]:
    if "租" not in text:
        return
    for match in _WHERE.finditer(text):
        place = place_at(text, match.end())
        if place and place[1] == "city":
            inner = place_at(text, place[2])
            place = inner if inner else place
        if not place or place[1] != "district":
            continue
        name, _, end = place
        if match.group() == "在" and not _WHERE_BEHIND.match(text, end):
            continue
        if re.search(r"(?:想|要|打算|准备|去|能|可以)\Z", text[max(0, match.start() - 3) : match.start()]):
            continue
        yield Candidate("lease.district", name, match.start(), end)
    for match in _WANTED.finditer(text):
        place = place_at(text, match.end())
        if place and place[1] == "district" and _WANTED_BEHIND.match(text, place[2]):
            yield Candidate("lease.district", place[0], match.start(), place[2])
