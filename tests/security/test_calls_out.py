"""Nothing is sent anywhere: no telemetry, no error report, no download, neither at the start nor in a turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.training import ensure_model
from tests.server.process import PROJECT


def apart() -> list[str]:
    """How to run something in a network of its own; skipped, and said so, where that is not allowed."""
    for way in (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]):
        if shutil.which("unshare") and subprocess.run([*way, "true"], capture_output=True).returncode == 0:
            return way
    pytest.skip("no network of one's own is allowed here: that nothing calls out is NOT tested")


def test_the_server_calls_nobody(tmp_path: Path) -> None:
    ensure_model()
    ended = subprocess.run(
        [*apart(), sys.executable, "-m", "tests.security.no_network", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["meant"] >= 2, "a call out would be seen"
    assert told["while it ran"] == 0 and told["answers"] >= 6
