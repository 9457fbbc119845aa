"""Rasa's graph components for Chinese: normalise, tokenise, vectors, reading.

They are thin: what they compute lives in plain modules that know no Rasa and are tested without it.
"""

from typing import Any, Dict, List, Text

import msgspec
import numpy as np
import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.clock import today
from bot.knowledge_access import snapshot
from bot.memory import SLOT, read_memory
from bot.nlu.context import read_in_context
from bot.nlu.masking import mask
from bot.nlu.parts import split
from bot.nlu.reading import Reading, read
from bot.settings import settings
from knowledge.base import Snapshot
from knowledge.encoder import CachedEncoder, shared_encoder
from knowledge.text import normalise_with_pauses

#: Message properties that later components read.
PLAIN = "plain_text"
PAUSES = "pauses"
MASKED = "masked_text"
VECTOR = "sentence_vector"
READING = "reading"
#: The questions of a message that asks several things: dictionaries with text, topic, reading and (later) intent.
PARTS = "parts"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Puts the normal form of the text beside it (the resident's own words stay as they are)."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "Normaliser":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            plain, pauses = normalise_with_pauses(message.get(TEXT) or "")
            message.set(PLAIN, plain)
            message.set(PAUSES, list(pauses))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyCharacterTokenizer(Tokenizer):
    """spaCy's rule-based Chinese tokeniser (one character a token, Latin words and numbers whole)."""

    def __init__(self, config: Dict[Text, Any]) -> None:
        super().__init__(config)
        self._language = spacy.blank("zh")

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None,
                "prefix_separator_symbol": None}

    @staticmethod
    def supported_languages() -> List[Text]:
        return ["zh"]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["spacy"]

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "SpacyCharacterTokenizer":
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        text = message.get(attribute) or ""
        return [Token(token.text, token.idx) for token in self._language.make_doc(text) if token.text.strip()]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class KnowledgeReader(GraphComponent):
    """Reads danger, services, facts, places and persons out of the sentence, fed by the knowledge base."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "KnowledgeReader":
        return cls()

    def process(self, messages: List[Message], tracker: DialogueStateTracker) -> List[Message]:
        knowledge = snapshot()
        memory = read_memory(tracker.get_slot(SLOT)) if tracker is not None else read_memory(None)
        for message in messages:
            metadata = message.get("metadata") or {}
            region = memory.region or str(metadata.get("region") or "") or settings().region
            asked = memory.open is not None and memory.open.kind == "location"
            reading = read(message.get(PLAIN), snapshot=knowledge, region=region, today=today(), asked_place=asked,
                           pauses=message.get(PAUSES) or ())
            message.set(READING, msgspec.to_builtins(reading), add_to_output=True)
            message.set(MASKED, mask(reading))
            if memory.open is None and reading.emergency is None and reading.limit < 0:
                message.set(PARTS, _parts(reading, knowledge, reading.region or region), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        knowledge = snapshot()
        for message in training_data.training_examples:
            reading = read(message.get(PLAIN), snapshot=knowledge, region=settings().region, today=today(),
                           pauses=message.get(PAUSES) or ())
            message.set(MASKED, mask(reading))
        return training_data


def _parts(reading: Reading, knowledge: Snapshot, region: str) -> List[Dict[Text, Any]]:
    """What a message asks, each question read by itself; empty where it asks one thing."""
    found = []
    for part in split(reading.text, pauses=reading.pauses, snapshot=knowledge, region=region):
        alone = read(part.text, snapshot=knowledge, region=region, today=today())
        found.append({"text": part.text, "topic": part.topic or "", READING: msgspec.to_builtins(alone),
                      MASKED: mask(alone), VECTOR: shared_encoder().encode([part.text])[0]})
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(GraphComponent):
    """Encodes the sentence once; the FAQ search finds the same vector in the encoder's memory."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "SentenceVectors":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        rows = shared_encoder().encode([message.get(PLAIN) or " " for message in messages])
        for message, row in zip(messages, rows, strict=True):
            message.set(VECTOR, np.asarray(row))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        # Training sentences are nobody's words: their vectors may be kept on disk for the next training.
        examples = [message for message in training_data.training_examples if message.get(INTENT)]
        rows = CachedEncoder(shared_encoder(), settings().cache / "training").encode(
            [message.get(PLAIN) or " " for message in examples])
        for message, row in zip(examples, rows, strict=True):
            message.set(VECTOR, np.asarray(row))
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextReader(GraphComponent):
    """Decides what the sentence means as an answer to what the bot asked last."""

    @classmethod
    def create(cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "ContextReader":
        return cls()

    def process(self, messages: List[Message], tracker: DialogueStateTracker) -> List[Message]:
        memory = read_memory(tracker.get_slot(SLOT)) if tracker is not None else read_memory(None)
        for message in messages:
            reading = msgspec.convert(message.get(READING), Reading)
            intent = read_in_context(reading, message.get(INTENT) or {}, memory, snapshot(), today(),
                                     ranking=message.get("intent_ranking") or (), second=message.get("danger"))
            message.set(INTENT, intent, add_to_output=True)
            message.set(READING, msgspec.to_builtins(reading), add_to_output=True)
        return messages
