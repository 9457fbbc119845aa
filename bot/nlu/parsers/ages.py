"""Ages: 七十三了, 今年68, 七十来岁, 刚满六十, 奔八十, 年过六旬, 花甲, 虚岁75, 属虎. Whole years, or a Range."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Iterator, Optional, Union

from bot.nlu.parsers.dates import Days, span_of
from bot.nlu.parsers.numbers import ends, read_numeral, whole
from knowledge.eligibility.values import Range

Age = Union[int, Range]
OLDEST = 119


@dataclass(frozen=True)
class FoundAge:
    """An age at ``text[start:end]``. ``strong``: said as somebody's own (今年…, …了), not as a rule."""

    value: Age
    start: int
    end: int
    strong: bool


_ADVERB = r"(?:今年|现年|年龄|年纪|岁数|已经|都|也|就|有|是|才|刚好|正好|现在|应该|我记得|马上就|眼看|今天|整|也是)"
_HEDGE = (
    r"(?:快要满?|快到|快满|快|(?:明年|下个?月|年底|过完年|翻年|过两个月)(?:就|才|要|刚){0,8}(?:满|到)?|将近|接近"
    r"|马上(?:要|就)?满?|即将满?|就要满?|要满|该满|不到|未满"
    r"|不满|没满|没到|还没到|还没满|刚刚满|刚满|刚过|刚到|刚刚|刚|年满|已满|满了?|过了|超过"
    r"|大概|差不多|大约|约|可能|虚岁是?|虚|周岁是?|实岁是?|实际|身份证上是?|至少|年近|年过)"
)
_INSIDE = r"(?:好几|大几|多|来|几)"
_AFTER = r"(?:左右|上下|出头|冒头|挂零|开外|及以上|以上|及以下|以下|以内|不到|多了?|的样子|样子)"
_NUM = r"(?:\d{1,3}|[一二两三四五六七八九十百零几]{1,5})"
_BIG = (
    r"(?:\d{2,3}|(?:[二两三四五六七八九]?十[一二两三四五六七八九几]{0,2}|[二三四五六七八九]{2}十"
    r"|一百[零一二三四五六七八九十]{0,3}))"
)
_NO_UNIT = (
    r"(?![\d.%‰个块元万千百平米年月日号天次楼栋人口路点级类分套室厅斤里公线层倍名位家条元届kKwW:：-]|小时|单元|户型"
    r"|多[块个年人元]|来[块个年人元]|几[块个年人元]|来?[个块]|周(?!岁))"
)

# 68岁, 七十来岁, 虚岁75, 八十岁左右
_WITH_UNIT = re.compile(
    rf"(?P<adv>{_ADVERB})?(?P<hedge>{_HEDGE})?(?<![\d.第])(?P<num>{_NUM})(?:[到至~-](?P<until>{_NUM}))?(?P<inside>{_INSIDE})?"
    rf"(?P<unit>周岁|虚岁|实岁|岁)(?P<after>{_AFTER})?(?P<le>了|啦|咯|喽)?(?P<when>的时候|那年|那时|时(?![间常])|半)?"
)
# 七十三了, 快八十了, 六十多了
_WITH_LE = re.compile(
    rf"(?P<adv>{_ADVERB}{{0,3}})(?P<hedge>{_HEDGE})?(?<![\d.第])(?P<num>{_BIG})(?:[到至~-](?P<until>{_NUM}))?(?P<inside>{_INSIDE})?"
    rf"(?P<after>{_AFTER}|的人|高龄)?(?:了|啦|咯|喽|嘞|哒)"
)
# 六十出头
_LOOSE = re.compile(
    rf"(?P<hedge>{_HEDGE})?(?<![\d.第])(?P<num>{_BIG})(?P<after>出头|冒头|开外|挂零)(?!块|元|的?工资|的?房)"
)
# 今年68, 虚岁七十五, 年纪七十二
_THIS_YEAR = re.compile(
    rf"(?:今年|现年|年龄|年纪|岁数|虚岁|周岁|实岁|已满|刚满|年满|年近|年过|年逾|明年满|下个?月满"
    rf"|年底满){_ADVERB}{{0,3}}(?P<hedge>{_HEDGE})?(?<![\d.第])(?P<num>{_BIG})(?![年])"
    rf"(?P<inside>{_INSIDE})?{_NO_UNIT}(?P<after>{_AFTER})?"
)
# 我28, 我妈75没人做饭
_PERSON = (
    r"(?:(?:俺|我|咱|阿拉|伲)(?:奶|爷|姥|爹|娘|姑|姨|舅|叔|伯)|我自己|我本人|我|俺|本人|自己|妈妈?|老妈|母亲|老母亲|爸爸?|老爸|父亲|娘|爹|奶奶|外婆|姥姥|爷爷|外公|姥爷|婆婆|公公|岳父|岳母"
    r"|老伴儿?|老公|老婆|爱人|媳妇|老汉儿?|老人家?|他|她|哥|姐|弟|妹|邻居"
    r"|朋友|女儿|儿子|闺女)"
)
_AFTER_PERSON = re.compile(
    rf"(?P<who>{_PERSON}(?:,?(?:[\u4e00-\u9fff]{{2,3}})?(?:户口|户籍)的?)?),?(?:现在|今年|也|都|是|就|才|刚)?(?P<num>(?!11[049](?!\d)|12[02])(?:\d{{2,3}}(?![\d.])"
    rf"|[二三四五六七八九]?十[一二三四五六七八九]|[二三四五六七八九]十))"
    rf"(?P<inside>{_INSIDE})?(?P<after>{_AFTER})?{_NO_UNIT}(?!岁)"
)
# 七十二低保, 我妈八十独居: an age right before what kind of household or person it is
_BEFORE_KIND = re.compile(
    rf"(?P<num>\d{{2,3}}|[二三四五六七八九]?十[一二三四五六七八九]?)(?P<inside>{_INSIDE})?"
    r"(?=的?(?:低保|低边|特困|五保|独居|孤寡|空巢|失能|半失能|残疾|卧床))"
)
_AFTER_KIND = re.compile(
    rf"(?:低保户|低边户|特困户|五保户|独居|孤寡|空巢|失能)的?[,，]?(?P<num>\d{{2,3}}|[二三四五六七八九]?十[一二三四五六七八九]?)"
    rf"(?P<inside>{_INSIDE})?{_NO_UNIT}(?!岁)"
)
_TOWARDS = re.compile(
    r"(?:奔着?|往|朝|直奔)(?P<num>[四五六七八九]十?|[3-9]0|一百)(?:岁|走|去|上|数|奔|的人|的年纪|了|(?=[,，。\s]"
    r"|\Z))(?:走|去|上|数|奔|的人)?了?"
)
_DECADE = re.compile(
    r"(?P<past>年过|年逾|已过|过了|已逾|已|年近|近|将近|快)?(?P<ten>[四五六七八九])旬(?:老人|老母|老父)?(?P<le>了"
    r"|有余|多)?"
)
_NAMED = re.compile(
    r"(?P<past>年过|年逾|已过|过了|年近|将近|快到|快)?(?P<name>花甲|古稀|耄耋|期颐|不惑|而立|知天命|半百|杖朝"
    r"|米寿)(?:之年|之龄|年)?"
)
_NAMES = {
    "花甲": (60, 69),
    "古稀": (70, 79),
    "耄耋": (80, 99),
    "期颐": (100, OLDEST),
    "不惑": (40, 49),
    "而立": (30, 39),
    "知天命": (50, 59),
    "半百": (50, 59),
    "杖朝": (80, 89),
    "米寿": (88, 88),
}
_COHORT = re.compile(
    r"(?<!\d)(?P<num>[5-9]0|[0５-９]0|00|10|[5-9]5|05|五零|六零|七零|八零|九零|零零)后(?!的|来|天|面|备|续)"
)
_UNTIL = re.compile(
    r"(?:还差|还有|再过|差)(?P<more>[一二两三1-3])[年岁](?:就|才|满|到|就满|就到)?(?P<num>[5-9]0"
    r"|[五六七八九]十)(?:岁)?(?!年|天|块)(?:了)?"
)
# 八十差一个月, 差两个月满八十: not yet
_SHORT_OF = re.compile(
    r"(?P<num>[二三四五六七八九]十[一二三四五六七八九]?|十[一二三四五六七八九]|[1-9]\d)岁?(?:还)?(?:差|缺|少)[一二两三四五六七八九十半几\d]{1,2}个?(?:多)?月"
)
_MONTHS_TO = re.compile(
    r"(?:还)?(?:差|有|再过|过)(?:[一二两三四五六七八九十半几\d]{1,2}个?(?:多)?月)(?:就|才|到|满|就满|就到|才满){0,2}"
    r"(?P<num>[二三四五六七八九]十[一二三四五六七八九]?|[1-9]\d)(?:岁|了)?"
)
# 三十有二
_TENS_AND = re.compile(
    r"(?:今年|现年|已经"
    r"|都){0,8}(?P<tens>[二三四五六七八九]十)有(?P<ones>[一二三四五六七八九])(?![一二三四五六七八九十个口套])(?:了)?"
)
_NOT_AN_AGE = re.compile(r"房龄|工龄|党龄|楼龄|医龄|教龄|车龄|树|墙|号线|编号|第")
# 比我大三岁, 身份证小两岁, 差两岁: years between two ages. 老大三岁 is an age.
_DIFFERENCE = re.compile(
    r"(?:(?<!老)[大小]|差|早|晚|长|(?<![\d十好])多|少|比[^,，。\s]{1,6}(?:老|年轻))(?:了|我们|我|他|她|你|整整|出|上|有|个){0,3}\Z"
)
_LARGEST_DIFFERENCE = 39
_LEFT = re.compile(
    rf"(?:\A|[,，。;；!！?？、\s]|{_PERSON}|[家人子们儿咱宝孩娃崽爷妈爸娘公婆奶叔姨哥姐弟妹伴舅姑伯]|阿拉|口"
    rf"|[老小][\u4e00-\u9fff])\Z"
)
_ZODIAC = {name: index for index, name in enumerate("鼠牛虎兔龙蛇马羊猴鸡狗猪")}
_ANIMAL = re.compile(r"属(?:相是?|的?是)?(?P<animal>小?老?[鼠牛虎兔龙蛇马羊猴鸡狗猪])(?!于|性|实|地)")


def _number(word: Optional[str], inside: Optional[str] = None) -> Optional[Age]:
    if not word:
        return None
    value = read_numeral(word)
    if value is None or isinstance(value, float):
        return None
    if isinstance(value, Range):
        return value
    if inside and value % 10 == 0:
        low, high = {"多": (0, 9), "几": (1, 9), "来": (-3, 3), "好几": (5, 9), "大几": (6, 9)}[inside]
        return Range(value + low, value + high)
    return value


def _ends(value: Age) -> tuple[int, int]:
    low, high = ends(value)
    return int(low or 0), OLDEST if high is None else int(high)


def _hedged(value: Age, hedge: str, after: str) -> Optional[Age]:
    low, high = _ends(value)
    if hedge.startswith("虚"):
        return whole(low - 2, high - 1)
    if hedge in ("不到", "未满", "不满", "没满", "没到", "还没到", "还没满"):
        return whole(None, high - 1)
    if hedge in ("快要", "快要满", "快到", "快满", "快", "将近", "接近", "年近"):
        return whole(max(0, low - (3 if low % 10 == 0 and hedge == "年近" else 2)), high - 1)
    if hedge != "过了" and hedge.startswith(
        ("马上", "即将", "就要", "要满", "该满", "明年", "下", "年底", "过", "翻年")
    ):
        return whole(low - 1, high - 1)
    if hedge in ("年满", "已满", "满", "满了", "过了", "至少", "年过") and not isinstance(value, Range):
        return whole(low, low + 9) if hedge in ("年过", "过了") and low % 10 == 0 else Range(low, None)
    if hedge == "超过":
        return Range(low + 1, None)
    if after in ("以上", "及以上"):
        return Range(low, None)
    if after in ("以下", "及以下", "以内"):
        return Range(None, high)
    if after == "不到":
        return whole(None, high - 1)
    if after in ("出头", "冒头", "挂零"):
        return whole(low, low + 3)
    if after == "开外":
        return whole(low + 1, low + 9)
    if after.startswith("多") and low % 10 == 0:
        return whole(low, high + 9)
    if (
        after in ("左右", "上下", "样子", "的样子") or hedge in ("大概", "差不多", "大约", "约", "可能")
    ) and low == high:
        return whole(low - 2, high + 2)
    return value


def _read(match: re.Match[str], *, hedge: Optional[str] = None) -> Optional[Age]:
    groups = match.re.groupindex
    value = _number(match["num"], match["inside"] if "inside" in groups else None)
    if value is None:
        return None
    if "until" in groups and match["until"]:
        end = _number(match["until"])
        if end is None:
            return None
        low, high = _ends(value)[0], _ends(end)[1]
        return whole(low, high)
    said = hedge or (match["hedge"] if "hedge" in groups else "") or ""
    after = (match["after"] if "after" in groups else "") or ""
    if "unit" in groups and match["unit"] == "虚岁":
        said = "虚"
    return _hedged(value, said, after)


def _sane(value: Optional[Age]) -> bool:
    if value is None:
        return False
    low, high = _ends(value)
    return 0 <= low <= OLDEST and high <= OLDEST


def _at_least(word: str, age: int) -> bool:
    value = _number(word)
    return value is not None and _ends(value)[0] >= age


def _candidates(text: str) -> Iterator[tuple[Optional[Age], int, int, bool]]:
    for match in _SHORT_OF.finditer(text):
        aim = _number(match["num"])
        if isinstance(aim, int):
            yield aim - 1, match.start("num"), match.end(), True
    for match in _MONTHS_TO.finditer(text):
        aim = _number(match["num"])
        if isinstance(aim, int) and aim >= 18:
            yield aim - 1, match.start(), match.end(), True
    for match in _TENS_AND.finditer(text):
        tens, ones = _number(match["tens"]), _number(match["ones"])
        if isinstance(tens, int) and isinstance(ones, int):
            yield tens + ones, match.start(), match.end(), True
    for match in _UNTIL.finditer(text):
        aim, more = _number(match["num"]), _number(match["more"])
        if isinstance(aim, int) and isinstance(more, int):
            yield aim - more, match.start(), match.end(), True
    for match in _WITH_UNIT.finditer(text):
        if match["when"] in (None, "半"):
            adv = match["adv"] in ("今年", "现年", "已经", "都", "马上就", "眼看", "今天")
            own = (
                bool(match["le"])
                or adv
                or bool(match["hedge"] and match["hedge"].startswith(("虚", "快", "刚", "马上")))
            )
            own = (
                own
                or match["after"] in ("出头", "冒头")
                or match["inside"] in ("来", "好几", "大几")
                or (match["unit"] == "虚岁")
            )
            yield _read(match), match.start(), match.end(), own
    for match in _WITH_LE.finditer(text):
        old = re.search(r"都|已经", match["adv"]) and _at_least(match["num"], 50)
        if old or "今年" in match["adv"] or _LEFT.search(text[max(0, match.start() - 3) : match.start()]):
            yield _read(match), match.start(), match.end(), True
    for match in _LOOSE.finditer(text):
        if _LEFT.search(text[max(0, match.start() - 3) : match.start()]):
            yield _read(match), match.start(), match.end(), True
    for match in _THIS_YEAR.finditer(text):
        word = match.group()[:2]
        rule = word in ("年满", "已满") or (word == "周岁")
        yield (
            _read(
                match,
                hedge=word
                if word in ("虚岁", "年满", "已满", "年近", "年过", "明年", "下个", "下月", "年底")
                else None,
            ),
            match.start(),
            match.end(),
            not rule,
        )
    for match in _AFTER_PERSON.finditer(text):
        if match["who"]:
            yield _read(match), match.start("num"), match.end(), True
    for match in _BEFORE_KIND.finditer(text):
        if _LEFT.search(text[max(0, match.start() - 3) : match.start()]) and _at_least(match["num"], 16):
            yield _read(match), match.start(), match.end(), False
    for match in _AFTER_KIND.finditer(text):
        if _at_least(match["num"], 16):
            yield _read(match), match.start("num"), match.end(), False
    for match in _TOWARDS.finditer(text):
        word = match["num"]
        aim = _number(word if len(word) > 1 else word + "十")
        if isinstance(aim, int):
            yield Range(aim - 3, aim - 1), match.start(), match.end(), True
    for match in _DECADE.finditer(text):
        ten = _number(match["ten"] + "十")
        if isinstance(ten, int):
            near = match["past"] in ("年近", "近", "将近", "快")
            yield (
                (Range(ten - 3, ten - 1) if near else Range(ten, ten + 9)),
                match.start(),
                match.end(),
                bool(match["past"]),
            )
    for match in _NAMED.finditer(text):
        low, high = _NAMES[match["name"]]
        near = match["past"] in ("年近", "将近", "快到", "快")
        yield (Range(low - 3, low - 1) if near else whole(low, high)), match.start(), match.end(), bool(match["past"])


def _between_ages(before: str, value: Age) -> bool:
    """Whether the number behind ``before`` is the difference of two ages."""
    return _DIFFERENCE.search(before) is not None and (_ends(value)[0] <= _LARGEST_DIFFERENCE or "比" in before)


_YEARS_APART = re.compile(r"[\d一二两三四五六七八九十几]{1,3}[岁年][的了啊呢吧]?\Z")


def is_difference(text: str) -> bool:
    """Whether ``text`` ends in years between two ages and nothing else: 身份证小五岁, 早两年."""
    said = _YEARS_APART.search(text)
    return said is not None and _DIFFERENCE.search(text[: said.start()][-12:]) is not None


def find_ages(text: str, *, today: dt.date) -> list[FoundAge]:
    """Ages said in ``text``, in order, longest reading first where two overlap.

    Ages that follow from a birth ("85年的") are not here: see ``dates.find_births`` and ``age_from_birth``.
    A zodiac sign narrows a loose age ("五十多属虎") but gives none alone.
    """
    found: list[FoundAge] = []
    for value, start, end, strong in _candidates(text):
        if value is None or not _sane(value) or _NOT_AN_AGE.search(text[max(0, start - 3) : start]):
            continue
        if not text[start:end].startswith(("差", "还差")) and _between_ages(text[max(0, start - 12) : start], value):
            continue
        found.append(FoundAge(value, start, end, strong))
    for match in _COHORT.finditer(text):
        word = "".join(
            {"零": "0", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}.get(ch, ch) for ch in match["num"]
        )
        year = 1900 + int(word) if int(word) >= 50 else 2000 + int(word)
        span = Range(today.year - (year + 9) - 1, today.year - year)
        found.append(FoundAge(span, match.start(), match.end(), False))
    found.sort(key=lambda age: (age.start - age.end, age.start))
    kept: list[FoundAge] = []
    taken: set[int] = set()
    for age in found:
        cells = range(age.start, age.end)
        if not taken.isdisjoint(cells):
            continue
        taken.update(cells)
        kept.append(age)
    kept.sort(key=lambda age: age.start)
    animal = _ANIMAL.search(text)
    return [_narrow(age, animal, today) for age in kept] if animal else kept


def _narrow(age: FoundAge, animal: re.Match[str], today: dt.date) -> FoundAge:
    if not isinstance(age.value, Range):
        return age
    low, high = _ends(age.value)
    fits = [years for years in zodiac_ages(animal["animal"], today=today) if low <= years <= high]
    if not fits or fits[-1] - fits[0] > 1:
        return age
    value = fits[0] if fits[0] == fits[-1] else Range(fits[0], fits[-1])
    return FoundAge(value, age.start, age.end, age.strong)


def zodiac_ages(animal: str, *, today: dt.date) -> tuple[int, ...]:
    """All ages of 0 to 119 that a person of this sign may have today, rising.

    A sign's year begins between 21 January and 20 February, so each has two possible ages.
    """
    index = _ZODIAC[animal[-1]]
    ages: set[int] = set()
    for year in range(today.year - OLDEST - 1, today.year + 1):
        if (year - 4) % 12 == index:
            first, last = dt.date(year, 1, 21), dt.date(year + 1, 2, 20)
            ages.update(
                years for years in (_full_years(last, today), _full_years(first, today)) if 0 <= years <= OLDEST
            )
    return tuple(sorted(ages))


def _full_years(born: dt.date, today: dt.date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def age_from_birth(born: Days, *, today: dt.date) -> Optional[Age]:
    """Full years today of somebody born then; None for a day to come."""
    first, last = span_of(born)
    if first > today:
        return None
    return whole(max(0, _full_years(last, today)), _full_years(first, today))
