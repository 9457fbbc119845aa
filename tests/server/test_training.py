"""When the model counts as stale: after changes to what it learns from, never after an edit of content."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rasa.model_training

from bot import training
from bot.settings import PROJECT, settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of everything that training could read."""
    for name in ("bot", "data", "actions"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "knowledge" / "content" / "texts", tmp_path / "knowledge" / "content" / "texts")
    shutil.copy(PROJECT / "knowledge" / "topic_margins.py", tmp_path / "knowledge")
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
    "bot/nlu/masking.py", "bot/nlu/danger.py", "bot/nlu/danger_model.py", "bot/nlu/two_views.py",
    "bot/nlu/topic_learner.py", "knowledge/topic_margins.py",
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
    model = packed(tmp_path / "fresh.tar.gz")
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


# --- a model is whole or it is none -----------------------------------------------------------------


def packed(path: Path) -> Path:
    """Something that is packed as a model is."""
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("metadata.json")
        entry.size = 50_000
        archive.addfile(entry, io.BytesIO(bytes(range(250)) * 200))
    return path


def damaged(path: Path, how: str) -> Path:
    whole = packed(path).read_bytes()
    middle = len(whole) // 2
    broken = {"empty": b"", "half": whole[:middle], "last bytes": whole[:-4], "no archive": b"x" * 500,
              "a bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:]}
    path.write_bytes(broken[how])
    return path


def test_a_whole_model_is_whole(tmp_path: Path) -> None:
    assert training.is_whole(packed(tmp_path / "model.tar.gz"))


@pytest.mark.parametrize("how", ["empty", "half", "last bytes", "no archive", "a bit"])
def test_a_damaged_model_is_trained_again_and_said_so(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str) -> None:
    model = damaged(tmp_path / "model.tar.gz", how)
    assert not training.is_whole(model)
    monkeypatch.setattr(training, "model_path", lambda: model)
    monkeypatch.setattr(training, "train", packed)
    assert training.ensure_model() == model and training.is_whole(model)
    assert "坏了" in capsys.readouterr().out


class Trainer:
    """In the place of Rasa's training: notes the models folder while it works, then packs or fails."""

    def __init__(self, models: Path, fails: str = "") -> None:
        self._models = models
        self._fails = fails
        self.seen: list[str] = []

    def __call__(self, *, output: str, fixed_model_name: str, **_: Any) -> SimpleNamespace:
        made = Path(output) / f"{fixed_model_name}.tar.gz"
        made.write_bytes(b"half a mod")
        self.seen = sorted(path.name for path in self._models.glob("linlitong-*"))
        print("Your Rasa model is trained")
        if self._fails == "raises":
            raise OSError(28, "No space left on device")
        if self._fails == "gives none":
            return SimpleNamespace(model=None, code=1)
        return SimpleNamespace(model=str(packed(made)), code=0)


def test_the_model_appears_whole_and_then_the_older_ones_go(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    packed(tmp_path / "linlitong-old.tar.gz")
    trainer = Trainer(tmp_path)
    monkeypatch.setattr(rasa.model_training, "train", trainer)
    target = tmp_path / "linlitong-new.tar.gz"
    assert training.train(target) == target and training.is_whole(target)
    assert trainer.seen == ["linlitong-old.tar.gz"], "while it trains nothing stands under the new name"
    assert [path.name for path in tmp_path.iterdir()] == ["linlitong-new.tar.gz"]
    said = capsys.readouterr().out
    assert "训练模型" in said and "存模型" in said and "秒" in said and "Rasa" not in said


@pytest.mark.parametrize("how", ["raises", "gives none"])
def test_a_training_that_fails_leaves_the_older_model_and_no_half_one(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    old = packed(tmp_path / "linlitong-old.tar.gz")
    monkeypatch.setattr(rasa.model_training, "train", Trainer(tmp_path, fails=how))
    with pytest.raises((OSError, RuntimeError)):
        training.train(tmp_path / "linlitong-new.tar.gz")
    assert list(tmp_path.iterdir()) == [old]


def test_each_step_is_told_with_amount_and_time() -> None:
    from rasa.engine.training import graph_trainer

    class SentenceVectors:
        pass

    class FinetuningValidator:
        pass

    out = io.StringIO()
    before = graph_trainer.LoggingHook, graph_trainer.TrainingHook
    with training._watched(training.Steps(out)):
        nodes = {"a": SimpleNamespace(uses=SentenceVectors), "b": SimpleNamespace(uses=FinetuningValidator)}
        hook = graph_trainer.LoggingHook(pruned_schema=SimpleNamespace(nodes=nodes))
        for name in nodes:
            made = hook.on_before_node(node_name=name, execution_context=None, config={}, received_inputs={})
            hook.on_after_node(node_name=name, execution_context=None, config={}, input_hook_data=made,
                               output=SimpleNamespace(training_examples=["一"] * 7))
        assert graph_trainer.TrainingHook(cache=None).on_before_node(node_name="a") == {}
    assert (graph_trainer.LoggingHook, graph_trainer.TrainingHook) == before
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 and "算句向量：7 句，0.0 秒" in lines[1]
