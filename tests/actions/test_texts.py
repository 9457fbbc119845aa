"""Every sentence that the bot may say is written by staff, and every sentence of staff is said somewhere."""

from __future__ import annotations

from string import Formatter

import pytest

from bot.settings import PROJECT
from knowledge.base import Snapshot
from tests.actions.texts_used import Source, Use

USES = sorted(Source(PROJECT / "actions").uses(), key=lambda use: (use.where, use.key))


def placeholders(wording: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def test_uses_are_found() -> None:
    keys = {use.key for use in USES}
    # one of each way: literal, either-or, composed, variable, parameter of another module
    assert {"error", "no_sites", "open_now", "closed_now", "trust_plan", "same_street", "greet_again", "complain",
            "feedback_bad", "forgotten"} <= keys
    assert len(USES) >= 60


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
