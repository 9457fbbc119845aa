"""The places that a resident may choose from."""

from __future__ import annotations

import msgspec

from knowledge.base import Snapshot
from knowledge.regions import NATIONWIDE
from knowledge.schema import Region


def regions_to_choose(known: Snapshot, first: str) -> list[Region]:
    """Cities and districts with content of their own, ``first`` before all others, and at the end all other places.

    Provinces are no choice: everybody lives in a city. A district is named with its city (上海杨浦).
    """
    own = {code for code, _topic in known.cards}
    local = [region for region in known.regions.values()
             if not region.code.endswith("0000") and region.code in own]
    local.sort(key=lambda region: region.code != first)
    chosen = [_named(region, known) for region in local]
    return [*chosen, msgspec.structs.replace(known.regions[NATIONWIDE], name="其他地方")]


def _named(region: Region, known: Snapshot) -> Region:
    city = next((known.regions[code] for code in (f"{region.code[:4]}00", f"{region.code[:2]}0000")
                 if code in known.regions and code != region.code), None)
    of_district = not region.code.endswith("00") and city is not None
    return msgspec.structs.replace(region, name=f"{city.short}{region.short}" if of_district and city else region.short)
