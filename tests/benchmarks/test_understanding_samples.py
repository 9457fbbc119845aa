"""Made-up results of test sentences, for the tests of benchmarks/understanding."""

from __future__ import annotations

from typing import Any

from benchmarks.understanding.asked import Asked


def asked(text: str = "怎么办理", *, part: str = "tuning", theme: str = "housing", style: str = "plain",
          topic: Any = "a", kinds: tuple[str, ...] = ("faq", "service"), got: tuple[str, ...] = ("faq",),
          answered: tuple[str, ...] = ("a",), mentioned: frozenset[str] = frozenset(), right: bool = True,
          sure: bool = False, likeliest: str = "a", chance: float = 0.9, **more: Any) -> Asked:
    """One result; ``answered`` topics count as mentioned."""
    item = {"text": text, "region": "510100", "style": style, "kinds": list(kinds), "topic": topic, **more}
    return Asked(part=part, theme=theme, item=item, right=right, wrong_and_sure=sure, problems=(), kinds=got,
                 answered=answered, texts=tuple("答" for _ in got),
                 mentioned=mentioned | {name for name in answered if name}, likeliest=likeliest, chance=chance)


def wrong(text: str = "怎么办理", **more: Any) -> Asked:
    """A claim about topic b instead of a."""
    return asked(text, **{"right": False, "sure": True, "answered": ("b",), "likeliest": "b", **more})


def test_a_sample_is_right_wrong_or_abstains() -> None:
    assert [(one.right, one.wrong_and_sure, one.abstained)
            for one in (asked(), wrong(), wrong(sure=False))] == [(True, False, False), (False, True, False),
                                                                  (False, False, True)]
