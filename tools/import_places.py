"""Writes ``knowledge/content/places/<city>.csv`` from the raw lists (run once, and again when they change).

    python -m tools.import_places --data <folder of the raw data>

Street names come from the Ministry of Civil Affairs' list, communities from the statistics office's,
points from the metro list and the district centres. The statistics office's street codes are its own,
so streets are joined on (district, name), never on the code.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Optional

from knowledge.schema import Place
from knowledge.tables import write_table

CONTENT = Path(__file__).resolve().parent.parent / "knowledge" / "content" / "places"

#: City → (name, short name, first digits of its districts' codes, file of metro stations).
CITIES = {
    "510100": ("成都市", "成都", "5101", "stations_cd.csv"),
    "310000": ("上海市", "上海", "3101", "stations_sh.csv"),
    "320100": ("南京市", "南京", "3201", "stations_nj.csv"),
    "320500": ("苏州市", "苏州", "3205", "stations_su.csv"),
    "130600": ("保定市", "保定", "1306", ""),
}

#: Development zones that people speak of like districts; no code list has them as such. The streets are
#: those which the statistics office counts to the zone; "" where no list says which they are.
AREAS = (
    ("510100-gaoxin", "成都高新区", ("高新区", "成都高新技术产业开发区"),
     "510107/芳草街街道|510107/肖家河街道|510107/石羊街道|510107/桂溪街道"),
    ("510100-tianfu", "四川天府新区", ("天府新区", "成都天府新区", "成都直管区"), ""),
    ("510100-dongbu", "成都东部新区", ("东部新区",), ""),
    ("320500-sip", "苏州工业园区", ("工业园区", "苏州园区", "园区"), ""),
    ("130600-gaoxin", "保定高新区", ("高新区", "保定高新技术产业开发区"), "130602/大马坊乡|130607/贤台乡"),
    ("130600-baigou", "白沟新城", ("保定白沟新城",), "130684/白沟镇"),
)  # fmt: skip
#: The statistics office gives these zones a district code of their own.
ZONE_CODES = {"320576": "320500-sip", "130671": "130600-gaoxin", "130672": "130600-baigou"}

#: Names of districts before they were renamed or merged, and the zone that shares 虎丘区's area.
OLD_NAMES = {
    "510117": ("郫县",), "510116": ("双流县",), "510118": ("新津县",), "510115": ("温江县",), "510114": ("新都县",),
    "510112": ("龙泉",), "510185": ("简阳县",),
    "310106": ("闸北区", "闸北"), "310101": ("卢湾区", "卢湾"), "310115": ("南汇区", "南汇", "浦东"),
    "320115": ("江宁县",), "320116": ("六合县",), "320117": ("溧水县",), "320118": ("高淳县",),
    "320505": ("苏州高新区", "高新区"), "320508": ("平江区", "沧浪区", "金阊区"), "320509": ("吴江市",),
    "130602": ("新市区",), "130606": ("南市区", "北市区"), "130607": ("满城县",), "130608": ("清苑县",),
    "130609": ("徐水县",),
}  # fmt: skip

#: What people call a station whose name on the map is another one.
STATION_ALIASES = {
    ("510100", "成都东客站"): ("成都东站", "火车东站", "东客站", "东站"),
    ("510100", "火车北站"): ("成都北站", "成都火车北站", "北站"),
    ("510100", "火车南站"): ("成都南站", "南站"),
    ("510100", "成都西站"): ("火车西站", "西站"),
    ("510100", "中医大·省医院"): (
        "中医大省医院", "中医大", "省医院", "四川省人民医院", "省人民医院", "成都中医药大学", "中医药大学",
    ),
    ("510100", "双流机场1航站楼"): ("双流机场", "双流机场T1", "双流国际机场"),
    ("510100", "双流机场2航站楼"): ("双流机场T2",),
    ("510100", "天府机场1号2号航站楼"): ("天府机场", "天府国际机场"),
    ("510100", "川大望江校区"): ("四川大学", "川大", "川大望江", "四川大学望江校区"),
    ("510100", "川大江安校区"): ("四川大学", "川大", "川大江安", "四川大学江安校区"),
    ("510100", "西南交大"): ("西南交通大学", "交大"),
    ("510100", "西南交大犀浦站"): ("西南交大犀浦", "西南交大犀浦校区", "西南交通大学犀浦校区", "交大犀浦校区"),
    ("510100", "四川师大"): ("四川师范大学", "川师大", "川师"),
    ("510100", "西南财大"): ("西南财经大学", "西财", "财大"),
    ("510100", "电子科大"): ("电子科技大学",),
    ("510100", "理工大学"): ("成都理工大学", "成都理工", "理工大", "成理"),
    ("510100", "石油大学"): ("西南石油大学", "西南石油"),
    ("510100", "市一医院"): ("成都市第一人民医院", "成都第一人民医院"),
    ("510100", "市二医院"): ("成都市第二人民医院", "成都第二人民医院"),
    ("510100", "市五医院"): ("成都市第五人民医院", "成都第五人民医院"),
    ("510100", "省骨科医院"): ("四川省骨科医院", "省骨科"),
    ("510100", "省体育馆"): ("四川省体育馆", "省体"),
    ("510100", "军区总医院"): ("成都军区总医院", "军区医院"),
    ("510100", "金沙博物馆"): ("金沙遗址博物馆",),
    ("310000", "一大会址·黄陂南路"): ("黄陂南路", "一大会址"),
    ("310000", "一大会址·新天地"): ("新天地",),
    ("310000", "浦东1号2号航站楼"): ("浦东机场",),
    ("310000", "虹桥2号航站楼"): ("虹桥机场T2",),
    ("310000", "虹桥1号航站楼"): ("虹桥机场T1",),
    ("310000", "虹桥火车站"): ("虹桥高铁站", "上海虹桥站", "虹桥站"),
    ("310000", "上海火车站"): ("上海站",),
    ("310000", "上海南站"): ("南站",),
    ("310000", "上海西站"): ("西站",),
    ("310000", "复旦大学"): ("复旦",),
    ("310000", "同济大学"): ("同济",),
    ("310000", "上海财经大学"): ("上海财大", "财经大学", "上财", "财大"),
    ("310000", "交通大学"): ("上海交通大学", "上海交大", "交大"),
    ("310000", "华东理工大学"): ("华东理工", "华理"),
    ("320100", "南京林业大学·新庄"): ("南京林业大学", "南林大"),
    ("320100", "南医大·江苏经贸学院"): ("南医大", "江苏经贸学院"),
    ("320500", "苏州火车站"): ("苏州站",),
    ("320500", "高铁苏州北站"): ("苏州北站",),
}  # fmt: skip

#: Streets whose name in the statistics office's list differs from the ministry's.
STREET_SYNONYMS = {
    ("130602", "先锋街道"): "先锋街街道", ("130602", "建南街道"): "建设南路街道", ("130606", "联盟街道"): "联盟路街道",
    ("130606", "红星街道"): "红星路街道", ("130606", "裕华街道"): "裕华路街道", ("130606", "永华街道"): "永华路街道",
    ("130606", "五尧乡"): "五尧镇", ("130607", "石井乡"): "石井镇", ("130624", "夏庄乡"): "下庄乡",
    ("130628", "高阳县锦华街道"): "锦华街道", ("130630", "王安镇"): "王安镇镇",
    ("130633", "凌云册乡"): "凌云册满族回族乡",
    ("130634", "党城乡"): "党城镇", ("130634", "郎家庄乡"): "郎家庄镇", ("130682", "大鹿庄乡"): "大鹿庄镇",
    ("320505", "浒墅关经开区（镇）"): "浒墅关镇", ("320505", "科技城（东渚街道）"): "东渚街道",
}  # fmt: skip

Street = tuple[str, str]
Position = tuple[float, float]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def community_name(raw: str) -> Optional[tuple[str, tuple[str, ...]]]:
    """(name, aliases) of a statistics-office community; None for what nobody lives in."""
    if re.search("虚拟|类似社区|生活区|监狱|部队|奶牛场|工作站|服务中心|管理社区", raw):
        return None
    name = re.sub("社区居民委员会$|社区居委会?$", "社区", raw)
    name = re.sub("(?:村民委员会|村民委会员|村民委会|村委会)$", "", name)
    village = name != raw and not name.endswith("社区")
    name = re.sub("居民委员会$", "居委会", name)
    if village and not name.endswith("村"):
        name += "村"
    core = re.sub("社区$|村$|居委会$", "", name)
    aliases = [core] if len(core) >= 2 else []
    part = re.fullmatch("(.+?)第[一二三四五六七八九十]+", core)
    if part:
        aliases.append(part.group(1))
    return name, tuple(aliases)


class Importer:
    """Reads the raw lists once and makes the places of one city at a time."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.zones: dict[str, set[str]] = defaultdict(set)
        self.points = self._district_points()
        self.derived = self._derived_points()
        self.townships = json.loads((data / "admin_mca_quhua_2026" / "townships_v1.json").read_text("utf-8"))
        self.statistics_streets = {
            row["code"]: (row["areaCode"], row["name"]) for row in rows(data / "admin_modood_2023" / "streets.csv")
        }
        self.villages = rows(data / "admin_modood_2023" / "villages_5cities.csv")

    def _district_points(self) -> dict[str, Position]:
        points = {
            row["adcode"][:6]: (float(row["longitude"]), float(row["latitude"]))
            for row in rows(self.data / "district_centers_cpca" / "adcodes.csv")
            if row["longitude"]
        }
        # Two Chengdu districts stand in that list under their codes as counties.
        for new, old in (("510117", "510124"), ("510118", "510132")):
            points.setdefault(new, points[old])
        return points

    def _derived_points(self) -> dict[str, tuple[float, float, int]]:
        """Statistics-office code of a street or community → the point of the station of its name."""
        return {
            row["code"]: (float(row["lng_gcj02"]), float(row["lat_gcj02"]), int(row["precision_m"]))
            for row in rows(self.data / "gazetteer_seed" / "places.csv")
            if row["level"] in ("street", "community")
        }

    def city(self, code: str) -> list[Place]:
        name, short, prefix, station_file = CITIES[code]
        streets, districts = self._streets(prefix)
        places = [Place(name=name, level="city", city=code, aliases=(short,), code=code, source="mca-2026")]
        places += self._districts(code, districts)
        street_places = self._street_places(code, streets)
        communities = self._communities(code, prefix, streets)
        places += self._areas(code) + street_places + communities
        if station_file:
            places += self._stations(code, station_file)
        return places

    def _streets(self, prefix: str) -> tuple[dict[Street, str], dict[str, str]]:
        """((district, street) → code, district → name) of the ministry's list without abolished ones."""
        streets: dict[Street, str] = {}
        districts = {}
        for county, entry in self.townships.items():
            if county.startswith(prefix):
                districts[county[:6]] = entry["county"]
                for street, street_code in entry["townships"].items():
                    if "撤销" not in street:
                        streets[county[:6], street] = street_code[:9]
        return streets, districts

    def _districts(self, city: str, districts: dict[str, str]) -> Iterable[Place]:
        for code, name in sorted(districts.items()):
            point = self.points.get(code)
            yield Place(
                name=name, level="district", city=city, aliases=OLD_NAMES.get(code, ()), code=code, district=code,
                lng=point[0] if point else None, lat=point[1] if point else None,
                precision_m=8000 if point else None, source="mca-2026+cpca-0.5.5" if point else "mca-2026",
            )  # fmt: skip

    def _areas(self, city: str) -> list[Place]:
        places = []
        for code, name, aliases, streets in AREAS:
            if code.startswith(city):
                members = streets or "|".join(sorted(self.zones[code]))
                places.append(
                    Place(
                        name=name,
                        level="area",
                        city=city,
                        aliases=aliases,
                        code=code,
                        street=members,
                        source="nbs-2023",
                    )
                )
        return places

    def _join(self, code: str, streets: dict[Street, str]) -> Optional[Street]:
        """The ministry's (district, street) for a statistics-office street; None for pseudo streets."""
        district, name = self.statistics_streets[code]
        name = STREET_SYNONYMS.get((district, name), name)
        if (district, name) in streets:
            return district, name
        elsewhere = [key for key in streets if key[1] == name]
        return elsewhere[0] if len(elsewhere) == 1 else None

    def _street_places(self, city: str, streets: dict[Street, str]) -> list[Place]:
        points: dict[Street, tuple[float, float, int]] = {}
        former: dict[Street, set[str]] = defaultdict(set)
        for code, (district, name) in self.statistics_streets.items():
            if not code.startswith(CITIES[city][2]):
                continue
            joined = self._join(code, streets)
            if joined is None:
                continue
            if name != joined[1] and "（" not in name:
                former[joined].add(name)
            if district in ZONE_CODES:
                self.zones[ZONE_CODES[district]].add("/".join(joined))
            if code in self.derived:
                points[joined] = self.derived[code]
        places = []
        for (district, name), code in sorted(streets.items(), key=lambda item: item[1]):
            lng, lat, precision = points.get((district, name), (None, None, None))
            # The ministry's list doubles the suffix of one name.
            clean = name[:-1] if name.endswith("镇镇") else name
            places.append(
                Place(
                    name=clean, level="street", city=city, aliases=tuple(sorted(former[district, name] - {clean})),
                    code=code, district=district, street=clean, lng=lng, lat=lat, precision_m=precision,
                    source="mca-2026+station" if lng is not None else "mca-2026",
                )
            )  # fmt: skip
        return places

    def _communities(self, city: str, prefix: str, streets: dict[Street, str]) -> list[Place]:
        places = []
        for row in self.villages:
            named = community_name(row["name"]) if row["code"].startswith(prefix) else None
            if named is None:
                continue
            joined = self._join(row["streetCode"], streets)
            district = joined[0] if joined else ZONE_CODES.get(row["areaCode"], row["areaCode"])
            street = joined[1] if joined else ""
            lng, lat, precision = self.derived.get(row["code"], (None, None, None))
            places.append(
                Place(
                    name=named[0], level="community", city=city, aliases=named[1], code=row["code"], district=district,
                    street=street[:-1] if street.endswith("镇镇") else street, lng=lng, lat=lat, precision_m=precision,
                    source="nbs-2023+station" if lng is not None else "nbs-2023",
                )
            )  # fmt: skip
        return places

    def _stations(self, city: str, file: str) -> Iterable[Place]:
        for row in rows(self.data / "metro_metroman_2025" / file):
            raw = row["station"]
            name = re.sub(r"\(.*?\)$", "", raw)
            aliases = [part for part in raw.split("·") if "·" in raw and len(part) >= 2]
            aliases += [alias for alias in STATION_ALIASES.get((city, raw), ()) if alias not in aliases]
            yield Place(
                name=name, level="station", city=city, aliases=tuple(aliases), district=row["district_code"],
                lng=float(row["lng_gcj02"]), lat=float(row["lat_gcj02"]), precision_m=300, source="metroman-2025-01",
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="folder of the raw data")
    parser.add_argument("--out", type=Path, default=CONTENT)
    options = parser.parse_args()
    importer = Importer(options.data)
    for city in CITIES:
        places = importer.city(city)
        path = options.out / f"{city}.csv"
        write_table(path, places, Place)
        levels: dict[str, int] = defaultdict(int)
        for place in places:
            levels[place.level] += 1
        print(f"{path.name}: {len(places)} places, {path.stat().st_size / 1e6:.2f} MB, {dict(levels)}")


if __name__ == "__main__":
    main()
