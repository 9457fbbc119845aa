"""Jobs: labour contract, looking for work, unemployment, public service and zones, talent class."""

from __future__ import annotations

import re
from typing import Iterator

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.negation import is_past
from bot.nlu.parsers.spotting import Spotter

_NO = r"(?:没有?|没得|莫得|还没有?|未|从没|从来没|一直没|没跟[^,，。\s]{1,5}|没和[^,，。\s]{1,5}|不给|没给)"
_EMPLOYER = r"(?:公司|单位|老板|平台|站点|站上|厂里?|店里?|工地|包工头|他们|人家)"
_CONTRACT_NO = Spotter(
    rf"{_NO}(?:我)?(?:签|签过|签订|正式签|跟[^,，。\s]{{1,5}}签|签正式的?|签书面的?)?(?:正式的?|书面的?)?(?:劳动"
    rf"|用工|工作|聘用)合同|(?:劳动|用工|聘用)合同(?:也"
    rf"|都|还|一直|就|我|到现在){{0,8}}(?:没有?|没得|莫得|未)(?:签|签过|有)?"
    rf"|(?:没有?|没得|莫得|未|还没有?|一直没|不)(?:跟|和|与|同)?{_EMPLOYER}(?:正式)?签(?:过|订)?(?:劳动|用工)?(?:合同|协议)"
    rf"|{_EMPLOYER}(?:一直|也|都|就)?(?:没有?|不)(?:跟"
    rf"|和|给|与)(?:我|我们)?签(?:劳动|用工)?合同"
    r"|(?:厂里?|店里|工地|平台|站点|包工头)(?:一直|也|都|就|还|根本)?没有?(?:给)?签(?:过)?(?:劳动|用工)?合同"
)
_CONTRACT_YES = Spotter(
    r"(?<!租房)(?<!租赁)合同(?:、|和|跟)?社保(?:都|也|全都)(?:有|齐了?|签了|在)(?!吗|没|不)"
    r"|(?<!没)(?<!没有)(?<!未)(?:签了|有|签过|签的|签订了?|签好了|也签了|签有|签)(?:一?份"
    r"|[一两二三四五六七八九十\d]+年的?|正式的?|书面的?|了|无固定期限的?"
    r"|着){0,8}(?:劳动|用工|聘用)合同|(?:劳动|用工|聘用)合同(?:也|都|已经|早就|我|是){0,8}(?:签了|有的?|签过"
    r"|签好了?|在|签着)(?!没|不)"
    r"|(?:跟|和|与)(?![^,，。\s]{0,6}[租房介装])[^,，。\s]{0,6}(?:公司|单位|企业|厂里?|老板)(?:也|都|已经)?签(?:了|的)(?:[^,，。租\s]{0,4})合同|(?:公司"
    r"|单位|厂里|老板)(?:跟|和|给"
    r"|与)我们?签了(?:[^,，。租\s]{0,4})合同"
)
#: Whoever works so has no employer to sign with. What follows tells that it is no benefit's or rule's name.
_OWN_MASTER = Spotter(
    r"(?:灵活就业(?:人员)?|自由职业者?|个体户|个体经营|个体工商户|(?:跑|送|干)外卖|(?:跑|开)(?:滴滴|网约车|货拉拉)|跑快递|打零工|打散工|做零工|零散工"
    r"|(?:开(?:了)?|摆)(?:个|了个)?(?:小)?(?:摊|地摊|铺子|小卖部|小店|小饭馆|饭馆|面馆|超市|网店|淘宝店))"
    r"(?:的(?=[,，。\s能可有]|\Z)|者|人|(?=[,，。\s能可有想]|自己|没|社保(?!补|的补)|交|\Z))(?!(?:社保)?补)"
)
_OWN_MASTER_BEFORE = re.compile(
    r"(?:(?:\A|[,，。;；!！\s]|[我俺咱们爸妈公婆人伴子儿女哥姐弟妹她他在是做干搞算属于当的岁了十一二三四五六七八九\d])(?:现在|目前|一直|就|也|都|自己|平时)?)\Z"
)
# 在南京上班签了合同: which contract is told by the job before it.
_PLAIN_NO = Spotter(
    r"(?:没有?|没得|莫得|未)签(?:过|订)?合同|(?<!劳动)合同(?:也|都|还|一直|到现在){0,3}(?:没有?|没得|莫得|未)签"
)
_PLAIN_YES = Spotter(
    r"签(?:了|好了?|过)(?:[一两二三四五六七八九十\d]+年的?|正式的?|一?份){0,2}合同|合同(?:也|都|已经|早就){0,3}签(?:了|好了|过)"
    r"|签合同了(?!吗|没)"
)
_JOB = re.compile(r"上班|单位|公司|工作|入职")
_OTHER_CONTRACT = re.compile(
    r"租房(?!补贴|补助|津贴|扣除)|租赁(?!补贴|补助)|租[了的到]|房东|中介|购房|买房|装修|贷款|房屋"
)
_WORKS_AT = re.compile(r"在[^,，。\s]{1,8}(?:上班|工作)")
_BOSS = r"(?:我们)?(?:公司|单位|老板|厂[子里]?|工厂|企业|店里?|工地|人家|领导|人事)"
_FIRED = Spotter(
    rf"(?:被|遭|挨|叫|让|给){_BOSS}?(?:给|都|就)?(?:裁员|裁(?!判|缝|剪|定)|辞退|开除|优化|炒|解雇|劝退|解聘|清退)(?:了|掉)?"
    rf"|(?:被|遭|挨|叫|让|给){_BOSS}(?:给|都|就)?(?:撵|赶|轰|打发|辞)(?:走|出来|出去|回家)?(?:了|掉)?"
    r"|(?:公司|单位|老板|厂[子里]?|工厂|企业|店里?)(?:就|也|都|突然)?(?:倒闭|垮|关门|关停|解散|破产|黄|跑路"
    r"|裁员|裁人)了?|合同到期(?:了)?(?:公司|单位)?(?:没续|不续|没续签|不续签|不要我|就没续)|下岗了?|被失业了?"
    r"|把我们?(?:裁|辞|开除|优化)(?:了|掉)?"
)
_QUIT = Spotter(
    r"(?:自己|主动|个人|我自己)(?:把(?:它|工作))?(?:提|要)?(?:的)?(?:出)?(?:辞的(?=[,，。\s]|\Z)|辞职|离职|辞了|辞的[职工]|离的职|辞掉|走的|不干|不想干|提的)(?:的|了)?"
    r"|(?<!被)(?<!不是)辞职(?:的|了|回)|裸辞|自愿离职|(?:把)?工作辞了|(?<!被)辞的职(?:的)?"
)
_NOT_QUIT = Spotter(r"不是(?:我)?(?:自己|主动)?(?:辞职|离职|辞|走)(?:的)?")
_REGISTERED_NO = Spotter(
    rf"{_NO}(?:去)?(?:办|办理|做|登记)(?:过)?失业登记|失业登记(?:还|也|都|一直|我){{0,8}}(?:没有?|没得|未"
    rf"|没去)(?:办|做|登)?"
)
_REGISTERED = Spotter(
    r"(?<!没)(?<!没有)(?:办了|做了|办过|[办做]好了?|登记了|有|已办|去办了)失业登记|失业登记(?:也|都|已经|早就|刚刚?|上周|上个?月|去年|今年|前几天|是"
    r"|我){0,8}(?:办的(?=[,，。\s]|\Z)|办了|做了|办过|[办做]好(?:了|咯|哉)?|登了|办完了?)"
)
_SEEKING = Spotter(
    r"(?:来|到|在|去|正在|正|刚来|刚到|想来|想在|想到|过来)(?:这边|这里|本地|蓉城?|沪|宁|苏|申城|成都|上海|南京|苏州|保定|杨浦"
    r"|这)?(?:市|这边)?(?:是)?(?:找工作|求职|找活|应聘|面试|找个工作"
    r"|找份工作)|(?:还在|正在|在)(?:到处)?(?:找工作|面试|求职|投简历)|刚毕业[^,，。]{0,6}找工作"
)
_STEADY = Spotter(
    r"(?<!没)(?<!没有)有(?:个|份|一份|了)?(?:合法)?(?:的)?(?:稳定|固定|正式|正经)的?(?:工作|就业|住所|住处|岗位)|(?<!没)(?<!没有)有合法的?(?:就业|住所)|(?:工作|就业)(?:很|比较|挺"
    r"|也)?稳定(?!吗)"
)
_IN = r"(?:是|在|当|做|从事|干|搞|就是)"
_PUBLIC = Spotter(
    rf"{_IN}(?:个|一名|一个|了|的|我们|这边|本地|[^,，。\s]{{0,5}}?)(?:环卫工?人?|公交车?司机|公交公司|开公交"
    rf"|小学老师|中学老师|幼儿园老师|老师|教师|护士|护工站|医生|辅警"
    rf"|协警|社区工作者|网格员|幼师|大夫)(?!的|说|家|那|这|建议|让|叫|附近)|环卫工人(?=[,，。\s]|\Z)"
    rf"|开公交(?:车)?的|扫大街的"
    r"|在(?:[^,，。\s]{0,6}?)(?:医院|学校|小学|中学|幼儿园|公交公司|环卫所|环卫公司|卫生院|社区卫生服务中心|派出所"
    r"|居委会|街道办)(?:里)?(?:上班|工作|教书|当|做|打工)"
)
_ZONE = Spotter(
    r"在(?:[^,，。\s]{0,8}?)(?:产业功能区|功能区|产业园区?|工业园区?|软件园|高新园|科技园|(?<!校)(?<!养老)园区)(?:里头?|的公司|的企业|的厂里?"
    r"|一家公司|那边)?(?:的)?(?:上班|工作|企业|公司|打工|就业)"
    r"|(?:单位|公司)(?:就)?在(?:[^,，。\s]{0,6}?)(?:产业功能区|产业园区?|功能区)"
)
_TALENT = Spotter(
    r"(?<![A-Za-z])(?P<class>[A-Fa-f])类(?!型|别的?房)(?:人才)?|(?:人才|认定)(?:等级|类别|级别)?(?:是|为|成"
    r"|的是)?(?P<class2>[A-Fa-f])(?:类|级|档)?(?:人才)?(?![A-Za-z类])"
)
#: 我想申请D类的租房补贴, but not 我想申请D类人才认定.
_I_APPLY = re.compile(r"我(?:想|要|来)?申请\Z")
_TALENT_NO = Spotter(
    r"(?:没有?|没得|未|还没有?)(?:做过?|办过?|去|参加|申请)?(?:人才)(?:认定|评定|称号)|(?:人才)?(?:认定|评定)(?:也"
    r"|都|还|我)?(?:没有?|没|未)(?:做|办|评|弄)"
    r"|没(?:有)?(?:被)?(?:认定|评)(?:过|上|为)?(?:什么|啥)?人才|(?<!是)不(?:是|算)(?:什么|啥子?)?人才(?!公寓|房|才)"
)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about work, unemployment and talent class."""
    text = heard.text
    if "合同" in text:
        for match in _CONTRACT_NO.finditer(text):
            yield Candidate("person.has_labor_contract", False, match.start(), match.end())
        for match in _CONTRACT_YES.finditer(text):
            yield Candidate("person.has_labor_contract", True, match.start(), match.end(), strong="了" in match.group())
        yield from _plain_contract(text)
    yield from _own_master(text)
    for match in _NOT_QUIT.finditer(text):
        yield Candidate("person.involuntary_unemployment", True, match.start(), match.end())
    refused = [match.span() for match in _NOT_QUIT.finditer(text)]
    for match in _FIRED.finditer(text):
        yield Candidate(
            "person.involuntary_unemployment", True, match.start(), match.end(), strong="了" in match.group()
        )
    for match in _QUIT.finditer(text):
        if not any(start < match.end() <= end for start, end in refused):
            yield Candidate(
                "person.involuntary_unemployment", False, match.start(), match.end(), strong="了" in match.group()
            )
    if "失业登记" in text:
        for match in _REGISTERED_NO.finditer(text):
            yield Candidate("person.registered_unemployed", False, match.start(), match.end())
        for match in _REGISTERED.finditer(text):
            yield Candidate(
                "person.registered_unemployed", True, match.start(), match.end(), strong="了" in match.group()
            )
    for match in _SEEKING.finditer(text):
        yield Candidate("person.job_seeking_here", True, match.start(), match.end(), strong=True)
    for match in _STEADY.finditer(text):
        yield Candidate("person.has_steady_job_or_home", True, match.start(), match.end())
    for match in _PUBLIC.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "不":
            yield Candidate("person.public_service_or_zone_job", "public_service", match.start(), match.end())
    for match in _ZONE.finditer(text):
        if text[max(0, match.start() - 1) : match.start()] != "不":
            yield Candidate("person.public_service_or_zone_job", "industrial_zone", match.start(), match.end())
    if "类" in text or "人才" in text or "认定" in text:
        for match in _TALENT_NO.finditer(text):
            yield Candidate("person.talent_class", "none", match.start(), match.end())
        for match in _TALENT.finditer(text):
            if text[max(0, match.start() - 2) : match.start()] != "不是":
                letter = (match["class"] or match["class2"]).upper()
                own = bool(
                    re.search(r"(?:认定|评)(?:为|了|成|上|到)?\Z", text[max(0, match.start() - 4) : match.start()])
                ) or (_I_APPLY.search(text[: match.start()]) is not None and text.startswith("的", match.end()))
                yield Candidate("person.talent_class", letter, match.start(), match.end(), strong=own)


def _own_master(text: str) -> Iterator[Candidate]:
    """灵活就业, 干个体户的: whoever is his own master has no labour contract."""
    for match in _OWN_MASTER.finditer(text):
        before = text[max(0, match.start() - 4) : match.start()]
        if is_past(text, match.start()):
            continue
        if _OWN_MASTER_BEFORE.search(before) and not re.search(r"想|要|打算|准备|不是|没", before):
            yield Candidate("person.has_labor_contract", False, match.start(), match.end())


def _plain_contract(text: str) -> Iterator[Candidate]:
    """A contract that is not called 劳动合同, in a sentence that speaks of the job before it and of no lease."""
    start = 0
    for sentence in re.split(r"(?<=[。;；!！?？\n])", text):
        job = _JOB.search(sentence)
        if job and not _OTHER_CONTRACT.search(sentence):
            at = start + job.end()
            end = start + len(sentence)
            own = _WORKS_AT.search(sentence) is not None
            for match in _PLAIN_NO.finditer(text, at, end):
                yield Candidate("person.has_labor_contract", False, match.start(), match.end())
            for match in _PLAIN_YES.finditer(text, at, end):
                if not re.search(r"[没未不有要]\Z", text[: match.start()][-1:]):
                    yield Candidate("person.has_labor_contract", True, match.start(), match.end(), strong=own)
        start += len(sentence)
