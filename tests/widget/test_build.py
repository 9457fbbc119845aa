"""dist/widget.js is what src/ builds, small enough, and within the reach of the engines of 2019."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.widget.node import BUILT, WIDGET, run, workshop

LIMIT = 25 * 1024
#: Says whether esbuild, asked for ES2019, has anything to rewrite in the file of the first argument.
LOWERED = """
import { readFileSync } from 'node:fs';
import * as esbuild from 'esbuild';
const code = readFileSync(process.argv[1], 'utf8');
const as = async (target) => (await esbuild.transform(code, { target, charset: 'utf8', logLevel: 'error' })).code;
console.log((await as('es2019')) === (await as('esnext')) ? 'same' : 'newer');
"""


@pytest.fixture(scope="module")
def folder() -> Path:
    return workshop()


def level(folder: Path, file: Path) -> str:
    """``same`` where the file holds no syntax newer than ES2019, else ``newer`` or what esbuild says of it."""
    done = run("node", "--input-type=module", "-e", LOWERED, str(file), folder=folder)
    return done.stdout.strip() or done.stderr


def test_the_built_file_is_what_the_source_builds(folder: Path) -> None:
    done = run("node", "build.mjs", "--check", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_of_the_source_that_was_not_built_is_noticed(folder: Path, tmp_path: Path) -> None:
    """The check above can fail."""
    index = folder / "src" / "index.ts"
    before = index.read_text(encoding="utf-8")
    try:
        index.write_text(before + "\nconsole.log('changed');\n", encoding="utf-8")
        assert run("node", "build.mjs", "--check", folder=folder).returncode == 1
    finally:
        index.write_text(before, encoding="utf-8")


def test_the_types_hold_and_no_library_newer_than_2019_is_called(folder: Path) -> None:
    done = run("npx", "--no-install", "tsc", "--noEmit", "--lib", "ES2019,DOM,DOM.Iterable", folder=folder)
    assert done.returncode == 0, done.stdout


def test_the_syntax_is_of_2019(folder: Path) -> None:
    assert level(folder, BUILT) == "same"


@pytest.mark.parametrize(
    "newer", ["a?.b", "a ?? b", "a ||= b", "1n", "class A { #x = 1 }", "class A { x = 1 }", "/a/v", "/./d"]
)
def test_newer_syntax_would_be_seen(folder: Path, tmp_path: Path, newer: str) -> None:
    file = tmp_path / "newer.js"
    file.write_text(f"let a, b; {newer};", encoding="utf-8")
    assert level(folder, file) != "same"


def test_the_syntax_of_2019_passes(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.js"
    file.write_text("let {a, ...b} = {}; (async () => { for await (const x of y) ; try { } catch { } })(); /./s;")
    assert level(folder, file) == "same"


# --- what needs no Node -----------------------------------------------------------------------------


def test_the_built_file_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9, mtime=0)) <= LIMIT


def test_no_pattern_that_an_iphone_of_2019_refuses() -> None:
    # Safari learnt (?<= and (?<! in 2023; a file with one does not load at all.
    assert not re.search(r"\(\?<[=!]", BUILT.read_text(encoding="utf-8"))


def test_nothing_makes_markup_of_a_string() -> None:
    """No text of the server or the resident can become HTML or code, for nothing here makes any of a string."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src").rglob("*.ts*"))
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|\beval\(|new Function|srcdoc"
    assert re.findall(forbidden, code) == []


def test_our_own_pages_are_small_and_have_nothing_inline() -> None:
    pages = WIDGET / "pages"
    html = [path.read_text(encoding="utf-8") for path in pages.glob("*.html")]
    assert len(html) >= 2
    # The strict CSP lets none of it through.
    assert [text for text in html if re.search(r"<style|\sstyle=|<script>|\son\w+=|javascript:", text)] == []
    assert sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in pages.iterdir()) <= 10_000


def test_every_package_has_its_hash_and_no_host() -> None:
    lock = json.loads((WIDGET / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages and all("integrity" in entry for entry in packages.values())
    assert "resolved" not in json.dumps(lock) and "://" not in re.sub(r'"url": "[^"]+"', "", json.dumps(packages))
