"""Writes the JSON Schemas that editors check content with, from the types that load it.

Run ``python -m tools.make_schemas``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from knowledge import schema

FOLDER = Path(__file__).parent.parent / "schemas"
FILES: dict[str, type[Any]] = {
    "topics": schema.TopicsFile, "texts": schema.TextsFile, "facts": schema.FactsFile, "regions": schema.RegionsFile,
    "hotlines": schema.HotlinesFile, "emergencies": schema.EmergenciesFile, "limits": schema.LimitsFile,
    "life_events": schema.LifeEventsFile, "categories": schema.SiteCategoriesFile, "sources": schema.SourcesFile,
    "topic": schema.TopicFile, "menu": schema.MenuFile,
    "policy": schema.Policy, "households": schema.HouseholdsFile, "import": schema.ImportMapping,
}


def text_of(name: str) -> str:
    """The schema file's text."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(FILES[name])}
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name in FILES:
        (FOLDER / f"{name}.schema.json").write_text(text_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
