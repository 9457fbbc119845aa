"""One workspace for all pages; each test finds it as it was copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import settings
from tests.handbook.workspace import Workspace
from tests.support.driver import Bot


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the vectors that are known already."""
    cache = tmp_path_factory.mktemp("handbook") / "cache"
    cache.mkdir()
    for known in settings().cache.glob("vectors-*"):
        if known.is_dir():
            shutil.copytree(known, cache / known.name)
    return cache


@pytest.fixture(scope="session")
def whole_workspace(bot: Bot, vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("handbook"), bot._chat, bot._loop, vectors)


@pytest.fixture
def workspace(whole_workspace: Workspace) -> Iterator[Workspace]:
    whole_workspace.restore()
    yield whole_workspace
    whole_workspace.restore()
