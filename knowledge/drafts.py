"""A draft of the content: a copy to work in while the served folder stays as it is, and its way back.

Beside the copy stands ``.draft.json`` with the fingerprint of each file at the time of copying, so that publishing
can tell what the draft changed from what somebody else changed in the served folder meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.loader import kind_of

STAMP = ".draft.json"


class DraftError(RuntimeError):
    """What stands in the way, in one Chinese sentence."""


@dataclass(frozen=True)
class DraftChanges:
    """Files of the draft, relative to it: new or changed, and gone; ``clashes`` changed in the served folder too."""

    written: tuple[str, ...]
    gone: tuple[str, ...]
    clashes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.gone)


def content_files(root: Path) -> Iterator[Path]:
    """Every content file under ``root``, relative to it, in order."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(name.startswith((".", "~")) for name in relative.parts)
        if path.is_file() and not hidden and (kind_of(relative) is not None or path.suffix == ".md"):
            yield relative


def fingerprints(root: Path) -> dict[str, str]:
    """SHA-256 of each content file, by its path from ``root``."""
    return {relative.as_posix(): hashlib.sha256((root / relative).read_bytes()).hexdigest()
            for relative in content_files(root)}


def make_draft(content: Path, draft: Path, *, again: bool = False) -> None:
    """Copy the served content to ``draft``; a draft with unpublished changes is kept unless ``again``."""
    if draft.exists() and any(draft.iterdir()):
        if not (draft / STAMP).is_file():
            raise DraftError(f"{draft} 已经有别的东西，换一个空文件夹")
        if draft_changes(content, draft) and not again:
            raise DraftError("草稿里还有没发布的修改。要接着改就直接改；不要了，就加 --again 重新复制一份")
        shutil.rmtree(draft)
    draft.parent.mkdir(parents=True, exist_ok=True)
    making = draft.with_name(f".{draft.name}.{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    for relative in content_files(content):
        (making / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(content / relative, making / relative)
    (making / STAMP).write_text(json.dumps(fingerprints(making), indent=0, sort_keys=True), encoding="utf-8")
    if draft.exists():
        draft.rmdir()
    making.rename(draft)


def draft_changes(content: Path, draft: Path) -> DraftChanges:
    """What the draft changes, against the content as it was when it was copied."""
    try:
        begun: dict[str, str] = json.loads((draft / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DraftError(f"{draft} 不是草稿（没有 {STAMP}），先运行 .venv/bin/python -m bot draft") from error
    now, served = fingerprints(draft), fingerprints(content)
    written = tuple(name for name, digest in now.items() if begun.get(name) != digest and served.get(name) != digest)
    gone = tuple(name for name in begun if name not in now and name in served)
    clashes = tuple(name for name in (*written, *gone) if served.get(name) != begun.get(name))
    return DraftChanges(written, gone, clashes)


def publish_draft(content: Path, draft: Path, changes: DraftChanges) -> None:
    """Put the draft's files into the served folder, each whole or not at all, and begin the draft anew.

    The caller has checked the draft. New and changed files go first, so that nothing is missing in between.
    """
    if changes.clashes:
        raise DraftError(f"这些文件在您打草稿之后又被别人改过：{'、'.join(changes.clashes)}。"
                         "请把两边的修改合到草稿里，再运行 .venv/bin/python -m bot draft --keep 记下现在的样子")
    for name in changes.written:
        target = content / name
        target.parent.mkdir(parents=True, exist_ok=True)
        making = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(draft / name, making)
        making.replace(target)
    for name in changes.gone:
        (content / name).unlink(missing_ok=True)
    stamp_draft(content, draft)


def stamp_draft(content: Path, draft: Path) -> None:
    """Note the served content as what the draft was begun from."""
    if not (draft / STAMP).is_file():
        raise DraftError(f"{draft} 不是草稿（没有 {STAMP}），先运行 .venv/bin/python -m bot draft")
    (draft / STAMP).write_text(json.dumps(fingerprints(content), indent=0, sort_keys=True), encoding="utf-8")
