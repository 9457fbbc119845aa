"""The commands as processes: whatever goes wrong is one Chinese sentence and an exit code, never a traceback."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.settings import CannotServe
from bot.training import ensure_model
from tests.server.process import PROJECT, START_S, free_port

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def command(*arguments: str | bytes, folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """``python -m bot`` with its state in ``folder``; what it prints is in ``stdout``."""
    state = {"LINLITONG_VAR": str(folder / "var"), "PORT": str(free_port())}
    return subprocess.Popen([sys.executable, "-m", "bot", *arguments], cwd=PROJECT, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env={**os.environ, **state, **environment},
                            # A shell that starts the tests in the background makes its children deaf to Ctrl-C.
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def ended(process: subprocess.Popen[bytes], seconds: float = START_S) -> tuple[int, list[str]]:
    """Its exit code and the lines that it printed."""
    try:
        printed, _ = process.communicate(timeout=seconds)
    finally:
        process.kill()
    text = printed.decode("utf-8", errors="replace")
    assert "Traceback" not in text, text
    return process.returncode, text.strip().splitlines()


@pytest.mark.parametrize(("environment", "named"), [
    ({"PORT": "abc"}, "PORT"), ({"PORT": "²"}, "PORT"), ({"HOST": "nowhere.invalid"}, "HOST"),
    ({"LINLITONG_KEEP_HOURS": "0"}, "LINLITONG_KEEP_HOURS"), ({"REGION": "abc"}, "REGION"),
    ({"LINLITONG_VAR": str(PROJECT / "Makefile")}, "LINLITONG_VAR"),
])
def test_a_bad_environment_stops_the_start_in_one_sentence(
        tmp_path: Path, environment: dict[str, str], named: str) -> None:
    code, lines = ended(command("serve", folder=tmp_path, **environment))
    assert code == 3 and len(lines) == 1
    assert lines[0].startswith("不能启动：") and named in lines[0]


def test_a_model_that_cannot_be_loaded_is_a_sentence(tmp_path: Path) -> None:
    # Whole as an archive, but no model: what another version of Rasa would have made.
    from tests.server.test_training import packed

    (tmp_path / "models").mkdir()
    packed(tmp_path / "models" / ensure_model().name)
    code, lines = ended(command("serve", folder=tmp_path, LINLITONG_MODELS=str(tmp_path / "models")))
    assert code == 3
    assert "make train" in lines[-1] and lines[-1].startswith("不能启动：模型")


@pytest.mark.parametrize("after_s", [0.5, 4.0])
def test_ctrl_c_while_it_loads_ends_it_quietly(tmp_path: Path, after_s: float) -> None:
    ensure_model()
    process = command("serve", folder=tmp_path)
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    code, lines = ended(process, 20)
    # Python itself dies of the signal while it starts, before a line of ours is read.
    assert code == 0 or (after_s < 1 and code == -signal.SIGINT)
    assert len([line for line in lines if " INFO " not in line]) <= 1


# --- ask --------------------------------------------------------------------------------------------


def test_ask_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    code, lines = ended(command("ask", b"\xff\xfe", folder=tmp_path))
    assert code == 2 and len(lines) == 1 and CHINESE.search(lines[0])


def test_ask_for_a_region_that_has_no_content(tmp_path: Path) -> None:
    code, lines = ended(command("ask", "--region", "abc", "你好", folder=tmp_path))
    assert code == 3 and len(lines) == 1 and lines[0].startswith("没有成功：--region 要写六位")


def test_a_reader_who_goes_away_ends_it_quietly() -> None:
    program = ("import sys\nfrom bot import cli\n"
               "cli._run = lambda _: print('很长' * 100_000) or print('还有') or 0\nsys.exit(cli.main(['check']))")
    process = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait(60) == 0


# --- sentences and codes, without a process ---------------------------------------------------------


@pytest.mark.parametrize(("error", "code", "told"), [
    (CannotServe("端口 5005 已经有程序在用"), 3, "不能启动：端口 5005 已经有程序在用。"),
    (OSError(28, "No space left on device"), 3, "磁盘满了"),
    (PermissionError(13, "Permission denied", "/x/models"), 3, "/x/models Permission denied"),
    (RuntimeError("训练没有得出模型"), 1, "训练没有得出模型"),
    (KeyError("slug"), 1, "意料之外"),
])
def test_every_failure_has_its_sentence(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int,
        told: str) -> None:
    def fail(_options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["serve"]) == code
    assert told in capsys.readouterr().err


def test_ctrl_c_is_no_failure_whatever_a_library_makes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_options: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    def wrapped(options: argparse.Namespace) -> int:
        try:
            return interrupted(options)
        except KeyboardInterrupt as error:
            raise ImportError("numpy failed to import") from error

    for run in (interrupted, wrapped):
        monkeypatch.setattr(cli, "_run", run)
        assert cli.main(["serve"]) == 0


def test_ctrl_c_where_python_cannot_raise_ends_the_process() -> None:
    program = ("import sys, os, signal, weakref\nfrom bot import cli\nsys.unraisablehook = cli._end_on_interrupt\n"
               "class Thing: pass\nthing = Thing()\n"
               "def gone(_): raise KeyboardInterrupt\nref = weakref.ref(thing, gone)\ndel thing\nprint('went on')")
    done: Any = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
