"""``make audit``: what the advisory services say is told, and where nobody could be asked, that is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.process import PROJECT

CLEAN = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'
HOLE = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "TEST-1"}]}]}'


@pytest.mark.parametrize(
    ("python", "npm", "code", "said"),
    [
        (CLEAN, '{"vulnerabilities": {}}', 0, "没有已知漏洞"),
        (HOLE, '{"vulnerabilities": {}}', 1, "a 1：TEST-1"),
        (CLEAN, '{"vulnerabilities": {"b": {"severity": "high"}}}', 1, "b：high"),
        (CLEAN, '{"message": "request failed"}', 2, "没有查成"),
        ("not reached", '{"vulnerabilities": {}}', 2, "没有查成"),
        (HOLE, "", 2, "TEST-1"),
    ],
)
def test_what_is_found_is_told(python: str, npm: str, code: int, said: str, tmp_path: Path) -> None:
    for name, out in (("pip-audit", python), ("npm", npm)):
        (tmp_path / name).write_text(f"#!/bin/sh\ncat <<'END'\n{out}\nEND\nexit 1\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    ended = subprocess.run(
        [sys.executable, "-m", "tools.audit"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert (ended.returncode, said in ended.stdout) == (code, True), ended.stdout
