"""The settings that a city's processes need: secrets from files, and whose word is taken for an address."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from bot.channels.session import load_secret
from bot.settings import CannotServe, settings


@pytest.fixture(autouse=True)
def read_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINLITONG_SECRET", "LINLITONG_SECRET_FILE", "LINLITONG_PROXIES"):
        monkeypatch.delenv(name, raising=False)


def test_the_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    word = secrets.token_hex(32)
    (tmp_path / "word").write_text(f"{word}\n")
    monkeypatch.setenv("LINLITONG_SECRET_FILE", str(tmp_path / "word"))
    assert load_secret(tmp_path) == word.encode()
    assert os.listdir(tmp_path) == ["word"]  # none was made beside it


@pytest.mark.parametrize("text", ["short\n", "\n", "two words of thirty-two bytes and more\n"])
def test_a_file_without_a_good_secret_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    (tmp_path / "word").write_text(text)
    monkeypatch.setenv("LINLITONG_SECRET_FILE", str(tmp_path / "word"))
    with pytest.raises(CannotServe) as refused:
        load_secret(tmp_path)
    assert text.strip() not in str(refused.value) or not text.strip()


def test_a_secret_is_given_in_one_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "word").write_text(secrets.token_hex(32))
    monkeypatch.setenv("LINLITONG_SECRET", secrets.token_hex(32))
    monkeypatch.setenv("LINLITONG_SECRET_FILE", str(tmp_path / "word"))
    with pytest.raises(CannotServe, match="只能写一个"):
        load_secret(tmp_path)


@pytest.mark.parametrize("raw, proxies", [("", 0), ("0", 0), ("1", 1), ("2", 2)])
def test_nobodys_word_is_taken_without_proxies(monkeypatch: pytest.MonkeyPatch, raw: str, proxies: int) -> None:
    monkeypatch.setenv("LINLITONG_PROXIES", raw)
    assert settings.__wrapped__().proxies == proxies


@pytest.mark.parametrize("raw", ["-1", "on", "10.0.0.1", "10"])
def test_a_wrong_number_of_proxies_is_refused(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("LINLITONG_PROXIES", raw)
    with pytest.raises(CannotServe, match="LINLITONG_PROXIES"):
        settings.__wrapped__()
