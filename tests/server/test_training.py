"""When the model counts as stale: after changes to what it learns from, never after an edit of content."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import training
from bot.settings import PROJECT, settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of everything that training could read."""
    for name in ("bot", "data", "actions"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "knowledge" / "content" / "texts", tmp_path / "knowledge" / "content" / "texts")
    monkeypatch.setattr(training, "PROJECT", tmp_path)
    return tmp_path


def append(path: Path, text: str = "\n# edited\n") -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_the_copy_has_the_projects_own_fingerprint(project: Path) -> None:
    copied = training.fingerprint()
    assert copied == training.fingerprint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "PROJECT", PROJECT)
        assert training.fingerprint() == copied


@pytest.mark.parametrize("name", [
    "data/nlu/greet.yml", "data/rules.yml", "bot/config.yml", "bot/domain.yml", "bot/nlu/classifier.py",
    "bot/nlu/masking.py",
])
def test_it_changes_with_what_the_model_learns_from(project: Path, name: str) -> None:
    before = training.fingerprint()
    append(project / name)
    assert training.fingerprint() != before


def test_it_changes_when_a_file_comes_goes_or_is_renamed(project: Path) -> None:
    prints = {training.fingerprint()}
    new = project / "data" / "nlu" / "new.yml"
    new.write_text("version: '3.1'\n", encoding="utf-8")
    prints.add(training.fingerprint())
    new.rename(new.with_name("newer.yml"))
    prints.add(training.fingerprint())
    (project / "data" / "nlu" / "greet.yml").unlink()
    prints.add(training.fingerprint())
    assert len(prints) == 4


@pytest.mark.parametrize("name", [
    "knowledge/content/texts/conversation.yml", "actions/service.py", "bot/serve.py", "bot/endpoints.yml",
])
def test_it_does_not_change_with_content_or_what_only_runs(project: Path, name: str) -> None:
    before = training.fingerprint()
    append(project / name)
    assert training.fingerprint() == before


def test_editors_leftovers_do_not_count(project: Path) -> None:
    before = training.fingerprint()
    (project / "data" / "nlu" / "greet.yml.swp").write_text("x", encoding="utf-8")
    (project / "data" / "notes.txt").write_text("x", encoding="utf-8")
    assert training.fingerprint() == before


def test_the_model_is_named_by_it(project: Path) -> None:
    assert training.model_path() == settings().models / f"linlitong-{training.fingerprint()}.tar.gz"


def test_a_fresh_model_is_not_trained_again(
        project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "fresh.tar.gz"
    model.touch()
    trained: list[Path] = []
    monkeypatch.setattr(training, "model_path", lambda: model)

    def train(path: Path) -> Path:
        trained.append(path)
        return path

    monkeypatch.setattr(training, "train", train)
    assert training.ensure_model() == model and not trained
    assert training.ensure_model(force=True) == model and trained == [model]
    model.unlink()
    assert training.ensure_model() == model and trained == [model, model]
