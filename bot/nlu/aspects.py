"""What a question about a service is after: documents, amount, place, time …"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Optional

from bot.nlu.parsers.people import find_people
from knowledge.schema import Aspect

#: Tried in order; the first that matches names the aspect. Over normalised text.
_PATTERNS: tuple[tuple[Aspect, re.Pattern[str]], ...] = tuple(
    (aspect, re.compile(pattern))  # type: ignore[misc]
    for aspect, pattern in (
        ("documents", r"材料|资料|证件|手续|带(些|点|上)?(啥|什么|哪些|么子|撒)|要带|(啥|什么|哪些)(证|东西)|"
                      r"准备(啥|什么|哪些|些)|身份证.{0,6}(要|行|够)"),
        ("contact", r"电话|号码|热线|打哪个|联系(方式|哪|谁)|咨询哪"),
        ("hours", r"几点|上班时间|营业时间|开放时间|"
                  r"(周末|星期|礼拜|周[一二三四五六日天]|中午|晚上|今天|明天).{0,6}(开|上班|营业|休息)|开(着)?门|"
                  r"关门|下班"),
        ("time", r"(领|享受|补|发|住|给|交|租|拿|办|扣)(得到|到)?(几|多少)(年|个月|个号头|天)|多久|多长时间|几天|"
                 r"啥时候|什么时候|何时|几时|好久|时限|截止|到账|到帐|几号发|哪天发|等好久"),
        ("amount", r"多少钱|好多钱|几多钱|几个钱|几钱|多少(元|块)|好多(元|块)|领多少|补多少|发多少|给多少|补好多|"
                   r"领好多|能(领|拿|补|扣)(到)?(几|多)|扣(多少|几多|好多|几个钱)|"
                   r"标准|金额|(有|是|能有|得有)多少(?!岁|年|人|天|个月|平)|打几折|几折|折扣|优惠多少|"
                   r"一个月(多少|好多|几)|每(个)?月(多少|好多|几)|多少一个月|补几"),
        ("cost", r"收费|要钱|花钱|免费|贵不贵|租金|价(格|钱)|要不要钱|要交(多少)?钱|费用|"
                 r"学费(贵|高|多少|要|咋|怎么|呢|$)"),
        ("status", r"空房|房源|轮候|摇号|排队|还有名额|名额"),
        ("where", r"^(那|那么)?(要|该)?(去|到|在|上)(哪|哪里|哪儿|哪点|啥子?地方|什么地方|哪块)[办啊呀呢嘛弄]*[？?]?$|"
                  r"怎么(去|走)|咋个?(去|走)|位置|在(哪|啥子?地方|什么地方)|"
                  r"(在|去|到|上|找)(哪|啥地方|什么地方|哪儿|哪里|哪个).{0,6}(办|申请|申领|领|报|登记|交|弄|搞|问|取)|"
                  r"哪(里|儿|点)(办|申请|领|弄)|"
                  r"(找|去找)(谁|哪个|哪家)|窗口|哪个(部门|单位|地方|窗口|街道)|地址"),
        ("rules", r"(能不能|可不可以|能|可以)(都|一起|同时|一块)|(都|一起|同时)(能|可以)?(拿|领|享|申请)|重复|冲突|"
                  r"取消|停发"),
        ("how", r"本人去|代办|代领|代替|替(他|她|我|老人|爸|妈|家人).{0,4}(办|领|申请)|"
                r"(怎么|怎样|如何|咋个?|咋样|咋子|哪能|哪样|么样)(才能)?(去|来)?"
                r"(申请|办|弄|搞|领|报|登记|操作|入住|申领|整|用|订|住|租|买|签|约|预约|缴|补办|退|转|选|注册|鉴定|评残|激活)|"
                r"流程|步骤|程序|申请方法|办理方法|网上.{0,8}(办|申请|申领|弄|搞|整)|手机.{0,6}(办|申请|弄)|线上|入口|代办"),
        ("who", r"(哪些|什么|啥|哪种|哪样|甚么)人|谁(能|可以|才)|(?<!够)(?<!合)(?<!个)(?<!我)条件[？?]?$|"
                r"什么条件|啥子?条件|条件(是|有)|有(啥子?|什么|哪些|么子)(要求|条件|讲究|门槛)|"
                r"(面向|针对)|资格|"
                r"(几|多少|好多|多大)(岁|年纪)|年龄(限制|要求)|限制|(啥|什么|哪种|哪些|么子)人"),
        ("status", r"进度|没到账|没收到|没发|还没(到|发|下来)|审核.{0,6}(到|了)|查询"),
        ("what", r"是(个)?(啥|什么|么子|撒子)|什么(意思|叫|是)|啥(意思|叫|是)|介绍|了解|说说|讲讲|咋回事|怎么回事|"
                 r"什么东西"),
    )
)


#: Words that ask for a verdict on somebody, whatever else the sentence asks.
JUDGE_ME = re.compile(
    r"能不能(去|够)?(申请|领|办|享|拿|住|到|提)|(?<!久)(?<!时候)能(去|够|到)?(申请|领|享受|拿|住|提)(?!多久|几)([^，。？]{0,10}$|[^，。？]{0,18}(吗|不|么|伐|嘛|没))"
    r"|够不够|符不符合|符合条件|轮得到|有没有资格|有资格|行不行|得行不|得不得行|中不中|(?<!不)够格|够得上|够条件"
    r"|(申请|申领|领|办|拿|享受|享)(得|不)(了|到|成|上)(吗|不|么|伐|没|嘛|得)"
    r"|(申请|申领|领|办|拿|享受|享)得(了|到|成|上)[^，。？]{0,4}(吗|不|么|伐|没|嘛)"
    r"|(申请|申领|领|办|拿|享受|享)不(申请|申领|领|办|拿|享受|享)得(了|到|成|上)"
    # Shanghai: 好拿伐, 有得领伐.
    r"|(好|有得|有)(申请|申领|领|拿|办|享受|提)(得|到)?[^，。？]{0,2}伐"
)
_VERDICT = re.compile(
    r"(能不能|可不可以|能|可以|可)(够|去|到|得)?(申请|申领|领|办|享受|享|拿|住|用|得)?(到|上)?"
    r"|够不够|够(格|条件|得上)|符不符合|符合|轮得到|有没有资格|有资格|行不行|得行|得不得行|中不中|有没有份|有份"
    r"|((申请|申领|领|办|拿|享受|享)不)?(申请|申领|领|办|拿|享受|享)(得|不)(了|到|成|上)|条件|资格|申请|领取?|享受"
)
_ABOUT_IT = re.compile(
    r"这个|那个|这种|那种|这样|情况|请问|想问|问下|一下|看看?"
    r"|[那的呢嘛啊呀哦哈吗不么伐没喃咧也还就又再到该会这要像现在目前算是有帮，。？！ ]"
)


def nothing_but_a_verdict(text: str, spans: Iterable[tuple[int, int]] = ()) -> bool:
    """我妈够不够条件, 那我能申请吗: a verdict is asked for, of nothing that is named beside ``spans`` and persons."""
    cut = [*spans, *((person.start, person.end) for person in find_people(text))]
    for start, end in sorted(cut, reverse=True):
        text = text[:start] + "，" + text[end:]
    if JUDGE_ME.search(text) is None and _CAN.search(text) is None:
        return False
    return not re.sub(r"[他她它您你我]", "", _ABOUT_IT.sub("", _VERDICT.sub("，", text)))


_CAN = re.compile(r"(能|可以|得行|有份|算|符合)[^，。？]{0,6}(吗|不|么|伐|嘛|没)|能不能|可不可以|能否|可否")


#: Words that carry no matter of their own beside the aspect that is asked for.
_FILLERS = re.compile(
    r"多少|好多|啥子?|什么|哪些|几样|报名|[些撒块嘞咯哇]"
    r"|[那这个么的呢啊呀嘛吗吧哦哈不没要得能可以去到来在有是就都还也又再请问一下我您你他她它们想说几打，。？！ ]"
)


def matter_of(text: str) -> str:
    """What ``text`` (normal form) speaks of beside the aspect: 医保怎么报销 speaks of 医保, 要带啥 of nothing."""
    for _, pattern in _PATTERNS:
        text = pattern.sub("，", text)
    return _FILLERS.sub("", text)


def find_aspect(text: str) -> Optional[Aspect]:
    """The aspect that ``text`` (normal form) asks for; None if it names none."""
    for aspect, pattern in _PATTERNS:
        if pattern.search(text):
            return aspect
    return None
