"""The server does without TensorFlow, and whoever needs it is told so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot import sparing
from bot.settings import PROJECT


def alone(code: str) -> str:
    """What ``code`` prints in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_rasa_is_imported_whole_without_tensorflow() -> None:
    assert alone(
        "from bot.sparing import spare_tensorflow, Spared; assert spare_tensorflow() and spare_tensorflow()\n"
        "import rasa.core.agent, rasa.core.run, rasa.model_training, rasa.engine.recipes.default_components, sys\n"
        "import tensorflow as tf\n"
        "from rasa.nlu.classifiers.diet_classifier import DIETClassifier\n"
        "try: tf.constant(1)\n"
        "except Spared as error: said = str(error)\n"
        "real = [name for name, module in sys.modules.items() if name.split('.')[0] in ('tensorflow', 'keras')\n"
        "        and getattr(module, '__file__', None)]\n"
        "print('tensorflow.constant' in said, real)"
    ) == "True []"


def test_it_stays_where_it_is_loaded_already() -> None:
    assert alone(
        "import sys, types; sys.modules['tensorflow'] = types.ModuleType('tensorflow')\n"
        "from bot.sparing import spare_tensorflow; print(spare_tensorflow())") == "False"


@pytest.mark.parametrize(("config", "light"), [
    ("pipeline: [{name: bot.nlu.components.Normaliser}]\npolicies: [{name: RulePolicy}]", True),
    ("pipeline: [{name: bot.nlu.danger.A}, {name: DIETClassifier}]\npolicies: [{name: RulePolicy}]", False),
    ("pipeline: [{name: bot.nlu.components.Normaliser}]\npolicies: [{name: TEDPolicy}]", False),
])
def test_a_pipeline_that_may_need_it_keeps_it(config: str, light: bool, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "config.yml").write_text(config, encoding="utf-8")
    monkeypatch.setattr(sparing, "PROJECT", folder.parent)
    assert sparing.pipeline_is_light() is light


def test_our_own_pipeline_needs_none() -> None:
    assert sparing.pipeline_is_light()
