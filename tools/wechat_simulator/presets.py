"""Places to send with one tap: the place that each region's own examples name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.coords import wgs84_to_gcj02


@dataclass(frozen=True)
class Place:
    """A place as WeChat's map gives it: degrees in GCJ-02."""

    label: str
    lat: float
    lng: float


def places(content: Path) -> list[Place]:
    """The demo place of every region of the content folder that has one with coordinates."""
    regions = yaml.safe_load((content / "regions.yml").read_text(encoding="utf-8"))["regions"]
    wanted = {item["demo_place"]: item["short"] for item in regions if item.get("demo_place")}
    found: dict[str, Place] = {}
    for path in sorted((content / "places").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as table:
            for row in csv.DictReader(table):
                name = row["name"]
                if name in wanted and name not in found and row["lng"]:
                    lng, lat = wgs84_to_gcj02(float(row["lng"]), float(row["lat"]))
                    found[name] = Place(f"{wanted[name]} {name}", round(lat, 6), round(lng, 6))
    return [found[name] for name in wanted if name in found]
