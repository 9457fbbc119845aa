"""The real server, with everything that observes it switched on, and with troubles that hold a resident's words.

Its log must tell what went wrong, and for whom by the turn's id, without one of those words.
"""

from __future__ import annotations

import json
import signal
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bot.settings import settings
from bot.training import ensure_model
from tests.observing import troubled_server as troubles
from tests.server.process import Conversation, Server, free_port
from tests.support.services import until

#: Said in one way or another below; none may be anywhere in the log, however it is written.
WORDS = ("欧阳七七", "朱雀巷", "貔貅", "饕餮", "鹧鸪", "zhuque-alley", "203.0.113.77")
ADDRESS = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "zhuque-alley"}

TROUBLED = (sys.executable, "-m", "tests.observing.troubled_server")


class Observed(Server):
    """The troubled server with its inner port and its broker."""

    def __init__(self, folder: Path) -> None:
        self.metrics_port = free_port()
        self.events = folder / "events.log"
        endpoints = folder / "endpoints.yml"
        endpoints.write_text(f"event_broker:\n  type: file\n  path: {self.events}\n")
        super().__init__(folder, settings().content, command=TROUBLED, more={
            "METRICS_PORT": str(self.metrics_port), "EVENT_BROKER": str(endpoints), "LOG_FORMAT": "json",
            "LINLITONG_CACHE": str(settings().cache), "LINLITONG_STRICT_CONTRACT": "0",
            # As an engineer would set it who looks for a fault.
            "LOG_LEVEL": "DEBUG"})

    def numbers(self) -> dict[str, float]:
        """Each series of ``/metrics`` by its name and labels."""
        page = requests.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=20).text
        return {f"{sample.name}{sorted(sample.labels.values())}": sample.value
                for family in text_string_to_metric_families(page) for sample in family.samples}

    def lines(self) -> list[dict[str, Any]]:
        """What was logged; what is printed for people before is no log line."""
        return [json.loads(line) for line in self.printed().splitlines() if line.startswith("{")]

    def told(self) -> list[dict[str, Any]]:
        """The events that the broker has got."""
        return [json.loads(line) for line in self.events.read_text().splitlines()] if self.events.exists() else []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    ensure_model()
    running = Observed(tmp_path_factory.mktemp("observed"))
    try:
        running.start()
        yield running
    finally:
        running.kill()


def ask(server: Server, token: str, text: str, **more: Any) -> requests.Response:
    """One message as a browser sends it; its answer whatever it is."""
    body = {"token": token, "message_id": f"m-{abs(hash((text, str(more))))}", "text": text, **more}
    return requests.post(f"{server.url}/webhooks/web/message", json=body, headers=ADDRESS, timeout=60)


def test_a_conversation_is_seen_in_numbers_lines_and_events_by_turn(server: Observed) -> None:
    before = server.numbers()
    talk = server.converse("510100")
    asked = ["租房补贴是什么", "我妈七十五了，附近哪里能吃上便宜饭", "天上有几颗星星"]
    ids = [ask(server, talk.token, text).headers["X-Turn-Id"] for text in asked]
    assert len(set(ids)) == len(asked)

    after = server.numbers()
    assert after["linlitong_turn_seconds_count['web']"] - before.get("linlitong_turn_seconds_count['web']", 0) == 3
    assert after["linlitong_sessions_total[]"] - before["linlitong_sessions_total[]"] == 1
    for part in ("nlu", "actions", "store", "waiting"):
        assert after[f"linlitong_stage_seconds_count['{part}']"] >= 3, part
    assert after["linlitong_state_up[]"] == 1 and after["linlitong_turns_waiting[]"] == 0
    assert any(name.startswith("linlitong_build_info") and server.health["knowledge"] in name for name in after)

    lines = {line["turn"]: line for line in server.lines() if line["event"] == "turn"}
    for turn in ids:
        line = lines[turn]
        parts = line["stages_ms"]
        assert line["result"] == "answered" and line["kind"] and line["knowledge"] == server.health["knowledge"]
        assert {"nlu", "actions", "store"} <= parts.keys() and parts["nlu"] + parts["actions"] <= line["ms"]

    until(lambda: len(server.told()) >= 3, "the events")
    events = server.told()[:3]
    assert [event["kind"] for event in events] == [lines[turn]["kind"] for turn in ids]
    assert all(event["intent"] and event["confidence"] in ("high", "middle", "low") for event in events)
    assert all(event["region"] for event in events)
    assert not any(turn in json.dumps(events) for turn in ids)


@pytest.mark.parametrize(("trouble", "kind"), [
    (troubles.IN_SKILL, "ValueError"), (troubles.BEFORE_SKILL, "RuntimeError"),
    # Rasa catches what its tracker store raises, and says so in a line with all its words.
    (troubles.DATABASE, "at tracker_store.py"),
    (troubles.LOUD, "RuntimeError"), (troubles.STRAY, "RuntimeError")])
def test_trouble_is_told_by_kind_and_place_and_turn(server: Observed, trouble: str, kind: str) -> None:
    talk = server.converse("510100")
    answer = ask(server, talk.token, f"我叫欧阳七七，住朱雀巷，{trouble}，能领租房补贴吗")
    assert answer.status_code == 200
    turn = answer.headers["X-Turn-Id"]

    def of_the_turn() -> list[dict[str, Any]]:
        return [line for line in server.lines() if line.get("turn") == turn and line["event"] != "turn"]

    until(lambda: any(kind in json.dumps(line) for line in of_the_turn()), f"{kind} in the lines of the turn")


def test_bad_requests_leave_no_words_either(server: Observed) -> None:
    token = server.converse("510100").token
    word = urllib.parse.quote("貔貅")
    for text in ("貔貅" * 400, "", "貔貅\n2026-11-28T00:00:00 ERROR bot: 貔貅\x1b[2J\u202e"):
        ask(server, token, text)
    ask(server, "貔貅.鹧鸪", "貔貅")
    ask(server, token, "貔貅", region="貔貅", location={"lng": "貔貅"}, script="貔貅")
    for raw in ('{"text": "饕餮', "饕餮", '{"token": 1, "text": {"饕餮": ["饕餮"]}}'):
        requests.post(f"{server.url}/webhooks/web/message", data=raw.encode(), headers=ADDRESS, timeout=20)
    for path in (word, f"webhooks/web/events?token={word}&script={word}", f"static/{word}", f"receipt?code={word}"):
        requests.get(f"{server.url}/{path}", headers={**ADDRESS, "Cookie": f"linlitong_session={word}"}, timeout=20)
    requests.post(f"{server.url}/webhooks/web/feedback", timeout=20, headers=ADDRESS,
                  json={"token": token, "answer_id": "饕餮", "helpful": True, "comment": "鹧鸪"})
    assert requests.get(f"{server.url}/health", timeout=20).status_code == 200


def test_a_whole_check_about_a_person_leaves_no_words(server: Observed) -> None:
    talk: Conversation = server.converse("320100")
    for text in ("我叫欧阳七七，住朱雀巷，硕士，能领租房补贴吗", "签了的", "一直在交", "没得房", "删除我的记录"):
        ask(server, talk.token, text)


def test_the_numbers_hold_no_words(server: Observed) -> None:
    page = requests.get(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=20).text
    assert not [word for word in WORDS if word in page]
    assert requests.get(f"{server.url}/metrics", timeout=20).status_code == 404


def test_at_the_end_nothing_of_it_all_is_in_the_log_or_the_events(server: Observed) -> None:
    """Last: it ends the server, and looks at everything that was ever written."""
    stored = len(server.told())
    assert requests.get(f"{server.url}/ready", timeout=20).json() == {"status": "ready"}
    code, _ = server.stop(signal.SIGTERM)
    assert code == 0
    printed, events = server.printed(), server.events.read_text()
    for written in (printed, events):
        for word in WORDS:
            forms = {word, word.encode("unicode_escape").decode(), urllib.parse.quote(word), repr(word.encode())[2:-1]}
            found = [line for line in written.splitlines() if any(form in line for form in forms)]
            assert not found, found[:3]
    assert stored and len(server.told()) >= stored

    lines = server.lines()
    others = [line for line in printed.splitlines() if not line.startswith("{")]
    assert all(any("\u4e00" <= char <= "\u9fff" for char in line) for line in others), "nothing but our own greeting"
    turns = [line for line in lines if line["event"] == "turn"]
    assert len({line["turn"] for line in turns}) == len(turns), "one line a turn"
    levels = {line["level"] for line in lines}
    assert {"info", "warning", "error"} <= levels
    assert not [line for line in lines if line["logger"].startswith("rasa") and line["level"] in ("debug", "info")]
