"""Yes, no, don't know, won't say: replies in the many ways people give them."""

from __future__ import annotations

import re
from typing import Optional

_UNKNOWN = re.compile(
    r"不(?:太|大|是很|怎么)?(?:清楚|晓得|知道|记得|确定|懂|了解|明白(?=[,，。\s]|\Z))|记不(?:得|清|起|到|住)|想不起"
    r"|忘(?:了|记|得)|说不(?:好|清|准|上来)|搞不(?:清"
    r"|懂|明白)|弄不(?:清|懂|明白)|没(?:概念|数|注意|算过|留意|印象|打听过|问过|记)|拿不准"
    r"|不好说|晓不得|哪个?晓得|谁知道|鬼晓得|我哪(?:里|儿)?(?:知道|晓得)|搞忘|不敢说|说不定|不一定|吃不准|弗晓得"
    r"|勿晓得|伐晓得|不造(?=[,，。\s]|\Z)|没(?:有)?(?:评估?|测"
    r"|鉴定)过(?=[,，。\s]|\Z)|冒得印象"
)
_REFUSED = re.compile(
    r"不(?:太|大|是很)?(?:方便|便|好)(?:说|讲|透露|告诉|回答|提供)|不想(?:说|讲|告诉|回答|透露|填)|不(?:愿意?|肯"
    r"|能)(?:说|讲|告诉你|透露|回答)|不告诉|保密|隐私|个人信息"
    r"|拒绝回答|跳过|别问|莫问|不说行不行|不说可以吗|关你|不(?:回答|说|填)(?=了|[,，。\s]|\Z)|凭什么告诉|你管(?!理)"
    r"|无可奉告"
)
_HEDGED = re.compile(r"好像|(?<!怎么)(?<!咋)(?<!哪)(?<!不)可能|也许|大概|似乎|不一定|说不定|估计")
_WHO = (
    r"(?:(?:我|俺|咱|我们|咱们|阿拉|我家|我们家|家里|他|她|他们|她们|老人家?|我妈|我爸|妈妈?|爸爸?|老妈|老爸|奶奶"
    r"|爷爷|外婆|外公|老公|老婆|孩子|娃儿?|宝宝|两个人|我自己|本人|自己"
    r"|老汉儿?|您|人家)(?:家|们|那边)?)"
)
_LEAD = (
    # (?!嗯): a run is read in one way only; else 嗯嗯嗯… would be tried in every way, and never end.
    rf"(?:嗯+(?!嗯)|哦+(?!哦)|噢|呃+(?!呃)|额|啊+(?!啊)|唉|哎呀?|诶|欸|哈|嘿|那个|这个|就是说?|是说|我想想|我想一下|这么说吧|说起来|应该"
    rf"|肯定|当然|确实|的确|现在|目前|倒|也|都|已经|早就|早|一直|本来就"
    rf"|其实|反正|好像|目前是|暂时|是真的|真的?|就|还|又|从来|根本|压根|必须|今年|以前是?|每年|年年|每个?月|月月"
    rf"|按时|按月|{_WHO})"
)
_TAIL = (
    r"(?:啊+(?!啊)|呀|哦|哟|嘞|呢|嘛|咯|喽|噻|哈|哩|咧|诶|的|了|吧|呗|哒|滴|啦|噢|过|呐|捏|欸|着|得|好|有|一?个|的呀|也"
    r"|都|,|，|。|!|！|~|～|\.|\s|谢谢|已经|早就|现在|还"
    r"|过了|一直|交起|你放心|正规的?|没问题)"
)
_NO_WORD = (
    r"(?:还没有?|都没有?|没有?得?|没得|莫得|冇得?|木有|冒得|么得|呒没|嘸没|没|未|无|不是|不算|不在|不能|不符合"
    r"|不存在|不住|不会|不行|不得|弗是|勿是|伐是|哪有|哪里有|哪来的?|哪得有"
    r"|有个锤子|有个屁|否|不对|不|从来没有?|一个都没有?|一次都没有?|啥都没有?|什么都没有?|no|n|NO|No|×)"
)
_YES_WORD = (
    r"(?:(?:那)?(?:是|对|有)(?:的|嘞|呀|啊|哒|滴|头|着|咯|噻)?|对头|没错|没得错|不错(?=[,，。\s]|\Z)|正确|可不"
    r"|那必须|那可不|要得|要的|巴适|当然有?|肯定有?|必须有?"
    r"|是是是|对对对?|有有有?|嗯+呐?|恩+|en+|办了|办好了?|办过了?|签了|签过了?|交了|交着|交的|在交|在缴|缴着|上了"
    r"|上好了|备了|备案了|领了|领过了?|享受了|享受着|住着|登记了|做了|能|算"
    r"|符合|yes|y|YES|Yes|Y|ok|OK|√|有一套|中|中嘞|欸|得|有得|会|确实|属于|在的?|住)"
)
_NEGATED_VERB = (
    r"(?:办|签|交|缴|买|领|备|做|登|上|弄|去|有|享受|拿|评|参加|租|报|落|入|住|断|卖|给|过|办理|成|认定|申请|领取"
    r"|存|搞)"
)
# 咋没有, 怎么可能没有: a question that means yes.
_RHETORICAL_YES = re.compile(
    r"(?:咋|怎么?|哪能|哪会|哪得|怎会|咋可能|怎么可能|怎么会|咋会|哪里会|岂|还能|哪可能|咋个(?:会|可能)?|能)(?:会"
    r"|能|可能)?(?:没有?|没得|莫得|不是|不算|不交|不办|没办|没交"
    r"|没签)(?![房车]?吗)|不是没有|不会没有|哪个没得|谁没有"
)
_RHETORICAL_NO = re.compile(
    r"(?<![在去])(?:哪(?:里|儿|个|来)?(?:会|能|可能|得)?有|哪来|哪里来)(?:的|过|啥|什么|钱)?|有(?:个|啥子?"
    r"|什么)(?:锤子|屁|鬼|毛线|哟)|咋(?:可能|会)(?:有|是)"
    r"|怎么(?:可能|会)(?:有|是)|要是有就好|有就好了|还没(?:来得及|轮到)"
)
_LATER_NO = re.compile(
    r"(?:以前|之前|原来|过去|曾经)(?:是|有|办|交|签)[^,，。]{0,6}[,，]?(?:现在|后来|如今)[^,，。]{0,3}(?:没|不|卖"
    r"|断|停|丢|无|莫)"
)
_QUESTION = re.compile(
    r"[?？]|吗|么\Z|怎么|怎样|咋|啥|什么|哪|如何|多少|好多|为何|为啥|是不是|能不能|可不可以|有没有|要不要|行不行|可以不"
    r"|算不算|呢\Z|几[岁个号点年]|谁|问一下|想问|(?<!有)(?<!没)问题|要求"
)
_CANCEL = re.compile(r"^(?:算了|不问了|不办了|取消|退出|不用了|不要了|别的|重新开始|停|换个问题|不弄了|不查了)")
_SHAPE = re.compile(
    rf"{_LEAD}{{0,4}}(?:(?P<no>{_NO_WORD})(?:{_NEGATED_VERB})?(?:过|到|成|完|好)?|(?P<yes>{_YES_WORD}))"
)
_TAILS = re.compile(rf"{_TAIL}{{0,6}}")
# Characters that may follow yes or no without making it another sentence.
_FILLERS = set(
    "哦哟嘞咯噻哈哩咧撒一二两三四五六七八九十半几多0123456789的了过啊呢吧嘛呀着和跟我们都也在自己正式那个一张份本套"
    "年月这边本地是有但就"
)
#: Things a reply may name. Each must be named in the question, too, or the reply speaks of something else.
_THING = re.compile(
    r"公租房|保障房|廉租房|住房|租房|房[贷租]|(?P<home>房子?)|居住证|残疾人?证|户口|社保|医保|公积金|合同|工作|单位|公司"
    r"|孩子|小孩|[车钱证卡]|在本地|\A人"
)
_CLAUSE = re.compile(r"[,，。;；!！?？\n ]+")
#: Acts that a reply may tell of: 在交 is a yes where the question speaks of 交, and nothing where it speaks of a home.
_ACTS = frozenset("交缴签备登领买评报落参扣租办享上住断停申套")
_SAME_ACT = {"交": "缴", "缴": "交"}


def tells_other_act(text: str, words: str) -> bool:
    """Whether ``text`` tells of an act (or a thing by its measure) that is not among the question's ``words``."""
    return any(act in text and not _asked(act, words) for act in _ACTS)


def _asked(act: str, words: str) -> bool:
    return act in words or _SAME_ACT.get(act, act) in words


def is_unknown(text: str) -> bool:
    """不清楚, 记不得了, 哪个晓得."""
    return _UNKNOWN.search(text) is not None


def is_refused(text: str) -> bool:
    """不方便说, 保密."""
    return _REFUSED.search(text) is not None


def is_question(text: str) -> bool:
    """The reply asks something itself."""
    return _QUESTION.search(text) is not None


#: 打折不, 得行不, 有补贴伐: a question by its last word.
_ASKS_AT_END = re.compile(
    r"(?<![好要得对有])[不伐啵](?:[嘛啊呀哦]|得|行)?[？?]?\Z|(?:得行|要得|有|能|可以|行)[没不么][？?]?\Z"
)


def asks(text: str) -> bool:
    """The text asks something, be it by its last word alone."""
    return is_question(text) or _ASKS_AT_END.search(text) is not None


def is_cancel(text: str) -> bool:
    """算了, 不问了: no answer at all."""
    return _CANCEL.search(text) is not None


def is_hedged(text: str) -> bool:
    """好像有, 可能没有: not to be taken for a fact."""
    return _HEDGED.search(text) is not None


def read_yes_no(text: str, *, words: str = "") -> Optional[bool]:
    """Yes or no, None if the text is neither.

    ``words`` are characters of the question's subject: "没签劳动合同" says no where the question speaks of
    签 and 合同, while "有高龄津贴的电话" is no answer to it.
    """
    text = text.strip(" ,，。.!！~～…")
    if not text or is_cancel(text):
        return None
    allowed = set(words) | _FILLERS
    for pattern, meant in ((_RHETORICAL_YES, True), (_RHETORICAL_NO, False)):
        turned = pattern.search(text)
        if turned and len(text) <= 16 and all(ch in allowed or ch in "!！,，。?？ " for ch in text[turned.end() :]):
            return None if _elsewhere(text[turned.end() :], words) else meant
    if _LATER_NO.search(text):
        # 以前交着现在断了: 断 is no other act where 交 is the question's.
        own = not words or any(act in text and _asked(act, words) for act in _ACTS)
        return False if own or not tells_other_act(text, words) else None
    first: Optional[bool] = None
    for clause in _CLAUSE.split(text):
        if not clause:
            continue
        value = _clause(clause, allowed, words)
        if value is None:
            if first is not None:
                break
            if _only_lead(clause):
                continue
            break
        if first is None:
            first = value
            weak = re.fullmatch(r"(?:嗯+(?!嗯)|哦+(?!哦)|是的?|对|恩+)", clause) is not None
            if not weak:
                break
        else:
            first = value  # 嗯,没有: the second word counts
            break
    return first


def _only_lead(clause: str) -> bool:
    return re.fullmatch(rf"{_LEAD}{{1,5}}", clause) is not None


def _clause(clause: str, allowed: set[str], words: str) -> Optional[bool]:
    match = _SHAPE.match(clause)
    if not match:
        return None
    asks = is_question(clause)
    tail = _TAILS.match(clause, match.end())
    rest = clause[tail.end() if tail else match.end() :]
    value = match["no"] is None
    if asks:
        return (
            None
            if not re.fullmatch(
                r"(?:没有?|没得|莫得|没办|没签|没交)(?:的)?(?:可以|行|要紧|影响|关系)(?:吗|么|不|行不行|可不可以)[?？]?"
                r"|没有?(?:行不行|可不可以|得不得行|要不要紧)[?？]?",
                clause,
            )
            else False
        )
    if "的话" in rest or (rest.startswith(("没", "不")) and match["yes"] in ("有", "是")):
        return None
    if words and tells_other_act(clause, words):
        return None
    if all(ch in allowed for ch in rest) and not _elsewhere(rest, words):
        return value
    return None


def _elsewhere(rest: str, words: str) -> bool:
    """没房 beside a question about a contract: what is named is not what was asked about."""
    return any(
        match.group() == "人" or ("房子" if match["home"] else match.group()) not in words
        for match in _THING.finditer(rest)
    )


_ECHO = re.compile(
    rf"(?:{_LEAD}|被|给|是|有|街道|社区|居委会?|单位|公司|医院|医生|残联|人社局?|政府){{0,8}}"
    r"(?P<no>还没有?|没有?|没得|莫得|未|冇|不)?(?P<said>[\u3400-\u9fff]{2,6}?)"
    r"(?P<done>(?:[了过着]|好了?|成了?|上了?){1,4})?(?:的|啊|呀|哦|呢|嘛|嘞|噻){0,2}"
)
#: 我在园区上班, asked whether one works in 苏州工业园区.
_WORKS_AT = re.compile(
    rf"(?:{_LEAD}|是){{0,8}}?(?P<no>不是?|没有?)?(?:在|到|勒)(?P<where>[\u3400-\u9fff]{{2,8}}?)(?:那边|这边|里面|里头|里|的)*"
    r"(?:单位|公司|企业|厂|厂里)?(?:里|的)?(?:上班|工作|打工|干活|做事)(?:的|啊|呀|哦|呢|嘛|嘞|噻|额|了)*"
)
#: What the question only mentions: 除了租赁补贴, …而不是自己辞职, and what stands in brackets.
_ASIDE = re.compile(r"（[^）]*）|\{who\}|除了[^，]*|而不是.*")
#: Where the outcome is asked for, the act alone (评估过了) answers nothing.
_OUTCOME = re.compile(r"通过|达到|评上|够格")


def echoes(text: str, question: str) -> Optional[bool]:
    """Yes or no in the question's own words: 认定过的, 没诊断过, 在职的; None if ``text`` is no such echo."""
    if asks(text):
        return None
    works = _WORKS_AT.fullmatch(text.strip(" ,，。.!！"))
    if works is not None and works["where"] in question and re.search("上班|工作", question):
        return works["no"] is None
    said = _ECHO.fullmatch(text.strip(" ,，。.!！"))
    if said is None:
        return None
    core, asked = said["said"], _ASIDE.sub("，", question)
    if core not in asked or (_OUTCOME.search(asked) and not _OUTCOME.search(core)):
        return None
    if said["no"]:
        return False
    return True if said["done"] or core.startswith(("在", "已")) else None
