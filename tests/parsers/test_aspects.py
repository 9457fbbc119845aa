"""Every sentence of aspects.yml names the aspect written there, or asks for nothing but a verdict."""

from __future__ import annotations

import pytest

from bot.nlu.aspects import find_aspect, nothing_but_a_verdict
from tests.parsers.support import load


@pytest.mark.parametrize("text, aspect", load("aspects.yml")["aspects"])
def test_aspect(text: str, aspect: str) -> None:
    assert find_aspect(text) == aspect


@pytest.mark.parametrize("text", load("aspects.yml")["verdicts"])
def test_nothing_but_a_verdict(text: str) -> None:
    assert nothing_but_a_verdict(text)


@pytest.mark.parametrize("text", load("aspects.yml")["not_only_verdicts"])
def test_more_than_a_verdict(text: str) -> None:
    assert not nothing_but_a_verdict(text)
