"""Learns with the model which wording tells topics apart (knowledge.topic_margins), from all phrases of the content."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge_access import knowledge_base, snapshot
from knowledge.topic_margins import TopicMargins, digests, grams

logger = logging.getLogger(__name__)
_NAME = "topics"
#: A gram that only one phrase holds tells nothing of the next sentence.
LEAST = 2
#: Pull towards the phrases, and when the lines have settled. On sentences that nobody had tuned on, of 0.25 to 1 and of
#: logistic regressions this put most topics first (0.935 to 0.938, without it 0.921; 2026-11-28).
STRENGTH, SETTLED, STEPS = 2.0, 0.1, 20


def learn(topics: Sequence[str], texts: Sequence[str]) -> TopicMargins:
    """A line for each topic between its phrases (normal form) and all others; takes seconds.

    Raises:
        ValueError: where there are fewer than two topics.
    """
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    held = [grams(text) for text in texts]
    counted = Counter(gram for own in held for gram in own)
    known = {gram: row for row, gram in enumerate(sorted(gram for gram, times in counted.items() if times >= LEAST))}
    rows = [[known[gram] for gram in own if gram in known] for own in held]
    idf = np.array([np.log((1 + len(texts)) / (1 + counted[gram])) + 1 for gram in known], dtype=np.float32)
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for own in rows for column in own], dtype=np.int64)
    table = csr_matrix((idf[columns], columns, ends), shape=(len(rows), len(known)))
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(ends))
    lines = LinearSVC(C=STRENGTH, tol=SETTLED, max_iter=STEPS, random_state=0).fit(table, list(topics))
    weights, at_rest = lines.coef_, lines.intercept_
    if len(lines.classes_) == 2:  # one line between two
        weights, at_rest = np.vstack([-weights, weights]), np.concatenate([-at_rest, at_rest])
    return TopicMargins([str(topic) for topic in lines.classes_], list(known), idf=idf,
                        weights=np.ascontiguousarray(weights.T, dtype=np.float32),
                        at_rest=at_rest.astype(np.float32), phrases=np.unique(digests(topics, texts)))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TopicLearner(GraphComponent):
    """Rasa's face of ``learn``: what was learnt serves the knowledge base, and changes no message."""

    def __init__(self, model_storage: ModelStorage, resource: Resource) -> None:
        self._storage = model_storage
        self._resource = resource

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> TopicLearner:
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        margins = learn(*snapshot().index.worded())
        with self._storage.write_to(self._resource) as folder:
            margins.write(folder, _NAME)
        knowledge_base().learn(margins)
        return self._resource

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> TopicLearner:
        with model_storage.read_from(resource) as folder:
            knowledge_base().learn(TopicMargins.read(folder, _NAME))
        return cls(model_storage, resource)

    def process(self, messages: List[Message]) -> List[Message]:
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data
