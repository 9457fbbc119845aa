"""The whole server with every door open, as a process of its own; one for all tests of this folder."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import settings
from bot.training import ensure_model
from tests.channels.conftest import serve as serve
from tests.channels.wechat.conftest import wechat as wechat
from tests.channels.wechat.phone import KEY, SAFE, WECOM
from tests.server.process import PROJECT, Server, free_port

#: Sanic takes the caller's address from here, so that the tests can come from many.
ADDRESS = "X-Test-Address"


class Whole(Server):
    """The server."""

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Every (path, method) it has."""
        return [(path, method) for path, method in self._written["routes"]]

    @property
    def loaded(self) -> set[str]:
        """The top names of all modules that were imported when it began to serve."""
        return set(self._written["loaded"])

    @property
    def _written(self) -> dict[str, Any]:
        written: dict[str, Any] = json.loads((self.folder / "routes.json").read_text(encoding="utf-8"))
        return written


def of_all_doors(folder: Path, **more: str) -> Whole:
    """A server that is not started yet, with the web, WeChat, WeCom, the mini-program, cards and receipts."""
    environment = {
        "ROUTES_TO": str(folder / "routes.json"),
        "SANIC_REAL_IP_HEADER": ADDRESS,
        "LINLITONG_NEW_PER_MINUTE": "0",
        "LINLITONG_PUBLIC_URL": "https://linli.example.gov.cn",
        "LINLITONG_ORIGINS": "https://www.example.gov.cn",
        "LINLITONG_WECHAT_TOKEN": SAFE.token,
        "LINLITONG_WECHAT_APPID": SAFE.receive_id,
        "LINLITONG_WECHAT_AES_KEY": KEY,
        "LINLITONG_WECHAT_SECRET": "9f0c1b7ad2e84c55a1b3e6f7089d4c2e",
        "LINLITONG_WECHAT_RIGHTS": "service",
        "LINLITONG_WECOM_TOKEN": WECOM.token,
        "LINLITONG_WECOM_CORPID": WECOM.receive_id,
        "LINLITONG_WECOM_AES_KEY": KEY,
        "LINLITONG_WECHAT_MINI_APPID": "wx0f9e8d7c6b5a4321",
        "LINLITONG_WECHAT_MINI_SECRET": "7c1d5be09a3f4862b1e0d9c8a7f65432",
        # Nobody listens there: a call to WeChat fails at once and goes nowhere.
        "LINLITONG_WECHAT_API": f"http://127.0.0.1:{free_port()}",
        **more,
    }
    (folder / "cache").mkdir(exist_ok=True)
    for vectors in settings().cache.glob("vectors-*"):
        if vectors.is_dir() and not (folder / "cache" / vectors.name).exists():
            shutil.copytree(vectors, folder / "cache" / vectors.name)
    return Whole(
        folder, PROJECT / "knowledge" / "content", environment, (sys.executable, "-m", "tests.security.launcher")
    )


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """The running server."""
    ensure_model()
    server = of_all_doors(tmp_path_factory.mktemp("whole"))
    try:
        server.start()
        yield server
    finally:
        server.kill()
