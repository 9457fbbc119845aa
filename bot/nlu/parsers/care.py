"""Illness, care and disability: 卧床, 生活不能自理, 半失能, 二级残疾, 残疾证, 敬老卡."""

from __future__ import annotations

import re
from typing import Iterator

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.spotting import Spotter

# 失能 alone says no degree: the bot asks for it. What is said in plain words is taken at its usual degree.
_LEVEL = Spotter(
    r"(?P<total>完全失能|全失能|全瘫|植物人|(?:生活)?完全(?:不能|无法|没法)自理|完全失去自理能力)"
    r"|(?P<moderate>中度失能|半失能|半自理|中度(?=[,，。\s]|\Z)(?<=失能中度))"
    r"|(?P<mild>轻度失能|失能轻度)"
    r"|(?P<severe>重度失能|失能重度|(?:生活)?(?:都|已经|也)?(?:不能|无法|没法|不得|没办法|不会)自理(?:了)?|(?:长期"
    r"|常年|一直|瘫痪)?卧床(?:不起)?"
    r"|瘫(?:痪)?(?:在|到|起在?)?(?:床上|床|炕上|炕|屋头|家里)|瘫痪|瘫起(?:的|了|在)?|瘫着|(?<=[都也全])瘫(?=[,，。\s]|\Z)|瘫了|躺(?:在)?床上(?:动不了|起不来|不能动|好几年|几年|半年)|下不(?:了|到)床"
    r"|起不(?:了|来|到)床|吃喝拉撒都?(?:在床上|要人|靠人"
    r"|得人)|屎尿都?(?:要人|在床上|不能))"
    r"|(?P<none>(?<!不)(?<!不能)(?<!没法)(?:生活)?(?:还|都|完全|基本)?(?:能|可以|可)(?:够)?(?:完全|生活|基本)?自理"
    r"|能自己(?:做饭|走路|吃饭|照顾|上厕所|料理)"
    r"|自己(?:还|都)?能(?:走能吃|做饭|照顾自己|吃饭|料理)|(?:没有|没)失能)"
)
_NOT_LEVEL = re.compile(r"(?:不是|没有?|不算|还没|没到|还不到|不到)\Z")
_CERT = r"(?:残疾人?证|残疾人证书|残联的证|残疾本|残证)"
_CERT_NO = Spotter(
    rf"(?:没有?|没得|莫得|无|还没有?|未|从来没)(?:去)?(?:办|办过|办理|领|拿到?|申请|评)?(?:过|到)?(?:个)?{_CERT}"
    rf"|{_CERT}(?:也|都|还|一直"
    rf"|我){{0,8}}(?:没有?|没得|莫得|没办|还没办|没下来|过期了?)(?:办|领)?"
)
_CERT_YES = Spotter(
    rf"(?<!没)(?<!没有)(?:有|办了|办过|拿到了?|持有?|领了|办好了?|办得有|评了)(?:个|一?本|了"
    rf"|着)?(?:[一二三四1-4]级)?{_CERT}|{_CERT}(?:也|都|已经|早就|是|我"
    rf"|上){{0,8}}(?:有的?|办了|办好了?|办下来了?|拿到了?|领了|下来了)|持证残疾人?"
)
_KIND = {
    "视力": "vision",
    "盲": "vision",
    "听力": "hearing",
    "聋": "hearing",
    "言语": "speech",
    "语言": "speech",
    "哑": "speech",
    "肢体": "physical",
    "肢": "physical",
    "智力": "intellectual",
    "智障": "intellectual",
    "智": "intellectual",
    "精神": "mental",
    "多重": "multiple",
    "聋哑": "multiple",
    "肢残": "physical",
    "失明": "vision",
}
_KIND_WORD = r"(?:视力|听力|言语|语言|肢体|肢残|肢|智力|智障|智|精神|多重|聋哑|聋人|盲人|盲|聋|失明)"
_GRADED = Spotter(
    rf"(?P<kind>{_KIND_WORD})?(?:残疾|伤残|残)?(?P<level>[一二三四1-4])级(?:重度"
    rf"|的)?(?P<kind2>{_KIND_WORD})?(?:残疾|残)(?!补贴标准)"
    rf"|(?P<kind6>聋哑人?|智障|肢残|盲人|聋人|失明)(?:是|评的?|评了|有)?(?P<level5>[一二三四1-4])级"
    rf"|(?P<level6>[一二三四1-4])级(?:的)?(?:重度|聋哑(?=人|[,，。\s]|\Z)|盲人|聋人|肢残|智障)"
    rf"|(?P<kind3>{_KIND_WORD})?(?:残疾|残)(?:人证|证|人)?(?:是|上|等级|评|评了|评的|定的|上写的|写的|为|评定|有|,|，"
    rf"|上面|的"
    rf"|是个){{0,8}}(?P<level2>[一二三四1-4])级|(?P<kind4>视力|听力|言语|肢体|智力|精神"
    rf"|多重)(?P<level3>[一二三四1-4])级|(?P<level4>[一二三四1-4])级(?:的)?(?P<kind5>视力|听力|言语|肢体|智力|精神|多重)"
)
_LEVELS = tuple(name for name in _GRADED.pattern.groupindex if name.startswith("level"))
_KINDS = tuple(name for name in _GRADED.pattern.groupindex if name.startswith("kind"))
_TYPED = Spotter(
    r"(?P<kind>视力|听力|言语|语言|肢体|智力|精神|多重)(?:上|方面|有)?(?:一级|二级|三级|四级|重度)?(?:残疾|残障"
    r"|残)(?!人联合)|(?P<word>智障|肢残|聋哑|盲人|是盲的"
    r"|眼睛瞎|双目失明|失明|耳朵聋|聋人|又聋又哑)"
)
_WORD_KIND = {
    "智障": "intellectual",
    "肢残": "physical",
    "聋哑": "multiple",
    "又聋又哑": "multiple",
    "聋人": "hearing",
    "耳朵聋": "hearing",
}
# 长护险评了四级, 评估是3级: the grade of a care assessment, which is none of disability or of a trade.
_CARE_GRADE = Spotter(
    r"(?:评估|评定|评上?|定)(?:了|上|是|为|成|的|出来|下来|结果|等级|到|得|有){0,4}(?P<grade>[一二三四五六1-6])级"
)
_CARE = Spotter(r"长护|护理险|护理保险|照护|评估")
_NOT_CARE = Spotter(r"残|职业|技能|技工|证书|职称|肢体|视力|听力|言语|智力|精神")
_CARD = r"(?:敬老卡|敬老通|敬老证|老年卡|老人卡|老年证|老年优待证|优待证|老年公交卡)"
_CARD_NO = Spotter(
    rf"(?:没有?|没得|莫得|无|还没有?|未|从来没)(?:去)?(?:办|办过|领|拿到?|申请)?(?:过|到)?(?:个|张)?{_CARD}"
    rf"|{_CARD}(?:也|都|还|一直|我"
    rf"|搞){{0,8}}(?:没有?|没得|莫得|没办|还没办|丢了|掉了|过期了?)(?:办|领)?"
)
_CARD_YES = Spotter(
    rf"(?<!没)(?<!没有)(?:有|办了|办过|拿到了?|持有?|领了|办好了?|带了|办得有)(?:个|一?张|了|着)?{_CARD}(?!能|的话"
    rf"|办)|{_CARD}(?:也|都|已经|早就|是"
    rf"|我){{0,8}}(?:有的?|办了|办好了?|办下来了?|拿到了?|领了|下来了)"
)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about dependency, disability and the senior card."""
    text = heard.text
    for match in _LEVEL.finditer(text):
        level = match.lastgroup or ""
        if _NOT_LEVEL.search(text[max(0, match.start() - 3) : match.start()]):
            continue
        yield Candidate(
            "person.dependency_level", level, match.start(), match.end(), strong=match.group().endswith("了")
        )
    if "级" in text and _CARE.search(text) and not _NOT_CARE.search(text):
        for match in _CARE_GRADE.finditer(text):
            grade = "一二三四五六123456".index(match["grade"]) % 6 + 1
            yield Candidate("person.care_level", grade, match.start(), match.end(), strong=True)
    if "残" in text or "级" in text or any(word in text for word in ("智障", "盲", "聋", "失明")):
        yield from _disability(text)
    if "老" in text or "优待" in text:
        for match in _CARD_NO.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] != "有":
                yield Candidate("person.has_senior_card", False, match.start(), match.end())
        for match in _CARD_YES.finditer(text):
            yield Candidate("person.has_senior_card", True, match.start(), match.end(), strong="了" in match.group())


def _disability(text: str) -> Iterator[Candidate]:
    for match in _CERT_NO.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "有":
            yield Candidate("person.has_disability_certificate", False, match.start(), match.end())
    for match in _CERT_YES.finditer(text):
        yield Candidate(
            "person.has_disability_certificate", True, match.start(), match.end(), strong="了" in match.group()
        )
    for match in _GRADED.finditer(text):
        if text[max(0, match.start() - 2) : match.start()] in ("不是", "没到"):
            continue
        level = "一二三四1234".index(next(filter(None, map(match.group, _LEVELS)))) % 4 + 1
        kind = next(filter(None, map(match.group, _KINDS)), None)
        yield Candidate("person.disability_level", level, match.start(), match.end())
        yield Candidate("person.has_disability_certificate", True, match.start(), match.end())
        if kind:
            yield Candidate("person.disability_type", _KIND[kind.removesuffix("人")], match.start(), match.end())
    for match in _TYPED.finditer(text):
        if text[max(0, match.start() - 2) : match.start()] in ("不是", "没有"):
            continue
        word = match["word"]
        value = _WORD_KIND.get(word, "vision") if word else _KIND[match["kind"]]
        yield Candidate("person.disability_type", value, match.start(), match.end())
