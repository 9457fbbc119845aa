"""The web channel over real HTTP: the contract's calls, duplicates, order, failures, and bad input."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import rasa.core.run
import requests
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.forget import CannotForget, forget_tracker
from bot.channels.web import WebInput
from bot.contract import validate
from bot.knowledge_access import snapshot
from bot.settings import CannotServe
from bot.settings import settings as settings_of_the_server
from knowledge.encoder import shared_encoder
from tests.channels.conftest import echo
from tests.channels.messages import ALL_KINDS, message
from tests.channels.server import FakeAgent, Server

Serve = Callable[..., Server]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(response: requests.Response) -> list[str]:
    return [m["text"] for m in response.json()["messages"]]


def assert_error(response: requests.Response, status: int, code: str) -> None:
    """The answer is the contract's error with this code and a Chinese sentence."""
    assert response.status_code == status, response.text
    validate(response.json(), "errorResponse")
    assert response.json()["error"]["code"] == code
    assert CHINESE.search(response.json()["error"]["message"])


# --- sessions and messages ------------------------------------------------------------------------


def test_a_session_begins_with_or_without_a_body(serve: Serve) -> None:
    server = serve()
    url = server.url + "/webhooks/web/session"
    for answer in (requests.post(url), requests.post(url, json={}), requests.post(url, json={"region": "510100"})):
        assert answer.status_code == 200
        validate(answer.json(), "sessionResponse")
        assert answer.headers["Cache-Control"] == "no-store"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/webhooks/web/events" in cookie


def test_a_message_is_answered_inline(serve: Serve) -> None:
    server = serve()
    session = server.session(region="310110")
    location = {"lng": 121.5, "lat": 31.3, "crs": "wgs84"}
    answer = server.post(session["token"], "  附近哪里能吃饭 ", "m1", location=location)
    assert answer.status_code == 200
    validate(answer.json(), "messageResponse")
    assert texts(answer) == ["您说：附近哪里能吃饭"]
    heard = server.agent.heard[0]
    assert heard.sender_id == session["session"]
    assert heard.input_channel == "web"
    assert heard.message_id == "m1"
    assert heard.metadata == {"region": "310110", "location": location, "message_id": "m1"}


def test_a_region_with_the_message_goes_before_the_sessions(serve: Serve) -> None:
    server = serve()
    token = server.session(region="310110")["token"]
    server.post(token, "好", region="510100")
    assert server.agent.heard[0].metadata == {
        "region": "510100", "location": None, "message_id": server.agent.heard[0].message_id,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_comes_through_whole_as_one_message(serve: Serve, kind: str) -> None:
    async def bot(heard: UserMessage) -> None:
        await heard.output_channel.send_response(heard.sender_id, {**message(kind), "timestamp": 1.0, "image": None})

    server = serve(bot, strict=True)
    replies = server.post(server.session()["token"], "问").json()["messages"]
    assert len(replies) == 1
    added = {"id": replies[0].pop("id"), "in_reply_to": replies[0].pop("in_reply_to")}
    assert added["id"] >= 1
    assert replies[0] == message(kind)


def test_text_with_blank_lines_and_buttons_stays_one_message(serve: Serve) -> None:
    async def bot(heard: UserMessage) -> None:
        sent = {**message("question"), "text": "一句。\n\n又一句。"}
        await heard.output_channel.send_response(heard.sender_id, sent)
        await heard.output_channel.send_response(heard.sender_id, message("ack"))

    server = serve(bot)
    replies = server.post(server.session()["token"], "问").json()["messages"]
    assert [m["custom"]["kind"] for m in replies] == ["question", "ack"]
    assert replies[0]["text"] == "一句。\n\n又一句。"
    assert len(replies[0]["buttons"]) == 3


# --- duplicates, order, concurrency -----------------------------------------------------------------


def test_the_same_message_twice_is_answered_once(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    first, second = server.post(token, "问", "m1"), server.post(token, "问", "m1")
    assert first.content == second.content
    assert len(server.agent.heard) == 1


def test_duplicates_in_flight_join_the_first(serve: Serve) -> None:
    async def slow(heard: UserMessage) -> None:
        await asyncio.sleep(0.5)
        await echo(heard)

    server = serve(slow)
    token = server.session()["token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.post(token, "问", "m1").content, range(8)))
    assert len(set(answers)) == 1
    assert len(server.agent.heard) == 1


def test_a_duplicate_after_a_restart_gets_the_same_replies(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    token = server.session()["token"]
    first = server.post(token, "问", "m1").content
    again = serve()  # the same folder: the same secret, the same outbox
    assert again.post(token, "问", "m1").content == first
    assert again.agent.heard == []


def test_the_answer_is_kept_when_the_browser_goes_away(serve: Serve) -> None:
    async def slow(heard: UserMessage) -> None:
        await asyncio.sleep(0.6)
        await echo(heard)

    server = serve(slow)
    token = server.session()["token"]
    body = {"token": token, "message_id": "m1", "text": "问"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(server.url + "/webhooks/web/message", json=body, timeout=0.2)
    assert texts(server.post(token, "问", "m1")) == ["您说：问"]
    assert len(server.agent.heard) == 1


def test_messages_of_one_session_go_in_order_and_one_at_a_time(serve: Serve) -> None:
    log: list[str] = []

    async def bot(heard: UserMessage) -> None:
        log.append("begin")
        await asyncio.sleep(0.05 if len(log) > 1 else 0.3)
        log.append("end")
        await echo(heard)

    server = serve(bot)
    token = server.session()["token"]
    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=server.post, args=(token, f"第{number}句")))
        threads[-1].start()
        time.sleep(0.03)
    for thread in threads:
        thread.join()
    assert log == ["begin", "end"] * 5
    assert [m.text for m in server.agent.heard] == [f"第{n}句" for n in range(5)]


def test_sessions_do_not_wait_for_one_another(serve: Serve) -> None:
    async def slow(heard: UserMessage) -> None:
        await asyncio.sleep(0.4)
        await echo(heard)

    # Residents side by side are encoded and looked up ahead; the server, too, loads what that takes at its start.
    shared_encoder().encode(["您好"])
    snapshot().index.prepare(["您好"], settings_of_the_server().region)
    server = serve(slow)
    tokens = [server.session()["token"] for _ in range(8)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda pair: texts(server.post(pair[1], f"问{pair[0]}")), enumerate(tokens)))
    assert time.perf_counter() - begin < 2.4
    assert answers == [[f"您说：问{n}"] for n in range(8)]


def test_a_session_may_not_pile_up_messages(serve: Serve) -> None:
    release = threading.Event()

    async def stuck(heard: UserMessage) -> None:
        while not release.is_set():
            await asyncio.sleep(0.02)
        await echo(heard)

    server = serve(stuck)
    token = server.session()["token"]
    with ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(server.post, token, f"问{n}") for n in range(20)]
        time.sleep(1.0)
        release.set()
        answers = [job.result() for job in jobs]
    refused = [a for a in answers if a.status_code == 429]
    assert len(refused) == 4
    assert_error(refused[0], 429, "too_many_waiting")
    assert all(len(texts(a)) == 1 for a in answers if a.status_code == 200)


# --- failures of the bot ------------------------------------------------------------------------------


def test_an_exception_in_the_bot_is_told_and_logs_no_words(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(heard: UserMessage) -> None:
        await heard.output_channel.send_response(heard.sender_id, message("ack"))
        raise ValueError(f"cannot read {heard.text}")

    server = serve(broken)
    token = server.session()["token"]
    with caplog.at_level(logging.DEBUG):
        answer = server.post(token, "我妈王桂英住在国定路", "m1")
    assert answer.status_code == 200
    said, sorry = answer.json()["messages"]
    assert said["custom"]["kind"] == "ack"
    assert sorry["custom"]["kind"] == "error" and sorry["custom"]["code"] == "bot_failure"
    assert "12345" in sorry["text"]
    validate(sorry)
    assert "ValueError" in caplog.text
    assert "王桂英" not in caplog.text
    assert len(server.get("/webhooks/web/history", token).json()["messages"]) == 3, "nothing is lost"


def test_a_bot_that_hangs_is_given_up(serve: Serve) -> None:
    async def hangs(heard: UserMessage) -> None:
        if "慢" in (heard.text or ""):
            await asyncio.sleep(60)
        await echo(heard)

    server = serve(hangs, turn_timeout_s=0.3)
    token = server.session()["token"]
    assert server.post(token, "慢").json()["messages"][0]["custom"]["code"] == "timeout"
    assert texts(server.post(token, "快")) == ["您说：快"]


def test_silence_of_the_bot_is_told(serve: Serve) -> None:
    async def silent(heard: UserMessage) -> None:
        return None

    server = serve(silent)
    assert server.post(server.session()["token"], "问").json()["messages"][0]["custom"]["code"] == "no_reply"


def test_before_the_model_is_loaded_a_message_may_be_sent_again(serve: Serve) -> None:
    server = serve()
    server.agent.ready = False
    token = server.session()["token"]
    early = server.post(token, "问", "m1")
    assert early.json()["messages"][0]["custom"]["code"] == "starting"
    server.agent.ready = True
    assert texts(server.post(token, "问", "m1")) == ["您说：问"]


@pytest.mark.parametrize("broken", [{"text": "只有文字"}, {**message("faq"), "text": ""}, {"custom": {"kind": "faq"}}])
def test_a_reply_that_breaks_the_contract_is_withheld(serve: Serve, broken: dict[str, Any]) -> None:
    async def bot(heard: UserMessage) -> None:
        await heard.output_channel.send_response(heard.sender_id, dict(broken))

    loose = serve(bot)
    reply = loose.post(loose.session()["token"], "问").json()["messages"][0]
    assert reply["custom"]["code"] == "contract"
    strict = serve(bot, strict=True)
    answer = strict.post(strict.session()["token"], "问")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "contract"


async def helpful(heard: UserMessage) -> None:
    """Answers 救命 as the bot does, everything else as ``echo``."""
    if heard.text != "救命":
        await echo(heard)
        return
    await heard.output_channel.send_response(heard.sender_id, {**message("emergency"), "text": "请拨打120。"})


def test_a_store_that_fails_costs_no_message_and_no_emergency(serve: Serve, tmp_path: Path) -> None:
    server = serve(helpful)
    token = server.session()["token"]
    database = tmp_path / "var" / "state.db"
    database.write_bytes(b"this is no database " * 50)
    refused = server.post(token, "问", "m1")
    assert_error(refused, 503, "storage_down")
    assert int(refused.headers["Retry-After"]) > 0, "the page sends it again"
    assert texts(server.post(token, "救命", "m2")) == ["请拨打120。"], "the number reaches the resident"
    database.unlink()
    assert texts(server.post(token, "问", "m1")) == ["您说：问"]


# --- history, events, forgetting, feedback --------------------------------------------------------------


def test_the_history_holds_both_sides(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    server.post(token, "一", "m1")
    server.post(token, "二", "m2")
    history = server.get("/webhooks/web/history", token).json()
    validate(history, "historyResponse")
    sides = [(e["from"], e["message_id"], e["message"]["text"]) for e in history["messages"]]
    assert sides == [
        ("resident", "m1", "一"),
        ("bot", "m1", "您说：一"),
        ("resident", "m2", "二"),
        ("bot", "m2", "您说：二"),
    ]
    assert history["last_event_id"] == history["messages"][-1]["message"]["id"]
    other = server.session()["token"]
    assert server.get("/webhooks/web/history", other).json() == {"messages": [], "last_event_id": 0}


class Events:
    """Reads an event stream in a thread; ``after``: the id of the last event that the client has seen."""

    def __init__(self, server: Server, token: str, cookie: bool = False, after: int | None = None) -> None:
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        options = {"cookies": {"linlitong_session": token}} if cookie else {}
        self.response = server.get(
            "/webhooks/web/events", "" if cookie else token, stream=True, headers=headers, **options
        )
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        # Closing the response from the test ends the reading with whatever error urllib3 has for it.
        with contextlib.suppress(Exception):
            for line in self.response.iter_lines(chunk_size=1):
                self.lines.append(line.decode())

    def messages(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [json.loads(line[6:]) for line in self.lines if line.startswith("data: ")]
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{count} events were expected, these came: {self.lines}")


@pytest.mark.parametrize("cookie", [False, True])
def test_events_carry_each_reply_with_its_id(serve: Serve, cookie: bool) -> None:
    server = serve(ping_s=0.2)
    token = server.session()["token"]
    events = Events(server, token, cookie)
    assert events.response.headers["Content-Type"].startswith("text/event-stream")
    posted = server.post(token, "问").json()["messages"][0]
    assert events.messages(1) == [posted]
    assert f"id: {posted['id']}" in events.lines
    time.sleep(0.5)
    assert ": ping" in events.lines
    events.response.close()


def test_missed_events_are_replayed_also_after_a_restart(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    posted = [server.post(token, f"问{n}").json()["messages"][0] for n in range(3)]
    for life in (server, serve()):
        events = Events(life, token, after=posted[0]["id"])
        assert events.messages(2) == posted[1:]
        events.response.close()


def test_replay_and_live_events_neither_repeat_nor_lack_one(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    with ThreadPoolExecutor(2) as pool:
        job = pool.submit(lambda: [server.post(token, f"问{n}").json()["messages"][0]["id"] for n in range(40)])
        time.sleep(0.05)
        events = Events(server, token, after=0)
        posted = job.result()
    assert [m["id"] for m in events.messages(40)] == posted
    events.response.close()


def test_one_resident_does_not_hear_anothers_events(serve: Serve) -> None:
    server = serve(ping_s=0.1)
    mine, theirs = server.session()["token"], server.session()["token"]
    events = Events(server, mine, after=0)
    server.post(theirs, "问")
    time.sleep(0.4)
    assert not [line for line in events.lines if line.startswith("data")]
    events.response.close()


def test_too_many_open_streams_are_refused_and_closed_ones_are_free_again(serve: Serve) -> None:
    server = serve(ping_s=0.1)
    token = server.session()["token"]
    open_ones = [Events(server, token) for _ in range(4)]
    assert_error(server.get("/webhooks/web/events", token), 429, "too_many_streams")
    for events in open_ones:
        events.response.close()
    time.sleep(0.6)
    with server.get("/webhooks/web/events", token, stream=True) as answer:
        assert answer.status_code == 200


def test_news_can_be_pushed_without_a_question(serve: Serve) -> None:
    server = serve()
    session = server.session()
    events = Events(server, session["token"])
    output = server.channel.get_output_channel()
    server.do(output.send_response(session["session"], message("ticket")))
    (news,) = events.messages(1)
    assert news["custom"]["kind"] == "ticket"
    assert news["in_reply_to"] == ""
    events.response.close()


def test_stopping_the_server_does_not_wait_for_open_streams(tmp_path: Path) -> None:
    with Server(WebInput(var=tmp_path), FakeAgent(echo)) as server:
        events = Events(server, server.session()["token"])
        time.sleep(0.2)
        begin = time.perf_counter()
    assert time.perf_counter() - begin < 3
    events.thread.join(3)
    assert not events.thread.is_alive()


def test_forgetting_deletes_everything_and_says_so(serve: Serve) -> None:
    server = serve()
    session = server.session()
    token = session["token"]
    server.post(token, "我妈七十五", "m1")
    events = Events(server, token)
    answer = requests.delete(
        server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.status_code == 200
    validate(answer.json(), "conversationDeleted")
    assert answer.json()["deleted"] == {"events": 1, "replies": 1}
    assert "删除" in answer.json()["message"]
    assert session["session"] not in server.agent.tracker_store.store
    assert server.get("/webhooks/web/history", token).json()["messages"] == []
    events.messages(1)
    assert "event: forgotten" in events.lines
    events.response.close()


def test_forgetting_waits_for_the_turn_under_way(serve: Serve) -> None:
    async def slow(heard: UserMessage) -> None:
        await asyncio.sleep(0.4)
        await echo(heard)

    server = serve(slow)
    token = server.session()["token"]
    asking = threading.Thread(target=server.post, args=(token, "我妈七十五"))
    asking.start()
    time.sleep(0.15)
    requests.delete(server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    asking.join()
    assert server.get("/webhooks/web/history", token).json()["messages"] == []


def test_a_real_tracker_store_is_emptied_too(tmp_path: Path) -> None:
    store = FailSafeTrackerStore(SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "t.db")))

    async def work() -> tuple[int, Any, Any]:
        for sender in ("mine", "theirs"):
            tracker = DialogueStateTracker(sender, [])
            tracker.update(UserUttered("我妈七十五"))
            await store.save(tracker)
        deleted = await forget_tracker(store, "mine")
        return deleted, await store.retrieve("mine"), await store.retrieve("theirs")

    deleted, mine, theirs = asyncio.run(work())
    assert deleted >= 1
    assert mine is None
    assert theirs is not None


def test_a_store_that_cannot_forget_is_not_said_to_have_forgotten(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    server.agent.tracker_store = type("Unknown", (), {})()
    with pytest.raises(CannotForget):
        asyncio.run(forget_tracker(server.agent.tracker_store, "s"))
    answer = requests.delete(
        server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert_error(answer, 500, "internal")


# --- forgetting in words ------------------------------------------------------------------------------


async def forgetful(heard: UserMessage) -> None:
    """Answers 删除… as the bot does when a resident asks to be forgotten, everything else as ``echo``."""
    if "删除" not in (heard.text or ""):
        await echo(heard)
        return
    said = message("ack")
    said["custom"]["of"] = "forget"
    await heard.output_channel.send_response(heard.sender_id, {**said, "text": "您的记录已经删掉了。"})


def rows(var: Path) -> int:
    with contextlib.closing(sqlite3.connect(var / "state.db")) as database:
        return sum(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                   for table in ("turns", "replies", "feedback"))


def test_asking_in_words_to_be_forgotten_deletes_everything(serve: Serve, tmp_path: Path) -> None:
    server = serve(forgetful)
    session = server.session()
    token = session["token"]
    told = server.post(token, "我妈王桂英七十五", "m1").json()["messages"][0]
    events = Events(server, token)
    answer = server.post(token, "删除我的记录", "m2")
    validate(answer.json(), "messageResponse")
    assert texts(answer) == ["您的记录已经删掉了。"], "the resident is told"
    reply = answer.json()["messages"][0]
    assert reply["in_reply_to"] == "m2" and reply["id"] > told["id"]
    assert server.get("/webhooks/web/history", token).json()["messages"] == []
    assert session["session"] not in server.agent.tracker_store.store
    assert rows(tmp_path / "var") == 0
    left = b"".join(file.read_bytes() for file in (tmp_path / "var").iterdir())
    assert "王桂英".encode() not in left and "删掉".encode() not in left
    # Pages empty themselves first and then show the last word.
    assert events.messages(2) == [{}, reply]
    assert events.lines.index("event: forgotten") < events.lines.index(f"id: {reply['id']}")
    events.response.close()


def test_the_request_to_be_forgotten_sent_twice_does_not_delete_what_came_after(serve: Serve) -> None:
    server = serve(forgetful)
    token = server.session()["token"]
    server.post(token, "我妈七十五", "m1")
    first = server.post(token, "删除我的记录", "m2")
    assert texts(server.post(token, "我爸八十了", "m3")) == ["您说：我爸八十了"]
    again = server.post(token, "删除我的记录", "m2")
    assert again.content == first.content
    assert [entry["message_id"] for entry in server.get("/webhooks/web/history", token).json()["messages"]] \
        == ["m3", "m3"]
    # The first message may come again as well: it is a new one now, for it is forgotten.
    assert texts(server.post(token, "我妈七十五", "m1")) == ["您说：我妈七十五"]
    assert [heard.message_id for heard in server.agent.heard] == ["m1", "m2", "m3", "m1"]


def test_nobody_else_is_forgotten(serve: Serve) -> None:
    server = serve(forgetful)
    mine, theirs = server.session(), server.session()
    for session in (mine, theirs):
        server.post(session["token"], "问")
    server.post(mine["token"], "删除我的记录")
    assert len(server.get("/webhooks/web/history", theirs["token"]).json()["messages"]) == 2
    assert theirs["session"] in server.agent.tracker_store.store


@pytest.mark.parametrize("broken", ["tracker store", "outbox"])
def test_what_could_not_be_deleted_is_not_said_to_be(serve: Serve, tmp_path: Path, broken: str) -> None:
    server = serve(forgetful)
    token = server.session()["token"]
    server.post(token, "我妈七十五", "m1")
    store = server.agent.tracker_store
    if broken == "tracker store":
        server.agent.handle_message = forgetful  # type: ignore[method-assign,assignment]
        server.agent.tracker_store = type("Unknown", (), {})()
    else:
        _fill(server)
    sorry = server.post(token, "删除我的记录", "m2").json()["messages"]
    assert [(item["custom"]["kind"], item["custom"]["code"]) for item in sorry] == [("error", "not_deleted")]
    assert "没有删成" in sorry[0]["text"]
    validate(sorry[0])
    assert server.get("/webhooks/web/history", token).json()["messages"] != []
    # The same message again tries again.
    server.agent.tracker_store = store
    _empty(server)
    assert texts(server.post(token, "删除我的记录", "m2")) == ["您的记录已经删掉了。"]
    assert server.get("/webhooks/web/history", token).json()["messages"] == []


# --- judgements, a full disk ---------------------------------------------------------------------------


def judge(server: Server, token: str, answer_id: str, **more: Any) -> requests.Response:
    body = {"token": token, "answer_id": answer_id, "helpful": True, **more}
    return requests.post(server.url + "/webhooks/web/feedback", json=body, timeout=10)


def test_feedback_is_taken(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    name = server.post(token, "问").json()["messages"][0]["custom"]["answer_id"]
    answer = judge(server, token, name, helpful=False, comment="打不通")
    assert answer.status_code == 204
    assert answer.content == b""
    assert judge(server, token, name).status_code == 204


def test_feedback_on_an_answer_that_was_not_given_here_is_refused(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    mine, theirs = server.session()["token"], server.session()["token"]
    name = server.post(theirs, "问").json()["messages"][0]["custom"]["answer_id"]
    for unknown in (name, "a-9", "x" * 128):
        assert_error(judge(server, mine, unknown), 404, "bad_answer_id")
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "state.db")) as database:
        assert database.execute("SELECT count(*) FROM feedback").fetchone() == (0,)


def _fill(server: Server) -> None:
    outbox: Any = server.channel._outbox

    def down(_work: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    outbox._database._atomically = down


def _empty(server: Server) -> None:
    outbox: Any = server.channel._outbox
    vars(outbox._database).pop("_atomically", None)


def test_a_full_disk_is_503_in_chinese_and_seen_in_health(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    token = server.session()["token"]
    name = server.post(token, "问", "m1").json()["messages"][0]["custom"]["answer_id"]
    assert server.get("/health").status_code == 200

    _fill(server)
    refused = server.post(token, "问", "m2")
    assert_error(refused, 503, "storage_down")
    assert int(refused.headers["Retry-After"]) > 0, "the page sends it again"
    deleted = requests.delete(
        server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert_error(deleted, 503, "not_deleted")
    health = server.get("/health")
    assert health.status_code == 503 and health.json()["status"] == "degraded"
    assert CHINESE.search(health.json()["storage"])
    validate(health.json(), "healthResponse")

    _empty(server)
    assert server.get("/health").json()["status"] == "ok"
    assert texts(server.post(token, "问", "m2")) == ["您说：问"]
    assert judge(server, token, name).status_code == 204

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    health = server.get("/health")
    assert health.status_code == 503 and "磁盘满了" in health.json()["storage"]


def test_a_store_that_cannot_be_read_is_503(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    token = server.session()["token"]
    (tmp_path / "var" / "state.db").write_bytes(b"this is no database " * 50)
    assert_error(server.get("/webhooks/web/history", token), 503, "storage_down")
    assert_error(judge(server, token, "a-1"), 503, "storage_down")
    assert_error(server.get("/webhooks/web/events", token, params={"last_event_id": 0}), 503, "storage_down")


def test_a_locked_tracker_store_is_told_when_it_should_delete(serve: Serve) -> None:
    class Locked:
        def delete(self, sender_id: str) -> int:
            raise sqlalchemy.exc.OperationalError("DELETE", {"sender_id": sender_id}, Exception("database is locked"))

    server = serve()
    token = server.session()["token"]
    server.agent.tracker_store = Locked()
    answer = requests.delete(
        server.url + "/webhooks/web/conversation", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert_error(answer, 503, "not_deleted")


# --- bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"token": None}, 401, "no_token"),
        ({"token": 5}, 401, "no_token"),
        ({"token": "v1.e30.AAAA"}, 401, "token_invalid"),
        ({"token": "x" * 4000}, 401, "token_invalid"),
        ({"message_id": None}, 400, "bad_message_id"),
        ({"message_id": "a b"}, 400, "bad_message_id"),
        ({"message_id": "x" * 65}, 400, "bad_message_id"),
        ({"message_id": 7}, 400, "bad_message_id"),
        ({"text": None}, 400, "bad_request"),
        ({"text": ["问"]}, 400, "bad_request"),
        ({"text": ""}, 400, "empty_text"),
        ({"text": " \n\u0000\t"}, 400, "empty_text"),
        ({"text": "长" * 501}, 413, "text_too_long"),
        ({"region": "成都"}, 400, "bad_region"),
        ({"region": 510100}, 400, "bad_region"),
        ({"location": "五角场"}, 400, "bad_location"),
        ({"location": {"lng": "121", "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": True, "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": 121, "lat": 91}}, 400, "bad_location"),
        ({"location": {"lng": 121, "lat": float("nan")}}, 400, "bad_location"),
        ({"location": {"lng": float("inf"), "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": -180.5, "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": 10**400, "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": 121, "lat": -(10**400)}}, 400, "bad_location"),
        ({"location": {"lng": None, "lat": 31}}, 400, "bad_location"),
        ({"location": {"lng": 121, "lat": 31, "crs": "bd09"}}, 400, "bad_location"),
        ({"location": {"lng": 121, "lat": 31, "crs": ["wgs84"]}}, 400, "bad_location"),
    ],
)
def test_a_wrong_field_is_refused_in_chinese(serve: Serve, changes: dict[str, Any], status: int, code: str) -> None:
    server = serve()
    body = {"token": server.session()["token"], "message_id": "m1", "text": "问", **changes}
    raw = json.dumps({k: v for k, v in body.items() if v is not None})
    assert_error(requests.post(server.url + "/webhooks/web/message", data=raw, timeout=10), status, code)
    assert server.agent.heard == []


@pytest.mark.parametrize(
    ("lng", "lat", "kept"),
    [
        (121.5, 31.3, True),
        (104, 30, True),
        (87.6, 43.8, True),
        (0, 0, False),
        (0.0, 31.3, False),
        (2.35, 48.85, False),
        (-74.0, 40.7, False),
        (139.7, 35.7, False),
        (180, 90, False),
        (-180, -90, False),
    ],
)
def test_a_place_outside_china_counts_as_none(serve: Serve, lng: float, lat: float, kept: bool) -> None:
    server = serve()
    location = {"lng": lng, "lat": lat, "crs": "wgs84"}
    assert server.post(server.session()["token"], "附近哪里能吃饭", location=location).status_code == 200
    assert server.agent.heard[0].metadata["location"] == (location if kept else None)


def test_no_more_than_some_hundred_metres_of_a_place_is_kept(serve: Serve) -> None:
    server = serve()
    exact = {"lng": 104.065735123, "lat": 30.65946299, "crs": "wgs84"}
    assert server.post(server.session()["token"], "附近哪里能吃饭", location=exact).status_code == 200
    assert server.agent.heard[0].metadata["location"] == {"lng": 104.066, "lat": 30.659, "crs": "wgs84"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"\x80abc", "bad_json"),
        (b"[1]", "bad_request"),
        (b'"text"', "bad_request"),
        (b"null", "bad_request"),
        (b"[" * 16000, "bad_json"),
        (b'{"a":' * 3200, "bad_json"),
        (b"[" * 7000 + b"]" * 7000, "bad_json"),
        (b"9" * 9000, "bad_json"),
    ],
)
@pytest.mark.parametrize("call", ["message", "feedback", "session"])
def test_a_body_that_is_no_object_is_refused(serve: Serve, call: str, raw: bytes, code: str) -> None:
    server = serve()
    assert_error(requests.post(f"{server.url}/webhooks/web/{call}", data=raw, timeout=10), 400, code)


@pytest.mark.parametrize("call", ["message", "feedback"])
def test_an_empty_body_is_refused(serve: Serve, call: str) -> None:
    assert_error(requests.post(f"{serve().url}/webhooks/web/{call}", timeout=10), 400, "bad_json")


def test_the_longest_text_is_taken_and_halves_of_characters_are_dropped(serve: Serve) -> None:
    server = serve()
    token = server.session()["token"]
    assert server.post(token, "长" * 500).status_code == 200
    raw = json.dumps({"token": token, "message_id": "m1", "text": "好\ud800\u0000吗"})
    answer = requests.post(server.url + "/webhooks/web/message", data=raw, timeout=10)
    assert texts(answer) == ["您说：好吗"]


@pytest.mark.parametrize("size", [17_000, 400_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_unread(serve: Serve, size: int, chunked: bool) -> None:
    server = serve()

    def pieces() -> Iterator[bytes]:
        for _ in range(0, size, 1000):
            yield b"x" * 1000

    data = pieces() if chunked else b"x" * size
    answer = requests.post(server.url + "/webhooks/web/message", data=data, timeout=10)
    assert_error(answer, 413, "body_too_large")


def raw_request(server: Server, head: bytes) -> tuple[int, dict[str, Any]]:
    """Status and JSON body of the answer to bytes that no HTTP library would send."""
    host, port = server.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(head)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := sock.recv(65536):
                got += chunk
    first, _, body = got.partition(b"\r\n\r\n")
    assert b"application/json" in first and b"Content-Security-Policy" in first, got
    answer: dict[str, Any] = json.loads(body)
    validate(answer, "errorResponse")
    assert CHINESE.search(answer["error"]["message"])
    return int(first.split()[1]), answer["error"]


_POST = b"POST /webhooks/web/message HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (_POST + b"Content-Length: abc\r\n\r\n", 400, "bad_request"),
        (_POST + b"Content-Length: -5\r\n\r\n", 400, "bad_request"),
        (_POST + "Content-Length: ²\r\n\r\n".encode(), 400, "bad_request"),
        (_POST + b"Content-Length: \r\n\r\n", 400, "bad_request"),
        (_POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", 413, "body_too_large"),
        (_POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, "bad_request"),
        (_POST + b"Transfer-Encoding: gzip\r\n\r\n", 400, "bad_request"),
        (_POST + b"X: " + b"x" * 20_000 + b"\r\n\r\n", 431, "head_too_large"),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", 431, "head_too_large"),
        (_POST + b"Expect: zzz\r\nContent-Length: 2\r\n\r\n{}", 400, "bad_request"),
        (b"nonsense\r\n\r\n", 400, "bad_request"),
        (b"\x00\xff\xfe\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "bad_request"),
        (b"GET /health HTTP/1.1\r\nno colon\r\n\r\n", 400, "bad_request"),
        (b"BREW / HTTP/1.1\r\nConnection: close\r\n\r\n", 405, "wrong_method"),
        (b"GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n", 404, "not_found"),
    ],
    ids=lambda value: value[:60] if isinstance(value, bytes) else None,
)
def test_a_request_that_is_none_is_refused_in_chinese(serve: Serve, head: bytes, status: int, code: str) -> None:
    server = serve()
    got, error = raw_request(server, head)
    assert (got, error["code"]) == (status, code)
    assert server.session()["token"], "the server goes on"


def test_what_breaks_in_a_handler_is_told_in_chinese_without_a_resident_s_words(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()

    words = "王桂英"

    async def storage() -> str:
        raise ValueError(words)

    server.channel.storage_trouble = storage  # type: ignore[method-assign]
    assert_error(server.get("/health"), 500, "internal")
    assert "ValueError" in caplog.text and words not in caplog.text


def test_a_huge_body_does_not_get_far(serve: Serve) -> None:
    server = serve()
    host, port = server.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        head = "POST /webhooks/web/message HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n"
        sock.sendall(head.encode())
        sent = 0
        try:
            while sent < 20_000_000:
                sent += sock.send(b"x" * 65536)
        except OSError:
            pass
    assert sent < 10_000_000
    assert server.session()["token"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "message", "POST"),
        ("PUT", "message", "POST"),
        ("DELETE", "session", "POST"),
        ("GET", "feedback", "POST"),
        ("POST", "history", "GET"),
        ("POST", "events", "GET"),
        ("GET", "conversation", "DELETE"),
        ("PATCH", "conversation", "DELETE"),
    ],
)
def test_a_wrong_method_is_refused(serve: Serve, method: str, path: str, allowed: str) -> None:
    body = b"x" if method in ("POST", "PUT") else None
    answer = requests.request(method, f"{serve().url}/webhooks/web/{path}", data=body, timeout=10)
    assert_error(answer, 405, "wrong_method")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["history", "events"])
def test_reading_needs_a_token(serve: Serve, path: str) -> None:
    server = serve()
    url = f"{server.url}/webhooks/web/{path}"
    assert_error(requests.get(url, timeout=10), 401, "no_token")
    assert_error(requests.get(url, headers={"Authorization": "Basic abc"}, timeout=10), 401, "no_token")
    assert_error(server.get(f"/webhooks/web/{path}", "junk"), 401, "token_invalid")


def test_the_cookie_opens_the_events_and_nothing_else(serve: Serve) -> None:
    server = serve()
    cookies = {"linlitong_session": server.session()["token"]}
    assert_error(requests.get(server.url + "/webhooks/web/history", cookies=cookies, timeout=10), 401, "no_token")
    url = server.url + "/webhooks/web/conversation"
    assert_error(requests.delete(url, cookies=cookies, timeout=10), 401, "no_token")


def test_an_expired_token_says_what_to_do(serve: Serve) -> None:
    server = serve(lifetime_s=0)
    answer = server.post(server.session()["token"], "问")
    assert_error(answer, 401, "token_expired")
    assert "刷新" in answer.json()["error"]["message"]


@pytest.mark.parametrize("last", ["abc", "-1", "1.5", "9" * 30, "٣"])
def test_a_wrong_last_event_id_is_refused(serve: Serve, last: str) -> None:
    server = serve()
    token = server.session()["token"]
    assert_error(server.get("/webhooks/web/events", token, params={"last_event_id": last}), 400, "bad_request")


def test_a_flood_from_one_session_is_slowed(serve: Serve) -> None:
    server = serve(session_per_minute=30)
    token, other = server.session()["token"], server.session()["token"]
    answers = [server.post(token, "问") for _ in range(12)]
    assert [a.status_code for a in answers[:10]] == [200] * 10
    assert_error(answers[-1], 429, "too_many")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
    assert server.post(other, "问").status_code == 200


def test_a_flood_from_one_address_is_slowed(serve: Serve) -> None:
    server = serve(address_per_minute=30)
    answers = [requests.post(server.url + "/webhooks/web/session", timeout=10) for _ in range(12)]
    assert_error(answers[-1], 429, "too_many")
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_one_address_cannot_begin_conversations_without_end(serve: Serve) -> None:
    server = serve(address_per_minute=6000, new_per_minute=30)
    url = server.url + "/webhooks/web/session"
    answers = [requests.post(url, timeout=10) for _ in range(17)]
    assert [a.status_code for a in answers[:15]] == [200] * 15
    assert_error(answers[-1], 429, "too_many")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2
    token = answers[0].json()["token"]
    assert server.post(token, "问").status_code == 200, "who talks already goes on talking"


def test_without_a_limit_for_an_address_conversations_have_none_either_unless_one_is_set(serve: Serve) -> None:
    url = serve(address_per_minute=0).url + "/webhooks/web/session"
    assert {requests.post(url, timeout=10).status_code for _ in range(40)} == {200}
    url = serve(address_per_minute=0, new_per_minute=3).url + "/webhooks/web/session"
    assert [requests.post(url, timeout=10).status_code for _ in range(3)] == [200, 429, 429]


FIELD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just({}), st.just([[]])
)


@pytest.fixture
def fuzzed(serve: Serve) -> tuple[Server, str]:
    server = serve()
    return server, server.session()["token"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from(["message", "session", "feedback"]),
    fields=st.dictionaries(
        st.sampled_from(["message_id", "text", "region", "location", "answer_id", "helpful", "comment", "x"]), FIELD
    ),
    with_token=st.booleans(),
    location=st.dictionaries(st.sampled_from(["lng", "lat", "crs"]), FIELD) | st.none(),
)
def test_no_field_of_any_kind_breaks_the_server(
    fuzzed: tuple[Server, str], call: str, fields: dict[str, Any], with_token: bool, location: Any
) -> None:
    server, token = fuzzed
    body = {**fields, **({"token": token} if with_token else {}), **({"location": location} if location else {})}
    answer = requests.post(f"{server.url}/webhooks/web/{call}", data=json.dumps(body), timeout=10)
    _assert_sound(answer)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(["message", "session", "feedback"]), raw=st.binary(max_size=300))
def test_no_bytes_break_the_server(fuzzed: tuple[Server, str], call: str, raw: bytes) -> None:
    _assert_sound(requests.post(f"{fuzzed[0].url}/webhooks/web/{call}", data=raw, timeout=10))


def _assert_sound(answer: requests.Response) -> None:
    assert answer.status_code in (200, 204) or 400 <= answer.status_code < 500
    if answer.status_code >= 400:
        validate(answer.json(), "errorResponse")
        assert CHINESE.search(answer.json()["error"]["message"])


# --- the pages around it -------------------------------------------------------------------------------


def test_health_is_503_until_both_model_and_knowledge_are_there(serve: Serve) -> None:
    server = serve()
    ok = server.get("/health")
    assert ok.status_code == 200
    assert ok.json() == {"status": "ok", "model": "model-7", "knowledge": "k-1"}
    server.knowledge["encoder"] = "ngrams"
    assert server.get("/health").json()["encoder"] == "ngrams"
    server.knowledge["knowledge"] = ""
    assert server.get("/health").status_code == 503
    server.knowledge["knowledge"] = "k-1"
    server.agent.ready = False
    starting = server.get("/health")
    assert starting.status_code == 503
    assert starting.json()["status"] == "starting"
    validate(starting.json(), "healthResponse")


def test_the_page_and_its_files_have_their_types_and_headers(serve: Serve) -> None:
    server = serve()
    for path, kind in (("/", "text/html"), ("/static/site.css", "text/css"), ("/widget.js", "text/javascript")):
        answer = server.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors" in policy
        again = server.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_nothing_but_the_pages_files_is_served(serve: Serve) -> None:
    server = serve()
    for path in ("/static/../bot.py", "/static/%2e%2e%2fweb.py", "/static/", "/static/nothing.js", "/nothing",
                 "/static/index.html", "/static/build.mjs", "/static/package.json", "/static/pages/index.html",
                 "/static/dist/widget.js", "/old", "/webhooks/web/"):
        answer = server.get(path)
        assert_error(answer, 404, "not_found")
        assert "Content-Security-Policy" in answer.headers


def test_rasa_builds_the_channel_from_credentials_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rasa hides an ImportError inside a channel's module behind "unknown channel"; this shows it here.
    monkeypatch.setenv("LINLITONG_VAR", str(tmp_path / "elsewhere"))
    credentials = tmp_path / "credentials.yml"
    credentials.write_text("bot.channels.web.WebInput:\n  session_per_minute: 30\n")
    (channel,) = rasa.core.run.create_http_input_channels(None, str(credentials))
    assert isinstance(channel, WebInput)
    assert (tmp_path / "elsewhere" / "secret").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINLITONG_SECRET", "short"),
        ("LINLITONG_SESSION_PER_MINUTE", "many"),
        ("LINLITONG_SESSION_PER_MINUTE", "-1"),
        ("LINLITONG_ADDRESS_PER_MINUTE", "nan"),
        ("LINLITONG_NEW_PER_MINUTE", "-1"),
    ],
)
def test_a_bad_setting_of_the_channel_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("LINLITONG_VAR", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotServe, match=name) as caught:
        WebInput.from_credentials({})
    assert CHINESE.search(str(caught.value))


def test_the_pages_take_the_root_from_rasas_greeting(tmp_path: Path) -> None:
    from bot.channels import pages

    app = rasa.core.run._create_app_without_api()
    pages.install(app, health_source=lambda: {"knowledge": "k-1"})
    app.router.finalize()
    _, handler, _ = app.router.get("/", "GET", None)
    request = type("Request", (), {"headers": {}})()
    assert b"<!doctype html>" in asyncio.run(handler(request)).body.lower()
