"""Finds people's names where somebody says that they are names: 我叫…, 姓名：…, 联系人….

A name that stands alone is not looked for: half of what one finds then is a street or a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.spans import Span

#: Families that are a word of their own least often.
_SURELY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁余叶蒋杜苏魏程吕丁沈姚卢傅钟姜崔谭廖"
    "范汪陆金石戴贾韦夏張劉陳楊黃趙吳孫馬鄭"
)
#: All families that nineteen of twenty people belong to, without 车 and 别, which begin other words.
_FAMILY = _SURELY + (
    "何高于任邱方侯邹熊孟秦白江阎薛尹段雷黎史龙贺陶顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞"
    "颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍"
    "华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞"
    "姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封谈匡鞠惠荆乐冀胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘"
    "满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸"
    "雍辜羊阿乌許鄧馮韓蕭葉蔣蘇呂盧鍾譚陸賈韋鄒閻龍賀顧龔萬錢嚴賴湯溫龐顏莊聶魯歐關蘭寧紀畢單塗駱藍華饒"
)
#: After 叫 these are families less often than the first sign of another word: 我妈叫来.
_NOT_AFTER_CALLED = frozenset("来和都时明查花满位门相全国平应支计索初成路向常区海普")
_DOUBLE = (
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠"
    "|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|令狐|歐陽|諸葛|東方|司馬"
)
#: What goes on behind a name and is none of its signs.
_ON = (
    "的得地今想要有能是在住和跟与及家说来去会可被把给还也都就不没多快已年岁这那他她我你您俺它吗呢吧啊啦了着过对身手"
    "电联户男女现目，。？！、；：,.?!;: \t\n()（）「」“”\"'0123456789■"
)
_GIVEN = rf"[^{re.escape(_ON)}A-Za-z]"
_BY_FAMILY = rf"(?:(?:{_DOUBLE})|[{_FAMILY}])(?:{_GIVEN}){{1,2}}"
_WITH_DOT = r"[\u4e00-\u9fff]{1,8}(?:[·•・][\u4e00-\u9fff]{1,8}){1,3}"
_LATIN = r"[A-Za-z]{2,15}(?:[ \-][A-Za-z]{2,15}){1,2}"

_WHO = (
    "(?:我|俺|咱|偶|阿拉|侬|妈|媽|爸|娘|爹|爷|爺|奶|公|婆|姥|伯|叔|姑|姨|舅|哥|姐|弟|妹|儿子|女儿|兒子|女兒|孩子|娃"
    "|孙子|孙女|老伴|丈夫|妻子|爱人|对象|媳妇|女婿|他|她|邻居|朋友|同事|房东|房東|业主|保姆|护工|患者|名字|人)"
)
_CALLED = re.compile(rf"{_WHO}(?:的?名字)?(?:就|是)?(?:叫做|叫作|名叫|叫|名为)(?!什么|啥|谁)[ \t]?"
                     rf"(?P<name>{_WITH_DOT}|{_BY_FAMILY}|{_LATIN})")
#: A label has nothing but a name behind it, of whatever family …
_LABEL = re.compile(
    "(?:姓名|名字|联系人|聯繫人|户主|戶主|申请人|申請人|被保险人|参保人|收件人|监护人|法定代表人|法人|签名|称呼)"
    r"(?:是|为|叫|[ \t]?[:：][ \t]?|[ \t])(?!什么|谁|啥|哪|不|怎|要|写|填|我)"
    rf"(?P<name>{_WITH_DOT}|(?:{_DOUBLE})(?:{_GIVEN}){{1,2}}|{_GIVEN}{{2,4}}|{_LATIN})")
#: … or, with nothing between them, of one of the great families.
_LABELLED = re.compile(rf"(?:姓名|联系人|聯繫人|名字)(?P<name>[{_SURELY}](?:{_GIVEN}){{1,2}})")
#: 我是张三丰的女儿: a name of three signs that is somebody's.
_OF = re.compile(rf"(?:我是|这是)(?P<name>[{_FAMILY}](?:{_GIVEN}){{2}})"
                 "(?=的(?:女儿|儿子|妈|爸|家属|邻居|老伴|爱人|老公|老婆|孙))")
_NO_NAMES = re.compile(
    "什么|啥子|怎么|救护|阿姨|大爷|叔叔|老师|医生|师傅|先生|女士|小区|社区|街道|食堂|补贴|中心|服务|公司|医院|学校|房子"
    "|单位|低保|物业|居委")


def names(text: str) -> Iterator[Span]:
    """Spans of names in ``text``."""
    for match in _CALLED.finditer(text):
        name = match["name"]
        if (name[0] in _NOT_AFTER_CALLED and len(name) < 3) or _NO_NAMES.search(name):
            continue
        yield Span(match.start("name"), match.end("name"))
    for pattern in (_LABEL, _LABELLED, _OF):
        for match in pattern.finditer(text):
            if not _NO_NAMES.search(match["name"]):
                yield Span(match.start("name"), match.end("name"))
