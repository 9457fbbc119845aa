"""Reads the content folder into raw parts: which file is what, typed records, and all problems.

A file's kind follows from its place:

    topics/*.yml                     TopicsFile        facts.yml  facts/*.yml   FactsFile
    regions.yml  hotlines.yml  emergencies.yml  limits.yml  texts/*.yml  sites/categories.yml
    <region>/sources*.yml            SourcesFile
    <region>/<topic>.yml             TopicFile
    <region>/policies/<name>.yml     Policy
    <region>/policies/<name>.households.yml  HouseholdsFile
    places/<city>.csv                Place rows        sites/<city>.csv  Site rows
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from knowledge import schema
from knowledge.errors import Problem, problem
from knowledge.records import convert
from knowledge.tables import TableError, read_places, read_sites
from knowledge.yamlfile import Path_, YamlFile, read_yaml

logger = logging.getLogger(__name__)
_REGION = re.compile(r"\d{6}\Z")
#: What people and editors make of a file's name when they put the file aside.
_RENAMED = re.compile(r"(.+?\.(?:yml|csv))\W.*\Z")


@dataclass(frozen=True)
class Part:
    """One content file as loaded: its record (None if broken) and what was wrong."""

    path: Path
    digest: str
    kind: str
    record: Any
    problems: tuple[Problem, ...]
    yaml: Optional[YamlFile] = None

    def problem(self, code: str, at: Path_ = (), **details: object) -> Problem:
        """A problem of this file at ``at`` in its YAML; without a line where the file is no YAML."""
        position = self.yaml.position(at) if self.yaml is not None else (0, 0)
        return problem(code, self.path, position, **details)


@dataclass
class Parts:
    """All files of a content folder; unchanged files are taken from the last time."""

    root: Path
    by_path: dict[Path, Part] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Part]:
        return [part for _, part in sorted(self.by_path.items()) if part.kind == kind and part.record is not None]

    @property
    def problems(self) -> list[Problem]:
        return [item for _, part in sorted(self.by_path.items()) for item in part.problems]

    @property
    def version(self) -> str:
        """A short fingerprint of everything that was read."""
        whole = hashlib.sha256()
        for path, part in sorted(self.by_path.items()):
            whole.update(f"{path.relative_to(self.root).as_posix()}\0{part.digest}\n".encode())
        return whole.hexdigest()[:12]


def kind_of(relative: Path) -> Optional[str]:
    """What a file at this place holds; None for files that are not content (SOURCES.md …)."""
    parts = relative.parts
    if relative.suffix == ".yaml":
        return "unknown"  # staff mean it to be read; silence would hide it
    if relative.suffix not in (".yml", ".csv"):
        return None
    if len(parts) == 1:
        return {"facts.yml": "facts", "regions.yml": "regions", "hotlines.yml": "hotlines",
                "emergencies.yml": "emergencies", "limits.yml": "limits"}.get(parts[0], "unknown")
    if parts[0] in ("topics", "texts", "facts") and relative.suffix == ".yml" and len(parts) == 2:
        return parts[0]
    if parts[0] == "sites" and len(parts) == 2:
        return "categories" if parts[1] == "categories.yml" else ("sites" if relative.suffix == ".csv" else "unknown")
    if parts[0] == "places" and relative.suffix == ".csv":
        return "places"
    if _REGION.match(parts[0]) and relative.suffix == ".yml":
        if len(parts) == 2:
            return "sources" if parts[1].startswith("sources") else "topic"
        if len(parts) == 3 and parts[1] == "policies":
            return "households" if parts[2].endswith(".households.yml") else "policy"
    return "unknown"


def _original(path: Path, relative: Path) -> str:
    """The name of the content file that was renamed to ``path`` (x.yml.bak, x.csv~) and is gone; "" if it is none."""
    match = _RENAMED.match(path.name)
    if match is None or kind_of(relative.with_name(match[1])) in (None, "unknown"):
        return ""
    return "" if path.with_name(match[1]).exists() else match[1]


_TYPES: dict[str, type[Any]] = {
    "topics": schema.TopicsFile, "texts": schema.TextsFile, "facts": schema.FactsFile, "regions": schema.RegionsFile,
    "hotlines": schema.HotlinesFile, "emergencies": schema.EmergenciesFile, "limits": schema.LimitsFile,
    "categories": schema.SiteCategoriesFile,
    "sources": schema.SourcesFile, "topic": schema.TopicFile, "policy": schema.Policy,
    "households": schema.HouseholdsFile,
}


def load_parts(root: Path, previous: Optional[Parts] = None) -> Parts:
    """Read every content file under ``root``; files whose bytes did not change are not parsed again."""
    before = previous.by_path if previous is not None else {}
    parts = Parts(root)
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if not path.is_file() or any(name.startswith((".", "~")) for name in relative.parts):
            continue
        kind = kind_of(relative)
        if kind is None:
            original = _original(path, relative)
            if original:
                found = problem("E028", path, name=path.name, original=original)
                parts.by_path[path] = Part(path, "", "unknown", None, (found,))
            continue
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            continue  # deleted since it was listed
        except OSError as error:
            found = problem("E007", path, detail=error.strerror or type(error).__name__)
            parts.by_path[path] = Part(path, "", kind, None, (found,))
            continue
        digest = hashlib.sha256(raw).hexdigest()
        old = before.get(path)
        parts.by_path[path] = old if old is not None and old.digest == digest else _loaded(path, raw, digest, kind)
    return parts


def would_be(parts: Parts, changed: Mapping[Path, bytes]) -> Parts:
    """``parts`` as they would load if these files held these bytes; nothing is written."""
    after = Parts(parts.root, dict(parts.by_path))
    for path, raw in changed.items():
        kind = kind_of(path.relative_to(parts.root)) or "unknown"
        after.by_path[path] = _loaded(path, raw, hashlib.sha256(raw).hexdigest(), kind)
    return after


def _loaded(path: Path, raw: bytes, digest: str, kind: str) -> Part:
    try:
        return _load(path, raw, digest, kind)
    except Exception as error:  # a mistake of ours: it is told of the file that showed it, and the others are read
        logger.exception("%s cannot be read", path.name)
        return Part(path, digest, kind, None, (problem("E099", path, detail=type(error).__name__),))


def _load(path: Path, raw: bytes, digest: str, kind: str) -> Part:
    if kind == "unknown":
        found = problem("E027", path, detail=f"“{path.name}”不属于任何一类内容文件")
        return Part(path, digest, kind, None, (found,))
    if kind in ("places", "sites"):
        return _load_table(path, raw, digest, kind)
    read = read_yaml(path, raw)
    if isinstance(read, Problem):
        return Part(path, digest, kind, None, (read,))
    record, problems = convert(read, _TYPES[kind])
    return Part(path, digest, kind, record, tuple(problems), read)


def _load_table(path: Path, raw: bytes, digest: str, kind: str) -> Part:
    if not raw.strip():
        return Part(path, digest, kind, None, (problem("E006", path, (1, 1)),))
    try:
        rows: Sequence[Any] = read_places(path, raw) if kind == "places" else read_sites(path, raw)
    except TableError as error:
        found = [problem("E070", path, (item.line, 1), write=item.write,
                         detail=f"{item.column}：{item.message}" if item.column else item.message)
                 for item in error.errors]
        return Part(path, digest, kind, None, tuple(found))
    return Part(path, digest, kind, tuple(rows), ())
