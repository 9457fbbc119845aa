"""The regions that a resident may choose from."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from bot.channels.regions import regions_to_choose
from bot.contract import validate
from knowledge.base import CONTENT, Snapshot
from knowledge.schema import Region, RegionsFile
from tests.channels.server import Server

Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def known() -> Snapshot:
    """As much of the real content as the choice is made from."""
    regions = msgspec.yaml.decode((CONTENT / "regions.yml").read_bytes(), type=RegionsFile).regions
    cards = {(path.parent.name, path.stem): path for path in CONTENT.glob("*/*.yml")}
    return cast(Snapshot, SimpleNamespace(regions={region.code: region for region in regions}, cards=cards))


def test_cities_and_districts_stand_there_the_server_s_own_first_and_all_others_last(known: Snapshot) -> None:
    chosen = [(region.code, region.name) for region in regions_to_choose(known, "510100")]
    assert chosen == [("510100", "成都"), ("310110", "上海杨浦"), ("320100", "南京"), ("320500", "苏州"),
                      ("130600", "保定"), ("100000", "其他地方")]
    assert [region.code for region in regions_to_choose(known, "130600")][:2] == ["130600", "310110"]
    assert [region.code for region in regions_to_choose(known, "100000")][-1] == "100000"


def test_a_region_without_content_of_its_own_is_no_choice(known: Snapshot) -> None:
    more = {**known.regions, "510700": Region(code="510700", name="绵阳市", short="绵阳")}
    with_mianyang = cast(Snapshot, SimpleNamespace(regions=more, cards=known.cards))
    assert "510700" not in [region.code for region in regions_to_choose(with_mianyang, "510100")]
    cards = {**known.cards, ("510700", "elderly-meal"): None}
    with_mianyang = cast(Snapshot, SimpleNamespace(regions=more, cards=cards))
    assert "510700" in [region.code for region in regions_to_choose(with_mianyang, "510100")]


def test_the_choice_needs_no_token_and_may_be_kept_for_a_while(serve: Serve) -> None:
    server = serve(keep_s=24 * 3600.0)
    answer = server.get("/webhooks/web/regions")
    assert answer.status_code == 200
    validate(answer.json(), "regionsResponse")
    assert answer.json() == {"regions": [
        {"region": "510100", "name": "成都"}, {"region": "310110", "name": "上海杨浦"},
        {"region": "100000", "name": "其他地方"}], "keep_hours": 24, "keep_days": 1}
    assert answer.headers["Cache-Control"] == "max-age=300"
    assert "Set-Cookie" not in answer.headers


def test_one_address_cannot_ask_for_it_without_end(serve: Serve) -> None:
    server = serve(address_per_minute=30)
    statuses = [server.get("/webhooks/web/regions").status_code for _ in range(12)]
    assert statuses[:10] == [200] * 10 and statuses[-1] == 429
