"""The way staff go: draft, change, check, ask, diff, publish; each step by its command."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.server.process import PROJECT
from tests.server.test_cli import command, ended

SMALL = PROJECT / "tests" / "knowledge" / "small_content"
LOCAL = "320100/rental-subsidy.yml"


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """The command on ``folder``'s own content; its exit code and words."""
    code, lines = ended(command(*arguments, folder=folder, LINLITONG_CONTENT=str(folder / "content"),
                                LINLITONG_DRAFT=str(folder / "var" / "draft")))
    return code, "\n".join(lines)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_from_draft_to_published(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "content")
    served, draft = tmp_path / "content" / LOCAL, tmp_path / "var" / "draft" / LOCAL

    code, said = run(tmp_path, "diff")
    assert code == 1 and "python -m bot draft" in said
    code, said = run(tmp_path, "draft")
    assert code == 0 and "bot publish" in said

    change(draft, "aspect: amount", "aspect: price")
    for step in (("check", "--fast", "--draft"), ("diff",), ("publish",)):
        code, said = run(tmp_path, *step)
        assert code == 1 and "E012" in said and "rental-subsidy.yml:22" in said, step
    assert served.read_bytes() == (SMALL / LOCAL).read_bytes()

    change(draft, "aspect: price", "aspect: amount")
    change(draft, "硕士每月800元，本科600元。", "硕士每月800元，学士每月600元。")
    code, said = run(tmp_path, "diff")
    assert code == 0 and "南京租房补贴多少钱？" in said and "没有哪个测试家庭" in said
    assert served.read_bytes() == (SMALL / LOCAL).read_bytes()

    code, said = run(tmp_path, "publish")
    assert code == 0 and LOCAL in said
    assert "学士每月600元" in served.read_text(encoding="utf-8")
    code, said = run(tmp_path, "diff")
    assert code == 0 and "没有不同" in said
