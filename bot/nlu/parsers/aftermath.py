"""Danger told of as over or as a habit, by somebody who asks for help with living on: no call for 119 or 110.

家里遭了火灾，东西烧光了，没法过日子 asks for relief; 老娘走丢几回了，送哪儿有人看 asks for care.
Each needs both halves, the damage or habit and the help asked for, and no word of danger going on: in doubt it is an
emergency.
"""

from __future__ import annotations

import re

_NOW = re.compile(
    r"正在|还在|刚刚?|现在(?!没|住|借|挤|暂|生活|日子)|马上|快来|快点|赶紧|救命|救人|救火|里面|里头|困(?!难|境|户)|逃|跑不|出不|叫不|喊不|不醒|受伤|烧伤|烫伤"
    r"|流血|呛|喘|冒烟|冒火|烧起|烧着|越烧|在烧|火势|火大|好大|火还|灭不|没(扑|救)?灭|未灭|没熄|快(要)?烧|要烧|都要|正(?=烧|着|起|冒)|着火了(?=$|[，。！])|119|110|120|报警|消防"
)
_BURNT = re.compile(
    r"(烧|毁|冲|淹|震)(得)?(光|没|完|毁|掉|塌|干净|精光|坏)(了|完了)?|(什么|啥|啥子|一样)(东西)?(都|也)(没得?|没有|不剩|烧)"
    r"|(房子|屋|家当|东西|家|被子|衣服|衣裳|被褥|家具)(都|全|就)*(没了|烧了|毁了)|一件没剩|啥也没剩|烧黑了|化成灰"
)
_LIVING_ON = re.compile(
    r"(没法|没办法|咋个?|怎么|难)(再)?(过|生活|过活|活下去的钱|住|吃饭)|过不(下去|走|了)|日子|没(地方|处|有地方|得地方)(住|睡)|睡哪|住哪|住(在)?哪"
    r"|(借)?住(在)?(了)?(亲戚|朋友|邻居|旅馆|旅店|宾馆|帐篷|居委|学校|体育馆|桥洞)|借住|换洗|没(有)?衣服|被褥|上头(给|管)"
    r"|(给|帮)(不给|不帮)?(盖|修|补|赔|重建)|无家可归|救助|救济|补助|补贴|困难|帮(助|扶|一把|帮)|政府|民政|吃饭都|揭不开锅|临时"
)
_AGAIN_AND_AGAIN = re.compile(
    r"(走丢|走失|丢|跑丢|跑出去|走出去|跑出门|找不着家|迷路)(过|了)?(有)?(几|好几|两|三|四|五|多|数|好多|无数|[2-9])(回|次|趟|道)"
    r"|(好几|几|两|三|多)(回|次|趟)(都)?(走丢|走失|跑丢|跑出去|迷路)"
    r"|(老是|总是|总|老|经常|常常|时常|动不动|三天两头|隔三差五|时不时|一不留神|一没看住)(就|会|要|往|都)*"
    r"(走丢|走失|跑丢|迷路|乱跑|往外跑|外跑)"
)
#: 走丢过一次: over, so that a mere hour of the day or 又 does not make it present again.
_ONCE = re.compile(r"(走丢|走失|跑丢|丢|迷路|跑出去|走出去)过(?!来|去|马)")
_CARE = re.compile(
    r"送(到|去|她|他|老人)?(哪|啥|什么)|(哪|啥|什么)[^，。]{0,4}(有人|能|可以|给|帮)[^，。]{0,3}(看|管|照|带|托|收)|养老院|护理院|敬老院|机构"
    r"|日托|托管|日间|照料|照护|照看|照顾|有人看|帮忙看|看护|护工|喘息|手环|定位"
)
_STILL_LOST = re.compile(
    r"还没(?!有?到)|没找到|找不到(人|他|她|了)|找不着人|没回|不见了|刚|今早|今天(?!想)|报警|失踪|联系不|急死|急得|快帮|帮我找|帮忙找|又(走丢|走失|不见|跑(出|丢)|没(回|见|影|找))"
)
_LOST_NOW = re.compile(
    r"又|还没|没找到|找不到|找不着人|没回|不见|现在|刚|今天|今早|今晚|昨天|昨晚|早上|中午|下午|晚上|报警|失踪|联系不|急死|急得|快帮|帮我找|帮忙找"
)


def over_or_usual(text: str, kind: str) -> bool:
    """Whether the danger of ``kind`` in ``text`` is over or a habit, and help with living on is what is asked for."""
    if kind == "fire":
        return bool(_BURNT.search(text) and _LIVING_ON.search(text)) and _NOW.search(text) is None
    if kind == "crime":
        if _CARE.search(text) is None:
            return False
        if _ONCE.search(text):
            return _STILL_LOST.search(text) is None
        return _AGAIN_AND_AGAIN.search(text) is not None and _LOST_NOW.search(text) is None
    return False
