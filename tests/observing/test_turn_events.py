"""The events of turns: what is in them, that a broker harms nobody, and Rasa's own file broker."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.observing import turn as turns
from bot.observing import turn_events
from bot.observing.metrics import Metrics
from bot.observing.turn import TurnRecord
from bot.observing.turn_events import TurnEvents, broker_config, event_of, maker_of
from bot.settings import CannotServe
from bot.state.database import StateDown
from tests.channels.messages import message
from tests.channels.server import Server
from tests.observing import brokers
from tests.observing.test_metrics import value
from tests.support.services import until

Serve = Callable[..., Server]
FIELDS = {"event", "version", "time", "region", "channel", "kind", "topic", "intent", "confidence", "abstained",
          "outcome", "result", "ms", "knowledge"}


def done(number: int = 0) -> TurnRecord:
    turn = TurnRecord(f"turn-{number}", "web", 0.0, intent="check_eligibility", confidence=0.91, took=0.0123)
    turn.replied([message("verdict")])
    return turn


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Rasa's configuration of a broker, read from a file with this section."""

    def read(section: str) -> Any:
        path = tmp_path / "endpoints.yml"
        path.write_text(section, encoding="utf-8")
        monkeypatch.setenv("EVENT_BROKER", str(path))
        return broker_config()

    return read


@pytest.fixture
def stream(configured: Callable[[str], Any]) -> Iterator[Callable[..., TurnEvents]]:
    """Begins to publish to a ``Listed`` broker: ``stream("raises")``; ended after the test."""
    brokers.ARRIVED.clear()
    brokers.RELEASE.clear()
    brokers.Listed.failures = 0
    begun: list[TurnEvents] = []

    def begin(how: str = "", **options: Any) -> TurnEvents:
        config = configured(f"event_broker:\n  type: tests.observing.brokers.Listed\n  name: city\n  how: '{how}'\n")
        events = TurnEvents(maker_of(config), **options)
        events.start()
        turns.listen(events.tell, stored=True)
        begun.append(events)
        return events

    yield begin
    brokers.RELEASE.set()
    for events in begun:
        turns.stop_listening(events.tell)
        asyncio.run(events.stop())


def arrived() -> list[dict[str, Any]]:
    return [event for event in brokers.ARRIVED.get("city", ()) if event["event"] != "closed"]


async def judge(heard: UserMessage) -> None:
    await heard.output_channel.send_response(heard.sender_id, message("verdict"))


# --- what is in an event ---------------------------------------------------------------------------


def test_an_event_tells_of_the_turn_and_of_nobody() -> None:
    event = event_of(done(), 1_795_859_999.0)
    custom = message("verdict")["custom"]
    assert event.keys() == FIELDS
    assert event["time"] == "2026-11-28T09:59Z", "to the minute"
    assert (event["kind"], event["topic"], event["region"], event["outcome"]) == (
        "verdict", custom["topic"], custom["region"], custom["outcome"])
    assert (event["intent"], event["confidence"], event["ms"]) == ("check_eligibility", "high", 12)
    assert (event["channel"], event["knowledge"], event["result"]) == ("web", custom["knowledge_version"], "answered")
    assert "turn-0" not in json.dumps(event), "nothing by which it could be joined with the log"


def test_declining_and_failing_are_told() -> None:
    turn = done()
    turn.replied([message("cannot_answer")])
    assert event_of(turn, 0)["abstained"] == "unknown" and event_of(turn, 0)["outcome"] == ""
    turn.replied([message("error")])
    assert event_of(turn, 0)["result"] == "failed"


# --- when it is sent -------------------------------------------------------------------------------


def test_one_event_a_stored_turn_and_none_for_a_message_sent_again(serve: Serve, stream: Callable[..., Any]) -> None:
    stream()
    server = serve(judge)
    session = server.session()
    for _ in range(2):
        server.post(session["token"], "欧阳七七能领吗", "the-same-message")
    server.post(session["token"], "还有呢")
    until(lambda: len(arrived()) >= 2, "two events")
    (first, second) = arrived()
    assert first.keys() == second.keys() == FIELDS
    told = json.dumps([first, second], ensure_ascii=False)
    assert not any(secret in told for secret in ("欧阳", session["session"], session["token"], "the-same-message"))


def test_it_comes_after_the_commit_and_not_before(serve: Serve, stream: Callable[..., Any]) -> None:
    """Rasa tells its broker of events before the store commits."""
    stream()
    server = serve(judge)
    outbox: Any = server.channel._outbox
    record, order = outbox.record, []

    async def recorded(*args: Any, **named: Any) -> Any:
        await asyncio.sleep(0.2)
        order.append(len(arrived()))
        return await record(*args, **named)

    outbox.record = recorded
    server.post(server.session()["token"], "能领吗")
    until(lambda: len(arrived()) == 1, "the event")
    assert order == [0]


def test_a_turn_that_could_not_be_stored_is_no_event(serve: Serve, stream: Callable[..., Any]) -> None:
    stream()
    server = serve(judge)
    outbox: Any = server.channel._outbox
    record = outbox.record

    async def down(*_args: Any, **_named: Any) -> Any:
        raise StateDown

    outbox.record = down
    token = server.session()["token"]
    assert server.post(token, "能领吗").status_code == 503
    outbox.record = record
    server.post(token, "再问一次")
    until(lambda: arrived(), "the event of the second message")
    assert len(arrived()) == 1


# --- a broker that is not well ---------------------------------------------------------------------


def test_a_broker_that_hangs_delays_nobody_and_what_is_too_much_is_counted(
        counting: Metrics, serve: Serve, stream: Callable[..., TurnEvents]) -> None:
    events = stream("hangs", max_waiting=5)
    server = serve(judge)
    token = server.session()["token"]
    began = time.monotonic()
    for _ in range(20):
        assert server.post(token, "能领吗").status_code == 200
    assert time.monotonic() - began < 20
    assert events.waiting == 5
    # One is in the broker's hands, five wait.
    assert value(counting, "events_dropped_total", why="full") == 20 - 6
    brokers.RELEASE.set()
    until(lambda: len(arrived()) == 6, "what had waited")
    until(lambda: value(counting, "events_published_total") == 6, "its count")


def test_a_broker_that_raises_is_counted_and_complained_of_once(
        counting: Metrics, serve: Serve, stream: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    stream("raises")
    server = serve(judge)
    token = server.session()["token"]
    for _ in range(10):
        assert server.post(token, "能领吗").status_code == 200
    until(lambda: value(counting, "events_dropped_total", why="broker") == 10, "ten drops")
    complaints = [record.getMessage() for record in caplog.records if record.name == turn_events.__name__]
    assert complaints == ["the event broker took no event: ConnectionError"], "and not the password"


def test_a_broker_that_comes_up_later_gets_what_waited(
        stream: Callable[..., TurnEvents], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_events, "FIRST_PAUSE_S", 0.05)
    events = stream("late")
    for number in range(3):
        events.tell(done(number))
    until(lambda: len(arrived()) == 3, "three events")


def test_at_the_end_what_waits_is_handed_over_and_the_broker_closed(stream: Callable[..., TurnEvents]) -> None:
    events = stream()
    for number in range(50):
        events.tell(done(number))
    asyncio.run(events.stop())
    assert len(arrived()) == 50 and brokers.ARRIVED["city"][-1] == {"event": "closed"}


def test_the_end_does_not_wait_for_a_broker_that_hangs(
        counting: Metrics, stream: Callable[..., TurnEvents]) -> None:
    events = stream("hangs")
    for number in range(3):
        events.tell(done(number))
    until(lambda: events.waiting == 2, "the first in the broker's hands")
    began = time.monotonic()
    asyncio.run(events.stop(timeout_s=0.2))
    assert time.monotonic() - began < 5
    assert value(counting, "events_dropped_total", why="stopped") == 2
    events.tell(done())
    assert value(counting, "events_dropped_total", why="stopped") == 3


def test_nothing_is_lost_or_doubled_when_many_tell_at_once(stream: Callable[..., TurnEvents]) -> None:
    events = stream(max_waiting=10_000)

    def tell() -> None:
        for _ in range(200):
            events.tell(done())

    telling = [threading.Thread(target=tell) for _ in range(8)]
    for thread in telling:
        thread.start()
    for thread in telling:
        thread.join()
    until(lambda: len(arrived()) == 1600, "all events")


# --- how it is set up ------------------------------------------------------------------------------


def test_rasas_file_broker_writes_a_line_a_turn(
        tmp_path: Path, configured: Callable[[str], Any], serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "turns.log"
    monkeypatch.setenv("WHERE_TURNS_GO", str(log))
    config = configured("event_broker:\n  type: file\n  path: ${WHERE_TURNS_GO}\n")
    events = TurnEvents(maker_of(config))
    events.start()
    turns.listen(events.tell, stored=True)
    try:
        server = serve(judge)
        token = server.session()["token"]
        for _ in range(3):
            server.post(token, "能领吗")
        until(lambda: log.exists() and len(log.read_text().splitlines()) == 3, "three lines")
    finally:
        turns.stop_listening(events.tell)
        asyncio.run(events.stop())
        rasas = logging.getLogger("event-logger")
        for handler in list(rasas.handlers):
            rasas.removeHandler(handler)
            handler.close()
    assert [json.loads(line).keys() for line in log.read_text().splitlines()] == [FIELDS] * 3


def test_it_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENT_BROKER", raising=False)
    assert broker_config() is None


@pytest.mark.parametrize(("section", "said"), [
    ("action_endpoint:\n  url: x\n", "没有 event_broker 这一节"),
    ("event_broker: {{{\n", "读不懂"),
    ("event_broker:\n  type: carrier-pigeon\n  password: hunter2\n", "没有 'carrier-pigeon' 这种消息代理"),
    ("event_broker:\n  type: tests.observing.brokers.Nobody\n", "没有 'tests.observing.brokers.Nobody'"),
    ("event_broker:\n  type: kafka\n  url: localhost\n  partition_by_sender: true\n", "不能用 partition_by_sender"),
])
def test_a_wrong_configuration_stops_the_start_in_words(
        configured: Callable[[str], Any], section: str, said: str) -> None:
    with pytest.raises(CannotServe, match="EVENT_BROKER") as refused:
        configured(section)
    assert said in str(refused.value) and "hunter2" not in str(refused.value)


def test_a_file_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EVENT_BROKER", str(tmp_path / "nothing.yml"))
    with pytest.raises(CannotServe, match="没有找到"):
        broker_config()
