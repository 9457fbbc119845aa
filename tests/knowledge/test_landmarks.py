"""The landmarks (``content/places/*.landmarks.csv``): what people say, and that the other tables bear each one out."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

import knowledge
from knowledge.places import Gazetteer
from knowledge.tables import read_places, read_sites

CONTENT = Path(knowledge.__file__).parent / "content"
FILES = sorted((CONTENT / "places").glob("*.landmarks.csv"))
LANDMARKS = [place for path in FILES for place in read_places(path)]
CHENGDU, SHANGHAI, YANGPU, NANJING = "510100", "310000", "310110", "320100"
JINJIANG, QINGYANG, JINNIU, WUHOU, CHENGHUA = "510104", "510105", "510106", "510107", "510108"
XINDU, SHUANGLIU, PIDU = "510114", "510116", "510117"

#: What a generic word at a name's end adds to the stem that the other tables have: 玉林路 → 玉林, 凤城新村 → 凤城.
GENERIC = re.compile("[东南西北中]?(?:路|街|大道|小区|新村|花乡|场)$")
#: Full names whose short form is what the table of communities has.
SHORT = {"上海理工大学": "上理", "上海体育学院": "体院"}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(place for path in sorted((CONTENT / "places").glob("*.csv")) for place in read_places(path))


@pytest.mark.parametrize(
    "text, city, name, district, street",
    [
        ("双楠有没有老年食堂", CHENGDU, "双楠", WUHOU, "浆洗街街道"),
        ("我住双楠小区的", CHENGDU, "双楠", WUHOU, "浆洗街街道"),
        ("九眼桥", CHENGDU, "九眼桥", JINJIANG, "牛市口街道"),
        ("我在九眼桥，边边上有没得图书馆", CHENGDU, "九眼桥", JINJIANG, "牛市口街道"),
        ("合江亭那边有社区医院没得", CHENGDU, "合江亭", JINJIANG, "锦官驿街道"),
        ("娘老子住盐市口", CHENGDU, "盐市口", JINJIANG, "春熙路街道"),
        ("住大慈寺旁边，想找个图书室", CHENGDU, "大慈寺", JINJIANG, "锦官驿街道"),
        ("三圣花乡那边的养老院", CHENGDU, "三圣花乡", JINJIANG, "三圣街道"),
        ("莲桂西路吃饭的地方", CHENGDU, "莲桂", JINJIANG, "牛市口街道"),
        ("莲桂南路有食堂没得", CHENGDU, "莲桂路", JINJIANG, ""),
        ("宽巷子附近", CHENGDU, "宽巷子", QINGYANG, "少城街道"),
        ("宁夏街那个老年大学在哪", CHENGDU, "宁夏街", QINGYANG, "草市街街道"),
        ("草市有没有老人吃饭的", CHENGDU, "草市", QINGYANG, "草市街街道"),
        ("石人小区租房子能补钱不", CHENGDU, "石人", QINGYANG, "府南街道"),
        ("石人公园附近有托儿所吗", CHENGDU, "石人", QINGYANG, "府南街道"),
        ("琴台路办事", CHENGDU, "琴台路", QINGYANG, "草堂街道"),
        ("太升北路修手机那边", CHENGDU, "太升路", QINGYANG, ""),
        ("我租的清江美庐，要报修", CHENGDU, "清江美庐", QINGYANG, ""),
        ("金沙遗址旁边住的", CHENGDU, "金沙遗址", QINGYANG, "金沙街道"),
        ("曹家巷老房子装电梯", CHENGDU, "曹家巷", JINNIU, "驷马桥街道"),
        ("高笋塘有没得卫生院", CHENGDU, "高笋塘", JINNIU, "驷马桥街道"),
        ("枣子巷看中医", CHENGDU, "枣子巷", JINNIU, "西安路街道"),
        ("城隍庙电子市场那儿", CHENGDU, "城隍庙", JINNIU, "荷花池街道"),
        ("蜀汉路有没有图书馆", CHENGDU, "蜀汉路", JINNIU, ""),
        ("我住玉林路，附近有食堂没", CHENGDU, "玉林路", WUHOU, ""),
        ("玉林南路有没有食堂", CHENGDU, "玉林路", WUHOU, ""),
        ("玉林小区加装电梯", CHENGDU, "玉林小区", WUHOU, "玉林街道"),
        ("跳伞塔有没有健身的地方", CHENGDU, "跳伞塔", WUHOU, "玉林街道"),
        ("棕北咋个走", CHENGDU, "棕北", WUHOU, "玉林街道"),
        ("锦里附近", CHENGDU, "锦里", WUHOU, "浆洗街街道"),
        ("望平街那边有啥子", CHENGDU, "望平街", CHENGHUA, ""),
        ("昭觉寺有公园没", CHENGDU, "昭觉寺", CHENGHUA, ""),
        ("一里塘", CHENGDU, "一里塘", CHENGHUA, "白莲池街道"),
        ("成华区建设路有食堂吗", CHENGDU, "建设路", CHENGHUA, ""),
        ("住在新都天香路旁边", CHENGDU, "天香南路", XINDU, ""),
        ("龙虎场附近有没有卫生院", CHENGDU, "龙虎场", XINDU, "新都街道"),
        ("新都大道有食堂没", CHENGDU, "新都大道", XINDU, ""),
        ("苏码头", CHENGDU, "苏码头", SHUANGLIU, "正兴街道"),
        ("菁蓉湖有没有人才公寓", CHENGDU, "菁蓉湖", PIDU, "德源街道"),
        ("控江有没有食堂", YANGPU, "控江", YANGPU, ""),
        ("公园有没有推轮椅能进去的嗯就控江这边近一点的", YANGPU, "控江", YANGPU, ""),
        ("我妈住控江新村", YANGPU, "控江", YANGPU, ""),
        ("我住延吉", YANGPU, "延吉", YANGPU, ""),
        ("长白那边的小厨", YANGPU, "长白", YANGPU, ""),
        ("住在鞍山附近", YANGPU, "鞍山", YANGPU, "四平路街道"),
        ("鞍山路社区医院", YANGPU, "鞍山", YANGPU, "四平路街道"),
        ("我住凤城新村", YANGPU, "凤城", YANGPU, "控江路街道"),
        ("中原小区有没有老年食堂", YANGPU, "中原", YANGPU, ""),
        ("国和路附近生活圈", YANGPU, "国和", YANGPU, ""),
        ("开鲁新村的食堂", YANGPU, "开鲁", YANGPU, "殷行街道"),
        ("民星路有图书馆伐", YANGPU, "民星", YANGPU, "殷行街道"),
        ("路灯坏了 国定路", YANGPU, "国定路", YANGPU, ""),
        ("邯郸路有食堂吗", YANGPU, "邯郸路", YANGPU, "五角场街道"),
        ("我在打虎山路上，往哪走有食堂", YANGPU, "打虎山路", YANGPU, ""),
        ("双阳路食堂几点开", YANGPU, "双阳路", YANGPU, ""),
        ("敦化路小厨有没有晚饭", YANGPU, "敦化路", YANGPU, ""),
        ("长白228街坊食堂几折", YANGPU, "228街坊", YANGPU, "长白新村街道"),
        ("我住同叶大厦", YANGPU, "同叶大厦", YANGPU, "四平路街道"),
        ("引翔港有食堂吗", YANGPU, "引翔港", YANGPU, "大桥街道"),
        ("复旦附近的社区医院", YANGPU, "复旦大学", YANGPU, "五角场街道"),
        ("我在上理工读书", YANGPU, "上海理工大学", YANGPU, ""),
        ("橡树湾有托育点吗", SHANGHAI, "橡树湾", YANGPU, "新江湾城街道"),
        ("成都双楠那边有食堂吗", NANJING, "双楠", WUHOU, "浆洗街街道"),
    ],
)
def test_a_spoken_name_is_its_place(gazetteer, text, city, name, district, street):
    resolution = gazetteer.resolve(text, city=city)
    assert resolution.place is not None, resolution
    told = resolution.place
    assert (told.name, told.district) == (name, district)
    assert told.level == "station" or told.street == street


@pytest.mark.parametrize(
    "text, city, name, district",
    [
        ("火车东站接人", CHENGDU, "成都东客站", CHENGHUA),
        ("我在东站附近", CHENGDU, "成都东客站", CHENGHUA),
        ("住在南站附近", CHENGDU, "火车南站", WUHOU),
        ("火车西站那边", CHENGDU, "成都西站", QINGYANG),
        ("四川师范大学旁边", CHENGDU, "四川师大", JINJIANG),
        ("想找个离川师近点的图书馆", CHENGDU, "四川师大", JINJIANG),
        ("西南财经大学附近租房", CHENGDU, "西南财大", QINGYANG),
        ("住在财大附近", CHENGDU, "西南财大", QINGYANG),
        ("西南交通大学", CHENGDU, "西南交大", JINNIU),
        ("西南交大犀浦校区", CHENGDU, "西南交大犀浦站", PIDU),
        ("成都理工附近", CHENGDU, "理工大学", CHENGHUA),
        ("电子科技大学附近", CHENGDU, "电子科大", PIDU),
        ("成都市第二人民医院怎么走", CHENGDU, "市二医院", JINJIANG),
        ("四川省人民医院附近有食堂吗", CHENGDU, "中医大·省医院", QINGYANG),
        ("双流国际机场", CHENGDU, "双流机场1航站楼", SHUANGLIU),
        ("同济附近有食堂吗", YANGPU, "同济大学", YANGPU),
        ("上财旁边", YANGPU, "上海财经大学", YANGPU),
        ("上海交大附近", SHANGHAI, "交通大学", "310104"),
    ],
)
def test_a_station_by_its_other_name(gazetteer, text, city, name, district):
    place = gazetteer.resolve(text, city=city).place
    assert place is not None and (place.level, place.name, place.district) == ("station", name, district)


@pytest.mark.parametrize(
    "text, city",
    [
        ("四川大病医保报多少", CHENGDU),
        ("四川大部分地方都补吗", CHENGDU),
        ("提交大学毕业证", CHENGDU),
        ("资料提交大厅", CHENGDU),
        ("财大气粗的人不用补", CHENGDU),
        ("省体检费吗", CHENGDU),
        ("希望平等对待", CHENGDU),
        ("政府青年公寓怎么申请", CHENGDU),
        ("政府城管电话", CHENGDU),
        ("说明白家里情况", CHENGDU),
        ("美丽都市生活", CHENGDU),
        ("办公兴旺", CHENGDU),
        ("成大事的人", CHENGDU),
        ("我住养老院", CHENGDU),
        ("去养老院 要啥手续", YANGPU),
        ("养老服务综合体", CHENGDU),
        ("妇幼保健院", CHENGDU),
        ("社区卫生服务中心在哪里", CHENGDU),
        ("综合为老服务中心", YANGPU),
        ("国定节假日开不开", YANGPU),
        ("我国和外国不一样", YANGPU),
        ("中国权益保护", YANGPU),
        ("工农子弟能不能申请", YANGPU),
        ("具体院校名单", YANGPU),
        ("网上理财被骗", YANGPU),
        ("孩子长海拔一千米的地方长大", YANGPU),
        ("松花蛋能不能吃", YANGPU),
        ("老人走失找民警", YANGPU),
        ("九眼桥", NANJING),
        ("控江", CHENGDU),
        ("新都妇幼在哪儿嘛", CHENGDU),
        ("新都区人民医院电话多少", CHENGDU),
    ],
)
def test_other_words_are_no_landmark(gazetteer, text, city):
    assert not [match for match in gazetteer.find(text, city=city) if match.place.level in ("landmark", "station")]


@pytest.mark.parametrize(
    "text, city, districts",
    [
        ("建设路", CHENGDU, {CHENGHUA, "510185"}),
        ("建设路附近有老年食堂吗", CHENGDU, {CHENGHUA, "510185"}),
        ("水碾河", CHENGDU, {JINJIANG, CHENGHUA}),
        ("水碾河路有食堂吗", CHENGDU, {JINJIANG, CHENGHUA}),
        ("我住川大附近", CHENGDU, {WUHOU, SHUANGLIU}),
        ("四川大学", CHENGDU, {WUHOU, SHUANGLIU}),
    ],
)
def test_two_places_of_one_name_are_asked_back(gazetteer, text, city, districts):
    resolution = gazetteer.resolve(text, city=city)
    assert resolution.ambiguous and {place.district for place in resolution.candidates} == districts


def test_the_same_name_in_another_city_is_left_alone(gazetteer):
    assert gazetteer.resolve("华阳", city=CHENGDU).place.district == SHUANGLIU
    assert gazetteer.resolve("华阳", city=NANJING).place.city == NANJING
    assert gazetteer.resolve("交大", city=SHANGHAI).place.city == SHANGHAI
    assert gazetteer.resolve("交大", city=CHENGDU).place.city == CHENGDU


def test_a_community_called_one_is_still_the_community(gazetteer):
    assert gazetteer.resolve("九眼桥社区", city=CHENGDU).place.level == "community"
    assert gazetteer.resolve("春熙路街道", city=CHENGDU).place.level == "street"


def test_a_landmark_known_no_nearer_than_its_district_says_so(gazetteer):
    place = gazetteer.resolve("望平街", city=CHENGDU).place
    assert place.lng is None and gazetteer.describe(place) == "成华区望平街"


def test_there_are_landmarks_for_both_cities():
    assert {path.name for path in FILES} == {"510100.landmarks.csv", "310000.landmarks.csv"}
    assert all(place.level == "landmark" and place.district for place in LANDMARKS)
    assert len({(place.name, place.district) for place in LANDMARKS}) == len(LANDMARKS)
    assert sum(place.city == CHENGDU for place in LANDMARKS) >= 200
    assert sum(place.city == SHANGHAI for place in LANDMARKS) >= 100


def test_every_name_of_a_landmark_is_found(gazetteer):
    for landmark in LANDMARKS:
        for name in (landmark.name, *landmark.aliases):
            found = [match.place for match in gazetteer.find(f"我住{name}附近", city=landmark.city)]
            assert landmark in found, name
            homes = {place.district for place in LANDMARKS if place.city == landmark.city
                     and name in (place.name, *place.aliases)}
            assert {place.district for place in found} <= homes, name


@pytest.fixture(scope="module")
def tables():
    """City → its streets, communities and stations; city → its real sites."""
    places, sites = defaultdict(list), defaultdict(list)
    for city in {place.city for place in LANDMARKS}:
        places[city] = [place for place in read_places(CONTENT / "places" / f"{city}.csv")
                        if place.level in ("street", "community", "station")]
        sites[city] = [site for site in read_sites(CONTENT / "sites" / f"{city}.csv") if site.trust != "sample"]
    return places, sites


def test_the_tables_bear_every_landmark_out(tables):
    """Each landmark lies where the streets, communities and stations of its name lie, or the site that is named so."""
    for landmark in LANDMARKS:
        places, sites = tables[0][landmark.city], tables[1][landmark.city]
        if landmark.source.endswith("+stem"):
            stems = {landmark.name, SHORT.get(landmark.name, landmark.name), GENERIC.sub("", landmark.name)}
            here = [place for place in places if place.district == landmark.district
                    and any(stem in place.name for stem in stems)]
            assert here, landmark
            streets = {place.street for place in here if place.street}
            assert not landmark.street or landmark.street in streets, landmark
            homes = {place.district for place in LANDMARKS if place.name == landmark.name}
            exact = {place.district for place in places if landmark.name in place.name}
            assert exact <= homes, landmark
        else:
            stem = landmark.name if landmark.source == "sites" else GENERIC.sub("", landmark.name)
            here = [site for site in sites if site.district == landmark.district
                    and stem in (site.name + site.address if landmark.source == "sites" else site.address)]
            assert here, landmark
            assert not landmark.street or landmark.street in {site.street for site in here}, landmark
            if landmark.lng is not None:
                assert (landmark.lng, landmark.lat, landmark.precision_m) in {
                    (site.lng, site.lat, site.precision_m) for site in here}
