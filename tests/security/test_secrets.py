"""Secrets come from the environment or a file, are refused where they are weak, and are never repeated."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.channels.session import SecretError, load_secret
from bot.channels.wechat.account import official_account
from bot.settings import CannotServe
from tests.channels.wechat.phone import KEY
from tests.server.process import PROJECT

WEAK = (
    "x" * 31,
    "a" * 64,
    "changeme" * 5,
    "0123456789" * 4,
    "abc" * 20,
    "password-password-password-passw",
    "请改成您自己的密钥请改成您自己的密钥",
    "your-secret-key-goes-here-please-change",
    "secret-secret-secret-secret-secret",
    "linlitong-linlitong-linlitong-123",
)


@pytest.mark.parametrize("weak", WEAK)
def test_a_weak_signing_secret_is_refused(weak: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLITONG_SECRET", weak)
    with pytest.raises(SecretError, match="LINLITONG_SECRET") as refused:
        load_secret(tmp_path)
    assert weak not in str(refused.value)


def test_what_programs_draw_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(200):
        for drawn in (os.urandom(32).hex(), os.urandom(24).hex()[:40]):
            monkeypatch.setenv("LINLITONG_SECRET", drawn)
            assert load_secret(tmp_path) == drawn.encode(), number


def test_a_secret_of_a_file_is_made_closed_and_a_weak_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINLITONG_SECRET", raising=False)
    load_secret(tmp_path / "var")
    assert stat.S_IMODE((tmp_path / "var" / "secret").stat().st_mode) == 0o600
    (tmp_path / "var" / "secret").write_bytes(b"a" * 40)
    with pytest.raises(SecretError):
        load_secret(tmp_path / "var")


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("LINLITONG_WECHAT_TOKEN", "abc"),
        ("LINLITONG_WECHAT_TOKEN", "token"),
        ("LINLITONG_WECHAT_TOKEN", "weixin123"),
        ("LINLITONG_WECHAT_TOKEN", "aaaaaaaaaaaaaaaa"),
        ("LINLITONG_WECHAT_AES_KEY", "a" * 43),
    ],
)
def test_a_weak_token_of_wechat_is_refused(name: str, weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {
        "LINLITONG_WECHAT_TOKEN": "q7Rk2mZp9tLw4XcV",
        "LINLITONG_WECHAT_APPID": "wx1234567890abcdef",
        "LINLITONG_WECHAT_AES_KEY": KEY,
        name: weak,
    }.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(CannotServe, match=name) as refused:
        official_account()
    assert f"{weak!r}" not in str(refused.value) or len(weak) < 6


def test_no_secret_stands_in_the_project() -> None:
    """Nothing that looks like a key in any file under version control, but the made-up ones of tests and documents."""
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    looks_like_one = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}"
        r"|(?:SECRET|PASSWORD|AES_KEY)\s*[=:]\s*[\"']?[A-Za-z0-9+/_-]{24,}"
    )
    found = []
    for name in listed:
        path = PROJECT / name
        if name.startswith(("tests/", "requirements/")) or path.suffix not in (
            ".py",
            ".yml",
            ".md",
            ".sh",
            ".toml",
            ".conf",
            "",
        ):
            continue
        if path.is_file() and looks_like_one.search(path.read_text(encoding="utf-8", errors="ignore")):
            found.append(name)
    assert not found


def test_no_secret_is_shown_when_the_start_fails(tmp_path: Path) -> None:
    secrets = {
        "LINLITONG_SECRET": "9b1f6c2e7d8a40539e6b1c0d4f5a7e82",
        "LINLITONG_WECHAT_TOKEN": "q7Rk2mZp9tLw4XcV",
        "LINLITONG_WECHAT_AES_KEY": "kJ8sd7Hq2LmN4pX9vB1cZ6wE3rT5yU0iO7aS8dF2gH4",
    }
    environment = {**os.environ, **secrets, "LINLITONG_VAR": str(tmp_path / "var"), "LINLITONG_WECHAT_MODE": "nonsense"}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        cwd=PROJECT,
        env={**environment, "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 3
    said = ended.stdout + ended.stderr
    assert "不能启动" in said and not any(value in said for value in secrets.values())
