"""Programs are watched with their children, and nothing of them is left behind."""

import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.errors import CannotMeasure
from benchmarks.processes import Program, Running, run_timed

#: Starts a child that ignores Ctrl-C and SIGTERM, in a process group of its own; prints its process id.
STUBBORN = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c",
    "import signal,time; [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]; print(1, flush=True); time.sleep(600)"],
    stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def child_of(log: Path) -> int:
    for _ in range(400):
        if log.exists() and log.read_text().strip():
            return int(log.read_text())
        time.sleep(0.05)
    raise AssertionError("the program did not start")


def gone(pid: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_children_in_groups_of_their_own_end_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Running() as running:
        program = Program("p", [sys.executable, "-c", STUBBORN], tmp_path, {}, log)
        running.add(program)
        child = child_of(log)
        assert child in {process.pid for process in program.family()}
        assert running.rss_mb() > 5
    assert gone(child)
    assert program.family() == []


def test_programs_end_when_the_measurement_breaks(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(KeyboardInterrupt), Running() as running:
        running.add(Program("p", [sys.executable, "-c", STUBBORN], tmp_path, {}, log))
        child = child_of(log)
        raise KeyboardInterrupt
    assert gone(child)


def test_a_program_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Running() as running:
        program = Program("the bot", [sys.executable, "-c", "raise SystemExit('no disk')"], tmp_path, {},
                          tmp_path / "log")
        running.add(program)
        program.wait()
        with pytest.raises(CannotMeasure, match=r"the bot ended with code 1(.|\n)*no disk"):
            running.check_alive()


def test_a_timed_program_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="training failed with code 4"):
        run_timed("training", [sys.executable, "-c", "raise SystemExit(4)"], tmp_path, {}, tmp_path / "log")


def test_a_timed_program_gives_its_seconds(tmp_path: Path) -> None:
    assert run_timed("p", [sys.executable, "-c", ""], tmp_path, {}, tmp_path / "log") > 0
