"""One server for all faults of this folder: a process of its own, its state on a small disk, its content a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import settings
from bot.training import ensure_model
from tests.server.process import PROJECT, Server

NIGHTLY = os.environ.get("NIGHTLY") == "1"
#: Sanic takes the caller's address from here, so that a flood can come from one address and a resident from another.
ADDRESS = "X-Test-Address"
#: What the disk of the conversations holds, bytes; 100,000 turns of the nightly mode take about one gigabyte.
DISK = 4_000_000_000 if NIGHTLY else 48_000_000


class Faulty(Server):
    """``small_disk``: whether its conversations really lie on a disk of their own."""

    small_disk = False

    def memory(self) -> int:
        """Resident memory of the process, bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    """The running server."""
    ensure_model()
    folder = tmp_path_factory.mktemp("faults")
    shutil.copytree(PROJECT / "knowledge" / "content", folder / "content")
    (folder / "cache").mkdir()
    for vectors in settings().cache.glob("vectors-*"):
        if vectors.is_dir():
            shutil.copytree(vectors, folder / "cache" / vectors.name)
    (folder / "var").mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(folder / "var")]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    server = Faulty(
        folder,
        folder / "content",
        {
            "SANIC_REAL_IP_HEADER": ADDRESS,
            "LINLITONG_ADDRESS_PER_MINUTE": "1200",
            "LINLITONG_SESSION_PER_MINUTE": "0",
            "LINLITONG_NEW_PER_MINUTE": "0",
            "LINLITONG_WECHAT_TOKEN": "tokenoftests",
            "LINLITONG_WECHAT_MODE": "plain",
            "LINLITONG_WECHAT_APPID": "wx1234567890abcdef",
        },
    )
    server.small_disk = mounted
    try:
        server.start()
        server.settle()
        yield server
    finally:
        server.kill()
        if mounted:
            subprocess.run(["umount", str(folder / "var")], check=False)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> object:
    """Prints a line of counts that is seen in every run."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    return say
