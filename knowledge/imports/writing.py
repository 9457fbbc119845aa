"""Writes a plan into the site files: all of it, or nothing."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

from knowledge.assemble import assemble
from knowledge.check import deep_problems
from knowledge.errors import Problem
from knowledge.findings import Findings, findings
from knowledge.imports.plan import Plan, PlanRow
from knowledge.imports.world import World
from knowledge.loader import Parts, would_be
from knowledge.schema import Site
from knowledge.tables import decoded


class Edited(RuntimeError):
    """Somebody else changed a file in the meantime. The message says which, in Chinese."""


def new_files(plan: Plan, world: World) -> dict[Path, bytes]:
    """The site files that the plan changes → what they would hold."""
    by_file: dict[Path, list[PlanRow]] = {}
    own: dict[str, Path] = {}
    for row in plan.rows:
        if not row.changes:
            continue
        if row.site is not None:
            path = world.file_of(row.site)
        else:
            city = row.row.cells["city"] if row.row is not None else ""
            path = own[city] if city in own else own.setdefault(city, world.new_file(city))
        by_file.setdefault(path, []).append(row)
    return {path: patched(path.read_bytes() if path.exists() else None, rows) for path, rows in by_file.items()}


def patched(raw: Optional[bytes], rows: list[PlanRow]) -> bytes:
    """A site file with the rows' changes; every other cell, and the order, stay as they are.

    UTF-8, with the mark and the ends of lines that it had.
    """
    text = decoded(Path(), raw) if raw else ""
    records = [record for record in csv.reader(io.StringIO(text, newline="")) if record]
    header = [cell.strip() for cell in records[0]] if records else list(Site.__struct_fields__)
    wanted = {change.field for row in rows for change in row.changes if change.new} | {"id"}
    added = [name for name in Site.__struct_fields__ if name in wanted and name not in header]
    header += added
    at = {name: index for index, name in enumerate(header)}
    body = [record + [""] * (len(header) - len(record)) for record in records[1:]]
    by_id = {record[at["id"]].strip(): record for record in body}
    for row in rows:
        record = by_id.get(row.site_id)
        if record is None:
            record = [""] * len(header)
            body.append(record)
        for change in row.changes:
            if change.field in at:
                record[at[change.field]] = change.new
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if "\r\n" in text else "\n")
    writer.writerow(header)
    writer.writerows(body)
    mark = b"\xef\xbb\xbf" if raw and raw.startswith(b"\xef\xbb\xbf") else b""
    return mark + out.getvalue().encode("utf-8")


def examined(world: World, files: Mapping[Path, bytes], *, today: dt.date) -> tuple[list[Problem], list[Problem]]:
    """What ``bot check`` (without sentence vectors) would call errors of the content with these files in it, and what
    it would warn of in these files that it does not warn of now."""
    after = _found(would_be(world.parts, files), today)
    fresh = [item for item in after.warnings if item.path in files]
    if fresh:
        before = {item.message for item in _found(world.parts, today).problems if item.path in files}
        fresh = [item for item in fresh if item.message not in before]
    return after.errors, fresh


def _found(parts: Parts, today: dt.date) -> Findings:
    joined = assemble(parts)
    return findings(parts, [*joined.problems, *deep_problems(parts, today=today, assembled=joined)])


def write_files(files: Mapping[Path, bytes], world: World) -> None:
    """Put the files in place, each in one step; if one cannot be, those before it are put back.

    Raises:
        Edited: where a file is not what it was when the plan was made; nothing is written then.
        OSError
    """
    for path in files:
        known = world.parts.by_path.get(path)
        now = path.read_bytes() if path.exists() else None
        if (known.digest if known is not None else None) != (_digest(now) if now is not None else None):
            raise Edited(f"{path.name} 刚刚被别人改过，没有导入，请再试一次")
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    prepared: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for path, raw in files.items():
            prepared[path] = _prepared(path, raw)
        for path, temporary in prepared.items():
            os.replace(temporary, path)
            done.append(path)
    except BaseException:
        for path in done:
            _put_back(path, before[path])
        raise
    finally:
        for temporary in prepared.values():
            temporary.unlink(missing_ok=True)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _prepared(path: Path, raw: bytes) -> Path:
    """A file beside ``path`` with these bytes, safe on the disk. Names that begin with a dot are no content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def _put_back(path: Path, raw: Optional[bytes]) -> None:
    if raw is None:
        path.unlink(missing_ok=True)
    else:
        os.replace(_prepared(path, raw), path)
