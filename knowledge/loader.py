"""Reads the content folder into raw parts: which file is what, typed records, and all problems.

A file's kind follows from its place:

    topics/*.yml                     TopicsFile        facts.yml  facts/*.yml   FactsFile
    regions.yml  hotlines.yml  emergencies.yml  limits.yml  life_events.yml  texts/*.yml  sites/categories.yml
    wechat/menu.yml                  MenuFile
    <region>/sources*.yml            SourcesFile
    <region>/<topic>.yml             TopicFile
    <region>/policies/<name>.yml     Policy
    <region>/policies/<name>.households.yml  HouseholdsFile
    places/<city>.csv                Place rows        sites/<city>.csv  Site rows
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Optional, TypeVar

from knowledge import schema
from knowledge.errors import Problem, problem
from knowledge.part_cache import PartCache
from knowledge.records import convert
from knowledge.tables import TableError, read_places, read_sites
from knowledge.yamlfile import Path_, YamlFile, read_yaml

logger = logging.getLogger(__name__)
T = TypeVar("T")
_REGION = re.compile(r"\d{6}\Z")
#: What people and editors make of a file's name when they put the file aside.
_RENAMED = re.compile(r"(.+?\.(?:yml|csv))\W.*\Z")


#: A file that changed less than so many nanoseconds before it was read may change again within one tick of its clock:
#: its name, size and time then prove nothing, and it is read again.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class Stamp:
    """What a folder tells of a file without opening it."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True)
class Part:
    """One content file as loaded: its record (None if broken) and what was wrong."""

    path: Path
    digest: str
    kind: str
    record: Any
    problems: tuple[Problem, ...]
    yaml: Optional[YamlFile] = None
    #: The file's stamp when it was read; None where that proves nothing.
    stamp: Optional[Stamp] = None
    #: Whether the record comes from the cache.
    kept: bool = False

    def problem(self, code: str, at: Path_ = (), **details: object) -> Problem:
        """A problem of this file at ``at`` in its YAML; without a line where the file is no YAML."""
        position = self.yaml.position(at) if self.yaml is not None else (0, 0)
        return problem(code, self.path, position, **details)


@dataclass
class Parts:
    """All files of a content folder, in the order of their paths; unchanged files are taken from the last time.

    ``memo``: what was made of some of the files, by what it was made of; whoever makes it chooses the keys.
    """

    root: Path
    by_path: dict[Path, Part] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)
    _kinds: Optional[dict[str, list[Part]]] = field(default=None, repr=False)

    def of_kind(self, kind: str) -> list[Part]:
        """The parts of a kind that were read, in order."""
        if self._kinds is None:
            kinds: dict[str, list[Part]] = {}
            for part in self.by_path.values():
                if part.record is not None:
                    kinds.setdefault(part.kind, []).append(part)
            self._kinds = kinds
        return self._kinds.get(kind, [])

    @property
    def problems(self) -> list[Problem]:
        return [item for part in self.by_path.values() for item in part.problems]

    @property
    def version(self) -> str:
        """A short fingerprint of everything that was read."""
        whole = hashlib.sha256()
        start = len(str(self.root)) + 1
        for path, part in self.by_path.items():
            whole.update(f"{str(path)[start:]}\0{part.digest}\n".encode())
        return whole.hexdigest()[:12]

    def remembered(self, name: Any, key: Any, make: Callable[[], T]) -> T:
        """``make()``, or what it gave the last time for this ``name`` if that was with the same ``key``."""
        known = self.memo.get(name)
        if known is None or known[0] != key:
            known = self.memo[name] = (key, make())
        found: T = known[1]
        return found


def prints(parts: Iterable[Part]) -> tuple[tuple[Path, str], ...]:
    """What files these are and what is in them: the key of whatever follows from them."""
    return tuple((part.path, part.digest) for part in parts)


def kind_of(relative: Path) -> Optional[str]:
    """What a file at this place holds; None for files that are not content (SOURCES.md …)."""
    parts = relative.parts
    if relative.suffix == ".yaml":
        return "unknown"  # staff mean it to be read; silence would hide it
    if relative.suffix not in (".yml", ".csv"):
        return None
    if len(parts) == 1:
        return {"facts.yml": "facts", "regions.yml": "regions", "hotlines.yml": "hotlines",
                "emergencies.yml": "emergencies", "limits.yml": "limits",
                "life_events.yml": "life_events"}.get(parts[0], "unknown")
    if parts[0] in ("topics", "texts", "facts") and relative.suffix == ".yml" and len(parts) == 2:
        return parts[0]
    if parts == ("wechat", "menu.yml"):
        return "menu"
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
    "life_events": schema.LifeEventsFile, "menu": schema.MenuFile, "categories": schema.SiteCategoriesFile,
    "sources": schema.SourcesFile, "topic": schema.TopicFile, "policy": schema.Policy,
    "households": schema.HouseholdsFile,
}
_ROWS: dict[str, Any] = {"places": tuple[schema.Place, ...], "sites": tuple[schema.Site, ...]}


def load_parts(root: Path, previous: Optional[Parts] = None, cache: Optional[PartCache] = None) -> Parts:
    """Read every content file under ``root``; files that did not change are not parsed again.

    Nor are those that ``cache`` knows, whoever parsed them.
    """
    before = previous.by_path if previous is not None and previous.root == root else {}
    found: dict[Path, Part] = {}
    names = {str(path): path for path in before}
    for name, entry in _files(str(root), ""):
        path = names.get(entry.path) or Path(entry.path)
        old = before.get(path)
        try:
            state = entry.stat()
        except OSError:
            state = None  # deleted since it was listed, or a link to nowhere
        stamp = Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino) if state is not None else None
        part = old if old is not None and old.stamp is not None and old.stamp == stamp else \
            _read_part(path, Path(name), stamp, old, cache)
        if part is not None:
            found[path] = part
    if cache is not None and not before:
        cache.tidy(len(found))
    # Mostly the files are the same ones, and their order is known.
    ordered = {path: found[path] for path in before} if found.keys() == before.keys() else _in_order(found)
    return Parts(root, ordered, previous.memo if before and previous is not None else {})


def _in_order(found: dict[Path, Part]) -> dict[Path, Part]:
    """By the parts of their names, as paths are ordered (comparing paths themselves is slow)."""
    return dict(sorted(found.items(), key=lambda item: str(item[0]).split("/")))


def _files(folder: str, inside: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file that is not hidden, by its name from the root."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith((".", "~")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, f"{inside}{entry.name}/")
        elif entry.is_file():
            yield inside + entry.name, entry


def _read_part(path: Path, relative: Path, stamp: Optional[Stamp], old: Optional[Part],
               cache: Optional[PartCache]) -> Optional[Part]:
    """The file as a part: ``old`` where its bytes are the same; None where it is no content or has gone."""
    kind = kind_of(relative)
    if kind is None:
        original = _original(path, relative)
        return Part(path, "", "unknown", None, (problem("E028", path, name=path.name, original=original),)) \
            if original else None
    began = time.time_ns()
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None  # deleted since it was listed
    except OSError as error:
        return Part(path, "", kind, None, (problem("E007", path, detail=error.strerror or type(error).__name__),))
    digest = hashlib.sha256(raw).hexdigest()
    settled = stamp if stamp is not None and began - max(stamp.mtime_ns, stamp.ctime_ns) > _SETTLED_NS else None
    part = old if old is not None and old.digest == digest and old.digest else \
        _kept(path, raw, digest, kind, cache) or _loaded(path, raw, digest, kind)
    if cache is not None and part is not old and part.record is not None and not part.kept:
        cache.put(digest, kind, part.record)
    return replace(part, stamp=settled) if part.stamp != settled else part


def _kept(path: Path, raw: bytes, digest: str, kind: str, cache: Optional[PartCache]) -> Optional[Part]:
    """The part as somebody parsed it before."""
    record_type = _TYPES.get(kind, _ROWS.get(kind))
    record = cache.get(digest, kind, record_type) if cache is not None and record_type is not None else None
    if record is None:
        return None
    text = YamlFile(path, raw.decode("utf-8-sig")) if kind in _TYPES else None
    return Part(path, digest, kind, record, (), text, kept=True)


def would_be(parts: Parts, changed: Mapping[Path, bytes]) -> Parts:
    """``parts`` as they would load if these files held these bytes; nothing is written."""
    found = dict(parts.by_path)
    for path, raw in changed.items():
        kind = kind_of(path.relative_to(parts.root)) or "unknown"
        found[path] = _loaded(path, raw, hashlib.sha256(raw).hexdigest(), kind)
    return Parts(parts.root, _in_order(found), parts.memo)


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
