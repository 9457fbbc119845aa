"""Trains the model when it is missing, stale or broken. Content edits need no training and do not count."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional, TextIO

from bot.model_trust import check_trusted
from bot.settings import PROJECT, settings

_INPUTS = ("bot/config.yml", "bot/domain.yml", "data", "bot/nlu/classifier.py", "bot/nlu/components.py",
           "bot/nlu/danger.py", "bot/nlu/danger_model.py", "bot/nlu/masking.py", "bot/nlu/topic_learner.py",
           "bot/nlu/two_views.py", "knowledge/topic_margins.py")
#: What the files of our models are called.
MODELS = "linlitong-*.tar.gz"


def fingerprint() -> str:
    """A short digest of everything that the model depends on."""
    whole = hashlib.sha256()
    for name in _INPUTS:
        root = PROJECT / name
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and path.suffix in (".yml", ".py"):
                whole.update(f"{path.relative_to(PROJECT).as_posix()}\0".encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def code() -> dict[str, str]:
    """Digests of the program's files that a model is learnt and read by, by their names in the project."""
    return {name: hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() for name in _INPUTS if name.endswith(".py")}


def model_path() -> Path:
    """Where the model for the present inputs lies (or would lie)."""
    return settings().models / f"linlitong-{fingerprint()}.tar.gz"


def ensure_model(*, force: bool = False) -> Path:
    """The path of a fresh, whole model, trained now if need be. Raises RuntimeError if training gives none.

    Raises CannotServe for one that somebody else may have written.
    """
    path = model_path()
    if not force:
        if not path.exists():
            print("模型还没有或已过时，先训练。", flush=True)
        elif is_whole(path):
            check_trusted(path)
            return path
        else:
            print(f"模型文件 {path.name} 坏了，重新训练。", flush=True)
    return train(path)


def is_whole(path: Path) -> bool:
    """Whether the file is a packed model to its last byte: half a file is what a full disk or a crash leaves."""
    try:
        # Read to the end of the gzip, where its checksum is; tarfile alone stops before it.
        with gzip.open(path) as packed:
            unpacked = io.BytesIO(packed.read())
        with tarfile.open(fileobj=unpacked) as archive:
            return bool(archive.getnames())
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        return False


def train(path: Optional[Path] = None) -> Path:
    """Train and write the model; older models of ours are removed only after the new one is there."""
    target = path or model_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    # Aside first, under its name in one step: whoever starts meanwhile finds a whole model or none.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=target.parent) as folder:
        os.replace(_train_into(Path(folder), Steps()), target)
    for old in target.parent.glob(MODELS):
        if old != target:
            old.unlink(missing_ok=True)
    return target


def _train_into(folder: Path, steps: Steps) -> Path:
    """Let Rasa train; the packed model in ``folder``."""
    import rasa.model_training

    steps.end("装载程序")
    said = io.StringIO()
    # Rasa's own words (English, coloured) are kept for the case that it fails.
    with _watched(steps), contextlib.redirect_stdout(said):
        result = rasa.model_training.train(
            domain=str(PROJECT / "bot" / "domain.yml"),
            config=str(PROJECT / "bot" / "config.yml"),
            training_files=[str(PROJECT / "data")],
            output=str(folder),
            fixed_model_name="model",
            force_training=True,
        )
    made = folder / "model.tar.gz"
    if result.model is None or not made.exists():
        raise RuntimeError(f"训练没有得出模型（代码 {result.code}）：{said.getvalue().strip()}")
    steps.end("存模型", f"{made.stat().st_size / 1e6:.1f} MB")
    return made


# --- what it says meanwhile -------------------------------------------------------------------------

#: Steps of the training graph that are worth a line, by the component's class.
_STEPS = {
    "NLUTrainingDataProvider": "读例句", "SpacyCharacterTokenizer": "分字", "SentenceVectors": "算句向量",
    "KnowledgeReader": "对照知识库", "IntentClassifier": "学意图", "RulePolicy": "学规则",
}


class Steps:
    """One line for each step that is done, with how much there was and how long it took."""

    def __init__(self, out: Optional[TextIO] = None) -> None:
        # Kept: while Rasa trains, sys.stdout is where its own words go.
        self._out = out or sys.stdout
        self._began = self._last = time.monotonic()
        self._say("训练模型，大约要一两分钟：")

    def end(self, step: str, amount: str = "") -> None:
        """The step that began where the last one ended is done."""
        now = time.monotonic()
        told = "，".join(item for item in (amount, f"{now - self._last:.1f} 秒") if item)
        self._say(f"　{step}：{told}（共 {now - self._began:.0f} 秒）")
        self._last = now

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


@contextlib.contextmanager
def _watched(steps: Steps) -> Iterator[None]:
    """Let ``steps`` tell what Rasa's trainer does."""
    from rasa.engine.graph import GraphNodeHook
    from rasa.engine.training import graph_trainer

    class Telling(GraphNodeHook):
        """In the place of Rasa's hook that logs each component."""

        def __init__(self, pruned_schema: Any) -> None:
            self._nodes = pruned_schema.nodes

        def on_before_node(self, node_name: str, execution_context: Any, config: dict[str, Any],
                           received_inputs: dict[str, Any]) -> dict[str, Any]:
            return {}

        def on_after_node(self, node_name: str, execution_context: Any, config: dict[str, Any], output: Any,
                          input_hook_data: dict[str, Any]) -> None:
            step = _STEPS.get(self._nodes[node_name].uses.__name__)
            if step is not None:
                examples = getattr(output, "training_examples", None)
                steps.end(step, f"{len(examples)} 句" if examples else "")

    class Silent(GraphNodeHook):
        """In the place of Rasa's hook that keeps each step's output for a partial training later.

        We always train whole, and its fingerprints of all vectors cost as long again as the training.
        """

        def __init__(self, *_: Any, **__: Any) -> None:
            pass

        def on_before_node(self, *_: Any, **__: Any) -> dict[str, Any]:
            return {}

        def on_after_node(self, *_: Any, **__: Any) -> None:
            pass

    before = graph_trainer.LoggingHook, graph_trainer.TrainingHook
    graph_trainer.LoggingHook, graph_trainer.TrainingHook = Telling, Silent
    try:
        yield
    finally:
        graph_trainer.LoggingHook, graph_trainer.TrainingHook = before
