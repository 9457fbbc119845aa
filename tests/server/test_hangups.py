"""SIGHUP: a wish for a newer model, but where the terminal is gone the end, as for any program in a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

from tests.server.process import PROJECT, within

#: Notes in files (the terminal may be gone) what it hears; argument: the folder.
HEEDING = """
import asyncio, signal, sys, time
from pathlib import Path
from bot import hangups

folder = Path(sys.argv[1])
hangups.heed()
(folder / "heeds").touch()
if sys.argv[2] == "served":
    wishes = []
    async def serve():
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        def wish():
            wishes.append(1)
            (folder / f"wish-{len(wishes)}").touch()
        hangups.hand_over(loop, wish)
        (folder / "serves").touch()
        await ended.wait()
        (folder / "drained").touch()
    while not (folder / "go on").exists():
        time.sleep(0.05)
    asyncio.run(serve())
else:
    while True:
        signal.pause()
"""


def there(path: Path) -> None:
    within(30, lambda: path.exists() or None)


def in_terminal(folder: Path, phase: str) -> tuple[int, int]:
    """The program in the foreground of a terminal of its own: its process and the terminal's other end."""
    pid, other_end = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may do so under nohup
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, "-c", HEEDING, str(folder), phase])
    there(folder / "heeds")
    return pid, other_end


def end_of(pid: int) -> int:
    """The status with which the process ended; it is ended where it does not."""
    try:
        return within(30, lambda: os.waitpid(pid, os.WNOHANG) if os.waitid(
            os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) else None)[1]
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def test_a_service_takes_each_as_a_wish_also_the_one_before_it_served(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HEEDING, str(tmp_path), "served"], cwd=PROJECT,
                               start_new_session=True)
    try:
        there(tmp_path / "heeds")
        process.send_signal(signal.SIGHUP)
        (tmp_path / "go on").touch()
        there(tmp_path / "wish-1")
        there(tmp_path / "serves")
        process.send_signal(signal.SIGHUP)
        there(tmp_path / "wish-2")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()


def test_in_a_terminal_it_is_a_wish_as_long_as_the_terminal_is_there(tmp_path: Path) -> None:
    (tmp_path / "go on").touch()
    pid, other_end = in_terminal(tmp_path, "served")
    there(tmp_path / "serves")
    os.kill(pid, signal.SIGHUP)
    there(tmp_path / "wish-1")
    os.close(other_end)
    there(tmp_path / "drained")
    assert end_of(pid) == 0 and not (tmp_path / "wish-2").exists()


def test_while_it_starts_the_terminals_end_is_its_own(tmp_path: Path) -> None:
    pid, other_end = in_terminal(tmp_path, "starting")
    os.close(other_end)
    status = end_of(pid)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGHUP
