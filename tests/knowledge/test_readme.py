"""What README tells staff to write passes the very check that it tells them to run."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from bot.settings import PROJECT
from knowledge.assemble import assemble
from knowledge.base import CONTENT, extra_phrases
from knowledge.check import deep_problems
from knowledge.check_households import HOUSEHOLD_DAY
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.errors import MESSAGES
from knowledge.faq import FaqIndex
from knowledge.findings import findings
from knowledge.loader import load_parts

README = (PROJECT / "README.md").read_text(encoding="utf-8")
GUIDE = (PROJECT / "docs" / "content-guide.md").read_text(encoding="utf-8")


def test_the_example_can_be_put_into_the_file_that_is_named(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if not shared_encoder().size:
        pytest.skip("no sentence encoder installed")
    content = Path(shutil.copytree(CONTENT, tmp_path / "content"))
    example = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    named = re.search(r"例如 `knowledge/content/(\S+\.yml)`", README)
    assert example is not None and named is not None
    path = content / named[1]
    faq = textwrap.indent(textwrap.dedent(example[1]), "  ")
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + faq, encoding="utf-8")

    parts = load_parts(content)
    joined = assemble(parts)
    cache = getattr(pytestconfig, "cache", None)
    kept = CachedEncoder(shared_encoder(), Path(cache.mkdir("vectors")) if cache is not None else tmp_path)
    index = FaqIndex(joined.faqs, extra_phrases(joined), content=kept, residents=kept)
    deeper = deep_problems(parts, today=HOUSEHOLD_DAY, assembled=joined, index=index)
    found = findings(parts, [*joined.problems, *deeper])
    assert "cd-not-both" in example[1]
    assert [str(item) for item in found.problems if item.path == path] == []


@pytest.mark.parametrize("text", [README, GUIDE], ids=["README", "guide"])
def test_codes_that_are_explained_exist(text: str) -> None:
    assert set(re.findall(r"\b[EW][01]\d\d\b", text)) <= set(MESSAGES)
