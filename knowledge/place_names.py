"""The names by which people call a place, and which of them are ordinary words as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from knowledge.schema import Place

#: strong: a place wherever it stands; weak: needs a cue beside it (住在…, …附近); ordinary: a common
#: word (幸福, 中心), needs a cue on one side and an end on the other.
Strength = Literal["strong", "weak", "ordinary"]


class Name(NamedTuple):
    text: str
    #: False for aliases, old names and names without their suffix.
    official: bool
    strength: Strength


def words(text: str) -> frozenset[str]:
    """The words of ``text``, which are separated by spaces."""
    return frozenset(text.split())


#: Names of streets, stations and districts that are everyday words, shops, money, or other towns.
ORDINARY = words(
    """
    高新 三元 同乐 民乐 莲花 中和 大观 兴盛 兴隆 永丰 庆安 文星 红莲 花石 石佛 福田 大田 国宁 金土 金府 星河
    科园 培风 松林 桂林 新平 明光 黄石 万安 万盛 大丰 钟楼 书房 界牌 回龙 联工 晨光 晨风 仁和 石羊 三岔 龙吟
    东光 大源 中坝 东湖 光华 文家 天府 公平 三河 合作 西园 团结 友爱 幸福 银杏 桂花 孔明 平乐 白头 新市 石桥
    赤水 养马 杨家 三星 青龙 太平 永安 永兴 新兴 正兴 九江 三合 清流 清泉 大同 同安 永宁 东安 山泉 寿安 金马
    三江 元通 道明 大兴 大塘 福兴 金龙 赵家 平武 高明 贾家 施家 雷家 海螺 三圣 土桥 云龙 天马 白果 文君 三溪
    兴义 沙河 万春 和盛 涌泉 安西 普兴 西来 西河 大面 龙潭 龙池 五凤 白鹿 又新 隆丰 隆兴 草池 街子 观胜 火车
    车站 金星 黄水 华兴 东坡 金沙 龙港 东升 星光 大桥 长征 万里 北站 长桥 新桥 中山 建设 新村 中兴 书院 大团
    金桥 康桥 头桥 南桥 青村 海湾 新海 东平 长兴 山阳 岳阳 虹桥 华新 金海 新场 后滩 北桥 石化 合庆 金汇 四团
    万祥 新河 花木 陈家 高桥 龙华 刘行 中原 世界 市光 四平 和平 友谊 小市 灵山 东流 南湖 天保 高庙 万寿 小行
    古泉 黄梅 崇明 大厂 铜山 群力 中胜 明觉 林山 林场 马群 浮桥 红花 南苑 凤凰 下关 泰山 沿江 江东 沙洲 双塘
    东山 麒麟 横梁 白马 古柏 东坝 砖墙 雨花 西岗 板桥 东屏 阳江 梅山 临江 固城 双闸 石湫 正仪 共青 长亭 何山
    友联 大湾 骑河 南门 花墩 保丰 富强 登云 金湖 古楼 洋泾 木里 新元 张庄 越溪 横山 太湖 香山 城南 平江 临湖
    元和 黄桥 碧溪 东南 乐余 南丰 锦丰 大新 玉山 周市 陆家 周庄 城厢 沙溪 桃源 金港 平望 七都 双塔 横塘 新郭
    花桥 唐庄 姚祥 梅巷 江浦 绣衣 夏桥 盛庄 津桥 石城 龙墩 园区 工业园区 西城 东关 西关 南关 韩村 杨庄 满城 安新
    安国 望都 阳城 大庄 李庄 孙村 王村 明义 龙门 平阳 大台 下庄 北河 姚村 杨村 高里 仁厚 高昌 川里 罗庄 大洋
    石门 小里 大河 平王 上庄 贾村 寺庄 赵庄 高岭 大王 三台 高村 桥头 牛岗 燕赵 齐村 下河 嘉禾 北台 南庄 小陈
    白云 河口 安阳 小店 城东 大营 桃园 码头 周村 开元 北城 东盛 新城 药都 韩庄 富昌 独乐 富岗 塘湖 高阳 定州
    明珠 保和 东站 西站 南站 交大 川大 财大 同济 省体 体院 延吉 长白 鞍山 凤城 国和 工农 民星 辽源 松花 长海 定海
    平凉
    """
)

#: Words that name a community somewhere but by themselves never tell which place is meant.
NEVER = words(
    """
    中心 车站 广场 花园 老街 新街 东街 西街 南街 北街 大街 场镇 正街 东路 社区 新村 小区 街道 学府 健康 公益
    爱民 财大 河北 河南 南京 上海 成都 苏州 保定 四川 江苏 北京 天津 重庆 山东 山西 湖南 湖北 广东 广西 云南
    贵州 陕西 安徽 浙江 福建 江西 东北 城里 乡下 火车站 学士 硕士 绿地 长途 市区 郊区 铁路 农民 工人 农村 城市
    城东 城西 城南 城北 西北 东南 学校 医院 公司 单位 学院 大学 中学 小学 一中 二中 站前 北站 南站 本地 这里
    那里
    """
)

_SUFFIX = {
    "district": re.compile("(?:自治县|[区县市])$"),
    "street": re.compile("(?:街道|地区|满族乡|回族乡|满族回族乡|镇|乡)$"),
    "community": re.compile("(?:社区|村|居委会)$"),
}


def core_name(place: Place) -> str:
    """The name without 区, 街道, 社区, 站 and their like."""
    pattern = _SUFFIX.get(place.level)
    return pattern.sub("", place.name) if pattern else place.name


def _bare(text: str, *, community: bool) -> Strength:
    if text in ORDINARY or (community and len(text) == 2):
        return "ordinary"
    return "weak" if community and len(text) == 3 else "strong"


def names_of(place: Place) -> Iterator[Name]:
    """Every name under which ``place`` is found; may repeat a text."""
    core = core_name(place)
    community = place.level == "community"
    full: Strength = "strong" if core != place.name and len(place.name) >= 3 else _bare(place.name, community=community)
    yield Name(place.name, True, full)
    usable = len(core) >= 2 and core not in NEVER
    if usable and core != place.name:
        yield Name(core, False, _bare(core, community=community))
    if place.level == "street" and len(core) >= 2:
        # Most streets were towns (镇, 乡) until lately, and people go on calling them so.
        for suffix in ("街道", "镇", "乡"):
            yield Name(core + suffix, False, "strong")
    elif place.level == "station":
        stem = place.name[:-1] if place.name.endswith("站") else place.name
        yield Name(stem + "站", False, "strong")
        yield Name(stem + "地铁站", False, "strong")
    elif community and usable:
        for suffix in ("社区", "居委会"):
            yield Name(core + suffix, False, "strong")
    for alias in place.aliases:
        if len(alias) >= 2 and not (community and alias in NEVER):
            yield Name(alias, False, _bare(alias, community=community))
