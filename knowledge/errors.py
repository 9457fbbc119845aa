"""Every error that staff can meet in content, with its code, in their words.

``Problem`` says file, line and column, what is wrong and what to write instead. Codes never change their
meaning: E… stops a snapshot from being served, W… is worth mending.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MESSAGES: dict[str, tuple[str, str]] = {
    "E001": ("文件读不懂（YAML 写法有误）：{detail}", "检查这一行的缩进、冒号后的空格和引号"),
    "E002": ("文件太大（{size} 字节）", "一个文件只写一个服务，拆成几个小文件"),
    "E003": ("不能用 & 和 * 引用", "把内容完整写出来"),
    "E004": ("文件不是 UTF-8 编码", "另存为 UTF-8 编码"),
    "E005": ("同一个键“{key}”写了两次", "删掉一个，或合并成一个"),
    "E006": ("文件是空的", "写上内容，或删掉这个文件"),
    "E007": ("文件打不开：{detail}", "检查文件权限，或重新保存一次"),
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
    "E030": ("条件写错了：{detail}", "照 docs/content-guide.md 的写法改"),
    "E031": ("这项政策没有测试家庭", "在旁边加一个 .households.yml，每个条件两边都要有例子"),
    "E032": ("测试家庭“{name}”的结果不对：期望{expected}，算出来是{found}", "改政策或改期望，两边要一致"),
    "E033": ("条件“{name}”缺少{side}的测试家庭", "加一个这样的家庭"),
    "E034": ("测试家庭里的事实不对：{detail}", "按 facts.yml 的类型写"),
    "E035": ("政策“{name}”里没有{side}的例子", "加一个这样的家庭"),
    "E040": ("问答“{name}”的问法太少（{count} 个）", "至少写 {least} 个不同的问法"),
    "E041": ("问答“{name}”缺少 {key}", "写上至少两句没有收进问法的话来检验"),
    "E042": (
        "这句话应该由“{name}”回答，却被“{other}”抢走了：{text}",
        "给“{name}”加一个相近的问法，或改掉“{other}”里太像的问法",
    ),
    "E043": ("这句话不该由“{name}”回答：{text}", "把问法写得更具体，或给正确的那条问答加问法"),
    "E044": ("两条问答有同一个问法：{text}（另一处在 {other}）", "删掉一处"),
    "E045": ("检验用的句子和问法一样：{text}", "检验句要换个说法，不能照抄问法"),
    "E050": ("别名“{name}”同时属于 {other}", "一个别名只能属于一个服务，改掉一处"),
    "E051": ("别名“{name}”太短", "别名至少两个字"),
    "E060": ("正则表达式写错了：{detail}", "检查括号和特殊符号"),
    "E070": ("表格有误：{detail}", "按表头改正这一格"),
    "E071": ("没有“{name}”这个场所类别{hint}", "用 categories.yml 里已有的类别"),
    "E080": ("缺少文字“{key}”", "在 texts.yml 里补上"),
    "E081": ("“{key}”里的花括号写错了：{detail}", "填空写成 {{who}} 的样子，前后括号要成对"),
    "W101": ("“{name}”将在{days}天后（{until}）到期", "核对新文件，更新 in_force"),
    "W102": ("“{name}”已于{until}到期", "更新或下架"),
    "W103": ("没有任何条件用到事实“{name}”", "可以留着；若是写错了名字，改过来"),
    "W104": ("来源“{name}”没有被用到", "可以删掉"),
}


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
