"""The intent classifier: two logistic regressions, on n-grams (as spelt and as heard) and on meaning, multiplied.

Measured (benchmarks/understanding): each alone is worse than both, and their product is better than their mean, on our
intents and on the outside set. The n-grams see the masked sentence (services and places hidden), so that a new service
needs no new training.
"""

import logging
from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.knowledge_access import snapshot
from bot.nlu.components import MASKED, PARTS, PLAIN, VECTOR
from bot.nlu.danger import OURS, label_of
from bot.nlu.danger_model import DangerModel
from bot.nlu.two_views import TwoViews
from bot.settings import settings
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.sounds import sounds
from knowledge.text import normalise

logger = logging.getLogger(__name__)
_INTENTS, _DANGERS = "intents", "danger"
#: The message's chance of danger by the second opinion (bot.nlu.danger).
DANGER = "danger"
#: How many characters or sounds in a row count together; what marks a sound.
LENGTHS, SOUND = (1, 2, 3), "~"
#: The exponent of each view's chance. A half would be the geometric mean, which is too sure of itself; with this one
#: the chance of the likeliest is on average as high as in the plain mean, on which the bounds of the dialogue were set.
DAMPED = 0.4
#: How many intents the ranking names.
RANKING = 5


def grams(text: str) -> List[str]:
    """One to three characters in a row, and one to three of their sounds: 附进 sounds like 附近."""
    heard = sounds(text)
    return [*(text[at:at + size] for size in LENGTHS for at in range(len(text) - size + 1)),
            *(" ".join(heard[at:at + size]) + SOUND for size in LENGTHS for at in range(len(heard) - size + 1))]


class TwoViewClassifier(TwoViews):
    """Tells intents apart; ``texts`` are masked sentences."""

    def __init__(self, *, ngram_strength: float = 10.0, meaning_strength: float = 50.0) -> None:
        super().__init__(TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=2), ngram_strength=ngram_strength,
                         meaning_strength=meaning_strength, steps=200, exponent=DAMPED)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """Rasa's face of TwoViewClassifier."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"ngram_strength": 10.0, "meaning_strength": 50.0}

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn"]

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
                 model: Optional[TwoViewClassifier] = None, danger: Optional[DangerModel] = None) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._model = model
        self._danger = danger

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "IntentClassifier":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [message for message in training_data.intent_examples if message.get(MASKED) is not None]
        model = TwoViewClassifier(ngram_strength=self._config["ngram_strength"],
                                  meaning_strength=self._config["meaning_strength"])
        model.fit([message.get(MASKED) for message in examples],
                  np.vstack([message.get(VECTOR) for message in examples]),
                  [message.get(INTENT) for message in examples])
        logger.info("intent classifier learned %d sentences of %d intents", len(examples), len(model.labels))
        danger = _second_opinion(examples)
        with self._storage.write_to(self._resource) as folder:
            model.write(folder, _INTENTS)
            danger.write(folder, _DANGERS)
        self._model, self._danger = model, danger
        return self._resource

    @classmethod
    def load(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
             execution_context: ExecutionContext, **kwargs: Any) -> "IntentClassifier":
        model, danger = TwoViewClassifier(), DangerModel()
        with model_storage.read_from(resource) as folder:
            model.read(folder, _INTENTS)
            danger.read(folder, _DANGERS)
        return cls(config, model_storage, resource, model, danger)

    def process(self, messages: List[Message]) -> List[Message]:
        assert self._model is not None and self._danger is not None
        vectors = np.vstack([message.get(VECTOR) for message in messages])
        second = self._danger.chances([message.get(PLAIN) or "" for message in messages], vectors)
        chances = self._model.probabilities([message.get(MASKED) or "" for message in messages], vectors)
        for message, row, danger in zip(messages, chances, second, strict=True):
            ranking = self._ranking(row)
            message.set(DANGER, float(danger), add_to_output=True)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            parts = message.get(PARTS) or []
            if parts:
                self._classify_parts(parts)
        return messages

    def _ranking(self, row: np.ndarray) -> List[Dict[Text, Any]]:
        assert self._model is not None
        return [{"name": self._model.labels[index], "confidence": float(row[index])}
                for index in np.argsort(-row)[:RANKING]]

    def _classify_parts(self, parts: List[Dict[Text, Any]]) -> None:
        """Give each part of a message (bot.nlu.parts) an intent of its own."""
        assert self._model is not None
        chances = self._model.probabilities([part.pop(MASKED) for part in parts],
                                            np.vstack([part.pop(VECTOR) for part in parts]))
        for part, row in zip(parts, chances, strict=True):
            ranking = self._ranking(row)
            part.update(intent=ranking[0], intent_ranking=ranking)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data


def _second_opinion(examples: List[Message]) -> DangerModel:
    """What is danger and what is not, learnt from the training sentences and from the needs of all topics."""
    needs = [normalise(need) for topic in snapshot().topics.values() for need in topic.needs]
    vectors = [np.vstack([message.get(VECTOR) for message in examples])]
    if needs and vectors[0].shape[1]:
        vectors.append(CachedEncoder(shared_encoder(), settings().cache / "training").encode(needs))
    else:
        needs = []
    model = DangerModel()
    model.fit([*(message.get(PLAIN) or "" for message in examples), *needs], np.vstack(vectors),
              [*(label_of(message.get(INTENT)) for message in examples), *(OURS for _ in needs)])
    return model
