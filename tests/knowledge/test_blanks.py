"""Blanks of sentences: whatever passes can be filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import blanks

ALLOWED = ("who", "policy")


@pytest.mark.parametrize(("text", "said"), [
    ("{who符合", "第1个字“{”没有成对"), ("who}符合", "第4个字“}”没有成对"), ("{{who}", "“}”没有成对"),
    ("{}符合", "没有“{}”这个空"), ("{0}", "没有“{0}”"), ("{who.name}", "没有“{who.name}”"),
    ("{who!r}", "没有“{who!r}”"),
    ("{who:>5}", "没有“{who:>5}”"), ("{polcy}", "没有“{polcy}”这个空（是不是想写“policy”？）"),
    ("{ who}", "没有“{ who}”"),
    ("{who{policy}}", "没有成对"),
])
def test_what_cannot_be_filled_in_is_told(text: str, said: str) -> None:
    assert said in blanks.fault(text, ALLOWED)


@given(st.lists(st.sampled_from(["{who}", "{policy}", "{{", "}}", "{", "}", "who", ":", "!", "您"])).map("".join))
def test_what_passes_can_be_filled_in(text: str) -> None:
    if not blanks.fault(text, ALLOWED):
        assert text.format(who="您", policy="补贴") is not None
        assert set(blanks.names(text)) <= set(ALLOWED)


def test_the_remedy_lists_the_blanks() -> None:
    assert blanks.listed(ALLOWED) == "能填的空：{policy}、{who}"
    assert "没有" in blanks.listed(())
