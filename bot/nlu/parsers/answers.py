"""Reads the reply to the bot's question about one fact: 有啊咋没有, 两千五, 45, 三个人, 不晓得, 不方便说."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, Optional, Sequence

from bot.nlu.parsers.ages import age_from_birth, find_ages, is_difference
from bot.nlu.parsers.birthday import age_by_birthday
from bot.nlu.parsers.dates import Dated, Days, born_between, days, find_births, find_dates, span_of
from bot.nlu.parsers.durations import find_durations, is_rate
from bot.nlu.parsers.facts import read_facts
from bot.nlu.parsers.hukou import ELSEWHERE, LOCAL
from bot.nlu.parsers.money import find_money, scale
from bot.nlu.parsers.negation import denied_word, is_denied, is_past
from bot.nlu.parsers.numbers import Number, between, ends, quantity, read_numeral, read_quantity, whole
from bot.nlu.parsers.places import OTHER, holds_places, place_at
from bot.nlu.parsers.plausible import is_plausible
from bot.nlu.parsers.replies import read_reply
from bot.nlu.parsers.variants import plain
from bot.nlu.parsers.yesno import echoes, is_cancel, is_hedged, is_question, is_refused, is_unknown, read_yes_no
from knowledge.eligibility.values import OneOf, Range, Value
from knowledge.schema import Fact, Option


@dataclass(frozen=True)
class Answer:
    """``value`` is set where ``kind`` is "value"; "unknown": does not know; "refused": will not say."""

    kind: Literal["value", "unknown", "refused"]
    value: Optional[Value] = None


UNKNOWN = Answer("unknown")
REFUSED = Answer("refused")

_LONGEST = 200
_PICK = re.compile(
    r"(?:我?(?:选|就选|选择|要|点)?)?(?:第)?(?P<n>[1-9]|[一二两三四五六七八九])(?:个|项|号|种|)?(?:选项|那个|吧|的"
    r"|啊|呗)?[。.!！)）]?"
)
_ORDER = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_BARE = re.compile(
    quantity(
        r"(?P<unit>周岁|岁|个人|口人|口子|口|人|位|个平方|平方米|平方|平米|平|㎡|m2|方|分|块钱|块|元钱|元|年"
        r"|个月|月|个)?"
    )
)
_NONE_AT_ALL = re.compile(
    r"(?:一分(?:钱)?|一个月|一天|一年|一点|一次|从来|从|压根|根本|暂时|目前|现在|都|也|就|还|我|我们|完全"
    r"|啥){0,8}(?:没有?|没得|莫得|无|未|冇)(?:交|缴|买|存|攒|卖|过户|办"
    r"|收入|工资|挣|赚|房|分|积分|转|住|有|参保){0,8}(?:过|了|到|的|啊|呢|嘞|哦|哈|嘛|房子?|收入|钱|一分|积分"
    r"|(?:住房)?公积金|社保|保险|失业险|医保|这个|这种|东西){0,8}[。.!！]?"
    r"|零|0"
)
_JUST_CAME = re.compile(r"刚刚?(?:来|到|搬|交|开始|办|参保|入职|毕业)|才(?:来|到|搬|开始|交)")
_UNITS = {
    "person.age": ("岁", "周岁", None),
    "lease.area": ("平方米", "平方", "平米", "平", "㎡", "m2", "方", "个平方", None),
    "household.size": ("个人", "口人", "口子", "口", "人", "位", "个", None),
    "person.residence_points": ("分", "个", None),
    "household.home_area_per_person": ("平方米", "平方", "平米", "平", "㎡", "m2", "方", "个平方", None),
}
_YEARS = ("年", "个", None)
_PREFIX = re.compile(
    r"\A(?:嗯+(?!嗯)|哦+(?!哦)|呃+(?!呃)|额|啊+(?!啊)|哎呀?|那个|就是说?|大概|差不多|应该|可能|好像|估计|我想想|一共|总共|总|合计|全家|家里"
    r"|家庭|我们家?|我家?|我妈|我爸|她|他|每个?月|一个?月|月租|房租"
    r"|租金|收入|工资|一年|每年|年收入|年薪|面积|有|是|就|才|只有|也就|也|共|快|将近|不到|超过|大约|约|在|交了?"
    r"|缴了?|住了?|存了?|今年|现在|满|已经|都|记得|好几|,|，|。|:|：|\s"
    r"|是个|租|的|,){0,8}"
)


def read_answer(fact: Fact, text: str, *, today: dt.date, person: Optional[str] = None) -> Optional[Answer]:
    """What ``text`` answers to the question about ``fact``; None if it is a counter-question or another topic.

    ``person``: whom the question was about, where it is known: two is no age of a father.

    A yes or no, an option (by title, word or place), a number with or without unit, or a day; what is said
    loosely comes as a ``Range``. Values follow ``facts.read_facts`` (place names, "local", "elsewhere").
    """
    text = _TWICE.sub(r"\1", plain(text[:_LONGEST]).strip())
    if not text:
        return None
    own = (fact.type == "bool" and read_reply(fact.slug, text) is not None) or (
        holds_places(fact) and _OTHER_DISTRICT.fullmatch(text)
    )
    if is_cancel(text) and not own:
        return None  # 停了 cancels, unless the question was whether it is paid
    if is_refused(text):
        return REFUSED
    if says_too_little(fact.slug, text):
        return None
    if fact.slug == _GRADUATE and _LAST_YEAR.search(text):
        return UNKNOWN  # no rule that we know says how long after graduation somebody is still 应届
    value = _value(fact, text, today)
    if value is None and fact.type != "bool" and not is_question(text):
        value = _by_clause(fact, text, today)
    if value is not None and is_unknown(text) and fact.type in ("bool", "choice") and not _sure(fact, text, today):
        return UNKNOWN
    if value is not None:
        if isinstance(value, bool) and is_hedged(text) and not read_facts(text, today=today).facts:
            return UNKNOWN
        believed = _in_bounds(fact, value) and is_plausible(fact.slug, value, person)
        return Answer("value", value) if believed else None
    return UNKNOWN if is_unknown(text) and not _asks_back(text) else None


#: Told, but no yes: a mortgage is not yet one that is deducted.
_TOO_LITTLE = {"household.claims_mortgage_deduction": re.compile(
    r"(?:那|但|不过|我们?|我家|家里|老家|现在|也|都|是|还|倒)*(?:有|在还|还在还|背着)(?:个|着|了|套)?"
    r"(?:房贷|贷款|按揭|房贷的)(?:的|啊|呀|呢|嘛|要还|没还完|没还清|在还)*[,，。 ]?(?:老家的?|外地的?)?[。！]?"
)}


def says_too_little(slug: str, text: str) -> bool:
    """Whether ``text`` sounds like a yes to the question about ``slug`` but is none: 有房贷, asked what is deducted."""
    pattern = _TOO_LITTLE.get(slug)
    return pattern is not None and pattern.fullmatch(text.strip()) is not None


_GRADUATE = "person.newly_recruited_graduate"
_LAST_YEAR = re.compile(r"(?:去年|上一?年)[^,，。]{0,8}毕业|毕业(?:一年|1年|快一年|不到一年|半年)")
#: 莫得莫得, 没有没有
_TWICE = re.compile(r"\A([\u3400-\u9fff]{1,3})[,，。 ]?\1+\Z")
_BY_CLAUSE = re.compile(r"[,，。;；!！ \n]+")


def _by_clause(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    """满了十八的，二十三; 外地的，绵阳: the last clause that answers by itself."""
    clauses = [clause for clause in _BY_CLAUSE.split(text) if clause]
    if len(clauses) < 2:
        return None
    return next((value for clause in reversed(clauses) if (value := _value(fact, clause, today)) is not None), None)


def _sure(fact: Fact, text: str, today: dt.date) -> bool:
    """A fact stated in so many words stands beside 不清楚 about something else."""
    if fact.type == "bool" and read_reply(fact.slug, text) is not None:
        return not _SUPPOSED.search(text)
    if any(_FILLED.sub("", text) in option.words for option in fact.options):
        return True
    return any(found.slug == fact.slug for found in read_facts(text, today=today).facts)


#: 不晓得，应该没有哦: a guess is no fact.
_SUPPOSED = re.compile(r"应该|可能|好像|大概|估计|也许|似乎")


def _asks_back(text: str) -> bool:
    """不知道怎么查: still no answer; 不知道什么是居住证: asks for an explanation."""
    return (
        re.search(
            r"什么是|啥子?是|是什么|是啥|什么意思|啥意思|怎么(?:查|看|算|填)|咋(?:查|看|算)|在哪(?:里|儿)?(?:查|看)"
            r"|[?？]\Z",
            text,
        )
        is not None
    )


def _in_bounds(fact: Fact, value: Value) -> bool:
    if isinstance(value, (bool, str, dt.date)):
        return True
    ends: Sequence[object] = (value.low, value.high) if isinstance(value, Range) else (value,)
    for end in ends:
        if not isinstance(end, (int, float)):
            continue
        if (fact.minimum is not None and end < fact.minimum) or (fact.maximum is not None and end > fact.maximum):
            return False
    return True


_NOT_SO_MUCH = re.compile(
    r"(?:不是|没有|没得"
    r"|没(?=\d))(?=[\d一二两三四五六七八九十百千半几])(?!一[分点次个天毛块年套])[^,，。是]*(?P<comma>[,，]?)(?:而)?(?P<so>是)?"
)


def _value(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    if fact.type in ("int", "months", "money"):
        less = _NOT_SO_MUCH.search(text)
        if less and not less["so"]:
            return None  # 没有五万: less, but how much less is not said
        if less:
            text = text[less.end() :]  # 不是两千,是两千五
    if fact.type == "bool":
        return _bool(fact, text, today)
    if fact.type == "choice":
        return _choice(fact, text, today)
    if fact.type == "date":
        return _date(fact, text, today)
    if fact.type == "months":
        return _months(fact, text, today)
    if fact.type == "money":
        return _money(fact, text, today)
    return _int(fact, text, today)


def _stated(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    """The fact as ``read_facts`` finds it, whomever it is about: the question named the person."""
    found = [known.value for known in read_facts(text, today=today).facts if known.slug == fact.slug]
    return found[-1] if found else None


def _turns(text: str) -> bool:
    """以前签了,现在没签: the clauses have to be weighed."""
    return re.search(r"以前|之前|原来|过去|现在|后来|如今", text) is not None


#: Questions that name other things, too: 没工作 and 没合同 do not answer why the job was lost.
_NAME_ONLY = frozenset({"person.involuntary_unemployment", "person.job_seeking_here"})


def words_of(fact: Fact) -> str:
    """The characters that may follow 有 or 没 in an answer to this question."""
    if fact.slug in _NAME_ONLY:
        return fact.name
    return (
        fact.name + fact.question + "".join(word for option in fact.options for word in (option.title, *option.words))
    )


def _picked(options: Sequence[Option], text: str) -> Optional[Option]:
    """ "2", "第二个", "选1": an option by its place."""
    match = _PICK.fullmatch(text.strip())
    if not match:
        return None
    index = _ORDER.get(match["n"]) or int(match["n"])
    return options[index - 1] if index <= len(options) else None


# --- yes or no ---------------------------------------------------------------------------------


#: Replies about something else although they hold the fact's words: 跟房东签了合同; 都不是 (which kind, which grade).
_OTHER_MATTER = {
    "person.has_labor_contract": re.compile(r"租房|租赁|房屋|购房|买房|房东|中介"),
    "person.has_disability_certificate": re.compile(r"\A都不是"),
    "person.newly_recruited_graduate": re.compile(r"(?:去年|前年|早就?|年前)[^,，。今]{0,4}引进"),
    "child.registered": re.compile(r"没(?:有|得)?(?:孩子|小孩|娃)(?!.*[上落])"),
    "child.subsidy_claimed": re.compile(r"没(?:有|得)?(?:孩子|小孩|娃)(?!.*[领申拿])"),
}
_NOT_HERE = re.compile(r"(?:我|他|她|人|都|现在|还|就){0,4}(?:没有?|不)在(?:本地|这边|这里|这儿)[的了啊呢嘛]?")
_WHERE_ASKED = frozenset(
    {
        "person.lives_here",
        "person.social_insurance_active",
        "person.has_steady_job_or_home",
        "household.owns_home_in_lease_area",
    }
)


def _bool(fact: Fact, text: str, today: dt.date) -> Optional[bool]:
    if fact.options:
        option = _picked(fact.options, text) or _titled(fact.options, text)
        if option is not None and isinstance(option.value, bool):
            return option.value
    elif text in ("1", "2"):
        return text == "1"
    stated = _stated(fact, text, today)
    reply = read_reply(fact.slug, text)
    if isinstance(stated, bool) and not (reply is not None and _turns(text)):
        return stated
    other = _OTHER_MATTER.get(fact.slug)
    if other is not None and other.search(text):
        return None
    if fact.slug not in _WHERE_ASKED and _NOT_HERE.fullmatch(text):
        return None
    if reply is not None:
        return reply
    value = read_yes_no(text, words=words_of(fact))
    if value is not None or fact.slug in _NAME_ONLY:
        return value
    return echoes(text, fact.question)


# --- choices -----------------------------------------------------------------------------------

_FILLED = re.compile(r"[\s,，。.!！的吧啊呢嘛呀了]+")


#: 正在申请低保, 想办低保, 博士在读: not so yet.
_WISHED = re.compile(r"(?:想|要|正在|还在|准备|打算|在)(?:去)?(?:申请|办理?|评|认定|排队|等|摇号?|轮候)(?:个|着)?\Z")
_UNFINISHED = re.compile(r"[一二三](?:年级)?(?=[,，。的了啊呢在还]|\Z)|(?:还|都)?(?:在读|没毕业|没读完|读着"
    r"|正在申请|申请中|在申请|还在批)")


def _titled(options: Sequence[Option], text: str) -> Optional[Option]:
    """The option whose title or word is the whole text, or the one that is in it; None if several or none are."""
    bare = _FILLED.sub("", text)
    for option in options:
        if bare in (option.title, str(option.value), *option.words):
            return option
    hits: list[tuple[int, int, Option]] = []
    denied: list[tuple[int, int]] = []
    for option in options:
        for word in {option.title, *option.words}:
            at = text.lower().find(word.lower()) if word else -1
            if at < 0 or (word.startswith(("不", "没")) and option.value == "none"):
                continue  # 没有, 不是: read as a no below, 没有公租房 does not choose 没有
            wished = _WISHED.search(text[:at]) or _UNFINISHED.match(text, at + len(word))
            if is_denied(text, at, at + len(word)):
                denied.append((at, at + len(word)))
            elif not wished and not is_past(text, at):
                hits.append((at, at + len(word), option))
    # 不是产业功能区 denies the 功能区 in it, too
    hits = [h for h in hits if not any(start <= h[0] and h[1] <= end for start, end in denied)]
    longest = [
        h
        for h in hits
        if not any(o is not h and o[0] <= h[0] and h[1] <= o[1] and o[1] - o[0] > h[1] - h[0] for o in hits)
    ]
    values = {str(h[2].value) for h in longest}
    if len(values) != 1:
        return None
    return longest[0][2]


_NOT_FROM_HERE = re.compile(
    r"(?:我|我妈|我爸|她|他|我们|户口|户籍|就|都|嗯|也|又){0,6}(?:不是|不在|没在|不算|没迁到?|没落)(?:在)?"
    r"(?:本地|本市|当地|这边|这里|这儿|成都|上海|南京|苏州|保定)(?:市)?(?:的|人|户口|户籍){0,3}(?:啊|哦|呢|嘛"
    r"|了)?[。.]?"
)
_OTHER_DISTRICT = re.compile(
    r"(?:我|我们|她|他|就|是|在|住|住在|嗯|都){0,6}(?:别的|其他的?|其它的?|另外的?|另一个|别个)(?:区县?|县|地方|哪个区)(?:的|里|了|啊|呀|吧|嘛){0,3}[。.]?"
)
_RENTED_AT = re.compile(
    r"(?:我|我们|我家|就|现在|目前|嗯+(?!嗯)|房子|房|那个|是|都){0,6}(?:租在|租的|住在|租到|租起在|在|住|是)(?:了)?"
)
_HUKOU_AT = re.compile(
    r"(?:我|我妈|我爸|她|他|我们|就|嗯+(?!嗯)|现在|那个|都){0,6}(?:户口|户籍)?(?:是|在|落在|迁到了?|上在)"
)


def _place(fact: Fact, text: str) -> Optional[str]:
    """A bare place name as an answer: 成都, 在郫都区, 四川成都的."""
    start = _PREFIX.match(text)
    position = start.end() if start and place_at(text, 0) is None else 0  # 都江堰 begins with 都
    for opening in (_RENTED_AT.match(text), _HUKOU_AT.match(text)):
        if opening and place_at(text, opening.end()):
            position = opening.end()
    name: Optional[str] = None
    while position < len(text):
        place = place_at(text, position)
        if place is None:
            break
        if fact.slug.endswith("hukou_city") and place[1] == "district":
            break
        name, position = place[0], place[2]
    rest = text[position:]
    return (
        name
        if name
        and re.fullmatch(
            r"(?:的|户口|户籍|人|这边|那边|市|区|县|里头?|租|租的|住|房子|呀|哦|哈|啊|呢|吧"
            r"|嘛|了|。|!|！|,|，){0,8}",
            rest,
        )
        else None
    )


def _choice(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    stated = _stated(fact, text, today)
    if stated is not None and not (fact.slug == "person.dependency_level" and _titled(fact.options, text)):
        return stated
    if holds_places(fact):
        name = _place(fact, text)
        if name is not None:
            return name
        if not fact.slug.endswith("hukou_city") and _OTHER_DISTRICT.fullmatch(text):
            return OTHER if OTHER in fact.values else ELSEWHERE
    if isinstance(fact.values, str):
        if fact.slug.endswith("hukou_city"):
            if _NOT_FROM_HERE.fullmatch(text):
                return ELSEWHERE
            if re.fullmatch(
                r"(?:我|我妈|我们|就|是|在|嗯){0,8}(?:本地|本市|当地|这里|这边|这儿)(?:人|的|户口|的户口){0,8}(?:啊"
                r"|呀|吧|嘛)?[。.]?",
                text,
            ):
                return LOCAL
            if re.fullmatch(
                r"(?:我|我妈|我们|就|是|在|嗯){0,8}(?:外地|外省|外市|别的地方|老家|不在这(?:里|边|儿)?"
                r"|不在本地)(?:人|的|户口|的户口){0,8}(?:啊|呀|吧|嘛)?[。.]?",
                text,
            ):
                return ELSEWHERE
        return None
    typed = _typed(fact, text)
    if typed is not None:
        return typed
    if fact.slug == "person.disability_level" and _SEVERE.fullmatch(text):
        return OneOf(frozenset((1, 2)))
    option = _titled(fact.options, text)
    if option is None:
        option = _picked(fact.options, text)
    if option is not None and not _is_counter(text, option):
        return option.value
    more = _MORE_WORDS.get(fact.slug)
    if more is not None:
        said = more.fullmatch(text.strip(" 。.!！"))
        if said:
            return said.lastgroup
    if "none" in fact.values and _NONE_OF_ALL.fullmatch(text):
        return "none"
    plain = "none" in fact.values and not is_question(text) and not _denied_options(fact, text)
    if plain and read_yes_no(text, words=words_of(fact)) is False:
        return "none"
    return _denied_choice(fact, text)


#: 重度 on a certificate is one of the first two grades.
_SEVERE = re.compile(r"(?:我妈|我爸|她|他|我|是|属于|算|评的|评|都|个){0,4}重度(?:残疾|残)?(?:的|人|那种|啊|呀"
    r"|哦|嘛|了)*[。.!！]?")
_END = r"(?:啊|呀|的|了|吧|嘛|呢|哦|噻|咯|哈|上班|工作|租的?|里头?|，|,){0,4}"
#: More ways to say a choice, each a whole reply.
_MORE_WORDS = {
    "person.dependency_level": re.compile(
        r"(?:我妈|我爸|她|他|老人|我|自己|还|都|啥|什么|现在|基本上?|生活|吃饭|穿衣|上厕所|走路|洗澡|样样|,|，){0,8}"
        rf"(?P<none>(?:能|可以|会)自己(?:做|来|干|弄|行)?|自己(?:都)?(?:能|可以)(?:行|做|来|干|弄|搞定)?"
        rf"|(?:自己)?(?:都|没问题)?(?:行|没问题)|利索){_END}"
    ),
    "person.public_service_or_zone_job": re.compile(
        r"(?:我|我们|就|是|在|一个|一家|个|给|普通|做|那种){0,6}(?:(?P<industrial_zone>(?:高新区?)?软件园|科技园"
        r"|工业园区?|开发区|高新园区?)"
        rf"|(?P<none>私企|私人(?:老板|公司)|民企|外企|普通(?:公司|企业|单位)|公司|打工|工地|餐馆|超市"
        rf"|自己(?:开店|做生意|干)|开(?:个)?(?:小)?店|做生意|[跑送](?:外卖|滴滴|快递)|打零工|打散工|自由职业|退休|没上班|没上过班|从没上过班|没工作"
        rf"|个体户?)){_END}"
    ),
    "person.education": re.compile(
        r"(?:我|他|她|就|是|读|念|上|的|一个|个|普通|文凭|学历){0,6}(?P<bachelor>[一二三]本|211|985|双一流)(?:大学|院校|学校)?(?:毕业|文凭|学历)?"
        rf"{_END}"
    ),
    "lease.type": re.compile(
        r"(?:我|我们|就|是|在|从|跟|通过|找|一个|普通的?|住|那种|网上){0,6}(?P<market>(?:链家|贝壳|自如|58"
        r"|安居客|房屋中介|熟人|朋友|亲戚|同事)(?:的房子?|家)?"
        rf"|(?:小区|居民|民|城中村)(?:里)?(?:的)?房?|合租房?|群租房?|外面(?:租)?的?房?|老小区)(?:上|那儿|那里"
        rf"|手上|手里)?{_END}"
    ),
}
_NONE_OF_ALL = re.compile(
    r"(?:我|我们|我们家|我家|家里|她|他|这些|那些|上面|以上|上述|都|也|就|啥|啥子|什么|一样|一个|哪样|哪个|全"
    r"|统统|通通|反正|嗯|哦|,|，){0,8}"
    r"(?:不是|没有?|没得|莫得|不算|不占|不沾边?|不属于|不在|不符合|没占|没沾边?|没评|没认定|没评上|没申请|没去评"
    r"|没去认定|木有|冇)"
    r"(?:边|这些|那些|这种|这类|里头|里面|任何|一样|一个|哪样|哪个|过|到|的|了|啊|呢|嘛|哦|呀|吧|嘞|噻|。|!|！|\.){0,6}"
)
# Only where there is one other choice, or where a no to one kind is a no to the question.
_TWO_WAYS = {"urban": "rural", "rural": "urban"}
#: Facts whose options are kinds: a no to one leaves the others.
_KINDS = frozenset({"household.category", "person.talent_class", "person.public_service_or_zone_job", "lease.type"})
_NO_WORDS = {
    "household.category": ("困难家庭", "困难户", "贫困户", "救助对象"),
    "person.talent_class": ("人才", "认定", "评定"),
    "person.dependency_level": ("失能",),
}


def _denied_options(fact: Fact, text: str) -> list[object]:
    """The values whose words the text denies by name: 不是重度."""
    return [
        option.value
        for option in fact.options
        if option.value != "none" and denied_word(text, {option.title, *option.words}) is not None
    ]


def _denied_choice(fact: Fact, text: str) -> Optional[Value]:
    """What a denied option leaves: 不是农村的 is urban, 不是低保 is one of the other kinds."""
    if is_question(text) and not re.search(r"哪(?:里|儿)?(?:是|算|有|够)|咋可能|怎么可能", text):
        return None
    if denied_word(text, _NO_WORDS.get(fact.slug, ())):
        return "none"
    named = _denied_options(fact, text)
    if len(named) == 1 and named[0] in _TWO_WAYS:
        return _TWO_WAYS[str(named[0])]
    rest = frozenset(value for value in fact.values if value not in named)
    if not named or not rest or fact.slug not in _KINDS:
        return None
    return next(iter(rest)) if len(rest) == 1 else OneOf(rest)


def _typed(fact: Fact, text: str) -> Optional[Value]:
    """A value as such: "2" for a grade, "F" for a class, "master"."""
    bare = _FILLED.sub("", text).lower()
    for value in fact.values:
        if bare == str(value).lower():
            return value
    return None


def _is_counter(text: str, option: Option) -> bool:
    """ "大专可以吗", "什么叫产业功能区": the option's word inside a question."""
    return is_question(text) and not re.match(rf"(?:我|我妈|她|他|嗯|是|就是|有)+{re.escape(option.title[:2])}", text)


# --- days --------------------------------------------------------------------------------------


def _date(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    if is_difference(text):
        return None
    births = list(find_births(text, today=today))
    if births:
        return births[-1].value
    dates = [d for d in find_dates(text, today=today) if span_of(d.value)[0] <= today]
    if dates:
        if is_question(text) and len(text) > 24:
            return None
        first, last = span_of(dates[-1].value)
        return days(first, min(last, today))
    if is_question(text):
        return None
    if fact.slug == "child.birth_date":
        for found in find_ages(text, today=today):
            low, high = ends(found.value)
            if low is not None and high is not None and high <= 18:
                return born_between(int(low) * 12, int(high) * 12 + 11, today)
        for duration in find_durations(text):
            months = duration.months
            if isinstance(months, int) and months <= 216 and not re.search(r"[早晚差大小]\Z", text[: duration.start]):
                return born_between(months, months, today)
    match = re.fullmatch(r"\D{0,6}((?:19|20)\d\d)(?:年)?\D{0,4}", text)
    if match:
        return days(
            dt.date(int(match[1]), 1, 1), min(dt.date(int(match[1]), 12, 31), max(today, dt.date(int(match[1]), 1, 1)))
        )
    return None


# --- months, money, counts -----------------------------------------------------------------------


def _number(text: str, units: Optional[Sequence[Optional[str]]] = None) -> Optional[tuple[Number, Optional[str]]]:
    """The only number of a short reply with its unit; None where there are several, or another unit than ``units``."""
    found: list[tuple[Number, Optional[str]]] = []
    for match in _BARE.finditer(text):
        value = read_quantity(match)
        if value is None:
            continue
        if units is not None and match["unit"] not in units:
            continue
        found.append((value, match["unit"]))
    return found[-1] if found else None


def _plain(text: str) -> bool:
    """The reply is a number with at most a few words about it, no question."""
    return not is_question(text) and len(text) <= 30


def _months(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    stated = _stated(fact, text, today)
    if stated is not None:
        return stated
    durations = list(find_durations(text))
    if any(is_rate(text, duration) for duration in durations):
        return None  # 公积金一个月封顶好多, 一个月交八百: no time is told
    if durations and not _asks_condition(text):
        if re.search(r"断|停", text[: durations[0].start]) and len(durations) == 1:
            return None
        return durations[0].months
    if not _plain(text):
        return None
    if _JUST_CAME.search(text):
        return between(0, 3)
    if _NONE_AT_ALL.fullmatch(text):
        return 0
    for found in find_dates(text, today=today):  # 从2023年开始交的
        if re.search(r"从|开始|起|就", text) and "年" in text[found.start : found.end]:
            first, last = span_of(found.value)
            if first <= today:
                return between(_months_since(min(last, today), today), _months_since(first, today))
    bare = _number(text, (None, "个", "个月", "月"))
    if bare and _alone(text):
        return bare[0] if not isinstance(bare[0], float) else int(bare[0])
    return None


def _months_since(day: dt.date, today: dt.date) -> int:
    return (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)


def _alone(text: str) -> bool:
    """Nothing but fillers, hedges and one quantity."""
    start = _PREFIX.match(text)
    rest = text[start.end() if start else 0 :]
    return (
        re.fullmatch(
            rf"(?:{quantity('(?:周岁|岁|个人|口人|口子|口|人|位|个平方|平方米|平方|平米|平|㎡|m2|方|分|块钱|块|元钱|元|年|个月|月|个)?')})(?:的样子|样子|左右|吧|啊|呢"
            rf"|嘛|呀|了|多|的|钱|一个?月|每月|一年|每年|/月|/年|哦|嘞|咯|不等|上下|。|!|！|\.|,|，|\s){{0,8}}",
            rest,
        )
        is not None
    )


def _asks_condition(text: str) -> bool:
    """要交满两年吗: the number belongs to a question about the rule."""
    return is_question(text) and re.search(r"要|得|必须|才|以上|满|够", text) is not None


#: 四五千吧一个月
_MONEY_FILLERS = re.compile(r"[吧嘛啊哦呢哈]")
_EACH_EARNS = re.compile(
    r"\A(?!.*(?:一共|总共|合计|加起来|合起来)).*(?:我|俺|阿拉|自己).*(?:老公|老婆|爱人|媳妇|对象|他|她|爸|妈|儿子|女儿)"
)


def _money(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    stated = _stated(fact, text, today)
    if stated is not None:
        return stated
    if is_question(text) and _asks_condition(text):
        return None
    if re.fullmatch(
        r"(?:我|我们|家里|全家|现在|目前|都|也|就|暂时|一分钱|一分|啥|嗯){0,8}(?:没有?|没得|莫得|无|冇)(?:任何"
        r"|啥子?|什么|固定)?(?:收入|工资|钱|工作|进账|来源|交|租金|的"
        r"|了|啊|呢){0,8}[。.!！]?|零|0",
        text,
    ):
        return (
            0
            if not re.fullmatch(r"(?:我|我们|嗯){0,8}(?:没有?|没得|莫得)(?:了|啊|呢|的){0,8}[。.]?", text)
            or "income" in fact.slug
            else None
        )
    sums = list(find_money(_MONEY_FILLERS.sub("", text).replace("多点", "多"), bare=True))
    if not sums:
        return None
    if fact.slug.startswith("household.income") and len(sums) > 1 and _EACH_EARNS.search(text):
        return None  # 我挣五万老公挣六万: two people's, and no word of what they make together
    said = sums[-1] if len(sums) == 1 else max(sums, key=lambda m: (m.marked, m.period is not None))
    if not said.marked and said.period is None and not _alone(text):
        return None
    if said.period == "day":
        return None
    yearly = fact.slug.endswith("_year")
    if said.period == "year" and not yearly:
        return scale(said.value, 1 / 12)
    if said.period == "month" and yearly:
        return scale(said.value, 12)
    return said.value


#: 满79了, asked how old: just that. 满60了 may only mean that the age of a rule is reached.
_REACHED = re.compile(
    r"(?:[我她他]|我妈|我爸|今年|已经|都|刚)*"
    r"满(?P<num>\d{2,3}|[一二三四五六七八九]?十[一二三四六七八九])(?:周?岁)?[了的啦]*"
)
_RULES_GO_BY = 5


def _just_reached(text: str) -> Optional[int]:
    reached = _REACHED.fullmatch(text)
    years = read_numeral(reached["num"]) if reached is not None else None
    return years if isinstance(years, int) and years % _RULES_GO_BY else None


def _int(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    if fact.slug == "household.years_since_home_transfer":
        years = _transfer(fact, text)
        if years is not None:
            return years
    if fact.slug == "person.age" and (years := _just_reached(text)) is not None:
        return years
    stated = _stated(fact, text, today)
    if stated is not None:
        return stated
    if fact.slug == "person.age":
        return _age(text, today)
    if fact.unit == "年" or fact.slug.startswith(("person.years", "household.years")):
        return _years(fact, text, today)
    if not _plain(text):
        return None
    if _NONE_AT_ALL.fullmatch(text) and (fact.minimum or 0) == 0:
        return 0
    if fact.slug == "household.size":
        if re.fullmatch(
            r"(?:就|只有|嗯|是){0,8}(?:我|自己|我自己|她|他)?(?:自己)?(?:一个|1个|一人|单身|独居)(?:人)?(?:住"
            r"|过)?(?:了|的|啊|呢){0,8}[。.]?|(?:就"
            r"|只有|嗯){0,8}(?:我|我自己|自己)(?:啊|呢|了){0,8}[。.]?",
            text,
        ):
            return 1
        if re.fullmatch(
            r"(?:就|只有|嗯|是){0,8}(?:我们|我|咱|老|小)?(?:俩|两口子|两口|夫妻俩|两个)(?:人)?(?:啊|呢|了"
            r"|住){0,8}[。.]?",
            text,
        ):
            return 2
    units = _UNITS.get(fact.slug, (fact.unit or None, None))
    found = _number(text, units)
    if found is None or not _alone(text):
        return None
    return round(found[0]) if isinstance(found[0], float) else found[0]


def _age_of(born: Days, text: str, today: dt.date) -> Optional[Value]:
    age = age_from_birth(born, today=today)
    return None if age is None else age_by_birthday(age, text)


#: 他今年生日还没过: this year's birthday is no day of birth.
_OF_LATE = re.compile(r"今年|去年|前年|明年")


def _age(text: str, today: dt.date) -> Optional[Value]:
    ages = find_ages(text, today=today)
    if ages and not (is_question(text) and not ages[-1].strong):
        return ages[-1].value
    if is_difference(text):
        return None
    births: list[Dated] = list(find_births(text, today=today))
    if not births and _plain(text):
        births = [
            d
            for d in find_dates(text, today=today)
            if ("年" in text[d.start : d.end] and not _OF_LATE.match(text, d.start))
            or text[d.start : d.end].isdigit()
            or "-" in text
        ]
    if births:
        return _age_of(births[-1].value, text, today)
    if not _plain(text):
        return None
    match = re.fullmatch(r"\D{0,6}(19\d\d|20[0-2]\d)\D{0,4}", text)
    if match:
        year = int(match[1])
        born = days(dt.date(year, 1, 1), dt.date(year, 12, 31))
        return _age_of(born, text, today) if year < today.year else None
    found = _number(text, _UNITS["person.age"])
    return found[0] if found and _alone(text) and not isinstance(found[0], float) else None


_NEVER_OWNED = re.compile(
    r"(?:(?:我|我们|家里|从来|从|一直|压根|根本|就|都|也|还|这辈子|以前|名下|啊|嗯|哦|,|，){0,8}"
    r"(?:没有?|没得|莫得|未|冇|哪有|哪来的?|木有)(?:卖|买卖|过户|转让?|转移|办|买|有|拥有|动|弄|转手|交易|出手"
    r"|处理){0,2}"
    r"(?:过|得|起|上)?(?:任何|一套|自己的|什么|啥子?|的)?(?:房(?:子|产|屋)?|过户|产权|这种事|这些)?(?:过|的|了"
    r"|啊|呢|嘛|哦|嘞|咯|呀){0,4}"
    r"|(?:从来|一直|都|就|我)?(?:无房|租房(?:住)?)(?:的|了)?|(?:我|我们|一直|都|,"
    r"|，)*(?:哪里?)?买不起房?子?(?:哦|啊)?)[。.!！]?"
)
_YEAR_WORD = re.compile(r"大前年|前年|去年|上年|今年|上个月|上月|刚刚?(?=卖|过户)")
_YEARS_BACK = {"大前年": 3, "前年": 2, "去年": 1, "上年": 1}


def _transfer(fact: Fact, text: str) -> Optional[Value]:
    """Never: as long ago as the fact can say. 去年卖的 counts as one year, 前年 as two, as people count."""
    if is_question(text) and not re.search(r"哪(?:里|来的?)?有|哪里?买得?不?起", text):
        return None
    clauses = [clause for clause in re.split(r"[,，。;；!！ ]+|(?<=[房子屋过])(?=也没)", text) if clause]
    if clauses and all(_NEVER_OWNED.fullmatch(clause) for clause in clauses):
        return fact.maximum
    said = _YEAR_WORD.search(text)
    if said and len(text) <= 20 and not re.search(r"[没买要想]|月(?!前)", text.replace("上个月", "")):
        return _YEARS_BACK.get(said.group(), 0)
    return None


def _years(fact: Fact, text: str, today: dt.date) -> Optional[Value]:
    durations = list(find_durations(text.replace("年前", "年")))
    if durations and not _asks_condition(text):
        months = durations[0].months
        if isinstance(months, Range):
            low, high = ends(months)
            return whole(None if low is None else low // 12, None if high is None else high // 12)
        return months // 12
    if not _plain(text):
        return None
    if _NONE_AT_ALL.fullmatch(text) and fact.slug == "household.years_since_home_transfer":
        return fact.maximum  # never: as long ago as the fact can say
    if re.search(r"今年(?:的|刚|才|毕业|六月|七月)?|应届|刚毕业|才毕业|刚刚", text):
        return 0
    for found in find_dates(text, today=today):
        first, last = span_of(found.value)
        if first <= today:
            newest = min(last, today)
            return between(_months_since(newest, today) // 12, _months_since(first, today) // 12)
    match = re.fullmatch(r"\D{0,4}((?:19|20)\d\d)\D{0,3}", text)
    if match:
        year = int(match[1])
        return between(max(0, today.year - year - 1), today.year - year) if year <= today.year else None
    found_number = _number(text, _YEARS)
    return found_number[0] if found_number and _alone(text) and not isinstance(found_number[0], float) else None
