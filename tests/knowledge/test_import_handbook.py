"""The handbook's page on lists is followed step by step, with its list, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.settings import settings
from knowledge.base import CONTENT
from knowledge.schema import ImportColumns, ImportMapping
from knowledge.tables import read_sites
from tests.handbook.pages import HANDBOOK, Command, Edit, missing, read_page
from tests.knowledge.import_lists import SMALL

PAGE = "import.md"
EXAMPLES = "docs/handbook/examples"
TEXT = (HANDBOOK / PAGE).read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project folder: small content with Chengdu's gazetteer and all categories, and the examples."""
    content = Path(shutil.copytree(SMALL, tmp_path / "knowledge" / "content"))
    shutil.copy(CONTENT / "places" / "510100.csv", content / "places")
    shutil.copy(CONTENT / "sites" / "categories.yml", content / "sites")
    text = (content / "sites" / "categories.yml").read_text(encoding="utf-8")
    old = "  - {slug: window, name: 办事窗口, field: housing, topics: [rental-subsidy], aliases: [窗口]}\n"
    topics = re.sub(r"topics: \[.*\]", "topics: []", text)  # topics that the small content does not have
    (content / "sites" / "categories.yml").write_text(topics.rstrip() + "\n" + old, encoding="utf-8")
    shutil.copytree(HANDBOOK / "examples", tmp_path / EXAMPLES)
    monkeypatch.setenv("LINLITONG_CONTENT", str(content))
    monkeypatch.setattr(cli, "configure_logging", lambda verbose: None)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def run(command: Command, root: Path) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli.main(list(command.arguments))
    return code, said.getvalue().replace(f"{root}/", "")


def test_the_page_can_be_followed(desk: Path) -> None:
    codes = []
    for step in read_page(PAGE).steps:
        if isinstance(step, Edit):
            step.apply(desk)
        elif isinstance(step, Command):
            code, printed = run(step, desk)
            codes.append(code)
            assert not missing(step.shown, printed), f"{PAGE}:{step.line}\n{printed}"
    assert codes == [0, 1, 1, 0, 0, 0, 0]
    sites = {site.name: site for site in read_sites(desk / "knowledge" / "content" / "sites" / "510100.csv")}
    assert sorted(sites) == [f"示例助餐点{number}" for number in "一三二五四"]
    assert [name for name, site in sites.items() if site.status == "closed"] == ["示例助餐点三"]
    assert sites["示例助餐点二"].phone == "028-86911013" and sites["示例助餐点二"].lng is None


def test_the_filled_mapping_is_what_the_page_makes(desk: Path) -> None:
    steps = read_page(PAGE).steps
    run(next(step for step in steps if isinstance(step, Command)), desk)
    for step in steps:
        if isinstance(step, Edit):
            step.apply(desk)
    made = (desk / EXAMPLES / "canteens.mapping.yml").read_text(encoding="utf-8").splitlines()
    filled = (HANDBOOK / "examples" / "canteens-filled.mapping.yml").read_text(encoding="utf-8").splitlines()
    assert made[1:] == filled[1:]
    schema = filled[0].partition("$schema=")[2]
    assert (HANDBOOK / "examples" / schema).resolve().is_file()


def test_what_the_page_explains_is_there() -> None:
    listed = TEXT.partition("各项是什么")[2].partition("## 3.")[0]
    explained = set(re.findall(r"`([a-z_]+)`", listed))
    fields = {*ImportMapping.__struct_fields__, *ImportColumns.__struct_fields__}
    words = {"gcj02", "bd09", "wgs84", "unchecked", "active"}
    assert explained - words <= fields
    assert set(ImportMapping.__struct_fields__) <= explained


def test_every_option_on_the_page_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["import", "--help"])
    known = capsys.readouterr().out
    assert all(option in known for option in re.findall(r"`?(--[a-z][a-z-]+)", TEXT))
