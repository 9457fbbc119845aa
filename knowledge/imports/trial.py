"""One import from end to end: tried out first, carried out only if everything about it is right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import ContentError, Problem
from knowledge.imports.mapping import check_mapping, read_mapping
from knowledge.imports.plan import Options, Plan, make_plan
from knowledge.imports.progress import shown
from knowledge.imports.reading import Sheet, read_list
from knowledge.imports.understanding import RowReader
from knowledge.imports.world import World, load_world
from knowledge.imports.writing import examined, new_files, write_files


@dataclass(frozen=True)
class Trial:
    """What an import would do, and what the content would be after it."""

    world: World
    sheet: Sheet
    plan: Plan
    #: The site files that change → what they would hold.
    files: dict[Path, bytes]
    #: Errors of the content with these files in it, and warnings that it would have anew.
    errors: list[Problem]
    warnings: list[Problem]

    @property
    def at_fault(self) -> bool:
        """Whether the import, and not what was there before it, makes the errors."""
        return any(item.path in self.files for item in self.errors)

    @property
    def sound(self) -> bool:
        """Whether it may be carried out."""
        return not self.errors and not self.plan.blocked


def try_out(path: Path, mapping: Path, root: Path, options: Options, *, today: dt.date) -> Trial:
    """Read the list in ``path`` by its mapping and compare it with the content in ``root``. Writes nothing.

    Raises:
        ContentError: where the list or the mapping cannot be read.
    """
    file = read_mapping(mapping)
    world = load_world(root)
    sheet = read_list(path, sheet=file.mapping.sheet, header_row=file.mapping.header_row, wanted=file.columns)
    found = check_mapping(file, sheet, world)
    if found:
        raise ContentError(found)
    reader = RowReader(file.mapping, sheet, world)
    rows = list(shown(reader, "读名单", len(sheet.frame)))
    plan = make_plan(rows, world.sites, file.mapping, options)
    if reader.unused:
        plan.remarks.append(f"名单里这些栏没有用到：{'、'.join(reader.unused)}；不要的写进对照文件的 ignore")
    files = new_files(plan, world)
    errors, warnings = examined(world, files, today=today) if files else ([], [])
    return Trial(world, sheet, plan, files, errors, warnings)


def carry_out(trial: Trial) -> None:
    """Write what was tried out.

    Raises:
        ValueError: if it is not sound.
        knowledge.imports.writing.Edited: if a file has changed since.
        OSError
    """
    if not trial.sound:
        raise ValueError("the trial is not sound")
    write_files(trial.files, trial.world)
