"""What staff and engineers bring along: content, lists, models. Nothing of it may run, or fill the memory."""

from __future__ import annotations

import ast
import io
import os
import pickle
import resource
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot.channels.session import SecretError, load_secret
from bot.model_trust import check_trusted
from bot.settings import CannotServe
from bot.training import fingerprint
from knowledge.errors import ContentError, Problem
from knowledge.imports.reading import read_list
from knowledge.yamlfile import read_yaml
from tests.server.process import PROJECT

PACKAGES = ("bot", "actions", "knowledge")
#: Calls that would run what they read, or a shell.
_BANNED = {
    "eval",
    "exec",
    "yaml.load",
    "yaml.full_load",
    "yaml.unsafe_load",
    "pickle.load",
    "pickle.loads",
    "joblib.load",
    "marshal.loads",
    "shelve.open",
    "os.system",
    "os.popen",
    "tempfile.mktemp",
    "tarfile.extractall",
    "numpy.fromregex",
    "ElementTree.fromstring",
    "ElementTree.parse",
    "minidom.parse",
    "pandas.read_pickle",
    "pd.read_pickle",
}


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]


def test_nothing_of_ours_runs_what_it_reads() -> None:
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in _BANNED or any(word.arg == "shell" for word in node.keywords):
                    found.append(f"{path.relative_to(PROJECT)}:{node.lineno} {called}")
                if called == "np.load" and not any(
                        word.arg == "allow_pickle" and ast.unparse(word.value) == "False" for word in node.keywords):
                    found.append(f"{path.relative_to(PROJECT)}:{node.lineno} {called} that may unpickle")
    assert not found


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "a: &x {b: 1}\nc:\n  <<: *x\n",
        "a: !!python/object/apply:os.system ['touch pwned']\n",
        "a: !!python/name:os.system\n",
        "[" * 30_000,
        "a: 1\na: 2\n",
        "? [a]\n: " * 20_000,
        "- " * 50_000,
        "{" * 5_000,
    ],
    ids=["laughs", "merge", "apply", "name", "deep", "twice", "complex keys", "dashes", "braces"],
)
def test_a_yaml_bomb_is_a_problem_at_a_place_or_a_plain_text(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = read_yaml(tmp_path / "x.yml", text.encode())
    if not isinstance(read, Problem):
        assert "!!python" in text and isinstance(read.data["a"], (str, list, type(None))), "a tag means nothing"
    assert list(tmp_path.iterdir()) == []


def bomb(path: Path, unpacked: int) -> None:
    """A sound workbook whose one sheet is mostly spaces, some kilobytes packed."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["名称", "地址"])  # type: ignore[union-attr]
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for item in given.infolist():
            with made.open(item.filename, "w", force_zip64=True) as target:
                target.write(given.read(item))
                for _ in range(unpacked // 10_000_000 if item.filename.endswith("sheet1.xml") else 0):
                    target.write(b" " * 10_000_000)


def test_a_zip_bomb_is_no_list(tmp_path: Path) -> None:
    bomb(tmp_path / "bomb.xlsx", 600_000_000)
    assert (tmp_path / "bomb.xlsx").stat().st_size < 6_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ContentError, match="太大"):
        read_list(tmp_path / "bomb.xlsx")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize("entity", ["internal", "external"])
def test_entities_in_a_workbook_are_not_followed(entity: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("欧阳石榴", encoding="utf-8")
    bomb(tmp_path / "plain.xlsx", 0)
    declared = {
        "internal": '<!ENTITY a "'
        + "x" * 1000
        + '">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)),
        "external": f'<!ENTITY i SYSTEM "file://{tmp_path}/secret.txt">',
    }[entity]
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as given, zipfile.ZipFile(tmp_path / "x.xlsx", "w") as made:
        for item in given.infolist():
            data = given.read(item)
            if item.filename.endswith(("sheet1.xml", "sharedStrings.xml")):
                head, _, rest = data.partition(b"?>") if data.startswith(b"<?xml") else (b"", b"", data)
                data = (
                    (head + b"?>" if head else b"")
                    + f"<!DOCTYPE x [{declared}]>".encode()
                    + rest.replace("名称".encode(), b"&i;")
                )
            made.writestr(item.filename, data)
    try:
        shown = str(read_list(tmp_path / "x.xlsx"))
    except ContentError as error:
        shown = str(error)
    assert "欧阳石榴" not in shown and len(shown) < 100_000


# --- models -----------------------------------------------------------------------------------------


def archive(path: Path, names: list[str], links: Sequence[tuple[str, str]] = ()) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 5
            packed.addfile(member, io.BytesIO(b"pwned"))
        for name, to in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, to
            packed.addfile(member)
    return path


@pytest.mark.parametrize(
    ("names", "links"),
    [
        (["../pwned"], []),
        (["components/../../pwned"], []),
        (["/tmp/linlitong-pwned"], []),
        (["out/pwned"], [("out", "..")]),
    ],
)
def test_a_model_cannot_write_outside_its_folder(
    names: list[str], links: list[tuple[str, str]], tmp_path: Path
) -> None:
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    model = archive(tmp_path / "model.tar.gz", names, links)
    with pytest.raises(Exception):  # noqa: B017 - tarsafe's own kind, or that it is no model
        LocalModelStorage.from_model_archive(inside, model)
    assert not list(tmp_path.rglob("pwned")) and not Path("/tmp/linlitong-pwned").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_model_of_somebody_else_is_not_loaded(which: str, tmp_path: Path) -> None:
    model = archive(tmp_path / "model.tar.gz", ["x"])
    check_trusted(model)
    os.chown(model if which == "file" else tmp_path, 65534, 65534)
    with pytest.raises(CannotServe, match="别的用户"):
        check_trusted(model)


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_model_that_everybody_may_write_is_not_loaded(which: str, tmp_path: Path) -> None:
    model = archive(tmp_path / "model.tar.gz", ["x"])
    (model if which == "file" else tmp_path).chmod(0o666 if which == "file" else 0o777)
    with pytest.raises(CannotServe, match="谁都能改"):
        check_trusted(model)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, ("touch pwned-by-pickle",))


def test_a_start_refuses_such_a_model_before_anything_in_it_runs(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    raw = pickle.dumps(_Evil())
    with tarfile.open(models / f"linlitong-{fingerprint()}.tar.gz", "w:gz") as packed:
        member = tarfile.TarInfo("components/train_IntentClassifier4/intents.npz")
        member.size = len(raw)
        packed.addfile(member, io.BytesIO(raw))
    models.chmod(0o777)
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "train"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "LINLITONG_MODELS": str(models)},
    )
    assert ended.returncode == 3 and "谁都能改" in ended.stderr and "Traceback" not in ended.stderr
    assert not (PROJECT / "pwned-by-pickle").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_secret_that_another_user_put_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLITONG_SECRET", raising=False)
    (tmp_path / "secret").write_bytes(os.urandom(32))
    os.chown(tmp_path / "secret", 65534, 65534)
    with pytest.raises(SecretError, match="别的用户"):
        load_secret(tmp_path)
