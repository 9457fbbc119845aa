"""The conversation tests once more, through WeChat: a part of them here, all of them with NIGHTLY=1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.driver import Bot
from tests.wechat.talk import ThroughWeChat

FOLDER = Path(__file__).parent.parent / "conversations"
#: Every so manieth conversation of each file, from the first.
STEP = 1 if os.environ.get("NIGHTLY") == "1" else 12


def _scripts() -> list[Any]:
    return [pytest.param(script, id=f"{path.stem}:{script['name']}")
            for path in sorted(FOLDER.glob("*.yml"))
            for script in yaml.safe_load(path.read_text(encoding="utf-8"))[::STEP]]


@pytest.fixture(scope="module")
def through(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThroughWeChat]:
    # The very first turn of a process loads what it needs, for longer than WeChat waits on a busy machine.
    bot.converse("510100").say("您好")
    with ThroughWeChat(bot, tmp_path_factory.mktemp("wechat")) as there:
        yield there


@pytest.mark.parametrize("script", _scripts())
def test_conversation(through: ThroughWeChat, script: dict[str, Any]) -> None:
    found = through.play(script)
    assert not found, "\n" + "\n".join(found)
