"""Nearest sites: true distances, containment, closed and sample sites, map links."""

from pathlib import Path
from urllib.parse import parse_qs, urlparse

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge
from knowledge.base import build
from knowledge.coords import haversine_m
from knowledge.hours import parse_hours
from knowledge.schema import Place, Site, SiteCategoriesFile, SiteCategory
from knowledge.sites import Point, SiteIndex, map_url
from knowledge.tables import read_places, read_sites

CONTENT = Path(knowledge.__file__).parent / "content"
CATEGORIES = [SiteCategory(slug="canteen", name="食堂", field="elderly", topics=("elderly-meal",)),
              SiteCategory(slug="hospital", name="医院", field="health")]  # fmt: skip
HOME = Point(104.06, 30.65)


def site(number: int = 1, **fields) -> Site:
    given = {
        "id": f"s-{number}",
        "name": f"食堂{number}",
        "category": "canteen",
        "city": "510100",
        "district": "510104",
    }
    return Site(**(given | fields))


def located(number: int, east_m: float, **fields) -> Site:
    """A site so many metres east of HOME."""
    lng = HOME.lng + east_m / haversine_m(HOME.lng, HOME.lat, HOME.lng + 1, HOME.lat)
    return site(number, **({"lng": lng, "lat": HOME.lat, "precision_m": 100} | fields))


def ids(hits) -> list[str]:
    return [hit.site.id for hit in hits]


def test_nearest_first_with_distances():
    index = SiteIndex([located(1, 900), located(2, 200), located(3, 4000)], CATEGORIES)
    hits = index.near("canteen", HOME, city="510100")
    assert ids(hits) == ["s-2", "s-1", "s-3"]
    assert [hit.distance_m for hit in hits] == pytest.approx([200, 900, 4000], abs=1)


def test_limit_and_radius():
    index = SiteIndex([located(n, 100 * n) for n in range(1, 9)], CATEGORIES)
    assert ids(index.near("canteen", HOME, limit=2, city="510100")) == ["s-1", "s-2"]
    assert ids(index.near("canteen", HOME, radius_m=350, city="510100")) == ["s-1", "s-2", "s-3"]
    assert index.near("canteen", HOME, limit=0, city="510100") == []


def test_no_distance_unless_both_ends_are_precise():
    coarse = located(1, 300, precision_m=2000)
    index = SiteIndex([coarse, located(2, 600)], CATEGORIES)
    center = Place(
        name="某站", level="station", city="510100", district="510104", lng=HOME.lng, lat=HOME.lat, precision_m=300
    )
    assert {hit.site.id: hit.distance_m for hit in index.near("canteen", center, city="510100")} == {
        "s-1": None,
        "s-2": 600,
    }
    far = msgspec.structs.replace(center, precision_m=2500)
    assert {hit.distance_m for hit in index.near("canteen", far, city="510100")} == {None}


def test_containment_community_then_street_then_district():
    index = SiteIndex(
        [
            site(1),
            site(2, street="玉林街道"),
            site(3, street="玉林街道", community="玉林社区"),
            site(4, district="510105"),
            site(5, district="510105", street="玉林街道"),
        ],
        CATEGORIES,
    )
    center = Place(name="玉林社区", level="community", city="510100", district="510104", street="玉林街道")
    hits = index.near("canteen", center, city="510100")
    assert [(hit.site.id, hit.same_area) for hit in hits] == [
        ("s-3", "community"),
        ("s-2", "street"),
        ("s-1", "district"),
    ]


def test_a_site_of_unknown_point_in_the_same_street_is_not_lost():
    index = SiteIndex([located(1, 400), located(2, 3000), site(3, street="玉林街道"), site(4)], CATEGORIES)
    center = Place(name="玉林", level="station", city="510100", district="510104", street="玉林街道", lng=HOME.lng,
                   lat=HOME.lat, precision_m=300)  # fmt: skip
    assert ids(index.near("canteen", center, city="510100")) == ["s-1", "s-3", "s-2", "s-4"]
    assert ids(index.near("canteen", center, radius_m=1500, city="510100")) == ["s-1", "s-3"]


def test_zones_count_as_districts():
    zone = Place(name="高新区", level="area", city="510100", code="510100-gaoxin", street="510107/桂溪街道")
    in_zone = site(1, district="510107", street="桂溪街道")
    of_zone = site(2, district="510100-gaoxin")
    index = SiteIndex([in_zone, of_zone, site(3, district="510107", street="玉林街道")], CATEGORIES, areas=[zone])
    assert set(ids(index.near("canteen", zone, city="510100"))) == {"s-1", "s-2"}
    street = Place(name="桂溪街道", level="street", city="510100", district="510107", street="桂溪街道")
    hits = index.near("canteen", street, city="510100")
    assert {hit.site.id: hit.same_area for hit in hits} == {"s-1": "street", "s-2": "district", "s-3": "district"}


def test_without_a_center_the_region_is_listed():
    index = SiteIndex([site(1), site(2, district="510105"), site(3, city="320100", district="320102")], CATEGORIES)
    assert ids(index.near("canteen", None, city="510100")) == ["s-1", "s-2"]
    assert ids(index.near("canteen", None, city="510105")) == ["s-2"]


def test_closed_sites_are_left_out_and_samples_come_last():
    index = SiteIndex(
        [located(1, 100, status="closed"), located(2, 200, trust="sample"), located(3, 9000), site(4)], CATEGORIES
    )
    assert ids(index.near("canteen", HOME, city="510100")) == ["s-3", "s-2"]
    closed = index.get("s-1")
    assert closed is not None and closed.status == "closed"


def test_other_cities_and_categories_are_left_out():
    index = SiteIndex(
        [located(1, 100, city="320100"), located(2, 100, category="hospital"), located(3, 500)], CATEGORIES
    )
    assert ids(index.near("canteen", HOME, city="510104")) == ["s-3"]
    assert ids(index.near(["canteen", "hospital"], HOME, city="510100")) == ["s-2", "s-3"]


def test_unknown_category_is_an_error():
    with pytest.raises(ValueError, match="nonsense"):
        SiteIndex([], CATEGORIES).near("nonsense", HOME, city="510100")


def test_categories_of_a_topic():
    assert SiteIndex([], CATEGORIES).for_topic("elderly-meal") == ("canteen",)


@given(
    st.lists(st.tuples(st.floats(103.0, 105.0), st.floats(30.0, 31.5)), min_size=1, max_size=40),
    st.tuples(st.floats(103.0, 105.0), st.floats(30.0, 31.5)),
)
def test_nearest_is_what_measuring_all_gives(points: list[tuple[float, float]], home: tuple[float, float]) -> None:
    sites = [site(n, lng=lng, lat=lat, precision_m=0) for n, (lng, lat) in enumerate(points)]
    hits = SiteIndex(sites, CATEGORIES).near("canteen", Point(*home), limit=5, city="510100")
    measured = sorted(haversine_m(*home, lng, lat) for lng, lat in points)[:5]
    assert [hit.distance_m for hit in hits] == pytest.approx(measured, abs=1)


def test_marker_link_holds_the_point():
    url = urlparse(map_url(site(lng=104.06, lat=30.65, precision_m=100, address="某路1号")))
    query = parse_qs(url.query)
    assert (url.netloc, url.path) == ("uri.amap.com", "/marker")
    assert query == {"position": ["104.060000,30.650000"], "name": ["食堂1"], "coordinate": ["gaode"]}


def test_link_searches_the_address_where_the_point_is_coarse_or_missing():
    for place in (site(address="某路1号"), site(address="某路1号", lng=104.06, lat=30.65, precision_m=2000)):
        url = urlparse(map_url(place))
        assert url.path == "/search" and parse_qs(url.query)["keyword"] == ["某路1号"]


def test_no_link_without_point_and_address():
    assert map_url(site()) == ""


@pytest.fixture(scope="module")
def shipped() -> list[Site]:
    return [each for path in sorted((CONTENT / "sites").glob("*.csv")) for each in read_sites(path)]


@pytest.fixture(scope="module")
def categories() -> tuple[SiteCategory, ...]:
    return msgspec.yaml.decode((CONTENT / "sites" / "categories.yml").read_bytes(), type=SiteCategoriesFile).categories


def test_shipped_sites_are_complete(shipped, categories):
    real = [each for each in shipped if each.trust != "sample"]
    assert len(real) == 236 + 19
    assert {each.category for each in shipped} == {category.slug for category in categories}
    yangpu = [each for each in shipped if each.category == "canteen" and each.district == "310110"]
    assert (len(yangpu), sum(each.lng is not None for each in yangpu)) == (47, 43)


def test_samples_are_plainly_samples_and_off_by_one_switch(shipped):
    samples = [each for each in shipped if each.trust == "sample"]
    assert samples
    assert all(each.name.startswith("示例") and "不是真实" in each.address and not each.phone for each in samples)
    assert not any(each.name.startswith("示例") for each in shipped if each.trust != "sample")
    shown, hidden = build(meaning=False).sites, build(meaning=False, samples=False).sites
    assert len(shown) - len(hidden) == len(samples)
    assert not any(each.trust == "sample" for each in hidden.by_id.values())


def test_shipped_sites_say_where_they_were_read(shipped):
    for each in shipped:
        assert each.source_title and each.source_publisher, each.id
        assert not each.hours or parse_hours(each.hours)


def test_shipped_points_lie_near_their_district(shipped):
    places = [place for path in sorted((CONTENT / "places").glob("*.csv")) for place in read_places(path)]
    centres = {place.code: place for place in places if place.level == "district" and place.lng is not None}
    for each in shipped:
        if each.lng is not None:
            centre = centres[each.district]
            assert each.lat is not None and centre.lng is not None and centre.lat is not None
            assert haversine_m(each.lng, each.lat, centre.lng, centre.lat) < 40_000, each


def test_canteens_near_wujiaochang(shipped, categories):
    index = SiteIndex(shipped, categories)
    station = next(
        p for p in read_places(CONTENT / "places" / "310000.csv") if p.level == "station" and p.name == "五角场"
    )
    hits = index.near("canteen", station, city="310110", limit=5)
    distances = [hit.distance_m for hit in hits if hit.distance_m is not None]
    assert len(hits) == len(distances) == 5 and all(distance < 2500 for distance in distances)
    assert distances == sorted(distances)
