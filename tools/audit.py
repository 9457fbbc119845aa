"""Asks the advisory services whether a known hole is in what we depend on: ``make audit``.

Python's by pip-audit (not one of our dependencies: where it is missing, ``uvx`` runs it), the widget's by npm. Needs
the network. Exit codes: 0 nothing found, 1 something found, 2 nobody could be asked: not the same as nothing found.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
FOUND, UNASKED = 1, 2
TIMEOUT_S = 600.0


def main() -> int:
    """Prints what was found, package by package, and gives the exit code."""
    codes = [_say("Python（requirements/base.lock）", python_holes()), _say("网页组件（bot/widget）", widget_holes())]
    print("哪些旧版本不能换、为什么够不着：docs/threat-model.md 的“旧版本”一节。")
    return UNASKED if UNASKED in codes else max(codes)


def python_holes() -> list[str] | None:
    """One line a hole; None where nobody could be asked."""
    command = ["pip-audit"] if shutil.which("pip-audit") else ["uvx", "pip-audit"]
    told = _json(
        [*command, "--format", "json", "--disable-pip", "--require-hashes", "-r", "requirements/base.lock"], PROJECT
    )
    if told is None or "dependencies" not in told:
        return None
    return [
        f"{package['name']} {package['version']}：{hole['id']}"
        for package in told["dependencies"]
        for hole in package.get("vulns", ())
    ]


def widget_holes() -> list[str] | None:
    """The same for the packages that build the widget (none of them runs on the server)."""
    told = _json(["npm", "audit", "--json", "--package-lock-only"], PROJECT / "bot" / "widget")
    if told is None or "vulnerabilities" not in told:
        return None
    return [f"{name}：{hole.get('severity', '')}" for name, hole in told["vulnerabilities"].items()]


def _json(command: Sequence[str], folder: Path) -> dict[str, Any] | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        # Both end with 1 where they found something.
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S)
        told = json.loads(ended.stdout)
    except (ValueError, OSError, subprocess.TimeoutExpired):
        return None
    return told if isinstance(told, dict) else None


def _say(what: str, holes: list[str] | None) -> int:
    if holes is None:
        print(f"{what}：没有查成（没有 pip-audit / npm，或者连不上漏洞库）。没有查成不等于没有漏洞。")
        return UNASKED
    print(f"{what}：{f'{len(holes)} 个已知漏洞' if holes else '没有已知漏洞'}")
    for line in holes:
        print(f"　{line}")
    return FOUND if holes else 0


if __name__ == "__main__":
    sys.exit(main())
