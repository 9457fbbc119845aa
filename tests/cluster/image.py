"""What the Containerfile puts into the image, laid out in a folder, so that the real processes can run from it.

No container engine is needed: the same files, owned by somebody else and not writable, read by a user without rights.
"""

from __future__ import annotations

import compileall
import os
import pwd
import re
import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
CONTAINERFILE = PROJECT / "deploy" / "Containerfile"
_COPY = re.compile(r"^COPY (?!--from)(.+) (\S+)$", re.MULTILINE)


def copied() -> list[str]:
    """The paths, from the project's folder on, that the image is built from."""
    return [path for paths, _ in _COPY.findall(CONTAINERFILE.read_text(encoding="utf-8")) for path in paths.split()]


def environment() -> dict[str, str]:
    """The environment that the image's last stage sets."""
    last = CONTAINERFILE.read_text(encoding="utf-8").split("\nFROM ")[-1]
    joined = last.replace("\\\n", " ")
    return dict(pair.split("=", 1) for line in re.findall(r"^ENV (.+)$", joined, re.MULTILINE) for pair in line.split())


def lay(folder: Path) -> Path:
    """The image's ``/app`` in ``folder``; what its build makes (packages, model, vectors) is taken from the project."""
    app = folder / "app"
    for name in copied():
        source, target = PROJECT / name, app / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, target)
    for name in ("bot", "actions", "knowledge"):  # as the Containerfile does
        compileall.compile_dir(str(app / name), quiet=1)
    for name in (".venv", "models", ".cache"):
        (app / name).symlink_to(PROJECT / name)
    if os.geteuid() != 0:  # else the processes run as somebody else, and may not write anyway
        for path in app.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o555)
    return app


def without_rights() -> list[str]:
    """What a command begins with to run as the user nobody: it may read everything (the interpreter may lie in a folder
    of root's) and write nothing that is not its own. Empty where the tests themselves are not root's."""
    if os.geteuid() != 0:
        return []
    them = pwd.getpwnam("nobody")
    reads = "-all,+dac_read_search"
    return ["setpriv", f"--reuid={them.pw_uid}", f"--regid={them.pw_gid}", "--clear-groups", f"--inh-caps={reads}",
            f"--ambient-caps={reads}", "--pdeathsig=KILL", "--"]


def give_away(folder: Path) -> None:
    """``folder`` becomes the property of whoever ``without_rights`` runs as."""
    if os.geteuid() == 0:
        them = pwd.getpwnam("nobody")
        os.chown(folder, them.pw_uid, them.pw_gid)
