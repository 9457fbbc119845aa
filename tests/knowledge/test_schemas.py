"""The editors' schemas say what the loader's types say, and content files name one that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.base import CONTENT
from tools.make_schemas import FILES, FOLDER, text_of


@pytest.mark.parametrize("name", sorted(FILES))
def test_schema_file_is_what_the_types_say(name: str) -> None:
    written = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert written == text_of(name), "run python -m tools.make_schemas"


def test_every_schema_line_in_content_leads_to_a_schema() -> None:
    lost = [str(path) for path in CONTENT.rglob("*.yml")
            for line in re.findall(r"\$schema=(\S+)", path.read_text(encoding="utf-8"))
            if not (path.parent / Path(line)).resolve().exists()]
    assert not lost


def test_every_file_that_staff_edit_begins_with_its_schema() -> None:
    silent = [path.relative_to(CONTENT).as_posix() for path in sorted(CONTENT.rglob("*.yml"))
              if "yaml-language-server: $schema=" not in path.read_text(encoding="utf-8").splitlines()[0]]
    assert silent == []
