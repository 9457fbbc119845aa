"""The store that reads back only the last turns: nothing is lost, doubled or out of order for it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.conversations import Conversations
from bot.settings import PROJECT
from bot.state.database import StateDown
from bot.state.reading import LAST_EVENTS
from tests.support.databases import Databases

SENDER = "somebody"
T = TypeVar("T")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


class Store:
    """The store with a plain face, and the list of all events that it was ever given."""

    def __init__(self, state: Databases, loop: asyncio.AbstractEventLoop) -> None:
        self.state = state
        self._loop = loop
        self.given: list[Event] = []
        self.open()

    def open(self) -> None:
        """Open the database (again), as after a restart."""
        domain = Domain.load(str(PROJECT / "bot" / "domain.yml"))
        self.inner = Conversations(domain, database=self.state())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def read(self) -> DialogueStateTracker:
        tracker: DialogueStateTracker = self.run(self.inner.get_or_create_tracker(SENDER))
        return tracker

    def everything(self) -> list[Event]:
        """All events that are stored, in order."""
        rows = self.state.rows(f"SELECT data FROM events WHERE sender_id = '{SENDER}' ORDER BY id")
        return [Event.from_parameters(json.loads(data)) for (data,) in rows]

    def turn(self, number: int, utterances: int = 1, saves: int = 1) -> None:
        """One turn as Rasa plays it: read, hear, answer, remember, save (perhaps more than once)."""
        tracker = self.read()
        if not self.given:
            self.given += list(tracker.events)
        for event in turn_of(number, utterances):
            tracker.update(event)
            self.given.append(event)
            if saves > 1:
                self.run(self.inner.save(tracker))
        for _ in range(saves):
            self.run(self.inner.save(tracker))


def turn_of(number: int, utterances: int = 1) -> list[Event]:
    """The events of one turn; their times grow as they do in life."""
    at = 1_790_000_000.0 + 60 * number
    heard = UserUttered(f"第{number}句", {"name": "inform", "confidence": 0.9}, timestamp=at)
    answers = [BotUttered(f"答{number}-{item}", timestamp=at + 2 + item) for item in range(utterances)]
    return [heard, ActionExecuted("action_inform", timestamp=at + 1), *answers,
            SlotSet("memory", {"facts": {"self": {"turn": number}}}, timestamp=at + 20),
            ActionExecuted("action_listen", timestamp=at + 21)]


def plain(events: Any) -> list[dict[str, Any]]:
    """What identifies an event in the file."""
    passing = ("metadata", "model_id", "assistant_id")
    return [{key: value for key, value in event.as_dict().items() if key not in passing} for event in events]


@pytest.fixture
def store(state: Databases, loop: asyncio.AbstractEventLoop) -> Store:
    return Store(state, loop)


def test_sixty_turns_are_kept_whole_and_read_back_in_part(store: Store) -> None:
    chance = random.Random(7)
    for number in range(60):
        store.turn(number, utterances=chance.randint(0, 4), saves=chance.choice((1, 1, 2)))
        if number % 20 == 10:
            store.open()
        whole = plain(store.everything())
        assert whole == plain(store.given)
        back = plain(store.read().events)
        assert back == whole[-len(back):] and len(back) <= LAST_EVENTS
        assert len(back) == len(whole) or isinstance(store.read().events[0], UserUttered)
        assert store.read().get_slot("memory") == {"facts": {"self": {"turn": number}}}


@pytest.mark.parametrize("utterances", [LAST_EVENTS - 5, LAST_EVENTS - 4, LAST_EVENTS, 3 * LAST_EVENTS])
def test_a_turn_longer_than_what_is_read_back(store: Store, utterances: int) -> None:
    for number in range(3):
        store.turn(number, utterances=utterances)
        assert plain(store.everything()) == plain(store.given)
        assert store.read().get_slot("memory") == {"facts": {"self": {"turn": number}}}


def test_saving_what_was_only_read_changes_nothing(store: Store) -> None:
    for number in range(12):
        store.turn(number)
    before = plain(store.everything())
    tracker = store.read()
    for _ in range(3):
        store.run(store.inner.save(tracker))
    assert plain(store.everything()) == before


def test_a_first_save_without_a_read_stores_all(store: Store) -> None:
    tracker = DialogueStateTracker.from_events(SENDER, turn_of(1), store.inner.domain.slots)
    store.run(store.inner.save(tracker))
    store.run(store.inner.save(tracker))
    assert plain(store.everything()) == plain(turn_of(1))


def test_senders_are_kept_apart(store: Store) -> None:
    for number in range(10):
        store.turn(number)
    other = store.run(store.inner.get_or_create_tracker("other"))
    assert not [event for event in other.events if isinstance(event, UserUttered)]


def test_the_whole_conversation_can_be_read_when_asked(store: Store) -> None:
    for number in range(20):
        store.turn(number)
    whole = store.run(store.inner.retrieve_full_tracker(SENDER))
    assert whole is not None and plain(whole.events) == plain(store.given)


def test_an_error_of_the_database_does_not_repeat_a_resident(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.turn(1)
    tracker = store.read()
    tracker.update(UserUttered("我妈王桂英七十五", {"name": "inform"}, metadata={"lng": 121.51437}))
    with store.state.locked("events"), pytest.raises(StateDown) as caught:
        store.run(store.inner.save(tracker))
    told = f"{caught.value} {caught.value!r} {caplog.text}"
    assert "does not do its part" in told
    for secret in (SENDER, "王桂英", "\\u738b", "121.51437"):
        assert secret not in told
