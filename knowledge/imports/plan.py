"""What an import would do: each row compared with the sites that are there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Optional

from knowledge.imports.duplicates import Pair, address_key, entry_of, pairs, plain
from knowledge.imports.progress import shown
from knowledge.imports.understanding import LABELS, POINT, ReadRow
from knowledge.schema import ImportDecision, ImportMapping, Site
from knowledge.tables import cells_of

Kind = Literal["new", "changed", "same", "duplicate", "refused", "skipped", "heading", "missing"]
KINDS: dict[Kind, str] = {
    "refused": "读不懂", "duplicate": "可能重复", "missing": "不在新名单里", "changed": "有变化", "new": "新增",
    "skipped": "不导入", "heading": "说明行", "same": "相同",
}
#: Fields that go with an address: where it changes and the list says nothing of them, they are no longer known.
_OF_THE_ADDRESS = ("district", "street", "community", *POINT)
_SOURCE = ("source_title", "source_publisher", "source_url", "source_date", "trust")


@dataclass(frozen=True)
class Options:
    """What staff chose on the command line."""

    duplicates: Literal["ask", "keep", "skip"] = "ask"
    skip_refused: bool = False
    close_missing: bool = False
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of a site file: what stands there, what will."""

    field: str
    old: str
    new: str


@dataclass(slots=True)
class PlanRow:
    """What becomes of one row of the list, or of a site that is no longer in it (``row`` is None then)."""

    kind: Kind
    row: Optional[ReadRow] = None
    site: Optional[Site] = None
    site_id: str = ""
    changes: tuple[Change, ...] = ()
    reason: str = ""
    #: Whether it stands in the way of ``--apply``.
    blocks: bool = False

    @property
    def name(self) -> str:
        return self.row.name if self.row is not None else (self.site.name if self.site is not None else "")

    @property
    def only_source(self) -> bool:
        """Whether nothing changes but where it was read."""
        return bool(self.changes) and all(change.field in _SOURCE for change in self.changes)


@dataclass
class Plan:
    """Everything an import would do, in the order of the list, sites that are missing from it last."""

    rows: list[PlanRow] = field(default_factory=list)
    #: What staff should know of the whole.
    remarks: list[str] = field(default_factory=list)

    def of(self, kind: Kind) -> list[PlanRow]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def blocked(self) -> list[PlanRow]:
        return [row for row in self.rows if row.blocks]


def make_plan(rows: Iterable[ReadRow], sites: Sequence[Site], mapping: ImportMapping, options: Options) -> Plan:
    """Compare the rows of a list with the sites that are there."""
    return _Planner(list(rows), sites, mapping, options).plan()


class _Planner:
    def __init__(self, rows: list[ReadRow], sites: Sequence[Site], mapping: ImportMapping, options: Options) -> None:
        self._rows, self._sites, self._mapping, self._options = rows, sites, mapping, options
        self._by_id = {site.id: site for site in sites}
        self._listed = [site for site in sites if self._is_of_list(site)]
        self._decisions: dict[str, list[ImportDecision]] = defaultdict(list)
        for decision in mapping.decisions:
            self._decisions[plain(decision.name)].append(decision)
        self._matched: dict[int, Site] = {}
        self._spared: set[str] = set()
        self._ids = _Ids(site.id for site in sites)
        self._plan = Plan()

    def plan(self) -> Plan:
        self._match()
        doubtful = self._doubtful()
        for row in self._rows:
            self._plan.rows.append(self._planned(row, doubtful.get(row.number)))
        self._missing()
        listed = {plain(row.name) for row in self._rows}
        for decision in self._mapping.decisions:
            if plain(decision.name) not in listed:
                self._plan.remarks.append(f"对照文件的 decisions 里有“{decision.name}”，名单里没有")
        return self._plan

    def _is_of_list(self, site: Site) -> bool:
        source = self._mapping.source
        return site.source_publisher == source.publisher and (
            site.source_title == source.title or site.source_title in source.earlier_titles)

    # --- which row is which site ----------------------------------------------------------------

    def _match(self) -> None:
        """By id, else by source, name and address, else by source and name where one of each is left."""
        taken: set[str] = set()

        def match(row: ReadRow, site: Site) -> None:
            self._matched[row.number] = site
            taken.add(site.id)

        for row in self._named_rows():
            site = self._by_id.get(row.cells.get("id", "")) or self._decided(row)
            if site is not None and site.id not in taken:
                match(row, site)
        for form in (lambda name, address: (plain(name), address_key(address)), lambda name, address: (plain(name),)):
            waiting: dict[tuple[str, ...], list[Site]] = defaultdict(list)
            for site in self._listed:
                if site.id not in taken:
                    waiting[form(site.name, site.address)].append(site)
            asking: dict[tuple[str, ...], list[ReadRow]] = defaultdict(list)
            for row in self._named_rows():
                if row.number not in self._matched and not row.cells.get("id"):
                    asking[form(row.name, row.cells.get("address", ""))].append(row)
            for key, rows in asking.items():
                known = waiting.get(key, [])
                if len(key) == 1 and (len(rows) > 1 or len(known) > 1):
                    continue  # of several with one name nobody can tell which is which
                for row, site in zip(rows, known, strict=False):
                    match(row, site)

    def _named_rows(self) -> Iterator[ReadRow]:
        return (row for row in self._rows if row.name and not row.heading)

    def _decided(self, row: ReadRow) -> Optional[Site]:
        return next((self._by_id.get(decision.other) for decision in self._decisions.get(plain(row.name), ())
                     if decision.decision == "same"), None)

    # --- duplicates -----------------------------------------------------------------------------

    def _doubtful(self) -> dict[int, Pair]:
        """The new rows that may be a place that is there, or another row."""
        fresh = [entry_of(("row", row.number), row.cells) for row in self._rows
                 if not row.wrong and not row.heading and row.number not in self._matched]
        if not fresh:
            return {}
        cities = {entry.city for entry in fresh}
        others = [entry_of(("site", site.id), cells_of(site)) for site in self._sites if site.city in cities]
        others = [*others, *(entry_of(("row", row.number), row.cells) for row in self._rows
                             if not row.wrong and row.number in self._matched
                             and self._matched[row.number].name != row.name)]
        found = pairs(fresh, others, progress=lambda blocks: shown(blocks, "查重复", len(blocks)))
        return {int(str(pair.one.key[1])): pair for pair in found}

    def _decision_on(self, pair: Pair) -> Optional[ImportDecision]:
        names = {plain(pair.other.name), plain(str(pair.other.key[1]))}
        return next((decision for decision in self._decisions.get(plain(pair.one.name), ())
                     if plain(decision.other) in names), None)

    # --- rows -----------------------------------------------------------------------------------

    def _planned(self, row: ReadRow, pair: Optional[Pair]) -> PlanRow:
        if row.heading:
            return PlanRow("heading", row, reason="不像一个地点，没有导入")
        if any(decision.decision == "skip" and pair is None for decision in self._decisions.get(plain(row.name), ())):
            return PlanRow("skipped", row, self._matched.get(row.number), reason="对照文件的 decisions 里写了不导入")
        if row.wrong:
            skip = self._options.skip_refused
            return PlanRow("refused", row, self._matched.get(row.number), blocks=not skip,
                           reason="按 --skip-refused 不导入" if skip else "")
        site = self._matched.get(row.number)
        if site is not None:
            return self._of_site(row, site)
        return self._new(row, pair)

    def _of_site(self, row: ReadRow, site: Site) -> PlanRow:
        changes = tuple(_changes(row, site))
        reason = ""
        if site.status == "closed":
            if self._options.reopen:
                changes = (*changes, Change("status", "closed", self._mapping.status))
            else:
                reason = "这里标着已关闭，名单里又有了；确实开着就加 --reopen"
        return PlanRow("changed" if changes else "same", row, site, site.id, changes, reason)

    def _new(self, row: ReadRow, pair: Optional[Pair]) -> PlanRow:
        reason = ""
        if pair is not None:
            reason = self._names_both(pair)
            decision = self._decision_on(pair)
            choice = {"different": "keep", "skip": "skip"}.get(decision.decision, "ask") if decision is not None \
                else self._options.duplicates
            by = "对照文件的 decisions " if decision is not None else f" --duplicates {choice} "
            if choice == "ask":
                return PlanRow("duplicate", row, reason=reason, blocks=True)
            if choice == "skip":
                if pair.other.key[0] == "site":
                    self._spared.add(str(pair.other.key[1]))
                return PlanRow("skipped", row, reason=f"{reason}；按{by}不导入")
            reason = f"{reason}；按{by}保留"
        cells = row.cells | {"id": row.cells.get("id") or self._ids.next(self._prefix(row)),
                             "status": self._mapping.status}
        changes = tuple(Change(name, "", value) for name, value in cells.items() if value)
        return PlanRow("new", row, None, cells["id"], changes, reason)

    def _names_both(self, pair: Pair) -> str:
        other = pair.other
        where = f"（{other.address}）" if other.address else ""
        if other.key[0] == "row":
            return f"和第{other.key[1]}行“{other.name}”{where}可能是同一处：{pair.why}"
        site = self._by_id[str(other.key[1])]
        closed = "，已标关闭" if site.status == "closed" else ""
        return f"和已有的“{other.name}”{where}（{site.id}{closed}）可能是同一处：{pair.why}"

    def _prefix(self, row: ReadRow) -> str:
        if self._mapping.id_prefix:
            return self._mapping.id_prefix
        place = (row.cells.get("district") or row.cells["city"]).split("-")[0]
        return f"{place}-{row.cells['category']}"

    # --- what the list no longer has ------------------------------------------------------------

    def _missing(self) -> None:
        seen = {site.id for site in self._matched.values()} | self._spared
        gone = [site for site in self._listed if site.id not in seen and site.status != "closed"]
        nameless = [row for row in self._rows if row.wrong and not row.name]
        close = self._options.close_missing
        unsure = close and bool(gone) and bool(nameless)
        for site in gone:
            changes = (Change("status", site.status, "closed"),) if close and not unsure else ()
            reason = "同一来源的新名单里没有它" + ("，改成已关闭" if changes else "；确实不办了就加 --close-missing")
            self._plan.rows.append(PlanRow("missing", None, site, site.id, changes, reason, blocks=unsure))
        if unsure:
            self._plan.remarks.append(
                f"第{nameless[0].number}行连名称都读不出，不能断定哪些地点不在名单里，没有标关闭；先改好这一行")


def _changes(row: ReadRow, site: Site) -> Iterator[Change]:
    """The cells of ``site`` that the row changes. What the list leaves empty stays as it is."""
    old = cells_of(site)
    moved = bool(row.cells.get("address")) and bool(old["address"]) \
        and address_key(row.cells["address"]) != address_key(old["address"])
    for name in LABELS:
        if name in ("id", "status", "lnglat"):
            continue
        new = row.cells.get(name, "")
        if not new and not (moved and name in _OF_THE_ADDRESS):
            continue
        if name in ("community", "street", "district") and not new and not moved:
            continue
        if not same_cell(name, old[name], new):
            yield Change(name, old[name], new)


def same_cell(name: str, old: str, new: str) -> bool:
    """Whether two cells say the same."""
    if name in POINT and old and new:
        return round(float(old), 6) == round(float(new), 6)
    return old == new


class _Ids:
    """Numbers for new sites that no site has or had: always after the last."""

    def __init__(self, known: Iterable[str]) -> None:
        self._last: dict[str, int] = defaultdict(int)
        for name in known:
            match = re.match(r"(.+)-(\d{1,9})\Z", name)
            if match:
                self._last[match[1]] = max(self._last[match[1]], int(match[2]))

    def next(self, prefix: str) -> str:
        self._last[prefix] += 1
        return f"{prefix}-{self._last[prefix]:03}"


def counts(plan: Plan) -> Mapping[Kind, int]:
    """How many rows there are of each kind, in the order in which they matter."""
    found = {kind: len(plan.of(kind)) for kind in KINDS}
    return {kind: number for kind, number in found.items() if number}
