"""Every error that staff can meet in content, with its code, in their words.

``Problem`` says file, line and column, what is wrong and what to write instead. Codes never change their
meaning: E… stops a snapshot from being served, W… is worth mending. Whatever needs sentence vectors (does one FAQ
take another's askers) is a W: it would take too long for an edit to wait for. What the parsers of YAML, regular
expressions, tables and blanks say in English is put into words here as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

MESSAGES: dict[str, tuple[str, str]] = {
    "E001": ("文件读不懂（YAML 写法有误）：{detail}", "{write}"),
    "E002": ("文件太大（{size} 字节）", "一个文件只写一个服务，拆成几个小文件"),
    "E003": ("不能用 & 和 * 引用", "把内容完整写出来"),
    "E004": ("文件不是 UTF-8 编码", "另存为 UTF-8 编码"),
    "E005": ("同一个键“{key}”写了两次", "删掉一个，或合并成一个"),
    "E006": ("文件是空的", "写上内容，或删掉这个文件"),
    "E007": ("文件打不开：{detail}", "检查文件权限，或重新保存一次"),
    "E008": ("没有找到内容：{detail}", "把内容文件夹放回原处，或用 LINLITONG_CONTENT 指对地方"),
    "E009": ("缺少{name}：{file} 不在，或者里面什么都没有", "把 {file} 放回来，少了它机器人没法回答"),
    "E010": ("多了一个不认识的键“{key}”{hint}", "改成认识的键，或删掉"),
    "E011": ("少了必填的“{key}”", "补上这一项"),
    "E012": ("内容类型不对：{detail}", "按同类文件的样子改写"),
    "E020": ("没有“{name}”这个服务主题{hint}", "用 topics 里已有的 slug，或先在 topics 里加上它"),
    "E021": ("没有“{name}”这个地区{hint}", "用 regions.yml 里已有的代码，写在引号里"),
    "E022": ("没有“{name}”这个来源{hint}", "先在本地区或上级地区的 sources 文件里登记来源"),
    "E023": ("没有写来源", "在 sources 里写上来源的编号，没有来源的内容不能发布"),
    "E024": ("“{name}”在两处都有：另一处在 {other}", "编号要唯一，改掉一个"),
    "E025": ("没有“{name}”这项政策{hint}", "写上已有政策的编号，例如 510100/rental-subsidy"),
    "E026": ("没有“{name}”这个事实{hint}", "用 facts.yml 里已有的事实"),
    "E027": ("文件放错了地方：{detail}", "文件夹和文件名要与里面写的地区、主题一致"),
    "E028": ("“{name}”这个名字不会被读，原来的 {original} 又不在了",
             "改回 {original}；真的不要了，就把它移到内容文件夹外面"),
    "E030": ("条件写错了：{detail}", "照 docs/content-guide.md 的写法改"),
    "E031": ("这项政策没有测试家庭", "在旁边加一个 .households.yml，每个条件两边都要有例子"),
    "E032": ("测试家庭“{name}”的结果不对：期望{expected}，算出来是{found}", "改政策或改期望，两边要一致"),
    "E033": ("条件“{name}”缺少{side}的测试家庭", "加一个这样的家庭"),
    "E034": ("测试家庭里的事实不对：{detail}", "按 facts.yml 的类型写"),
    "E035": ("政策“{name}”里没有{side}的例子", "加一个这样的家庭"),
    "E036": ("这项政策谁也不可能符合：“{items}”不能成立", "改掉其中一个条件；政策停办就写 rule: {{always: false}}"),
    "E037": ("“{name}”这条路谁也走不通，和共同的条件合不到一起", "改这条路的条件，或删掉它"),
    "E038": ("“{name}”的第{number}档金额永远轮不到，前面的几档已经全占了", "调换顺序（窄的在前），或删掉它"),
    "E039": ("条件要的答案问不出来：“{name}”没有“{values}”这个选项", "在 facts 文件里给它加上这个选项，或改条件"),
    "E040": ("问答“{name}”的问法太少（{count} 个）", "至少写 {least} 个不同的问法"),
    "E041": ("问答“{name}”缺少 {key}", "写上至少两句没有收进问法的话来检验"),
    "E044": ("两条问答有同一个问法：{text}（另一处在 {other}）", "删掉一处"),
    "E045": ("检验用的句子和问法一样：{text}", "检验句要换个说法，不能照抄问法"),
    "E046": ("没有“{name}”这个说法不一的条目{hint}", "先在同一地区、同一主题的文件里写在 conflicts 下面"),
    "E047": ("“{name}”的各个说法没有从新到旧排（{dates}）", "把来源日期最新的一条放到最前面"),
    "E050": ("别名“{name}”同时属于 {other}", "一个别名只能属于一个服务，改掉一处"),
    "E051": ("别名“{name}”太短", "别名至少两个字"),
    "E060": ("正则表达式写错了：{detail}", "检查括号和特殊符号"),
    "E061": ("正则表达式会让机器人卡住：重复的部分里，“{sign}”有不止一种拆法，一句长话要试无数遍：{pattern}",
             "重复里面不要再套重复（像 (a+)+），几个选项也不要能互相拼出来（像 (一点|都|一点都)*）"),
    "E062": ("电话“{phone}”不可能是真的", "写成 028-87911012、12345 或手机号，几个号码用顿号隔开"),
    "E063": ("“{name}”的起止日期反了：{start} 到 {until}", "start 写第一天，until 写最后一天"),
    "E070": ("表格有误：{detail}", "{write}"),
    "E071": ("没有“{name}”这个场所类别{hint}", "用 categories.yml 里已有的类别"),
    "E080": ("缺少文字“{key}”{hint}", "在 texts 文件夹里补上这一条，{blanks}"),
    "E081": ("“{key}”里的花括号写错了：{detail}", "花括号里只写要填的名字，前后成对；{blanks}"),
    "E090": ("名单读不了：{detail}", "{write}"),
    "E091": ("名单里{detail}", "{write}"),
    "E092": ("名单里没有“{name}”这一栏{hint}", "照名单的表头改；这份名单有：{known}"),
    "E093": ("{detail}", "{write}"),
    "E095": ("{where}有{count}个，微信最多放{most}个", "删掉多出来的，或并到别的里面"),
    "E096": ("菜单名“{name}”太长，手机上会显示成“…”",
             "换一个短的名字，这里最多{most}个汉字（两个字母或数字算一个汉字）"),
    "E097": ("菜单“{name}”{detail}", "{write}"),
    "E099": ("内容没有换上，程序没想到会这样（{detail}）", "撤回刚才的修改，并告诉维护程序的人"),
    "W101": ("“{name}”将在{days}天后（{until}）到期", "核对新文件，更新 in_force"),
    "W102": ("“{name}”已于{until}到期", "更新或下架"),
    "W103": ("没有任何条件用到事实“{name}”", "可以留着；若是写错了名字，改过来"),
    "W104": ("来源“{name}”没有被用到", "可以删掉"),
    "W105": ("机器人从来不说“{key}”这条文字{hint}", "若是写错了名字，改过来；用不着就删掉"),
    "W106": (
        "这句话应该由“{name}”回答，却被“{other}”抢走了：{text}",
        "给“{name}”加一个相近的问法，或改掉“{other}”里太像的问法",
    ),
    "W107": ("这句话不该由“{name}”回答：{text}", "把问法写得更具体，或给正确的那条问答加问法"),
    "W108": ("没有问答、也没有政策说到“{name}”这个说法不一的条目", "在有关的问答里写 conflict，在政策里写 conflicts"),
    "W109": ("这项政策用不到“{name}”，这里的问法没有用", "删掉，或改成用得到的事实"),
    "W110": ("单位好像不对：{detail}", "对照原文核对数字和单位"),
    "W112": ("“{name}”的地址说的是{other}，和这一行的城市、区县对不上", "核对地址，或改 city、district"),
    "W113": ("“{name}”的坐标像是在{other}，和这一行的区县对不上", "核对坐标（要用 GCJ-02），或改 district"),
    "W114": ("时间读不懂：{hours}", "写成“周一至周五 9:00–17:00”这样"),
    "W115": ("这句和“{other}”的“{theirs}”几乎一样：{text}", "两条问答合成一条，或把问法写得更具体"),
    "W116": ("这句在“{other}”里也有，不知道该由哪条回答：{text}", "删掉一处"),
    "W117": ("来源“{name}”没有日期，也没有说为什么没有", "写上 date；真的没有，就在 note 里写“没有日期”"),
    "W118": ("来源“{name}”的日期{date}还没有到", "核对日期"),
    "W119": ("别名“{name}”和同一主题的“{other}”是一回事，用不着", "删掉一个"),
    "W120": ("别名“{name}”听起来、写起来也像别的主题：{other}", "换一个说法，或在其中一处删掉"),
}

CELL = "按表头改正这一格"
SAVE_AS_CSV = "用表格软件打开，另存为“CSV UTF-8（逗号分隔）”"
_QUOTE_ALL = "整句话用一对英文引号包起来，例如 answer: \"时间: 9点\""
_INDENT = "同一层的各行要对齐，用空格缩进，不用 Tab"
#: What a YAML parser says (as a beginning), in words of staff: what is wrong, what to write.
YAML_REASONS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": ("这里不能再有“冒号加空格”，或者这一行的缩进不对",
                                       f"话里有“: ”就{_QUOTE_ALL}；否则把缩进和上一行对齐"),
    "could not find expected ':'": ("这一行只有字，没有“键: 值”",
                                  "写成 键: 值，英文冒号后面空一格；接着上一行的话要比上一行缩进"),
    "found a tab character": ("缩进用了 Tab", "把 Tab 换成空格"),
    "found character that cannot start any token": ("这里不能用这个符号开头",
                                                f"@、`、% 开头的话，{_QUOTE_ALL}；缩进里的 Tab 换成空格"),
    "did not find expected key": ("这里接不上前面的内容：缩进不齐，或者前面的引号没有成对",
                                  f"{_INDENT}；引号里面的引号改用“”"),
    "did not find expected ',' or ']'": ("方括号没有关上", "补上 ]，各项之间用英文逗号；有冒号、括号的项加英文引号"),
    "did not find expected ',' or '}'": ("花括号没有关上",
                                          "补上 }，各项之间用英文逗号；不是一组键和值的，整句加英文引号"),
    "did not find expected '-' indicator": ("列表中间夹了一行不是列表的内容", f"列表的每一项以“- ”开头；{_INDENT}"),
    "block sequence entries are not allowed": ("“- ”不能写在键的同一行", "换到下一行写“- ”，或写成 [甲, 乙]"),
    "mapping keys are not allowed": ("“? ”在这里有特别的意思", _QUOTE_ALL),
    "did not find expected node content": ("这里应该有内容，却是一个符号",
                                       f"多余的 ]、}}、逗号删掉；是话的一部分就{_QUOTE_ALL}"),
    "found unexpected end of stream": ("引号没有关上，后面的内容都被当成了一句话", "在这句话的末尾补上引号"),
    "found unexpected document indicator": ("引号没有关上，后面的内容都被当成了一句话", "在这句话的末尾补上引号"),
    "found unknown escape character": ("双引号里的 \\ 后面跟了不认识的字", "把双引号换成单引号，或把 \\ 写成 \\\\"),
    "did not find expected comment or line break": ("| 和 > 的后面不能再写字", "把话写到下一行，缩进两格"),
    "did not find expected <document start>": ("这一行比上面的内容缩进少，接不上", f"{_INDENT}；删掉“...”这样的行"),
    "but found another document": ("一个文件里写了两份内容（中间有“---”）", "删掉“---”这一行"),
    "did not find expected alphabetic": ("& 和 * 在这里有特别的意思", _QUOTE_ALL),
    "did not find expected tag": ("! 在这里有特别的意思", _QUOTE_ALL),
    "found incompatible YAML document": ("不能用 % 开头的行", "删掉这一行"),
    "found duplicate": ("不能用 % 开头的行", "删掉这一行"),
    "control characters": ("有看不见的控制字符", "把这个字符删掉，重新打一遍这几个字"),
    "too deep": ("嵌套太深", "检查这一行有没有多余的“- ”和括号"),
}
_YAML_OTHERWISE = ("这里的写法不对", "检查这一行和上一行的缩进、冒号后的空格、引号和括号")
#: Slips that can be seen on the line itself, whatever the parser says of them.
YAML_SLIPS: dict[str, tuple[str, str]] = {
    "tab": ("缩进用了 Tab", "把 Tab 换成空格"),
    "full-width space": ("行首是全角空格", "把全角空格换成两个英文空格"),
    "full-width colon": ("键后面用了全角冒号“：”", "换成英文冒号，后面空一格：键: 值"),
    "no space after the colon": ("冒号后面没有空格", "冒号后面空一格：键: 值"),
    "no space after the dash": ("列表的“-”后面没有空格", "“-”后面空一格：- 内容"),
    "full-width quote": ("这里用了全角引号“”，它不能把一句话包起来",
                         "换成英文引号 \" \"，或整句话外面再加一对英文引号"),
    "open quote": ("这一行的引号没有关上，后面的行都被当成了同一句话", "在这句话的末尾补上同样的引号"),
}
#: The same for regular expressions.
PATTERN_REASONS: dict[str, str] = {
    "missing ), unterminated subpattern": "左括号“(”没有对应的右括号",
    "unbalanced parenthesis": "多了一个右括号“)”",
    "nothing to repeat": "*、+、? 前面没有可以重复的字",
    "multiple repeat": "*、+、? 连着写了两个",
    "unterminated character set": "方括号“[”没有关上",
    "bad escape": "\\ 后面跟了不认识的字",
    "incomplete escape": "\\ 后面没有写全",
    "bad character range": "方括号里的范围前后写反了",
    "look-behind requires fixed-width pattern": "(?<=…) 和 (?<!…) 里面每个选项要一样长，不能有 *、+、?",
    "min repeat greater than max repeat": "{最少,最多} 里前面的数比后面的大",
    "the repetition number is too large": "{ } 里的数太大",
    "unknown extension": "“(?”后面的写法不认识",
    "unexpected end of pattern": "写到一半就结束了",
    "missing": "括号里没有写全",
    "invalid group reference": "引用了没有的括号",
    "unknown group name": "引用了没有的括号",
    "bad character in group name": "括号的名字写错了",
}
#: The same for tables.
TABLE_REASONS: dict[str, tuple[str, str]] = {
    "line contains nul": ("有看不见的空字符", SAVE_AS_CSV),
    "field larger than field limit": ("有一格太长，多半是英文引号没有关上", "给这一格补上英文引号，或删掉多余的"),
    "unexpected end of data": ("这一行有一格的英文引号没有关上，后面的行都被吞了进去",
                               "给这一格补上英文引号，或删掉多余的"),
    "',' expected after": ("英文引号后面不能直接跟字", "整格用一对英文引号包起来，里面的引号改用“”"),
}
_TABLE_OTHERWISE = ("这一行读不懂", SAVE_AS_CSV)


def yaml_reason(said: str) -> tuple[str, str]:
    """What a YAML parser's sentence means and what to write, for staff."""
    return _reason(YAML_REASONS, said) or _YAML_OTHERWISE


def table_reason(said: str) -> tuple[str, str]:
    """The same for a table's parser."""
    return _reason(TABLE_REASONS, said.lower()) or _TABLE_OTHERWISE


def pattern_reason(error: Exception, pattern: str) -> str:
    """Why ``pattern`` is no regular expression, with the place in it where one is known."""
    said = str(error)
    place = error.pos if isinstance(error, re.error) else None
    where = f"第{place + 1}个字“{pattern[place:place + 6]}”处，" if place is not None and place < len(pattern) else ""
    found = next((meaning for start, meaning in PATTERN_REASONS.items() if said.startswith(start)), "写法不对")
    return f"{where}{found}：{pattern}"


def _reason(reasons: dict[str, tuple[str, str]], said: str) -> Optional[tuple[str, str]]:
    return next((meaning for start, meaning in reasons.items() if said.startswith(start)), None)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``line`` and ``column`` count from 1; 0 where they cannot be told."""

    code: str
    path: Path
    line: int
    column: int
    message: str
    remedy: str

    @property
    def place(self) -> tuple[Path, int, int, str]:
        """What problems are listed in the order of."""
        return self.path, self.line, self.column, self.code

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else str(self.path)
        return f"{where}: {self.code} {self.message}。{self.remedy}。"


def problem(code: str, path: Path, position: tuple[int, int] = (0, 0), **details: object) -> Problem:
    """Make a Problem from its code; ``details`` fill the braces of its message and remedy."""
    message, remedy = MESSAGES[code]
    return Problem(code, path, position[0], position[1], message.format(**details), remedy.format(**details))


class ContentError(Exception):
    """Content that cannot be served; ``problems`` holds everything that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        rest = f"\n… and {len(problems) - 20} more" if len(problems) > 20 else ""
        super().__init__("\n".join(str(item) for item in problems[:20]) + rest)
        self.problems = problems
