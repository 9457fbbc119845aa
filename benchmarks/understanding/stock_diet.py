"""The intent classifier that ``rasa init`` gives, trained in this process with Rasa's own components."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.stock.project import CONFIG
from benchmarks.understanding.labelled import Sentences
from benchmarks.understanding.models import Chances

EPOCHS = 100
#: The parts of the pipeline that an intent goes through.
_TOKENIZER, _FEATURIZERS, _CLASSIFIER = "JiebaTokenizer", (
    "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer"), "DIETClassifier"


class StockModel:
    """Jieba, the featurizers of the default pipeline, DIET."""

    def __init__(self, epochs: int = EPOCHS) -> None:
        self._epochs = epochs
        self._folder = tempfile.TemporaryDirectory(prefix="stock-diet-")
        self._pipeline: list[Any] = []
        self.labels: list[str] = []

    def fit(self, data: Sentences) -> None:
        # TensorFlow reads these when it first computes.
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ.setdefault(name, "1")
        importlib.import_module("jieba").setLogLevel(logging.WARNING)
        from rasa.shared.nlu.constants import INTENT
        from rasa.shared.nlu.training_data.training_data import TrainingData

        messages = self._messages(data.said)
        for message, label in zip(messages, data.labels, strict=True):
            message.set(INTENT, label)
        learnt = TrainingData(messages)
        with contextlib.redirect_stdout(io.StringIO()):
            for component in self._made():
                if hasattr(component, "train"):
                    component.train(learnt)
                if hasattr(component, "process_training_data"):
                    component.process_training_data(learnt)
                self._pipeline.append(component)
        self.labels = sorted(set(data.labels))

    def chances(self, data: Sentences) -> Chances:
        messages = self._messages(data.said)
        with contextlib.redirect_stdout(io.StringIO()):
            for component in self._pipeline:
                component.process(messages)
        found = np.zeros((len(messages), len(self.labels)))
        for row, message in zip(found, messages, strict=True):
            for named in message.get("intent_ranking") or ():
                row[self.labels.index(named["name"])] = named["confidence"]
        return found

    def megabytes(self) -> float:
        dictionary = Path(str(importlib.import_module("jieba").__file__)).parent / "dict.txt"
        kept = [path for path in Path(self._folder.name).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in [dictionary, *kept]) / 1e6

    def _messages(self, texts: Sequence[str]) -> list[Any]:
        from rasa.shared.nlu.constants import TEXT
        from rasa.shared.nlu.training_data.message import Message

        return [Message({TEXT: text}) for text in texts]

    def _made(self) -> list[Any]:
        """The components of ``benchmarks/stock/config.yml``, untrained."""
        from rasa.engine.graph import ExecutionContext, GraphSchema
        from rasa.engine.recipes.default_recipe import DefaultV1Recipe
        from rasa.engine.storage.local_model_storage import LocalModelStorage
        from rasa.engine.storage.resource import Resource

        asyncio.set_event_loop(asyncio.new_event_loop())
        storage = LocalModelStorage(Path(self._folder.name))
        context = ExecutionContext(GraphSchema({}), model_id="stock")
        made = []
        for number, part in enumerate(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["pipeline"]):
            name = part.pop("name")
            if name not in (_TOKENIZER, *_FEATURIZERS, _CLASSIFIER):
                continue
            kind = DefaultV1Recipe._from_registry(name).clazz
            given = {"epochs": self._epochs} if name == _CLASSIFIER else {}
            made.append(kind.create({**kind.get_default_config(), **part, **given}, storage,
                                    Resource(f"{name}{number}"), context))
        return made
