"""Fixtures that several test folders share. The bot is loaded once; its day is fixed, as the test files assume."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.serve import configure_logging, quiet_environment

quiet_environment()
configure_logging()
os.environ["LINLITONG_NOW"] = "2026-11-21T10:30:00"

#: Real PostgreSQL, Redis and nginx, as fixtures.
pytest_plugins = ["tests.support.services", "tests.support.databases"]
TESTS = Path(__file__).resolve().parent
#: What measures time, or starts servers and databases, has the machine to itself; everything else runs in as many
#: processes as there are cores (``make test``).
ALONE = ("browser/", "cluster/", "cluster_unit/", "faults/", "handbook/test_live.py", "observing/", "privacy/",
         "security/", "server/", "state/", "wechat/")
#: These begin first: nothing that takes minutes may be left over for the end. Each is one piece, as each file is.
LONGEST = ("test_understanding.py", "households/", "handbook/")
#: These share files on disk …
TOGETHER = ("widget/",)
#: … and these nothing that is slow to make, so that not even the tests of one file stay together.
SPLIT = ("test_conversations.py", "parsers/")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what runs alone, and what the processes share out."""
    for item in items:
        file = item.path.relative_to(TESTS).as_posix()
        if file.startswith(ALONE):
            item.add_marker("alone")
        elif not file.startswith(SPLIT):
            group = next((one for one in (*LONGEST, *TOGETHER) if file.startswith(one)), file)
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not item.path.relative_to(TESTS).as_posix().startswith(LONGEST))


@pytest.hookimpl(hookwrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, None]:
    """What a test logged may hold half a surrogate pair, which cannot be sent from one test process to another."""
    outcome = yield
    outcome.force_result(_sendable(outcome.get_result()))


def _sendable(data: Any) -> Any:
    if isinstance(data, str):
        return data.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(data, dict):
        return {_sendable(key): _sendable(value) for key, value in data.items()}
    return type(data)(map(_sendable, data)) if type(data) in (list, tuple) else data


@pytest.fixture(scope="session")
def bot() -> Iterator[object]:
    """The whole bot in this process, trained if need be."""
    from bot.asking import load_chat
    from tests.support.driver import Bot

    loop = asyncio.new_event_loop()
    yield Bot(loop.run_until_complete(load_chat()), loop)
    loop.close()
