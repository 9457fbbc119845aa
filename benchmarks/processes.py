"""Starts programs, watches their memory and CPU time with all their children, and ends them without leftovers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from benchmarks.errors import CannotMeasure

#: Seconds a program has to end by itself after Ctrl-C, and then after SIGTERM.
PATIENCE_S = 10.0
SAMPLE_EVERY_S = 0.25


def free_port() -> int:
    """A port of the loopback address that nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """One started program; its output goes to ``log``.

    It leads a process group of its own, so that the terminal's Ctrl-C does not reach it before us and so that its
    children end with it.
    """

    def __init__(self, name: str, command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                list(command), cwd=cwd, env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )

    def check_alive(self) -> None:
        """Raises CannotMeasure, with the end of its output, once the program has ended."""
        code = self._process.poll()
        if code is not None:
            raise CannotMeasure(f"{self.name} ended with code {code}. The end of its output:\n{self.tail()}")

    def wait(self) -> int:
        """Waits until the program ends by itself; gives its exit code."""
        return self._process.wait()

    def tail(self, lines: int = 15) -> str:
        """The last lines of its output."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def family(self) -> list[psutil.Process]:
        """The process and all its descendants; empty once it has ended."""
        try:
            first = psutil.Process(self._process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """Ctrl-C, then SIGTERM, then SIGKILL; at the end nothing of it is left."""
        family = self.family()
        for number in (signal.SIGINT, signal.SIGTERM):
            if self._process.poll() is None:
                self._signal(number)
                try:
                    self._process.wait(PATIENCE_S)
                except subprocess.TimeoutExpired:
                    continue
        self._signal(signal.SIGKILL)
        for process in family:
            # psutil compares the start time too, so a process id that was given anew is safe.
            if process.pid != self._process.pid and process.is_running():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


class Running:
    """The programs of one system; a context manager that ends them whatever happens."""

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def add(self, program: Program) -> None:
        """Puts a started program under this roof."""
        self.programs.append(program)

    def check_alive(self) -> None:
        """Raises CannotMeasure when one of the programs has ended."""
        for program in self.programs:
            program.check_alive()

    def rss_mb(self) -> float:
        """Resident memory of all programs with their children, MiB."""
        return sum(_rss(process) for program in self.programs for process in program.family()) / 2**20

    def largest_mb(self) -> float:
        """Resident memory of the largest process of all programs, MiB."""
        return max((_rss(process) for program in self.programs for process in program.family()), default=0) / 2**20

    def cpu_s(self) -> float:
        """CPU time used so far by all programs with their children, seconds."""
        return sum(_cpu(process) for program in self.programs for process in program.family())

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self.programs):
            program.stop()


class PeakMemory:
    """Samples the memory of running programs in a thread, MiB: the largest sum seen, and the largest one process."""

    def __init__(self, running: Running) -> None:
        self.mb = self.process_mb = 0.0
        self._running = running
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._over.is_set():
            self.mb = max(self.mb, self._running.rss_mb())
            self.process_mb = max(self.process_mb, self._running.largest_mb())
            self._over.wait(SAMPLE_EVERY_S)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()


def run_timed(name: str, command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> float:
    """Runs a program to its end; gives the seconds it took.

    Raises:
        CannotMeasure: when it fails, with the end of its output.
    """
    began = time.perf_counter()
    with Running() as running:
        program = Program(name, command, cwd, env, log)
        running.add(program)
        code = program.wait()
    if code:
        raise CannotMeasure(f"{name} failed with code {code}. The end of its output:\n{program.tail()}")
    return time.perf_counter() - began


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
