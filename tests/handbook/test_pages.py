"""Every page of the handbook is followed to the letter: its edits made, its commands run, their words compared."""

from __future__ import annotations

import re

import pytest

from knowledge.errors import MESSAGES
from tests.handbook.pages import HANDBOOK, Command, Edit, missing, read_page
from tests.handbook.workspace import Workspace

#: Pages of one way from the first line to the last; ``read-errors`` has a test of its own.
WALKS = ("add-faq.md", "change-amount.md", "add-place.md", "retire-policy.md", "conflicts-and-plans.md")
OURS = (*WALKS, "read-errors.md", "README.md")


@pytest.mark.parametrize("name", WALKS)
def test_the_page_can_be_followed(name: str, workspace: Workspace) -> None:
    page = read_page(name)
    assert len([step for step in page.steps if isinstance(step, Command)]) >= 2
    for step in page.steps:
        if isinstance(step, Edit):
            step.apply(workspace.root)
        else:
            follow(step, workspace, name)


def follow(command: Command, workspace: Workspace, name: str) -> str:
    code, said = workspace.run(command)
    wrong = missing(command.shown, said)
    assert not wrong, f"{name}:{command.line}: {wrong[0]} is not what was printed:\n{said}"
    assert code == (1 if re.search(r"\b[E]\d{3} |没有成功", command.shown) else 0), said
    return said
