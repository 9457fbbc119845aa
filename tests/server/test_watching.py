"""Edits are seen: while it serves, while it starts, and under ``rasa run``."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import knowledge_access, watching
from bot.settings import PROJECT, settings
from bot.watching import Watcher, health, signature, watch, watch_beside
from knowledge.base import KnowledgeBase


class Base:
    """In the place of a knowledge base: counts its reloads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reloads = 0

    def reload(self) -> bool:
        self.reloads += 1
        return True


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "510100").mkdir()
    (tmp_path / "510100" / "rent.yml").write_text("a: 1")
    (tmp_path / "places.csv").write_text("name\n")
    return tmp_path


def looks(base: Any, built_from: watching.Signature, count: int = 3) -> Watcher:
    watcher = Watcher(base, built_from)
    for _ in range(count):
        watcher.look()
    return watcher


def test_an_edit_is_loaded_once_it_keeps_still(root: Path) -> None:
    base: Any = Base(root)
    watcher = looks(base, signature(root))
    assert base.reloads == 0
    for size in (2, 3):
        (root / "510100" / "rent.yml").write_text("a: 1" * size)
        watcher.look()
        assert base.reloads == 0, "it may be half written"
    watcher.look()
    watcher.look()
    assert base.reloads == 1


def test_an_edit_made_while_the_base_was_built_is_not_lost(root: Path) -> None:
    before = signature(root)
    (root / "510100" / "rent.yml").write_text("a: 2, edited while it started")
    base: Any = Base(root)
    looks(base, before)
    assert base.reloads == 1


@pytest.mark.parametrize("change", ["new", "deleted", "renamed", "folder gone", ".yaml"])
def test_every_kind_of_edit_counts(root: Path, change: str) -> None:
    before, file = signature(root), root / "510100" / "rent.yml"
    if change == "new":
        (root / "510100" / "meal.yml").write_text("a: 1")
    elif change == "deleted":
        file.unlink()
    elif change == "renamed":
        file.rename(file.with_suffix(".yml.bak"))
    elif change == "folder gone":
        shutil.rmtree(root / "510100")
    else:
        (root / "510100" / "meal.yaml").write_text("a: 1")
    base: Any = Base(root)
    looks(base, before)
    assert base.reloads == 1


def test_what_is_no_content_does_not_count(root: Path) -> None:
    before = signature(root)
    (root / "notes.txt").write_text("x")
    (root / "510100" / ".rent.yml.swp").write_text("x")
    (root / "510100" / ".#rent.yml").symlink_to("nobody@nowhere")
    assert signature(root) == before


def test_a_failing_look_is_tried_again(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    base: Any = Base(root)
    before = signature(root)
    (root / "places.csv").write_text("name\nx\n")
    base.reload = lambda: 1 / 0
    watcher = looks(base, before)
    assert "trying again" in caplog.text
    base.reload = lambda: setattr(base, "reloads", 1)
    watcher.look()
    assert base.reloads == 1


@pytest.mark.parametrize("looked, worked, pause", [
    (0.002, 0.002, watching.EVERY_S), (0.3, 0.005, watching.EVERY_S), (3.0, 0.005, 3.0), (1.0, 0.5, 4.0)])
def test_a_busy_server_looks_as_often_as_an_idle_one(
        root: Path, monkeypatch: pytest.MonkeyPatch, looked: float, worked: float, pause: float) -> None:
    """It rests after work, and after a disk that is slow; not after having waited for its turn."""
    clocks = {"monotonic": 0.0, "thread_time": 0.0}
    monkeypatch.setattr(watching.time, "monotonic", lambda: clocks["monotonic"])
    monkeypatch.setattr(watching.time, "thread_time", lambda: clocks["thread_time"])

    def signed(folder: Path) -> watching.Signature:
        clocks.update(monotonic=looked, thread_time=worked)
        return ()

    monkeypatch.setattr(watching, "signature", signed)
    base: Any = Base(root)
    assert Watcher(base, ()).look() == pytest.approx(pause)


def test_it_goes_on_beside_an_event_loop_and_without_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY_S", 0.02)
    base: Any = Base(root)
    threaded: Any = Base(root)

    async def serve() -> None:
        task = asyncio.create_task(watch(base, signature(root)))
        watch_beside(threaded, signature(root))
        await asyncio.sleep(0.1)
        (root / "places.csv").write_text("name\nedited\n")
        ends = time.monotonic() + 5
        while not (base.reloads and threaded.reloads) and time.monotonic() < ends:
            await asyncio.sleep(0.02)
        task.cancel()

    asyncio.run(serve())
    assert (base.reloads, threaded.reloads) == (1, 1)


# --- the process's base -----------------------------------------------------------------------------


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has not loaded the knowledge base yet."""
    monkeypatch.setattr(knowledge_access, "_base", None)
    monkeypatch.setattr(knowledge_access, "_built_from", ())
    yield


@pytest.mark.parametrize(("command", "watched"), [
    (["/x/.venv/bin/rasa", "run"], True), (["/x/bin/rasa", "run", "actions"], True),
    (["/x/site-packages/rasa/__main__.py", "run", "--enable-api"], True),
    (["/x/site-packages/rasa_sdk/__main__.py", "--actions", "actions"], True),
    (["/x/bin/rasa", "train"], False), (["/srv/bot/__main__.py", "serve"], False),
    (["/x/bin/pytest", "run"], False),
])
def test_the_stock_way_has_its_own_watcher(
        no_base: None, monkeypatch: pytest.MonkeyPatch, command: list[str], watched: bool) -> None:
    seen: list[Any] = []
    made = object()
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(knowledge_access, "KnowledgeBase", lambda *_, **__: made)
    monkeypatch.setattr(knowledge_access, "watch_beside", lambda *given: seen.append(given))
    before: Any = signature(settings().content)
    assert knowledge_access.knowledge_base() is made
    assert knowledge_access.knowledge_base() is made
    assert seen == ([(made, before)] if watched else [])
    assert knowledge_access.built_from() == before


def test_the_signature_is_taken_before_the_content_is_read(
        no_base: None, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signature(root)
    options = type("S", (), {"content": root, "cache": root, "samples": True})()
    monkeypatch.setattr(knowledge_access, "settings", lambda: options)

    def slow(*_: Any, **__: Any) -> object:
        (root / "places.csv").write_text("name\nedited while it is read\n")
        return object()

    monkeypatch.setattr(knowledge_access, "KnowledgeBase", slow)
    knowledge_access.knowledge_base()
    assert knowledge_access.built_from() == before != signature(root)


def test_health_shows_refused_content_by_its_place_in_the_folder(tmp_path: Path) -> None:
    content = tmp_path / "somewhere" / "content"
    shutil.copytree(PROJECT / "knowledge" / "content", content)
    base = KnowledgeBase(content, meaning=False)
    assert "refused" not in health(base)
    (content / "310110" / "elderly-meal.yml").write_text("faqs: [", encoding="utf-8")
    base.reload()
    told = health(base)["refused"]
    assert told[0].startswith("310110/elderly-meal.yml:") and str(tmp_path) not in str(told)
