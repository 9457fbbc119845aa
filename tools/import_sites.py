"""Writes ``knowledge/content/sites/<city>.csv`` from the raw lists (run once, and again when they change).

    python -m tools.import_sites --data <folder of the raw data>

Run ``tools.import_places`` first: streets are checked against its files. Addresses stay as published.
A web address is kept only if it is the office's or a newspaper's own; reposts are never shown.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Literal, Optional
from urllib.parse import urlparse

from knowledge.coords import Point
from knowledge.hours import HoursError, parse_hours
from knowledge.schema import Place, Site, Trust
from knowledge.tables import read_places, write_table

CONTENT = Path(__file__).resolve().parent.parent / "knowledge" / "content"

CITIES = {"成都": "510100", "上海": "310000", "南京": "320100", "苏州": "320500", "保定": "130600"}

CATEGORIES = {
    "老年助餐/长者食堂": "canteen",
    "社区食堂": "community-canteen",
    "法律援助中心": "legal-aid",
    "公租房受理点": "public-rental-window",
    "公租房房源": "public-rental-estate",
    "人才住房咨询电话": "talent-housing-phone",
    "综合为老服务中心": "elderly-care-centre",
    "社区养老服务综合体": "elderly-care-centre",
    "养老机构（公办）": "nursing-home",
    "居家养老/日间照料": "day-care",
    "社区卫生服务中心": "community-health",
    "普惠托育/托幼一体": "nursery",
    "长护险受理点": "care-insurance-window",
    "公积金热线": "provident-fund-phone",
    "青年活动空间": "youth-space",
    "政府机构": "government-office",
    "卫生院": "community-health",
    "中医医院": "hospital",
    "综合医院": "hospital",
    "妇幼保健院": "hospital",
}

#: Places of another category than their list says: this window takes both applications.
SITE_CATEGORIES = {
    "南京市公租房/租赁补贴办理窗口（瑞金路10号一楼大厅19–21号窗口）": "housing-aid-window",
}
#: Streets that the lists write in a short form, by district code → the name in the gazetteer.
STREETS = {
    ("310104", "天平街道"): "天平路街道",
    ("310104", "康健街道"): "康健新村街道",
    ("310104", "斜土街道"): "斜土路街道",
    ("310104", "湖南街道（原文如此）"): "湖南路街道",
}

#: Zones that the lists write into the district column.
ZONES = {
    ("成都", "高新区"): "510100-gaoxin",
    ("成都", "天府新区"): "510100-tianfu",
    ("成都", "四川天府新区"): "510100-tianfu",
    ("成都", "东部新区"): "510100-dongbu",
    ("苏州", "工业园区"): "320500-sip",
    # Its address is in 虎丘区, with which this zone shares its area.
    ("苏州", "高新区"): "320505",
}

#: Web sites that residents may be sent to → (publisher, title of the page or list).
PUBLISHERS = {
    "www.shyp.gov.cn": ("杨浦区人民政府", "杨浦区睦邻社区长者食堂信息表"),
    "mzj.sh.gov.cn": ("上海市民政局", "长白新村街道228街坊社区长者食堂"),
    "yljg.songjiang.gov.cn": ("松江区民政局", "松江区综合为老服务平台"),
    "zwgk.shcn.gov.cn": ("长宁区民政局", "长宁区社区长者食堂名单"),
    "www.shanghai.gov.cn": ("上海市人民政府", "上海市人民政府网站公布的社区长者食堂"),
    "www.shpt.gov.cn": ("普陀区甘泉路街道办事处", "甘泉路街道老年助餐服务"),
    "sc.12348.gov.cn": ("四川省司法厅", "12348四川法网法律援助机构查询"),
    "zwdt.sh.gov.cn": ("上海市司法局", "上海一网通办法律援助窗口"),
    "sfj.sh.gov.cn": ("上海市司法局", "上海市法律援助中心"),
    "rsj.sh.gov.cn": ("上海市人力资源和社会保障局", "上海市人力资源和社会保障局网站"),
    "ylbzj.sc.gov.cn": ("四川省医疗保障局", "四川省医疗保障局网站"),
    "js.people.com.cn": ("人民网江苏频道", "洪武路街道银发助餐点报道"),
    "j.eastday.com": ("东方网", "陈坊点心阁社区食堂报道"),
    "szb.xdplus.cn": ("现代快报", "苏州地铁广济南大食堂报道"),
    "www.yzwb.net": ("扬子晚报", "观景社区综合为老服务中心报道"),
    "www.subaonet.com": ("苏州日报", "昆尚社区食堂报道"),
    "cd.bendibao.com": ("成都本地宝", "柳岸银洲公租房介绍"),
    "m.sh.bendibao.com": ("上海本地宝", "杨浦区人才安居租房补贴咨询电话"),
}
#: Reposts: who published it first, as far as the copy tells. No address is kept.
REPOSTED = {
    "m.tianqiyubao2.com": ("上海市公租房受理点", "上海市公共租赁住房各区受理点名单（2021年转载）"),
    "m.yejin.u0q.com": ("徐汇区", "徐汇区社区食堂名单（2023年转载）"),
    "www.zgcounty.com": ("当地司法局", "法律援助中心地址电话（转载）"),
    "www.jslawyer.com": ("当地司法局", "法律援助中心地址电话（转载）"),
    "www.cdgongzuo.com": ("青羊区", "青羊区公租房房源（转载）"),
    "m.ddtbk.com": ("当地政务服务部门", "办事窗口地址电话（转载）"),
    "zhenguoke.com": ("公众号文章", "报道（转载）"),
    "m.studyofnet.com": ("上海嘉定", "徐行镇启新“我嘉餐厅”报道（转载）"),
    "cstoneintel.com": ("网站文章", "嘉兴路街道综合为老服务中心介绍（2021年）"),
    "freewechat.com": ("公众号文章", "大富贵鲁班路店社区长者食堂（2023年）"),
    "www.qsbxgb.com": ("成都本地宝", "新津区数字经济青年人才租房补贴（转载）"),
    "suzhou.gusuwang.com": ("苏州住房公积金管理中心", "苏州公积金热线（转载）"),
    "m.jiwu.com": ("房产网站", "成都公租房小区介绍（转载）"),
}

#: Official lists recent enough to be taken as they stand; everything else is "unchecked".
_FRESH = {
    "www.shyp.gov.cn", "mzj.sh.gov.cn", "yljg.songjiang.gov.cn", "zwgk.shcn.gov.cn", "www.shanghai.gov.cn",
    "www.shpt.gov.cn", "sc.12348.gov.cn", "zwdt.sh.gov.cn", "sfj.sh.gov.cn", "rsj.sh.gov.cn", "ylbzj.sc.gov.cn",
    "www.xindu.gov.cn",
}  # fmt: skip

#: Hours that name no time; what they do say goes into the note.
HOURS = {
    "申报期内接听": ("", "只在申报期内接听"),
    "早市、午市、晚市；点心窗口6:00-20:00": (
        "早市、午市、晚市（时间不详）",
        "点心窗口6:00-20:00；早市、午市、晚市的具体时间没有查到",
    ),
    "午10:30起（结束时间及晚餐在摘录中被截断）": ("午10:30起", "结束时间和晚餐时间没有查到"),
    "工作日中午（报道：上午10点半备餐，不到11点开始排队）": ("工作日（时间不详）", "报道说中午供餐，不到11点开始排队"),
    "供应午餐、晚餐（具体时刻未载）": ("午餐、晚餐（时间不详）", ""),
    "全日托、半日托（时刻未载）": ("", ""),
}

#: What the raw notes say, put for residents: text → field → value.
NOTES: dict[str, dict[str, str]] = {
    "phone has no area code in the page (021 is the Shanghai code)": {},
    "canteen about 150 m2; about 20 yuan a meal": {"cost": "2021年时一餐约20元", "note": "内有约150平方米的长者食堂"},
    "佘山镇户籍 65+ 每餐补2元、80+ 每餐补4元 (2021)": {
        "cost": "2021年时佘山镇户籍65岁以上每餐补2元，80岁以上每餐补4元"
    },
    "housing estate with public-rental stock, not a service window": {"note": "这是公租房小区，不是办事窗口"},
    "call first": {"note": "去之前请先打电话"},
    "provincial bureau, not a city service window": {"note": "这是省局，不是市区办事窗口"},
    "OLD: 2015; 武侯户籍70+ 午餐10元中政府补2元; existence today not checked": {
        "note": "2015年的报道，现在还在不在没有核实",
        "cost": "2015年时武侯户籍70岁以上老人午餐10元，其中政府补2元",
    },
    "NOT a 青年人才驿站; youth/creative community linked with 团区委": {"note": "这是青年创意社区，不是青年人才驿站"},
    "phone only; employer applies on 才聚杨浦人才服务云平台 https://www.yptalent.cn/ ; "
    "second number printed without 021": {"note": "只有电话；由用人单位在“才聚杨浦人才服务云平台”申报"},
    "copied from 江苏政务服务; which districts it serves was not seen; call first": {
        "note": "服务哪些区没有查到，去之前请先打电话"
    },
    "400 one-bedroom flats; housing estate, not a service window": {"note": "公租房小区，400套一室户，不是办事窗口"},
    "2463 flats per an agent site; village only; not a service window": {
        "note": "公租房小区（中介网站写有2463套），不是办事窗口"
    },
    "424 flats per an agent site; village only; not a service window": {
        "note": "公租房小区（中介网站写有424套），不是办事窗口"
    },
    "409 flats per an agent site; village only; not a service window": {
        "note": "公租房小区（中介网站写有409套），不是办事窗口"
    },
    "phone only; 028 prefix added by us; page is a copy of 本地宝成都房产": {"note": "只有咨询电话"},
    "hotline; 租房提取 also in the 苏州公积金 App": {"note": "租房提取也可以在苏州公积金App上办"},
    "hours may have changed": {"note": "2023年的名单，时间可能有变"},
    "46 seats; 3-yuan breakfast; set meals for 60+": {"cost": "早餐3元，60岁以上有套餐", "note": "46个座位"},
    "60+ seats, 12 for elders; sign up via 居委会; door number not given": {
        "note": "60多个座位，其中老人专座12个；通过居委会报名；门牌号没有查到"
    },
    "on the same official list; door number could not be confirmed on a map; mzj.sh.gov.cn page (2024-03-11) read: "
    "敦化路62号, >350 m2, 130 seats, lunch+dinner, 敬老卡 8.8折": {
        "cost": "敬老卡8.8折",
        "note": "350多平方米，130个座位，供应午餐和晚餐；门牌在地图上没有核到，去之前请先核实",
        "source_date": "2024-03-11",
    },
    "on the same official list; door number could not be confirmed on a map": {
        "note": "门牌在地图上没有核到，去之前请先核实"
    },
    "2022 news (People.cn mirror) gives 双辽路188号, three meals/day, 80-100 seats, 60+ set meals 15/18/20 yuan; "
    "2024 list gives 186号 -> verify door number": {
        "cost": "2022年报道：60岁以上套餐15、18、20元",
        "note": "2022年报道写的是双辽路188号，去之前请先核实门牌",
    },
    "on the same official list; door number could not be confirmed on a map; shyp.gov.cn 2023-07-25 read: a "
    "四平路街道睦邻小厨 on 铁岭路, opened 2021, 570 m2, home-delivered set meals 12/15/18/21 yuan "
    "(same site is likely, not certain)": {"note": "门牌在地图上没有核到，去之前请先核实"},
    "敬老卡：消费满15元减2元": {
        "cost": "敬老卡：消费满15元减2元",
        "note": "年份不详的优惠；2025年12月甘泉路街道公布了普陀区“折扣加补贴”的新办法，以新办法为准",
    },
    "政府公开信息的转载（江苏律师网/中国县域），原发布日期不详；先打电话或 12348 核实": {
        "note": "去之前请先打电话或拨12348核实"
    },
    "12348四川法网机构查询页；该页只取了电话，没有地址；打不通拨 12348": {"note": "地址没有查到；打不通可拨12348"},
    "上海一网通办/12348上海法网；原页电话不带区号，021 为上海区号": {},
    "官方页脚；人社咨询 12333；是市局，不是街镇受理窗口；district 是通用常识，页脚没写区": {
        "note": "这是市局，不是街镇受理窗口；人社咨询拨12333"
    },
    "普陀区社区老年助餐服务场所一览表（只抄录了其中3家）": {},
    "静安区17家静邻餐厅春节开放名单（只抄录了其中5家）": {},
    "2025年度优秀社区长者食堂名单": {"note": "2025年度优秀社区长者食堂"},
    "安亭镇新增3家长者食堂": {},
    "长宁区民政局社区长者食堂名单": {},
    "松江区综合为老服务平台": {},
    "长宁区民政局社区长者食堂名单；原作者在地图上未核到门牌，先核实": {"note": "门牌在地图上没有核到，去之前请先核实"},
    "松江区综合为老服务平台；原作者在地图上未核到门牌，先核实": {"note": "门牌在地图上没有核到，去之前请先核实"},
    "松江区综合为老服务平台；可能就是 sites.csv 里的“陈坊点心阁社区食堂”，合并前核实": {
        "note": "可能和“陈坊点心阁社区食堂”是同一家"
    },
}
#: The same for single sites whose raw note names reposts or speaks to us.
SITE_NOTES: dict[str, dict[str, str]] = {
    "草市街街道八宝街社区老年食堂（康之飨）": {
        "note": "中新网四川2024年10月16日报道：两层，可容130人，20多种菜；价格没有查到",
        "source_publisher": "中新网四川",
        "source_title": "成都青羊：惠民社区老年食堂对外营业",
    },
    "西航港街道机场路社区食堂（家门口的社区食堂）": {
        "note": "成都日报报道，年份不详：约30个餐位，可送餐，小程序“花甲社区食堂”可订；去之前请先核实",
        "source_publisher": "成都日报",
        "source_title": "机场路社区食堂报道（转载）",
    },
    "成都高新区锦城社区养老服务综合体": {
        "note": "有机构养老、日间照料、居家服务、营养供餐、辅具租售；门牌和电话没有查到",
        "source_publisher": "成都发布",
        "source_title": "锦城社区养老服务综合体报道（转载）",
    },
    "成都高新区社会养老服务中心（暨残疾人综合服务中心）": {
        "note": "2010年建成，110张床位；资料可能较旧",
        "serves": "60岁以上高新区户籍老人",
        "source_publisher": "养老机构名录网站",
        "source_title": "成都高新区社会养老服务中心",
    },
    "四川天府新区麓湖幼儿园（北区）托班": {
        "note": "2025年3月首批“托幼一体化”托班开班；有全日托、半日托；门牌、电话、收费没有查到",
        "source_publisher": "成都商报教育发布",
        "source_title": "天府新区托幼一体化托班报道（转载）",
    },
    "上海市杨浦区五角场社区卫生服务中心（新院）": {
        "note": "有全科、儿科、儿童保健、中医、康复、安宁疗护等，下设7个卫生服务站；电话没有查到",
        "source_publisher": "杨浦区卫生健康委员会",
        "source_title": "五角场社区卫生服务中心新院启用消息（2021年转载）",
    },
    "高陵党群服务中心社区长者食堂": {
        "note": "2024年1月的报道；2025年12月起普陀区改为“折扣加补贴”，以甘泉路街道公布的新办法为准",
        "source_publisher": "普陀区",
        "source_title": "普陀区长者食堂“一卡通吃”报道（转载）",
    },
    "光明邨-丽园·好食光社区助餐点": {
        "note": "2025年6月19日开放，73平方米",
        "cost": "黄浦区老人持“五边十色”助老服务卡8.5折",
        "source_publisher": "上海黄浦",
        "source_title": "光明邨丽园社区助餐点报道（转载）",
    },
    "洪武路街道银发助餐点（悦华洪武养老综合中心）": {
        "note": "三楼是小型养老院；门牌没有查到",
        "cost": "2024年1月报道：午餐60岁以上15元、75岁以上14元、五类老人13元（一大荤一小荤两素一汤）",
    },
    "刘长兴三牌楼店养老助餐点": {
        "note": "门牌没有查到",
        "cost": "75岁以上和五类困难老人刷脸后有优惠",
        "source_publisher": "南京媒体报道",
        "source_title": "刘长兴三牌楼店养老助餐点报道（转载）",
    },
    "康馨家园养老助餐点": {
        "note": "年份不详；门牌没有查到",
        "cost": "报道时75岁以上老人一餐10元",
        "source_publisher": "现代快报",
        "source_title": "康馨家园养老助餐点报道（转载）",
    },
    "能仁·慢时光社区餐厅": {
        "note": "门牌没有查到",
        "cost": "75岁以上老人补贴套餐16.5元（一荤一素一汤）；90岁以上可送餐",
        "source_publisher": "南京媒体报道",
        "source_title": "能仁慢时光社区餐厅报道（转载）",
    },
    "“栖彩食堂”秋韵园社区悦拾光店": {
        "note": "可在“栖彩颐养”小程序点餐，送到家；门牌没有查到",
        "source_publisher": "南报网",
        "source_title": "栖彩食堂报道（转载）",
    },
    "广济南大食堂（老年餐桌）": {
        "note": "苏州地铁自营食堂，在广济南路站内，2025年3月开业；到店核验身份",
        "cost": "姑苏区户籍高龄、低收入老人有2至8元补贴（按天还是按餐，两处说法不一）",
    },
    "观景社区综合为老服务中心食堂": {
        "note": "2025年7月15日开业，可送餐；门牌没有查到",
        "cost": "65岁以上188元全年爱心套餐（法定工作日）；单点大荤7元、小荤5元、蔬菜3元、米饭1元",
    },
    "元和之春社区日间照料中心社区食堂“幸福小厨”": {
        "note": "日间照料中心2022年8月开业；门牌没有查到",
        "cost": "60岁以上8.5折",
        "source_publisher": "人民网江苏频道",
        "source_title": "元和之春社区食堂报道（转载）",
    },
    "昆尚社区食堂（龙之天地小区店，“悦龄食堂”）": {"note": "报道说长者有优惠，几折没有写；门牌没有查到"},
    "莘庄镇莘浜路社区食堂": {"source_publisher": "养老网站", "source_title": "莘浜路社区食堂介绍（2024年转载）"},
    "簇桥街道百锦社区长者乐服务中心": {
        "source_publisher": "中国网财经",
        "source_title": "百锦社区长者乐服务中心报道（2015年转载）",
    },
}
_PUTUO = "普陀区政策："
_PUTUO_COST = (
    "居住在普陀区的老人：60至79岁9折，80岁以上8.5折；上海户籍堂食另有补贴，每人每天：低保满8元减5元，60至79岁满15元减2元，"
    "80岁以上满15元减3元"
)
_PUTUO_NOTE = "凭身份证到社区事务受理服务中心，或在随申办“老年人助餐服务申请”办理"

_MAP_POINT = re.compile(r"；?地图核点\(GCJ-02\) ([\d.]+),([\d.]+)")
#: A house number looked up on a map is good to about a building.
_HOUSE_M = 100
#: How far the true door may be where the geocoder fell back to something larger than a house.
_MATCH_PRECISION = {"门址": _HOUSE_M, "门牌号": _HOUSE_M, "公交地铁站点": 1000, "村庄": 2000, "乡镇": 3000}
_TWO_SITES_M = 1500


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def iso_date(raw: str) -> str:
    """The day, month or year in a raw date; "" if it has none."""
    match = re.search(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", raw)
    return match.group(0) if match else ""


class Importer:
    """Turns rows of the raw lists into sites."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.places = [p for path in sorted((CONTENT / "places").glob("*.csv")) for p in read_places(path)]
        self.districts = {(p.city, p.name): p.code for p in self.places if p.level == "district"}
        self.streets: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            if place.level == "street":
                self.streets[place.district].append(place)
        self.points = {
            row["name"]: Point(float(row["lng_gcj02"]), float(row["lat_gcj02"]), _HOUSE_M)
            for row in rows(data / "elderly_canteens_yangpu_2024" / "canteens.csv")
            if row["geocode"] == "ok"
        }
        self.numbers: Counter[str] = Counter()

    def _identity(self, region: str, category: str) -> str:
        stem = f"{region}-{category}"
        self.numbers[stem] += 1
        return f"{stem}-{self.numbers[stem]:03d}"

    def _street(self, district: str, *texts: str) -> str:
        """The street of ``district`` that the list, the name or the address tells; "" if none."""
        for text in texts:
            found = [place.name for place in self.streets.get(district, ()) if place.name in text]
            if found:
                return max(found, key=len)
        return ""

    def _community(self, district: str, street: str, *texts: str) -> str:
        for place in self.places:
            here = place.level == "community" and (place.district, place.street) == (district, street)
            if here and place.name.endswith(("社区", "村")) and any(place.name in text for text in texts):
                return place.name
        return ""

    def listed(self, row: dict[str, str]) -> Site:
        """A row of sites.csv."""
        city = CITIES[row["city"]]
        district = ZONES.get((row["city"], row["district"])) or self.districts.get((city, row["district"]), "")
        category = SITE_CATEGORIES.get(row["name"], CATEGORIES[row["category"]])
        host = urlparse(row["source_url"]).netloc
        fields: dict[str, Any] = self._source(row, host) | self._words(row)
        point = self.points.get(row["name"]) or self._map_point(row["note"])
        if point:
            fields |= {"lng": point.lng, "lat": point.lat, "precision_m": point.precision_m}
        written = STREETS.get((district, row["street"]), row["street"])
        street = self._street(district, written, row["name"], row["address"])
        phone = row["phone"]
        if row["name"].startswith("徐行镇启新"):
            phone = f"021-{phone}"
        return Site(
            id=self._identity(district or city, category), name=row["name"], category=category, city=city,
            district=district, street=street, community=self._community(district, street, row["name"], row["address"]),
            address=row["address"], phone=phone, **fields,
        )  # fmt: skip

    @staticmethod
    def _source(row: dict[str, str], host: str) -> dict[str, Any]:
        kept = host in PUBLISHERS
        publisher, title = PUBLISHERS.get(host) or REPOSTED.get(host, ("", ""))
        trust: Trust = "official" if row["read_from"].startswith("official page") and kept else "secondary"
        status: Literal["active", "unchecked"] = "active" if host in _FRESH else "unchecked"
        return {
            "source_title": title, "source_publisher": publisher, "source_url": row["source_url"] if kept else "",
            "source_date": iso_date(row["source_date"]), "trust": trust, "status": status,
        }  # fmt: skip

    @staticmethod
    def _words(row: dict[str, str]) -> dict[str, str]:
        """hours, note, cost and, where the list has none, the source, in words for residents."""
        hours, extra = HOURS.get(row["hours"], (row["hours"], ""))
        if hours:
            try:
                parse_hours(hours)
            except HoursError as error:
                raise SystemExit(f"{row['name']}: {error}") from error
        raw = _MAP_POINT.sub("", row["note"])
        if row["name"] in SITE_NOTES and raw not in NOTES:
            fields = dict(SITE_NOTES[row["name"]])
        elif raw.startswith(_PUTUO):
            fields = {"cost": _PUTUO_COST, "note": _PUTUO_NOTE}
        elif raw.startswith("2021 list; call first"):
            account = re.search("公众号 ([^;]+);", raw)
            fields = {"note": "2021年的名单，去之前请先打电话" + (f"；公众号“{account.group(1)}”" if account else "")}
            if "社区事务受理服务中心" in raw:
                fields["note"] += "；申请在各街道社区事务受理服务中心"
        elif not raw:
            fields = {}
        elif raw in NOTES:
            fields = NOTES[raw] | SITE_NOTES.get(row["name"], {})
        else:
            parts = [NOTES.get(part) for part in raw.split("；")]
            if any(part is None for part in parts):
                raise SystemExit(f"{row['name']}: a note nobody has put into words yet: {raw!r}")
            fields = {key: value for part in parts if part for key, value in part.items()}
        note = "；".join(filter(None, (fields.get("note", ""), extra)))
        return fields | {"hours": hours} | ({"note": note} if note else {})

    @staticmethod
    def _map_point(note: str) -> Optional[Point]:
        match = _MAP_POINT.search(note)
        return Point(float(match.group(2)), float(match.group(1)), _HOUSE_M) if match else None

    def health(self, row: dict[str, str]) -> Site:
        """A row of the Xindu health list."""
        category, district = CATEGORIES[row["type"]], "510114"
        two = "、" in row["address"]
        street = self._street(district, row["name"], row["address"])
        phones = [f"{phone[:3]}-{phone[3:]}" for phone in row["phone"].split(",")]
        return Site(
            id=self._identity(district, category), name=row["name"], category=category, city="510100",
            district=district, street=street, community=self._community(district, street, row["address"]),
            address=row["address"], phone="、".join(phones), lng=float(row["lng_gcj02"]), lat=float(row["lat_gcj02"]),
            precision_m=_TWO_SITES_M if two else _MATCH_PRECISION[row["geocode_match_level"]],
            note="；".join(filter(None, (row["level"], "有两个地点，去之前请先打电话" if two else ""))),
            source_title="新都区医疗机构信息", source_publisher="新都区人民政府", source_url=row["source_url"],
            source_date="2024-11-04", trust="secondary",
        )  # fmt: skip

    def sites(self) -> list[Site]:
        listed = [self.listed(row) for row in rows(self.data / "sites.csv")]
        health = [self.health(row) for row in rows(self.data / "health_xindu_chengdu_2024" / "health_facilities.csv")]
        return listed + health


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="folder of the raw data")
    parser.add_argument("--out", type=Path, default=CONTENT / "sites")
    options = parser.parse_args()
    by_city: dict[str, list[Site]] = defaultdict(list)
    for site in Importer(options.data).sites():
        by_city[site.city].append(site)
    for city, sites in sorted(by_city.items()):
        write_table(options.out / f"{city}.csv", sites, Site)
        located = sum(site.lng is not None for site in sites)
        print(f"{city}.csv: {len(sites)} sites, {located} with a point, {dict(Counter(s.category for s in sites))}")


if __name__ == "__main__":
    main()
