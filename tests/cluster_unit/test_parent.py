"""The parent of ``WORKERS=n``: it starts again who dies, passes signals on, waits for the drain, says how it went."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.services import until

PROJECT = Path(__file__).resolve().parent.parent.parent
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(count: int = 2, farewell_s: float = 20.0, ready: bool = True) -> subprocess.Popen[str]:
        running.append(subprocess.Popen(
            [sys.executable, "-m", "tests.cluster_unit.run_parent", str(tmp_path), str(count), str(farewell_s)],
            cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        if ready:
            assert running[-1].stdout is not None
            assert f"（{count} 个进程" in running[-1].stdout.readline()
        return running[-1]

    yield run
    for one in running:
        family = psutil.Process(one.pid).children(recursive=True) if one.poll() is None else []
        for process in family:
            process.kill()
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


def pid(folder: Path, number: int) -> int:
    path = folder / f"pid-{number}"
    return int(path.read_text() or 0) if path.exists() else 0


def gone(number: int) -> bool:
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_all_and_their_drain_is_waited_for(start: Start, tmp_path: Path, how: signal.Signals) -> None:
    parent = start(3)
    parent.send_signal(how)
    assert parent.wait(30) == 0
    assert len(list(tmp_path.glob("drained-*"))) == 3
    assert all(gone(pid(tmp_path, number)) for number in range(3))


def test_who_dies_is_started_again_and_the_others_stay(start: Start, tmp_path: Path) -> None:
    parent = start(2)
    first, second = pid(tmp_path, 0), pid(tmp_path, 1)
    os.kill(first, signal.SIGKILL)
    until(lambda: pid(tmp_path, 0) not in (0, first), "another one is started")
    assert pid(tmp_path, 1) == second and not gone(second)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 0 and "worker 0 ended with code -9" in parent.communicate()[0]


def test_a_wish_for_a_newer_model_reaches_all_once_also_whoever_starts_later(start: Start, tmp_path: Path) -> None:
    parent = start(2)
    first, second = pid(tmp_path, 0), pid(tmp_path, 1)
    for number in (1, 2):
        parent.send_signal(signal.SIGHUP)
        for process in (first, second):
            until((tmp_path / f"wish-{process}-{number}").exists, "each hears of it")
    os.kill(first, signal.SIGKILL)
    until(lambda: pid(tmp_path, 0) not in (0, first), "another one is started")
    until((tmp_path / f"wish-{pid(tmp_path, 0)}-1").exists, "it is told, too")
    assert len(list(tmp_path.glob("wish-*"))) == 5 and parent.poll() is None
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 0


def test_where_none_can_start_the_parent_ends_with_their_code(start: Start, tmp_path: Path) -> None:
    (tmp_path / "orders-1").write_text("refuse")
    (tmp_path / "orders-0").write_text("refuse")
    assert start(2, ready=False).wait(60) == 3


def test_one_that_refuses_later_is_tried_again(start: Start, tmp_path: Path) -> None:
    start(2)
    (tmp_path / "orders-0").write_text("refuse")
    first = pid(tmp_path, 0)
    os.kill(first, signal.SIGKILL)
    until(lambda: gone(first), "it is gone")
    (tmp_path / "orders-0").unlink()
    until(lambda: pid(tmp_path, 0) != first, "it is started once nothing stands against it")


def test_one_that_does_not_end_is_killed_and_the_code_says_so(start: Start, tmp_path: Path) -> None:
    (tmp_path / "orders-0").write_text("stubborn")
    parent = start(2, farewell_s=1.0)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(30) == 3 and gone(pid(tmp_path, 0)) and gone(pid(tmp_path, 1))


def test_no_worker_outlives_its_parent(start: Start, tmp_path: Path) -> None:
    parent = start(2)
    parent.kill()
    parent.wait(30)
    until(lambda: all(gone(pid(tmp_path, number)) for number in range(2)), "the workers end")
    assert len(list(tmp_path.glob("drained-*"))) == 2  # in good order


def test_a_port_is_one_for_all(start: Start, tmp_path: Path) -> None:
    parent = start(2)
    found = {connection.laddr.port for number in range(2)
             for connection in psutil.Process(pid(tmp_path, number)).net_connections()}
    assert len(found) == 1
    with socket.create_connection(("127.0.0.1", found.pop()), timeout=5):
        assert parent.poll() is None
