"""The gazetteer on the shipped places: the right place, no place of another city, no ordinary words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge
from knowledge.places import Gazetteer
from knowledge.regions import city_of
from knowledge.schema import Place
from knowledge.tables import read_places

PLACES = Path(knowledge.__file__).parent / "content" / "places"
CHENGDU, SHANGHAI, YANGPU, NANJING, SUZHOU, BAODING = "510100", "310000", "310110", "320100", "320500", "130600"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(place for path in sorted(PLACES.glob("*.csv")) for place in read_places(path))


@pytest.mark.parametrize(
    "text, city, level, name, district",
    [
        ("春熙路", CHENGDU, "station", "春熙路", "510104"),
        ("我就在春熙路地铁站附近", CHENGDU, "station", "春熙路", "510104"),
        ("春熙路街道", CHENGDU, "street", "春熙路街道", "510104"),
        ("人民北路站附近", CHENGDU, "station", "人民北路", "510106"),
        ("成都东站", CHENGDU, "station", "成都东客站", "510108"),
        ("犀浦", CHENGDU, "station", "犀浦", "510117"),
        ("郫县犀浦", CHENGDU, "station", "犀浦", "510117"),
        ("我住西浦那边", CHENGDU, "station", "犀浦", "510117"),
        ("春西路", CHENGDU, "station", "春熙路", "510104"),
        ("成都市武侯区玉林街道", CHENGDU, "street", "玉林街道", "510107"),
        ("我住玉林", CHENGDU, "street", "玉林街道", "510107"),
        ("玉林有没有老年食堂", CHENGDU, "street", "玉林街道", "510107"),
        ("锦江区三圣乡", CHENGDU, "street", "三圣街道", "510104"),
        ("双流县东升镇", CHENGDU, "street", "东升街道", "510116"),
        ("高新区桂溪街道", CHENGDU, "street", "桂溪街道", "510107"),
        ("我们新都这边", CHENGDU, "district", "新都区", "510114"),
        ("郫县", CHENGDU, "district", "郫都区", "510117"),
        ("新津县", CHENGDU, "district", "新津区", "510118"),
        ("高新区", CHENGDU, "area", "成都高新区", ""),
        ("天府新区", CHENGDU, "area", "四川天府新区", ""),
        ("刚到成都没地方住", CHENGDU, "city", "成都市", ""),
        ("苏州新街口", CHENGDU, "city", "苏州市", ""),
        ("新都大丰", CHENGDU, "station", "大丰", "510114"),
        ("成都高新区", CHENGDU, "area", "成都高新区", ""),
        ("八宝街社区", CHENGDU, "community", "八宝街社区", "510105"),
        ("华阳", CHENGDU, "station", "华阳", "510116"),
        ("华阳", NANJING, "station", "华阳", "321183"),
        ("五角场", YANGPU, "station", "五角场", YANGPU),
        ("五角厂", YANGPU, "station", "五角场", YANGPU),
        ("我住五角场附近", SHANGHAI, "station", "五角场", YANGPU),
        ("控江路街道", YANGPU, "street", "控江路街道", YANGPU),
        ("我住鞍山四村", YANGPU, "street", "四平路街道", YANGPU),
        ("人民广场", YANGPU, "station", "人民广场", "310101"),
        ("新街口", NANJING, "station", "新街口", "320102"),
        ("我在南京新街口", CHENGDU, "station", "新街口", "320102"),
        ("苏州工业园区", SUZHOU, "area", "苏州工业园区", ""),
        ("高新区", SUZHOU, "district", "虎丘区", "320505"),
        ("莲池区", BAODING, "district", "莲池区", "130606"),
        ("我住天府广场，想去春熙路", CHENGDU, "station", "天府广场", "510105"),
    ],
)
def test_resolves(gazetteer, text, city, level, name, district):
    resolution = gazetteer.resolve(text, city=city)
    assert resolution.place is not None, resolution
    assert (resolution.place.level, resolution.place.name, resolution.place.district) == (level, name, district)
    assert not resolution.ambiguous


@pytest.mark.parametrize(
    "text, city",
    [
        ("为人民服务", CHENGDU),
        ("我很幸福", CHENGDU),
        ("在幸福的家庭里", CHENGDU),
        ("去建设银行办卡", CHENGDU),
        ("社区中心在哪", CHENGDU),
        ("市中心附近有没有", CHENGDU),
        ("五一劳动节放假吗", YANGPU),
        ("三元一份的饭", CHENGDU),
        ("社保和公积金都交满三年", CHENGDU),
        ("我在大厂上班", NANJING),
        ("和平年代", BAODING),
        ("新村里的老人", SHANGHAI),
        ("不是", CHENGDU),
        ("住几天", CHENGDU),
        ("不晓得", CHENGDU),
        ("大桥街道的养老院", CHENGDU),
        ("租房子政府补不补钱", NANJING),
        ("我妈七十五了附近哪里能吃上便宜饭", YANGPU),
        ("娃儿2025年3月生的", CHENGDU),
        ("我爸中风了躺地上叫不醒", CHENGDU),
        ("五角场", CHENGDU),
        ("春熙路", NANJING),
        ("", CHENGDU),
    ],
)
def test_finds_no_place(gazetteer, text, city):
    assert gazetteer.find(text, city=city) == []


@pytest.mark.parametrize(
    "text, city, districts",
    [
        ("幸福社区", CHENGDU, {"510104", "510181"}),
        ("我住在和平社区", CHENGDU, None),
        ("青龙", CHENGDU, {"510108", "510185"}),
        ("石羊", CHENGDU, {"510107", "510181"}),
        ("幸福", CHENGDU, None),  # a street and five villages, far apart
        ("天府广场到春熙路", CHENGDU, {"510105", "510104"}),
        ("建设路", CHENGDU, {"510108", "510185"}),  # a landmark in one district, a village road in another
    ],
)
def test_asks_back(gazetteer, text, city, districts):
    resolution = gazetteer.resolve(text, city=city)
    assert resolution.ambiguous and resolution.place is None
    assert districts is None or {place.district for place in resolution.candidates} == districts


def test_what_only_looks_alike_is_never_taken(gazetteer):
    resolution = gazetteer.resolve("我住在青州新村", city=YANGPU)
    assert resolution.how == "fuzzy" and resolution.ambiguous and resolution.candidates


def test_a_named_district_settles_a_homonym(gazetteer):
    assert gazetteer.resolve("成华区青龙", city=CHENGDU).place.district == "510108"
    assert gazetteer.resolve("青龙", city=CHENGDU, prefer_district="510185").place.name == "青龙镇"
    assert gazetteer.resolve("武侯区石羊", city=CHENGDU).place.level == "station"


def test_station_keeps_its_point_and_takes_over_the_street(gazetteer):
    place = gazetteer.resolve("五角场", city=YANGPU).place
    assert (place.precision_m, place.street) == (300, "五角场街道")
    assert gazetteer.resolve("五角场地铁站", city=YANGPU).place.street == "五角场街道"


def test_matches_say_where_and_how(gazetteer):
    text = "我住春熙路街道"
    (match,) = gazetteer.find(text, city=CHENGDU)
    assert (text[match.start : match.end], match.how, match.score) == ("春熙路街道", "exact", 1.0)
    assert gazetteer.find("成都东站", city=CHENGDU)[0].how == "alias"
    assert gazetteer.find("春西路", city=CHENGDU)[0].how == "homophone"


def test_two_misheard_characters_need_a_cue(gazetteer):
    assert gazetteer.find("西浦", city=CHENGDU) == []
    assert gazetteer.find("西浦", city=CHENGDU, asked=True)[0].place.street == "犀浦街道"


def test_zones_know_their_streets(gazetteer):
    assert gazetteer.areas_of("510107", "桂溪街道") == ("510100-gaoxin",)
    assert gazetteer.areas_of("510107", "玉林街道") == ()
    assert "320500-sip" in gazetteer.areas_of("320505", "斜塘街道")


def test_describe_tells_homonyms_apart(gazetteer):
    candidates = gazetteer.resolve("石羊", city=CHENGDU).candidates
    assert {gazetteer.describe(place) for place in candidates} == {"石羊地铁站（武侯区）", "都江堰市石羊镇"}


@pytest.mark.parametrize(
    "code, city",
    [("310110", "310000"), ("510107", "510100"), ("5101", "510100"), ("510100-gaoxin", "510100"), ("130600", "130600")],
)
def test_city_of(code, city):
    assert city_of(code) == city


def test_every_station_is_found_by_its_name(gazetteer):
    for path in PLACES.glob("*.csv"):
        for place in read_places(path):
            if place.level == "station":
                found = {match.place.name for match in gazetteer.find(f"{place.name}地铁站", city=place.city)}
                assert place.name in found, place


def test_every_community_is_found_by_its_name_and_street(gazetteer):
    for place in read_places(PLACES / "510100.csv"):
        if place.level == "community":
            text = gazetteer.describe(place)
            assert place in {match.place for match in gazetteer.find(text, city=CHENGDU)}, text


@given(st.text(max_size=40), st.sampled_from([CHENGDU, YANGPU, NANJING, "999999", ""]))
def test_any_text_is_answered(gazetteer, text, city):
    resolution = gazetteer.resolve(text, city=city)
    assert resolution.place is None or not resolution.ambiguous
    for match in gazetteer.find(text, city=city):
        assert 0 <= match.start < match.end <= len(text)


def test_an_empty_gazetteer_finds_nothing():
    assert Gazetteer([]).resolve("春熙路", city=CHENGDU).place is None
    assert Gazetteer([Place(name="测试村", level="community", city=CHENGDU)]).find("测试村", city=CHENGDU)
