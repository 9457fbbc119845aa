"""Where the header of a list stands, and what its columns are likely to hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from rapidfuzz import fuzz, process

from knowledge.imports.cells import header_key

#: The header is among the first rows.
LOOK_AT = 40
LIKE_ENOUGH = 76
#: Names that offices give their columns, by our field.
NAMES: dict[str, str] = {
    "name": "名称 机构名称 点位 点位名称 单位名称 服务点 服务点名称 场所名称 站点名称 网点名称 食堂名称 助餐点名称 "
            "项目名称 小区名称 窗口名称 设施名称 中心名称 店名 名字",
    "address": "地址 详细地址 机构地址 单位地址 所在地址 具体地址 服务地址 办公地址 经营地址 地点 位置 坐落 门牌地址",
    "phone": "电话 联系电话 咨询电话 服务电话 联系方式 办公电话 座机 固定电话 预约电话 订餐电话 电话号码 联系号码",
    "hours": "营业时间 服务时间 开放时间 办公时间 工作时间 供餐时间 受理时间 接待时间 开放时段",
    "category": "类型 类别 机构类型 服务类型 机构类别 设施类型 点位类型 分类",
    "city": "城市 所在市 地市 所在城市 市",
    "district": "区县 县区 所在区 所属区 行政区 区 所在区县 区市县 辖区 所属区县",
    "street": "街道 镇街 街镇 乡镇 所属街道 所在街道 街道乡镇 乡镇街道 街道镇 镇街道 所属镇街",
    "community": "社区 村社区 所属社区 所在社区 社区村 村居 居委会",
    "lng": "经度 lng lon longitude 东经 x坐标 x",
    "lat": "纬度 lat latitude 北纬 y坐标 y",
    "lnglat": "经纬度 坐标 坐标点 位置坐标 经纬度坐标",
    "precision_m": "误差 精度 误差米数 定位精度",
    "cost": "价格 收费 收费标准 餐标 费用 餐费标准 优惠",
    "serves": "服务对象 服务人群 对象 适用人群",
    "accessibility": "无障碍 无障碍设施 无障碍情况",
    "note": "备注 说明 备注说明 服务内容",
    "source_date": "更新时间 更新日期 数据日期 核实日期 采集日期 统计日期 登记日期",
    "id": "机构编号 点位编号 机构代码 点位代码 站点编号",
}
#: Serial numbers, and what a resident has no business with.
_LEAVE = re.compile(r"序号|^no\.?$|^id$|联系人|负责人|法人|法定代表|身份证|姓名|信用代码|面积|经办|填报|照片|图片")
#: Fields that several columns may make up.
JOINED = ("address", "phone", "hours", "note")
_BRACKETS = re.compile(r"[(\[【（][^)\]】）]{0,200}[)\]】）]")


@dataclass(frozen=True)
class Guess:
    """What a column may hold, and how like (0–100) its name is to one that is known."""

    column: str
    field: str
    score: float


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {header_key(name): field for field, names in NAMES.items() for name in names.split()}


@lru_cache(maxsize=4096)
def guess(column: str) -> Optional[Guess]:
    """What a column called ``column`` may hold; None if nothing is known like it."""
    if is_left(column):
        return None
    key = header_key(column)
    for form in dict.fromkeys((key, _BRACKETS.sub("", key))):
        if form in _known():
            return Guess(column, _known()[form], 100)
    best = process.extractOne(_BRACKETS.sub("", key), _known().keys(), scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
    return Guess(column, _known()[best[0]], best[1]) if best else None


def is_left(column: str) -> bool:
    """Whether a column is one to leave out: serial numbers, names of persons."""
    return bool(_LEAVE.search(header_key(column)))


def find_header(rows: Iterable[tuple[int, Sequence[str]]], wanted: Iterable[str] = ()) -> Optional[int]:
    """The number of the row that is the header, None if no row looks like one.

    ``wanted``: the columns that a mapping names. A header has at least two names that are known or wanted.
    """
    keys = {header_key(name) for name in wanted}
    best, best_score = None, 1.0
    for number, cells in rows:
        texts = [text for text in cells if text and len(text) <= 30]
        score = float(len({header_key(text) for text in texts} & keys)) if keys else sum(
            1.0 for text in dict.fromkeys(texts) if is_left(text) or guess(text) is not None)
        if score > best_score:
            best, best_score = number, score
    return best


def assign(columns: Sequence[str]) -> dict[str, list[str]]:
    """Field → columns, each column once, the likest first; a field has one column unless several can be joined."""
    guesses = sorted(filter(None, map(guess, columns)), key=lambda item: (-item.score, columns.index(item.column)))
    taken: dict[str, list[str]] = {}
    for item in guesses:
        if item.field not in taken:
            taken[item.field] = [item.column]
        elif item.field in JOINED and item.score >= 100:
            taken[item.field].append(item.column)
    return {field: sorted(taken[field], key=columns.index) for field in NAMES if field in taken}
