"""Every page of the handbook is followed to the letter: its edits made, its commands run, their words compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.handbook.pages import HANDBOOK, Command, Edit, Page, Shown, Step, missing, read_page
from tests.handbook.workspace import Workspace
from tests.server.process import PROJECT

#: Pages that are one way from the first line to the last.
WALKS = ("add-faq.md", "change-amount.md", "add-place.md", "retire-policy.md", "conflicts-and-plans.md",
         "life-events.md", "receipts.md", "wechat-menu.md")
ERRORS = "read-errors.md"
COMMON_ERRORS = 1 + 10  # the one that shows how to read a line, and ten more
OURS = ("README.md", *WALKS, ERRORS)
MOST_BYTES = 150_000
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def follow(step: Step, workspace: Workspace, page: Page) -> str:
    """Do what the step says; what was printed."""
    if isinstance(step, Edit):
        step.apply(workspace.root)
    if not isinstance(step, Command):
        return ""
    code, said = workspace.run(step)
    wrong = missing(step.shown, said)
    assert not wrong, f"{page.name}:{step.line}: {wrong[0]}; what was printed:\n{said}"
    assert code == (1 if re.search(r" E\d{3} ", step.shown) else 0), said
    return said


@pytest.mark.parametrize("name", WALKS)
def test_the_page_can_be_followed(name: str, workspace: Workspace) -> None:
    page = read_page(name)
    assert len(page.edits()) >= 2
    for step in page.steps:
        said = follow(step, workspace, page)
        if isinstance(step, Command) and step.environment.get("LINLITONG_SAMPLES") == "off":
            assert "示例" not in said


def test_each_error_is_told_where_it_was_made(workspace: Workspace) -> None:
    page = read_page(ERRORS)
    told = 0
    for heading, steps in page.sections().items():
        if any(isinstance(step, Command) for step in steps):
            told += 1
            edit = page.edits(heading)[-1]
            before = (workspace.root / edit.file).read_text(encoding="utf-8")
            printed = [said for said in (follow(step, workspace, page) for step in steps) if said]
            _lines_point_at(heading, edit, before, printed[-1])
            workspace.restore()
    assert told == COMMON_ERRORS


def _lines_point_at(heading: str, edit: Edit, before: str, printed: str) -> None:
    """The code is the heading's, and the lines named are what was written, or from its record's first line on."""
    above = before.split(f"\n{edit.old}")[0] if edit.kind == "replace" else before.rstrip()
    made = above.count("\n") + 2
    first = max((number for number, line in enumerate(above.splitlines(), 1) if line.startswith("  - ")), default=1)
    found = re.findall(rf"^{re.escape(edit.file)}:(\d+):\d+: (E\d{{3}}) ", printed, re.MULTILINE)
    assert found and all(first <= int(line) <= made for line, _ in found), (heading, made, found)
    assert all(code in heading or heading == "一行报错怎么读" for _, code in found), (heading, found)


@pytest.mark.parametrize("name", OURS)
def test_links_and_pictures_are_there(name: str) -> None:
    text = (HANDBOOK / name).read_text(encoding="utf-8")
    targets = [target for target in _LINK.findall(text) if "://" not in target]
    for target in targets:
        path, _, heading = target.partition("#")
        file = HANDBOOK / path if path else HANDBOOK / name
        if path == "import.md" and not file.exists():
            continue  # written by another hand
        assert file.is_file(), target
        if heading:
            assert heading in _anchors(file.read_text(encoding="utf-8")), target


def _anchors(text: str) -> set[str]:
    """The names that GitHub gives to headings."""
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}


def test_every_picture_is_shown_and_small() -> None:
    shown = {Path(target).name for name in (*OURS, "import.md") if (HANDBOOK / name).exists()
             for target in _LINK.findall((HANDBOOK / name).read_text(encoding="utf-8")) if target.endswith(".png")}
    kept = sorted((HANDBOOK / "pictures").glob("*.png"))
    assert [path.name for path in kept if path.name not in shown] == []
    assert [path.name for path in kept if path.stat().st_size > MOST_BYTES] == []


def test_the_index_names_every_page() -> None:
    index = (HANDBOOK / "README.md").read_text(encoding="utf-8")
    assert all(f"({name})" in index for name in (*WALKS, ERRORS, "import.md"))
    assert "docs/handbook" in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert "handbook/README.md" in (PROJECT / "docs" / "content-guide.md").read_text(encoding="utf-8")


# --- the reader of pages itself ----------------------------------------------------------------------


@pytest.mark.parametrize(("shown", "printed", "right"), [
    ("a\nb", "a\n\nb\n", True), ("a\nc", "a\nb\nc", False), ("a\n……\nc", "a\nb\nc", True), ("a", "a\nb", False),
    ("a\n……", "a\nb", True), ("b\na", "a\nb", False), ("x（3个文件，1.5秒）", "x（12个文件，20.1秒）", True),
    ("f.yml:3:4: E1 x", "f.yml:31:44: E1 x", True),
    ("没有错误，有3处提醒（3个文件，1.5秒）", "没有错误（3个文件，1.5秒）", True),
])  # fmt: skip
def test_what_is_shown_is_compared_line_by_line(shown: str, printed: str, right: bool) -> None:
    assert (missing(shown, printed) == []) is right


def test_a_page_is_read_as_edits_and_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.handbook.pages.HANDBOOK", tmp_path)
    (tmp_path / "x.md").write_text("\n".join([
        "# 页", "", "**在 `a.yml` 里，找到这一行：**", "", "```yaml", "  k: 1", "```", "", "**改成：**", "", "```yaml",
        "  k: 2", "```", "", "```console", "$ NOW=1 .venv/bin/python -m bot ask \"甲 乙\"", "答", "```", "",
        "**日志里写着：**", "", "```text", "话", "```"]), encoding="utf-8")
    edit, command, shown = read_page("x.md").steps
    assert isinstance(edit, Edit) and (edit.kind, edit.file, edit.old, edit.new) == (
        "replace", "a.yml", "  k: 1\n", "  k: 2\n")
    assert isinstance(command, Command) and command.arguments == ("ask", "甲 乙")
    assert command.environment == {"NOW": "1"} and command.shown == "答"
    assert isinstance(shown, Shown) and (shown.where, shown.text) == ("log", "话")
    file = tmp_path / "a.yml"
    file.write_text("a:\n  k: 1\n", encoding="utf-8")
    edit.apply(tmp_path)
    assert file.read_text(encoding="utf-8") == "a:\n  k: 2\n"
    with pytest.raises(AssertionError, match="stands 0 times"):
        edit.apply(tmp_path)


@pytest.mark.parametrize("lines", [
    ["```yaml", "k: 1", "```"], ["**改成：**", "```yaml", "k: 1", "```"], ["```python", "1", "```"],
    ["```console", "$ rm -r x", "```"], ["**在 `a` 里，找到这一行：**", "```yaml", "k: 1", "```"],
])  # fmt: skip
def test_a_page_that_cannot_be_followed_is_refused(
        lines: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.handbook.pages.HANDBOOK", tmp_path)
    (tmp_path / "x.md").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(AssertionError):
        read_page("x.md")
