"""The widget's build tools in a folder of their own, installed once a lock file; bot/widget is not touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDGET = ROOT / "bot" / "widget"
BUILT = WIDGET / "dist" / "widget.js"
_CACHE = ROOT / ".cache" / "widget"
_PARTS = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "build.mjs", "src", "dist")


def run(*command: str, folder: Path, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end and gives its code, output and errors; raises TimeoutExpired after ``seconds``."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)


def workshop() -> Path:
    """A copy of the widget's source with its packages installed from the lock file.

    Without Node it skips loudly, and fails under CI=true. Fails where npm cannot install.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        reason = "the widget's build was NOT tested: node and npm are not installed (Debian: nodejs npm)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    lock = hashlib.sha256((WIDGET / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = _CACHE / lock
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PARTS:
        there, here = WIDGET / name, folder / name
        if here.is_dir():
            shutil.rmtree(here)
        if there.is_dir():
            shutil.copytree(there, here)
        elif there.exists():
            shutil.copy2(there, here)
    done = folder / "node_modules" / ".installed"
    if not done.exists():
        installed = run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        if installed.returncode:
            pytest.fail("npm ci: " + installed.stderr[-2000:])
        done.touch()
    return folder
