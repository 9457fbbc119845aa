"""Tokens are ours, whole and in time, or they are refused."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.session import SecretError, Sessions, TokenError, load_secret
from tests.channels.clock import Clock

SECRET = bytes(range(32))


def code_of(sessions: Sessions, token: str) -> str:
    with pytest.raises(TokenError) as caught:
        sessions.verify(token)
    return caught.value.code


def test_an_issued_token_gives_its_session_back() -> None:
    sessions = Sessions(SECRET)
    session, token = sessions.issue("310110")
    assert sessions.verify(token) == session
    assert session.region == "310110"
    assert len(session.id) == 32


def test_session_ids_never_repeat() -> None:
    sessions = Sessions(SECRET)
    assert len({sessions.issue()[0].id for _ in range(500)}) == 500


def test_a_token_ends_with_its_time() -> None:
    clock = Clock()
    sessions = Sessions(SECRET, lifetime_s=60, clock=clock)
    session, token = sessions.issue()
    clock.now += 59
    assert sessions.verify(token) == session
    clock.now += 1
    assert code_of(sessions, token) == "token_expired"


def test_another_secret_refuses_the_token() -> None:
    _, token = Sessions(SECRET).issue()
    assert code_of(Sessions(bytes(32)), token) == "token_invalid"


def test_every_changed_character_spoils_the_token() -> None:
    sessions = Sessions(SECRET)
    _, token = sessions.issue("510100")
    for at, old in enumerate(token):
        for new in ("A", "B", "-", "."):
            if new != old:
                assert code_of(sessions, token[:at] + new + token[at + 1 :]) == "token_invalid"


def test_a_payload_of_ones_own_is_refused() -> None:
    sessions = Sessions(SECRET)
    _, token = sessions.issue()
    payload = base64.urlsafe_b64encode(b'{"s":"' + b"0" * 32 + b'","r":"","x":9999999999}').rstrip(b"=").decode()
    assert code_of(sessions, f"v1.{payload}.{token.rpartition('.')[2]}") == "token_invalid"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600) | st.from_regex(r"v1\.[A-Za-z0-9_=-]{0,80}\.[A-Za-z0-9_=-]{0,60}", fullmatch=True))
def test_junk_is_refused_and_never_breaks_anything(junk: str) -> None:
    assert code_of(Sessions(SECRET), junk) == "token_invalid"


def test_the_secret_is_made_once_and_for_the_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLITONG_SECRET", raising=False)
    first = load_secret(tmp_path / "var")
    file = tmp_path / "var" / "secret"
    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_secret(tmp_path / "var") == first
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_a_secret_open_to_others_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLITONG_SECRET", raising=False)
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o644)
    assert load_secret(tmp_path) == SECRET
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_environment_gives_the_secret_and_a_weak_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLITONG_SECRET", "9b1f6c2e7d8a40539e6b1c0d4f5a7e82")
    assert load_secret(tmp_path) == b"9b1f6c2e7d8a40539e6b1c0d4f5a7e82"
    assert not (tmp_path / "secret").exists()
    monkeypatch.setenv("LINLITONG_SECRET", "password")
    with pytest.raises(SecretError):
        load_secret(tmp_path)
    monkeypatch.delenv("LINLITONG_SECRET")
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(SecretError):
        load_secret(tmp_path)
