"""Who is spoken of, and whom the question is for: 我妈, 老汉儿, 娃儿, 帮邻居问, 不是我是我妈."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Optional, Sequence

#: Words for each person. Ambiguous ones (婆婆: grandmother or mother-in-law) are ``elder``.
_WORDS: dict[str, str] = {
    "parents": "阿拉爷娘 伲爷娘 爷娘 爸妈 爸爸妈妈 爹娘老子 父母 爹妈 爹娘 二老 双亲 爸爸妈妈 妈老汉儿 妈老汉"
    " 老人家俩 公公婆婆 公婆 岳父母",
    "grandmother": "俺奶奶 我奶奶 俺姥姥 俺奶 我奶 俺姥 奶奶 外婆 姥姥 阿婆 家婆 嘎嘎 祖母 外祖母 阿奶 姥娘",
    "grandfather": "俺爷爷 我爷爷 俺爷 我爷 爷爷 外公 姥爷 阿公 家公 祖父 外祖父 嘎公 阿爷",
    "mother": "阿拉娘 伲娘 我老娘 妈妈 老妈 老妈子 妈 阿妈 母亲 老母亲 老娘 俺娘 我娘 娘亲 姆妈 妈咪 老母 阿母 家母",
    "father": "爸爸 老爸 爸 阿爸 父亲 老父亲 老爹 爹 俺爹 老汉儿 老汉 老头子他爹 阿爹 爸比 老豆 老窦 家父"
    " 阿拉爷老头子 我爷老头子 伲爷老头子 爷老头子 阿拉爷 阿拉爹爹 伲爷",
    "spouse": "老伴儿 老伴 爱人 老公 老婆 媳妇儿 媳妇 妻子 丈夫 我先生 我太太 堂客 屋头那位 孩子他爸 孩子他妈 孩子爸爸"
    " 孩子妈妈 孩子爸 孩子妈"
    " 那口子 我那口子 家那口子 另一半 娃他爸 娃他妈 娃儿他爸 娃儿他妈 内人 配偶 婆娘 当家的",
    "child": "孩子 娃儿 娃娃 娃 崽崽 崽 小孩子 小孩儿 小孩 儿子 女儿 闺女 宝宝 宝贝 囡囡 小囡 小朋友 幺儿 大宝 二宝"
    " 三宝 老大 老二 老幺 二娃 大娃 幺妹"
    " 孙娃子 孙娃儿 孙娃 孙儿 孙子 孙女 外孙女 外孙 孙孙 小子 毛毛 儿媳妇 儿媳 女婿 婴儿 二胎 三胎 二孩 三孩",
    "elder": "老婆婆 老公公 婆婆 公公 岳父 岳母 丈人 老丈人 丈母娘 老丈母 孩子奶奶 孩子爷爷 孩子外婆 孩子外公"
    " 娃他奶奶 娃他爷爷 叔叔"
    " 阿姨 舅舅 舅妈 姑姑 姑妈 姑父 老伯伯 爷叔 阿拉爷叔 伲爷叔"
    " 舅公 姑婆 姨婆 舅爷 舅婆 婆子妈 老人婆 丈母老汉 丈老汉 大娘 二娘 三娘 幺爸 幺娘 幺姑 幺叔 二爸 三爸 二伯 三伯"
    " 伯伯 伯父 伯母 大伯 嬢嬢 孃孃 姨妈 姨父 婶婶 老爷子 老人家 老人 老年人 老头儿 老头子 老太太 老太婆"
    " 老奶奶 老爷爷 长辈 亲戚",
    "sibling": "哥哥 弟弟 姐姐 妹妹 弟娃儿 弟娃 我妹儿 我老弟 我老哥 我老姐 我老妹 幺弟 哥哥嫂子 哥嫂 我哥嫂"
    " 我哥我嫂子 大哥 二哥 大姐 二姐 我哥哥 我弟弟 我姐姐 我妹妹 我弟娃 我哥 我弟 我姐 我妹 俺哥 俺姐 俺弟 俺妹"
    " 兄弟 姐妹 兄妹 表哥 表姐 表弟"
    " 表妹 堂哥 堂弟 小姨子 小舅子 小叔子 小姑子 大姨子 大舅子 大姑子",
    "neighbour": "邻居 隔壁邻居 邻居大爷 邻居大妈 邻居奶奶 邻居爷爷 隔壁大爷 隔壁大妈 隔壁奶奶 隔壁爷爷 隔壁老人"
    " 隔壁老王 隔壁老李 隔壁老张 楼下大爷 楼下大妈 楼下奶奶"
    " 楼上大爷 楼上大妈 对门大爷 对门大妈 街坊",
    "friend": "朋友 同事 同学 室友 闺蜜 哥们 男朋友 女朋友 对象 未婚妻 未婚夫 工友 战友 老乡",
    "other": "姐夫 我姐夫 妹夫 我妹夫 嫂子 我嫂子 弟媳妇 弟媳 我弟媳妇 我弟媳 侄女 侄子 侄儿子 侄儿 外甥女 外甥 表侄",
    "self": "我自己 我本人 我们家 我们俩 我们 我俩 我家 我 咱们 咱家 咱俩 咱 俺们 俺家 俺 阿拉 本人 自己 偶 自家",
}
_SLUG = {word: slug for slug, words in _WORDS.items() for word in words.split()}
# Words that hold a relative's name but mean another thing.
_NOT = (
    "他妈的|(?<![我俺她咱爸老姆婆爹阿娃儿])妈的|宝妈|大妈|干[妈爹爸]|妈祖|姑妈宅|公公交|老大不小|老大的|老大远|老大爷|自己交|自己做|自己走|自己吃|自己来"
    "|自己住|自己租|自己的|自己家|自我"
    "|儿童|孩子们|小娃娃鱼|对象是|自己能|能自己|自己辞|我奶(?=[粉茶瓶])|[我俺]爷(?=[俩仨们几])|自己去|自己买|自己挣|自己开|老二胎"
    "|家公(?=[司寓园交立共办务])|(?<!我)老公房(?![子贷租产东屋])"
)
#: 隔壁张大爷, 楼上的王阿姨, 对门老李: where somebody lives tells who it is, whatever he is called.
_NEXT_DOOR = (
    r"(?:隔壁|楼上|楼下|对门|邻居)(?:家)?的?(?:[\u4e00-\u9fff]{0,2}?(?:大爷|大妈|大叔|大娘|大婶|爷叔|老伯伯?|阿姨|叔叔|嬢嬢|孃孃|奶奶|爷爷"
    r"|婆婆|阿婆|老人家?|老太太?|老头儿?)|老[\u4e00-\u9fff](?![公婆人师板家年了]))"
)
#: 我舅, 大姑: the short names, where no longer one begins (我姨妈, 小姑娘, 姑苏).
_AUNTS = r"(?:[我俺]|[大二三四](?!家))(?:姨|姑|舅|叔|伯)(?![妈夫父丈婆爷奶母姨姑舅叔伯公子娘苏])"
_SON = r"[我俺]儿(?![子媳童科歌])"
#: 大的八岁，小的上幼儿园
_OF_THE_CHILDREN = (
    r"[大小]的(?=(?:今年|现在|才|刚|都|也|还|在){0,3}(?:[\d一二两三四五六七八九十]{1,2}个?[岁月]|上[小初高幼大托]|读[小初高幼大]))"
)
#: 我屋头的瘫了: one's husband or wife. 屋头的老人 is somebody else, 屋头的四口人 are all.
_AT_HOME = (
    r"(?:[我俺]们?)?(?:屋头|屋里头?)(?:的(?=[,，]?(?:今年|现在|也|都|还|刚|在|没|有|是|瘫|残|退休|身体|上班|走了"
    r"|[二三四五六七八九]?十|[1-9]\d(?![\d平块元个口])))|那位|那个人|那口子?)"
)
#: 替我老板问: whom one asks for is whoever is named; elsewhere 老板 is the employer, of whom nothing is told.
_CLIENTS = ("老板", "领导", "师傅", "徒弟", "员工", "客户", "房东", "房客", "租客", "保姆", "护工", "学生", "老师",
            "网友", "病友", "亲家")
_CLIENT = (
    rf"(?:(?<=[帮替给])|(?<=[帮替给][我俺])|(?<=[帮替给]我们))(?:我|俺|我们)?(?:{'|'.join(_CLIENTS)})"
    r"(?=(?:的)?(?:来|去)?(?:问|打听|咨询|查|了解|看看))"
)
#: 帮张婆婆问: a surname before it makes no relative of her.
_BY_SURNAME = (
    r"(?<=[帮替给有是,，。])[王张李刘陈杨赵黄周吴徐朱胡郭何林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万严武戴莫孔汤]"
    r"(?:大爷|大妈|大叔|大娘|大婶|爷叔|老伯伯?|阿姨|叔叔|嬢嬢|孃孃|奶奶|爷爷|婆婆|阿婆|老爷子|老太太?|老师傅?)"
)
_PEOPLE = re.compile(
    rf"(?P<not>{_NOT})|(?P<pronoun>他们|她们|伊拉|他|她|伊)(?!妈的|人)|(?P<who>{_NEXT_DOOR}|{_BY_SURNAME}|{_CLIENT}|{_AT_HOME}|{_OF_THE_CHILDREN}|{_AUNTS}|{_SON}|"
    + "|".join(sorted(map(re.escape, _SLUG), key=len, reverse=True))
    + ")"
)
_NEGATED = re.compile(r"(?:不是|并不是|并非)(?:给|帮|替|为|问)?\Z")
_BESIDE = re.compile(
    r"(?:和|跟着?|随|与|同|比|(?:过户|转让?|留|送|卖|赠)了?给|带着?|养着?|陪着?|加上?|还有|照顾|伺候|(?:[和带养有][了着]?[一二两三俩仨几\d]?个?小?))\Z"
)
_OWN_BEFORE = re.compile(r"(?:家里的?|家头|屋头的?|屋里头?|我家|我们家|家中|我|俺|咱)\Z")
# 我 in these is who asks, not whom a fact is about.
_ASKING = re.compile(
    r"(?:就|现在|也|还|这边|这里)?(?:想|要|来|先)?(?:请)?(?:问|咨询|打听|了解|知道|晓得|查|听(?:说|人说|别人说"
    r"|邻居说)|看(?:到|见|新闻|网上)|记得|觉得|搞不懂|搞不清)"
    r"|(?:就|现在)?(?:想|要|打算|准备|想要|可以|能|能不能|可不可以|可以不可以|该|应该|需要)(?:去|来"
    r"|给[^,，。]{1,4})?(?:申请|办|领|租|找|看|报|买|去|住|享受|查|咨询|了解)"
    r"|们?(?:小区|社区|街道|这(?:儿|里|边|个|片|种)|那(?:儿|里|边)|家?附近|单位附近|家楼下|家旁边|家门口|家这边|村|楼)"
)
_ASKING_BEFORE = re.compile(r"(?:告诉|教|帮|给|请问|提醒|通知|听)\Z")
_FOR = re.compile(r"(?:帮|替|给|为|代|帮忙给|帮到)\Z")
_DOING = re.compile(
    r"[^,，。;；!！?？\s]{0,6}?(?:问|办|申请|申办|领|咨询|查|打听|找|看看|报名|申报|弄|订|安排|预约|登记|交|报|了解)"
)
_ACTING = re.compile(r"[^,，。;；!！?？]{0,10}?(?:(?:想|要)(?!让|叫|喊|送|接)|(?<!失)能(?!自理|自己|走|吃饭|动"
    r"|下床)|可以|可不可以|该|怎么|咋|有没有资格|符合|申请|领|办|享受)")
_SMALL_WORDS = (
    "孩子 娃儿 娃娃 娃 崽崽 崽 小孩子 小孩儿 小孩 宝宝 宝贝 囡囡"
    " 小囡 小朋友 大宝 二宝 三宝 毛毛 婴儿 二胎 三胎 二孩 三孩 孙孙"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_VAGUE_WORDS = "老人 老年人 老人家 老太太 老头儿 老头子 老奶奶 老爷爷 老太婆 长辈 婴儿 亲戚 二胎 三胎 二孩 三孩 自己"
_VAGUE = frozenset(_VAGUE_WORDS.split())


@dataclass(frozen=True)
class Mention:
    """A person named in ``text[start:end]``."""

    person: str
    start: int
    end: int
    word: str
    #: Only there beside somebody else: 我俩带个娃, 我和老公.
    beside: bool = False
    #: Said not to be meant: 不是我.
    negated: bool = False
    #: 我 as the one who asks ("我想问"), or 我们小区: no fact hangs on it.
    asking: bool = False
    #: "老人" at large, unless somebody's own.
    vague: bool = False
    #: A word for small children.
    small: bool = False
    #: Only to run the errand: 喊我老公去办, 我弟弟代领.
    errand: bool = False
    #: Which of those that go by one name: of the elders 公公, 婆婆, 岳母 …; empty where the word fits any of them.
    kin: str = ""


#: 可以喊我老公去办不, 让儿子帮我跑一趟: who does it is not whom it is for. 让我妈去体检 is for her.
_SENT = re.compile(r"(?:喊|叫|让|请|派|托|要|拜托|麻烦|由|使唤)(?:一下|个)?\Z")
_HANDLES = (
    r"(?:办(?!过)|签(?:字|名|到)|拿[^,，。]{1,6}去(?=[,，。]|\Z)|(?:来|去|帮|帮忙|代|替|过去|过来|直接|跑去|跑一趟|跑趟|拿着?[^,，。]{1,6}|带着?[^,，。]{1,6}){1,3}(?:办(?!过)|申请|申报|领|拿|取|交|缴|递|问|弄|跑|选|填|排队|签字"
    r"|登记|代办|代领)(?!养老院|救助站)|(?:来|去)?(?:代|帮|替)(?:我|俺|她|他|老人|忙)?)"
)
_ERRAND = re.compile(_HANDLES)
_OLD = re.compile(r"爸|爹|妈|娘|母|父|爷|奶|外公|外婆|姥|老人|老汉|公公|婆婆|丈人|老太|老头(?!子)|阿公|阿婆")
_ACTS_FOR = re.compile(
    r"(?:可不可以|可以不可以|能不能|得不得行|可以|能|来|去|也|直接|过去|跑去|都)*(?:代(?:办|领|交|签|取|理|我|为|替)|帮(?:我|俺|忙|到)(?!带|看|养|做饭|照)|替(?:我|俺|老人|她|他)(?!养))"
)


#: 我去代领好不: for another, too.
_FETCHES = re.compile(r"(?:可以|能|去|来|也|想|要|自己)*代(?:办|领|取|签|交|缴|他|她|为)")


def _runs_errand(text: str, start: int, end: int, *, own: bool = False) -> bool:
    """Whether who is named in ``text[start:end]`` only does it for another; ``own``: it is the speaker."""
    if own:
        return _FETCHES.match(text, end) is not None
    if _ACTS_FOR.match(text, end) is not None:
        return True
    # 让我妈去领高龄津贴 is hers: the old are sent for what is theirs.
    sent = _SENT.search(text[max(0, start - 4) : start]) is not None and not _OLD.search(text[start:end])
    return sent and _ERRAND.match(text, end) is not None


#: Words for which people have one name of several: what sets 公公 off from 婆婆, 奶奶 off from 外婆.
_KIN = {
    "elder": re.compile(r"(?P<a>公公|公爹)|(?P<b>婆婆|婆子妈|老人婆)|(?P<c>岳父|丈人|丈老汉)|(?P<d>岳母|丈母)"
    r"|(?P<e>舅[舅爷公]?\Z)|(?P<f>舅妈|舅婆)"
                        r"|(?P<g>姑)|(?P<h>姨)|(?P<i>叔)|(?P<j>伯)|(?P<k>[嬢孃])"),
    "sibling": re.compile(r"(?P<a>哥)|(?P<b>弟)|(?P<c>姐)|(?P<d>妹)"),
    "grandmother": re.compile(r"(?P<a>外婆|姥|家婆|嘎嘎|外祖母)|(?P<b>奶|(?<!外)祖母)"),
    "grandfather": re.compile(r"(?P<a>外公|姥|家公|嘎公|外祖父)|(?P<b>爷|(?<!外)祖父)"),
}


def _kin(person: str, word: str) -> str:
    pattern = _KIN.get(person)
    found = pattern.search(word) if pattern is not None else None
    return found.lastgroup or "" if found else ""


def one_of_each(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Of two people who go by one name (公公 and 婆婆 are elders) the one whom the question is for keeps it.

    The facts of the others are told of "other": mixed, they would make one person out of two.
    """
    named: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.kin:
            named.setdefault(mention.person, set()).add(mention.kin)
    twofold = {person for person, kins in named.items() if len(kins) > 1}
    if not twofold:
        return list(mentions)
    meant = _meant(text, mentions)
    kept = {person: next((m.kin for m in (*([meant] if meant else []), *mentions) if m.person == person and m.kin), "")
            for person in twofold}
    return [replace(m, person="other") if m.person in twofold and m.kin not in ("", kept[m.person]) else m
            for m in mentions]


def _by_kind(word: str) -> str:
    if re.match(r"(?:[我俺]们?)?屋", word):
        return "spouse"
    if not re.match(r"隔壁|楼|对门|邻居", word) and word.endswith(_CLIENTS):
        return "other"
    if word in ("大的", "小的") or re.fullmatch(_SON, word):
        return "child"
    return "elder" if re.fullmatch(_AUNTS, word) else "neighbour"


_OWNED = re.compile(r"的(?:名字?|房子)?(?:[,，。;；]|\Z)")


def _owns(text: str, before: str, end: int) -> bool:
    """房子是我妈的: the owner of a thing is not whom it is told of."""
    return before.endswith(("是", "是我", "是俺")) and _OWNED.match(text, end) is not None


def _mention(text: str, match: re.Match[str], known: Sequence[Mention]) -> Optional[Mention]:
    start, end, word = match.start(), match.end(), match.group()
    before = text[max(0, start - 8) : start]
    kin = ""
    errand = False
    if match["pronoun"]:
        meant = _spoken_of(text, word, known)
        if meant is None:
            return None
        person, kin, errand = meant.person, meant.kin, meant.errand
    else:
        person = _SLUG.get(word) or _by_kind(word)
        kin = _kin(person, word)
    asking = person == "self" and bool(_ASKING.match(text, end) or _ASKING_BEFORE.search(before))
    return Mention(
        person,
        start,
        end,
        word,
        beside=_BESIDE.search(before) is not None or (person != "self" and _owns(text, before, end)),
        negated=bool(_NEGATED.search(before)),
        asking=asking,
        vague=word in _VAGUE and not _OWN_BEFORE.search(before),
        small=word in _SMALL,
        errand=errand or _runs_errand(text, start, end, own=person == "self"),
        kin=kin,
    )


#: Words that only men or only women go by; 他 and 她 sound alike, so this only decides where two are named.
_MEN = re.compile(r"爸|爹|父|爷|公|老汉|丈夫|先生|当家|老头|伯|叔|舅(?!妈|婆)|哥|弟(?!媳)|儿子|姐夫|妹夫|侄子"
    r"|侄儿|大爷|[外]?孙子")
_WOMEN = re.compile(r"妈|娘|母|奶|婆|姥姥|媳|妻|太太|女|姑(?!父|爷)|姨(?!父)|婶|嫂|姐(?!夫)|妹(?!夫)|嬢|孃")


#: Words that stand for somebody named before.
PRONOUNS = frozenset({"他", "她", "伊", "他们", "她们", "伊拉"})


#: So many people back nobody means with 他.
_FAR_BACK = 40


def _spoken_of(text: str, pronoun: str, known: Sequence[Mention]) -> Optional[Mention]:
    """Whom 他 or 她 stands for: the last one named who is not only sent on an errand.

    Dictated, both are written 他: only who writes both, or where one is sent, tells men from women.
    """
    others = [m for m in known[-_FAR_BACK:] if m.person != "self" and not m.negated]
    like, unlike = (_MEN, _WOMEN) if pronoun == "他" else (_WOMEN, _MEN)
    last = next((m for m in reversed(others) if not m.errand), others[-1] if others else None)
    if last is None or pronoun not in "他她" or not unlike.search(last.word):
        return last
    both = "他" in text and "她" in text
    return next((m for m in reversed(others) if (both or m.errand) and like.search(m.word)), last)


#: 幺妹儿，我婆子妈八十四了; 阿姨我想问: whoever listens is spoken to, not of.
_SPOKEN_TO = re.compile(r"(?:你好|您好|侬好|喂|哎|诶|欸|唉|请问|那个|，|,)*(?:小|好|靓)?"
                        r"(?:幺妹|妹妹|姐姐|大姐|哥哥|大哥|弟弟|兄弟|阿姨|叔叔|爷叔|嬢嬢|孃孃|大伯|伯伯|朋友|小朋友)"
                        r"(?:儿|们|些|家|哟|嘞|哎|诶|啊)*(?:[,，]|(?=[我俺侬]|阿拉|伲|请问|帮))")


def _address(text: str) -> int:
    """How many characters at the beginning only call whoever listens; 0 where nobody else is spoken of after it."""
    call = _SPOKEN_TO.match(text)
    if call is None:
        return 0
    others = [found for found in _PEOPLE.finditer(text, call.end()) if not found["not"]]
    named = any(not found["pronoun"] and _SLUG.get(found.group()) != "self" for found in others)
    # 妹妹，我帮她问: she is the one who was named first.
    return call.end() if others and (named or not any(found["pronoun"] for found in others)) else 0


def find_people(text: str) -> list[Mention]:
    """Everybody who is mentioned, in order; pronouns stand for the last other person named."""
    found: list[Mention] = []
    for match in _PEOPLE.finditer(text, _address(text)):
        if match["not"]:
            continue
        mention = _mention(text, match, found)
        if mention is None:
            continue
        # 我妈, 我们家孩子: one mention, of the relative.
        if found and found[-1].person == "self" and mention.person != "self" and not match["pronoun"]:
            gap = text[found[-1].end : mention.start]
            if gap in ("", "的", "家", "那", "那个", "家的", "屋头", "家那个", "这个", "家里", "屋", "们的"):
                first = found.pop()
                mention = Mention(
                    mention.person,
                    first.start,
                    mention.end,
                    mention.word,
                    beside=first.beside,
                    negated=first.negated,
                    small=mention.small,
                    errand=mention.errand or _runs_errand(text, first.start, mention.end),
                    kin=mention.kin,
                )
        found.append(mention)
    return found


def subject_of(text: str, mentions: Sequence[Mention]) -> Optional[str]:
    """Whom the question is for; None if nobody is named (then it is whoever it was before)."""
    meant = _meant(text, mentions)
    return meant.person if meant else None


def word_of_subject(text: str) -> str:
    """The word that names whom the question is for (公公); empty for a pronoun or where nobody is named."""
    mentions = find_people(text)
    meant = _meant(text, mentions)
    return meant.word if meant is not None and meant.word not in PRONOUNS else ""


def _meant(text: str, mentions: Sequence[Mention]) -> Optional[Mention]:
    """The mention of the one whom the question is for."""
    meant = [m for m in mentions if not m.negated and not m.errand
             and not (m.person != "self" and _SAYS.match(text, m.end))]
    if not meant:
        return None
    turned = [m for m in meant if _TURN.search(text[: m.start][-3:]) and _AND_SO.match(text, m.end)]
    if turned:  # 我妈七十八能领，那我呢
        return turned[-1]
    for m in reversed(meant):  # 帮我妈问, 给老汉儿办
        if m.person != "self" and _FOR.search(text[max(0, m.start - 4) : m.start]) and _DOING.match(text, m.end):
            return m
    if any(m.negated for m in mentions):  # 不是我是我妈
        last_negated = max(m.start for m in mentions if m.negated)
        after = [m for m in meant if m.start > last_negated]
        if after:
            return after[0]
    main = [m for m in meant if not m.beside]
    others = [m for m in main if m.person != "self" and not (m.vague and len(main) > 1)]
    acting = [m for m in main if not _is_asker(text, m) and _ACTING.match(text, m.end)]
    if acting and acting[-1].person == "self":
        return acting[-1]  # 我老公在这边上班，我想申请补贴
    if others:
        wanting = [m for m in acting if m.person != "self"]
        return (wanting or others)[-1] if wanting else others[0]
    if main:
        return main[0]
    return next((m for m in meant if not m.vague), None)


#: 那我呢, 换我妈呢: the question goes over to somebody else.
_TURN = re.compile(r"(?:那|换|那么|要是|[,，。;；!！?？]我?)\Z")
_AND_SO = re.compile(r"(?:自己|本人)?(?:呢|咧|嘞|喃|呐)[?？。]?\Z")
#: 街坊说政府有房子: who tells of it is not whom it is for.
_SAYS = re.compile(r"(?:们|他们|都|也|跟我|给我|老是)*(?:说|讲|告诉|介绍|提(?:到|起|了))")


def _is_asker(text: str, mention: Mention) -> bool:
    """我想问…: who asks, not for whom."""
    return mention.person == "self" and bool(_ASKER.match(text, mention.end))


_ASKER = re.compile(
    r"(?:就|现在|也|还)?(?:想|要|来|先)?(?:帮|替|给)?(?:请)?(?:问|咨询|打听|了解|知道|晓得|查|听|看|记得|觉得"
    r"|家?附近|们)"
)
