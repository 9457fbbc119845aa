"""Plays every conversation of tests/conversations through the whole bot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.driver import Bot, play

FOLDER = Path(__file__).parent / "conversations"


def _scripts() -> list[Any]:
    return [pytest.param(script, id=f"{path.stem}:{script['name']}")
            for path in sorted(FOLDER.glob("*.yml"))
            for script in yaml.safe_load(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("script", _scripts())
def test_conversation(bot: Bot, script: dict[str, Any]) -> None:
    found = play(bot, script)
    assert not found, "\n" + "\n".join(found)
