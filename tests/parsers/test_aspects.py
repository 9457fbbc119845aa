"""Every sentence of aspects.yml names the aspect written there."""

from __future__ import annotations

import pytest

from bot.nlu.aspects import find_aspect
from tests.parsers.support import load


@pytest.mark.parametrize("text, aspect", load("aspects.yml")["aspects"])
def test_aspect(text: str, aspect: str) -> None:
    assert find_aspect(text) == aspect
