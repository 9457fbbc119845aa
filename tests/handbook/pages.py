"""Reads a page of the staff handbook as what it tells its reader to do, step by step.

An edit is a line in bold that ends with ``：`` and the block under it; a command is a line of a ``console`` block that
begins with ``$``, with what it prints below. Nothing of a page is repeated anywhere else: tests and pictures follow it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Union

from tests.server.process import PROJECT

HANDBOOK = PROJECT / "docs" / "handbook"
#: Every command of the handbook begins like this.
BOT = [".venv/bin/python", "-m", "bot"]
#: What stands for lines that a page leaves out.
GAP = "……"

_FILE = r"`(?P<file>[^`]+)`"
#: What a line in bold tells to do with the block under it.
_TOLD = {
    "append": re.compile(rf"加到 {_FILE} 的最后："),
    "before": re.compile(rf"在 {_FILE} 里，找到这[一几]行："),
    "after": re.compile(r"(?:改成|错写成)："),
    "create": re.compile(rf"新建 {_FILE}，写上："),
    "delete": re.compile(rf"删掉 {_FILE}。"),
}
_SHOWN: dict[str, Literal["health", "log"]] = {"网页上写着：": "health", "日志里写着：": "log"}
_MASKS = (
    (re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ", re.MULTILINE), ""),
    (re.compile(r"\d+个文件，[\d.]+秒"), "N个文件，N秒"),
    (re.compile(r"(?:，有\d+处提醒)?（N个"), "（N个"),
    (re.compile(r"\d+处提醒"), "N处提醒"),
    (re.compile(r":\d+:\d+: "), ":N:N: "),
    (re.compile(r"（\d+句）"), "（N句）"),
)


class PageError(AssertionError):
    """A page that cannot be followed; the message says where."""


@dataclass(frozen=True)
class Edit:
    """One change of one file: ``old`` becomes ``new``; where ``old`` is empty, ``new`` goes to the end."""

    kind: Literal["append", "replace", "create", "delete"]
    file: str
    old: str
    new: str
    section: str
    line: int

    def apply(self, root: Path) -> None:
        """Do it under ``root``. Raises PageError where the file is not as the page says."""
        path = root / self.file
        if self.kind == "create":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.new, encoding="utf-8")
        elif self.kind == "delete":
            path.unlink()
        else:
            text = path.read_text(encoding="utf-8")
            path.write_text(self._changed(text), encoding="utf-8")

    def _changed(self, text: str) -> str:
        if self.kind == "append":
            return f"{text.rstrip()}\n{self.new}"
        times = text.count(f"\n{self.old}")
        if times != 1:
            raise PageError(f"line {self.line} of the page: in {self.file} this stands {times} times:\n{self.old}")
        return text.replace(f"\n{self.old}", f"\n{self.new}")


@dataclass(frozen=True)
class Command:
    """One command with what the page says it prints."""

    environment: dict[str, str]
    arguments: tuple[str, ...]
    shown: str
    section: str
    line: int


@dataclass(frozen=True)
class Shown:
    """What the page says is to be seen somewhere else than in the terminal."""

    where: Literal["health", "log"]
    text: str
    section: str
    line: int


Step = Union[Edit, Command, Shown]


@dataclass(frozen=True)
class Page:
    name: str
    steps: tuple[Step, ...]

    def sections(self) -> dict[str, list[Step]]:
        """The steps under each heading that has any."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.section, []).append(step)
        return found

    def edits(self, *sections: str) -> list[Edit]:
        """The edits of the sections whose headings begin like these; of the whole page without any."""
        return [step for step in self.steps if isinstance(step, Edit) and
                (not sections or step.section.startswith(sections))]

    def shown(self) -> list[Shown]:
        """What is to be seen elsewhere."""
        return [step for step in self.steps if isinstance(step, Shown)]


def read_page(name: str) -> Page:
    """The page ``docs/handbook/<name>``. Raises PageError where it cannot be followed."""
    return Page(name, tuple(_steps(name, (HANDBOOK / name).read_text(encoding="utf-8").splitlines())))


def _steps(name: str, lines: list[str]) -> Iterator[Step]:
    section, told, before, at = "", "", None, 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("```"):
            end = lines.index("```", at)
            language, block, begin = line[3:], lines[at:end], at
            at = end + 1
            if language == "console":
                yield from _commands(block, section, begin + 1)
            elif language in ("yaml", "csv"):
                match, kind = _what(name, told, begin)
                text = "".join(f"{item}\n" for item in block)
                if kind == "before":
                    before = (match["file"], text)
                elif kind == "after":
                    if before is None:
                        raise PageError(f"{name}:{begin}: it is not said what is changed")
                    yield Edit("replace", before[0], before[1], text, section, begin)
                    before = None
                else:
                    yield Edit("append" if kind == "append" else "create", match["file"], "", text, section, begin)
            elif language == "text" and told in _SHOWN:
                yield Shown(_SHOWN[told], "\n".join(block), section, begin)
            else:
                raise PageError(f"{name}:{begin}: a block of {language or 'nothing'}")
            told = ""
        elif line.startswith("#"):
            section = line.lstrip("# ")
        elif bold := re.fullmatch(r"\*\*(.+[：。])\*\*", line):
            told = bold[1]
            deleted = _TOLD["delete"].fullmatch(told)
            if deleted:
                yield Edit("delete", deleted["file"], "", "", section, at)
        elif line.strip():
            told = ""
    if before is not None:
        raise PageError(f"{name}: the last change has no second half")


def _what(name: str, told: str, line: int) -> tuple[re.Match[str], str]:
    for kind, form in _TOLD.items():
        match = form.fullmatch(told)
        if match:
            return match, kind
    raise PageError(f"{name}:{line}: what is to be done with this block?")


def _commands(block: list[str], section: str, line: int) -> Iterator[Command]:
    starts = [number for number, text in enumerate(block) if text.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        words = shlex.split(block[start][2:])
        environment: dict[str, str] = {}
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        if words[:3] != BOT:
            raise PageError(f"line {line + start}: a command that begins with {' '.join(words[:3])}")
        yield Command(environment, tuple(words[3:]), "\n".join(block[start + 1:end]), section, line + start)


def missing(shown: str, printed: str) -> list[str]:
    """The lines of ``shown`` that are not in ``printed``, times and counts apart.

    Lines follow one another as they are shown; only a line of dots allows others between. Empty lines do not count.
    """
    wanted, real = _plain(shown), _plain(printed)
    at, gap = 0, False
    for number, line in enumerate(wanted):
        if line == GAP:
            gap = True
            continue
        found = real.index(line, at) if line in real[at:] else -1
        if found < 0 or (found > at and not gap):
            return [f"{line!r} (line {number + 1})"]
        at, gap = found + 1, False
    return [] if gap or at == len(real) or not wanted else [f"more was printed: {real[at]!r}"]


def _plain(text: str) -> list[str]:
    for form, instead in _MASKS:
        text = form.sub(instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]
