"""What the environment may say, and that anything else is one clear sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.private_files import private_file, private_folder
from bot.serve import address_of, check_region, check_var, claim
from bot.settings import PROJECT, CannotServe, settings

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings are read once a process; here they are read again in each test."""
    for name in ("PORT", "HOST", "REGION", "LINLITONG_KEEP_HOURS", "LINLITONG_VAR"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(("name", "value"), [
    ("PORT", "abc"), ("PORT", "-1"), ("PORT", "0"), ("PORT", "²"), ("PORT", "８０８０"), ("PORT", "65536"),
    ("PORT", "5005.0"), ("PORT", "9" * 5000), ("PORT", "0x10"), ("PORT", "\udcff"),
    ("LINLITONG_KEEP_HOURS", "abc"), ("LINLITONG_KEEP_HOURS", "0"), ("LINLITONG_KEEP_HOURS", "-24"),
    ("LINLITONG_KEEP_HOURS", "nan"), ("LINLITONG_KEEP_HOURS", "99999999"),
    ("LINLITONG_SAMPLES", "yes"), ("LINLITONG_SAMPLES", "1"),
    ("REGION", "abc"), ("REGION", "51010"), ("REGION", "5101000"), ("REGION", "成都"), ("REGION", "５１０１００"),
    ("LINLITONG_ORIGINS", "www.example.cn"), ("LINLITONG_ORIGINS", "https://*.example.cn"),
    ("LINLITONG_ORIGINS", "*,https://www.example.cn"), ("LINLITONG_ORIGINS", "https://www.example.cn/page"),
    ("LINLITONG_ORIGINS", "null"), ("LINLITONG_ORIGINS", "https://a b"), ("LINLITONG_ORIGINS", "ftp://example.cn"),
    ("LINLITONG_FRAME_ANCESTORS", "self"), ("LINLITONG_FRAME_ANCESTORS", "'self'; script-src *"),
    ("LINLITONG_FRAME_ANCESTORS", "'none' https://www.example.cn"), ("LINLITONG_FRAME_ANCESTORS", "example.cn"),
    ("LINLITONG_PUBLIC_URL", "linli.example.cn"), ("LINLITONG_PUBLIC_URL", "https://linli.example.cn/?a=1"),
    ("LINLITONG_PUBLIC_URL", "javascript:alert(1)"), ("LINLITONG_PUBLIC_URL", "https://linli.example.cn/#x"),
    ("LINLITONG_NOW", "yesterday"), ("LINLITONG_NOW", "2026-11-21T10:30:00+08:00"),
])
def test_a_value_that_cannot_be_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotServe) as caught:
        settings()
    told = str(caught.value)
    assert told.startswith(f"{name} 要写") and CHINESE.search(told)
    told.encode("utf-8")


def test_defaults_and_the_ends_of_the_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (settings().port, settings().host, settings().region) == (5005, "127.0.0.1", "510100")
    assert settings().keep_hours == 24 and settings().var == PROJECT / "var"
    for port, hours in (("1", "1"), ("65535", "8760")):
        settings.cache_clear()
        monkeypatch.setenv("PORT", port)
        monkeypatch.setenv("LINLITONG_KEEP_HOURS", hours)
        assert (settings().port, settings().keep_hours) == (int(port), float(hours))


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "HOST", "REGION", "LINLITONG_KEEP_HOURS", "LINLITONG_VAR"):
        monkeypatch.setenv(name, "")
    # An empty HOST would listen on every network card.
    assert (settings().port, settings().host, settings().var) == (5005, "127.0.0.1", PROJECT / "var")


def test_other_sites_are_listed_by_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().origins == () and settings().frame_ancestors == "'self'" and settings().public_url == ""
    settings.cache_clear()
    monkeypatch.setenv("LINLITONG_ORIGINS", "https://www.Example.gov.cn, http://127.0.0.1:8080/ https://[::1]:8443")
    monkeypatch.setenv("LINLITONG_FRAME_ANCESTORS", "'self' https://*.example.gov.cn")
    monkeypatch.setenv("LINLITONG_PUBLIC_URL", "https://linli.example.gov.cn/")
    assert settings().origins == ("https://www.example.gov.cn", "http://127.0.0.1:8080", "https://[::1]:8443")
    assert settings().frame_ancestors == "'self' https://*.example.gov.cn"
    assert settings().public_url == "https://linli.example.gov.cn"


def test_every_site_is_let_in_only_by_a_star_and_that_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LINLITONG_ORIGINS", "*")
    assert settings().origins == ("*",)
    assert "LINLITONG_ORIGINS=*" in caplog.text and CHINESE.search(caplog.text)


# --- the port ---------------------------------------------------------------------------------------


def free_port(host: str) -> int:
    door = claim(host, 0)
    port: int = door.getsockname()[1]
    door.close()
    return port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1"])
def test_a_port_is_held_from_the_first_moment(host: str) -> None:
    port = free_port(host)
    with claim(host, port), pytest.raises(CannotServe, match=f"端口 {port} 已经有程序在用"):
        claim(host, port)
    claim(host, port).close()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a b", "8.8.8.8", "x" * 300, "a..b"])
def test_an_address_that_is_not_this_machine_s_is_refused(host: str) -> None:
    with pytest.raises(CannotServe, match="HOST"):
        claim(host, 50990)


def test_an_address_is_shown_as_it_stands_in_a_url() -> None:
    assert address_of("127.0.0.1", 5005) == "127.0.0.1:5005"
    assert address_of("::1", 5005) == "[::1]:5005"


# --- the folder for conversations -------------------------------------------------------------------


def test_a_good_folder_is_made_and_closed(tmp_path: Path) -> None:
    check_var(tmp_path / "deep" / "var")
    assert (tmp_path / "deep" / "var").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "deep" / "var").iterdir()) == []


def test_a_folder_with_other_people_s_files_is_left_open(tmp_path: Path) -> None:
    ours, shared = tmp_path / "ours", tmp_path / "shared"
    for folder in (ours, shared):
        folder.mkdir()
        folder.chmod(0o755)
        private_file(folder / "web.db")
    (shared / "photos").mkdir()
    private_folder(ours)
    private_folder(shared)
    assert ours.stat().st_mode & 0o777 == 0o700
    assert shared.stat().st_mode & 0o777 == 0o755
    assert (shared / "web.db").stat().st_mode & 0o777 == 0o600


def test_a_file_or_a_broken_database_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotServe, match="LINLITONG_VAR"):
        check_var(tmp_path / "file")
    for name in ("state.db", "conversations.db", "web.db"):
        folder = tmp_path / name.removesuffix(".db")
        folder.mkdir()
        (folder / name).write_bytes(b"this is no database " * 100)
        with pytest.raises(CannotServe, match=f"{name} 坏了"):
            check_var(folder)


# --- the region -------------------------------------------------------------------------------------


def test_a_region_without_content_is_refused_with_those_that_have_some() -> None:
    regions = {"100000": SimpleNamespace(short="全国"), "510100": SimpleNamespace(short="成都")}
    known = SimpleNamespace(regions=regions, knows=lambda region: region.startswith("5101"))
    for region in ("100000", "510100", "510104"):
        check_region(region, known)
    with pytest.raises(CannotServe, match=r"没有地区 999999 的内容.*510100 成都"):
        check_region("999999", known)
