"""Every sentence that the bot may say is written by staff, and every sentence of staff is said somewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from string import Formatter

import pytest

from actions import rasa_actions
from actions.turn import Turn
from bot.settings import PROJECT
from knowledge.base import Snapshot
from knowledge.texts_needed import TEXTS
from tests.actions.texts_used import SMALL, Use, all_uses, module_text, needed, small_text

USES = sorted(all_uses(), key=lambda use: (use.where, use.key))


def placeholders(wording: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def test_uses_are_found() -> None:
    keys = {use.key for use in USES}
    # one of each way: literal, either-or, composed, variable, parameter of another module
    assert {"error", "no_sites", "open_now", "closed_now", "trust_plan", "same_street", "greet_again", "complain",
            "feedback_bad", "forgotten"} <= keys
    assert len(USES) >= 60


def test_content_is_checked_by_what_the_code_says() -> None:
    found = needed(USES)
    assert dict(TEXTS) == found, "run python -m tests.actions.texts_used"
    written = (PROJECT / "knowledge" / "texts_needed.py").read_text(encoding="utf-8")
    assert written == module_text(found), "run python -m tests.actions.texts_used"
    assert SMALL.read_text(encoding="utf-8") == small_text(found), "run python -m tests.actions.texts_used"


def test_the_apology_holds_without_its_wording(turn: Callable[..., Turn], knowledge: Snapshot) -> None:
    bare = replace(knowledge, texts={key: text for key, text in knowledge.texts.items() if key != "error"})
    assert rasa_actions._apology(turn())["text"] == knowledge.text("error")
    said = rasa_actions._apology(turn(snapshot=bare))
    assert said["custom"]["kind"] == "error" and "12345" in said["text"] and "120" in said["text"]


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.where}-{use.key}")
def test_a_text_exists_and_takes_what_is_filled_in(use: Use, knowledge: Snapshot) -> None:
    assert use.key in knowledge.texts
    for number, wording in enumerate(knowledge.texts[use.key]):
        assert placeholders(wording) <= use.values, wording
        said = knowledge.text(use.key, number, **{name: f"《{name}》" for name in use.values})
        assert all(f"《{name}》" in said for name in placeholders(wording))


def test_nothing_is_filled_in_for_nothing(knowledge: Snapshot) -> None:
    idle = [f"{use.where} {use.key}: {sorted(left)}" for use in USES if use.exact
            if (left := use.values - set().union(*(placeholders(item) for item in knowledge.texts[use.key])))]
    # Either-or calls fill in what one of the two needs.
    shared = {use.where for use in USES if sum(other.where == use.where for other in USES) > 1}
    assert not [item for item in idle if item.split()[0] not in shared]


def test_every_text_is_said_somewhere(knowledge: Snapshot) -> None:
    assert set(knowledge.texts) - {use.key for use in USES} == set()


def test_wordings_of_one_text_differ_and_are_not_empty(knowledge: Snapshot) -> None:
    for key, wordings in knowledge.texts.items():
        assert wordings and all(item.strip() for item in wordings), key
        assert len(set(wordings)) == len(wordings), key
